"""Fill the kernels' arrays from a network, its signals and the fluid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from calfpump.flow import arrays
from calfpump.flow.layout import Layout
from calfpump.flow.network import FlowBoundary, Fluid, PressureBoundary, Vessel
from calfpump.flow.signals import Signals
from calfpump.law import AlgebraicLaw
from calfpump.law.kernel_table import COLUMNS, ROWS, KernelTable, kernel_table, reservoir_table

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Problem:
    """Everything the kernels need beside the unknowns."""

    grid: arrays.Grid
    laws: arrays.Laws
    spaces: arrays.Spaces
    nodes: arrays.Nodes
    ends: arrays.Ends
    valves: arrays.Valves
    beds: arrays.Beds
    drive: arrays.Drive
    work: arrays.Work
    blood: arrays.Blood


def assemble(layout: Layout, signals: Signals, fluid: Fluid) -> Problem:
    """All arrays of a checked network. Heights default to zero; a network without posture is weightless."""
    segments = 0 if signals.posture is None else signals.posture.shape[1]
    index: dict[str, int] = {name: k for k, name in enumerate(signals.values)}
    constants = {f"arterial pressure of {b.name}": b.arterial_pressure for b in layout.network.beds if not isinstance(b.arterial_pressure, str)}
    for name in constants:
        index[name] = len(index)
    drive = _drive(signals, [*signals.values.values(), *constants.values()], segments)
    spaces = _spaces(layout, index)
    laws, beds_table = _laws(layout)
    return Problem(
        grid=_grid(layout, index, segments),
        laws=laws,
        spaces=spaces,
        nodes=_nodes(layout, index, segments),
        ends=_ends(layout),
        valves=_valves(layout),
        beds=_beds(layout, index, segments, *beds_table),
        drive=drive,
        work=_work(layout),
        blood=arrays.Blood(float(fluid.density), float(fluid.viscosity / fluid.density), float(fluid.gravity)),
    )


def unknowns(layout: Layout) -> arrays.Unknowns:
    """Empty unknowns of the right sizes."""
    nv, valves = len(layout.network.vessels), len(layout.network.valves)
    sizes = (layout.cells, layout.cells, len(layout.network.beds), valves, valves, 2 * nv, 2 * nv, len(layout.nodes))
    return arrays.Unknowns(*(np.zeros(n) for n in sizes))


def totals(layout: Layout) -> arrays.Totals:
    """Cumulated volumes, zero."""
    beds = len(layout.network.beds)
    return arrays.Totals(np.zeros(layout.faces), np.zeros(layout.faces), np.zeros(beds), np.zeros(beds), np.zeros(len(layout.nodes)))


def _drive(signals: Signals, values: list[Floats | float], segments: int) -> arrays.Drive:
    nt = signals.t.size
    columns = np.column_stack([np.broadcast_to(np.asarray(v, float), (nt,)) for v in values]) if values else np.zeros((nt, 0))
    posture = np.zeros((nt, 0)) if signals.posture is None else np.ascontiguousarray(signals.posture, dtype=float)
    return arrays.Drive(
        t=np.ascontiguousarray(signals.t, dtype=float), values=np.ascontiguousarray(columns), posture=posture, now=np.zeros(columns.shape[1]),
        w=np.zeros(segments), w_of_heights=np.full(segments, np.nan), index=np.zeros(1, np.int64),
    )  # fmt: skip


def _padded(height: tuple[float, ...], segments: int) -> Floats:
    return np.asarray(height, float) if len(height) == segments else np.zeros(segments)


def _grid(layout: Layout, index: dict[str, int], segments: int) -> arrays.Grid:
    vessels = layout.network.vessels
    compartment = {c.name: k for k, c in enumerate(layout.network.compartments)}
    height = np.zeros((layout.cells, segments))
    for v in vessels:
        along = layout.x[layout.cell_slice(v.name)] / v.length
        low, high = _padded(v.height[0], segments), _padded(v.height[1], segments)
        height[layout.cell_slice(v.name)] = low + along[:, None] * (high - low)
    return arrays.Grid(
        first=layout.first, dx=layout.dx, n_parallel=np.array([float(v.n_parallel) for v in vessels]), height=height,
        compartment=np.array([compartment[v.compartment] if v.compartment else -1 for v in vessels], np.int64),
        external=np.array([index[v.external] if v.external else -1 for v in vessels], np.int64),
    )  # fmt: skip


def _kind(law: object) -> int:
    if isinstance(law, AlgebraicLaw) and (law.m, law.n) == (0.5, 0.0):
        return arrays.ARTERY
    if isinstance(law, AlgebraicLaw) and (law.m, law.n) == (10.0, -1.5):
        return arrays.VEIN
    return arrays.TABLE


def _laws(layout: Layout) -> tuple[arrays.Laws, tuple[int, float]]:
    """Law arrays of the vessels, and (table number, rows per unit of r) of the reservoirs' law."""
    vessels = layout.network.vessels
    tables: list[KernelTable] = [reservoir_table()]
    known: dict[int, int] = {}
    chosen = []
    for v in vessels:
        if _kind(v.law) != arrays.TABLE:
            chosen.append(0)
            continue
        if id(v.law) not in known:
            known[id(v.law)] = len(tables)
            tables.append(kernel_table(v.law))
        chosen.append(known[id(v.law)])
    start = np.concatenate([[0], np.cumsum([t.s.size for t in tables])])
    first = np.array([start[k] for k in chosen], np.int64)
    states = np.array([tables[k].s.size for k in chosen], np.int64)
    A0 = np.array([v.n_parallel * v.law.A0 for v in vessels])
    laws = arrays.Laws(
        kind=np.array([_kind(v.law) for v in vessels], np.int64), A0=A0, inv_A0=1.0 / A0,
        K=np.array([v.law.K if isinstance(v.law, AlgebraicLaw) else 0.0 for v in vessels]),
        inv_h=np.array([tables[k].inv_h for k in chosen]), first_table=first, n_states=states, lower=first.copy(), upper=first.copy(),
        weight=np.zeros(len(vessels)), s=np.concatenate([t.s for t in tables]),
        rows=np.ascontiguousarray(np.concatenate([t.rows.reshape(-1, COLUMNS) for t in tables])),
        tail=np.ascontiguousarray(np.concatenate([t.tail for t in tables])),
    )  # fmt: skip
    assert laws.rows.shape[0] == ROWS * laws.tail.shape[0]
    return laws, (0, tables[0].inv_h)


