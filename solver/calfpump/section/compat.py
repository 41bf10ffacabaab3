"""Every difference between dolfinx 0.9, 0.10 and 0.11 that the section needs, in one place.

Only a few names are used, and none of those that moved: meshes are made from arrays (no gmshio), vectors are duplicated from a
function (no `create_vector`), `create_mesh` is called with keywords (its positional order changed), and the maps that
`collapse` returns, an array in 0.9 and a list of arrays later, are flattened here.
"""

from __future__ import annotations

from typing import Any

import basix.ufl
import numpy as np
import numpy.typing as npt
import ufl
from dolfinx import fem, la, mesh
from mpi4py import MPI

#: Optimisation that repays its own compile time: a form is compiled once, then cached by FFCx.
JIT_OPTIONS: dict[str, Any] = {"cffi_extra_compile_args": ["-O2"]}


def triangle_mesh(points: npt.NDArray[np.floating[Any]], triangles: npt.NDArray[np.int64], comm: Any = MPI.COMM_SELF) -> Any:
    """A dolfinx mesh of straight triangles, shared out over the ranks of `comm` without ghost cells; dolfinx renumbers points and cells."""
    mine = slice(None) if comm.rank == 0 else slice(0)
    domain = ufl.Mesh(basix.ufl.element("Lagrange", "triangle", 1, shape=(2,)))
    return mesh.create_mesh(
        comm=comm,
        cells=np.asarray(triangles[mine], dtype=np.int64),
        x=np.ascontiguousarray(points[mine], dtype=np.float64),
        e=domain,
    )


def original_cells(domain: Any) -> npt.NDArray[np.int64]:
    """For each dolfinx cell, its row in the array of triangles the mesh was made from."""
    return np.asarray(domain.topology.original_cell_index, dtype=np.int64)


def original_points(domain: Any) -> npt.NDArray[np.int64]:
    """For each dolfinx geometry node, its row in the array of points the mesh was made from."""
    return np.asarray(domain.geometry.input_global_indices, dtype=np.int64)


def geometry_corners(domain: Any) -> npt.NDArray[np.int64]:
    """Geometry nodes (k, 3) of each cell; the one map of 0.9 is the first of several later."""
    maps = getattr(domain.geometry, "dofmaps", None)
    return np.asarray(domain.geometry.dofmap if maps is None or callable(maps) else maps[0], dtype=np.int64)


def collapse(space: Any) -> tuple[Any, npt.NDArray[np.int64]]:
    """A sub-space on its own and, for each of its degrees of freedom, the one of the parent space."""
    collapsed, parents = space.collapse()
    return collapsed, np.asarray(parents, dtype=np.int64).reshape(-1)


def add_border(vector: Any) -> None:
    """Add the values that a rank has of others' unknowns to those of their owners."""
    vector.scatter_reverse(la.InsertMode.add)


def compiled(form: Any) -> Any:
    """Just-in-time compiled form."""
    return fem.form(form, jit_options=JIT_OPTIONS)
