"""The triangles and lines of a mesh file of any format that meshio reads, under the names of a section's description."""

from __future__ import annotations

import io
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.anatomy.own_section import MeshSection
from calfpump.anatomy.section_description import MM, Points, unknown

Nodes = NDArray[np.int64]
#: Cell data that programs keep regions' numbers in, in the order in which they are tried.
TAGS = ("gmsh:physical", "tag", "region", "medit:ref", "cell_tags", "material", "CellEntityIds", "gmsh:geometrical")
#: Nodes closer than this part of the section's width are one node.
MERGE = 1e-7


@dataclass(frozen=True, eq=False)
class Raw:
    """A file's triangles and lines: ``points`` (n, 2) m, and of each triangle and line its nodes and the name of its region or curve;
    ``number`` of each triangle in the file, from 1."""

    points: Points
    triangles: Nodes
    regions: list[str]
    number: Nodes
    lines: Nodes
    curves: list[str]


def read(section: MeshSection) -> Raw:
    """The mesh under the description's names; raises `DescriptionError` where it can't be read, or a name of one is unknown to the other."""
    return _named(section, _read(section))


def _read(section: MeshSection) -> Raw:
    """The file's triangles and lines with their names or, where it has none, numbers."""
    import meshio

    said = io.StringIO()
    try:
        with redirect_stdout(said):
            mesh: Any = meshio.read(section.path)
    except (Exception, SystemExit) as error:  # meshio's readers raise whatever their parsers do
        what = str(error) if str(error) not in ("", "1") else " ".join(said.getvalue().split()) or type(error).__name__
        raise section.problem("mesh.file", f"{section.path} cannot be read as a mesh: {what}") from None
    kinds = sorted({block.type for block in mesh.cells if block.type not in ("triangle", "triangle6", "line", "line3", "vertex")})
    if kinds:
        raise section.problem("mesh.file", f"holds cells of the kind {', '.join(kinds)}; a section is made of triangles")
    points = np.asarray(mesh.points, dtype=np.float64) * section.unit
    if points.shape[1] == 3 and np.ptp(points[:, 2]) > 1e-6 * np.ptp(points[:, :2]):
        raise section.problem("mesh.file", f"is not plane: z spans {np.ptp(points[:, 2]) / MM:.3g} mm")
    points = points[:, :2]
    width = float(np.ptp(points)) if len(points) else 0.0
    if not 10.0 * MM < width < 1000.0 * MM:
        raise section.problem("mesh.unit", f"makes the section {width / MM:.4g} mm wide; is the unit right?")
    name_of = _names(section, mesh)
    found: dict[str, list[tuple[Nodes, list[str]]]] = {"triangle": [], "line": []}
    for k, block in enumerate(mesh.cells):
        kind = block.type.rstrip("36")
        if kind in found:
            found[kind].append((np.asarray(block.data)[:, : 3 if kind == "triangle" else 2], name_of(k, len(block.data), 2 if kind == "triangle" else 1)))
    if not found["triangle"]:
        raise section.problem("mesh.file", "holds no triangles")
    same = _merged(points, MERGE * width)
    triangles = same[np.vstack([nodes for nodes, _ in found["triangle"]])]
    lines = same[np.vstack([np.zeros((0, 2), dtype=np.int64), *(nodes for nodes, _ in found["line"])])]
    return Raw(
        points, triangles, [n for _, names in found["triangle"] for n in names], np.arange(1, len(triangles) + 1),
        lines, [n for _, names in found["line"] for n in names],
    )  # fmt: skip


def _merged(points: Points, near: float) -> Nodes:
    """For each node the first one at its place: regions meshed one by one are joined where their nodes coincide."""
    from scipy.spatial import cKDTree

    same = np.arange(len(points))
    for a, b in sorted(cKDTree(points).query_pairs(near)):
        same[b] = min(same[a], same[b])
    return same


def _names(section: MeshSection, mesh: Any) -> Any:
    """The function (block, cells, dimension) → name of each of its cells: field data's names where there are any, else numbers."""
    data = section.data or next((key for key in TAGS if key in mesh.cell_data), None)
    sets = {name: cells for name, cells in mesh.cell_sets.items() if name not in TAGS and not name.startswith("gmsh:")}
    if data is not None and data not in mesh.cell_data:
        raise section.problem("mesh.data", unknown("cell data", data, sorted(mesh.cell_data)))
    if data is None and not sets:
        listed = ", ".join(mesh.cell_data) or "none"
        raise section.problem("mesh.file", f"names no regions: it has neither cell sets nor cell data with their numbers (cell data: {listed}); set mesh.data")
    fields = {(int(tag), int(dim)): name for name, (tag, dim) in mesh.field_data.items()}

    def names(block: int, cells: int, dim: int) -> list[str]:
        if data is not None:
            return [fields.get((int(tag), dim), str(int(tag))) for tag in np.asarray(mesh.cell_data[data][block]).reshape(cells, -1)[:, 0]]
        of: list[str] = [""] * cells
        for name, members in sets.items():
            for k in () if members[block] is None else members[block]:
                of[int(k)] = name
        return of

    return names


def _named(section: MeshSection, raw: Raw) -> Raw:
    """Names of the file turned into those of the description; every one must be known, and every region described be there."""
    here = {there: name for name, found in section.names.items() for there in found}
    own = [region.name for region in section.regions]

    def translated(name: str) -> str:
        return here.get(name, name)

    regions = [translated(name) for name in raw.regions]
    for name in dict.fromkeys(regions):
        if name not in own and not name.startswith(("wall_", "sheath_", "bone_", "lumen_")):
            k = regions.index(name)
            at = raw.points[raw.triangles[k]].mean(axis=0) / MM
            text = f"the mesh's region {name or 'without a name'!r} ({regions.count(name)} triangles, the first at ({at[0]:.1f}, {at[1]:.1f}) mm)"
            raise section.problem("region", f"{text} is not described; add it to the `names` of a region, or give it a region of its own")
    there = set(regions)
    for region in section.regions:
        if region.name not in there:
            meant = " or ".join(section.names.get(region.name, (region.name,)))
            raise section.problem(f"region.{region.name}", f"the mesh has no region {meant} (it has {', '.join(sorted(set(raw.regions)))})")
    for name in section.names:
        if name.startswith("wall_") and name not in there:
            raise section.problem(f"vein.{name.removeprefix('wall_')}.wall", f"the mesh has no region {' or '.join(section.names[name])}")
    veins = veins_of(regions)
    for name in sorted(there):
        if name.startswith("sheath_") and name.removeprefix("sheath_") not in veins:
            raise section.problem("vein", f"the mesh has a region {name} but no wall_{name.removeprefix('sheath_')}")
    return replace(raw, regions=regions, curves=[translated(name) for name in raw.curves])


def veins_of(names: list[str]) -> list[str]:
    """The veins whose walls are among the regions."""
    return [name.removeprefix("wall_") for name in dict.fromkeys(names) if name.startswith("wall_")]
