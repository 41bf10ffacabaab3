"""Faces of a planar map of arcs: which arcs, in which direction, bound each part of the plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calfpump.anatomy.section_description import Points
from calfpump.mesh.curve import area, inside


@dataclass(frozen=True, eq=False)
class Arc:
    """A piece of a curve between two nodes of the map (the same node twice for a closed one).

    ``curve`` is the tag's name (skin, fascia, septum, border, bone_…), ``points`` (n, 2) m a dense polyline with both ends; ``sole``
    marks the part of the skin that the ground presses.
    """

    curve: str
    start: int
    end: int
    points: Points
    sole: bool = False


Loop = tuple[tuple[int, bool], ...]
"""Arcs one after another: (index, forwards)."""


@dataclass(frozen=True, eq=False)
class Face:
    """A part of the plane: its outer loop counter-clockwise, its holes clockwise, and the outer loop as a polygon."""

    outer: Loop
    holes: tuple[Loop, ...]
    polygon: Points
    hole_polygons: tuple[Points, ...]

    def contains(self, point: Points) -> bool:
        """Whether a point is in this face, outside its holes."""
        at = np.asarray(point, dtype=np.float64)[None]
        return bool(inside(at, self.polygon)[0]) and not any(bool(inside(at, hole)[0]) for hole in self.hole_polygons)

    def inner_point(self) -> Points:
        """A point just inside, beside the middle of the outer loop's longest edge."""
        edge = np.roll(self.polygon, -1, axis=0) - self.polygon
        longest = int(np.argmax(np.sum(edge**2, axis=1)))
        normal = np.array([-edge[longest, 1], edge[longest, 0]])
        return np.asarray(self.polygon[longest] + 0.5 * edge[longest] + 1e-3 * normal)


def faces_of(arcs: list[Arc]) -> list[Face]:
    """The bounded faces of a planar map, each with the outer loops of the separate parts lying inside it as holes."""
    loops = _loops(arcs)
    polygons = [polygon_of(loop, arcs) for loop in loops]
    areas = [area(polygon) for polygon in polygons]
    insides = [k for k in range(len(loops)) if areas[k] > 0.0]
    holes: dict[int, list[int]] = {k: [] for k in insides}
    for k in range(len(loops)):
        if areas[k] > 0.0:
            continue
        touching = {arc for arc, _ in loops[k]}
        hosts = [
            h for h in insides
            if areas[h] > -areas[k] and not touching & {arc for arc, _ in loops[h]} and inside(polygons[k][:1], polygons[h])[0]
        ]
        if hosts:
            holes[min(hosts, key=lambda h: areas[h])].append(k)
    return [
        Face(loops[k], tuple(loops[h] for h in holes[k]), polygons[k], tuple(polygons[h] for h in holes[k])) for k in insides
    ]


def polygon_of(loop: Loop, arcs: list[Arc]) -> Points:
    """A loop's arcs joined to a closed polyline."""
    return np.vstack([arcs[k].points[:-1] if forwards else arcs[k].points[:0:-1] for k, forwards in loop])


def _loops(arcs: list[Arc]) -> list[Loop]:
    """All loops with the face on their left: at each node the next arc is the first one clockwise from where we came."""
    leaving: dict[int, list[tuple[float, int, bool]]] = {}
    for k, arc in enumerate(arcs):
        for forwards, node, p in ((True, arc.start, arc.points), (False, arc.end, arc.points[::-1])):
            leaving.setdefault(node, []).append((float(np.arctan2(*(p[1] - p[0])[::-1])), k, forwards))
    following: dict[tuple[int, bool], tuple[int, bool]] = {}
    for around in leaving.values():
        around.sort()
        for place, (_, k, forwards) in enumerate(around):
            following[k, not forwards] = around[place - 1][1:]
    loops: list[Loop] = []
    seen: set[tuple[int, bool]] = set()
    for start in ((k, forwards) for k in range(len(arcs)) for forwards in (True, False)):
        here, loop = start, []
        while here not in seen:
            seen.add(here)
            loop.append(here)
            here = following[here]
        if loop:
            loops.append(tuple(loop))
    return loops
