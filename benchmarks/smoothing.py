"""Smoothing: down the energy from a state that is rough from triangle to triangle.

Such a state, read from another mesh, is unstable in modes of single triangles, as stiff as η = 10⁵ in K + ηM, which holds back all else too (relaxation.py).
What is not convex in the energy of a tissue is its part in J, by (π − μ/J) δ²J = 2 (π − μ/J) det ∇δu ≥ −|π − μ/J| |∇δu|². Held by η times an elastic
body on the same mesh, K + η ∫ (μ + |π|) ∇δu:∇v, its modes of all lengths need an η of about one at most, and soft regions are hardly held at all (gradients
in the metric of the energy itself: Neuberger 2010, Sobolev Gradients and Differential Equations). Contact, membranes and blood can ask for more.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np
import ufl
from dolfinx import fem
from dolfinx.fem import petsc
from petsc4py import PETSc

from calfpump.section import compat
from calfpump.section.bulk import DEGREE, Bulk
from calfpump.section.curves import Floats
from calfpump.section.equilibrium import Balance, Control, Equilibrium
from calfpump.section.factor import SingularTangent
from calfpump.section.relaxation import Relaxation
from calfpump.section.stability import inertia

#: η tried first, the least and the largest; how it rises where the energy is not convex, and falls after a step. The least falls by LOWER each time that
#: the energy is not convex without: a wall that turns is held by much less than what is rough.
FIRST, LEAST, LARGEST, RISE, FALL, LOWER = 0.3, 1e-3, 1e3, 2.5, 0.4, 0.1


class ElasticBody:
    """The body that holds back a step from the present state of `bulk`: ∫ a ∇δu:∇v, a = μ + |π| on the average of each triangle."""

    def __init__(self, bulk: Bulk) -> None:
        domain, self.bulk = bulk.domain, bulk
        _, tension = ufl.split(bulk.w)
        trial, _ = ufl.split(ufl.TrialFunction(domain.space))
        test, _ = ufl.split(ufl.TestFunction(domain.space))
        cell = ufl.TestFunction(bulk.mu.function_space)
        dx = ufl.Measure("dx", domain.domain, metadata={"quadrature_degree": DEGREE})
        self._modulus = fem.Function(bulk.mu.function_space)
        self._stiffness = compat.compiled((bulk.mu + abs(tension)) * cell * dx)
        self._areas = fem.assemble_vector(compat.compiled(cell * dx)).array.copy()
        rough = ufl.Measure("dx", domain.domain, metadata={"quadrature_degree": 2})
        self._form = compat.compiled(self._modulus * ufl.inner(ufl.grad(trial), ufl.grad(test)) * rough)
        self._matrix = petsc.create_matrix(self._form)

    def add(self, eta: float, matrix: Any) -> None:
        """Add η times its stiffness to `matrix`."""
        self._modulus.x.array[:] = fem.assemble_vector(self._stiffness).array / self._areas
        self._matrix.zeroEntries()
        petsc.assemble_matrix(self._matrix, self._form, bcs=self.bulk.held)
        self._matrix.assemble()
        matrix.axpy(eta, self._matrix, structure=PETSc.Mat.Structure.SUBSET_NONZERO_PATTERN)


class Smoothing(Relaxation):
    """A descent whose steps an elastic body holds back, as long as the energy is not convex without."""

    def __init__(self, equilibrium: Equilibrium, controls: Mapping[str, Control], *, steps: int, until: float) -> None:
        super().__init__(equilibrium, controls, steps=steps, until=until)
        self.body = ElasticBody(equilibrium.system.bulk)
        self.last, self.least, self.largest = FIRST / FALL, LEAST, LARGEST

    def _convex(self, now: Balance, patience: float) -> tuple[Floats, Floats, float] | None:
        system = self.equilibrium.system
        while self.shift <= self.largest:
            system.stiffer = partial(self.body.add, self.shift) if self.shift > 0.0 else None
            try:
                found = self._direction(now, keep=False)
                if inertia(self.equilibrium).stable and np.isfinite(found[2]):
                    self.last = self.shift or self.last
                    return found
            except (SingularTangent, np.linalg.LinAlgError):
                pass
            finally:
                system.stiffer = None
            self.least *= LOWER if self.shifted and self.shift == 0.0 else 1.0
            self.shifted = True
            self.shift = max(self.least, RISE * self.shift, FALL * self.last)
        return None

    def _lower(self, fraction: float) -> None:
        if fraction < 0.05:
            self.shift *= RISE
        elif fraction > 0.3:
            self.shift *= FALL
            self.shift = self.shift if self.shift > self.least else 0.0
