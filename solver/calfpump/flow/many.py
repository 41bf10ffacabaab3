"""Many networks at once: each case on one core, as many at a time as there are cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from calfpump.flow.check import check
from calfpump.flow.error import FlowError, NetworkError
from calfpump.flow.network import Fluid, Network
from calfpump.flow.series import Series
from calfpump.flow.signals import Signals
from calfpump.flow.simulate import CELL_LENGTH, simulate
from calfpump.flow.state import State

#: [s] run by the first case ahead of all
BRIEFLY = 1e-6


def simulate_many(
    cases: Sequence[tuple[Network, Signals]],
    fluid: Fluid | None = None,
    t_end: float = 1.0,
    *,
    initial: Sequence[State] | None = None,
    workers: int | None = None,
    progress: Callable[[int], None] | None = None,
    cfl: float = 0.45,
    output_interval: float = 0.02,
    cell_length: float = CELL_LENGTH,
    longest_step: float = 0.005,
) -> list[Series | FlowError]:
    """`simulate` every case (network, signals), in the order given and bit for bit what single calls return.

    The networks may differ in everything. Cases run in ``workers`` threads, by default one per core that this process may use; the kernels run
    beside one another, since they hold no lock of the interpreter. ``initial``: a state for each case. ``progress`` is called with the number of
    finished cases. A case whose solution fails leaves its FlowError in its place, the others are kept.

    Raises
    ------
    NetworkError
        Cases that cannot be solved, with all problems of all of them, each with the number of its case; nothing has been run then.
    """
    fluid = fluid or Fluid()
    problems = []
    if initial is not None and len(initial) != len(cases):
        problems.append(f"{len(initial)} initial states for {len(cases)} cases")
    if workers is not None and workers < 1:
        problems.append(f"workers must be at least 1, not {workers}")
    for k, (network, signals) in enumerate(cases):
        try:
            check(network, signals, fluid)
        except NetworkError as error:
            problems += [f"case {k + 1}: {problem}" for problem in error.problems]
    if problems:
        raise NetworkError(problems)

    def one(k: int, until: float = t_end) -> Series | FlowError:
        network, signals = cases[k]
        try:
            return simulate(
                network, signals, fluid, until, cfl=cfl, output_interval=output_interval, initial=None if initial is None else initial[k],
                cell_length=cell_length, longest_step=longest_step,
            )  # fmt: skip
        except FlowError as error:
            return error

    if not cases:
        return []
    # kernels are compiled or loaded by one thread
    one(0, BRIEFLY + (0.0 if initial is None else initial[0].t))
    found: list[Series | FlowError] = []
    with ThreadPoolExecutor(workers or len(os.sched_getaffinity(0))) as pool:
        for series in pool.map(one, range(len(cases))):
            found.append(series)
            if progress is not None:
                progress(len(found))
    return found
