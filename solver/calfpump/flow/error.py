"""What goes wrong in the flow solver."""

from __future__ import annotations

from collections.abc import Iterable

from calfpump.case.errors import CalfpumpError, SolveError


class FlowError(SolveError):
    """The flow solve failed: the vessel, the place and the time are in its text."""


class NetworkError(CalfpumpError):
    """A network that cannot be solved; `problems` holds one sentence for each thing that is wrong."""

    exit_code = 2

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))
