"""Fill the kernels' arrays from a network, its signals and the fluid."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.flow import arrays
from calfpump.flow.assemble_laws import Tables, kind_of, tables_of
from calfpump.flow.layout import Layout
from calfpump.flow.network import FlowBoundary, Fluid, PressureBoundary, ReflectionFree, Windkessel
from calfpump.flow.signals import Signals
from calfpump.flow.state import State
from calfpump.law.kernel_table import ROWS

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]


#: share by which a time may differ from another and be the same
SAME_TIME = 1e-9


@dataclass(frozen=True)
class Problem:
    """Everything the kernels need beside the unknowns; where the layout's cells and faces lie on the axis of slots."""

    cell_slot: Ints
    face_slot: Ints
    vessels: arrays.Vessels
    slots: arrays.Slots
    law: arrays.Law
    states: arrays.States
    spaces: arrays.Spaces
    nodes: arrays.Nodes
    ends: Floats
    valves: arrays.Valves
    beds: arrays.Beds
    bed_work: Floats
    tracers: arrays.Tracers
    drive: arrays.Drive
    work: arrays.Work
    blood: arrays.Blood


@dataclass(frozen=True)
class _Names:
    """Index of every signal and compartment, number of body segments."""

    signal: dict[str, int]
    compartment: dict[str, int]
    segments: int

    def signal_of(self, name: str | None) -> int:
        return -1 if name is None else self.signal[name]

    def compartment_of(self, name: str | None) -> int:
        return -1 if name is None else self.compartment[name]

    def padded(self, height: tuple[float, ...]) -> Floats:
        return np.asarray(height, float) if len(height) == self.segments else np.zeros(self.segments)


def assemble(layout: Layout, signals: Signals, fluid: Fluid) -> Problem:
    """All arrays of a checked network. Heights default to zero; a network without posture is weightless."""
    network = layout.network
    constants = {f"arterial pressure of {b.name}": b.arterial_pressure for b in network.beds if not isinstance(b.arterial_pressure, str)}
    constants |= {f"load {k}": b.R2 if isinstance(b, Windkessel) else b.R for k, b in enumerate(network.loads)}
    names = _Names(
        signal={name: k for k, name in enumerate([*signals.values, *constants])},
        compartment={c.name: k for k, c in enumerate(network.compartments)},
        segments=0 if signals.posture is None else signals.posture.shape[1],
    )
    blood = arrays.Blood(float(fluid.density), float(fluid.viscosity / fluid.density), float(fluid.gravity))
    tables = tables_of(network)
    vessels, stretch = _vessels(layout, names, blood.rho)
    slots, cell_slot, face_slot = _slots(layout, names, vessels, stretch, tables, blood, blood.nu * (fluid.profile + 2.0) / 4.0)
    beds, bed_work = _beds(layout, names, tables)
    return Problem(
        cell_slot=cell_slot, face_slot=face_slot, vessels=vessels, slots=slots, law=tables.law, states=tables.states,
        spaces=_spaces(layout, names, vessels), nodes=_nodes(layout, names), ends=np.zeros((arrays.END_ROWS, 2 * len(network.vessels))),
        valves=_valves(layout, face_slot), beds=beds, bed_work=bed_work,
        tracers=_tracers(layout, names, cell_slot.size + len(network.vessels)),
        drive=_drive(signals, [*signals.values.values(), *constants.values()], names.segments), work=_work(tables, slots), blood=blood,
    )  # fmt: skip


def unknowns_of(state: State, problem: Problem) -> arrays.Unknowns:
    """A copy of the state on the axis of slots; gaps hold A0, Q = 0."""
    A = problem.law.vessel[problem.slots.vessel, arrays.A0].copy()
    Q = np.zeros_like(A)
    A[problem.cell_slot], Q[problem.cell_slot] = state.A, state.Q
    marked, marked_bed = np.zeros((problem.tracers.node_signal.shape[0], A.size)), np.zeros(problem.tracers.bed_signal.shape)
    if state.marked.size or state.marked_bed.size:
        marked[:, problem.cell_slot], marked_bed[...] = state.marked, state.marked_bed
    V, zeta, q_valve, end_total, end_Q, head = (
        np.array(a, dtype=float) for a in (state.V, state.zeta, state.q_valve, state.end_total, state.end_Q, state.head)
    )
    return arrays.Unknowns(A, Q, V, zeta, q_valve, end_total, end_Q, head, marked, marked_bed)


