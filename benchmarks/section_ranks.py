"""A section of a million unknowns on several MPI ranks: time and memory of a few steps, kept so that a killed run goes on.

    mpirun -n 4 python benchmarks/section_ranks.py [--unknowns 1e6] [--steps 3] [--keep FOLDER]

The mid-calf at rest, its twelve veins emptied together; the standard mesh, each triangle cut into four until there are enough unknowns.
"""

from __future__ import annotations

import argparse
import resource
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from mpi4py import MPI

from calfpump.anatomy.section_description import load_description
from calfpump.case.tissue import Tissue
from calfpump.mesh import RESOLUTIONS, SectionMesh, build
from calfpump.section.equilibrium import Area, Equilibrium
from calfpump.section.kept import Kept
from calfpump.section.march import March
from calfpump.section.system import System
from calfpump.section.tissues import coefficients

ALPHAS = (0.97, 0.93, 0.88, 0.82, 0.75)


def refined(mesh: SectionMesh) -> SectionMesh:
    """Each triangle cut into four at the middles of its edges."""
    t, n = mesh.triangles.astype(np.int64), len(mesh.points)

    def keys(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.minimum(a, b) * n + np.maximum(a, b)

    edges = np.unique(np.concatenate([keys(t[:, i], t[:, j]) for i, j in ((0, 1), (1, 2), (2, 0))]))
    ab, bc, ca = (n + np.searchsorted(edges, keys(t[:, i], t[:, j])) for i, j in ((0, 1), (1, 2), (2, 0)))
    a, b, c = t.T
    triangles = np.stack([np.stack(part, axis=1) for part in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))], axis=1)
    p, q = mesh.facets.astype(np.int64).T
    m = n + np.searchsorted(edges, keys(p, q))
    return replace(
        mesh, points=np.concatenate([mesh.points, 0.5 * (mesh.points[edges // n] + mesh.points[edges % n])]),
        triangles=triangles.reshape(-1, 3).astype(np.int32), cell_tags=np.repeat(mesh.cell_tags, 4),
        facets=np.stack([p, m, m, q], axis=1).reshape(-1, 2).astype(np.int32), facet_tags=np.repeat(mesh.facet_tags, 2),
    )  # fmt: skip


def main() -> None:
    """March a few steps and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--unknowns", type=float, default=1e6)
    parser.add_argument("--steps", type=int, default=3)
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    comm = MPI.COMM_WORLD
    mesh = None
    if comm.rank == 0:
        mesh = build(load_description("mid_calf"), resolution=RESOLUTIONS["standard"])
        while 9.2 * len(mesh.triangles) < args.unknowns:
            mesh = refined(mesh)
    mesh = comm.bcast(mesh)
    began = time.perf_counter()
    c = coefficients(mesh, Tissue())
    system = System(mesh, comm=comm, **c.of_system())
    equilibrium = Equilibrium(system)
    if args.keep:
        equilibrium.kept = Kept(args.keep, system.domain)
    A0 = system.A0 * system.units.area

    def say(what: str) -> None:
        peaks = comm.gather(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
        if comm.rank == 0:
            print(f"{time.perf_counter() - began:>8.1f} s  {what:<60}{' + '.join(f'{peak:.2f}' for peak in peaks)} GB", flush=True)

    say(f"{system.describe()['unknowns']} unknowns on {comm.size} ranks")
    march = March(equilibrium, 1.0, lambda t: {v: Area(float(t * a)) for v, a in zip(system.veins, A0, strict=True)}, name="area march")
    for alpha in ALPHAS[: args.steps]:
        reached = march.to(alpha)
        p = equilibrium.pressures() / 133.322
        say(f"α = {alpha:g}: {reached.iterations} iterations, {p.min():.3f} to {p.max():.3f} mmHg")


if __name__ == "__main__":
    main()
