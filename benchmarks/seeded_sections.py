"""How many random calves does the section solver bring to the end of their laws, and do they agree with a twice finer mesh?

    python benchmarks/seeded_sections.py [--count 200] [--workers 2] [--shard 1/8] [--finer 20] [--quality standard fine] [-o DIR]

Each seed draws one calf from the mid-calf section: moduli of muscle and wall (log-uniform), of the sheath, the walls' h/R, the axis ratio k0
of the deep veins, girth and thickness of the fat; walls stiffen as those of a case do by default. Complete is a law at rest of all veins from
α = 1 down to p − p_c = −150 mmHg or α = .04 and up to + 120 mmHg or α = 2.2, every state stable; a law that ends before says where and why, a
refused one shows its last good state.
One JSON line a seed is kept in DIR, by default benchmarks/records/seeded_sections, in seeds.jsonl: stopped and started again, it goes on; lines
of another PHYSICS count for nothing. ``--finer`` computes that many of the complete ones, drawn by seed, on the mesh of a quality and on a twice
finer one, compares their laws, as the flow reads them, down to α = .13, those that disagree on the next quality, and keeps what they differ by in
finer.jsonl. The first of its records compare the states of the march itself, which is the same where no wall snaps.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, ThreadPoolExecutor, as_completed, wait
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.anatomy.section_description import DescriptionError, SectionDescription, load_description
from calfpump.case.errors import SolveError
from calfpump.case.tissue import Tissue
from calfpump.law import SectionLaws
from calfpump.law.envelope import rising
from calfpump.mesh import COARSE, RESOLUTIONS, Resolution, SectionMesh, build
from calfpump.mesh.curve import catmull_rom, hull_length
from calfpump.physics import PHYSICS
from calfpump.section import characterise
from calfpump.section.job import GRIDS, Job
from calfpump.section.states import ActivationState
from calfpump.section.tables import LEAST_RISE
from calfpump.section.tissues import coefficients
from calfpump.section.trace import Trace

MM, KPA, MMHG = 1e-3, 1e3, 133.322387415
#: Muscles below are soft: 97 % of them shall be complete, of the others 80 %.
SOFT, SOFT_SHARE, STIFF_SHARE = 4 * KPA, 0.97, 0.80
#: A finer mesh may differ by 1 mmHg, from this area ratio on.
AGREEMENT, FROM_ALPHA = 1.0 * MMHG, 0.13


@dataclass(frozen=True)
class Calf:
    """What a seed draws, SI."""

    seed: int
    muscle_mu: float
    sheath_mu: float
    wall_E: float
    wall_ratio: float
    k0: float
    girth: float
    fat: float


def draw(seed: int) -> Calf:
    """μ_muscle .7–26 kPa and wall E 20–1000 kPa log-uniform; μ_sheath .1–1 kPa, h/R .08–.3, k0 1.02–2.5, girth 310–420 mm, fat 3–15 mm uniform."""
    r = np.random.default_rng(seed)

    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(r.uniform(np.log(low), np.log(high))))

    return Calf(
        seed, log_uniform(0.7, 26.0) * KPA, float(r.uniform(0.1, 1.0)) * KPA, log_uniform(20.0, 1000.0) * KPA, float(r.uniform(0.08, 0.3)),
        float(r.uniform(1.02, 2.5)), float(r.uniform(310.0, 420.0)) * MM, float(r.uniform(3.0, 15.0)) * MM,
    )


def _girth(points: NDArray[np.float64]) -> float:
    return hull_length(catmull_rom(points, closed=True))


def description(calf: Calf) -> tuple[SectionDescription, list[str]]:
    """The mid-calf section with the calf's girth, fat and veins, and the names of the veins for which there is no room:
    skin veins in thin fat, tibial ones in a thin leg.

    The skin moves along its normals until the fat has the mean thickness asked for: the difference of the two girths over 2π.
    """
    base = load_description("mid_calf")
    skin, inner = np.asarray(base.skin.points), _girth(base.fascia.points)
    along = np.roll(skin, -1, axis=0) - np.roll(skin, 1, axis=0)
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.linalg.norm(along, axis=1)[:, None]
    normal *= np.sign(np.sum(normal * (skin - skin.mean(axis=0))))
    offset = 0.0
    for _ in range(20):  # the whole is scaled to the girth afterwards, and the fat with it
        girth = _girth(skin + offset * normal)
        offset += calf.fat * girth / calf.girth - (girth - inner) / (2.0 * np.pi)
    veins = []
    for vein in base.veins:
        R = np.sqrt(vein.area / np.pi)
        x = np.asarray(vein.centre)
        if vein.region == "fat":
            nearest = int(np.argmin(np.linalg.norm(skin - x, axis=1)))
            x = x + 0.5 * offset * normal[nearest]
        # h/R of the mid-wall radius R + h/2
        wall = calf.wall_ratio * R / (1.0 - 0.5 * calf.wall_ratio)
        veins.append(replace(vein, wall=wall, centre=(float(x[0]), float(x[1])), ratio=vein.ratio if vein.region == "fat" else calf.k0))
    drawn = replace(base, skin=replace(base.skin, points=skin + offset * normal), veins=tuple(veins))
    return _with_room(drawn, calf)


def _with_room(drawn: SectionDescription, calf: Calf) -> tuple[SectionDescription, list[str]]:
    from calfpump.mesh.layout import lay_out

    left_out: list[str] = []
    while True:
        try:
            lay_out(drawn, calf.girth)
            return drawn, left_out
        except DescriptionError as error:
            named = [v for v in drawn.veins if f"vein.{v.name}." in error.problems[0].key]
            if not named:
                raise
            left_out.append(named[0].name)
            drawn = replace(drawn, veins=tuple(v for v in drawn.veins if v is not named[0]))


def tissue(calf: Calf, stiffening: float = Tissue().wall_stiffening) -> Tissue:
    """The calf's tissues; its walls stiffen as those of a case do unless told otherwise."""
    return Tissue(
        muscle_mu=f"{calf.muscle_mu / KPA:.6g} kPa", fat_mu=f"{0.75 * calf.muscle_mu / KPA:.6g} kPa",
        sheath_mu=f"{calf.sheath_mu / KPA:.6g} kPa", wall_E=f"{calf.wall_E / KPA:.6g} kPa", wall_stiffening=stiffening,
    )  # fmt: skip


