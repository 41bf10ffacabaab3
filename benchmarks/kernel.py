"""How many cells does the flow kernel advance per second, against a plain first-order kernel in the same run?

    python benchmarks/kernel.py

The limit is a first-order HLL scheme for an artery without friction, tables, outer pressure or nodes, compiled by the same numba with full
fastmath. CPU time; the best of several repetitions, with the spread of the repetitions as noise floor.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from math import sqrt

import numba
import numpy as np
from leg_like import network as leg_network
from leg_like import signals as leg_signals
from numpy.typing import NDArray

from calfpump.flow import Fluid, Network, Signals, Vessel, layout, rest_state
from calfpump.flow.advance import advance
from calfpump.flow.assemble import Problem, assemble, totals, unknowns_of
from calfpump.flow.simulate import SHORTEST_STEP
from calfpump.law import AlgebraicLaw, TubeLaw

Array = NDArray[np.float64]
REPETITIONS = 15
SIZES = (200, 2000)


@numba.njit(fastmath=True, error_model="numpy")
def first_order(A, Q, c, flux, F, G, K, A0, inv_rho, rate, steps):  # type: ignore[no-untyped-def]
    """First-order HLL for p = K(√(A/A0) − 1)."""
    n, inv = A.size, 1.0 / A0
    for _ in range(steps):
        for i in range(n):
            r = sqrt(A[i] * inv)
            c[i] = sqrt(0.5 * K * inv_rho * r)
            flux[i] = Q[i] * Q[i] / A[i] + K * inv_rho / 3.0 * A[i] * r
        for i in range(n - 1):
            u0, u1 = Q[i] / A[i], Q[i + 1] / A[i + 1]
            s0 = min(min(u0 - c[i], u1 - c[i + 1]), -1e-9)
            s1 = max(max(u0 + c[i], u1 + c[i + 1]), 1e-9)
            w = 1.0 / (s1 - s0)
            F[i] = (s1 * Q[i] - s0 * Q[i + 1] + s0 * s1 * (A[i + 1] - A[i])) * w
            G[i] = (s1 * flux[i] - s0 * flux[i + 1] + s0 * s1 * (Q[i + 1] - Q[i])) * w
        for i in range(1, n - 1):
            A[i] -= rate * (F[i] - F[i - 1])
            Q[i] -= rate * (G[i] - G[i - 1])


def best(run: Callable[[], float]) -> tuple[float, float]:
    """Largest rate of several repetitions, and by how much their median stays behind."""
    run()
    rates = sorted(run() for _ in range(REPETITIONS))
    return rates[-1], 1.0 - rates[len(rates) // 2] / rates[-1]


def limit(cells: int) -> Callable[[], float]:
    """Million cell-steps per second of the first-order kernel."""
    A0 = 5e-5
    A = A0 * (1.0 + 0.05 * np.exp(-(((np.arange(cells) / cells - 0.5) / 0.1) ** 2)))
    work = [np.zeros(cells) for _ in range(5)]
    steps = max(20, 200_000 // cells)

    def run() -> float:
        start = time.process_time()
        first_order(A, *work, 100.0, A0, 1.0 / 1060.0, 1e-3, steps)
        return cells * steps / (time.process_time() - start) / 1e6

    return run


def kernel(network: Network, signals: Signals, duration: float, settle: float = 0.0) -> Callable[[], float]:
    """Million cell-steps per second of `advance` over ``duration`` [s], going on from repetition to repetition."""
    fluid = Fluid()
    where = layout(network, 0.01)
    p: Problem = assemble(where, signals, fluid)
    start = rest_state(network, signals, fluid)
    pulse = 1.0 + 0.02 * np.exp(-(((np.arange(where.cells) / where.cells - 0.5) / 0.1) ** 2))
    u, sums, counts = unknowns_of(start.with_cells(A=start.A * pulse), p), totals(p), np.zeros(3, np.int64)
    now = [0.0]

    def step(t: float) -> None:
        now[0], status = advance(
            now[0], now[0] + t, 0.45, SHORTEST_STEP, 0.005, counts, u, sums, p.vessels, p.slots, p.law, p.states, p.spaces, p.nodes, p.ends, p.valves,
            p.beds, p.bed_work, p.drive, p.work, p.blood,
        )  # fmt: skip
        assert status == 0

    if settle:
        step(settle)

    def run() -> float:
        before, start = counts[0], time.process_time()
        step(duration)
        return float(where.cells * (counts[0] - before) / (time.process_time() - start) / 1e6)

    return run


def tube(law: AlgebraicLaw | TubeLaw, cells: int) -> Network:
    """One closed vessel."""
    return Network([Vessel("v", "a", "b", 0.3, law, cells=cells)])


def main() -> None:
    """Print the table."""
    artery, vein = AlgebraicLaw(5e-5, 100.0, 0.5, 0.0), AlgebraicLaw(5e-5, 100.0, 10.0, -1.5)
    still = Signals.constant()
    print(f"{'kernel':<28}{'cells':>7}{'Mcell/s':>10}{'noise':>8}{'of the limit':>14}")
    for cells in SIZES:
        top, noise = best(limit(cells))
        print(f"{'first-order HLL, the limit':<28}{cells:>7}{top:>10.1f}{noise:>8.0%}")
        for name, law in (("second order, artery", artery), ("second order, vein", vein), ("second order, table", vein.to_table())):
            rate, noise = best(kernel(tube(law, cells), still, 20.0 / cells))
            print(f"{name:<28}{cells:>7}{rate:>10.1f}{noise:>8.0%}{rate / top:>14.2f}")
    leg = leg_network()
    cells = sum(v.cells or 0 for v in leg.vessels)
    rate, noise = best(kernel(leg, leg_signals(60.0), 1.0, settle=3.0))
    print(f"{'leg-like network':<28}{cells:>7}{rate:>10.1f}{noise:>8.0%}{rate / top:>14.2f}")


if __name__ == "__main__":
    main()
