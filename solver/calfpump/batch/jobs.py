"""What passes between a batch and its workers, one line of JSON a message."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Job:
    """One piece of work: its name, what to do ("law" or "run"), the resolved case as text, and the folder of a run."""

    name: str
    do: str
    case: str
    folder: str = ""
    force: bool = False

    def line(self) -> str:
        return json.dumps(asdict(self)) + "\n"


@dataclass(frozen=True)
class Outcome:
    """How a job ended: "done", "kept" (complete already), "failed", "crashed" or "timeout", and why."""

    name: str
    status: str
    reason: str = ""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        return self.status in ("done", "kept")