def laws(calf: Calf) -> tuple[SectionLaws, SectionMesh, list[str]]:
    """The laws at rest of the calf."""
    section, left_out = description(calf)
    mesh = build(section, resolution=COARSE, girth=calf.girth)
    return characterise(mesh, tissue(calf), None, [ActivationState("rest", {})], quality="coarse", workers=1), mesh, left_out


def solve(calf: Calf) -> dict[str, Any]:
    """One seed's record."""
    record: dict[str, Any] = {**calf.__dict__, "physics": PHYSICS}
    began = time.perf_counter()
    try:
        found, mesh, left_out = laws(calf)
    except DescriptionError as error:
        return record | {"outcome": "refused", "reason": str(error), "seconds": time.perf_counter() - began}
    except SolveError as error:
        told = f"{error.solve} failed at {error.state}: {error.reason}; kept: {error.kept}"
        picture = error.picture.name if error.picture else ""
        return record | {"outcome": "refused", "reason": told, "picture": picture, "seconds": time.perf_counter() - began}
    state = found.provenance["states"][0]
    ended = state["ended"]
    record |= {
        "outcome": "ended early" if ended else "complete", "reason": "; ".join(ended), "left out": left_out, "relaxed": len(state["relaxed at"]),
        "snaps": len(found.provenance["snaps"]), "iterations": state["Newton iterations"], "cells": len(mesh.triangles),
        "least α": min(float(law.alpha_fe[0, 0]) for law in found.veins.values()), "seconds": time.perf_counter() - began,
    }  # fmt: skip
    return record


