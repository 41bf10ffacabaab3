"""A Riemann problem set up for the solver: two half tubes, or one, with inflow that belongs to the data at both ends."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from oracles.riemann import Side, Solution, solve

from calfpump.flow import FlowBoundary, Fluid, Network, Signals, Vessel, rest_state, simulate
from calfpump.law import AlgebraicLaw

Array = NDArray[np.float64]
HALF = 0.5


@dataclass(frozen=True)
class Run:
    """Computed A, u at x (from the jump) and time t, beside the exact solution."""

    exact: Solution
    t: float
    x: Array
    A: Array
    u: Array

    def star(self) -> tuple[float, float, float, float]:
        """Computed A, u in the middle of the star region left, then right of the contact (the same place without a jump)."""
        left = self._middle(self.exact.left, self.exact.A_left, self.exact.u_left, -1.0)
        right = self._middle(self.exact.right, self.exact.A_right, self.exact.u_right, 1.0)
        if self.exact.A_left == self.exact.A_right:
            left = right = 0.5 * (left + right)
        else:
            left, right = 0.5 * left, 0.5 * right
        i, j = (int(np.argmin(np.abs(self.x - xi * self.t))) for xi in (left, right))
        return float(self.A[i]), float(self.u[i]), float(self.A[j]), float(self.u[j])

    @staticmethod
    def _middle(side: Side, A: float, u: float, sign: float) -> float:
        """Speed of the wave's side that faces the star region."""
        return (A * u - side.A * side.u) / (A - side.A) if A > side.A else u + sign * side.c(A)

    def L1(self) -> float:
        """Mean |A − exact| over the mean of A."""
        exact = np.array([self.exact.at(x / self.t)[0] for x in self.x])
        return float(np.abs(self.A - exact).mean() / exact.mean())


def run(left: Side, right: Side, cells: int, tabulated: bool = False) -> Run:
    """Solve on ``cells`` cells over 1 m until the fastest wave has run .3 m."""
    exact = solve(left, right)
    jump = (left.A0, left.K, left.p_ext) != (right.A0, right.K, right.p_ext)
    laws = [AlgebraicLaw(s.A0, s.K, s.m, s.n) for s in (left, right)]
    own = [law.to_table() if tabulated else law for law in laws]
    if jump:
        vessels = [
            Vessel("left", "l", "o", HALF, own[0], cells=cells // 2, external="p_left"),
            Vessel("right", "o", "r", HALF, own[1], cells=cells // 2, external="p_right"),
        ]
    else:
        vessels = [Vessel("tube", "l", "r", 2 * HALF, own[0], cells=cells, external="p_left")]
    network = Network(vessels, boundaries=[FlowBoundary("l", "q_left"), FlowBoundary("r", "q_right")])
    signals = Signals.constant(p_left=left.p_ext, p_right=right.p_ext, q_left=left.A * left.u, q_right=-right.A * right.u)
    fluid = Fluid(density=left.rho, viscosity=0.0)
    x = (np.arange(cells) + 0.5) / cells - HALF
    start = rest_state(network, signals, fluid).with_cells(
        A=np.where(x < 0, left.A, right.A), Q=np.where(x < 0, left.A * left.u, right.A * right.u)
    )
    totals, flows = start.end_total.copy(), start.end_Q.copy()
    totals[0], flows[0] = left.p_ext + left.psi(left.A), left.A * left.u
    totals[-1], flows[-1] = right.p_ext + right.psi(right.A), right.A * right.u
    if jump:
        totals[1:3] = left.p_ext + left.psi(left.A), right.p_ext + right.psi(right.A)
        flows[1:3] = left.A * left.u, right.A * right.u
    start = replace(start, end_total=totals, end_Q=flows)
    fastest = max(abs(left.u) + left.c(left.A), abs(right.u) + right.c(right.A))
    fastest = max(fastest, abs(exact.u_left) + left.c(exact.A_left), abs(exact.u_right) + right.c(exact.A_right))
    t = 0.3 / fastest
    series = simulate(network, signals, fluid, t, output_interval=t, initial=start)
    return Run(exact, t, x, series.A[-1], series.Q[-1] / series.A[-1])
