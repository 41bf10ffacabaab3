"""Networks: volume balances, junctions, closed ends, choking, a run saved and taken up again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import brentq

from calfpump.flow import (
    Bed,
    Compartment,
    FlowBoundary,
    Fluid,
    Network,
    PressureBoundary,
    Series,
    Signals,
    State,
    Valve,
    Vessel,
    rest_state,
    simulate,
)
from calfpump.law import AlgebraicLaw, CompartmentLaw, TubeLaw

FLUID = Fluid()
MMHG = 133.322
Rows = Callable[..., None]


def law(rng: np.random.Generator, states: int) -> AlgebraicLaw | TubeLaw:
    plain = AlgebraicLaw.from_speed(float(rng.uniform(0.5e-5, 4e-5)), float(rng.uniform(0.8, 2.0)), FLUID.density)
    if states == 0:
        return plain
    table = plain.to_table()
    s = np.linspace(0.0, 0.15, states)
    f = np.stack([table.f[0] * (1.0 + 4.0 * x) for x in s])
    return TubeLaw("random", plain.A0, table.alpha, s, f, np.repeat(table.G, states, axis=0), np.repeat(table.alpha_fe, states, axis=0))


def random_network(seed: int) -> tuple[Network, Signals]:
    """Eight nodes, fourteen vessels with loops, valves, beds, a muscle that contracts hard, posture that changes."""
    rng = np.random.default_rng(seed)
    nodes = [f"n{k}" for k in range(8)]
    height = {node: (float(z),) for node, z in zip(nodes, np.sort(rng.uniform(0.0, 1.2, 8)), strict=True)}
    pairs = [(k, k + 1) for k in range(7)] + [tuple(sorted(rng.choice(8, 2, replace=False))) for _ in range(7)]
    vessels, valves = [], []
    for k, (a, b) in enumerate(pairs):
        compartment = (None, "muscle", "other")[k % 3]
        own = law(rng, (0, 3, 1)[k % 3])
        ends = (height[nodes[a]], height[nodes[b]])
        vessels.append(Vessel(f"v{k}", nodes[a], nodes[b], float(rng.uniform(0.05, 0.3)), own, float(rng.integers(1, 4)), None, ends, compartment))
        if k % 2 == 0:
            valves.append(Valve(f"v{k}", float(rng.uniform(0, 1)), leak=float(rng.choice([0.0, 0.05]))))
    beds = [
        Bed(f"bed{k}", nodes[k], "muscle" if k else None, 5e-6 / (20 * MMHG), 4e-6, 5 * MMHG / 1e-6, "R", 93 * MMHG, height[nodes[k]], (1.2,)) for k in range(3)
    ]
    p_c = MMHG * np.array([[0.0, 2.0, 10.0], [80.0, 100.0, 140.0]])
    spaces = [Compartment("muscle", CompartmentLaw("m", np.array([0.0, 0.15]), np.array([0.0, 1.0, 2.0]), p_c), "s"), Compartment("other", None, None, "p")]
    t = np.linspace(0.0, 3.0, 301)
    values = {
        "s": 0.15 * np.clip(np.sin(2 * np.pi * t), 0, 1), "p": 30 * MMHG * np.clip(np.sin(3 * np.pi * t), 0, 1), "atrium": 3 * MMHG,
        "R": 90 * MMHG / 1e-6, "drip": 1e-6 * np.sin(np.pi * t) ** 2,
    }  # fmt: skip
    network = Network(vessels, valves, beds, spaces, [PressureBoundary("n7", "atrium"), FlowBoundary("n2", "drip")])
    return network, Signals(t, values, np.clip(t - 0.5, 0.0, 1.0)[:, None])


def total_volume(series: Series) -> np.ndarray:
    return sum(series.volume(v) for v in series.vessels) + series.bed_V.sum(axis=1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_volume_balances_of_a_random_network(seed: int, row: Rows) -> None:
    """Vessels, beds, nodes and the whole to 1e-10 of the throughput, with valves, loops, collapse and changing posture."""
    network, signals = random_network(seed)
    series = simulate(network, signals, FLUID, 3.0)
    throughput = np.abs(np.diff(series.source, axis=0)).sum() + series.bed_in[-1].sum()
    moved = series.face_forward[-1].max()
    assert moved > 1e-6
    assert throughput > 1e-6
    errors = {"vessels": 0.0, "beds": 0.0, "nodes": 0.0}
    for name in series.vessels:
        gained = series.volume(name) - series.volume(name)[0]
        errors["vessels"] = max(errors["vessels"], np.abs(gained - series.through(name, "distal") + series.through(name, "proximal")).max())
    for bed in network.beds:
        gained = series.bed_volume(bed.name) - series.bed_volume(bed.name)[0]
        errors["beds"] = max(errors["beds"], np.abs(gained - series.bed_inflow(bed.name) + series.bed_outflow(bed.name)).max())
    for node in series.layout.nodes:
        out = sum((series.through(v.name, "distal") for v in network.vessels if v.distal == node), np.zeros_like(series.t))
        into = sum((series.through(v.name, "proximal") for v in network.vessels if v.proximal == node), np.zeros_like(series.t))
        into = into + sum((series.bed_outflow(b.name) for b in network.beds if b.node == node), np.zeros_like(series.t))
        errors["nodes"] = max(errors["nodes"], np.abs(into + series.node_source(node) - out).max())
    V = total_volume(series)
    errors["the whole"] = np.abs(V - V[0] - series.source.sum(axis=1) - series.bed_in.sum(axis=1)).max()
    for what, error in errors.items():
        row("Volume balances of a network", f"network {seed}, {what}: volume lost over the throughput", 0.0, error / throughput, 1e-10, relative=False)


def test_the_drip_enters_in_full(row: Rows) -> None:
    """A flow boundary gives what its signal says: ∫ 1e-6 sin²(πt) dt over 3 s = 1.5e-6 m³, by the midpoint rule of the steps."""
    network, signals = random_network(1)
    series = simulate(network, signals, FLUID, 3.0)
    row("Volume balances of a network", "volume that a flow boundary gives, ∫ q dt", 1.5e-6, series.node_source("n2")[-1], 1e-4, "m³")


def test_resumed_equals_uninterrupted(tmp_path: Path) -> None:
    """Bit for bit, through a file."""
    network, signals = random_network(2)
    whole = simulate(network, signals, FLUID, 2.0)
    half = simulate(network, signals, FLUID, 1.0)
    half.end.save(tmp_path / "state.npz")
    rest = simulate(network, signals, FLUID, 2.0, initial=State.load(tmp_path / "state.npz"))
    for f in fields(State):
        assert np.array_equal(getattr(rest.end, f.name), getattr(whole.end, f.name)), f.name
    assert np.array_equal(np.concatenate([half.A, rest.A[1:]]), whole.A)


def test_equal_branches_carry_equal_flow(row: Rows) -> None:
    """Two equal daughters, in other order and direction of definition, share the flow; their sum is the parent's to round-off."""
    vein = AlgebraicLaw.from_speed(2e-5, 1.5, FLUID.density)
    small = AlgebraicLaw.from_speed(1.2e-5, 1.5, FLUID.density)
    vessels = [Vessel("left", "a", "b", 0.3, small), Vessel("right", "c", "b", 0.3, small), Vessel("parent", "b", "d", 0.3, vein)]
    network = Network(vessels, boundaries=[FlowBoundary("a", "q"), FlowBoundary("c", "q"), PressureBoundary("d", "p")])
    t = np.linspace(0.0, 1.0, 101)
    series = simulate(network, Signals(t, {"q": 2e-6 * np.sin(np.pi * t) ** 2, "p": 500.0}), FLUID, 1.0)
    assert np.array_equal(series.Q[:, series.cells("left")], series.Q[:, series.cells("right")])
    both, parent = 2.0 * series.through("left", "proximal")[-1], series.through("parent", "distal")[-1]
    row("Junctions", "two equal veins into one: volume through it", both, parent, 1e-13, "m³")


