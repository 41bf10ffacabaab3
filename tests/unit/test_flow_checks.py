"""What the flow solver refuses, and how it tells."""

from __future__ import annotations

import numpy as np
import pytest

from calfpump.flow import (
    Bed,
    Compartment,
    FlowBoundary,
    FlowError,
    Fluid,
    Network,
    NetworkError,
    PressureBoundary,
    Signals,
    Valve,
    Vessel,
    rest_state,
    simulate,
)
from calfpump.flow.simulate import output_times
from calfpump.law import AlgebraicLaw

VEIN = AlgebraicLaw(2e-5, 100.0, 10.0, -1.5)


def test_all_problems_at_once() -> None:
    network = Network(
        [
            Vessel("twin", "a", "b", 0.1, VEIN),
            Vessel("twin", "b", "c", -0.1, VEIN),
            Vessel("lost", "b", "c", 0.1, VEIN, compartment="nowhere", height=((0.0, 1.0), (1.0, 1.0))),
        ],
        [Valve("nobody", 0.5), Valve("lost", 1.5)],
        [Bed("bed", "z", None, 1e-9, 1e-6, 1e8, "R", 1e4)],
        [Compartment("space", None, "activation")],
        [PressureBoundary("q", "p"), FlowBoundary("a", "inflow")],
    )
    signals = Signals(np.array([0.0, 1.0]), {"R": np.array([1e8, -1.0]), "inflow": np.array([0.0, np.nan]), "p": np.zeros(3)}, np.ones((2, 1)))
    with pytest.raises(NetworkError) as caught:
        simulate(network, signals, Fluid(density=-1.0), 1.0)
    text = "\n".join(caught.value.problems)
    for expected in (
        "2 vessels are named 'twin'", "not -0.1 m", "unknown compartment 'nowhere'", "heights along 2 segments", "unknown vessel 'nobody'",
        "at and leak in 0..1", "bed 'bed' drains into node 'z'", "boundary at node 'q'", "node 'b' lies at ()", "node 'c' lies at ()",
        "needs the signal 'activation'",
        "signal 'inflow' is not finite at t = 1 s", "signal 'p' has 3 samples for 2 times", "resistance of bed 'bed' must be positive", "density > 0",
    ):  # fmt: skip
        assert expected in text
    assert len(caught.value.problems) == 15, text


def test_numbers_that_cannot_work() -> None:
    network = Network([Vessel("v", "a", "b", 0.1, VEIN)])
    with pytest.raises(NetworkError, match=r"0 < cfl ≤ 0\.5, not 0\.9") as caught:
        simulate(network, Signals.constant(), cfl=0.9, output_interval=-1.0)
    assert len(caught.value.problems) == 2


def test_more_valves_than_faces() -> None:
    network = Network([Vessel("v", "a", "b", 0.02, VEIN, cells=2)], [Valve("v", 0.4), Valve("v", 0.6)])
    with pytest.raises(NetworkError, match="'v' has 2 valves but only 1 interior faces"):
        simulate(network, Signals.constant())


def test_nan_in_the_state_is_caught_with_its_place() -> None:
    """A NaN in A or in Q, put in on purpose: told with vessel, place and time."""
    network = Network([Vessel("first", "a", "b", 0.1, VEIN), Vessel("second", "b", "c", 0.1, VEIN)])
    start = rest_state(network, Signals.constant())
    for field in ("A", "Q"):
        values = getattr(start, field).copy()
        values[14] = np.nan
        with pytest.raises(FlowError, match=r"t = 0 s in vessel 'second' at x = 45.0 mm of 100.0 mm"):
            simulate(network, Signals.constant(), initial=start.with_cells(**{field: values}))


def test_nan_that_arises_in_the_kernel_is_caught() -> None:
    """A law that turns NaN in one row of its table, beyond every check of the input: the kernel itself must see it."""
    from calfpump.flow import assemble as assembly
    from calfpump.flow import layout
    from calfpump.flow.advance import NOT_FINITE, advance
    from calfpump.flow.simulate import SHORTEST_STEP

    network = Network([Vessel("v", "a", "b", 0.1, VEIN.to_table())])
    signals = Signals.constant()
    where = layout(network, 0.01)
    p = assembly.assemble(where, signals, Fluid())
    start = rest_state(network, signals)
    u, sums, counts = assembly.unknowns_of(start, p), assembly.totals(p), np.zeros(3, np.int64)
    p.law.rows[:] = np.nan
    _, status = advance(
        0.0, 1.0, 0.4, SHORTEST_STEP, 0.005, counts, u, sums, p.vessels, p.slots, p.law, p.states, p.spaces, p.nodes, p.ends, p.valves, p.beds, p.bed_work,
        p.tracers, p.drive, p.work, p.blood,
    )  # fmt: skip
    assert status == NOT_FINITE
    assert counts[0] == 1


def test_output_times_are_the_same_in_pieces() -> None:
    whole = output_times(0.0, 1.0, 0.03)
    pieces = np.concatenate([output_times(0.0, 0.6, 0.03), output_times(0.6, 1.0, 0.03)[1:]])
    assert np.array_equal(whole, pieces)
    assert whole[0] == 0.0
    assert whole[-1] == 1.0


def test_progress_is_told() -> None:
    told: list[float] = []
    simulate(Network([Vessel("v", "a", "b", 0.1, VEIN)]), Signals.constant(), t_end=0.1, progress=told.append)
    assert told == pytest.approx([0.02, 0.04, 0.06, 0.08, 0.1])
