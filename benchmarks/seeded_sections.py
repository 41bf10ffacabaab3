"""How many random calves does the section solver bring to the end of their laws?

    python benchmarks/seeded_sections.py [--count 200] [--workers 2] [--shard 1/8] [-o DIR]

Each seed draws one calf from the mid-calf section: moduli of muscle and wall (log-uniform), of the sheath, the walls' h/R, the axis ratio k0
of the deep veins, girth and thickness of the fat; walls stiffen as those of a case do by default. Complete is a law at rest of all veins from
α = 1 down to p − p_c = −150 mmHg or α = .04 and up to + 120 mmHg or α = 2.2, every state stable; a law that ends before says where and why, a
refused one shows its last good state.
One JSON line a seed is kept in DIR, by default benchmarks/records/seeded_sections, in seeds.jsonl: stopped and started again, it goes on; lines
of another PHYSICS count for nothing. Whether they agree with a twice finer mesh twice_finer.py tells.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Any

import numpy as np
from random_calf import KPA, Calf, description, draw, tissue

from calfpump.anatomy.section_description import DescriptionError
from calfpump.case.errors import SolveError
from calfpump.law import SectionLaws
from calfpump.mesh import COARSE, SectionMesh, build
from calfpump.physics import PHYSICS
from calfpump.section import characterise
from calfpump.section.states import ActivationState

#: Muscles below are soft: 97 % of them shall be complete, of the others 80 %.
SOFT, SOFT_SHARE, STIFF_SHARE = 4 * KPA, 0.97, 0.80
RECORDS = Path(__file__).parent / "records/seeded_sections"


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


def kept(path: Path) -> list[dict[str, Any]]:
    """The records of this PHYSICS in a file."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [record for record in map(json.loads, lines) if record["physics"] == PHYSICS]


def _open(path: Path, seeds: range, shard: tuple[int, int]) -> Iterator[int]:
    done = {record["seed"] for record in kept(path)}
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


def main() -> None:
    """Compute what is open, print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=200, help="seeds 0 … COUNT − 1")
    parser.add_argument("--workers", type=int, default=2, help="sections at a time")
    parser.add_argument("--shard", default="1/1", help="K/N: only the K-th of N parts")
    parser.add_argument("-o", "--out", type=Path, default=RECORDS)
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
    table(kept(path))


if __name__ == "__main__":
    main()
