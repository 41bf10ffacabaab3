"""Failures of the section solver: which solve, in which state, why, what was kept, what to try."""

from __future__ import annotations

from calfpump.case.errors import SolveError


class SectionError(SolveError):
    """A section that could not be brought to the state asked for."""


def section_error(solve: str, state: str, reason: str, kept: str = "", hint: str = "") -> SectionError:
    """A `SectionError` whose text is one paragraph a user can act on."""
    return SectionError(solve=solve, state=state, reason=reason, kept=kept, hint=hint)