def _spaces(layout: Layout, index: dict[str, int]) -> arrays.Spaces:
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
    for k, c in enumerate(compartments):
        V0[k] = sum(v.length * v.n_parallel * v.law.A0 for v in layout.network.vessels if v.compartment == c.name)
    return arrays.Spaces(
        has_law=np.array([law is not None for law in laws], np.int64),
        activation=np.array([index[c.activation] if c.activation else -1 for c in compartments], np.int64),
        external=np.array([index[c.external] if c.external else -1 for c in compartments], np.int64),
        V0=V0, n_s=np.array([law.s.size if law is not None else 1 for law in laws], np.int64),
        n_ratio=np.array([law.ratio.size if law is not None else 2 for law in laws], np.int64), s=s, ratio=ratio, p=p,
        p_now=np.zeros(n), slope=np.zeros(n), V=np.zeros(n), admittance=np.zeros(n),
    )  # fmt: skip


def _compressed(groups: list[list[int]]) -> tuple[Ints, Ints]:
    first = np.concatenate([[0], np.cumsum([len(g) for g in groups])]).astype(np.int64)
    return first, np.array([k for g in groups for k in g], np.int64)


def _nodes(layout: Layout, index: dict[str, int], segments: int) -> arrays.Nodes:
    network, n = layout.network, len(layout.nodes)
    number = {name: k for k, name in enumerate(layout.nodes)}
    ends: list[list[int]] = [[] for _ in range(n)]
    beds: list[list[int]] = [[] for _ in range(n)]
    height = np.zeros((n, segments))
    for k, v in enumerate(network.vessels):
        for side, node in enumerate((v.distal, v.proximal)):
            if not ends[number[node]]:
                height[number[node]] = _padded(v.height[side], segments)
            ends[number[node]].append(2 * k + side)
    for k, bed in enumerate(network.beds):
        beds[number[bed.node]].append(k)
    kind, signal = np.zeros(n, np.int64), np.full(n, -1, np.int64)
    for boundary in network.boundaries:
        kind[number[boundary.node]] = arrays.PRESSURE if isinstance(boundary, PressureBoundary) else arrays.FLOW
        signal[number[boundary.node]] = index[boundary.signal]
    node_of_end = np.array([number[node] for v in network.vessels for node in (v.distal, v.proximal)], np.int64)
    return arrays.Nodes(*_compressed(ends), *_compressed(beds), kind=kind, signal=signal, height=height, node_of_end=node_of_end)


