"""Activation states farmed out to processes, a few at a time."""

from __future__ import annotations

import os
import pickle
import queue
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from calfpump.ranks import ranks
from calfpump.section.errors import SectionError, section_error
from calfpump.section.job import Curves, Job

Progress = Callable[[str], None]
#: Lines of a crashed process' last words that go into the message.
LAST_WORDS = 5


class _Run:
    """One state's process."""

    def __init__(self, index: int, job: Job, folder: Path, news: queue.Queue[tuple[int, str | None]]) -> None:
        self.index, self.job = index, job
        self.result = folder / f"{index}.result"
        self.log = folder / f"{index}.log"
        job_file = folder / f"{index}.job"
        job_file.write_bytes(pickle.dumps(job))
        with open(self.log, "wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "calfpump.section.worker", str(job_file), str(self.result), str(folder / "worn")],
                stdout=subprocess.PIPE, stderr=errors, text=True, env={**os.environ, **_surroundings()},
            )  # fmt: skip
        threading.Thread(target=self._listen, args=(news,), daemon=True).start()

    def _listen(self, news: queue.Queue[tuple[int, str | None]]) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            news.put((self.index, line.strip()))
        self.process.wait()
        news.put((self.index, None))

    def curves(self) -> Curves:
        """The result; raises the state's `SectionError`, or one that tells of a crash."""
        if not self.result.is_file():
            words = " / ".join(self.log.read_text(errors="replace").strip().splitlines()[-LAST_WORDS:])
            reason = f"its process ended with code {self.process.returncode}" + (f" ({words})" if words else "")
            raise section_error("the section", self.job.state.name, reason, hint="less memory in use by others, or workers = 1")
        outcome = pickle.loads(self.result.read_bytes())
        if isinstance(outcome, SectionError):
            raise outcome
        assert isinstance(outcome, Curves)
        return outcome


def _surroundings() -> dict[str, str]:
    """One thread a process, and this very package on its path."""
    source = str(Path(__file__).resolve().parents[2])
    path = os.environ.get("PYTHONPATH")
    return {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": source + (os.pathsep + path if path else "")}


def solve(jobs: Sequence[Job], workers: int, progress: Progress) -> list[Curves]:
    """All jobs of one section, at most `workers` at a time; the first starts alone until its kernels are compiled and the hose is on.

    Under mpirun all ranks solve them together, one after another.
    """
    if ranks()[0] > 1:
        from calfpump.section import crew

        return crew.solve(jobs, progress)
    news: queue.Queue[tuple[int, str | None]] = queue.Queue()
    running: dict[int, _Run] = {}
    finished: dict[int, Curves] = {}
    waiting = list(enumerate(jobs))
    allowed = 1
    with tempfile.TemporaryDirectory(prefix="calfpump-section-") as place:
        try:
            while waiting or running:
                while waiting and len(running) < allowed:
                    index, job = waiting.pop(0)
                    running[index] = _Run(index, job, Path(place), news)
                index, line = news.get()
                if line is None:
                    finished[index] = running.pop(index).curves()
                    allowed = workers
                    progress(f"{jobs[index].state.name}: done ({len(finished)} of {len(jobs)} states)")
                elif line == "ready":
                    allowed = workers
                elif line != "done":
                    progress(line)
        finally:
            for run in running.values():
                run.process.terminate()
            for run in running.values():
                run.process.wait()
    return [finished[index] for index in range(len(jobs))]
