"""Do the laws of random calves agree with those of a twice finer mesh?

    python benchmarks/twice_finer.py [--calves 20] [--workers 2] [--quality standard fine finest] [-o DIR]

That many of the complete calves of seeded_sections.py, drawn by seed, are computed at rest on the mesh of a quality and on one with edges half as long,
down to α = .13. They agree where no vein's p − p_c differs by more than 1 mmHg: first their laws, as the flow reads them; where those differ, the states
of the coarser mesh with the stable ones next to them on the finer, or those of the finer with those next to them on the coarser (carried.py), for walls
that snap may take two ways that are both right; where those differ too, the same on the next quality. Laws of the quality finest would take many hours;
it has states only.
A JSON line each is kept in DIR, by default benchmarks/records/seeded_sections, in finer.jsonl: stopped and started again, it goes on. The
first of its laws are states of two marches, which is the same where no wall snaps.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from carried import carried, march, settled
from random_calf import MMHG, Calf, description, draw, tissue
from seeded_sections import RECORDS, kept

from calfpump.anatomy.section_description import DescriptionError
from calfpump.case.errors import SolveError
from calfpump.law.envelope import rising
from calfpump.mesh import RESOLUTIONS, Resolution, build
from calfpump.physics import PHYSICS
from calfpump.section.job import GRIDS, Curves, Job
from calfpump.section.states import ActivationState
from calfpump.section.tables import LEAST_RISE
from calfpump.section.tissues import coefficients
from calfpump.section.trace import Trace

#: A finer mesh may differ by this pressure [mmHg], from this area ratio on.
AGREEMENT, FROM_ALPHA = 1.0, 0.13
#: Of a quality, the one whose march its states are carried from.
BEFORE = {"fine": "standard", "finest": "fine"}


def section_job(calf: Calf, resolution: Resolution, down: tuple[float, ...]) -> Job:
    """The calf at rest, emptied by the area ratios `down`."""
    mesh = build(description(calf)[0], resolution=resolution, girth=calf.girth)
    grid = replace(GRIDS["coarse"], down=down)
    return Job(mesh, coefficients(mesh, tissue(calf)), None, ActivationState("rest", {}), grid)


def laws(calf: Calf, resolution: Resolution) -> tuple[dict[str, dict[float, float]], int, list[str]]:
    """Of each vein α → p − p_c [mmHg] of its law, rising over snaps as the flow reads it, from α = .13 or the last pressure asked for up to
    2.2 or the same; the number of triangles; what ended before."""
    job = section_job(calf, resolution, tuple(sorted({*GRIDS["coarse"].down, FROM_ALPHA}, reverse=True)))
    trace = Trace(job, lambda line: None)
    trace.wear()
    c = trace.run()
    above = c.pressures - c.compartments[:, trace.compartment]
    found = {}
    for v, (low, high) in enumerate(c.reached):
        inside = (c.alpha >= low - 1e-9) & (c.alpha <= high + 1e-9)
        law = rising(above[inside, v], LEAST_RISE)[0] / MMHG
        found[c.veins[v]] = {round(float(a), 6): float(p) for a, p in zip(c.alpha[inside], law, strict=True) if a >= FROM_ALPHA - 1e-9}
    return found, len(job.mesh.triangles), _ended(c)


def _ended(curves: Curves) -> list[str]:
    """Where and why a march ended above α = .13, if it did."""
    ended = curves.about["ended"]
    assert isinstance(ended, list)
    return [at for at in ended if float(at.removeprefix("α = ").partition(":")[0]) > FROM_ALPHA]


def compare_laws(calf: Calf, quality: str) -> dict[str, Any]:
    """For each vein the largest |Δ(p − p_c)| [mmHg] of the laws of two marches over the area ratios that both reached, the ratio where, and
    p − p_c there."""
    resolution = RESOLUTIONS[quality]
    (ours, cells, early), (theirs, finer, ended) = laws(calf, resolution), laws(calf, resolution.finer(2))
    found = {}
    for name, own in ours.items():
        other = theirs[name]
        common = sorted(set(own) & set(other))
        worst = max(common, key=lambda alpha: abs(own[alpha] - other[alpha]))
        found[name] = {"difference": own[worst] - other[worst], "α": worst, "p - p_c": other[worst], "from": common[0], "to": common[-1]}
    return {"veins": found, "cells": [cells, finer], "ended": [*early, *ended]}


def compare_states(calf: Calf, quality: str) -> dict[str, Any]:
    """The same of stable states and those next to them on the finer mesh. The former are those of a march, beyond the quality standard one on the mesh of
    the quality before, and again those next to them. At the area ratios `returned` it is those on the finer mesh and the ones next to them; by how much those
    of the march differed [mmHg] stands there."""
    resolution = RESOLUTIONS[quality]
    before = RESOLUTIONS[BEFORE.get(quality, quality)]
    down = (*(alpha for alpha in GRIDS["coarse"].down if alpha > FROM_ALPHA), FROM_ALPHA)
    first, here, there = (section_job(calf, mesh, down) for mesh in (before, resolution, resolution.finer(2)))
    marched = march(first)
    ended = _ended(marched.curves)
    if before is not resolution:
        marched, missing = settled(marched, here)
        ended += missing
    found: dict[str, dict[str, float]] = {}
    alphas, returned = [], {}
    for state in carried(marched, here, there):
        if state.reason:
            ended.append(state.missing)
            continue
        alphas.append(state.alpha)
        if state.returned:
            returned[f"{state.alpha:g}"] = state.returned / MMHG
        for name, own, other in zip(state.veins, state.here / MMHG, state.there / MMHG, strict=True):
            if name not in found or abs(own - other) > abs(found[name]["difference"]):
                found[name] = {"difference": own - other, "α": state.alpha, "p - p_c": other}
    span = {"from": min(alphas, default=1.0), "to": max(alphas, default=1.0)}
    return {
        "veins": {name: most | span for name, most in found.items()}, "marched": before.name, "returned": returned,
        "cells": [len(here.mesh.triangles), len(there.mesh.triangles)], "ended": ended,
    }  # fmt: skip


COMPARED = {"laws": compare_laws, "states": compare_states}
WAYS = (("standard", "laws"), ("standard", "states"), ("fine", "laws"), ("fine", "states"), ("finest", "states"))


def compare(calf: Calf, quality: str, way: str) -> dict[str, Any]:
    """One calf's record on a quality's mesh and on a twice finer one; or why there is none."""
    record: dict[str, Any] = {"seed": calf.seed, "quality": quality, "way": way, "physics": PHYSICS}
    began = time.perf_counter()
    try:
        found = COMPARED[way](calf, quality)
    except (SolveError, DescriptionError) as error:
        found = {"veins": {}, "ended": [str(error)]}
    return record | found | {"seconds": time.perf_counter() - began}


def _chosen(path: Path, seeds: int, count: int) -> list[int]:
    """The first `count` complete ones of an order drawn by seed, under whichever PHYSICS they were last computed, the quickest first."""
    last = {record["seed"]: record for record in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    order = [int(seed) for seed in np.random.default_rng(1).permutation(seeds)]
    drawn = [seed for seed in order if seed in last and last[seed]["outcome"] == "complete"][:count]
    return sorted(drawn, key=lambda seed: last[seed]["iterations"])


def agreement(path: Path, seeds: list[int], qualities: list[str], workers: int) -> None:
    """Compare each calf by the first quality's laws, by its states where they disagree, by the next quality's, and so on until one agrees; print
    what came of it."""
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = {(record["seed"], record["quality"], record.get("way", "laws")): record for record in kept(path)}
    ways = [way for way in WAYS if way[0] in qualities]

    def open_of(seed: int) -> tuple[str, str] | None:
        if any((seed, *way) in done and _agrees(done[seed, *way]) for way in WAYS):
            return None
        return next((way for way in ways if (seed, *way) not in done), None)

    with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
        running = {pool.submit(compare, draw(seed), *way) for seed in seeds if (way := open_of(seed))}
        while running:
            ended, running = wait(running, return_when=FIRST_COMPLETED)
            for record in (future.result() for future in ended):
                done[record["seed"], record["quality"], record["way"]] = record
                with path.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(record) + "\n")
                if way := open_of(record["seed"]):
                    running.add(pool.submit(compare, draw(record["seed"]), *way))
    agree: dict[int, str] = {}
    for quality, way in WAYS:
        for seed in seeds:
            record = done.get((seed, quality, way))
            if record is not None:
                print(f"seed {seed}, {way}, {quality}: {_said(record)}")
                if _agrees(record):
                    agree.setdefault(seed, way)
    by = ", ".join(f"{sum(found == way for found in agree.values())} by their {way}" for way in COMPARED)
    print(f"{len(agree)} of {len(seeds)} agree with a twice finer mesh: {by}")


def _worst(record: dict[str, Any]) -> tuple[str, dict[str, float]]:
    return max(record["veins"].items(), key=lambda item: abs(item[1]["difference"]))


def _agrees(record: dict[str, Any]) -> bool:
    return bool(record["veins"]) and not record["ended"] and abs(_worst(record)[1]["difference"]) <= AGREEMENT


def _said(record: dict[str, Any]) -> str:
    if not record["veins"]:
        return "; ".join(record["ended"])
    name, most = _worst(record)
    where = f"{name}, α = {most['α']:g}, {most['p - p_c']:.0f} mmHg"
    return f"differs by at most {abs(most['difference']):.2f} mmHg ({where}){'' if _agrees(record) else ', DISAGREES'}" + "".join(
        f"; {early}" for early in record["ended"]
    )


def main() -> None:
    """Compare what is open, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--calves", type=int, default=20, help="how many of the complete ones")
    parser.add_argument("--seeds", type=int, default=200, help="out of this many seeds")
    parser.add_argument("--workers", type=int, default=2, help="comparisons at a time")
    parser.add_argument(
        "--quality", nargs="+", choices=("standard", *BEFORE), default=["standard", *BEFORE],
        help="of the meshes compared with finer ones: the next where the one before disagrees",
    )  # fmt: skip
    parser.add_argument("-o", "--out", type=Path, default=RECORDS)
    options = parser.parse_args()
    chosen = _chosen(options.out / "seeds.jsonl", options.seeds, options.calves)
    agreement(options.out / "finer.jsonl", chosen, options.quality, options.workers)


if __name__ == "__main__":
    main()
