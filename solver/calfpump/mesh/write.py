"""A section mesh on disc: Gmsh's own format with every name, and VTU for ParaView."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from calfpump.anatomy.section_description import DescriptionError
from calfpump.case.errors import Problem
from calfpump.mesh.gmsh_session import gmsh_model
from calfpump.mesh.section_mesh import SectionMesh


def write(mesh: SectionMesh, folder: str | Path) -> list[Path]:
    """Write ``<name>.msh`` (lengths in m, physical groups named as regions and curves), ``<name>.vtu`` (cell data ``tag``, the
    curves as line cells) and ``<name>-tags.csv`` (tag, name, kind, compartment); returns the files."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DescriptionError([Problem(str(folder), "", f"cannot hold the mesh's files: {error.strerror}")]) from None
    files = [folder / f"{mesh.name}{end}" for end in (".msh", ".vtu", "-tags.csv")]
    _write_msh(mesh, files[0])
    _write_vtu(mesh, files[1])
    with files[2].open("w", newline="", encoding="utf-8") as stream:
        table = csv.writer(stream)
        table.writerow(["tag", "name", "kind", "compartment"])
        table.writerows([tag, name, "region", mesh.compartments.get(name, "")] for name, tag in mesh.regions.items())
        table.writerows([tag, name, "curve", ""] for name, tag in mesh.curves.items())
    return files


def _write_msh(mesh: SectionMesh, file: Path) -> None:
    """One discrete entity for each region and curve; the nodes hang on the first region."""
    with gmsh_model(mesh.name) as gmsh:
        xyz = np.column_stack([mesh.points, np.zeros(len(mesh.points))]).ravel()
        element = 0
        parts = [(2, name, tag, mesh.triangles[mesh.cell_tags == tag]) for name, tag in mesh.regions.items()]
        parts += [(1, name, tag, mesh.facets[mesh.facet_tags == tag]) for name, tag in mesh.curves.items()]
        for place, (dim, name, tag, nodes) in enumerate(parts):
            gmsh.model.addDiscreteEntity(dim, tag)
            if place == 0:
                gmsh.model.mesh.addNodes(dim, tag, np.arange(1, len(mesh.points) + 1), xyz)
            numbers = element + 1 + np.arange(len(nodes))
            gmsh.model.mesh.addElementsByType(tag, dim, numbers, nodes.ravel().astype(np.int64) + 1)
            gmsh.model.addPhysicalGroup(dim, [tag], tag, name)
            element += len(nodes)
        gmsh.write(str(file))


def _write_vtu(mesh: SectionMesh, file: Path) -> None:
    import meshio

    meshio.Mesh(
        np.column_stack([mesh.points, np.zeros(len(mesh.points))]),
        [("triangle", mesh.triangles), ("line", mesh.facets)],
        cell_data={"tag": [mesh.cell_tags, mesh.facet_tags]},
    ).write(file)
