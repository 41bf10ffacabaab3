"""A section's states on several MPI ranks: rank 0 runs the command, the others wait for states to help with.

    mpirun -n 4 python -m calfpump tubelaw CASE

Only rank 0 reads, speaks and writes. Between two states the others sleep, so that a core is not kept busy with waiting.
"""

from __future__ import annotations

import sys
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from calfpump.section.errors import SectionError
from calfpump.section.job import Curves, Job

#: Seconds between two looks for work, and the tag of a message that brings it.
PAUSE, WORK = 0.02, 7


def _comm() -> Any:
    from mpi4py import MPI

    return MPI.COMM_WORLD


def _begin() -> None:
    """PETSc begins on all ranks at once: one that loads it while the others wait for work would wait for them for ever."""
    import calfpump.section.trace  # noqa: F401


@contextmanager
def led() -> Iterator[None]:
    """On rank 0: within, states are solved by all ranks; at the end the others are sent home."""
    _begin()
    try:
        yield
    finally:
        _send(None)


def _send(jobs: Sequence[Job] | None) -> None:
    comm = _comm()
    for rank in range(1, comm.size):
        comm.send(jobs, rank, WORK)


def follow() -> int:
    """On the other ranks: help with states until sent home."""
    _begin()
    comm = _comm()
    while True:
        while not comm.Iprobe(0, WORK):
            time.sleep(PAUSE)
        jobs = comm.recv(source=0, tag=WORK)
        if jobs is None:
            return 0
        try:
            _states(jobs, lambda line: None)
        except SectionError:
            continue  # rank 0 tells


def solve(jobs: Sequence[Job], progress: Callable[[str], None]) -> list[Curves]:
    """On rank 0: all states of a section, one after another, each on all ranks."""
    _send(jobs)
    return _states(jobs, progress)


def _states(jobs: Sequence[Job], tell: Callable[[str], None]) -> list[Curves]:
    from calfpump.section.trace import Trace

    found: list[Curves] = []
    worn = None
    try:
        for job in jobs:
            trace = Trace(job, tell, _comm())
            domain = trace.system.domain
            if worn is None:
                first = trace.wear()
                worn = replace(first, state=replace(first.state, w=domain.whole(first.state.w)))
            else:
                trace.resume(replace(worn, state=replace(worn.state, w=domain.part(worn.state.w))))
            try:
                found.append(trace.run())
            except SectionError as problem:
                _picture(problem, trace)
                raise
            trace.equilibrium.factor.release()
            trace.system.matrix.destroy()
            tell(f"{job.state.name}: done ({len(found)} of {len(jobs)} states)")
    except SectionError:
        raise
    except Exception:
        # one rank alone has failed: the others would wait for it for ever
        traceback.print_exc(file=sys.stderr)
        sys.stderr.flush()
        _comm().Abort(1)
    return found


def _picture(problem: SectionError, trace: Any) -> None:
    """The last good state of a failure, written by rank 0."""
    from calfpump.section import failure, measure

    shape = measure.deformed(trace.equilibrium, trace.job.mesh, f"{trace.job.state.name}, last good state")
    if _comm().rank == 0:
        problem.picture = failure.picture(shape)
