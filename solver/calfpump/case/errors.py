"""What can go wrong, and the exit code that says so.

====  ====================  ==============================================================
code  exception             meaning
====  ====================  ==============================================================
2     `CaseError`           bad input: every problem of a file at once, each with its line
3     `SolveError`          a solve failed: which, in which state, why, what to try
4     `EnvironmentProblem`  a program or library is missing or does not work
====  ====================  ==============================================================
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


class CalfpumpError(Exception):
    """Base of the errors a user can act on; they are printed without a traceback."""

    exit_code = 1


@dataclass(frozen=True)
class Problem:
    """One problem of a case: where (``file:line`` or ``--set key=value``), which key, what is wrong."""

    where: str
    key: str
    what: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, self.key, self.what) if part)


class CaseError(CalfpumpError):
    """Bad input: holds the list of all `problems`; its text has one line for each."""

    exit_code = 2

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[CaseError], tuple[list[Problem]]]:
        return type(self), (self.problems,)


@dataclass(eq=False)
class SolveError(CalfpumpError):
    """A solve that failed, told in full: which solve, in which state, why, what was kept, what to try."""

    solve: str
    state: str
    reason: str
    kept: str = ""
    hint: str = ""
    picture: Path | None = None

    exit_code = 3

    def __reduce__(self) -> tuple[type[SolveError], tuple[str, str, str, str, str, Path | None]]:
        return type(self), (self.solve, self.state, self.reason, self.kept, self.hint, self.picture)

    def __str__(self) -> str:
        parts = [f"{self.solve} failed at {self.state}: {self.reason}."]
        if self.kept:
            parts.append(f"Kept: {self.kept}.")
        if self.picture is not None:
            parts.append(f"Picture of the last good state: {self.picture} (for ParaView, .vtu).")
        if self.hint:
            parts.append(f"Try: {self.hint}.")
        return " ".join(parts)


class EnvironmentProblem(CalfpumpError):
    """A program or library that a run needs is missing or does not work."""

    exit_code = 4
