"""One worker of a batch: ``python -m calfpump.worker`` takes a job a line from standard input and answers in lines of JSON.

Answers: ``{"progress": text}`` while it works, then ``{"status": "done" | "kept" | "failed", "reason": text}``. It stays alive from case to
case, so that libraries are loaded and kernels compiled once. SIGTERM, and the loss of the batch, end it like Ctrl-C: its run is
recorded as interrupted.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import TextIO

from calfpump.batch.jobs import Job


def main() -> int:
    """Serve until standard input ends."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what libraries print must not mix with the answers
    signal.signal(signal.SIGTERM, _stop)
    jobs: queue.Queue[str | None] = queue.Queue()
    busy = threading.Event()
    threading.Thread(target=_listen, args=(jobs, busy), daemon=True).start()
    try:
        while (line := jobs.get()) is not None:
            _serve(Job(**json.loads(line)), answers)
            busy.clear()
    except (KeyboardInterrupt, BrokenPipeError):
        return 130
    return 0


def _stop(number: int, frame: FrameType | None) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a second one must not cut short how the first is recorded
    raise KeyboardInterrupt


def _listen(jobs: queue.Queue[str | None], busy: threading.Event) -> None:
    for line in sys.stdin:
        busy.set()
        jobs.put(line)
    jobs.put(None)
    if busy.is_set():  # the batch is gone
        os.kill(os.getpid(), signal.SIGTERM)


def _serve(job: Job, answers: TextIO) -> None:
    def answer(**content: str) -> None:
        answers.write(json.dumps(content) + "\n")
        answers.flush()

    from calfpump.case.errors import CalfpumpError

    try:
        status = do(job, lambda text: answer(progress=text))
    except CalfpumpError as error:
        answer(status="failed", reason=str(error))
    except Exception as error:
        import traceback

        traceback.print_exc()
        answer(status="failed", reason=f"{type(error).__name__}: {error}")
    else:
        answer(status=status, reason="")


def do(job: Job, progress: Callable[[str], None]) -> str:
    """Do one job; returns "done", or "kept" where the result was complete already."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    from calfpump.case import load_case

    with TemporaryDirectory(prefix="calfpump-") as folder:
        path = Path(folder) / "case.toml"
        path.write_text(job.case, encoding="utf-8")
        case = load_case(path)
    if job.do == "law":
        from calfpump.coupling.section import laws_of_section

        laws_of_section(case, progress)
        return "done"
    from calfpump.coupling import run
    from calfpump.results.record import read

    before = read(Path(job.folder))
    result = run(case, out=Path(job.folder), force=job.force, progress=progress)
    if before is not None and before == result.record:
        return "kept"
    from calfpump.report import report

    report(result.folder)
    return "done"


if __name__ == "__main__":
    sys.exit(main())
