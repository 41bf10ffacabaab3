"""The finite-element space on a section mesh: conforming Crouzeix–Raviart, and the nodes that boundary energies act on.

Displacement P2 + cubic bubble, pressure discontinuous P1 (Crouzeix & Raviart 1973): stable for exactly incompressible tissue and
free to jump where wall, sheath and fascia meet. Continuous pressure was measured 7–10 % off, P2–P0 6 %.

Shared out over several ranks, each has the unknowns of its own cells, and all have the nodes of the curves, numbered alike after those of
the cells: what acts on curves is then computed by every rank, and added by the one that owns the unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import basix.ufl
import numpy as np
from dolfinx import fem

from calfpump.section import compat
from calfpump.section.curves import Floats, Ints
from calfpump.section.errors import section_error
from calfpump.section.ranks import Gathering, Ranks
from calfpump.section.units import Units

if TYPE_CHECKING:
    from calfpump.mesh import SectionMesh

#: Nodes of a P2 triangle: vertices 0, 1, 2, then the middles of the edges opposite to them.
EDGE_ENDS = ((1, 2), (0, 2), (0, 1))


class Domain:
    """Mixed space of a section in working units.

    ``X`` (n, 2) places of the n vertex and mid-edge nodes in the stress-free section; ``dofs`` (n, 2) their displacement degrees of
    freedom, −1 where another rank has them; ``u_dofs`` all displacement degrees of freedom including the bubbles; ``regions`` region
    name → dolfinx cells. Of the ``n_dofs`` unknowns of this rank the first ``n_owned`` are its own, the others lie on a border.
    """

    def __init__(self, mesh: SectionMesh, units: Units, comm: Any = None) -> None:
        self.units = units
        self.ranks = Ranks(comm)
        self.points: Floats = np.asarray(np.asarray(mesh.points) / units.length, dtype=np.float64)
        triangles = np.asarray(mesh.triangles, dtype=np.int64)
        if np.any(_signed_areas(self.points, triangles) <= 0.0):
            triangles = _counter_clockwise(self.points, triangles)
        self.domain: Any = compat.triangle_mesh(self.points, triangles, self.ranks.comm)
        self.cell_of = compat.original_cells(self.domain)
        tags = np.asarray(mesh.cell_tags)[self.cell_of]
        self.regions = {name: np.flatnonzero(tags == tag) for name, tag in mesh.regions.items()}
        self.n_cells = len(triangles)
        self.facets = np.asarray(mesh.facets, dtype=np.int64)
        self.facet_tags = np.asarray(mesh.facet_tags)
        self.curves = dict(mesh.curves)
        self._make_space()
        self._number_nodes()
        if not self.ranks.alone:
            self._number_curves()

    def _make_space(self) -> None:
        lagrange = basix.ufl.element("Lagrange", "triangle", 2)
        bubble = basix.ufl.element("Bubble", "triangle", 3)
        enriched = basix.ufl.enriched_element([lagrange, bubble])
        displacement = basix.ufl.blocked_element(enriched, shape=(2,))
        pressure = basix.ufl.element("DG", "triangle", 1)
        self.space: Any = fem.functionspace(self.domain, basix.ufl.mixed_element([displacement, pressure]))
        numbers = self.space.dofmap.index_map
        self.n_global, self.n_owned = int(numbers.size_global), int(numbers.size_local)
        self.n_dofs = self.n_owned + int(numbers.num_ghosts)
        self.global_dofs: Ints = np.asarray(numbers.local_to_global(np.arange(self.n_dofs, dtype=np.int32)), dtype=np.int64)
        self._border: Any = None if self.ranks.alone else fem.Function(self.space).x
        #: Pressure unknowns: as many negative eigenvalues has the tangent of a stable incompressible state.
        self.n_pressure = 3 * self.n_cells

    def _number_nodes(self) -> None:
        collapsed, parent = compat.collapse(self.space.sub(0))
        self.u_dofs = parent
        cell_nodes = np.asarray(collapsed.dofmap.list, dtype=np.int64)[:, :6]
        corners = compat.original_points(self.domain)[compat.geometry_corners(self.domain)]
        n = len(parent) // 2
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
        self.dofs: Ints = parent.reshape(-1, 2)
        #: Where a node's forces are added: its own unknowns; and its unknowns in the numbering of all ranks.
        self.rows: Ints = self.dofs
        self.columns: Ints = self.dofs
        self.cell_nodes = cell_nodes
        self.corners = corners

    def _number_curves(self) -> None:
        """Nodes of the curves after those of the cells, alike on all ranks: their ends, then their middles."""
        if len(self.facets) == 0:
            return
        ends, keys = np.unique(self.facets), np.unique(self._key(self.facets[:, 0], self.facets[:, 1]))
        local = np.concatenate([self.node_of_point[ends], self._middles(keys)])
        dofs = np.where(local[:, None] >= 0, self.dofs[local], -1)
        own = (dofs[:, 0] >= 0) & (dofs[:, 0] < self.n_owned)
        self._own_dofs = dofs[own]
        self._gathering = Gathering(self.ranks, np.flatnonzero(own))
        if len(self._gathering) != len(local) or not self._gathering.complete:
            raise section_error("reading the mesh", "before any load", "a tagged facet is no edge of any triangle")
        columns = self._gathering(self.global_dofs[self._own_dofs].astype(np.float64)).astype(np.int64)
        p, q = keys // len(self.points), keys % len(self.points)
        self._n_cell_nodes = n = len(self.X)
        self.X = np.concatenate([self.X, self.points[ends], 0.5 * (self.points[p] + self.points[q])])
        self.rows = np.concatenate([self.dofs, np.where(own[:, None], dofs, -1)])
        self.columns = np.concatenate([self.global_dofs[self.dofs], columns])
        self.dofs = np.concatenate([self.dofs, dofs])
        self.node_of_point = np.full(len(self.points), -1, dtype=np.int64)
        self.node_of_point[ends] = n + np.arange(len(ends))
        self._edge_keys, self._edge_nodes = keys, n + len(ends) + np.arange(len(keys))

    def _middles(self, keys: Ints) -> Ints:
        """Nodes at the middle of the edges with these keys, −1 where there is no such edge."""
        where = np.minimum(np.searchsorted(self._edge_keys, keys), len(self._edge_keys) - 1)
        return np.asarray(np.where(self._edge_keys[where] == keys, self._edge_nodes[where], -1), dtype=np.int64)

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
        middles = self._middles(self._key(facets[:, 0], facets[:, 1]))
        if np.any(middles < 0):
            raise section_error("reading the mesh", "before any load", "a tagged facet is no edge of any triangle")
        return np.stack([self.node_of_point[facets[:, 0]], middles, self.node_of_point[facets[:, 1]]], axis=1)

    def unknowns_at(self, nodes: Ints, axis: int | None = None) -> Ints:
        """Displacement degrees of freedom of nodes, in the direction `axis` or in both, those that this rank has."""
        dofs = self.dofs[nodes].reshape(-1) if axis is None else self.dofs[nodes, axis].reshape(-1)
        return np.asarray(dofs[dofs >= 0], dtype=np.int64)

    def unknowns_of(self, pins: Sequence[tuple[int, int]]) -> Ints:
        """Displacement degrees of freedom of components of points, those that this rank has."""
        if self.ranks.alone:
            return np.array([self.dofs[self.node_of_point[point], axis] for point, axis in pins], dtype=np.int64)
        found = [self.dofs[self.cell_nodes[:, :3][self.corners == point], axis] for point, axis in pins]
        return np.asarray(np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *found])), dtype=np.int64)

    def displacement(self, w: Floats) -> Floats:
        """Displacement (n, 2) of the vertex and mid-edge nodes, working units."""
        if self.ranks.alone or len(self.facets) == 0:
            return w[self.dofs]
        return np.concatenate([w[self.dofs[: self._n_cell_nodes]], self._gathering(w[self._own_dofs])])

    def places(self, w: Floats) -> Floats:
        """Deformed places (n, 2) of the vertex and mid-edge nodes, working units."""
        return np.asarray(self.X + self.displacement(w))

    @cached_property
    def _cell_dofs(self) -> Ints:
        """Unknowns of each cell (n, 17) in an order that no numbering changes: by its corners' rows in the mesh's array of points."""
        order = np.argsort(self.corners, axis=1)
        collapsed, parent = compat.collapse(self.space.sub(0))
        nodes = np.asarray(collapsed.dofmap.list, dtype=np.int64)
        pressure, tension = compat.collapse(self.space.sub(1))
        corners, middles = (np.take_along_axis(part, order, axis=1) for part in (nodes[:, :3], nodes[:, 3:6]))
        moving = parent.reshape(-1, 2)[np.concatenate([corners, middles, nodes[:, 6:7]], axis=1)].reshape(-1, 14)
        return np.concatenate([moving, np.take_along_axis(tension[np.asarray(pressure.dofmap.list)], order, axis=1)], axis=1)

    def whole(self, w: Floats) -> Floats:
        """The unknowns (n_cells, 17) of all ranks by cells of the mesh, whatever the numbering; the same on every rank."""
        values = np.empty((self.n_cells, 17))
        for cells, part in self.ranks.joined((self.cell_of, w[self._cell_dofs])):
            values[cells] = part
        return values

    def part(self, values: Floats) -> Floats:
        """This rank's unknowns out of what `whole` gave, on the same mesh and any number of ranks."""
        w = np.zeros(self.n_dofs)
        w[self._cell_dofs] = values[self.cell_of]
        return w

    def add(self, v: Floats, nodes: Ints, values: Floats) -> None:
        """Add `values` (…, 2) to the unknowns of `nodes` (…) in `v`, each on the rank that owns it."""
        rows = self.rows[nodes]
        if not self.ranks.alone:
            kept = rows >= 0
            rows, values = rows[kept], np.broadcast_to(values, rows.shape)[kept]
        np.add.at(v, rows, values)

    def gather(self, v: Floats) -> Floats:
        """`v` with what lies on the border added to its owner, then zero there."""
        if self._border is None:
            return v
        self._border.array[:] = v
        compat.add_border(self._border)
        return np.concatenate([self._border.array[: self.n_owned], np.zeros(self.n_dofs - self.n_owned)])

    def share(self, v: Floats) -> Floats:
        """`v` with the border's values taken from their owners."""
        if self._border is None:
            return v
        self._border.array[:] = v
        self._border.scatter_forward()
        return np.array(self._border.array)

    def largest(self, v: Floats) -> float:
        """Largest size of the unknowns in `v` on all ranks; not finite if one is not."""
        return self.ranks.max(float(np.abs(v).max(initial=0.0)))


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
