"""What the wall adds: viscous damping, and the shear that blood exerts on it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from calfpump.flow import FlowBoundary, Fluid, Network, PressureBoundary, Signals, Vessel, rest_state, simulate
from calfpump.law import AlgebraicLaw, TubeLaw

RHO = 1060.0
Rows = Callable[..., None]
VISCOUS = "Alastruey et al. 2011, J Biomech 44:2250"


@pytest.mark.parametrize("n_parallel", [1.0, 3.0])
def test_standing_wave_in_a_viscous_wall(n_parallel: float, row: Rows) -> None:
    """A closed tube, A = A0 (1 + ε a(t) cos kx): a'' + D k² a' + c² k² a = 0 with D = Γ/(ρ √A0), for any number of parallel vessels.

    a = e^(−βt) (cos ωt + β/ω sin ωt), β = D k²/2, ω² = c²k² − β². The amplitude of the mode is read off by projection, that of
    p = ρc²ε cos kx (a + D/c² a') too.
    """
    law = AlgebraicLaw.from_speed(2e-5, 1.0, RHO)
    c, k, t_end = 1.0, np.pi, 1.4
    D = 0.12
    beta = 0.5 * D * k * k
    omega = np.sqrt(c * c * k * k - beta * beta)
    exact = np.exp(-beta * t_end) * (np.cos(omega * t_end) + beta / omega * np.sin(omega * t_end))
    rate = -np.exp(-beta * t_end) * (omega + beta * beta / omega) * np.sin(omega * t_end)
    errors, pressures = [], []
    for cells in (100, 200):
        vessel = Vessel("v", "a", "b", 1.0, law, n_parallel, cells=cells, wall_viscosity=D * RHO * np.sqrt(law.A0))
        network, fluid = Network([vessel]), Fluid(RHO, 0.0)
        shape = np.cos(k * (np.arange(cells) + 0.5) / cells)
        start = rest_state(network, Signals.constant(), fluid)
        start = start.with_cells(A=start.A * (1.0 + 1e-5 * shape))
        series = simulate(network, Signals.constant(), fluid, t_end, initial=start, output_interval=t_end)
        errors.append(abs(2.0 * np.mean((series.A[-1] / (n_parallel * law.A0) - 1.0) * shape) / 1e-5 - exact))
        pressures.append(abs(2.0 * np.mean(series.p[-1] * shape) / (1e-5 * RHO * c * c) - (exact + D / c**2 * rate)))
    assert exact < -0.2
    assert abs(D / c**2 * rate) > 0.01
    of = f"standing wave, {n_parallel:g} vessel{'s' if n_parallel > 1.0 else ''}"
    row("Viscous wall", f"{of}: error of its amplitude, 200 cells", 0.0, errors[1], 5e-5, "", (rate_of(errors), 1.8), VISCOUS, False)
    row("Viscous wall", f"{of}: error of its pressure over ρc²ε, 200 cells", 0.0, pressures[1], 2e-5, "", (rate_of(pressures), 1.8), VISCOUS, False)


def rate_of(errors: list[float]) -> float:
    """Order between the last two grids, the second twice as fine."""
    return float(np.log2(errors[-2] / errors[-1]))


def test_wave_driven_into_a_viscous_wall(row: Rows) -> None:
    """A harmonic inflow runs in as exp(iωt − ikx), k = ω/√(c² + iωD), D = Γ/(ρ √A0): the ends' flow changes in time as the wall spreads it."""
    law, c, D, T, q0, length, t_end = AlgebraicLaw.from_speed(1e-5, 1.5, RHO), 1.5, 0.01, 0.25, 1e-12, 1.5, 0.95
    omega = 2.0 * np.pi / T
    k = omega / np.sqrt(c * c + 1j * omega * D)
    assert np.exp(k.imag * length) == pytest.approx(0.25, abs=0.01)
    t = np.arange(0.0, 1.5, T / 4000)
    ramp = 0.5 - 0.5 * np.cos(np.pi * np.clip(t / T, 0.0, 1.0))
    signals = Signals(t, {"q": q0 * ramp * np.sin(omega * t), "p": 0.0})
    errors = []
    for cells in (100, 200, 400):
        vessel = Vessel("v", "in", "out", length, law, cells=cells, wall_viscosity=D * RHO * np.sqrt(law.A0))
        network = Network([vessel], boundaries=[FlowBoundary("in", "q"), PressureBoundary("out", "p")])
        series = simulate(network, signals, Fluid(RHO, 0.0), t_end, output_interval=t_end)
        # where the ramp has passed and nothing has come back
        x = series.layout.x
        exact = np.imag(q0 * np.exp(1j * omega * t_end - 1j * k * x))
        errors.append(float(np.abs(series.Q[-1] - exact)[x < c * (t_end - 2.0 * T)].mean() / q0))
    row("Viscous wall", "wave driven in: mean |Q − exact|/Q₀, 400 cells", 0.0, errors[2], 2e-3, "", (rate_of(errors), 1.8), VISCOUS, False)


def test_viscosity_of_any_size_keeps_the_step_and_the_volume(row: Rows) -> None:
    """A very viscous wall hardly lets the flow vary along the vein; mass is conserved, the step is that without viscosity."""
    law = AlgebraicLaw.from_speed(2e-5, 1.0, RHO)
    steps = []
    for gamma in (0.0, 1e6):
        network = Network([Vessel("v", "a", "b", 0.5, law, cells=50, wall_viscosity=gamma)])
        start = rest_state(network, Signals.constant())
        start = start.with_cells(A=start.A * (1.0 + 0.05 * np.sin(np.linspace(0.0, 9.0, 50))))
        series = simulate(network, Signals.constant(), t_end=0.5, initial=start)
        lost = np.ptp(series.volume("v")) / series.volume("v")[0]
        row("Viscous wall", f"Γ = {gamma:g} Pa s m, closed vein: change of volume", 0.0, lost, 1e-12, relative=False)
        steps.append(series.steps)
    assert np.abs(series.Q).max() < 1e-11
    assert steps[1] <= 1.1 * steps[0]


def test_resumed_equals_uninterrupted_with_viscous_walls() -> None:
    """Bit for bit: both halves of the viscous part start from what is saved."""
    law = AlgebraicLaw.from_speed(2e-5, 1.0, RHO)
    vessels = [Vessel("v", "a", "b", 0.3, law, cells=30, wall_viscosity=30.0), Vessel("w", "b", "c", 0.2, law, cells=1, wall_viscosity=30.0)]
    network = Network(vessels, boundaries=[FlowBoundary("a", "q"), PressureBoundary("c", "p")])
    t = np.linspace(0.0, 0.4, 41)
    signals = Signals(t, {"q": 1e-6 * np.sin(20.0 * t), "p": 0.0})
    whole = simulate(network, signals, t_end=0.4)
    rest = simulate(network, signals, t_end=0.4, initial=simulate(network, signals, t_end=0.2).end)
    assert np.abs(whole.Q).max() > 1e-7
    assert np.array_equal(rest.A[-1], whole.A[-1])
    assert np.array_equal(rest.Q[-1], whole.Q[-1])


@pytest.mark.parametrize(("part", "n"), [(1.0, 1.0), (1.0 / 3.0, 2.0)])
def test_wall_shear(part: float, n: float, row: Rows) -> None:
    """Steady flow: the shear on the wall balances the pressure's fall, τ 2√(πA0) L = Δp A; 4μu/R in a circle, three times that if G is a third."""
    base = AlgebraicLaw(1e-5, 4e6, 0.5, 0.0).to_table()
    law = TubeLaw("v", base.A0, base.alpha, base.s, base.f, base.G * part, base.alpha_fe)
    network = Network([Vessel("v", "a", "b", 0.4, law, n)], boundaries=[FlowBoundary("a", "q"), PressureBoundary("b", "p")])
    series = simulate(network, Signals.constant(q=1e-6 * n, p=0.0), Fluid(RHO, 4e-3), 3.0, output_interval=1.0)
    R = np.sqrt(base.A0 / np.pi)
    of = "circle" if part == 1.0 else f"{n:g} vessels, G a third of the circle's"
    row("Wall shear stress", f"{of}: 4μu/R over the share of G", 4.0 * 4e-3 * 1e-6 / (np.pi * R**3) / part, series.wall_shear[-1].mean(), 5e-3, "Pa")
    x = series.x("v")
    fall = (series.p[-1, 0] - series.p[-1, -1]) / (x[-1] - x[0])
    balance = fall * base.A0 / (2.0 * np.sqrt(np.pi * base.A0))
    row("Wall shear stress", f"{of}: fall of pressure times A over the perimeter", balance, series.wall_shear[-1].mean(), 5e-3, "Pa")
