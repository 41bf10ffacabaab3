"""From a section description to a tagged triangle mesh.

Curves are cut into edges first (:mod:`calfpump.mesh.boundary`), the vein walls are filled ring by ring, and Gmsh fills the
patches between with its frontal Delaunay mesher. Nothing is left to chance: the same description gives the same mesh.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np

from calfpump.anatomy.own_section import Description, ImageSection, MeshSection
from calfpump.anatomy.section_description import FAT, MM, Points
from calfpump.mesh.boundary import Boundary, Edge, discretise
from calfpump.mesh.gmsh_session import gmsh_model
from calfpump.mesh.layout import Layout, lay_out
from calfpump.mesh.quality import LEAST_ANGLE, check
from calfpump.mesh.resolution import COARSE, Resolution, SizeField
from calfpump.mesh.section_mesh import Ints, SectionMesh, VeinSpec

FIRST_CURVE_TAG = 101
OPTIONS = {
    "Mesh.Algorithm": 6, "Mesh.Smoothing": 10, "Mesh.RandomSeed": 1, "Mesh.MeshSizeExtendFromBoundary": 0,
    "Mesh.MeshSizeFromPoints": 0, "Mesh.MeshSizeFromCurvature": 0,
}  # fmt: skip
"""Gmsh's frontal Delaunay mesher, smoothed, with edge lengths from our size field alone."""


def build(description: Description, *, resolution: Resolution = COARSE, girth: float | None = None, A0: Mapping[str, float] | None = None) -> SectionMesh:
    """Mesh a section at a resolution, for a leg of the girth [m] given, or as drawn; ``A0`` [m²] are stress-free areas of its veins by name, where
    they are not the described ones.

    A section that is a mesh already is read as it is, whatever the resolution.
    Raises `DescriptionError` where the description contradicts itself or leaves no room for sound elements.
    """
    if isinstance(description, MeshSection):
        from calfpump.mesh.imported import import_mesh

        return import_mesh(description)
    if isinstance(description, ImageSection):
        from calfpump.mesh.image import lay_out_image

        layout = lay_out_image(description, A0)
    else:
        layout = lay_out(description, girth, A0)
    boundary = discretise(layout, resolution)
    points, cells = _fill(boundary, resolution, description.name)
    mesh = _assemble(layout, boundary, resolution, points, cells)
    check(mesh, description.problem, "", None, LEAST_ANGLE)
    return mesh


def _fill(boundary: Boundary, resolution: Resolution, name: str) -> tuple[Points, list[tuple[str, Ints]]]:
    """All nodes, boundary nodes first, and the triangles of each patch and wall."""
    middles, lengths = boundary.lengths()
    within, beyond = (SizeField(middles, lengths, growth, resolution.interior) for growth in (resolution.sheath, resolution.growth))
    with gmsh_model(name, OPTIONS) as gmsh:
        surfaces = _model(gmsh, boundary)
        sheaths = {tag for (region, _), tag in zip(boundary.patches, surfaces.tags, strict=True) if region.startswith("sheath_")}

        def size(dim: int, tag: int, x: float, y: float, _z: float, _lc: float) -> float:
            field = within if dim == 2 and tag in sheaths else beyond
            return float(field.at(np.array([[x, y]]) * MM)[0] / MM)

        gmsh.model.mesh.setSizeCallback(size)
        gmsh.model.mesh.generate(2)
        gmsh.model.mesh.removeSizeCallback()
        tags, xyz, _ = gmsh.model.mesh.getNodes()
        number = np.full(int(np.max(tags)) + 1, -1, dtype=np.int64)
        for node in range(len(boundary.nodes)):
            on_point = gmsh.model.mesh.getNodes(0, node + 1)[0] if node + 1 in surfaces.points else []
            if len(on_point):
                number[on_point[0]] = node
        inner = [k for k, tag in enumerate(tags) if number[tag] < 0]
        number[tags[inner]] = len(boundary.nodes) + np.arange(len(inner))
        points = np.vstack([np.asarray(boundary.nodes), xyz.reshape(-1, 3)[inner, :2] * MM])
        cells = []
        for (region, _), surface in zip(boundary.patches, surfaces.tags, strict=True):
            triangles = gmsh.model.mesh.getElementsByType(2, surface)[1].reshape(-1, 3)
            cells.append((region, number[triangles].astype(np.int32)))
    cells += [(f"wall_{vein}", _wall(rings)) for vein, rings in boundary.walls.items()]
    return points, cells


