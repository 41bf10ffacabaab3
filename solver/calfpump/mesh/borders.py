"""The curves of an imported mesh: those that its file names, and the others from what lies on both sides of an edge."""

from __future__ import annotations

from typing import Any

import numpy as np

from calfpump.anatomy.own_section import MeshSection
from calfpump.anatomy.section_description import MM, Points
from calfpump.mesh.curve import area, inside
from calfpump.mesh.image import between
from calfpump.mesh.read import Nodes, Raw, veins_of

CURVES = ("skin", "fascia", "septum", "border", "sole")
Edge = tuple[int, int]


def curves_of(section: MeshSection, raw: Raw, triangles: Nodes, names: list[str], dropped: list[tuple[str, Nodes]]) -> dict[str, Nodes]:
    """Every curve's edges, of `triangles` whose regions are `names`; ``dropped`` are triangles of bones and lumens, which become holes.

    Raises `DescriptionError` where the mesh is not watertight, or a hole is neither lumen nor bone.
    """
    given: dict[str, list[Any]] = {}
    for nodes, name in zip(raw.lines, raw.curves, strict=True):
        if name in CURVES or name.startswith(("bone_", "lumen_")):
            given.setdefault(name, []).append(nodes)
    sides: dict[Edge, list[int]] = {}
    corners: Any = triangles.tolist()
    for k, (a, b, c) in enumerate(corners):
        for edge in ((a, b), (b, c), (c, a)):
            sides.setdefault((min(edge), max(edge)), []).append(k)
    crowded = next((edge for edge, cells in sides.items() if len(cells) > 2), None)
    if crowded is not None:
        at = raw.points[list(crowded)].mean(axis=0) / MM
        raise section.problem("mesh.file", f"three or more triangles share the edge at ({at[0]:.2f}, {at[1]:.2f}) mm: regions overlap there")
    kind = {region.name: region for region in section.regions}
    found: dict[str, list[Any]] = {}
    for edge, cells in sides.items():
        if len(cells) == 2 and names[cells[0]] != names[cells[1]] and names[cells[0]] in kind and names[cells[1]] in kind:
            found.setdefault(between(kind[names[cells[0]]], kind[names[cells[1]]]), []).append(edge)
    outer = [edge for edge, cells in sides.items() if len(cells) == 1]
    loops = _loops(section, raw.points, np.asarray(outer, dtype=np.int64))
    loops.sort(key=lambda loop: -abs(area(raw.points[loop])))
    found["skin"] = _edges(loops[0])
    for loop in loops[1:]:
        edges = _edges(loop)
        beside = {names[sides[min(e), max(e)][0]] for e in edges}
        found[_hole(section, raw.points, loop, beside, dropped, given)] = edges
    curves = {name: np.asarray(given.get(name, edges), dtype=np.int64) for name, edges in found.items()}
    curves |= {name: np.asarray(edges, dtype=np.int64) for name, edges in given.items() if name not in curves and name in CURVES}
    for name, tagged in curves.items():
        for a, b in tagged:
            if (min(a, b), max(a, b)) not in sides:
                at = raw.points[[a, b]].mean(axis=0) / MM
                raise section.problem("mesh.file", f"the line of {name} at ({at[0]:.2f}, {at[1]:.2f}) mm is no edge of a triangle")
    missing = [vein for vein in veins_of(names) if f"lumen_{vein}" not in curves]
    if missing:
        raise section.problem(f"vein.{missing[0]}", "its wall surrounds no lumen: the mesh needs a hole (or a region of its own) there")
    order = [*CURVES, *sorted(name for name in curves if name.startswith("bone_")), *(f"lumen_{vein}" for vein in veins_of(names))]
    return {name: curves[name] for name in order if name in curves}


def _edges(loop: Nodes) -> list[Edge]:
    return [(int(a), int(b)) for a, b in zip(loop, np.roll(loop, -1), strict=True)]


def _loops(section: MeshSection, points: Points, edges: Nodes) -> list[Nodes]:
    """The outline and the holes as closed chains of nodes."""
    beside: dict[int, list[int]] = {}
    pairs: Any = edges.tolist()
    for a, b in pairs:
        beside.setdefault(a, []).append(b)
        beside.setdefault(b, []).append(a)
    for node, others in beside.items():
        if len(others) != 2:
            at = points[node] / MM
            where = f"({at[0]:.2f}, {at[1]:.2f}) mm"
            raise section.problem("mesh.file", f"the outline is open or touches itself at {where}: regions do not share their nodes there")
    loops = []
    left = set(beside)
    while left:
        loop = [min(left)]
        while True:
            left.discard(loop[-1])
            following = [n for n in beside[loop[-1]] if n in left]
            if not following:
                break
            loop.append(following[0])
        loops.append(np.asarray(loop, dtype=np.int64))
    return loops


def _hole(section: MeshSection, points: Points, loop: Nodes, beside: set[str], dropped: list[tuple[str, Nodes]], given: dict[str, list[Any]]) -> str:
    """What a hole is: a lumen if a vein's wall lines it, else a bone."""
    polygon = points[loop]
    walls = sorted(name for name in beside if name.startswith("wall_"))
    at = polygon.mean(axis=0) / MM
    if walls:
        if len(beside) > 1:
            raise section.problem("mesh.file", f"the lumen at ({at[0]:.1f}, {at[1]:.1f}) mm is lined by {' and '.join(sorted(beside))}, not by one wall")
        return walls[0].replace("wall_", "lumen_", 1)
    around = {int(node) for node in loop}
    for name, edges in given.items():
        if name.startswith("bone_") and around.issuperset(int(node) for node in np.ravel(edges)):
            return name
    for name, nodes in dropped:
        if bool(inside(points[nodes].mean(axis=0)[None], polygon)[0]):
            return name
    for name, mark in section.bones.items():
        if bool(inside(np.asarray(mark)[None], polygon)[0]):
            return f"bone_{name}"
    x, y = np.round(at, 1)
    raise section.problem("bone", f"the hole at ({x}, {y}) mm is neither lined by a wall nor named; if it is a bone, say so: [bone.tibia] at = [{x}, {y}]")
