"""Valves: Mynard's opening, tightness, leak, and the circuits with closed forms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from calfpump.flow import Bed, FlowBoundary, Fluid, Network, PressureBoundary, Signals, Valve, Vessel, rest_state, simulate
from calfpump.law import AlgebraicLaw

FLUID = Fluid(viscosity=1e-6)
# Stiff, short and wide: the pressures at the valve are those of the boundaries.
STIFF = AlgebraicLaw(1e-4, 1e5, 0.5, 0.0)


def tube(valve: Valve, cells: int = 8, viscosity: float = 1e-6) -> tuple[Network, Fluid]:
    vessel = Vessel("v", "in", "out", 0.02, STIFF, cells=cells)
    return Network([vessel], [valve], boundaries=[PressureBoundary("in", "p_in"), PressureBoundary("out", "p_out")]), Fluid(viscosity=viscosity)


def test_opening_under_constant_pressure_is_the_closed_form(row: Callable[..., None]) -> None:
    """ζ = 1 − (1 − ζ₀) exp(−k Δp t). A nearly closed orifice (opening 1e-4) takes the whole pressure difference."""
    network, fluid = tube(Valve("v", 0.5, opening=1e-4, k_open=0.2))
    signals = Signals.constant(p_in=100.0, p_out=0.0)
    start = rest_state(network, signals, fluid, total_pressure=0.0)
    start = start.with_cells(A=np.where(np.arange(8) < 4, float(STIFF.A0 * (1.0 + 100.0 / STIFF.K) ** 2), start.A))
    start.end_total[0] = 100.0
    series = simulate(network, signals, fluid, 0.2, initial=start, output_interval=0.01)
    error = np.abs(series.zeta[:, 0] - (1.0 - np.exp(-0.2 * 100.0 * series.t))).max()
    row("Valves", "opening, ζ = 1 − (1 − ζ₀)exp(−k Δp t): largest error", 0.0, error, 2e-4, source="Mynard et al. 2012", relative=False)


def test_closing_under_constant_pressure_is_the_closed_form(row: Callable[..., None]) -> None:
    """ζ = ζ₀ exp(k Δp t), Δp < 0."""
    network, fluid = tube(Valve("v", 0.5, opening=1e-4, k_close=0.1))
    signals = Signals.constant(p_in=0.0, p_out=100.0)
    start = rest_state(network, signals, fluid, total_pressure=0.0)
    start = start.with_cells(A=np.where(np.arange(8) >= 4, float(STIFF.A0 * (1.0 + 100.0 / STIFF.K) ** 2), start.A))
    start.end_total[1] = 100.0
    start.zeta[:] = 1.0
    series = simulate(network, signals, fluid, 0.2, initial=start, output_interval=0.01)
    error = np.abs(series.zeta[:, 0] - np.exp(-0.1 * 100.0 * series.t)).max()
    row("Valves", "closing, ζ = ζ₀ exp(k Δp t): largest error", 0.0, error, 2e-4, source="Mynard et al. 2012", relative=False)


def test_shut_valve_is_tight(row: Callable[..., None]) -> None:
    """100 mmHg in reverse for 5 s: not one drop, and a standing column above a valve stays there."""
    vein = AlgebraicLaw.from_speed(2e-5, 1.5, FLUID.density)
    network = Network([Vessel("v", "in", "out", 0.2, vein)], [Valve("v", 0.5)], boundaries=[PressureBoundary("in", "low"), PressureBoundary("out", "high")])
    start = rest_state(network, Signals.constant(low=0.0, high=0.0), FLUID)
    t = np.array([0.0, 0.5, 10.0])
    series = simulate(network, Signals(t, {"low": 0.0, "high": np.array([0.0, 13332.0, 13332.0])}), Fluid(), 5.0, initial=start)
    row("Valves", "shut, 100 mmHg in reverse for 5 s: volume through", 0.0, float(np.abs(series.through_valve(0)).max()), 0.0, "m³", relative=False)
    assert series.volume("v")[-1] > 1.1 * series.volume("v")[0]


def test_leak_passes_the_orifice_flow_in_reverse(row: Callable[..., None]) -> None:
    """Shut valve with leak: in steady state q = ∓A_min √(2|Δp|/ρ), A_min = leak · opening · A, when the orifice is the only loss."""
    leak, opening = 0.01, 0.5
    network, fluid = tube(Valve("v", 0.5, leak=leak, opening=opening))
    series = simulate(network, Signals.constant(p_in=0.0, p_out=500.0), fluid, 2.0, initial=rest_state(network, Signals.constant(p_in=0.0, p_out=0.0), fluid))
    A = float(series.A[-1, :4].mean())
    assert series.zeta[-1, 0] == 0.0
    exact = -leak * opening * A * np.sqrt(2.0 * 500.0 / fluid.density)
    row("Valves", "reflux of a leaking valve, A_min √(2|Δp|/ρ)", exact, float(series.Q[-1].mean()), 5e-3, "m³/s")


def test_open_valve_in_a_circuit_of_inertia(row: Callable[..., None]) -> None:
    """RL circuit: two short stiff tubes and the orifice give L dq/dt = Δp − B q², ∫q dt = q∞ τ ln cosh(t/τ), q∞ = √(Δp/B), τ = L/√(Δp B).

    The flow itself rings about it by what the tubes are elastic, the more the finer they are cut; their volume does not grow.
    """
    length, dp, opening = 0.05, 50.0, 0.5
    A = STIFF.A0
    B = FLUID.density / (2.0 * (opening * A) ** 2)
    L = FLUID.density * (length / (opening * A) + 0.02 / A)
    for cells in (8, 16):
        network, fluid = tube(Valve("v", 0.5, opening=opening, length=length), cells)
        signals = Signals.constant(p_in=dp, p_out=0.0)
        start = rest_state(network, signals, fluid, total_pressure=0.0)
        start.zeta[:] = 1.0
        series = simulate(network, signals, fluid, 0.6, initial=start)
        expected = L / B * np.log(np.cosh(series.t * np.sqrt(dp * B) / L))
        error = np.abs(series.through_valve(0) - expected).max() / expected[-1]
        row("Valves", f"circuit of inertia (RL), ∫q dt = q∞ τ ln cosh(t/τ), {cells} cells: largest error over the last", 0.0, error, 2e-3, relative=False)


def test_reservoir_empties_through_a_valve(row: Callable[..., None]) -> None:
    """RLC circuit: a reservoir C behind a valved resistance R and a tube of inertia L = ρl/A empties, C d²p/dt² L + C R dp/dt + p = p₀; not back."""
    C, R, V0, p0, p1 = 1e-9, 1e9, 2e-7, 500.0, 1500.0
    vessel = Vessel("v", "in", "out", 0.02, STIFF, cells=8)
    bed = Bed("bed", "in", None, C, V0, R, "never", -1e6)
    network = Network([vessel], (), [bed], boundaries=[PressureBoundary("out", "p")])
    t = np.array([-1.0, 2.0, 2.01, 10.0])
    signals = Signals(t, {"never": 1e12, "p": np.array([p0, p0, p1 + 2000.0, p1 + 2000.0])})
    start = rest_state(network, signals, FLUID, total_pressure=p0)
    start.V[:] = V0 + C * p1
    series = simulate(network, signals, FLUID, 3.0, initial=start, output_interval=0.05)
    down = series.t <= 2.0
    L = FLUID.density * 0.02 / float(start.A[0])
    slow, fast = np.sort(np.roots([L * C, R * C, 1.0]).real)[::-1]
    expected = p0 + (p1 - p0) * (fast * np.exp(slow * series.t) - slow * np.exp(fast * series.t)) / (fast - slow)
    error = np.abs(series.bed_pressure("bed") - expected)[down].max() / (p1 - p0)
    row("Valves", "reservoir emptying through a valve (RLC): largest error over the first difference", 0.0, error, 2e-4, relative=False)
    back = np.diff(series.bed_outflow("bed")[series.t > 2.05]).min()
    row("Valves", "the same with the pressure outside higher: volume back", 0.0, min(back, 0.0), 0.0, "m³", relative=False)


def test_muscle_pump_of_one_vein_between_two_valves() -> None:
    """Squeezed periodically, a vein with two valves moves blood against a pressure; without valves it does not, with leaks it moves less."""
    vein = AlgebraicLaw.from_speed(3e-5, 1.0, FLUID.density)
    t = np.linspace(0.0, 6.0, 601)
    signals = Signals(t, {"squeeze": 8000.0 * np.clip(np.sin(2 * np.pi * t), 0, 1), "low": 1000.0, "high": 2000.0})

    def moved(valves: list[Valve]) -> float:
        vessel = Vessel("v", "in", "out", 0.2, vein, external="squeeze")
        ends = [Vessel("before", "a", "in", 0.05, vein), Vessel("after", "out", "b", 0.05, vein)]
        boundaries = [PressureBoundary("a", "low"), PressureBoundary("b", "high")]
        series = simulate(Network([vessel, *ends], valves, boundaries=boundaries), signals, Fluid(), 6.0)
        return float(series.through("v", "proximal")[-1] - series.through("v", "proximal")[np.searchsorted(series.t, 2.0)])

    tight = moved([Valve("before", 0.5), Valve("after", 0.5)])
    leaky = moved([Valve("before", 0.5, leak=0.3), Valve("after", 0.5, leak=0.3)])
    none = moved([])
    assert tight > 4e-6
    assert none < leaky < 0.8 * tight
    assert none < 0.0


def test_two_valves_in_one_place_find_two_faces() -> None:
    network = Network([Vessel("v", "a", "b", 0.04, STIFF)], [Valve("v", 0.5), Valve("v", 0.5)], boundaries=[FlowBoundary("a", "q"), PressureBoundary("b", "p")])
    series = simulate(network, Signals.constant(q=1e-6, p=0.0), Fluid(), 0.05)
    assert np.diff(series.layout.valve_face) != 0
