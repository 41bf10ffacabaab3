"""Would steps of their own for every vessel, or implicit steps, make the flow faster? What each could save at most.

    python benchmarks/time_stepping.py

Local steps: every vessel would take the largest step that its own cells allow, rounded down to a power of two of the least one; what they save at
most is cells × steps now over cells × steps then, nodes, valves and the work between unequal steps not counted. Sampled while the
networks run. Implicit steps: one Newton iteration is at least one banded solve with the cells' Jacobian (LAPACK gbsv through SciPy, the bare
call) and one evaluation of the residual, an explicit step; with three iterations a step costs this many explicit ones, and its length
would be bound by valves and contraction, which move within tens of milliseconds: ``implicit`` is how much faster than now that would be.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
from kernel import Stepper
from leg_like import network as leg_network
from leg_like import signals as leg_signals
from scipy.linalg import solve_banded

import calfpump
from calfpump.case.shipped import shipped
from calfpump.coupling.laws import algebraic_laws
from calfpump.coupling.network import build
from calfpump.coupling.run import checked_leg
from calfpump.flow import Network, Signals
from calfpump.pump.network import leg_network as network_of_leg
from calfpump.pump.protocol import episodes
from calfpump.pump.protocol import signals as signals_of_leg

NEWTON = 3
SAMPLES = 40
#: step that would still follow valves and contraction [s]
ACCURATE = 5e-3


def cases() -> list[tuple[str, Network, Signals, float, float]]:
    """Name, network, signals, time from which and how long is sampled [s]."""
    case = calfpump.load_case(shipped("cases") / "quickstart.toml", ["section.law=algebraic", "numerics.quality=standard"])
    leg = checked_leg(case)
    laws, rows = algebraic_laws(case, leg), episodes(case)
    exercise = next(row for row in rows if row.exercise)
    found = [
        ("leg-like network", leg_network(), leg_signals(10.0), 3.0, 2.0),
        ("the default leg, tiptoes", network_of_leg(case, leg, laws.vessels, laws.compartments), signals_of_leg(case, leg, rows), exercise.begin, 5.0),
    ]
    for path in sorted((Path(shipped("cases")) / "networks").glob("*.toml")):
        built = build(calfpump.load_case(path))
        found.append((path.stem.replace("_", " "), built.network, built.signals, 0.0, min(2.0, float(built.signals.t[-1]))))
    return found


def local(network: Network, signals: Signals, begin: float, duration: float) -> tuple[float, float, float, int]:
    """Most that local steps save: by vessel in powers of two, by cell without rounding; mean step [s]; cells."""
    stepper = Stepper(network, signals, begin)
    p, vessel, cell = stepper.p, [], []
    first = int(stepper.counts[0])
    for _ in range(SAMPLES):
        stepper.go(duration / SAMPLES)
        rate = (np.abs(p.work.u) + p.work.speed) * p.slots.inv_dx
        top = rate.max()
        cells = p.vessels.end - p.vessels.begin
        of_vessel = np.array([rate[b:e].max() for b, e in zip(p.vessels.begin, p.vessels.end, strict=True)])
        levels = 2.0 ** np.floor(np.log2(top / of_vessel))
        vessel.append(cells.sum() / (cells / levels).sum())
        cell.append(cells.sum() * top / rate.sum())
    steps = int(stepper.counts[0]) - first
    return float(np.mean(vessel)), float(np.mean(cell)), duration / steps, stepper.where.cells


def implicit(network: Network, signals: Signals, begin: float) -> float:
    """Explicit steps that one implicit step costs at least."""
    stepper = Stepper(network, signals, begin)
    n = 2 * stepper.where.cells
    band = np.random.default_rng(1).uniform(-1.0, 1.0, (7, n))
    band[3] += 8.0
    right = np.ones(n)
    solve = min(_timed(lambda: solve_banded((3, 3), band, right)) for _ in range(50))
    explicit = min(seconds / steps for steps, seconds in (stepper.go(0.1) for _ in range(15)))
    return NEWTON * (solve + explicit) / explicit


def _timed(run: object) -> float:
    start = time.process_time()
    run()  # type: ignore[operator]
    return time.process_time() - start


def main() -> None:
    """Print the table."""
    print(f"{'network':<28}{'cells':>7}{'mean step, ms':>15}{'local steps, × at most':>24}{'by cell':>9}{'implicit, ×':>14}")
    for name, network, signals, begin, duration in cases():
        by_vessel, by_cell, step, cells = local(network, signals, begin, duration)
        cost = implicit(network, signals, begin)
        print(f"{name:<28}{cells:>7}{1e3 * step:>15.3f}{by_vessel:>24.2f}{by_cell:>9.2f}{ACCURATE / step / cost:>14.2f}", flush=True)


if __name__ == "__main__":
    main()
