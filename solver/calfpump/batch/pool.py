"""Long-lived worker processes: one job at a time each; one that crashes or takes too long is replaced and costs its job only."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from calfpump.batch.jobs import Job, Outcome

COMMAND = (sys.executable, "-m", "calfpump.worker")
GRACE = 20.0  # s that a worker gets to record its run as interrupted
TICK = 0.5  # s between two looks at the clock

Notice = Callable[[Job, str], None]


@dataclass
class _Worker:
    process: subprocess.Popen[bytes]
    job: Job | None = None
    since: float = 0.0
    heard: bytes = b""

    @property
    def stdout(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout


class Pool:
    """At most `workers` processes of `command`; what they print goes to `log`."""

    def __init__(self, workers: int, log: Path, command: Sequence[str] = COMMAND, timeout: float | None = None) -> None:
        self.size, self.log, self.command, self.timeout = workers, log, tuple(command), timeout
        self.workers: list[_Worker] = []
        self.selector = selectors.DefaultSelector()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def work(self, jobs: Iterable[Job], notice: Notice = lambda job, text: None, processes: int = 1) -> Iterator[Outcome]:
        """Do all jobs, in their order as far as workers are free; yields each outcome as it comes.

        `notice` hears of beginnings and progress. `processes` that a job starts itself count against the size of the pool.
        """
        waiting = deque(jobs)
        while waiting or any(worker.job for worker in self.workers):
            self._assign(waiting, notice, max(1, self.size // processes))
            for event, _ in self.selector.select(TICK):
                worker: _Worker = event.data
                yield from self._hear(worker, notice)
            yield from self._late()

    def _assign(self, waiting: deque[Job], notice: Notice, at_once: int) -> None:
        while waiting and sum(worker.job is not None for worker in self.workers) < at_once:
            free = next((worker for worker in self.workers if worker.job is None), None)
            if free is None:
                free = self._start()
            job = waiting.popleft()
            free.job, free.since = job, time.monotonic()
            assert free.process.stdin is not None
            with contextlib.suppress(BrokenPipeError):  # it died idle: its end of file says so next
                free.process.stdin.write(job.line().encode())
                free.process.stdin.flush()
            notice(job, "")

    def _start(self) -> _Worker:
        with self.log.open("ab") as log:
            process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, start_new_session=True, env=self._environment())
        worker = _Worker(process)
        self.workers.append(worker)
        self.selector.register(worker.stdout, selectors.EVENT_READ, worker)
        return worker

    def _environment(self) -> dict[str, str]:
        """One thread a worker where there are several, and this package on the path."""
        source = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, (source, os.environ.get("PYTHONPATH"))))
        return os.environ | {"PYTHONPATH": path} | ({"OMP_NUM_THREADS": "1"} if self.size > 1 else {})

    def _hear(self, worker: _Worker, notice: Notice) -> Iterator[Outcome]:
        data = os.read(worker.stdout.fileno(), 65536)
        if not data:
            yield from self._lose(worker, "crashed", "")
            return
        *lines, worker.heard = (worker.heard + data).split(b"\n")
        for line in lines:
            message = json.loads(line)
            job = worker.job
            if job is None:
                continue
            if "progress" in message:
                notice(job, str(message["progress"]))
            else:
                worker.job = None
                yield Outcome(job.name, message["status"], message["reason"], time.monotonic() - worker.since)

    def _late(self) -> Iterator[Outcome]:
        now = time.monotonic()
        for worker in list(self.workers):
            if self.timeout is not None and worker.job is not None and now - worker.since > self.timeout:
                yield from self._lose(worker, "timeout", f"took longer than {self.timeout:g} s")

    def _lose(self, worker: _Worker, status: str, reason: str) -> Iterator[Outcome]:
        """Take a worker out; its job, if any, is over."""
        self.selector.unregister(worker.stdout)
        self.workers.remove(worker)
        _end([worker])
        if worker.job is not None:
            yield Outcome(worker.job.name, status, reason or _death(worker.process.returncode), time.monotonic() - worker.since)

    def stop(self) -> None:
        """End all workers: idle ones at once, busy ones as if by Ctrl-C."""
        for worker in self.workers:
            self.selector.unregister(worker.stdout)
        _end(self.workers)
        self.workers = []


def _end(workers: list[_Worker]) -> None:
    for worker in workers:
        if worker.job is not None:
            worker.process.terminate()
        if worker.process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                worker.process.stdin.close()
    deadline = time.monotonic() + GRACE
    for worker in workers:
        try:
            worker.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            worker.process.kill()
            worker.process.wait()
        with contextlib.suppress(ProcessLookupError):  # what it started itself
            os.killpg(worker.process.pid, signal.SIGKILL)
        worker.stdout.close()


def _death(code: int) -> str:
    if code < 0:
        return f"its process was killed by {signal.Signals(-code).name}"
    return f"its process ended with exit code {code}"
