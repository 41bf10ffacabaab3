"""A Riemann problem set up for the solver: two half tubes, or one, with inflow that belongs to the data at both ends."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from oracles.riemann import Law, Side, Solution, State, solve

from calfpump.flow import FlowBoundary, Fluid, Network, Signals, Vessel, rest_state, simulate
from calfpump.law import AlgebraicLaw, TubeLaw

Array = NDArray[np.float64]
HALF = 0.5
#: distance that the fastest wave runs [m]; shorter where flow enters faster than its waves, which a given flow alone does not fix
REACH, REACH_SUPERCRITICAL = 0.3, 0.24
ALPHA = np.geomspace(0.01, 4.0, 400)


@dataclass(frozen=True)
class Run:
    """Computed A, u at x (from the jump) and time t, beside the exact solution."""

    exact: Solution
    t: float
    x: Array
    A: Array
    u: Array

    def stars(self) -> list[tuple[State, float, float]]:
        """The constant states between the waves, with the computed A and u in the middle of each."""
        found = []
        for state in self.exact.states:
            i = int(np.argmin(np.abs(self.x - 0.5 * (state.begin + state.end) * self.t)))
            found.append((state, float(self.A[i]), float(self.u[i])))
        return found

    def plateau_errors(self) -> list[tuple[float, float]]:
        """Of each constant state, |Ā/A* − 1| and |ū − u*|/c of the means over its middle half (behind a shock cells swing about their mean)."""
        found = []
        for state in self.exact.states:
            ray, middle = self.x / self.t, 0.5 * (state.begin + state.end)
            inside = np.abs(ray - middle) <= max(0.25 * (state.end - state.begin), float(np.abs(ray - middle).min()))
            side = self.exact.left if state.end <= 0.0 else self.exact.right
            found.append((abs(float(self.A[inside].mean()) / state.A - 1.0), abs(float(self.u[inside].mean()) - state.u) / side.c(state.A)))
        return found

    def L1(self) -> float:
        """Mean |A − exact| over the mean of A, where the ends of the tubes have not been heard."""
        inside = np.abs(self.x) < HALF - (REACH_SUPERCRITICAL if _supercritical(self.exact) else 0.0)
        exact = np.array([self.exact.at(x / self.t)[0] for x in self.x[inside]])
        return float(np.abs(self.A[inside] - exact).mean() / exact.mean())


def _supercritical(exact: Solution) -> bool:
    return any(abs(side.u) > side.c(side.A) for side in (exact.left, exact.right))


def law_for_the_solver(law: Law, tabulated: bool) -> AlgebraicLaw | TubeLaw:
    """In closed form where the solver has one, else (or if asked) a table."""
    (K, m), (minus, n) = law.terms[:2]
    if len(law.terms) == 2 and K == -minus:
        plain = AlgebraicLaw(law.A0, K, m, n)
        return plain.to_table() if tabulated else plain
    f = np.array([law.psi(a * law.A0) for a in ALPHA])[None]
    return TubeLaw("sum of powers", law.A0, ALPHA, np.zeros(1), f, (ALPHA * law.A0)[None] ** 2 / (8.0 * np.pi), np.array([ALPHA[[0, -1]]]))


def run(left: Side, right: Side, cells: int, tabulated: bool = False, node: bool = False) -> Run:
    """Solve on ``cells`` cells over 1 m until the fastest wave has run its way; ``node`` puts a node at x = 0 even where nothing jumps."""
    exact = solve(left, right)
    own = [law_for_the_solver(side.law, tabulated) for side in (left, right)]
    two = exact.jump or node
    if two:
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
    if two:
        totals[1:3] = left.p_ext + left.psi(left.A), right.p_ext + right.psi(right.A)
        flows[1:3] = left.A * left.u, right.A * right.u
    start = replace(start, end_total=totals, end_Q=flows)
    t = (REACH_SUPERCRITICAL if _supercritical(exact) else REACH) / exact.fastest
    series = simulate(network, signals, fluid, t, output_interval=t, initial=start)
    return Run(exact, t, x, series.A[-1], series.Q[-1] / series.A[-1])
