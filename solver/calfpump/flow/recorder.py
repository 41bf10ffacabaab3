"""Collects the samples of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.flow.arrays import Totals, Unknowns
from calfpump.flow.assemble import Problem
from calfpump.flow.layout import Layout
from calfpump.flow.measure import measure
from calfpump.flow.rows import table
from calfpump.flow.series import Series
from calfpump.flow.state import State

Array = NDArray[np.floating[Any]]


class Recorder:
    """Rows of every series, one per output time; many rows are kept in files in ``folder``."""

    def __init__(self, layout: Layout, problem: Problem, times: Array, folder: Path | None = None) -> None:
        self.layout, self.problem, self.times = layout, problem, times
        network = layout.network
        n_beds, n_tracers = len(network.reservoirs), len(network.tracers)
        shapes: dict[str, int | tuple[int, ...]] = {
            "A": layout.cells, "Q": layout.cells, "p": layout.cells, "wall_shear": layout.cells, "face_volume": layout.gauges.size,
            "face_forward": layout.gauges.size,
            "bed_V": n_beds, "bed_p": n_beds, "bed_in": n_beds, "bed_out": n_beds,
            "p_c": len(network.compartments), "node_p": len(layout.nodes), "source": len(layout.nodes), "zeta": len(network.valves),
            "marked": (n_tracers, layout.cells), "marked_bed": (n_tracers, n_beds), "marked_in": n_tracers,
        }  # fmt: skip
        vessels = [v for v, n in zip(network.vessels, np.diff(layout.first), strict=True) for _ in range(n)]
        self.n = np.array([v.n_parallel for v in vessels], float)
        self.A0 = self.n * np.array([v.law.A0 for v in vessels], float)
        self.viscosity = np.array([v.wall_viscosity for v in vessels], float)
        self.rows = {name: table((times.size, *np.atleast_1d(shape)), folder) for name, shape in shapes.items()}
        self.face_slot = problem.face_slot[layout.gauges]

    def record(self, k: int, u: Unknowns, sums: Totals) -> None:
        """Sample number k of the present state."""
        rows, p, slot_p = self.rows, self.problem, np.zeros(u.A.size)
        measure(
            self.times[k], u, slot_p, rows["bed_p"][k], rows["node_p"][k], p.vessels, p.slots, p.law, p.states, p.spaces, p.nodes, p.beds, p.drive,
            p.work, p.blood,
        )  # fmt: skip
        values = {
            "A": u.A[p.cell_slot], "Q": u.Q[p.cell_slot], "p": slot_p[p.cell_slot], "face_volume": sums.face[self.face_slot],
            "face_forward": sums.face_positive[self.face_slot], "bed_V": u.V, "bed_in": sums.bed_in, "bed_out": sums.bed_out,
            "p_c": p.spaces.p_now, "source": sums.source, "zeta": u.zeta,
            "marked": u.marked[:, p.cell_slot], "marked_bed": u.marked_bed, "marked_in": sums.marked_in,
        }  # fmt: skip
        A, Q = values["A"], values["Q"]
        values["wall_shear"] = 0.5 * p.blood.rho * p.work.friction[p.cell_slot] * Q / (A * np.sqrt(np.pi * self.n * np.maximum(A, self.A0)))
        if self.viscosity.any():
            values["p"] = values["p"] + self._viscous_pressure(A, Q, u.end_Q)
        for name, value in values.items():
            rows[name][k] = value

    def _viscous_pressure(self, A: Array, Q: Array, end_Q: Array) -> Array:
        """Γ/(A0 √A) ∂A/∂t of one vessel, ∂A/∂t = −∂Q/∂x: flows at the faces are means of the cells', at the ends those of the nodes."""
        first = self.layout.first
        left, right = np.empty_like(Q), np.empty_like(Q)
        left[1:] = right[:-1] = 0.5 * (Q[1:] + Q[:-1])
        left[first[:-1]], right[first[1:] - 1] = end_Q[0::2], end_Q[1::2]
        dx = np.repeat(self.layout.dx, np.diff(first))
        pressure: Array = self.viscosity * np.sqrt(self.n / A) / self.A0 * (left - right) / dx
        return pressure

    def series(self, end: State, counts: NDArray[np.int64]) -> Series:
        """All samples, with the state to resume from."""
        steps, bracketed, limited = (int(c) for c in counts)
        return Series(layout=self.layout, t=self.times, end=end, steps=steps, bracketed=bracketed, limited=limited, **self.rows)