def transmural(calf: Calf, resolution: Resolution) -> tuple[dict[str, dict[float, float]], int, list[str]]:
    """Of each vein α → p − p_c [mmHg] of its law at rest, rising over snaps as the flow reads it, from α = .13 or the last pressure asked for up to
    2.2 or the same; the number of triangles; what ended before."""
    mesh = build(description(calf)[0], resolution=resolution, girth=calf.girth)
    whole = GRIDS["coarse"]
    grid = replace(whole, down=tuple(sorted({*whole.down, FROM_ALPHA}, reverse=True)))
    trace = Trace(Job(mesh, coefficients(mesh, tissue(calf)), None, ActivationState("rest", {}), grid), lambda line: None)
    trace.wear()
    c = trace.run()
    above = c.pressures - c.compartments[:, trace.compartment]
    found = {}
    for v, (low, high) in enumerate(c.reached):
        inside = (c.alpha >= low - 1e-9) & (c.alpha <= high + 1e-9)
        law = rising(above[inside, v], LEAST_RISE)[0] / MMHG
        found[c.veins[v]] = {round(float(a), 6): float(p) for a, p in zip(c.alpha[inside], law, strict=True) if a >= FROM_ALPHA - 1e-9}
    ended = c.about["ended"]
    assert isinstance(ended, list)
    return found, len(mesh.triangles), [at for at in ended if float(at.removeprefix("α = ").partition(":")[0]) >= FROM_ALPHA]


def compare(calf: Calf, quality: str) -> dict[str, Any]:
    """One seed's record on a quality's mesh and on a twice finer one: for each vein the largest |Δ(p − p_c)| [mmHg] over the area ratios that
    both reached, the ratio where, and p − p_c there; or why there is none."""
    record: dict[str, Any] = {"seed": calf.seed, "quality": quality, "physics": PHYSICS}
    resolution = RESOLUTIONS[quality]
    began = time.perf_counter()
    try:
        (ours, cells, early), (theirs, finer, ended) = transmural(calf, resolution), transmural(calf, resolution.finer(2))
    except (SolveError, DescriptionError) as error:
        return record | {"veins": {}, "ended": [str(error)], "seconds": time.perf_counter() - began}
    found = {}
    for name, own in ours.items():
        other = theirs[name]
        common = sorted(set(own) & set(other))
        worst = max(common, key=lambda alpha: abs(own[alpha] - other[alpha]))
        found[name] = {"difference": own[worst] - other[worst], "α": worst, "p - p_c": other[worst], "from": common[0], "to": common[-1]}
    return record | {"veins": found, "cells": [cells, finer], "ended": [*early, *ended], "seconds": time.perf_counter() - began}


def _kept(path: Path) -> list[dict[str, Any]]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [record for record in map(json.loads, lines) if record["physics"] == PHYSICS]


