"""Random networks, each from its seed: whatever is put together stays finite, positive and in balance."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pytest
from random_networks import END, MMHG, Problem, lost, random_problem

from calfpump.flow import FlowError, NetworkError, Series, Signals, rest_state, simulate

STUDY = 500
#: seven in a row; draws more out of a vein than it has (35 before it pushes, 1080 for good), supercritical flow into a Windkessel (1093), a cell that is
#: emptied between two valves (1473)
EVERY_DAY = (0, 1, 2, 3, 4, 5, 6, 35, 1080, 1093, 1473)


def solved(problem: Problem, signals: Signals | None = None) -> Series:
    """From rest to `END`."""
    drive = problem.signals if signals is None else signals
    start = rest_state(problem.network, drive, problem.fluid, total_pressure=problem.start_total, cell_length=problem.options["cell_length"])
    return simulate(problem.network, drive, problem.fluid, END, initial=start, **problem.options)


def worst(seeds: Iterable[int]) -> float:
    """Largest imbalance of all seeds over its throughput; asserts that everything is finite and every area positive."""
    share = 0.0
    for seed in seeds:
        series = solved(random_problem(seed))
        for name in ("A", "Q", "p", "bed_V", "bed_p", "p_c", "node_p", "zeta"):
            assert np.isfinite(getattr(series, name)).all(), f"seed {seed}: {name}"
        assert (series.A > 0.0).all(), f"seed {seed}"
        error, throughput, volume = lost(series)
        # where hardly anything flows, what is left is the round-off of the volume itself
        share = max(share, max(error - 1e-13 * volume, 0.0) / max(throughput, 1e-13 * volume))
    return share


PROBLEM = "Random networks"
QUANTITY = "{} networks with loops, valves, collapse, beds, loads, violent p_ext and posture: volume lost over throughput"


def test_random_networks(row: Callable[..., None]) -> None:
    """Finite, A > 0, and inflow − outflow = ΔV in random networks: up to 18 vessels of any law, pressures thrown by 400 mmHg within 10 ms."""
    row(PROBLEM, QUANTITY.format(len(EVERY_DAY)), 0.0, worst(EVERY_DAY), 1e-10, relative=False)


@pytest.mark.study
@pytest.mark.parametrize("part", range(10))
def test_many_random_networks(part: int, row: Callable[..., None]) -> None:
    """The same with more seeds: a quarter of an hour of one core, most of it in those whose veins stay choked, so that every step brackets several nodes."""
    each = STUDY // 10
    row(PROBLEM, QUANTITY.format(f"another {each}"), 0.0, worst(range(1000 + part * each, 1000 + (part + 1) * each)), 1e-10, relative=False)


@pytest.mark.parametrize("seed", [2, 4, 6, 9])
def test_any_network_stays_at_rest(seed: int, row: Callable[..., None]) -> None:
    """Rest in gravity of a random network with jumps of every property, valves shut, nothing that drives: |u| over .5 s."""
    problem = random_problem(seed)
    names = {name: float(np.asarray(value).flat[0]) for name, value in problem.signals.values.items()}
    still = Signals.constant(tuple(float(w) for w in problem.signals.posture[0]), **names)
    closed = type(problem.network)(problem.network.vessels, problem.network.valves, (), problem.network.compartments, ())
    start = rest_state(closed, still, problem.fluid, total_pressure=20 * MMHG, cell_length=problem.options["cell_length"])
    series = simulate(closed, still, problem.fluid, 0.5, initial=start, **problem.options)
    fastest = float(np.abs(series.Q / series.A).max())
    row("Rest in gravity", f"random network {seed}: largest |u|", 0.0, fastest, 1e-9, "m/s", relative=False)


def test_a_nan_put_in_is_caught() -> None:
    """A NaN in the state or a signal: an error that says where, before the march."""
    problem = random_problem(2)
    start = rest_state(problem.network, problem.signals, problem.fluid, total_pressure=problem.start_total, cell_length=problem.options["cell_length"])
    A = start.A.copy()
    A[A.size // 2] = np.nan
    with pytest.raises(FlowError, match="A = nan"):
        simulate(problem.network, problem.signals, problem.fluid, END, initial=start.with_cells(A=A), **problem.options)
    gap = dict(problem.signals.values)
    name = next(iter(gap))
    gap[name] = np.full(problem.signals.t.shape, np.nan)
    with pytest.raises(NetworkError, match=f"signal '{name}' is not finite"):
        simulate(problem.network, Signals(problem.signals.t, gap, problem.signals.posture), problem.fluid, END, **problem.options)
