"""Boundaries against closed forms: resistance, Windkessel, reflection-free ends, joined ends."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from calfpump.flow import (
    FlowBoundary,
    Fluid,
    Network,
    NetworkError,
    PressureBoundary,
    ReflectionFree,
    Resistance,
    Signals,
    Valve,
    Vessel,
    Windkessel,
    rest_state,
    simulate,
)
from calfpump.law import AlgebraicLaw

FLUID = Fluid()
ARTERY = AlgebraicLaw.from_speed(3e-5, 6.0, FLUID.density, 0.5, 0.0)
MMHG = 133.322
Rows = Callable[..., None]


def test_steady_flow_through_a_resistance(row: Rows) -> None:
    """p_in − p_out = (R_vessel + R) Q with the vessel almost rigid: R_vessel = 8πμL/A²."""
    R, p_out = 80 * MMHG / 5e-6, 10 * MMHG
    stiff = AlgebraicLaw.from_speed(3e-5, 60.0, FLUID.density, 0.5, 0.0)
    network = Network([Vessel("v", "a", "b", 0.2, stiff)], boundaries=[FlowBoundary("a", "q"), Resistance("b", R, "out")])
    series = simulate(network, Signals.constant(q=5e-6, out=p_out), FLUID, 2.0)
    q = np.diff(series.through("v", "proximal")[-2:])[0] / np.diff(series.t[-2:])[0]
    own = 8 * np.pi * FLUID.viscosity * (0.2 - series.x("v")[0]) / stiff.A0**2
    row("steady flow through a resistance", "flow", 5e-6, q, 1e-6, "m³/s")
    row("steady flow through a resistance", "pressure over it, R Q", R * 5e-6, series.node_pressure("b")[-1] - p_out, 1e-5, "Pa")
    row("steady flow through a resistance", "pressure over both, (R + 8πμL/A²) Q", (R + own) * 5e-6, series.p[-1, 0] - p_out, 1e-3, "Pa")


def _windkessel(t_end: float, longest: float, R1: float = 2e8) -> tuple[float, float]:
    """Error of the discharge of a Windkessel over time, and of the volume balance. The vessel is short, stiff and closed: it holds nothing."""
    C, R2, p_out = 1e-10, 5e9, 5 * MMHG
    stiff = AlgebraicLaw.from_speed(1e-6, 20.0, FLUID.density, 0.5, 0.0)
    network = Network([Vessel("v", "a", "b", 0.01, stiff, cells=1)], boundaries=[Windkessel("b", R1, C, R2, "out")])
    signals = Signals.constant(out=p_out)
    start = rest_state(network, signals, FLUID, total_pressure=100 * MMHG)
    compliance = 0.01 * stiff.A0 / (stiff.slope(np.array(1.0)))
    series = simulate(network, signals, FLUID, t_end, initial=start, longest_step=longest, output_interval=0.05)
    V = series.volume("v") + series.bed_volume("b")
    lost = -series.bed_inflow("b")
    exact = p_out + (series.bed_pressure("b")[0] - p_out) * np.exp(-series.t / (R2 * C))
    assert compliance < 3e-4 * C
    return float(np.abs(series.bed_pressure("b") - exact).max() / (95 * MMHG)), float(np.abs(V - V[0] + lost).max() / abs(lost[-1]))


def test_windkessel_discharges_as_rc(row: Rows) -> None:
    """p_C = p_out + (p_0 − p_out) exp(−t/(R2 C)), τ = .5 s; what it loses is counted to round-off. The vessel itself holds next to nothing."""
    error, imbalance = _windkessel(1.0, 0.005)
    row("discharge of a Windkessel", "largest error over time of exp(−t/(R₂C))", 0.0, error, 2e-4, relative=False)
    row("discharge of a Windkessel", "volume lost, over that which it gives", 0.0, imbalance, 1e-11, relative=False)


def test_windkessel_in_sinusoidal_flow(row: Rows) -> None:
    """Z = R1 + R2/(1 + iω R2 C) from flow to pressure, at amplitude and phase, fed through a stiff vessel; the vessel itself holds nothing."""
    R1, C, R2, q, f = 2e8, 1e-9, 1e9, 5e-6, 2.0
    stiff = AlgebraicLaw.from_speed(1e-5, 60.0, FLUID.density, 0.5, 0.0)
    network = Network([Vessel("v", "a", "b", 0.01, stiff, cells=1)], boundaries=[FlowBoundary("a", "q"), Windkessel("b", R1, C, R2, "out")])
    t = np.linspace(0.0, 10.0, 40001)
    signals = Signals(t, {"q": q * np.sin(2 * np.pi * f * t), "out": 0.0})
    series = simulate(network, signals, FLUID, 10.0, output_interval=0.005)
    late = series.t > 8.0
    # flow that really passes the node: that of the boundary less what the vessel stores, which is nothing here
    passed = np.gradient(-series.bed_outflow("b"), series.t)[late]
    s, p = np.exp(-2j * np.pi * f * series.t[late]), series.bed_pressure("b")[late]
    measured = np.sum(p * s)
    Z = R2 / (1 + 2j * np.pi * f * R2 * C)
    error = np.abs(measured / (np.sum(passed * s) * Z) - 1.0)
    row("Windkessel in sinusoidal flow", "error of its impedance R₂/(1 + iωR₂C), modulus and phase", 0.0, error, 2e-3, relative=False)


@pytest.mark.parametrize("kind", ["reflection-free", "matched"])
def test_pulse_leaves_without_reflection(kind: str, row: Rows) -> None:
    """A pulse leaves a reflection-free end; of the matched impedance ρc/A what c's change makes comes back; a pressure end sends it back whole."""
    end = {"reflection-free": ReflectionFree("b", "p"), "matched": Resistance("b", FLUID.density * 6.0 / ARTERY.A0, "p")}[kind]
    inviscid = Fluid(viscosity=0.0)

    def left(boundary: ReflectionFree | Resistance | PressureBoundary) -> float:
        network = Network([Vessel("v", "a", "b", 0.6, ARTERY, cells=300)], boundaries=[FlowBoundary("a", "q"), boundary])
        t = np.linspace(0.0, 0.3, 301)
        pulse = 1e-6 * np.where(t < 0.05, np.sin(np.pi * t / 0.05) ** 2, 0.0)
        series = simulate(network, Signals(t, {"q": pulse, "p": 0.0}), inviscid, 0.22, output_interval=0.002)
        middle = series.p[:, 150]
        return float(np.abs(middle[series.t > 0.115]).max() / middle.max())

    assert left(PressureBoundary("b", "p")) > 0.95
    row(f"pulse at a {kind} end", "reflected share", 0.0, left(end), 1e-5 if kind == "reflection-free" else 3e-3, relative=False)