def _ends(layout: Layout) -> arrays.Ends:
    n = 2 * len(layout.network.vessels)
    vessel = np.repeat(np.arange(n // 2, dtype=np.int64), 2)
    cell = np.empty(n, np.int64)
    cell[0::2], cell[1::2] = layout.first[:-1], layout.first[1:] - 1
    return arrays.Ends(vessel, cell, *(np.zeros(n) for _ in range(len(arrays.Ends._fields) - 2)))


def _diameter(vessel: Vessel) -> float:
    return float(2.0 * np.sqrt(vessel.law.A0 / np.pi))


def _valves(layout: Layout) -> arrays.Valves:
    valves = layout.network.valves
    vessel = [layout.number[v.vessel] for v in valves]
    length = [v.length if v.length is not None else _diameter(layout.network.vessels[k]) for v, k in zip(valves, vessel, strict=True)]

    def column(name: str) -> Floats:
        return np.array([float(getattr(v, name)) for v in valves])

    return arrays.Valves(
        vessel=np.array(vessel, np.int64), face=layout.valve_face, opening=column("opening"), leak=column("leak"), k_open=column("k_open"),
        k_close=column("k_close"), dp_open=column("dp_open"), dp_close=column("dp_close"), length=np.array(length, float),
    )  # fmt: skip


def _beds(layout: Layout, index: dict[str, int], segments: int, table: int, inv_h: float) -> arrays.Beds:
    beds, n = layout.network.beds, len(layout.network.beds)
    number = {name: k for k, name in enumerate(layout.nodes)}
    compartment = {c.name: k for k, c in enumerate(layout.network.compartments)}
    arterial = [index[b.arterial_pressure if isinstance(b.arterial_pressure, str) else f"arterial pressure of {b.name}"] for b in beds]

    def column(name: str) -> Floats:
        return np.array([float(getattr(b, name)) for b in beds])

    def heights(name: str) -> Floats:
        return np.array([_padded(getattr(b, name), segments) for b in beds]).reshape(n, segments)

    return arrays.Beds(
        node=np.array([number[b.node] for b in beds], np.int64),
        compartment=np.array([compartment[b.compartment] if b.compartment else -1 for b in beds], np.int64),
        resistance=np.array([index[b.resistance] for b in beds], np.int64), arterial=np.array(arterial, np.int64),
        V0=column("V0"), C=column("compliance"), R_out=column("R_out"), leak=column("leak"), height=heights("height"),
        arterial_height=heights("arterial_height"), table=np.full(n, table, np.int64), inv_h=np.full(n, inv_h),
        total=np.zeros(n), R_now=np.zeros(n), p=np.zeros(n), inflow=np.zeros(n), outflow=np.zeros(n),
    )  # fmt: skip


def _work(layout: Layout) -> arrays.Work:
    on_faces = {"jump_total", "jump_Q", "mass", "momentum_left", "momentum_right"}
    return arrays.Work(*(np.zeros(layout.faces if name in on_faces else layout.cells) for name in arrays.Work._fields))


__all__ = ["FlowBoundary", "Problem", "assemble", "totals", "unknowns"]