@pytest.mark.parametrize("tabulated", [False, True], ids=["closed form", "table"])
def test_total_head_is_continuous_in_a_junction(tabulated: bool, row: Rows) -> None:
    """Steady flow without friction: p + ½ρu² + ρgz the same in all cells, through a confluence of unequal veins."""
    vein, small = AlgebraicLaw.from_speed(2e-5, 1.5, FLUID.density), AlgebraicLaw.from_speed(0.9e-5, 1.0, FLUID.density)
    signals = Signals.constant(posture=(1.0,), q1=2e-6, q2=5e-6, p=300.0)
    thick, thin = Fluid(viscosity=0.05), Fluid(viscosity=1e-9)
    spreads = []
    for fine in (4, 8):
        vessels = [
            Vessel("one", "a", "b", 0.2, small.to_table() if tabulated else small, cells=20 * fine, height=((0.0,), (0.1,))),
            Vessel("two", "c", "b", 0.1, vein, cells=10 * fine, height=((0.05,), (0.1,))),
            Vessel("three", "b", "d", 0.3, vein, cells=30 * fine, height=((0.1,), (0.4,))),
        ]
        network = Network(vessels, boundaries=[FlowBoundary("a", "q1"), FlowBoundary("c", "q2"), PressureBoundary("d", "p")])
        settled = simulate(network, signals, thick, 8.0).end
        series = simulate(network, signals, thin, 60.0, initial=settled, output_interval=10.0)
        z = np.concatenate([0.5 * series.x("one"), 0.05 + 0.5 * series.x("two"), 0.1 + series.x("three")])
        kinetic = 0.5 * thin.density * (series.Q[-1] / series.A[-1]) ** 2
        head = series.p[-1] + kinetic + thin.density * thin.gravity * z
        spreads.append(float(np.ptp(head) / kinetic.max()))
    assert kinetic.max() > 20.0
    kind, order = "one branch a table" if tabulated else "closed form", float(np.log2(spreads[0] / spreads[1]))
    row("Junctions", f"{kind}: spread of total head over ½ρu², 1.25 mm", 0.0, spreads[1], 1e-4, "", (order, 1.8), "", False)


