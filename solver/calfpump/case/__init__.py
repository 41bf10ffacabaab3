"""Case file → typed, SI, frozen objects; errors with file:line; sweeps; units; presets.

`load_case` reads one file, `expand` all cases of its sweep, `resolved_toml` writes one out in full, `case_hash` names it.
"""

from __future__ import annotations

from calfpump.case.errors import CalfpumpError, CaseError, EnvironmentProblem, Problem, SolveError
from calfpump.case.load import load_case
from calfpump.case.model import Case
from calfpump.case.sweep import expand
from calfpump.case.write import case_hash, resolved_toml

__all__ = [
    "CalfpumpError", "Case", "CaseError", "EnvironmentProblem", "Problem", "SolveError",
    "case_hash", "expand", "load_case", "resolved_toml",
]  # fmt: skip