def _chosen(path: Path, seeds: int, count: int) -> list[int]:
    """The first `count` complete ones of an order drawn by seed, under whichever PHYSICS they were last computed, the quickest first."""
    last = {record["seed"]: record for record in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    order = [int(seed) for seed in np.random.default_rng(1).permutation(seeds)]
    drawn = [seed for seed in order if seed in last and last[seed]["outcome"] == "complete"][:count]
    return sorted(drawn, key=lambda seed: last[seed]["iterations"])


def _open(path: Path, seeds: range, shard: tuple[int, int]) -> Iterator[int]:
    done = {record["seed"] for record in _kept(path)}
    yield from (s for s in seeds[shard[0] - 1 :: shard[1]] if s not in done)


def table(records: list[dict[str, Any]]) -> None:
    """What came of the seeds."""
    for name, some, share in (
        (f"muscle softer than {SOFT / KPA:g} kPa", [r for r in records if r["muscle_mu"] < SOFT], SOFT_SHARE),
        ("stiffer muscle", [r for r in records if r["muscle_mu"] >= SOFT], STIFF_SHARE),
    ):
        complete = [r for r in some if r["outcome"] == "complete"]
        if some:
            print(f"{name:<28}{len(complete):>5} of {len(some):>4} complete, {len(complete) / len(some):6.1%} (wanted {share:.0%})", end="")
            print(f"; median {np.median([r['seconds'] for r in some]):.0f} s, relaxed {sum(r.get('relaxed', 0) > 0 for r in some)}")
        for r in some:
            if r["outcome"] != "complete":
                print(f"    seed {r['seed']}: {r['outcome']}: {r['reason']}")


def _worst(record: dict[str, Any]) -> tuple[str, dict[str, float]]:
    return max(record["veins"].items(), key=lambda item: abs(item[1]["difference"]))


def _agrees(record: dict[str, Any]) -> bool:
    return bool(record["veins"]) and not record["ended"] and abs(_worst(record)[1]["difference"]) * MMHG <= AGREEMENT


def agreement(path: Path, seeds: list[int], qualities: list[str], workers: int) -> None:
    """Compare each calf's meshes of the first quality with finer ones, of the next where they disagree, and so on until one agrees; print what
    came of it."""
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    kept = {(record["seed"], record["quality"]): record for record in _kept(path)}

    def open_of(seed: int) -> str | None:
        known = [kept.get((seed, quality)) for quality in qualities]
        if any(record is not None and _agrees(record) for record in known):
            return None
        return next((quality for quality, record in zip(qualities, known, strict=True) if record is None), None)

    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        running = {pool.submit(compare, draw(seed), quality) for seed in seeds if (quality := open_of(seed))}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for record in (future.result() for future in done):
                kept[record["seed"], record["quality"]] = record
                with path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(record) + "\n")
                if quality := open_of(record["seed"]):
                    running.add(pool.submit(compare, draw(record["seed"]), quality))
    agree = set()
    for quality in qualities:
        found = [kept[seed, quality] for seed in seeds if (seed, quality) in kept]
        agree |= {record["seed"] for record in found if _agrees(record)}
        for record in found:
            print(f"seed {record['seed']}, {quality}: {_said(record)}")
    print(f"{len(agree)} of {len(seeds)} agree with a twice finer mesh on {' or '.join(qualities)}")


def _said(record: dict[str, Any]) -> str:
    if not record["veins"]:
        return "; ".join(record["ended"])
    name, most = _worst(record)
    where = f"{name}, α = {most['α']:g}, {most['p - p_c']:.0f} mmHg"
    return f"differs by at most {abs(most['difference']):.2f} mmHg ({where}){'' if _agrees(record) else ', DISAGREES'}" + "".join(
        f"; {early}" for early in record["ended"]
    )


def main() -> None:
    """Compute what is open, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=200, help="seeds 0 … COUNT − 1")
    parser.add_argument("--workers", type=int, default=2, help="sections at a time")
    parser.add_argument("--shard", default="1/1", help="K/N: only the K-th of N parts")
    parser.add_argument("--finer", type=int, default=0, help="complete ones to compute again on a twice finer mesh")
    parser.add_argument(
        "--quality", nargs="+", choices=tuple(RESOLUTIONS), default=["standard", "fine"],
        help="of the meshes compared with finer ones: the next where the one before disagrees",
    )  # fmt: skip
    parser.add_argument("-o", "--out", type=Path, default=Path(__file__).parent / "records/seeded_sections")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    path = options.out / "seeds.jsonl"
    k, n = (int(part) for part in options.shard.split("/"))
    with ThreadPoolExecutor(options.workers) as pool:
        for future in as_completed([pool.submit(solve, draw(seed)) for seed in _open(path, range(options.count), (k, n))]):
            record = future.result()
            with path.open("a", encoding="utf-8") as file:
                file.write(json.dumps(record) + "\n")
            print(f"seed {record['seed']}: {record['outcome']} in {record['seconds']:.0f} s {record['reason']}", flush=True)
    records = _kept(path)
    table(records)
    if options.finer:
        chosen = _chosen(path, options.count, options.finer)
        agreement(options.out / "finer.jsonl", chosen, options.quality, options.workers)


if __name__ == "__main__":
    main()
