"""Pascal's patch test on the real calf: the same pressure everywhere moves nothing."""

from __future__ import annotations

import numpy as np
import pytest

from calfpump.anatomy.section_description import load_description
from calfpump.case.tissue import Tissue
from calfpump.mesh import COARSE, build
from calfpump.section.equilibrium import Equilibrium, NewtonSettings, Pressure
from calfpump.section.system import System
from calfpump.section.tissues import coefficients

P = 5000.0


@pytest.fixture(scope="module")
def calf() -> Equilibrium:
    """Mid-calf, incompressible, bones fixed, all membranes on; `P` on the skin."""
    mesh = build(load_description("mid_calf"), resolution=COARSE)
    c = coefficients(mesh, Tissue())
    assert set(c.inverse_kappa.values()) == {0.0}
    system = System(mesh, mu=c.mu, inverse_kappa=c.inverse_kappa, membranes=c.membranes, penalty=c.penalty)
    system.skin_pressure = P / system.units.stress
    return Equilibrium(system, NewtonSettings(tolerance=1e-10, iterations=40, patience=40, chord=False))


def test_equal_pressure_in_veins_and_on_skin_moves_nothing(row, calf: Equilibrium) -> None:
    """1/κ = 0, p on the skin and in all lumens, bones fixed: u = 0 and σ = −pI, to 1e-9 of the radius and of p, from a random start: 2 % of random strain
    and pressure, what the softest tissue (150 Pa under 5 kPa) bears.

    With F = I the neo-Hookean part (μ/J)(b − I) of σ vanishes, so σ = −pI where u = 0 and every pressure unknown is −p."""
    system = calf.system
    random = np.random.default_rng(2)
    free = np.setdiff1d(np.arange(system.domain.n_dofs), system.held)
    moving = np.intersect1d(free, system.domain.u_dofs)
    calf.w[moving] = 2e-3 * system.radius * random.standard_normal(len(moving))
    tension = np.setdiff1d(free, system.domain.u_dofs)
    calf.w[tension] = -P / system.units.stress * (1.0 + 0.02 * random.standard_normal(len(tension)))
    assert len(tension) == system.domain.n_pressure
    controls = {vein: Pressure(P) for vein in system.veins}
    outcome = calf.solve(controls)
    assert outcome.converged, outcome.reason
    moved = float(np.abs(calf.w[system.domain.u_dofs]).max()) / system.radius
    row("Pascal's patch on the calf", "largest displacement, lumen radii", 0.0, moved, 1e-9, relative=False)
    uneven = float(np.abs(calf.w[tension] * system.units.stress / P + 1.0).max())
    row("Pascal's patch on the calf", "largest deviation of σ from −pI, parts of p", 0.0, uneven, 1e-9, relative=False)
    assert calf.areas() == pytest.approx(system.A0 * system.units.area, rel=1e-9)


def test_a_vein_of_other_pressure_moves(calf: Equilibrium) -> None:
    """The patch test can fail: 1 % more pressure in one vein widens it."""
    system = calf.system
    controls = {vein: Pressure(P * (1.01 if k == 0 else 1.0)) for k, vein in enumerate(system.veins)}
    assert calf.solve(controls).converged
    assert calf.areas()[0] > system.A0[0] * system.units.area * (1.0 + 1e-5)