def test_wave_through_a_reflection_free_end(row: Rows) -> None:
    """The signal of a reflection-free end enters as a wave: Δp runs down the vessel with its own height and leaves at the other end."""
    network = Network([Vessel("v", "a", "b", 0.6, ARTERY, cells=300)], boundaries=[ReflectionFree("a", "in"), ReflectionFree("b", "p")])
    t = np.linspace(0.0, 0.3, 601)
    pulse = 200.0 * np.where(t < 0.05, np.sin(np.pi * t / 0.05) ** 2, 0.0)
    series = simulate(network, Signals(t, {"in": pulse, "p": 0.0}), Fluid(viscosity=0.0), 0.2, output_interval=0.001)
    # the signal is the pressure of rest far outside: half of its wave's invariant is its own, u + 2p/(ρc) = p_in/(ρc) + …, so p = p_in/2
    row("wave through a reflection-free end", "height of the wave, half of the signal's", 100.0, series.p[:, 150].max(), 1e-2, "Pa")
    row("wave through a reflection-free end", "what is left of it, over its height", 0.0, np.abs(series.p[-1]).max() / 100.0, 1e-3, relative=False)


def test_joined_ends_make_a_ring(row: Rows) -> None:
    """One vessel whose two ends are one node: a pulse that has run round is what it was; volume is kept to round-off.

    Its height, 1e-7 of A0, is too small for it to steepen on its way.
    """
    errors = []
    for n in (300, 600):
        ring = Network([Vessel("ring", "o", "o", 0.6, ARTERY, cells=n)])
        signals, inviscid = Signals.constant(), Fluid(viscosity=0.0)
        start = rest_state(ring, signals, inviscid)
        x = (np.arange(n) + 0.5) * 0.6 / n
        bump = 1e-7 * np.exp(-(((x - 0.3) / 0.05) ** 2))
        A = start.A * (1.0 + bump)
        speed = 4.0 * 6.0 * ((A / ARTERY.A0) ** 0.25 - 1.0)
        series = simulate(ring, signals, inviscid, 0.1, initial=start.with_cells(A=A, Q=A * speed), output_interval=0.05)
        assert np.abs(series.volume("ring") / series.volume("ring")[0] - 1.0).max() < 1e-13
        errors.append(np.abs(series.A[-1] / ARTERY.A0 - 1.0 - bump).sum() / bump.sum())
    order = float(np.log2(errors[0] / errors[1]))
    row("pulse once round a ring", "L1 error over the pulse, 600 cells", 0.0, errors[1], 0.01, relative=False, rate=(order, 1.8))


