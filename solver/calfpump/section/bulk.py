"""Energy of the tissues between the curves, its residual and tangent: one compiled kernel for all regions.

Moduli and shortening are piecewise constant fields, so that all tissues share one form and FFCx compiles two kernels in all. Terms that
no tissue of a section needs are left out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc

from calfpump.section import compat, kinematics
from calfpump.section.curves import Floats, Ints
from calfpump.section.domain import Domain
from calfpump.section.errors import section_error
from calfpump.section.materials import mooney_rivlin, neo_hookean, stiffening_wall, volumetric

#: Quadrature degree of the energy; P2 + bubble displacements in ln det F and F:F need no more at the strains met (measured).
DEGREE = 4


class Bulk:
    """Tissues of a section: `mu` [Pa] and `inverse_kappa` [1/Pa] by region name; `stretch` λ set by `contract`.

    Neo-Hookean, unless a region is named in `c01`, `c11` [Pa] (Mooney–Rivlin, C₁₀ = ½μ − C₀₁) or in `stiffening` [1] (β of a stiffening wall).
    """

    def __init__(
        self,
        domain: Domain,
        mu: Mapping[str, float],
        inverse_kappa: Mapping[str, float],
        *,
        c01: Mapping[str, float] | None = None,
        c11: Mapping[str, float] | None = None,
        stiffening: Mapping[str, float] | None = None,
    ) -> None:
        self.domain = domain
        self.w: Any = fem.Function(domain.space)
        self._constant = fem.functionspace(domain.domain, ("DG", 0))
        self._cell_dofs = np.asarray(self._constant.dofmap.list).reshape(-1)
        stress = domain.units.stress
        missing = sorted(set(domain.regions) - set(mu) & set(inverse_kappa))
        if missing:
            raise section_error("reading the tissues", "before any load", f"no modulus for the region {', '.join(missing)}")
        self.mu = self._field(mu, 1.0 / stress)
        self.inverse_kappa = self._field(inverse_kappa, stress)
        self.c01, self.c11 = self._field(c01 or {}, 1.0 / stress), self._field(c11 or {}, 1.0 / stress)
        self.stiffening = self._field(stiffening or {}, 1.0)
        self.stretch = fem.Function(self._constant)
        self.stretch.x.array[:] = 1.0
        self.held: list[Any] = []
        self._compile()

    def _field(self, values: Mapping[str, float], scale: float) -> Any:
        """Piecewise constant function of a region's values, zero where none is given."""
        field = fem.Function(self._constant)
        for region in set(values) & set(self.domain.regions):
            field.x.array[self._cell_dofs[self.domain.regions[region]]] = values[region] * scale
        return field

    def _energy(self, F: Any, tension: Any) -> Any:
        """ψ per area of the stress-free section and unit length of the leg as it is now: 1/λ of a shortened muscle's stress-free length."""
        J, I1 = kinematics.elastic_volume(F, self.stretch), kinematics.first_invariant(F, self.stretch)
        psi = volumetric.energy(tension, self.inverse_kappa, J)
        if np.any(self.stiffening.x.array):
            psi += stiffening_wall.energy(self.mu, self.stiffening, I1, J)
        else:
            psi += neo_hookean.energy(self.mu, I1, J)
        if np.any(self.c01.x.array) or np.any(self.c11.x.array):
            # ψ is linear in its constants: C₁₀ = ½μ − C₀₁, of which ½μ stands above
            psi += mooney_rivlin.energy(-self.c01, self.c01, self.c11, I1, kinematics.second_invariant(F, self.stretch), J)
        return psi / self.stretch

    def _compile(self) -> None:
        u, tension = ufl.split(self.w)
        dx = ufl.Measure("dx", self.domain.domain, metadata={"quadrature_degree": DEGREE})
        psi = self._energy(kinematics.deformation(u), tension)
        residual = ufl.derivative(psi * dx, self.w, ufl.TestFunction(self.domain.space))
        tangent = ufl.derivative(residual, self.w, ufl.TrialFunction(self.domain.space))
        self._residual, self._tangent = compat.compiled(residual), compat.compiled(tangent)
        # read at the middle of each cell: σ₂ = ∂ψ/∂F₂ F₂ᵀ/det F₂
        F = ufl.variable(kinematics.deformation(u))
        P = ufl.diff(self._energy(F, tension), F)
        middle = ufl.Measure("dx", self.domain.domain, metadata={"quadrature_degree": 1})
        v = ufl.TestFunction(self._constant)
        self._cell_area = compat.compiled(ufl.det(F) * v * middle)
        self._cell_force = compat.compiled(-ufl.tr(P * F.T) / 2 * v * middle)

    def contract(self, shortening: Mapping[str, float]) -> None:
        """Set the fibre shortening ε = 1 − λ of every region; regions not named are silent."""
        self.stretch.x.array[:] = 1.0
        for region, epsilon in shortening.items():
            self.stretch.x.array[self._cell_dofs[self.domain.regions[region]]] = 1.0 - epsilon

    def hold(self, dofs: Ints) -> None:
        """Hold the given degrees of freedom at zero."""
        self.held = [fem.dirichletbc(fem.Function(self.domain.space), dofs.astype(np.int32))]

    def new_matrix(self) -> Any:
        """An empty matrix with the sparsity of the tangent."""
        return petsc.create_matrix(self._tangent)

    def new_vector(self) -> Any:
        """A vector of the size of the unknowns."""
        return self.w.x.petsc_vec.duplicate()

    def add_residual(self, w: Floats, vector: Any) -> None:
        """Add the derivative of the energy at `w` to `vector`; what lies on the border of a rank is not yet with its owner."""
        self.w.x.array[:] = w
        petsc.assemble_vector(vector, self._residual)

    def fill_tangent(self, w: Floats, matrix: Any) -> None:
        """Replace `matrix` by the second derivative of the energy at `w`."""
        self.w.x.array[:] = w
        matrix.zeroEntries()
        petsc.assemble_matrix(matrix, self._tangent, bcs=self.held)
        matrix.assemble()

    def cell_fields(self, w: Floats) -> tuple[Floats, Floats]:
        """Of each dolfinx cell at its middle: in-plane mean pressure −½ tr σ₂ [working units] and deformed area."""
        self.w.x.array[:] = w
        force, area = (np.asarray(fem.assemble_vector(form).array)[self._cell_dofs] for form in (self._cell_force, self._cell_area))
        return force / area, area
