"""Two veins side by side in a block of muscle, marched through contact: one process, or several under mpirun.

    python two_veins.py RESULT.npz        mpirun -n 2 python two_veins.py RESULT.npz
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from section_meshes import parallel_ellipses

from calfpump.mesh import SectionMesh
from calfpump.section import measure
from calfpump.section.equilibrium import Area, Equilibrium
from calfpump.section.kept import Kept
from calfpump.section.march import March
from calfpump.section.system import System

#: Mean lumen radius [m], points round a lumen, curves from lumen to the block's border.
R, N = 1e-3, 16
LAYERS = (0.0, 0.15, 1.0, 2.8)
ALPHAS = (0.75, 0.5, 0.35, 0.27, 0.21, 0.16)
COMPARTMENTS = {"left": "soleus", "right": "deep_posterior"}


def block(ratio: float, turned: float) -> NDArray[np.float64]:
    """Curves (k, N, 2) from an elliptical lumen outwards to a square of half side 4; its corners are points."""
    side = 8 * np.arange(N // 4) / (N // 4) - 4.0
    flat = np.full(N // 4, 4.0)
    square = np.concatenate([np.stack(part, axis=1) for part in ((flat, side), (-side, flat), (-flat, -side), (side, -flat))])
    angle = np.arctan2(square[:, 1], square[:, 0])
    inner = parallel_ellipses(ratio, [0.0, LAYERS[1]], 720)
    t = np.round((angle - turned) / (2.0 * np.pi) * 720).astype(int) % 720
    c, s = np.cos(turned), np.sin(turned)
    inner = inner[:, t] @ np.array([[c, s], [-s, c]])
    parts = (np.array(LAYERS[2:]) - LAYERS[1]) / (LAYERS[-1] - LAYERS[1])
    return np.concatenate([inner, inner[1] + parts[:, None, None] * (square - inner[1])])


def section() -> SectionMesh:
    """The block of two, left and right muscle, skin round both."""
    points, triangles, tags, facets, facet_tags = [], [], [], [], []
    names = ["wall_one", "left", "wall_two", "right"]
    i, k = np.arange(N), len(LAYERS)
    for b, (curves, shift) in enumerate(((block(1.7, 0.3), -4.0), (block(2.2, 1.4), 4.0))):
        start = b * k * N
        points.append((curves + np.array([shift, 0.0])).reshape(-1, 2))
        for j in range(k - 1):
            p, q = start + j * N + i, start + j * N + (i + 1) % N
            r, s = q + N, p + N
            triangles += [np.stack([p, s, r], axis=1), np.stack([p, r, q], axis=1)]
            tags.append(np.full(2 * N, 1 + 2 * b + (j > 0)))
        outer = start + (k - 1) * N
        around = np.stack([outer + i, outer + (i + 1) % N], axis=1)
        facets += [np.stack([start + i, start + (i + 1) % N], axis=1), around]
        facet_tags += [np.full(N, 1 + b), np.full(N, 3)]
    x = np.concatenate(points)
    _, first, number = np.unique(np.round(x, 9), axis=0, return_index=True, return_inverse=True)
    edges = number[np.concatenate(facets)]
    inside = np.all(np.abs(x[first][edges][:, :, 0]) < 1e-9, axis=1)  # the side that both share
    return SectionMesh(
        name="two veins", resolution="test", girth=48.0 * R, points=R * x[first], triangles=number[np.concatenate(triangles)].astype(np.int32),
        cell_tags=np.concatenate(tags).astype(np.int32), facets=edges[~inside].astype(np.int32),
        facet_tags=np.concatenate(facet_tags)[~inside].astype(np.int32), regions={name: n + 1 for n, name in enumerate(names)},
        curves={"lumen_one": 1, "lumen_two": 2, "skin": 3}, compartments=COMPARTMENTS, veins=(),
    )  # fmt: skip


def march(comm: Any = None, keep: Path | None = None) -> dict[str, NDArray[np.float64]]:
    """Pressures of veins and compartments, areas, tension, inertia and number of touching pairs at each α, in a hose, one muscle contracted."""
    mesh = section()
    system = System(
        mesh, mu={"wall_one": 5e4, "wall_two": 5e4, "left": 100.0, "right": 100.0}, inverse_kappa=dict.fromkeys(mesh.regions, 0.0),
        membranes={"skin": 5.0}, penalty={"one": 6e8, "two": 6e8}, pins=_pins(mesh), comm=comm,
    )  # fmt: skip
    equilibrium = Equilibrium(system)
    if keep is not None:
        equilibrium.kept = Kept(keep, system.domain)
    A0 = system.A0 * system.units.area
    system.wear(0.97 * measure.girth(equilibrium), 40.0)
    system.bulk.contract({"left": 0.03})
    path = March(
        equilibrium, 1.0, lambda a: {v: Area(float(a * s)) for v, s in zip(system.veins, A0, strict=True)}, name="area",
        relax=True,
    )  # fmt: skip
    rows = []
    for alpha in ALPHAS:
        stability = path.to(alpha).stability
        compartments = measure.compartment_pressures(equilibrium, mesh, tuple(COMPARTMENTS.values()))
        signs = [stability.unstable, stability.folds, system.touching]
        rows.append(np.concatenate([equilibrium.pressures(), compartments, equilibrium.areas(), equilibrium.multipliers[-1:], signs]))
    picture = measure.deformed(equilibrium, mesh, "the end")
    domain = system.domain
    whole = domain.whole(equilibrium.w)
    assert np.array_equal(domain.part(whole), equilibrium.w)
    counts = np.array([len(picture.triangles), picture.region.sum()])
    return {"rows": np.array(rows), "whole": whole, "triangles": counts, "ranks": np.array(domain.ranks.comm.size)}


def _pins(mesh: SectionMesh) -> list[tuple[int, int]]:
    low = int(np.argmin(mesh.points.sum(axis=1)))
    right = int(np.argmax(mesh.points[:, 0] - mesh.points[:, 1]))
    return [(low, 0), (low, 1), (right, 1)]


if __name__ == "__main__":
    from mpi4py import MPI

    found = march(MPI.COMM_WORLD)
    if MPI.COMM_WORLD.rank == 0:
        np.savez(sys.argv[1], **found)
