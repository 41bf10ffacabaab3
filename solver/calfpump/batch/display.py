"""What a person sees of a batch: a live table on a terminal, plain lines in a log."""

from __future__ import annotations

import shutil
import sys
from time import monotonic
from typing import TextIO

from calfpump.batch.jobs import Job, Outcome

WORDS = {"done": "done", "kept": "complete already", "failed": "FAILED", "crashed": "CRASHED", "timeout": "TOOK TOO LONG"}


class Display:
    """Counts jobs, shows what the workers do, and the time left at the pace so far."""

    def __init__(self, total: int, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.total, self.finished, self.worked = total, 0, 0
        self.begin, self.drawn = monotonic(), 0
        self.working: dict[str, tuple[float, str]] = {}

    def notice(self, job: Job, text: str) -> None:
        """A job began (no text) or tells how far it is."""
        if job.name not in self.working and not self.live:
            self._line(f"{job.name}: begins")
        since = self.working.get(job.name, (monotonic(), ""))[0]
        self.working[job.name] = (since, text)
        self.draw()

    def end(self, outcome: Outcome) -> None:
        """A job ended."""
        self.working.pop(outcome.name, None)
        self.finished += 1
        self.worked += outcome.status != "kept"
        reason = f": {outcome.reason}" if outcome.reason else ""
        self.clear()
        self._line(f"[{self.finished}/{self.total}] {outcome.name}: {WORDS[outcome.status]} in {outcome.seconds:.1f} s{reason}")
        self.draw()

    def draw(self) -> None:
        """The table below what was printed so far (terminals only)."""
        if not self.live:
            return
        self.clear()
        if self.finished == self.total:
            return
        width = shutil.get_terminal_size().columns - 1
        lines = [f"{self.finished} of {self.total} done{self._left()}"]
        lines += [f"  {monotonic() - since:5.0f} s  {name}  {text}" for name, (since, text) in self.working.items()]
        self.stream.write("".join(line[:width] + "\n" for line in lines))
        self.stream.flush()
        self.drawn = len(lines)

    def clear(self) -> None:
        """Take the table away."""
        if self.drawn:
            self.stream.write(f"\033[{self.drawn}A\033[J")
            self.drawn = 0

    def _left(self) -> str:
        if not self.worked:
            return ""
        left = (monotonic() - self.begin) / self.worked * (self.total - self.finished)
        return f", about {left / 60:.0f} min left" if left > 90 else f", about {left:.0f} s left"

    def _line(self, text: str) -> None:
        self.stream.write(text + "\n")
        self.stream.flush()