def state_of(t: float, u: arrays.Unknowns, problem: Problem) -> State:
    """A copy of the unknowns as a state."""
    A, Q, marked = u.A[problem.cell_slot], u.Q[problem.cell_slot], u.marked[:, problem.cell_slot]
    V, zeta, q_valve, end_total, end_Q, head, marked_bed = (a.copy() for a in (u.V, u.zeta, u.q_valve, u.end_total, u.end_Q, u.head, u.marked_bed))
    return State(t, A, Q, V, zeta, q_valve, end_total, end_Q, head, marked, marked_bed)


def mark(t: float, layout: Layout, problem: Problem, u: arrays.Unknowns) -> None:
    """Mark what the tracers of this moment are to follow."""
    for k, tracer in enumerate(layout.network.tracers):
        if tracer.at is None or abs(t - tracer.at) > SAME_TIME * max(abs(t), 1.0):
            continue
        u.marked[k], u.marked_bed[k] = 0.0, 0.0
        for name in tracer.vessels:
            slots = problem.cell_slot[layout.cell_slice(name)]
            u.marked[k, slots] = u.A[slots]
        for name in tracer.beds:
            b = layout.network.reservoirs.index(name)
            u.marked_bed[k, b] = u.V[b]


def totals(problem: Problem) -> arrays.Totals:
    """Cumulated volumes, zero."""
    slots, beds, nodes = problem.work.mass.size, problem.beds.V0.size, problem.nodes.kind.size
    tracers = problem.tracers.node_signal.shape[0]
    return arrays.Totals(np.zeros(slots), np.zeros(slots), np.zeros(beds), np.zeros(beds), np.zeros(nodes), np.zeros(tracers))


def _drive(signals: Signals, values: list[Floats | float], segments: int) -> arrays.Drive:
    nt = signals.t.size
    columns = np.column_stack([np.broadcast_to(np.asarray(v, float), (nt,)) for v in values]) if values else np.zeros((nt, 0))
    posture = np.zeros((nt, 0)) if signals.posture is None else np.ascontiguousarray(signals.posture, dtype=float)
    return arrays.Drive(
        t=np.ascontiguousarray(signals.t, dtype=float), values=np.ascontiguousarray(columns), posture=posture, now=np.zeros(columns.shape[1]),
        w=np.zeros(segments), w_of_heights=np.full(segments, np.nan), place=np.zeros(1, np.int64),
    )  # fmt: skip


def _vessels(layout: Layout, names: _Names, rho: float) -> tuple[arrays.Vessels, Ints]:
    """Slots of every vessel, ordered by the kind of law and by compartment, and where each kind begins."""
    vessels = layout.network.vessels
    counts = np.diff(layout.first)
    kinds = np.array([kind_of(v.law) for v in vessels])
    compartment = np.array([names.compartment_of(v.compartment) for v in vessels], np.int64)
    begin = np.zeros(len(vessels), np.int64)
    stretch, at = np.zeros(5, np.int64), 0
    for kind in range(4):
        for v in sorted(np.flatnonzero(kinds == kind), key=lambda v: compartment[v]):
            begin[v] = at
            at += int(counts[v]) + 1
        stretch[kind + 1] = at
    return arrays.Vessels(
        begin=begin, end=begin + counts, compartment=compartment,
        external=np.array([names.signal_of(v.external) for v in vessels], np.int64), p_out=np.zeros(len(vessels)),
        viscosity=np.array([v.wall_viscosity / (np.sqrt(v.n_parallel) * rho * v.law.A0) for v in vessels], float),
    ), stretch  # fmt: skip


def _slots(
    layout: Layout, names: _Names, vessels: arrays.Vessels, stretch: Ints, tables: Tables, blood: arrays.Blood, friction: float
) -> tuple[arrays.Slots, Ints, Ints]:
    n = int(stretch[-1])
    vessel = np.zeros(n, np.int64)
    inv_dx, width, height = np.zeros(n), np.zeros(n), np.zeros((n, names.segments))
    drag = np.zeros(n)
    cell_slot, face_slot = np.zeros(layout.cells, np.int64), np.zeros(layout.faces, np.int64)
    for k, v in enumerate(layout.network.vessels):
        cells = slice(int(vessels.begin[k]), int(vessels.end[k]))
        vessel[cells.start : cells.stop + 1] = k
        inv_dx[cells], width[cells], drag[cells] = 1.0 / layout.dx[k], layout.dx[k], friction * v.n_parallel
        low, high = names.padded(v.height[0]), names.padded(v.height[1])
        height[cells] = low + (layout.x[layout.cell_slice(v.name)] / v.length)[:, None] * (high - low)
        cell_slot[layout.cell_slice(v.name)] = np.arange(cells.start, cells.stop)
        face_slot[layout.face_slice(v.name)] = np.arange(cells.start, cells.stop + 1)
    par = tables.law.vessel[vessel]
    closed, K = par[:, arrays.K] > 0.0, par[:, arrays.K].copy()
    KB = par[:, arrays.A0] / blood.rho * np.where(closed, K, 1.0)
    turn = 0.25 * par[:, arrays.INV_H] * par[:, arrays.INV_A0] / np.where(drag > 0.0, drag, np.inf)
    slots = arrays.Slots(
        A0=par[:, arrays.A0].copy(), inv_A0=par[:, arrays.INV_A0].copy(), KB=KB, KB_row=KB / par[:, arrays.INV_H] ** 2, K=K,
        inv_K=1.0 / np.where(closed, K, 1.0), inv_h=par[:, arrays.INV_H].copy(),
        lower=par[:, arrays.LOWER].astype(np.int32) * ROWS, upper=par[:, arrays.UPPER].astype(np.int32) * ROWS, weight=np.zeros(n),
        inv_dx=inv_dx, width=width, drag=drag, turn=turn, vessel=vessel, height=height, stretch=stretch,
    )  # fmt: skip
    return slots, cell_slot, face_slot


