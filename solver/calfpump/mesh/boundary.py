"""Nodes and edges on every curve of a section, before the plane between them is meshed."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import numpy as np

from calfpump.anatomy.section_description import Points
from calfpump.mesh.curve import Floats, closed_length
from calfpump.mesh.faces import Loop
from calfpump.mesh.layout import Layout
from calfpump.mesh.resolution import Resolution, SizeField, bend_limited, graded, spaced
from calfpump.mesh.vein_fit import FittedVein, ring

Edge = tuple[int, int]
#: Elements of a wall in more layers than their thickness asks for are at least this thick, in parts of their length.
FLATTEST = 0.3


@dataclass(eq=False)
class Boundary:
    """Nodes (SI), the tagged edges of each curve, and the patches to fill: region name, outer edges and hole edges."""

    nodes: list[Points] = field(default_factory=list)
    curves: dict[str, list[Edge]] = field(default_factory=dict)
    patches: list[tuple[str, list[list[Edge]]]] = field(default_factory=list)
    walls: dict[str, list[list[int]]] = field(default_factory=dict)

    def add(self, points: Points) -> list[int]:
        """New nodes; their numbers."""
        first = len(self.nodes)
        self.nodes.extend(points)
        return list(range(first, len(self.nodes)))

    def lengths(self) -> tuple[Points, Floats]:
        """Middles and lengths of all edges on the patches' outlines."""
        edges = np.array(sorted({(min(e), max(e)) for _, loops in self.patches for loop in loops for e in loop}))
        ends = np.asarray(self.nodes)[edges]
        return ends.mean(axis=1), np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)


def discretise(layout: Layout, resolution: Resolution) -> Boundary:
    """All boundary edges of a section at one resolution.

    Round a vein, rings of ``lumen_edges`` nodes carry the wall, in as many layers as keep its elements about as thick as long, or in
    ``wall_layers`` where that does not make them flat; from the wall outwards edges grow. The wall is filled ring by ring, everything
    else is left to the mesher.
    """
    boundary = Boundary()
    outsides = [ring(fit.vein, fit.vein.wall, resolution.lumen_edges) for fit in layout.veins]
    edge = [closed_length(outside) / resolution.lumen_edges for outside in outsides]
    walls = np.vstack([*outsides, np.zeros((0, 2))]), np.repeat(edge, resolution.lumen_edges)
    sheaths = SizeField(*walls, resolution.sheath, resolution.interior)
    borders = [_border(fit) for fit in layout.veins]
    near = SizeField(
        np.vstack([walls[0], *borders]), np.concatenate([walls[1], *(sheaths.at(border) for border in borders)]), resolution.growth, resolution.interior
    )
    arcs = _cut_arcs(layout, resolution, near, boundary)

    def edges(loop: Loop) -> list[Edge]:
        return [e for k, forwards in loop for e in (arcs[k] if forwards else [(b, a) for a, b in reversed(arcs[k])])]

    patches = [[edges(face.outer), *(edges(hole) for hole in face.holes)] for face in layout.faces]
    for fit in layout.veins:
        patches[fit.face].append(_vein(boundary, fit, resolution, sheaths))
    boundary.patches.extend(zip(layout.regions, patches, strict=True))
    return boundary


def _cut_arcs(layout: Layout, resolution: Resolution, near: SizeField, boundary: Boundary) -> list[list[Edge]]:
    """Edges of every arc of the map, short near veins and where curves bend."""
    boundary.add(layout.nodes)
    caps = {"skin": resolution.skin}
    sizes = [bend_limited(arc.points, caps.get(arc.curve, resolution.boundary), resolution.turn) for arc in layout.arcs]
    points = np.vstack([arc.points for arc in layout.arcs])
    wanted = graded(points, np.minimum(np.concatenate(sizes), near.at(points)), resolution.growth)
    cut: list[list[Edge]] = []
    first = 0
    for arc in layout.arcs:
        own = wanted[first : first + len(arc.points)]
        first += len(arc.points)
        nodes = spaced(arc.points, own, least=8 if arc.start == arc.end else 2)
        numbers = [arc.start, *boundary.add(nodes[1:-1]), arc.end]
        cut.append(list(itertools.pairwise(numbers)))
        for curve in (arc.curve, "sole") if arc.sole else (arc.curve,):
            boundary.curves.setdefault(curve, []).extend(cut[-1])
    return cut


def _vein(boundary: Boundary, fit: FittedVein, resolution: Resolution, sheaths: SizeField) -> list[Edge]:
    """Rings of one vein; returns the hole that its sheath makes in the face around it."""
    vein, n = fit.vein, resolution.lumen_edges
    thick = vein.wall * n / closed_length(ring(vein, 0.5 * vein.wall, n))
    layers = max(1, round(thick), min(resolution.wall_layers, int(thick / FLATTEST)))
    rings = [boundary.add(ring(vein, vein.wall * k / layers, n)) for k in range(layers + 1)]
    boundary.walls[vein.name] = rings
    boundary.curves[f"lumen_{vein.name}"] = _closed(rings[0])
    dense = _border(fit)
    sheath = boundary.add(spaced(dense, sheaths.at(dense), least=12)[:-1])
    boundary.patches.append((f"sheath_{vein.name}", [_closed(sheath), _closed(rings[-1])]))
    return _closed(sheath)


def _border(fit: FittedVein) -> Points:
    """The outside of a vein's sheath as a dense closed polyline."""
    outside = ring(fit.vein, fit.vein.wall + fit.sheath, 360)
    return np.vstack([outside, outside[:1]])


def _closed(numbers: list[int]) -> list[Edge]:
    return list(zip(numbers, numbers[1:] + numbers[:1], strict=True))