def test_closed_network_keeps_its_volume(row: Rows) -> None:
    """Three vessels with closed ends, sloshing for 5 s."""
    vein = AlgebraicLaw.from_speed(2e-5, 1.0, FLUID.density)
    network = Network([Vessel("a", "1", "2", 0.3, vein), Vessel("b", "2", "3", 0.2, vein), Vessel("c", "2", "4", 0.25, vein.to_table())])
    signals = Signals.constant()
    start = rest_state(network, signals, FLUID)
    A = start.A * np.linspace(0.5, 1.5, start.A.size)
    series = simulate(network, signals, FLUID, 5.0, initial=start.with_cells(A=A))
    V = total_volume(series)
    assert np.abs(series.Q).max() > 1e-7
    row("Volume balances of a network", "closed network: largest |V/V(0) − 1|", 0.0, np.abs(V / V[0] - 1.0).max(), 1e-12, relative=False)


def test_flow_through_a_collapsing_vein_chokes(row: Rows) -> None:
    """Starling resistor without friction: Q = A c at u = c, whatever the pressure behind it; nothing varies along it, so all grids give the same.

    A wide vein at the pressure p1 feeds a narrow one: p1 + ½ρ(Q/A_wide)² = ψ(A) + ½ρ c(A)², Q = A c.
    """
    vein, wide = AlgebraicLaw.from_speed(2e-5, 0.5, FLUID.density), AlgebraicLaw.from_speed(4e-4, 0.5, FLUID.density)
    p1, rho = 60.0, FLUID.density

    def psi(A: float) -> float:
        return float(vein.pressure(np.array(A / vein.A0)))

    def c(A: float) -> float:
        return float(np.sqrt(A / rho * vein.slope(np.array(A / vein.A0)) / vein.A0))

    A1 = brentq(lambda A: psi(A) - p1, 0.5 * vein.A0, 3.0 * vein.A0)
    A = brentq(lambda A: psi(A) + 0.5 * rho * c(A) ** 2 - p1 - 0.5 * rho * (A * c(A) / (20.0 * A1)) ** 2, 0.3 * A1, A1)
    exact = A * c(A)

    def flow(cells: int, p2: float) -> float:
        vessels = [Vessel("wide", "1", "2", 0.1, wide, cells=20), Vessel("narrow", "2", "3", 0.1, vein, cells=cells)]
        network = Network(vessels, boundaries=[PressureBoundary("1", "p1"), PressureBoundary("3", "p2")])
        start = rest_state(network, Signals.constant(p1=p1, p2=p1), FLUID)
        series = simulate(network, Signals.constant(p1=p1, p2=p2), Fluid(viscosity=1e-9), 12.0, initial=start, output_interval=1.0)
        return float(series.Q[-1, -1])

    coarse, fine, lower = flow(50, -2000.0), flow(100, -2000.0), flow(50, -4000.0)
    source = "Shapiro 1977, J Biomech Eng 99:126"
    row("Starling resistor", "choked flow, Q = A c at u = c, 50 cells", exact, coarse, 2e-4, "m³/s", source=source)
    row("Starling resistor", "choked flow, 100 cells", exact, fine, 2e-4, "m³/s", source=source)
    row("Starling resistor", "choked flow with 2 kPa less behind it, over that before", 1.0, lower / coarse, 1e-9, source=source)


