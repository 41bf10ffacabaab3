"""`calfpump verify` and `calfpump validate`: tests of the source checkout, run afresh, and the page that they fill."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from calfpump.case.errors import CaseError, EnvironmentProblem, Problem

CHECKOUT = Path(__file__).resolve().parents[2]
#: pytest's exit codes: all passed, some failed, interrupted
PASSED, FAILED, INTERRUPTED = 0, 1, 2


def verify(page: Path | None = None, *, quick: bool = False) -> tuple[Path, int]:
    """Run tests/verification, with the long studies unless ``quick``, and write ``page`` (by default docs/verification.md of the checkout): problems with
    exact answers.

    Returns the page and an exit code: 0 if every row is inside and every test passed, else 3. The tests run in processes of their own.

    Raises
    ------
    EnvironmentProblem
        No source checkout, or no pytest.
    CaseError
        The page's folder does not exist.
    KeyboardInterrupt
        Ctrl-C; no page is written.
    """
    return _run("verify", "verification", "--page", page, quick)


def validate(page: Path | None = None) -> tuple[Path, int]:
    """Run tests/validation and write ``page`` (by default docs/validation.md of the checkout): published measurements beside what cases compute.

    Returns and raises as `verify`; the exit code is 3 where a row is outside that is not known to be, or inside though known to be
    outside. Kept laws of the same PHYSICS are read, not computed again.
    """
    return _run("validate", "validation", "--validation", page, quick=False)


def _run(verb: str, shelf: str, option: str, page: Path | None, quick: bool) -> tuple[Path, int]:
    tests = CHECKOUT / "tests" / shelf
    if not tests.is_dir():
        raise EnvironmentProblem(f"`calfpump {verb}` runs the tests of the source checkout, which an installed calfpump lacks: use ./calfpump {verb} there")
    if find_spec("pytest") is None:
        raise EnvironmentProblem(f"pytest is missing here: ./calfpump {verb} fetches it, or install calfpump[test]")
    page = (page or CHECKOUT / "docs" / f"{shelf}.md").absolute()
    if not page.parent.is_dir():
        raise CaseError([Problem("-o", "", f"there is no folder {page.parent}")])
    command = [sys.executable, "-m", "pytest", str(tests), "-q", option, str(page), "-m", "not study" if quick else ""]
    if find_spec("xdist") is not None:
        command += ["-n", str(len(os.sched_getaffinity(0))), "--dist", "worksteal"]
    code = subprocess.run(command, cwd=CHECKOUT, check=False).returncode
    if code == INTERRUPTED:
        raise KeyboardInterrupt
    if code not in (PASSED, FAILED):
        raise EnvironmentProblem(f"pytest could not run the tests of {tests} (its exit code is {code}; its words are above)")
    return page, 3 if code == FAILED else 0