def _spaces(layout: Layout, names: _Names, vessels: arrays.Vessels) -> arrays.Spaces:
    compartments = layout.network.compartments
    n = len(compartments)
    laws = [c.law for c in compartments]
    n_s = max([law.s.size for law in laws if law is not None], default=1)
    n_r = max([law.ratio.size for law in laws if law is not None], default=2)
    s, ratio, p = np.zeros((n, n_s)), np.zeros((n, n_r)), np.zeros((n, n_s, n_r))
    for k, law in enumerate(laws):
        if law is not None:
            s[k, : law.s.size], ratio[k, : law.ratio.size] = law.s, law.ratio
            p[k, : law.s.size, : law.ratio.size] = law.p_c
    V0 = np.zeros(n)
    for v in layout.network.vessels:
        if v.compartment is not None:
            V0[names.compartment[v.compartment]] += v.length * v.n_parallel * v.law.A0
    runs = _runs(vessels)
    return arrays.Spaces(
        has_law=np.array([law is not None for law in laws], np.int64),
        activation=np.array([names.signal_of(c.activation) for c in compartments], np.int64),
        external=np.array([names.signal_of(c.external) for c in compartments], np.int64),
        V0=V0, n_s=np.array([law.s.size if law is not None else 1 for law in laws], np.int64),
        n_ratio=np.array([law.ratio.size if law is not None else 2 for law in laws], np.int64), s=s, ratio=ratio, p=p,
        run_begin=runs[:, 0].copy(), run_end=runs[:, 1].copy(), run_space=runs[:, 2].copy(), p_now=np.zeros(n), slope=np.zeros(n), V=np.zeros(n),
        admittance=np.zeros(n),
    )  # fmt: skip


def _runs(vessels: arrays.Vessels) -> Ints:
    """First slot, slot after the last, and compartment of all runs of slots in one compartment."""
    runs: list[list[int]] = []
    for v in np.argsort(vessels.begin):
        b, e, c = int(vessels.begin[v]), int(vessels.end[v]), int(vessels.compartment[v])
        if runs and runs[-1][2] == c and runs[-1][1] == b - 1:
            runs[-1][1] = e
        elif c >= 0:
            runs.append([b, e, c])
    return np.array(runs, np.int64).reshape(-1, 3)


def _counted(groups: list[list[int]]) -> Ints:
    rows = np.full((len(groups), 1 + max(len(g) for g in groups)), -1, np.int64)
    for row, group in zip(rows, groups, strict=True):
        row[0] = len(group)
        row[1 : 1 + len(group)] = group
    return rows


def _nodes(layout: Layout, names: _Names) -> arrays.Nodes:
    network, n = layout.network, len(layout.nodes)
    number = {name: k for k, name in enumerate(layout.nodes)}
    ends: list[list[int]] = [[] for _ in range(n)]
    beds: list[list[int]] = [[] for _ in range(n)]
    height = np.zeros((n, names.segments))
    for k, v in enumerate(network.vessels):
        for side, node in enumerate((v.distal, v.proximal)):
            if not ends[number[node]]:
                height[number[node]] = names.padded(v.height[side])
            ends[number[node]].append(2 * k + side)
    for k, part in enumerate([*network.beds, *network.loads]):
        beds[number[part.node]].append(k)
    kind, signal = np.full(n, arrays.JUNCTION, np.int64), np.full(n, -1, np.int64)
    for load in network.loads:
        if len(ends[number[load.node]]) == 1:
            kind[number[load.node]] = arrays.STATIC
    kinds = {PressureBoundary: arrays.PRESSURE, FlowBoundary: arrays.FLOW, ReflectionFree: arrays.REFLECTION_FREE}
    for boundary in network.boundaries:
        if type(boundary) in kinds:
            kind[number[boundary.node]] = kinds[type(boundary)]
            signal[number[boundary.node]] = names.signal[boundary.signal]
    return arrays.Nodes(kind, signal, height, _counted(ends), _counted(beds))


