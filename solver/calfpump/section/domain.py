"""The finite-element space on a section mesh: conforming Crouzeix–Raviart, and the nodes that boundary energies act on.

Displacement P2 + cubic bubble, pressure discontinuous P1 (Crouzeix & Raviart 1973): stable for exactly incompressible tissue and
free to jump where wall, sheath and fascia meet. Continuous pressure was measured 7–10 % off, P2–P0 6 %.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import basix.ufl
import numpy as np
from dolfinx import fem

from calfpump.section import compat
from calfpump.section.curves import Floats, Ints
from calfpump.section.errors import section_error
from calfpump.section.units import Units

if TYPE_CHECKING:
    from calfpump.mesh import SectionMesh

#: Nodes of a P2 triangle: vertices 0, 1, 2, then the middles of the edges opposite to them.
EDGE_ENDS = ((1, 2), (0, 2), (0, 1))


class Domain:
    """Mixed space of a section in working units.

    ``X`` (n, 2) places of the n vertex and mid-edge nodes in the stress-free section; ``dofs`` (n, 2) their displacement degrees of
    freedom; ``u_dofs`` all displacement degrees of freedom including the bubbles; ``regions`` region name → dolfinx cells.
    """

    def __init__(self, mesh: SectionMesh, units: Units) -> None:
        self.units = units
        self.points: Floats = np.asarray(np.asarray(mesh.points) / units.length, dtype=np.float64)
        triangles = np.asarray(mesh.triangles, dtype=np.int64)
        if np.any(_signed_areas(self.points, triangles) <= 0.0):
            triangles = _counter_clockwise(self.points, triangles)
        self.domain: Any = compat.triangle_mesh(self.points, triangles)
        self.cell_of = compat.original_cells(self.domain)
        tags = np.asarray(mesh.cell_tags)[self.cell_of]
        self.regions = {name: np.flatnonzero(tags == tag) for name, tag in mesh.regions.items()}
        self.n_cells = len(triangles)
        self._make_space()
        self._number_nodes()
        self.facets = np.asarray(mesh.facets, dtype=np.int64)
        self.facet_tags = np.asarray(mesh.facet_tags)
        self.curves = dict(mesh.curves)

    def _make_space(self) -> None:
        lagrange = basix.ufl.element("Lagrange", "triangle", 2)
        bubble = basix.ufl.element("Bubble", "triangle", 3)
        enriched = basix.ufl.enriched_element([lagrange, bubble])
        displacement = basix.ufl.blocked_element(enriched, shape=(2,))
        pressure = basix.ufl.element("DG", "triangle", 1)
        self.space: Any = fem.functionspace(self.domain, basix.ufl.mixed_element([displacement, pressure]))
        self.n_dofs = int(self.space.dofmap.index_map.size_global)
        #: Pressure unknowns: as many negative eigenvalues has the tangent of a stable incompressible state.
        self.n_pressure = 3 * self.n_cells

    def _number_nodes(self) -> None:
        collapsed, parent = compat.collapse(self.space.sub(0))
        self.u_dofs = parent
        cell_nodes = np.asarray(collapsed.dofmap.list, dtype=np.int64)[:, :6]
        corners = compat.original_points(self.domain)[compat.geometry_corners(self.domain)]
        n = int(collapsed.dofmap.index_map.size_local)
        X = np.full((n, 2), np.nan)
        X[cell_nodes[:, :3]] = self.points[corners]
        self.node_of_point = np.full(len(self.points), -1, dtype=np.int64)
        self.node_of_point[corners] = cell_nodes[:, :3]
        keys, middles = [], []
        for k, (i, j) in enumerate(EDGE_ENDS):
            X[cell_nodes[:, 3 + k]] = 0.5 * (self.points[corners[:, i]] + self.points[corners[:, j]])
            keys.append(self._key(corners[:, i], corners[:, j]))
            middles.append(cell_nodes[:, 3 + k])
        self._edge_keys, first = np.unique(np.concatenate(keys), return_index=True)
        self._edge_nodes = np.concatenate(middles)[first]
        self.X: Floats = np.nan_to_num(X)  # bubbles have no place of their own and belong to no curve
        self.dofs = parent.reshape(-1, 2)
        self.cell_nodes = cell_nodes
        self.corners = corners

    def _key(self, a: Ints, b: Ints) -> Ints:
        return np.asarray(np.minimum(a, b) * len(self.points) + np.maximum(a, b), dtype=np.int64)

    def edges(self, *curves: str) -> Ints:
        """Nodes (k, 3) of the facets of the named curves: start, middle, end. [numbers]"""
        missing = [name for name in curves if name not in self.curves]
        if missing:
            raise section_error("reading the mesh", "before any load", f"the mesh has no curve {', '.join(missing)}")
        tags = [self.curves[name] for name in curves]
        facets = self.facets[np.isin(self.facet_tags, tags)]
        return self.nodes_of_facets(facets)

    def nodes_of_facets(self, facets: Ints) -> Ints:
        """Nodes (k, 3): start, middle, end of facets given by their two points."""
        if len(facets) == 0:
            return np.zeros((0, 3), dtype=np.int64)
        keys = self._key(facets[:, 0], facets[:, 1])
        where = np.searchsorted(self._edge_keys, keys)
        found = (where < len(self._edge_keys)) & (self._edge_keys[np.minimum(where, len(self._edge_keys) - 1)] == keys)
        if not np.all(found):
            raise section_error("reading the mesh", "before any load", "a tagged facet is no edge of any triangle")
        return np.stack(
            [self.node_of_point[facets[:, 0]], self._edge_nodes[where], self.node_of_point[facets[:, 1]]], axis=1
        )

    def displacement(self, w: Floats) -> Floats:
        """Displacement (n, 2) of the vertex and mid-edge nodes, working units."""
        return w[self.dofs]

    def places(self, w: Floats) -> Floats:
        """Deformed places (n, 2) of the vertex and mid-edge nodes, working units."""
        return np.asarray(self.X + w[self.dofs])


def _signed_areas(points: Floats, triangles: Ints) -> Floats:
    a, b, c = (points[triangles[:, k]] for k in range(3))
    return 0.5 * ((b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0]))


def _counter_clockwise(points: Floats, triangles: Ints) -> Ints:
    areas = _signed_areas(points, triangles)
    if np.any(areas == 0.0):
        raise section_error("reading the mesh", "before any load", f"triangle {int(np.argmin(np.abs(areas)))} has no area")
    turned = triangles.copy()
    turned[areas < 0.0, 1:] = turned[areas < 0.0, :0:-1]
    return turned
