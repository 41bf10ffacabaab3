"""Structured section meshes in plain numpy: rings, tubes, discs. Lengths in metres; no Gmsh.

A mesh is given by closed curves of n points, from the innermost outwards; between two neighbours lies one layer of 2 n triangles with
alternating diagonals, so that no direction of turning is preferred.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from calfpump.mesh import SectionMesh
from calfpump.section import compat
from calfpump.section.domain import Domain
from calfpump.section.factor import Factor
from calfpump.section.system import System

Floats = NDArray[np.float64]


def circles(radii: Sequence[float] | Floats, n: int) -> Floats:
    """Points (len(radii), n, 2) on concentric circles."""
    angle = 2.0 * np.pi * np.arange(n) / n
    return np.asarray(radii)[:, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def parallel_ellipses(ratio: float, offsets: Sequence[float], n: int) -> Floats:
    """Curves at normal distances `offsets` from the ellipse of axis ratio `ratio`, long axis along x, and perimeter 2π; equal arcs."""
    t = np.linspace(0.0, 2.0 * np.pi, 40001)
    speed = np.hypot(ratio * np.sin(t), np.cos(t))
    s = np.concatenate([[0.0], np.cumsum(0.5 * (speed[1:] + speed[:-1]) * np.diff(t))])
    b = 2.0 * np.pi / s[-1]
    t = np.interp(s[-1] * np.arange(n) / n, s, t)
    normal = np.stack([np.cos(t), ratio * np.sin(t)], axis=1)
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    middle = b * np.stack([ratio * np.cos(t), np.sin(t)], axis=1)
    return middle + np.asarray(offsets)[:, None, None] * normal


def layered(
    curves: Floats,
    regions: Sequence[str] = (),
    *,
    names: dict[int, str] | None = None,
    core: str | None = None,
    compartments: dict[str, str] | None = None,
) -> SectionMesh:
    """Mesh of the layers between `curves` (k, n, 2), n even; `regions` (k − 1,) names them, one name alone names all.

    `names` names curves by their number, negative ones from the outside (default: the first lumen_vein, the last skin). `core` is the
    region of a disc inside the first curve, whose centre is then the last point.
    """
    k, n, _ = curves.shape
    regions = list(regions) if len(regions) > 1 else [*regions] * (k - 1)
    names = names or ({-1: "skin"} if core else {0: "lumen_vein", -1: "skin"})
    numbers = {name: i + 1 for i, name in enumerate(dict.fromkeys([*([core] if core else []), *regions]))}
    i = np.arange(n)
    triangles, tags = [], []
    for j in range(k - 1):
        a, b, c, d = j * n + i, j * n + (i + 1) % n, (j + 1) * n + (i + 1) % n, (j + 1) * n + i
        even = (i + j) % 2 == 0
        one = np.where(even[:, None], np.stack([a, d, c], axis=1), np.stack([a, d, b], axis=1))
        two = np.where(even[:, None], np.stack([a, c, b], axis=1), np.stack([b, d, c], axis=1))
        triangles += [one, two]
        tags.append(np.full(2 * n, numbers[regions[j]]))
    points = curves.reshape(-1, 2)
    if core:
        triangles.append(np.stack([np.full(n, len(points)), i, (i + 1) % n], axis=1))
        tags.append(np.full(n, numbers[core]))
        points = np.concatenate([points, curves[0].mean(axis=0)[None]])
    facets = [np.stack([(j % k) * n + i, (j % k) * n + (i + 1) % n], axis=1) for j in names]
    return SectionMesh(
        name="structured", resolution="test", girth=float(np.linalg.norm(curves[-1] - np.roll(curves[-1], -1, axis=0), axis=1).sum()),
        points=points, triangles=np.concatenate(triangles).astype(np.int32), cell_tags=np.concatenate(tags).astype(np.int32),
        facets=np.concatenate(facets).astype(np.int32), facet_tags=np.repeat(np.arange(1, len(names) + 1), n).astype(np.int32),
        regions=numbers, curves={name: tag + 1 for tag, name in enumerate(names.values())}, compartments=dict(compartments or {}), veins=(),
    )  # fmt: skip


def quadrilateral(corners: Sequence[Sequence[float]], lines: Floats, names: dict[str, str], region: str = "muscle") -> SectionMesh:
    """A quadrilateral of one tissue by its corners, counter-clockwise from the bottom left, cut along both sides at `lines`, 0 … 1; `names`
    names its sides bottom, right, top, left."""
    x, y = np.meshgrid(lines, lines)
    n = len(lines) - 1
    weights = np.stack([(1 - x) * (1 - y), x * (1 - y), x * y, (1 - x) * y], axis=2).reshape(-1, 4)
    number = np.arange((n + 1) ** 2).reshape(n + 1, n + 1)
    a, b, c, d = (number[rows, columns].reshape(-1) for rows, columns in (
        (slice(0, -1), slice(0, -1)), (slice(0, -1), slice(1, None)), (slice(1, None), slice(1, None)), (slice(1, None), slice(0, -1)),
    ))  # fmt: skip
    even = (np.add.outer(np.arange(n), np.arange(n)).reshape(-1) % 2 == 0)[:, None]
    one, two = (np.where(even, np.stack(p, axis=1), np.stack(q, axis=1)) for p, q in (((a, b, c), (a, b, d)), ((a, c, d), (b, c, d))))
    sides = {"bottom": number[0], "right": number[:, -1], "top": number[-1], "left": number[:, 0]}
    facets = {name: np.stack([sides[side][:-1], sides[side][1:]], axis=1) for side, name in names.items()}
    return SectionMesh(
        name="structured", resolution="test", girth=0.0, points=weights @ np.asarray(corners, dtype=np.float64),
        triangles=np.concatenate([one, two]).astype(np.int32), cell_tags=np.ones(2 * n * n, dtype=np.int32),
        facets=np.concatenate(list(facets.values())).astype(np.int32),
        facet_tags=np.repeat(np.arange(1, len(facets) + 1), [len(f) for f in facets.values()]).astype(np.int32),
        regions={region: 1}, curves={name: tag + 1 for tag, name in enumerate(facets)}, compartments={region: region}, veins=(),
    )  # fmt: skip


def deform(domain: Domain, move: Callable[[Floats], Floats]) -> Floats:
    """Unknowns of the displacement field `move`, places (k, 2) → displacements (k, 2) in working units; pressures zero.

    All seven displacement unknowns of a triangle are values: at corners, middles of edges, and, the last one, the centroid.
    """
    collapsed, _ = compat.collapse(domain.space.sub(0))
    places = domain.X.copy()
    places[np.asarray(collapsed.dofmap.list)[:, 6]] = domain.points[domain.corners].mean(axis=1)
    w = np.zeros(domain.n_dofs)
    w[domain.dofs] = move(places)
    return w


def linear_answer(system: System, load: Floats) -> Floats:
    """Unknowns of the linear elasticity that the equations become at rest, K(0) d = load, working units."""
    system.fill_tangent(np.zeros(system.domain.n_dofs), np.zeros(system.n_multipliers))
    factor = Factor()
    factor.refresh(system.matrix)
    return np.asarray(factor.solve(load[:, None])[:, 0])


def symmetric_pins(curves: Floats) -> list[tuple[int, int]]:
    """Three pins against rigid motion on the outermost curve; they carry nothing when the deformation has the axes for mirrors."""
    k, n, _ = curves.shape
    first = (k - 1) * n
    return [(first, 1), (first + n // 2, 1), (first + n // 4, 0)]
