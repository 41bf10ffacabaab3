"""The tissues' laws in round sections with closed forms: Mooney–Rivlin, stiffening wall, compressible tissue, membranes with a long toe."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from oracles.cylinder import inflation_of, wrapped_disc
from section_meshes import circles, layered, symmetric_pins

from calfpump.section import measure
from calfpump.section.equilibrium import Area, Equilibrium
from calfpump.section.system import System
from calfpump.section.tissues import inverse_bulk_modulus

#: Wang 2013 [Pa].
C10, C01, C11 = 1310.0, -961.0, 886.0
MU = 2.0 * (C10 + C01)


def tube(ratio: float, inverse_kappa: float = 0.0, **constants: float) -> Equilibrium:
    curves = circles(10e-3 * np.geomspace(1.0, ratio, 6), 48)
    mesh = layered(curves, ["muscle"], compartments={"muscle": "muscle"})
    named = {name: {"muscle": value} for name, value in constants.items()}
    return Equilibrium(System(mesh, mu={"muscle": MU}, inverse_kappa={"muscle": inverse_kappa}, pins=symmetric_pins(curves), **named))


def pressure(equilibrium: Equilibrium, alphas: list[float]) -> float:
    A0 = float(equilibrium.system.A0[0]) * equilibrium.system.units.area
    for alpha in alphas:
        outcome = equilibrium.solve({"vein": Area(alpha * A0)}, step_limit=1.0)
        assert outcome.converged, outcome.reason
    return float(equilibrium.pressures()[0])


def hoop(x: float) -> float:
    """d(I₁ − 3)/dλ of (λ − 1/λ)²."""
    return 2.0 * (x - 1.0 / x) * (1.0 + 1.0 / x**2)


@pytest.mark.parametrize("alphas", [[0.8], [1.3, 1.7]])
def test_mooney_rivlin_with_its_mixed_term(row, alphas: list[float]) -> None:
    """Tube B/A = 1.5 of Wang's muscle: ψ = ½μ(I − 3) + C₁₁(I − 3)² with I = I₁ = I₂, within .3 % of the closed form, and not neo-Hookean."""
    stretch = float(np.sqrt(alphas[-1]))
    exact = inflation_of(lambda x: (0.5 * MU + 2.0 * C11 * (x - 1.0 / x) ** 2) * hoop(x), stretch, 1.5)
    found = pressure(tube(1.5, c01=C01, c11=C11), alphas)
    row("Mooney–Rivlin tube with C₁₁ (Wang 2013), B/A = 1.5", f"p at α = {alphas[-1]:g}", exact, found, 3e-3, unit="Pa")
    assert abs(found - pressure(tube(1.5), alphas)) > 0.05 * abs(exact)


@pytest.mark.parametrize("shortening", [0.0, 0.1])
def test_mooney_rivlin_without_it_is_neo_hookean_also_contracted(row, shortening: float) -> None:
    """I₁ = I₂ in incompressible plane strain, and of the elastic part of a contracted muscle: the negative C₀₁ does nothing. 1e-5, because the
    discrete J is one in the mean over a cell only (uniform strains apart)."""
    found = []
    for constants in ({}, {"c01": C01}):
        equilibrium = tube(1.5, **constants)
        equilibrium.system.bulk.contract({"muscle": shortening})
        found.append(pressure(equilibrium, [1.0, 0.9]))
    row("Mooney–Rivlin tube, C₁₁ = 0", f"p shortened by {shortening:g}, of the neo-Hookean", found[0], found[1], 1e-5, unit="Pa")


@pytest.mark.parametrize("beta", [0.5, 3.0, 4.0])
def test_stiffening_wall(row, beta: float) -> None:
    """Tube B/A = 1.2 inflated to twice its area: Ŵ′ = ½μ exp β(λ − 1/λ)² · d(λ − 1/λ)²/dλ, within .5 %."""
    exact = inflation_of(lambda x: 0.5 * MU * np.exp(beta * (x - 1.0 / x) ** 2) * hoop(x), 2.0**0.5, 1.2)
    found = pressure(tube(1.2, stiffening=beta), [1.3, 1.6, 2.0])
    row(f"stiffening wall, β = {beta:g}, B/A = 1.2", "p at α = 2", exact, found, 5e-3, unit="Pa", source="Demiray 1972")


@pytest.mark.parametrize(("nu", "constants"), [(0.35, {}), (0.45, {}), (0.49, {"c01": 200.0, "c11": 100.0})])
def test_poissons_ratio(nu: float, constants: dict[str, float]) -> None:
    """A disc under an even pressure H ≪ μ loses H (1 − 2ν)/μ of its area, whatever the law; its pressure is H in the plane."""
    curves = circles(10e-3 * np.array([0.3, 0.6, 1.0]), 24)
    mesh = layered(curves, ["muscle"], core="muscle", compartments={"muscle": "muscle"})
    named = {name: {"muscle": value} for name, value in constants.items()}
    kappa = inverse_bulk_modulus(MU, nu, *constants.values())
    system = System(mesh, mu={"muscle": MU}, inverse_kappa={"muscle": kappa}, pins=symmetric_pins(curves), **named)
    equilibrium = Equilibrium(system)
    H = 1e-4 * MU
    system.skin_pressure = H / system.units.stress
    assert equilibrium.solve({}).converged
    _, area = system.bulk.cell_fields(equilibrium.w)
    reference = mesh.areas().sum() / system.units.area
    assert 1.0 - area.sum() / reference == pytest.approx(H * (1.0 - 2.0 * nu) / MU, rel=2e-3)
    assert measure.compartment_pressures(equilibrium, SimpleNamespace(compartments=mesh.compartments), ("muscle",))[0] == pytest.approx(H, rel=1e-5)


def test_bulk_modulus_refuses_what_the_constants_do_not_allow() -> None:
    assert inverse_bulk_modulus(MU, 0.5, C01, C11) == 0.0
    with pytest.raises(ValueError, match="C01 and C11"):
        inverse_bulk_modulus(MU, 0.35, 0.0, C11)


def test_fascia_with_a_toe() -> None:
    """A disc that swells by λ_z^−½ = 1.0541 in a fascia whose toe is 4 %: P = E t (λ − 1 − τ/2)/(λ R₀), within .5 %: .63 of the taut one's."""
    R, Et, toe = 40e-3, 9e3, 0.04
    curves = circles(R * np.array([0.3, 0.65, 1.0]), 160)
    mesh = layered(curves, ["muscle"], core="muscle", names={-1: "fascia"}, compartments={"muscle": "muscle"})
    system = System(
        mesh, mu={"muscle": 1e3}, inverse_kappa={"muscle": 0.0}, membranes={"fascia": Et}, toe={"fascia": toe}, pins=symmetric_pins(curves)
    )
    equilibrium = Equilibrium(system)
    for part in (0.25, 0.5, 0.75, 1.0):
        system.bulk.contract({"muscle": 0.1 * part})
        assert equilibrium.solve({}, iterations=25).converged
    (P,) = measure.compartment_pressures(equilibrium, SimpleNamespace(compartments=mesh.compartments), ("muscle",))
    R0 = R * float(np.sqrt(np.sin(2.0 * np.pi / 160) / (2.0 * np.pi / 160)))
    assert pytest.approx(wrapped_disc(Et, R0, 0.9**-0.5, toe), rel=5e-3) == P
    assert wrapped_disc(Et, R0, 0.9**-0.5, toe) / wrapped_disc(Et, R0, 0.9**-0.5, 1e-6) == pytest.approx(0.63, abs=0.01)