def test_ring_is_the_same_wherever_it_is_cut(row: Rows) -> None:
    """The ring of one vessel and a ring of two give the same field: the joint is no different from a face (to the scheme's order)."""
    signals, inviscid = Signals.constant(), Fluid(viscosity=0.0)
    errors = []
    for n in (150, 300):
        one = Network([Vessel("v", "o", "o", 0.6, ARTERY, cells=n)])
        two = Network([Vessel("v", "o", "m", 0.3, ARTERY, cells=n // 2), Vessel("w", "m", "o", 0.3, ARTERY, cells=n // 2)])
        A = ARTERY.A0 * (1.0 + 0.05 * np.sin(2 * np.pi * (np.arange(n) + 0.5) / n))
        fields = [
            simulate(net, signals, inviscid, 0.15, initial=rest_state(net, signals, inviscid).with_cells(A=A), output_interval=0.05).A[-1] for net in (one, two)
        ]
        errors.append(float(np.abs(fields[0] / fields[1] - 1.0).mean()))
    order = float(np.log2(errors[0] / errors[1]))
    row("wave in a ring", "cut once and twice: mean |ΔA|/A, 300 cells", 0.0, errors[1], 1e-5, relative=False, rate=(order, 1.8))


def test_valved_ring_driven_by_a_squeeze(row: Rows) -> None:
    """A closed circuit with two valves, squeezed by turns, moves its blood one way round and keeps it."""
    vein = AlgebraicLaw.from_speed(5e-5, 1.0, FLUID.density)
    vessels = [Vessel("pump", "a", "b", 0.1, vein, external="squeeze"), Vessel("back", "b", "a", 0.3, vein)]
    network = Network(vessels, [Valve("pump", 0.0), Valve("pump", 1.0)])
    t = np.linspace(0.0, 6.0, 601)
    signals = Signals(t, {"squeeze": 20 * MMHG * np.sin(np.pi * t) ** 2})
    start = rest_state(network, signals, FLUID, total_pressure=2 * MMHG)
    series = simulate(network, signals, FLUID, 6.0, initial=start)
    V = series.volume("pump") + series.volume("back")
    row("valved ring driven by a squeeze", "largest |V/V(0) − 1|", 0.0, np.abs(V / V[0] - 1.0).max(), 1e-12, relative=False)
    forward, net = series.through_valve(1, forward=True)[-1], series.through_valve(1)[-1]
    assert forward > 3e-6
    assert net > 0.9 * forward


def test_loads_are_refused_where_they_make_no_sense() -> None:
    vessels = [Vessel("v", "a", "b", 0.1, ARTERY, height=((0.0,), (0.2,))), Vessel("w", "b", "c", 0.1, ARTERY, height=((0.1,), (0.3,)))]
    boundaries = [
        Windkessel("a", -1.0, 1e-9, 1e9, "p"), Resistance("c", 0.0, "p"), Resistance("c", 1.0, "p"), ReflectionFree("b", "p"),
        FlowBoundary("b", "p"),
    ]  # fmt: skip
    with pytest.raises(NetworkError) as caught:
        simulate(Network(vessels, boundaries=boundaries), Signals.constant(posture=(1.0,), p=0.0), Fluid(profile=0.0))
    text = "\n".join(caught.value.problems)
    for expected in (
        "Windkessel at node 'a' needs R1 ≥ 0", "resistance at node 'c' must be positive", "node 'c' has 2 loads", "node 'b' is reflection-free, but 2",
        "node 'b' has 2 boundaries", "node 'b' lies at (0.2,) in vessel 'v' and at (0.1,)", "exponent of its profile",
    ):  # fmt: skip
        assert expected in text
    assert len(caught.value.problems) == 7, text
