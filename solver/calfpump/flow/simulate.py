"""Run a network in time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calfpump.flow.check import check
from calfpump.flow.checkpoint import Checkpoint, fingerprint
from calfpump.flow.error import FlowError, NetworkError
from calfpump.flow.layout import Layout, layout
from calfpump.flow.network import Fluid, Network, PressureBoundary
from calfpump.flow.series import Series
from calfpump.flow.signals import Signals
from calfpump.flow.state import State

if TYPE_CHECKING:
    from calfpump.flow.arrays import Blood
    from calfpump.flow.assemble import Problem

Array = NDArray[np.floating[Any]]

CELL_LENGTH = 0.01
#: no step below this [s]: the run has become pointless and says why
SHORTEST_STEP = 1e-9


def rest_state(
    network: Network, signals: Signals, fluid: Fluid | None = None, *, t: float = 0.0, total_pressure: float | None = None, cell_length: float = CELL_LENGTH
) -> State:
    """Q = 0 and p + ρgz = ``total_pressure`` everywhere, with the signals of time ``t``; valves shut.

    ``total_pressure`` is by default that of the first pressure boundary (0 without one).

    Raises
    ------
    NetworkError
        A network that cannot be solved, with all its problems.
    """
    fluid = fluid or Fluid()
    check(network, signals, fluid)
    from calfpump.flow.assemble import assemble

    where = layout(network, cell_length)
    return _rest(where, assemble(where, signals, fluid), signals, t, total_pressure)


def _rest(where: Layout, p: Problem, signals: Signals, t: float, total_pressure: float | None) -> State:
    from calfpump.flow.assemble import state_of, unknowns_of
    from calfpump.flow.measure import rest

    total = _boundary_total(where, signals, p.blood, t) if total_pressure is None else total_pressure
    beds, valves, ends = len(where.network.reservoirs), len(where.network.valves), 2 * len(where.network.vessels)
    still = State(
        t, A=np.ones(where.cells), Q=np.zeros(where.cells), V=np.ones(beds), zeta=np.zeros(valves), q_valve=np.zeros(valves),
        end_total=np.full(ends, total), end_Q=np.zeros(ends), head=np.full(len(where.nodes), total),
    )  # fmt: skip
    u = unknowns_of(still, p)
    rest(t, total, u, p.vessels, p.slots, p.law, p.states, p.spaces, p.beds, p.drive, p.work, p.blood)
    return state_of(t, u, p)


def _boundary_total(where: Layout, signals: Signals, blood: Blood, t: float) -> float:
    for boundary in where.network.boundaries:
        if isinstance(boundary, PressureBoundary):
            z = 0.0
            for v in where.network.vessels:
                if boundary.node in (v.distal, v.proximal) and signals.posture is not None:
                    height = v.height[0 if v.distal == boundary.node else 1]
                    w = np.array([np.interp(t, signals.t, column) for column in signals.posture.T])
                    z = float(np.dot(height, w)) if len(height) else 0.0
                    break
            return signals(boundary.signal, t) + blood.rho * blood.g * z
    return 0.0


def simulate(
    network: Network,
    signals: Signals,
    fluid: Fluid | None = None,
    t_end: float = 1.0,
    *,
    cfl: float = 0.45,
    output_interval: float = 0.02,
    initial: State | None = None,
    progress: Callable[[float], None] | None = None,
    cell_length: float = CELL_LENGTH,
    longest_step: float = 0.005,
    also: Sequence[float] = (),
    checkpoint: Checkpoint | None = None,
) -> Series:
    """Solve ∂A/∂t + ∂Q/∂x = 0, ∂Q/∂t + ∂(Q²/A)/∂x + (A/ρ) ∂(p + ρgz)/∂x = −(n ν/g) Q/A on the network, from ``initial.t`` to ``t_end`` [s].

    ``initial``: by default the state of rest at t = 0 (see `rest_state`). Outputs at the start, at every multiple of ``output_interval`` [s], at
    the times ``also`` and at ``t_end``. ``cfl`` below .5; ``longest_step`` [s] bounds the step where nothing moves, so that signals are
    followed. ``progress`` is called with the time reached. ``checkpoint``: where the run is kept while it runs, and gone on with if one like it
    was stopped.

    Raises
    ------
    NetworkError
        A network or signals that cannot be solved, with all problems.
    FlowError
        The solution stopped being finite, or the step vanished: names vessel, place and time.
    """
    fluid = fluid or Fluid()
    check(network, signals, fluid)
    _check_numbers(cfl, output_interval, cell_length, longest_step)
    from calfpump.flow.assemble import assemble

    where = layout(network, cell_length)
    p = assemble(where, signals, fluid)
    start = initial if initial is not None else _rest(where, p, signals, 0.0, None)
    _check_start(where, start, t_end)
    return _march(where, p, start, t_end, cfl, output_interval, progress, longest_step, also, checkpoint)


def _check_numbers(cfl: float, output_interval: float, cell_length: float, longest_step: float) -> None:
    problems = []
    if not 0.0 < cfl <= 0.5:
        problems.append(f"cfl must lie in 0 < cfl ≤ 0.5, not {cfl:g}: outgoing fluxes of a cell are only bounded below it")
    for name, value in (("output_interval", output_interval), ("cell_length", cell_length), ("longest_step", longest_step)):
        if not value > 0.0:
            problems.append(f"{name} must be positive, not {value:g}")
    if problems:
        raise NetworkError(problems)


def _check_start(where: Layout, start: State, t_end: float) -> None:
    network = where.network
    beds, tracers, ends = len(network.reservoirs), len(network.tracers), 2 * len(network.vessels)
    shapes = {
        "A": (where.cells,), "Q": (where.cells,), "V": (beds,), "zeta": (len(network.valves),), "q_valve": (len(network.valves),),
        "end_total": (ends,), "end_Q": (ends,), "head": (len(where.nodes),), "marked": (tracers, where.cells), "marked_bed": (tracers, beds),
    }  # fmt: skip
    problems = []
    for name, shape in shapes.items():
        value = np.asarray(getattr(start, name))
        unmarked = name.startswith("marked") and not (start.marked.size or start.marked_bed.size)
        if value.shape != shape and not unmarked:
            problems.append(f"the initial state is of another network: its {name} has the shape {value.shape}, this network's has {shape}")
        elif name not in ("A", "Q") and not np.all(np.isfinite(value)):
            problems.append(f"the initial state's {name} is not finite")
    if problems:
        raise NetworkError(problems)
    if _bad(start.A, start.Q).any():
        raise _failure(where, start.A, start.Q, start.t, 1)
    if not t_end > start.t:
        raise NetworkError([f"t_end = {t_end:g} s is not after the initial state at {start.t:g} s"])


def output_times(start: float, end: float, interval: float, also: Sequence[float] = ()) -> Array:
    """``start``, the multiples of ``interval`` and ``also`` within, ``end``; the same numbers for a run in one piece and in several."""
    tolerance = 1e-9 * interval
    k = np.arange(int(np.floor(start / interval)), int(np.ceil(end / interval)) + 1)
    inside = k * interval
    for time in also:
        if np.abs(inside - time).min(initial=np.inf) > tolerance:
            inside = np.sort(np.append(inside, time))
    inside = inside[(inside > start + tolerance) & (inside < end - tolerance)]
    return np.concatenate([[start], inside, [end]])


def _march(
    where: Layout, p: Problem, start: State, t_end: float, cfl: float, interval: float,
    progress: Callable[[float], None] | None, longest_step: float, also: Sequence[float], checkpoint: Checkpoint | None,
) -> Series:  # fmt: skip
    from calfpump.flow.advance import DONE, NOT_FINITE, advance
    from calfpump.flow.assemble import mark, state_of, totals, unknowns_of
    from calfpump.flow.compiled import sources
    from calfpump.flow.recorder import Recorder

    u, sums = unknowns_of(start, p), totals(p)
    tracers = where.network.tracers
    times = output_times(start.t, t_end, interval, [*also, *(k.at for k in tracers if k.at is not None)])
    counts = np.zeros(3, np.int64)
    recorder = Recorder(where, p, times, None if checkpoint is None else checkpoint.folder.parent)
    begun = -1
    if checkpoint is not None:
        arrays = (p.vessels, p.slots, p.law, p.states, p.spaces, p.nodes, p.valves, p.beds, p.tracers[:2], p.drive.t, p.drive.values, p.drive.posture, p.blood)
        same = fingerprint(sources(), arrays, tracers, u, times, cfl, SHORTEST_STEP, longest_step)
        begun = checkpoint.resume(same, times, u, (*sums, counts), recorder.rows)
    if begun < 0:
        mark(start.t, where, p, u)
        recorder.record(0, u, sums)
    begun = max(begun, 0)
    t = float(times[begun])
    for k, goal in enumerate(times[begun + 1 :], begun + 1):
        t, status = advance(
            t, goal, cfl, SHORTEST_STEP, longest_step, counts, u, sums, p.vessels, p.slots, p.law, p.states, p.spaces, p.nodes, p.ends,
            p.valves, p.beds, p.bed_work, p.tracers, p.drive, p.work, p.blood,
        )  # fmt: skip
        if status != DONE:
            A, Q = u.A[p.cell_slot], u.Q[p.cell_slot]
            raise _failure(where, A, Q, t, status) if status != NOT_FINITE or _bad(A, Q).any() else _no_number(where, p, u.head, t)
        mark(t, where, p, u)
        recorder.record(k, u, sums)
        if checkpoint is not None:
            checkpoint.keep(k, u, (*sums, counts), recorder.rows)
        if progress is not None:
            progress(t)
    return recorder.series(state_of(float(t), u, p), counts)


def _bad(A: NDArray[np.floating[Any]], Q: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Cells whose area is not positive or whose state is not finite."""
    bad: NDArray[np.bool_] = ~((A > 0) & np.isfinite(A) & np.isfinite(Q))
    return bad