def test_violent_collapse_keeps_areas_positive_and_volume(row: Rows) -> None:
    """A muscle at 300 mmHg squeezes its veins within 50 ms against weak outlets: nothing negative, nothing lost."""
    network, signals = random_network(5)
    t = np.array([0.0, 0.5, 0.55, 1.0, 1.05, 3.0])
    values = dict(signals.values) | {
        "s": 0.0, "p": 300.0 * MMHG * np.array([0.0, 0.0, 1.0, 1.0, 0.0, 0.0]), "drip": 0.0
    }  # fmt: skip
    series = simulate(network, Signals(t, values, np.ones((6, 1))), FLUID, 3.0, output_interval=0.01)
    ratio = np.concatenate([series.A[:, series.cells(v.name)] / (v.n_parallel * v.law.A0) for v in network.vessels], axis=1)
    assert 0.0 < ratio.min() < 0.05
    V = total_volume(series)
    throughput = np.abs(np.diff(series.source, axis=0)).sum() + series.bed_in[-1].sum()
    error = np.abs(V - V[0] - series.source.sum(axis=1) - series.bed_in.sum(axis=1)).max()
    row("Volume balances of a network", "veins squeezed by 300 mmHg in 50 ms: volume lost over the throughput", 0.0, error / throughput, 1e-10, relative=False)


def test_a_source_that_draws_too_much_and_then_pushes(row: Rows) -> None:
    """A source asks a vein for 17 times its volume, and half of it comes, choked; then all that it pushes goes in, in balance."""
    draw, push = -2e-4, 3e-6
    network = Network([Vessel("v", "a", "b", 0.2, AlgebraicLaw.from_speed(3e-5, 1.0, FLUID.density))], boundaries=[FlowBoundary("a", "q")])
    t = np.array([0.0, 0.5, 0.5001, 2.0])
    signals = Signals(t, {"q": np.array([draw, draw, push, push])})
    start = rest_state(network, signals, FLUID, total_pressure=0.0)
    series = simulate(network, signals, FLUID, 2.0, initial=start, output_interval=0.05)
    V, source = series.volume("v"), series.node_source("a")
    k = int(np.searchsorted(series.t, 0.55))
    drawn = V[0] - V.min()
    assert 0.4 * V[0] < drawn < V[0], "the vein is meant to be drawn as far as it chokes"
    problem = "A source draws more than a vein has, then pushes"
    row(problem, "volume pushed in after it", push * (2.0 - series.t[k]), source[-1] - source[k], 1e-10, "m³")
    row(problem, "volume lost over that drawn", 0.0, np.abs(V - V[0] - source).max() / drawn, 1e-11, relative=False)
    row(problem, "largest |head| of the node over the largest |p|", 0.0, np.abs(series.node_p).max() / np.abs(series.p).max(), 10.0, relative=False)


