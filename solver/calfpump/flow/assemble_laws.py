"""The laws of a network as kernel tables, each made once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.flow import arrays
from calfpump.flow.network import Network
from calfpump.law import AlgebraicLaw, TubeLaw
from calfpump.law.kernel_table import COLUMNS, KernelTable, kernel_table, reservoir_table


@dataclass(frozen=True)
class Tables:
    """Laws and activation states of all vessels; number and spacing of the table of the beds' reservoirs."""

    law: arrays.Law
    states: arrays.States
    reservoir: int
    reservoir_inv_h: float


def kind_of(law: TubeLaw | AlgebraicLaw) -> int:
    """Closed form where there is one, else a table, blended in time if it has several activation states."""
    if isinstance(law, AlgebraicLaw):
        closed = {(0.5, 0.0): arrays.ARTERY, (10.0, -1.5): arrays.VEIN}
        return closed.get((law.m, law.n), arrays.TABLE)
    return arrays.BLENDED if law.s.size > 1 else arrays.TABLE


def tables_of(network: Network) -> Tables:
    """Tables of all laws that need one, shared where vessels share a law; table 0 is that of the reservoirs."""
    tables: list[KernelTable] = [reservoir_table()]
    known: dict[int, int] = {}
    chosen = []
    for v in network.vessels:
        if kind_of(v.law) in (arrays.TABLE, arrays.BLENDED) and id(v.law) not in known:
            known[id(v.law)] = len(tables)
            tables.append(kernel_table(v.law))
        chosen.append(known.get(id(v.law), 0))
    start = np.concatenate([[0], np.cumsum([t.s.size for t in tables])])
    first = np.array([start[k] for k in chosen], np.int64)
    vessel = np.zeros((len(network.vessels), arrays.VESSEL_COLUMNS))
    vessel[:, arrays.KIND] = [kind_of(v.law) for v in network.vessels]
    vessel[:, arrays.A0] = [v.n_parallel * v.law.A0 for v in network.vessels]
    vessel[:, arrays.INV_A0] = 1.0 / vessel[:, arrays.A0]
    # tables have their K in their rows
    closed = (arrays.ARTERY, arrays.VEIN)
    vessel[:, arrays.K] = [v.law.K if isinstance(v.law, AlgebraicLaw) and kind_of(v.law) in closed else 0.0 for v in network.vessels]
    vessel[:, arrays.INV_H] = [tables[k].inv_h for k in chosen]
    vessel[:, arrays.LOWER] = vessel[:, arrays.UPPER] = first
    rows = _aligned(np.concatenate([t.rows.ravel() for t in tables]))
    tail = np.ascontiguousarray(np.concatenate([t.tail for t in tables]))
    counts = np.array([tables[k].s.size for k in chosen], np.int64)
    states = arrays.States(first, counts, np.concatenate([t.s for t in tables]))
    return Tables(arrays.Law(vessel, rows, tail), states, 0, tables[0].inv_h)


def _aligned(rows: NDArray[np.floating[Any]]) -> NDArray[np.floating[Any]]:
    """A copy in which each row is a cache line of 64 bytes."""
    room = np.empty(rows.size + COLUMNS)
    start = -(room.ctypes.data // 8) % COLUMNS
    out = room[start : start + rows.size]
    out[:] = rows
    return out