def _no_number(where: Layout, p: Problem, head: NDArray[np.floating[Any]], t: float) -> FlowError:
    """For a step whose cells are sound, but a signal, the head or inflow of a node, or a bed's volume is not."""
    signals = [f"signal {k + 1}" for k in np.flatnonzero(~np.isfinite(p.drive.now))]
    nodes = [f"the head of node '{where.nodes[n]}'" for n in np.flatnonzero(~np.isfinite(head))]
    found = ", ".join([*nodes, *signals]) or "the posture, the inflow of a node or the volume of a bed"
    return FlowError(solve="the flow", state=f"t = {t:.6g} s", reason=f"not finite: {found}", hint="signals without gaps")


def _failure(where: Layout, A: NDArray[np.floating[Any]], Q: NDArray[np.floating[Any]], t: float, status: int) -> FlowError:
    from calfpump.flow.advance import NOT_FINITE

    if status == NOT_FINITE:
        cell = int(np.argmax(_bad(A, Q)))
        reason = f"A = {A[cell]:g} m², Q = {Q[cell]:g} m³/s"
    else:
        speed = np.abs(Q) / A
        cell = int(np.argmax(np.where(np.isfinite(speed), speed, np.inf)))
        reason = f"no admissible time step: A = {A[cell]:g} m², |u| = {speed[cell]:g} m/s"
    v = int(np.searchsorted(where.first, cell, side="right")) - 1
    vessel = where.network.vessels[v]
    return FlowError(
        solve="the flow",
        state=f"t = {t:.6g} s in vessel '{vessel.name}' at x = {1e3 * where.x[cell]:.1f} mm of {1e3 * vessel.length:.1f} mm",
        reason=reason,
        hint="a smaller cfl, shorter cells, or smoother signals there",
    )
