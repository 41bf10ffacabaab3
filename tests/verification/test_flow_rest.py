"""Blood at rest stays at rest: gravity, jumps of every property, tables, compartments, valves, beds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from calfpump.flow import Bed, Compartment, Fluid, Network, PressureBoundary, Signals, Valve, Vessel, rest_state, simulate
from calfpump.law import AlgebraicLaw, CompartmentLaw, TubeLaw

FLUID = Fluid()


def stiffening(A0: float) -> TubeLaw:
    """A law with two activation states."""
    base = AlgebraicLaw.from_speed(A0, 1.5, FLUID.density).to_table()
    f = np.stack([base.f[0], 1.7 * base.f[0] + 50.0 * base.alpha])
    return TubeLaw("active", A0, base.alpha, np.array([0.0, 0.2]), f, np.repeat(base.G, 2, axis=0), np.repeat(base.alpha_fe, 2, axis=0))


def jumping_network() -> tuple[Network, Signals]:
    """Six vessels in a tree with a loop; K, A0, p_ext, heights, kinds of law all jump; the upper ones are collapsed."""
    vein, other = AlgebraicLaw.from_speed(3e-5, 1.0, FLUID.density), AlgebraicLaw.from_speed(1.2e-5, 2.0, FLUID.density)
    vessels = [
        Vessel("a", "0", "1", 0.4, vein, height=((0.0,), (0.4,))),
        Vessel("b", "1", "2", 0.3, stiffening(2e-5), 2.0, height=((0.4,), (0.7,)), compartment="muscle"),
        Vessel("c", "1", "2", 0.5, other.to_table(), height=((0.4,), (0.7,)), external="hose"),
        Vessel("d", "2", "3", 0.4, other, height=((0.7,), (1.1,)), external="hose"),
        Vessel("e", "3", "4", 0.3, vein.to_table(), 3.0, height=((1.1,), (1.4,))),
        Vessel("f", "5", "1", 0.2, AlgebraicLaw(2e-5, 4000.0, 0.5, 0.0), height=((0.2,), (0.4,))),
    ]
    law = CompartmentLaw("muscle", np.array([0.0, 0.2]), np.array([0.5, 1.0, 1.5]), np.array([[0.0, 300.0, 900.0], [4e3, 5e3, 7e3]]))
    valves = [Valve("a", 0.5), Valve("b", 0.3, leak=0.1), Valve("c", 0.7), Valve("e", 0.4)]
    bed = Bed("bed", "5", "muscle", 1e-9, 5e-6, 5e8, "R", 100.0, height=(0.2,), arterial_height=(0.2,))
    network = Network(vessels, valves, [bed], [Compartment("muscle", law, "s", "push")], [PressureBoundary("4", "atrium")])
    return network, Signals.constant(posture=(1.0,), hose=2500.0, s=0.13, push=700.0, atrium=-2000.0, R=1e12)


@pytest.mark.parametrize("open_valves", [False, True], ids=["valves shut", "valves open"])
def test_rest_is_kept_for_ten_thousand_steps(open_valves: bool, row: Callable[..., None]) -> None:
    """Q = 0, p + ρgz = const over jumps of every property, part of the veins collapsed, 10 000 steps."""
    network, signals = jumping_network()
    start = rest_state(network, signals, FLUID)
    start.zeta[:] = 1.0 if open_valves else 0.0
    # Nothing flows in from the arteries: p_art is below p_v in the bed, which lies deep under the atrium.
    series = simulate(network, signals, FLUID, 4.5, initial=start, output_interval=0.5)
    assert series.steps >= 10_000
    assert series.bed_in[-1].sum() == 0.0
    alpha = series.A[0] / np.concatenate([np.full(series.x(v.name).size, v.n_parallel * v.law.A0) for v in network.vessels])
    assert alpha.min() < 0.2, "part of the network is meant to be collapsed"
    of = "valves open" if open_valves else "valves shut"
    row("Rest in gravity", f"{of}: largest |u|", 0.0, np.abs(series.Q / series.A).max(), 1e-12, "m/s", relative=False)
    row("Rest in gravity", f"{of}: largest change of A/A(0)", 0.0, np.abs(series.A / series.A[0] - 1.0).max(), 1e-12, relative=False)


def test_ankle_pressure_is_hydrostatic(row: Callable[..., None]) -> None:
    """p = p_atrium + ρgh, h = 1.4 m: −2000 + 1060·9.81·1.4 = 12558 Pa."""
    network, signals = jumping_network()
    series = simulate(network, signals, FLUID, 0.1)
    row("Rest in gravity", "pressure 1.4 m below the atrium, p + ρgh", -2000.0 + 1060.0 * 9.81 * 1.4, series.node_pressure("0")[-1], 1e-12, "Pa")
    row("Rest in gravity", "pressure of a bed 1.2 m below it", -2000.0 + 1060.0 * 9.81 * 1.2, series.bed_pressure("bed")[-1], 1e-9, "Pa")


def test_outer_pressure_alone_moves_the_blood() -> None:
    """The same network with the hose taken off in time does not stay at rest: the test above can fail."""
    network, signals = jumping_network()
    t = np.array([0.0, 0.2, 10.0])
    values = dict(signals.values) | {"hose": np.array([2500.0, 0.0, 0.0])}
    series = simulate(network, Signals(t, values, np.ones((3, 1))), FLUID, 0.3)
    assert np.abs(series.Q / series.A).max() > 1e-3