class _Surfaces:
    """Gmsh's tags of the patches, and the point tags in use."""

    def __init__(self) -> None:
        self.tags: list[int] = []
        self.points: set[int] = set()


def _model(gmsh: Any, boundary: Boundary) -> _Surfaces:
    """The patches as Gmsh surfaces; each boundary edge is a line that stays one element. Lengths in mm."""
    geo, surfaces = gmsh.model.geo, _Surfaces()
    lines: dict[Edge, int] = {}

    def line(a: int, b: int) -> int:
        if (b, a) in lines:
            return -lines[b, a]
        if (a, b) not in lines:
            for node in (a, b):
                if node + 1 not in surfaces.points:
                    x, y = boundary.nodes[node] / MM
                    geo.addPoint(x, y, 0.0, tag=node + 1)
                    surfaces.points.add(node + 1)
            lines[a, b] = int(geo.addLine(a + 1, b + 1))
        return lines[a, b]

    for _, loops in boundary.patches:
        surfaces.tags.append(geo.addPlaneSurface([geo.addCurveLoop([line(a, b) for a, b in loop]) for loop in loops]))
    geo.synchronize()
    for tag in lines.values():
        gmsh.model.mesh.setTransfiniteCurve(tag, 2)
    return surfaces


def _wall(rings: list[list[int]]) -> Ints:
    """Triangles between rings of equally many nodes, the diagonals turned by turns."""
    triangles = []
    for inner, outer in itertools.pairwise(rings):
        for k in range(len(inner)):
            a, b, c, d = inner[k], inner[k - 1], outer[k - 1], outer[k]
            triangles += [(b, c, d), (b, d, a)] if k % 2 else [(a, b, c), (a, c, d)]
    return np.asarray(triangles, dtype=np.int32)


def _assemble(layout: Layout, boundary: Boundary, resolution: Resolution, points: Points, cells: list[tuple[str, Ints]]) -> SectionMesh:
    """Arrays, tags and names; cells in the order of their regions' tags. Patches and walls are counter-clockwise as they come."""
    section = layout.description
    veins = [fit.vein.name for fit in layout.veins]
    names = list(dict.fromkeys([FAT] * (FAT in layout.regions) + [region.name for region in section.regions]))
    count = len(names)
    names += [f"{part}_{vein}" for part in ("wall", "sheath") for vein in veins]
    regions = {name: tag for tag, name in enumerate(names, start=1)}
    cells = sorted(cells, key=lambda cell: regions[cell[0]])
    triangles = np.vstack([part for _, part in cells])
    tags = np.concatenate([np.full(len(part), regions[name], dtype=np.int32) for name, part in cells])
    curves = {name: tag for tag, name in enumerate(_curve_names(layout, veins), start=FIRST_CURVE_TAG)}
    facets: list[Edge] = [edge for name in curves for edge in boundary.curves.get(name, [])]
    facet_tags = [tag for name, tag in curves.items() for _ in boundary.curves.get(name, [])]
    used = np.unique(triangles)
    new = np.zeros(len(points), dtype=np.int32)
    new[used] = np.arange(len(used))
    return SectionMesh(
        name=section.name, resolution=resolution.name, girth=layout.girth, points=points[used], triangles=new[triangles],
        cell_tags=tags, facets=new[np.asarray(facets, dtype=np.int32)], facet_tags=np.asarray(facet_tags, dtype=np.int32), regions=regions, curves=curves,
        compartments={name: section.compartment_of(name) for name in names[:count]},
        tissues={region.name: region.tissue for region in section.regions}, point=section.point,
        veins=tuple(
            VeinSpec(
                name=vein.name, region=vein.region, compartment=section.compartment_of(vein.region), centre=vein.centre,
                area=vein.area, ratio=vein.ratio, angle=vein.angle, wall=vein.wall, sheath=fit.sheath, source=vein.source, posture=vein.posture,
            )
            for fit in layout.veins for vein in (fit.vein,)
        ),
    )


def _curve_names(layout: Layout, veins: list[str]) -> list[str]:
    there = dict.fromkeys(arc.curve for arc in layout.arcs)
    bones = [name for name in there if name.startswith("bone_")]
    sole = ["sole"] if any(arc.sole for arc in layout.arcs) else []
    return [*(name for name in ("skin", "fascia", "septum", "border") if name in there), *sole, *bones, *(f"lumen_{vein}" for vein in veins)]