def test_a_pump_draws_on_a_closed_vein_until_its_blood_boils(row: Rows) -> None:
    """A source asks a closed vein for three times its volume: what is left rests at the vapour pressure, ψ(A) = −95 kPa; the time step lasts."""
    vein = AlgebraicLaw.from_speed(3e-5, 1.0, FLUID.density)
    network = Network([Vessel("v", "a", "b", 0.2, vein)], boundaries=[FlowBoundary("a", "q")])
    signals = Signals.constant(q=-1e-5)
    start = rest_state(network, signals, FLUID, total_pressure=0.0)
    series = simulate(network, signals, FLUID, 3.0, initial=start, output_interval=0.1)
    left = vein.A0 * float(brentq(lambda alpha: float(vein.pressure(np.array([alpha]))[0]) + 95e3, 1e-3, 1.0))
    problem = "A source draws on a closed vein"
    row(problem, "lowest pressure of its node", -95e3, series.node_p.min(), 1e-6, "Pa")
    row(problem, "area left, ψ(A) = −95 kPa", left, float(series.A[-1].mean()), 1e-3, "m²")
    row(problem, "steps", 0.0, series.steps, 20000.0, relative=False)


def test_compartment_pressure_follows_its_law(row: Rows) -> None:
    """p_c recorded = law(s, ΣV/ΣV0) + nothing else."""
    network, signals = random_network(3)
    series = simulate(network, signals, FLUID, 1.0)
    space = network.compartments[0]
    V0 = sum(v.length * v.n_parallel * v.law.A0 for v in network.vessels if v.compartment == "muscle")
    V = sum(series.volume(v.name) for v in network.vessels if v.compartment == "muscle")
    assert space.law is not None
    expected = np.array([space.law.pressure(signals("s", t), r) for t, r in zip(series.t, V / V0, strict=True)])
    error = np.abs(series.compartment_pressure("muscle") - expected).max()
    assert np.ptp(expected) > 1000.0
    row("Compartment", "p_c = law(s, ΣV/ΣV0) in time: largest error", 0.0, error, 1e-6, "Pa", relative=False)


def test_parallel_veins_are_as_many_single_ones(row: Rows) -> None:
    """n_parallel = 3 gives the flow and pressure of three equal vessels side by side, to round-off."""
    vein = AlgebraicLaw.from_speed(1e-5, 1.5, FLUID.density).to_table()
    ends = [FlowBoundary("a", "q"), PressureBoundary("b", "p")]
    signals = Signals.constant(q=3e-6, p=200.0)
    one = simulate(Network([Vessel("v", "a", "b", 0.3, vein, 3.0)], boundaries=ends), signals, FLUID, 1.0)
    three = simulate(Network([Vessel(f"v{k}", "a", "b", 0.3, vein) for k in range(3)], boundaries=ends), signals, FLUID, 1.0)
    p, Q = three.p[:, three.cells("v0")], 3.0 * three.Q[:, three.cells("v2")]
    row("Parallel veins", "pressure of a bundle of 3 and of 3 single ones: largest |Δp|/p", 0.0, np.abs(one.p / p - 1.0).max(), 1e-9, relative=False)
    row("Parallel veins", "flow of the same: largest |ΔQ| over the largest Q", 0.0, np.abs(one.Q - Q).max() / np.abs(Q).max(), 1e-9, relative=False)


def test_state_of_other_size_is_refused() -> None:
    from calfpump.flow import NetworkError

    network, signals = random_network(1)
    state = rest_state(network, signals, FLUID)
    with pytest.raises(NetworkError, match="its A has the shape"):
        simulate(network, signals, FLUID, 1.0, initial=replace(state, A=state.A[:-1], Q=state.Q[:-1]))
    for name in ("V", "zeta", "q_valve", "end_total", "end_Q", "head"):  # sizes that only the kernel would miss
        value = getattr(state, name)
        with pytest.raises(NetworkError, match=f"its {name} has the shape"):
            simulate(network, signals, FLUID, 1.0, initial=replace(state, **{name: np.append(value, 0.0)}))
        if value.size:
            with pytest.raises(NetworkError, match=f"{name} is not finite"):
                simulate(network, signals, FLUID, 1.0, initial=replace(state, **{name: np.full_like(value, np.nan)}))
