"""One activation state in a process of its own: ``python -m calfpump.section.worker JOB RESULT WORN``.

A process, not a fork and not a spawned copy of the user's script: dolfinx starts clean, a crash costs one state, and a script that
calls calfpump needs no guard around its main part. The first of a section's states puts the hose on and leaves that in the file WORN for
the others. Lines on standard output are progress; ``ready`` says that others may start, the last is ``done``.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path


def tell(line: str) -> None:
    """A line for the parent."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(job_file: str, result_file: str, worn_file: str) -> int:
    """Solve the pickled job; the result, or the `SectionError`, is pickled back."""
    from calfpump.section import failure, measure
    from calfpump.section.errors import SectionError
    from calfpump.section.trace import Trace

    job = pickle.loads(Path(job_file).read_bytes())
    result: object
    trace = None
    try:
        trace = Trace(job, tell)
        worn = Path(worn_file)
        if worn.is_file():
            trace.resume(pickle.loads(worn.read_bytes()))
        else:
            worn.write_bytes(pickle.dumps(trace.wear()))
        tell("ready")
        result = trace.run()
    except SectionError as problem:
        if trace is not None:
            problem.picture = failure.picture(measure.deformed(trace.equilibrium, job.mesh, f"{job.state.name}, last good state"))
        result = problem
    Path(result_file).write_bytes(pickle.dumps(result))
    tell("done")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:4]))
