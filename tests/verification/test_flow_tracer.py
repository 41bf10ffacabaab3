"""Blood that is marked: carried, mixed, washed out, and never lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from random_networks import END, random_problem

from calfpump.flow import Bed, Boundary, FlowBoundary, Fluid, Network, PressureBoundary, Resistance, Series, Signals, Tracer, Vessel, rest_state, simulate
from calfpump.law import AlgebraicLaw

#: hardly widened by its flow
STIFF = AlgebraicLaw(1e-4, 1e7, 0.5, 0.0)
WATER = Fluid(viscosity=0.0)
Q = 2e-5


def swept(cells: int, t: float) -> Series:
    """A smooth bolus through a stiff tube of .4 m at .2 m/s."""
    times = np.linspace(0.0, t, 2001)
    bolus = np.exp(-(((times - 0.5) / 0.15) ** 2))
    signals = Signals(times, {"q": Q, "p": 0.0, "bolus": bolus})
    ends: list[Boundary] = [FlowBoundary("a", "q"), PressureBoundary("b", "p")]
    network = Network([Vessel("v", "a", "b", 0.4, STIFF, cells=cells)], boundaries=ends, tracers=[Tracer("dye", inflow={"a": "bolus"})])
    start = rest_state(network, signals, WATER)
    return simulate(network, signals, WATER, t, initial=start.with_cells(Q=np.full(cells, Q)), longest_step=1.0)


def test_a_bolus_is_carried(row: Callable[..., None]) -> None:
    """φ(x, t) = φ_in(t − x/u) in a stiff tube: mean error, and its order."""
    t = 1.5
    errors = []
    for cells in (50, 100, 200):
        series = swept(cells, t)
        u = series.Q[-1] / series.A[-1]
        x = series.x("v")
        exact = np.exp(-(((t - x / u - 0.5) / 0.15) ** 2))
        errors.append(float(np.abs(series.share("dye")[-1] - exact).mean()))
    order = np.log2(errors[-2] / errors[-1])
    row("Tracer in a stiff tube", "mean error of φ at 200 cells", 0.0, errors[-1], 3e-3, relative=False)
    row("Tracer in a stiff tube", "order, 100 → 200 cells", 2.0, order, 0.25, relative=False)


def test_streams_mix_where_they_meet(row: Callable[..., None]) -> None:
    """φ = Σ q φ/Σ q behind a junction."""
    ends: list[Boundary] = [FlowBoundary("a", "qa"), FlowBoundary("b", "qb"), PressureBoundary("c", "p")]
    signals = Signals.constant(qa=1e-5, qb=3e-5, p=0.0, pure=1.0, thin=0.2)
    vessels = [Vessel("a", "a", "n", 0.1, STIFF), Vessel("b", "n", "b", 0.1, STIFF), Vessel("c", "n", "c", 0.1, STIFF)]
    network = Network(vessels, boundaries=ends, tracers=[Tracer("dye", inflow={"a": "pure", "b": "thin"})])
    series = simulate(network, signals, WATER, 6.0)
    at_end = series.share("dye")[-1, series.cells("c")][-1]
    row("Tracers where streams meet", "φ of 1/4 pure and 3/4 of φ = .2", 0.4, float(at_end), 1e-6)


def test_a_stirred_reservoir_is_washed_out(row: Callable[..., None]) -> None:
    """φ = exp(−q t/V) of a bed whose inflow and outflow are steady, and what has left it at the end of its vein."""
    R, V0, C = 1e10, 2e-6, 1e-9
    bed = Bed("muscle", "a", None, C, V0, 1e7, "R", 12e3)
    network = Network(
        [Vessel("v", "a", "b", 0.02, STIFF, cells=2)], beds=[bed], boundaries=[PressureBoundary("b", "p")],
        tracers=[Tracer("pool", beds=["muscle"], at=20.0), Tracer("arterial", inflow={"muscle": "new"})],
    )  # fmt: skip
    signals = Signals(np.array([0.0, 20.0, 20.0 + 1e-9, 24.0]), {"R": R, "p": 0.0, "new": np.array([0.0, 0.0, 1.0, 1.0])})
    series = simulate(network, signals, WATER, 24.0)
    late = series.t >= 20.0
    q = float(np.ptp(series.bed_outflow("muscle")[late])) / 4.0
    V = series.bed_volume("muscle")[-1]
    left = series.marked_in_bed("pool", "muscle")[-1] / V
    row("Wash-out of a reservoir", "marked share left after 4 s, q t/V = 2", float(np.exp(-q * 4.0 / V)), float(left), 1e-4)
    both = series.marked_in_bed("pool", "muscle") + series.marked_in_bed("arterial", "muscle")
    row("Wash-out of a reservoir", "old and new blood together", V, float(both[-1]), 1e-9)
    lost = series.marked_volume("pool")[-1] + np.abs(series.marked_in[-1, 0]) - series.marked_volume("pool")[late][0]
    row("Wash-out of a reservoir", "what is left and what has left, less what was marked", 0.0, float(lost / V), 1e-13, relative=False)


@pytest.mark.parametrize("seed", [1, 2, 5])
def test_marked_blood_is_never_lost(seed: int, row: Callable[..., None]) -> None:
    """Random networks with valves, collapse and violent pressures: φ = 1 stays 1 where all blood is marked; some marked blood stays within 0..1, in balance."""
    problem = random_problem(seed)
    network = problem.network
    beds = [bed.name for bed in network.beds]
    nodes = {node for v in network.vessels for node in (v.distal, v.proximal)}
    tracers = [
        Tracer("all", [v.name for v in network.vessels], beds, 0.0, dict.fromkeys((*nodes, *beds), "one")),
        Tracer("some", [v.name for v in network.vessels[::2]], beds[:1], 0.5),
    ]
    signals = replace(problem.signals, values={**problem.signals.values, "one": 1.0})
    marked = replace(network, tracers=tracers)
    start = rest_state(marked, signals, problem.fluid, total_pressure=problem.start_total, cell_length=problem.options["cell_length"])
    series = simulate(marked, signals, problem.fluid, END, initial=start, **problem.options)
    row(
        "Tracers in random networks",
        f"seed {seed}: largest |φ − 1| where all is marked",
        0.0,
        float(np.abs(series.share("all") - 1.0).max()),
        1e-9,
        relative=False,
    )
    some = series.share("some")
    beyond = float(max(-some.min(), some.max() - 1.0, 0.0))
    row("Tracers in random networks", f"seed {seed}: φ beyond 0..1", 0.0, beyond, 1e-9, relative=False)
    since = series.t >= 0.5 - 1e-9
    volume, entered = series.marked_volume("some")[since], series.marked_in[since, 1]
    through = np.abs(series.face_volume).max() + volume.max()
    lost = np.abs(volume - volume[0] - (entered - entered[0])).max() / through
    row("Tracers in random networks", f"seed {seed}: marked volume lost over the throughput", 0.0, float(lost), 1e-10, relative=False)


def test_the_flow_does_not_feel_it() -> None:
    """A, Q to the bit with and without tracers."""
    problem = random_problem(2)
    one = dict.fromkeys((problem.network.vessels[0].distal,), "one")
    signals = replace(problem.signals, values={**problem.signals.values, "one": 1.0})
    without = simulate(problem.network, signals, problem.fluid, 0.3, **problem.options)
    traced = simulate(replace(problem.network, tracers=[Tracer("dye", inflow=one)]), signals, problem.fluid, 0.3, **problem.options)
    assert np.array_equal(without.A, traced.A)
    assert np.array_equal(without.Q, traced.Q)


def test_a_load_gives_back_what_the_case_says(row: Callable[..., None]) -> None:
    """Flow that turns at a resistance: what comes back has the share of the load's inflow."""
    t = np.linspace(0.0, 6.0, 61)
    signals = Signals(t, {"q": np.where(t < 2.9, -Q, Q), "p": 0.0, "one": 1.0})
    ends: list[Boundary] = [FlowBoundary("a", "q"), Resistance("b", 1e6, "p")]
    network = Network([Vessel("v", "a", "b", 0.2, STIFF)], boundaries=ends, tracers=[Tracer("dye", inflow={"b": "one"})])
    series = simulate(network, signals, WATER, 6.0)
    middle = series.share("dye")[np.argmin(np.abs(series.t - 2.8)), series.cells("v")]
    row("Tracers at a load", "φ after the tube was filled from behind", 1.0, float(middle.min()), 1e-3)
    row("Tracers at a load", "φ after it was rinsed from in front", 0.0, float(series.share("dye")[-1].max()), 1e-3, relative=False)
