"""How many cells does the flow kernel advance per second, against a plain first-order kernel in the same run?

    python benchmarks/kernel.py [--no-cold]

The limit is a first-order HLL scheme for an artery without friction, tables, outer pressure or nodes, compiled by the same numba with full
fastmath (limit.py), itself beside its C version. CPU time on one core; the best of several repetitions, taken in turns with the limit's, with
the spread of the repetitions as noise floor. Then what nodes, valves, tables, compartments and beds cost in each step, how long a process
takes from its start to its first step with an empty and with a filled kernel cache, and how many cases at once scale over the cores.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence

import limit
import numpy as np
from leg_like import MMHG, PERIOD, tabulated
from leg_like import network as leg_network
from leg_like import signals as leg_signals

from calfpump.flow import Bed, Compartment, Fluid, Network, Signals, Valve, Vessel, layout, rest_state, simulate_many
from calfpump.flow.advance import advance
from calfpump.flow.assemble import Problem, assemble, totals, unknowns_of
from calfpump.flow.simulate import SHORTEST_STEP
from calfpump.law import AlgebraicLaw, CompartmentLaw, TubeLaw

REPETITIONS = 15
SIZES = (200, 2000)
ARTERY, VEIN = AlgebraicLaw(5e-5, 100.0, 0.5, 0.0), AlgebraicLaw(5e-5, 100.0, 10.0, -1.5)
STILL = Signals.constant()

FIRST_STEP = """
import time
from calfpump.flow import Network, Signals, Vessel, simulate
from calfpump.law import AlgebraicLaw
simulate(Network([Vessel("v", "a", "b", 0.3, AlgebraicLaw(5e-5, 100.0, 10.0, -1.5))]), Signals.constant(), t_end=1e-3)
"""


def in_turns(runs: Sequence[Callable[[], float]]) -> list[tuple[float, float]]:
    """Largest rate of each of several repetitions, and by how much their median stays behind; all in turns, so that a slow moment meets all of them."""
    for run in runs:
        run()
    rates = np.sort([[run() for run in runs] for _ in range(REPETITIONS)], axis=0)
    return [(float(top), float(1.0 - middle / top)) for top, middle in zip(rates[-1], rates[REPETITIONS // 2], strict=True)]


class Stepper:
    """A network going on from repetition to repetition."""

    def __init__(self, network: Network, signals: Signals, settle: float = 0.0) -> None:
        fluid = Fluid()
        self.where = layout(network, 0.01)
        self.p: Problem = assemble(self.where, signals, fluid)
        start = rest_state(network, signals, fluid)
        pulse = 1.0 + 0.02 * np.exp(-(((np.arange(self.where.cells) / self.where.cells - 0.5) / 0.1) ** 2))
        self.u, self.sums, self.counts = unknowns_of(start.with_cells(A=start.A * pulse), self.p), totals(self.p), np.zeros(3, np.int64)
        self.now = 0.0
        if settle:
            self.go(settle)

    def go(self, duration: float) -> tuple[int, float]:
        """Steps, and CPU seconds."""
        p, before, start = self.p, int(self.counts[0]), time.process_time()
        self.now, status = advance(
            self.now, self.now + duration, 0.45, SHORTEST_STEP, 0.005, self.counts, self.u, self.sums, p.vessels, p.slots, p.law, p.states, p.spaces,
            p.nodes, p.ends, p.valves, p.beds, p.bed_work, p.tracers, p.drive, p.work, p.blood,
        )  # fmt: skip
        assert status == 0
        return int(self.counts[0]) - before, time.process_time() - start


def kernel(network: Network, signals: Signals, duration: float, settle: float = 0.0) -> Callable[[], float]:
    """Million cell-steps per second of `advance` over ``duration`` [s], from the settled state every time: a leg that empties costs other than a full one."""
    stepper = Stepper(network, signals, settle)
    settled = [x.copy() for x in stepper.u]

    def run() -> float:
        stepper.now = settle
        for now, then in zip(stepper.u, settled, strict=True):
            now[...] = then
        steps, seconds = stepper.go(duration)
        return stepper.where.cells * steps / seconds / 1e6

    return run


def tube(law: AlgebraicLaw | TubeLaw, cells: int) -> Network:
    """One closed vessel."""
    return Network([Vessel("v", "a", "b", 0.3, law, cells=cells)])


def rates() -> None:
    """Every law and size against the limit."""
    print(f"{'kernel':<32}{'cells':>7}{'Mcell/s':>10}{'noise':>8}{'of the limit':>14}")
    in_c, leg = limit.compiled_c(), leg_network()
    laws = {"artery": ARTERY, "vein": VEIN, "table": VEIN.to_table(), "blended table": tabulated(5e-5, 1.0, 4)}
    for cells in SIZES:
        runs = {"first order, numba: the limit": limit.rate_of(cells, limit.in_numba), "first order, NumPy": limit.rate_of(cells, limit.in_numpy)}
        if in_c is not None:
            runs["first order, C"] = limit.rate_of(cells, limit.in_c(in_c))
        runs |= {f"second order, {name}": kernel(tube(law, cells), STILL, 200.0 / cells) for name, law in laws.items()}
        if cells == SIZES[-1]:
            runs["leg-like network"] = kernel(leg, leg_signals(60.0), PERIOD, settle=3.0)
        found = in_turns(list(runs.values()))
        for name, (rate, noise) in zip(runs, found, strict=True):
            size = layout(leg, 0.01).cells if name == "leg-like network" else cells
            print(f"{name:<32}{size:>7}{rate:>10.1f}{noise:>8.0%}{rate / found[0][0]:>14.3f}", flush=True)
    if in_c is None:
        print("There is no gcc: the limit stands without its C version.")


def chain(vessels: int, cells: int, *, valves: bool = False, table: bool = False, compartment: bool = False, beds: bool = False) -> Network:
    """``vessels`` in series with ``cells`` altogether."""
    law = VEIN.to_table() if table else VEIN
    muscle = CompartmentLaw("m", np.array([0.0, 0.1]), np.array([0.0, 1.0, 2.0]), MMHG * np.array([[0.0, 5.0, 10.0], [50.0, 60.0, 70.0]]))
    parts = [
        Vessel(f"v{k}", f"n{k}", f"n{k + 1}", 0.3 / vessels, law, cells=cells // vessels, compartment="m" if compartment else None) for k in range(vessels)
    ]
    drains = [Bed(f"b{k}", f"n{k}", None, 1e-9, 1e-6, 1e9, "R", 1e4) for k in range(vessels)] if beds else []
    return Network(parts, [Valve(f"v{k}", 0.5) for k in range(vessels)] if valves else [], drains, [Compartment("m", muscle, None)] if compartment else [])


def increments() -> None:
    """What each part adds to a step."""

    def step(network: Network, signals: Signals = STILL) -> float:
        stepper = Stepper(network, signals)
        stepper.go(0.01)
        return min(seconds / steps for steps, seconds in (stepper.go(0.02) for _ in range(REPETITIONS)))

    n = 40
    one, many = step(chain(1, 400)), step(chain(n, 400))
    print(f"\n{'part, in a chain of 400 cells':<44}{'µs per step and part':>22}")
    for name, seconds, count in (
        ("cell on the algebraic law", one, 400), ("cell on a table, beside that", step(chain(1, 400, table=True)) - one, 400),
        ("junction of two vessels", many - one, n - 1), ("valve", step(chain(n, 400, valves=True)) - many, n),
        ("vessel in a compartment", step(chain(n, 400, compartment=True)) - many, n),
        ("bed", step(chain(n, 400, beds=True), Signals.constant(R=1e10)) - many, n),
    ):  # fmt: skip
        print(f"{name:<44}{1e6 * seconds / count:>22.3f}", flush=True)


def starts() -> None:
    """From the start of a process to its first step."""
    print(f"\n{'first step after':<44}{'s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("a cold start (empty kernel cache)", "a warm start", "a warm start, again"):
            begin = time.perf_counter()
            subprocess.run([sys.executable, "-c", FIRST_STEP], check=True, env=os.environ | {"NUMBA_CACHE_DIR": folder})
            print(f"{name:<44}{time.perf_counter() - begin:>8.2f}", flush=True)


def cores() -> None:
    """Many cases in one call."""
    cases = [(leg_network(), leg_signals(10.0)) for _ in range(8)]
    simulate_many(cases[:1], t_end=0.1)
    print(f"\n{'8 leg-like cases of 10 s, threads':<44}{'s':>8}{'speed-up':>10}")
    alone = 0.0
    for workers in sorted({1, 2, len(os.sched_getaffinity(0))}):
        begin = time.perf_counter()
        simulate_many(cases, t_end=10.0, workers=workers)
        seconds = time.perf_counter() - begin
        alone = alone or seconds
        print(f"{workers:<44}{seconds:>8.2f}{alone / seconds:>10.2f}", flush=True)


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--no-cold", action="store_true", help="leave out the start with an empty kernel cache, which takes a minute")
    arguments = parser.parse_args()
    rates()
    increments()
    cores()
    if not arguments.no_cold:
        starts()


if __name__ == "__main__":
    main()
