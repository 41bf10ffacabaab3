"""Energy of the tissues between the curves, its residual and tangent: one compiled kernel for all regions.

Moduli and shortening are piecewise constant fields, so that all tissues share one form and FFCx compiles two kernels in all.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc

from calfpump.section import compat, kinematics
from calfpump.section.curves import Floats, Ints
from calfpump.section.domain import Domain
from calfpump.section.errors import section_error
from calfpump.section.materials import neo_hookean, volumetric

#: Quadrature degree of the energy; P2 + bubble displacements in ln det F and F:F need no more at the strains met (measured).
DEGREE = 4


class Bulk:
    """Neo-Hookean tissues of a section: `mu` [Pa] and `inverse_kappa` [1/Pa] by region name; `stretch` λ set by `contract`."""

    def __init__(self, domain: Domain, mu: Mapping[str, float], inverse_kappa: Mapping[str, float]) -> None:
        self.domain = domain
        self.w: Any = fem.Function(domain.space)
        constant = fem.functionspace(domain.domain, ("DG", 0))
        self.mu, self.inverse_kappa, self.stretch = (fem.Function(constant) for _ in range(3))
        self._cell_dofs = np.asarray(constant.dofmap.list).reshape(-1)
        stress = domain.units.stress
        self._fill(self.mu, mu, 1.0 / stress)
        self._fill(self.inverse_kappa, inverse_kappa, stress)
        self.stretch.x.array[:] = 1.0
        self._held: list[Any] = []
        self._compile()

    def _fill(self, field: Any, values: Mapping[str, float], scale: float) -> None:
        missing = sorted(set(self.domain.regions) - set(values))
        if missing:
            raise section_error("reading the tissues", "before any load", f"no modulus for the region {', '.join(missing)}")
        for region, cells in self.domain.regions.items():
            field.x.array[self._cell_dofs[cells]] = values[region] * scale

    def _compile(self) -> None:
        u, tension = ufl.split(self.w)
        F = kinematics.deformation(u)
        J = kinematics.elastic_volume(F, self.stretch)
        I1 = kinematics.first_invariant(F, self.stretch)
        psi = neo_hookean.energy(self.mu, I1, J) + volumetric.energy(tension, self.inverse_kappa, J)
        psi = psi / self.stretch  # a slice of the shortened leg, of unit length now, holds 1/λ of the muscle's stress-free length
        dx = ufl.Measure("dx", self.domain.domain, metadata={"quadrature_degree": DEGREE})
        residual = ufl.derivative(psi * dx, self.w, ufl.TestFunction(self.domain.space))
        tangent = ufl.derivative(residual, self.w, ufl.TrialFunction(self.domain.space))
        self._residual, self._tangent = compat.compiled(residual), compat.compiled(tangent)

    def contract(self, shortening: Mapping[str, float]) -> None:
        """Set the fibre shortening ε = 1 − λ of every region; regions not named are silent."""
        self.stretch.x.array[:] = 1.0
        for region, epsilon in shortening.items():
            self.stretch.x.array[self._cell_dofs[self.domain.regions[region]]] = 1.0 - epsilon

    def hold(self, dofs: Ints) -> None:
        """Hold the given degrees of freedom at zero."""
        self._held = [fem.dirichletbc(fem.Function(self.domain.space), dofs.astype(np.int32))]

    def new_matrix(self) -> Any:
        """An empty matrix with the sparsity of the tangent."""
        return petsc.create_matrix(self._tangent)

    def new_vector(self) -> Any:
        """A vector of the size of the unknowns."""
        return self.w.x.petsc_vec.duplicate()

    def add_residual(self, w: Floats, vector: Any) -> None:
        """Add the derivative of the energy at `w` to `vector`."""
        self.w.x.array[:] = w
        petsc.assemble_vector(vector, self._residual)

    def fill_tangent(self, w: Floats, matrix: Any) -> None:
        """Replace `matrix` by the second derivative of the energy at `w`."""
        self.w.x.array[:] = w
        matrix.zeroEntries()
        petsc.assemble_matrix(matrix, self._tangent, bcs=self._held)
        matrix.assemble()

    @cached_property
    def _middle(self) -> _Middle:
        return _Middle(self.domain)

    def cell_fields(self, w: Floats) -> tuple[Floats, Floats]:
        """Of each dolfinx cell at its middle: in-plane mean pressure [working units] and deformed area.

        With σ = (μ/J)(b − I) + πI the in-plane mean pressure is −π − (μ/J)(½ tr b₂ − 1), b₂ = λ F₂F₂ᵀ.
        """
        F, tension = self._middle.evaluate(w)
        stretch = self.stretch.x.array[self._cell_dofs]
        mu = self.mu.x.array[self._cell_dofs]
        det = F[:, 0, 0] * F[:, 1, 1] - F[:, 0, 1] * F[:, 1, 0]
        shear = mu / (stretch * det) * (0.5 * stretch * np.einsum("kij,kij->k", F, F) - 1.0)
        return -tension - shear, det * self._middle.areas


class _Middle:
    """Displacement gradient and pressure unknown at the middle of each cell, straight from the degrees of freedom."""

    def __init__(self, domain: Domain) -> None:
        X = domain.points[domain.corners]
        edges = np.stack([X[:, 1] - X[:, 0], X[:, 2] - X[:, 0]], axis=2)
        self.areas = 0.5 * np.linalg.det(edges)
        inverse = np.linalg.inv(edges)
        # at the middle the bubble and the vertices' P2 shapes: dN/dξ of nodes 0…5
        shapes = np.array([[-1, -1], [1, 0], [0, 1], [4, 4], [-4, 0], [0, -4]], dtype=np.float64) / 3.0
        self.slopes = np.einsum("ij,kjd->kid", shapes, inverse)
        self.nodes = domain.dofs[domain.cell_nodes]
        pressure, parent = compat.collapse(domain.space.sub(1))
        self.tension = parent[np.asarray(pressure.dofmap.list)]

    def evaluate(self, w: Floats) -> tuple[Floats, Floats]:
        F = np.eye(2) + np.einsum("kid,kie->kde", w[self.nodes], self.slopes)
        return F, w[self.tension].mean(axis=1)
