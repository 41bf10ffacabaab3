"""Smooth flow: damped waves, reflection, second order, friction, the falling film."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from oracles.linear_wave import reflection, wave_number
from oracles.riemann import law as power_law
from oracles.simple_wave import averages
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from calfpump.flow import FlowBoundary, Fluid, Network, PressureBoundary, Signals, Vessel, rest_state, simulate
from calfpump.law import AlgebraicLaw, TubeLaw

RHO = 1060.0


def speed(law: AlgebraicLaw) -> float:
    return float(np.sqrt(law.slope(np.array(1.0)) / RHO))


@pytest.mark.parametrize("tabulated", [False, True], ids=["closed form", "table"])
@pytest.mark.parametrize("damped", [False, True], ids=["without friction", "damped"])
def test_damped_wave(tabulated: bool, damped: bool, row: Callable[..., None]) -> None:
    """q(x, t) = q₀ exp(i(ωt − kx)), k = ω/c √(1 − 8πiν/(ωA)); friction takes 60 % over the tube, and is seen in the amplitude.

    The wave is so small, u/c < 1e-7, that it does not steepen; the limiter clips its crests, which costs a tenth of the second order.
    """
    law = AlgebraicLaw.from_speed(1e-5, 1.5, RHO)
    c, nu, T, length, q0 = speed(law), 7e-7 if damped else 0.0, 0.25, 1.5, 1e-12
    omega = 2.0 * np.pi / T
    k = wave_number(omega, c, nu, law.A0)
    assert np.exp(k.imag * length) == pytest.approx(0.4 if damped else 1.0, abs=0.1)
    t = np.arange(0.0, 1.5, T / 4000)
    ramp = np.clip(t / T, 0.0, 1.0)
    errors = []
    for cells in (300, 600):
        vessel = Vessel("v", "in", "out", length, law.to_table() if tabulated else law, cells=cells)
        network = Network([vessel], boundaries=[FlowBoundary("in", "q"), PressureBoundary("out", "p")])
        series = simulate(network, Signals(t, {"q": q0 * ramp * np.sin(omega * t), "p": 0.0}), Fluid(RHO, nu * RHO), 0.95, output_interval=0.95)
        # The front is at 1.4 m: look where the ramp has passed and nothing has come back.
        x = series.layout.x
        inside = x < c * (0.95 - 2.0 * T)
        exact = np.imag(q0 * np.exp(1j * (omega * series.t[-1]) - 1j * k * x))
        errors.append(float(np.abs(series.Q[-1] - exact)[inside].mean() / q0))
    order = float(np.log2(errors[0] / errors[1]))
    kind = f"{'damped' if damped else 'without friction'}, {'table' if tabulated else 'closed form'}"
    row("Linear waves", f"{kind}: mean |Q − exact|/Q₀, 600 cells", 0.0, errors[1], 5e-3, "", (order, 1.8), "Womersley 1955", False)


@pytest.mark.parametrize("cells", [200, 400])
def test_reflection_at_a_step_of_properties(cells: int, row: Callable[..., None]) -> None:
    """Pulse from a wide into a narrow vein: reflected pressure (Z2 − Z1)/(Z2 + Z1), transmitted 2 Z2/(Z2 + Z1) of the incoming one.

    Of ∫ p dx, which limiting of a crest does not change: what is left is the pulse's own height, 1e-7 of A0, on every grid.
    """
    wide, narrow = AlgebraicLaw.from_speed(3e-5, 1.0, RHO), AlgebraicLaw.from_speed(1e-5, 2.0, RHO)
    back, on = reflection(wide.A0, 1.0, narrow.A0, 2.0)
    vessels = [Vessel("wide", "a", "b", 1.0, wide, cells=2 * cells), Vessel("narrow", "b", "c", 1.0, narrow, cells=cells)]
    network = Network(vessels)
    fluid = Fluid(RHO, 0.0)
    signals = Signals.constant()
    x = np.concatenate([(np.arange(2 * cells) + 0.5) / (2 * cells) - 1.0, (np.arange(cells) + 0.5) / cells])
    pulse = 1e-7 * np.exp(-(((x + 0.5) / 0.05) ** 2)) * (x < 0)
    A0 = np.where(x < 0, wide.A0, narrow.A0)
    start = rest_state(network, signals, fluid, total_pressure=0.0).with_cells(A=A0 * (1.0 + pulse), Q=A0 * pulse * 1.0)
    series = simulate(network, signals, fluid, 0.75, initial=start, output_interval=0.75)
    # the transmitted pulse is c2/c1 = 2 times as long
    before, after = series.p[0, : 2 * cells].mean(), series.p[-1]
    of = f"{cells} cells per metre of the narrow one"
    problem = "Reflection at a step of A0 and c"
    row(problem, f"reflected pressure over incoming, (Z2 − Z1)/(Z2 + Z1), {of}", back, after[: 2 * cells].mean() / before, 1e-6)
    row(problem, f"transmitted pressure over incoming, 2 Z2/(Z2 + Z1), {of}", on, after[2 * cells :].mean() / before / 2.0, 1e-6)


@pytest.mark.parametrize("kind", ["vein", "vein, table", "artery"])
def test_second_order_for_smooth_flow(kind: str, row: Callable[..., None]) -> None:
    """Simple wave towards larger x, u = ∫ c/A dA, whose areas travel with u + c: exact until it breaks, and nonlinear in full."""
    law = AlgebraicLaw(2e-5, 2.0 * RHO, 0.5, 0.0) if kind == "artery" else AlgebraicLaw.from_speed(2e-5, 1.0, RHO)
    own = law.to_table(alpha=np.geomspace(0.3, 2.0, 4000)) if kind == "vein, table" else law
    oracle = power_law(law.A0, law.K, law.m, law.n)
    fluid, t, errors = Fluid(RHO, 0.0), 0.12, []

    def bump(x: np.ndarray) -> np.ndarray:
        return law.A0 * (1.0 + 0.05 * np.exp(-(((x - 0.4) / 0.1) ** 2)))

    for n in (200, 400, 800):
        network = Network([Vessel("v", "a", "b", 1.0, own, cells=n)])
        A, Q = averages(oracle, bump, law.A0, RHO, n, 1.0, 0.0)
        start = rest_state(network, Signals.constant(), fluid).with_cells(A=A, Q=Q)
        series = simulate(network, Signals.constant(), fluid, t, initial=start, output_interval=t)
        exact, _ = averages(oracle, bump, law.A0, RHO, n, 1.0, t)
        errors.append(float(np.abs(series.A[-1] - exact).mean() / (0.05 * law.A0)))
    order = float(np.log2(errors[1] / errors[2]))
    row("Smooth nonlinear wave", f"{kind}: mean |A − exact| at 800 cells, over the wave's height", 0.0, errors[2], 1e-3, "", (order, 1.8), "", False)


def test_falling_film(row: Callable[..., None]) -> None:
    """Blood falls through an open vein at uniform transmural pressure: g = 8πνQ/A² gives A = √(8πνQ/g), to second order in the cells."""
    law = AlgebraicLaw.from_speed(2e-5, 1.0, RHO)
    nu, g, q = 4e-6, 9.81, 1.2e-6
    fluid = Fluid(RHO, nu * RHO, g)
    A = np.sqrt(8.0 * np.pi * nu * q / g)
    assert A / law.A0 < 0.3
    signals = Signals.constant(posture=(1.0,), q=q, p=float(law.pressure(np.array(A / law.A0))))
    errors = []
    for cells in (50, 100):
        vein = Vessel("v", "bottom", "top", 0.5, law, cells=cells, height=((0.0,), (0.5,)))
        network = Network([vein], boundaries=[FlowBoundary("top", "q"), PressureBoundary("bottom", "p")])
        start = rest_state(network, signals, fluid, total_pressure=0.0)
        start = start.with_cells(A=np.full(cells, 1.1 * A), Q=np.full(cells, -q))
        series = simulate(network, signals, fluid, 10.0, initial=start, output_interval=1.0)
        assert np.diff(series.through("v", "distal"))[-1] == pytest.approx(-q, rel=1e-6)
        middle = float(series.A[-1, cells // 2])
        errors.append(abs(middle / A - 1.0))
    row("Falling film", "A = √(8πνQ/g), 100 cells", A, middle, 5e-4, "m²", (float(np.log2(errors[0] / errors[1])), 1.8))


def test_friction_of_the_table_is_that_of_its_lumen(row: Callable[..., None]) -> None:
    """Steady flow through a vein whose G is a third of the circle's: (c² − u²) dA/dx = −(ν/g) Q/A, g = G/A², from the pressure at the end on."""
    plain = AlgebraicLaw(1e-5, 4e3, 0.5, 0.0)
    base = plain.to_table(alpha=np.geomspace(0.3, 2.0, 4000))
    flat = TubeLaw("flat", base.A0, base.alpha, base.s, base.f, base.G / 3.0, base.alpha_fe)
    own, nu, Q, length, p_end = power_law(plain.A0, plain.K, plain.m, plain.n), 4e-3 / RHO, 1e-6, 0.4, 500.0
    A_end = float(brentq(lambda A: own.psi(A) - p_end, 0.5 * own.A0, 2.0 * own.A0, xtol=1e-20))
    exact = solve_ivp(
        lambda _, A: 3.0 * 8.0 * np.pi * nu * Q / A / (own.c2(A, RHO) - (Q / A) ** 2), (0.0, length), [A_end], rtol=1e-11, atol=1e-18, dense_output=True
    ).sol  # fmt: skip
    errors, shears = [], []
    for cells in (20, 40):
        network = Network([Vessel("v", "a", "b", length, flat, 2.0, cells=cells)], boundaries=[FlowBoundary("a", "q"), PressureBoundary("b", "p")])
        series = simulate(network, Signals.constant(q=2.0 * Q, p=p_end), Fluid(RHO, 4e-3), 20.0, output_interval=10.0)
        x = series.x("v")
        A = exact(length - x)[0]
        p = np.array([own.psi(a) for a in A])
        errors.append(float(np.abs(series.p[-1] - p).max() / (p[0] - p[-1])))
        shear = RHO * 3.0 * 8.0 * np.pi * nu * Q / A / (2.0 * np.sqrt(np.pi * np.maximum(A, own.A0)))
        shears.append(float(np.abs(series.wall_shear[-1] / shear - 1.0).max()))
    row("Friction of a flattened lumen", "fall of pressure along it", p[0] - p[-1], series.p[-1, 0] - series.p[-1, -1], 1e-3, "Pa")
    order = float(np.log2(errors[0] / errors[1]))
    row("Friction of a flattened lumen", "largest |p − exact| over the fall, 40 cells", 0.0, errors[1], 1e-3, "", (order, 1.8), "", False)
    order = float(np.log2(shears[0] / shears[1]))
    row("Wall shear stress", "flattened lumen of falling pressure: largest |τ/exact − 1|, 40 cells", 0.0, shears[1], 1e-3, "", (order, 1.8), "", False)
