"""A section mesh from another program: any format of meshio, regions by name or number, curves named or found from the regions' borders."""

from __future__ import annotations

import numpy as np

from calfpump.anatomy.own_section import MeshSection
from calfpump.anatomy.section_description import MM, Points, Region
from calfpump.mesh.borders import curves_of
from calfpump.mesh.curve import area, hull_length
from calfpump.mesh.quality import LEAST_IMPORTED, check
from calfpump.mesh.read import Nodes, read, veins_of
from calfpump.mesh.section_mesh import SectionMesh, VeinSpec


def import_mesh(section: MeshSection) -> SectionMesh:
    """The section mesh; raises `DescriptionError` where the file can't be read, lacks a region or holds an unsound element."""
    raw = read(section)
    solid = np.array([not name.startswith(("bone_", "lumen_")) for name in raw.regions])
    names = [name for name, keep in zip(raw.regions, solid, strict=True) if keep]
    dropped = [(name, raw.triangles[k]) for k, name in enumerate(raw.regions) if not solid[k]]
    triangles, number = raw.triangles[solid], raw.number[solid]
    order = _region_order(section, names)
    regions = {name: tag for tag, name in enumerate(order, start=1)}
    tags = np.array([regions[name] for name in names], dtype=np.int32)
    triangles = _turned(section, raw.points, triangles, names, number)
    curves = curves_of(section, raw, triangles, names, dropped)
    tag_of = {name: tag for tag, name in enumerate(curves, start=101)}
    used, new = np.unique(triangles, return_inverse=True)
    place = np.full(len(raw.points), -1, dtype=np.int64)
    place[used] = np.arange(len(used))
    mesh = SectionMesh(
        name=section.name, resolution="as imported", girth=0.0, points=raw.points[used], triangles=new.reshape(-1, 3).astype(np.int32), cell_tags=tags,
        facets=np.vstack([place[edges] for edges in curves.values()]).astype(np.int32),
        facet_tags=np.concatenate([np.full(len(edges), tag_of[name]) for name, edges in curves.items()]).astype(np.int32),
        regions=regions, curves=tag_of, compartments={r.name: r.compartment for r in section.regions}, veins=(),
        tissues={r.name: r.tissue for r in section.regions}, point=section.point,
    )  # fmt: skip
    check(mesh, section.problem, "mesh.file", number, LEAST_IMPORTED)
    girth = hull_length(mesh.points[mesh.closed_curve("skin")])
    return SectionMesh(**{**mesh.__dict__, "girth": girth, "veins": tuple(_vein(section, mesh, name) for name in veins_of(order))})


def _region_order(section: MeshSection, names: list[str]) -> list[str]:
    """Regions of tissue, walls, sheaths: the order in which shipped sections have them."""
    there = list(dict.fromkeys(names))
    return [*(r.name for r in section.regions), *(n for part in ("wall_", "sheath_") for n in there if n.startswith(part))]


def _turned(section: MeshSection, points: Points, triangles: Nodes, names: list[str], number: Nodes) -> Nodes:
    """Triangles counter-clockwise; one that runs against the others is inverted, and refused."""
    p = points[triangles]
    u, v = p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]
    size = 0.5 * (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0])
    if np.median(np.sign(size)) < 0.0:
        triangles, size = triangles[:, ::-1], -size
    worst = int(np.argmin(size))
    if size[worst] <= 0.0:
        at = p[worst].mean(axis=0) / MM
        what = "is inverted" if size[worst] < 0.0 else "has no area"
        raise section.problem(
            "mesh.file", f"element {number[worst]} in {names[worst]} at ({at[0]:.2f}, {at[1]:.2f}) mm {what} ({size[worst] / MM**2:.3g} mm²; "
            f"{np.count_nonzero(size <= 0.0)} such elements)"
        )  # fmt: skip
    return triangles


def _vein(section: MeshSection, mesh: SectionMesh, name: str) -> VeinSpec:
    """A vein measured on the mesh: ellipse of the lumen's area and second moments, thickness t from the area P t + π t² of a layer."""
    loop = mesh.points[mesh.closed_curve(f"lumen_{name}")]
    lumen = area(loop)
    centre, ratio, angle = _ellipse(loop)
    perimeter = float(np.sum(np.linalg.norm(np.roll(loop, -1, axis=0) - loop, axis=1)))

    def layer(region: str, around: float) -> float:
        size = mesh.region_area(region) if region in mesh.regions else 0.0
        return float((np.sqrt(around**2 + 4.0 * np.pi * size) - around) / (2.0 * np.pi))

    wall = layer(f"wall_{name}", perimeter)
    sheath = layer(f"sheath_{name}", perimeter + 2.0 * np.pi * wall)
    region = _around(mesh, {mesh.regions[part] for part in (f"wall_{name}", f"sheath_{name}") if part in mesh.regions})
    kinds: dict[str, Region] = {r.name: r for r in section.regions}
    if region not in kinds:
        raise section.problem(f"vein.{name}", f"lies in {region}; a vein is surrounded by a region of tissue")
    return VeinSpec(
        name=name, region=region, compartment=kinds[region].compartment, centre=centre, area=lumen, ratio=ratio, angle=angle, wall=wall, sheath=sheath,
        source=section.sources.get(name, "the imported mesh"),
    )  # fmt: skip


def _ellipse(polygon: Points) -> tuple[tuple[float, float], float, float]:
    """Centre, long by short axis and angle of the ellipse with a polygon's second moments of area."""
    a, b = polygon, np.roll(polygon, -1, axis=0)
    cross = a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]
    centre = np.sum((a + b) * cross[:, None], axis=0) / (3.0 * np.sum(cross))
    a, b = a - centre, b - centre
    cross = a[:, 0] * b[:, 1] - b[:, 0] * a[:, 1]
    mixed = a[:, :, None] * b[:, None]
    squares = a[:, :, None] * a[:, None] + b[:, :, None] * b[:, None] + 0.5 * (mixed + np.swapaxes(mixed, 1, 2))
    moments = np.einsum("k,kij->ij", cross, squares)
    size, axes = np.linalg.eigh(moments / 12.0)
    return (float(centre[0]), float(centre[1])), float(np.sqrt(size[1] / size[0])), float(np.arctan2(axes[1, 1], axes[0, 1]))


def _around(mesh: SectionMesh, own: set[int]) -> str:
    """The region that shares most edges with regions ``own``."""
    edges = np.sort(np.vstack([mesh.triangles[:, [k, (k + 1) % 3]] for k in range(3)]), axis=1)
    tags = np.tile(mesh.cell_tags, 3)
    order = np.lexsort((edges[:, 1], edges[:, 0]))
    edges, tags = edges[order], tags[order]
    pair = np.flatnonzero(np.all(edges[1:] == edges[:-1], axis=1))
    mine = np.isin(tags[pair], list(own))
    other = np.isin(tags[pair + 1], list(own))
    beside = np.concatenate([tags[pair + 1][mine & ~other], tags[pair][other & ~mine]])
    name_of = {tag: name for name, tag in mesh.regions.items()}
    return name_of[int(np.bincount(beside).argmax())]