def _valves(layout: Layout, face_slot: Ints) -> arrays.Valves:
    valves = layout.network.valves
    vessels = {v.name: v for v in layout.network.vessels}
    length = [v.length if v.length is not None else float(2.0 * np.sqrt(vessels[v.vessel].law.A0 / np.pi)) for v in valves]

    def column(name: str) -> Floats:
        return np.array([float(getattr(v, name)) for v in valves])

    return arrays.Valves(
        face=face_slot[layout.valve_face], opening=column("opening"), leak=column("leak"), k_open=column("k_open"),
        k_close=column("k_close"), dp_open=column("dp_open"), dp_close=column("dp_close"), length=np.array(length, float),
    )  # fmt: skip


def _beds(layout: Layout, names: _Names, tables: Tables) -> tuple[arrays.Beds, Floats]:
    beds, loads = layout.network.beds, layout.network.loads
    n = len(beds) + len(loads)
    arterial = [names.signal[b.arterial_pressure if isinstance(b.arterial_pressure, str) else f"arterial pressure of {b.name}"] for b in beds]
    resistance = [names.signal[b.resistance] for b in beds] + [names.signal[f"load {k}"] for k in range(len(loads))]

    def column(name: str, of_load: str, default: float) -> Floats:
        return np.array([float(getattr(b, name)) for b in beds] + [float(getattr(b, of_load, default)) for b in loads])

    def heights(of_beds: list[tuple[float, ...]]) -> Floats:
        at = [_node_height(layout, load.node) for load in loads]
        return np.array([names.padded(h) for h in [*of_beds, *at]]).reshape(n, names.segments)

    work = np.zeros((n, arrays.BED_COLUMNS))
    work[:, arrays.BED_LEAK] = column("leak", "leak", 1.0)
    return arrays.Beds(
        kind=np.array([arrays.RESERVOIR] * len(beds) + [arrays.LOAD] * len(loads), np.int64),
        compartment=np.array([names.compartment_of(b.compartment) for b in beds] + [-1] * len(loads), np.int64),
        resistance=np.array(resistance, np.int64), arterial=np.array(arterial + [names.signal[b.signal] for b in loads], np.int64),
        V0=column("V0", "V0", 1.0), C=column("compliance", "C", 0.0), R_out=column("R_out", "R1", 0.0), height=heights([b.height for b in beds]),
        arterial_height=heights([b.arterial_height for b in beds]), table=np.full(n, tables.reservoir, np.int64),
        inv_h=np.full(n, tables.reservoir_inv_h),
    ), work  # fmt: skip


def _tracers(layout: Layout, names: _Names, slots: int) -> arrays.Tracers:
    """Signals of what enters, of every tracer at every node and bed."""
    tracers, beds = layout.network.tracers, layout.network.reservoirs
    at_node = [[names.signal_of(k.inflow.get(node)) for node in layout.nodes] for k in tracers]
    at_bed = [[names.signal_of(k.inflow.get(bed)) for bed in beds] for k in tracers]
    shape = len(tracers), len(layout.nodes), len(beds)
    return arrays.Tracers(
        node_signal=np.array(at_node, np.int64).reshape(shape[0], shape[1]), bed_signal=np.array(at_bed, np.int64).reshape(shape[0], shape[2]),
        phi=np.zeros(slots), flux=np.zeros(slots), bed_phi=np.zeros(len(beds)),
    )  # fmt: skip


def _node_height(layout: Layout, node: str) -> tuple[float, ...]:
    """Height of the first vessel end at a node."""
    return next((v.height[side] for v in layout.network.vessels for side in (0, 1) if (v.distal, v.proximal)[side] == node), ())


def _work(tables: Tables, slots: arrays.Slots) -> arrays.Work:
    n = slots.vessel.size
    work = arrays.Work(*(np.zeros(n, np.int32 if name == "row" else float) for name in arrays.Work._fields))
    A0 = tables.law.vessel[slots.vessel, arrays.A0]
    work.A_left[:] = work.A_right[:] = A0
    work.r_left[:] = work.r_right[:] = 1.0
    return work
