"""A manufactured solution: inertia, wall and friction at once, nonlinear in full, no wave of one family alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from oracles.manufactured import Manufactured
from oracles.riemann import law as power_law

from calfpump.flow import Fluid, Network, Signals, Vessel, rest_state, simulate
from calfpump.law import AlgebraicLaw, TubeLaw

Rows = Callable[..., None]


def errors(exact: Manufactured, own: AlgebraicLaw | TubeLaw, cells: int, t_end: float) -> tuple[float, float]:
    """Mean |A − exact| over A0 and |Q − exact| over the largest Q; the force acts half before and half after each call of one step (Strang)."""
    network, signals = Network([Vessel("v", "a", "b", exact.length, own, cells=cells)]), Signals.constant()
    fluid = Fluid(exact.rho, exact.nu * exact.rho)
    state = rest_state(network, signals, fluid).with_cells(A=exact.mean_of(exact.A, cells, 0.0), Q=exact.mean_of(exact.Q, cells, 0.0))
    steps = 2 * cells
    dt = t_end / steps
    for k in range(steps):
        before, after = (0.5 * dt * exact.mean_of(exact.force, cells, (k + part) * dt) for part in (0.25, 0.75))
        state = replace(state.with_cells(Q=state.Q + before), t=k * dt)
        series = simulate(network, signals, fluid, (k + 1) * dt, initial=state, output_interval=1.0)
        assert series.steps == 1
        state = series.end.with_cells(Q=series.end.Q + after)
    A, Q = exact.mean_of(exact.A, cells, t_end), exact.mean_of(exact.Q, cells, t_end)
    return float(np.abs(state.A - A).mean() / exact.law.A0), float(np.abs(state.Q - Q).mean() / exact.highest_flow)


@pytest.mark.parametrize("kind", ["vein", "vein, table", "flattening table", "artery"])
def test_manufactured_solution(kind: str, row: Rows) -> None:
    """A = A0 (.9 + .15 cos kx cos ωt), Q = A0 .15 ω/k sin kx sin ωt in a closed tube with friction, held by a prescribed force.

    The flattening table's lumen lets through less as it closes, g = α/8π. Mass is conserved by the solution itself; the force is split off to second
    order, around calls of one step each.
    """
    own = AlgebraicLaw(2e-5, 2000.0, 0.5, 0.0) if kind == "artery" else AlgebraicLaw.from_speed(2e-5, 1.0, 1060.0)
    exact = Manufactured(power_law(own.A0, own.K, own.m, own.n), flat=1.0 if kind == "flattening table" else 0.0)
    table = own.to_table(alpha=np.geomspace(0.3, 2.0, 4000)) if "table" in kind else own
    if isinstance(table, TubeLaw):
        table = replace(table, G=table.G * table.alpha**exact.flat)
    found = np.array([errors(exact, table, cells, 0.21) for cells in (50, 100)])
    orders = np.log2(found[0] / found[1])
    row("Manufactured solution", f"{kind}: mean |A − exact|/A0, 100 cells", 0.0, found[1, 0], 2e-4, "", (float(orders[0]), 1.8), "", False)
    row("Manufactured solution", f"{kind}: mean |Q − exact| over the largest Q, 100 cells", 0.0, found[1, 1], 3e-4, "", (float(orders[1]), 1.8), "", False)
