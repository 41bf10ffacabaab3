"""Steps of a march written down as they are reached, so that one that was killed goes on where it was and ends with the same numbers.

A file a step, written aside and renamed. The state is kept by cells, whatever the numbering: a march may go on with another number of ranks.
Steps are told apart by their order alone, for a march is the same each time; the folder therefore belongs to one set of inputs.
"""

from __future__ import annotations

import os
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calfpump.section.domain import Domain


@dataclass(frozen=True)
class Step:
    """A step reached: which (`name` of the march, parameters from where to where), `reached` as the march gave it, its `history` (t, unknowns
    by cell, multipliers, facing walls; None for the state the step began with), whether a hose hung `slack`, the `effort` so far."""

    which: tuple[str, float, float]
    reached: Any
    history: list[tuple[float, Any, Any, Any] | None]
    slack: bool
    effort: Any


class Kept:
    """The steps in `folder`, which need not exist; `domain` is that of the section."""

    def __init__(self, folder: Path, domain: Domain) -> None:
        self.folder, self.domain = folder, domain
        self.count = 0

    def next(self, which: tuple[str, float, float]) -> Step | None:
        """The step that comes next, if it was kept and is the one asked for; the same on every rank."""
        step = None
        if self.domain.ranks.comm.rank == 0:
            try:
                step = pickle.loads(self._file().read_bytes())
            except (OSError, EOFError, pickle.UnpicklingError):
                step = None
            if step is not None and step.which != which:
                step = None
        if not self.domain.ranks.alone:
            step = self.domain.ranks.comm.bcast(step)
        self.count += step is not None
        return step

    def add(self, step: Step) -> None:
        """Keep a step that was reached."""
        if self.domain.ranks.comm.rank == 0:
            self.folder.mkdir(parents=True, exist_ok=True)
            aside = self._file().with_suffix(f".{os.getpid()}")
            aside.write_bytes(pickle.dumps(step))
            os.replace(aside, self._file())
        self.count += 1

    def _file(self) -> Path:
        return self.folder / f"{self.count:04d}.step"
