"""Time per shelf at the end of a run: with several workers it adds up over them."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from pathlib import Path

import pytest

from calfpump.case.shipped import shipped

SHELVES = ("unit", "verification", "validation", "regression")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Here and not in tests/verification: pytest reads only this file before it reads options."""
    parser.addoption("--page", metavar="FILE", help="write the verification page (.md), its pictures into a folder beside it")
    parser.addoption("--validation", metavar="FILE", help="write the validation page (.md)")


def pytest_configure(config: pytest.Config) -> None:
    for option in ("--page", "--validation"):
        page = config.getoption(option)
        if page is not None and not Path(page).absolute().parent.is_dir():
            raise pytest.UsageError(f"{option}: there is no folder {Path(page).absolute().parent}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    seconds: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    for reports in terminalreporter.stats.values():
        for report in reports:
            if isinstance(report, pytest.TestReport):
                shelf = next((part for part in Path(report.nodeid.split("::")[0]).parts if part in SHELVES), "other")
                seconds[shelf] += report.duration
                counts[shelf] += report.when == "call"
    terminalreporter.section("time per shelf")
    for shelf in (*SHELVES, "other"):
        if counts[shelf]:
            terminalreporter.write_line(f"{shelf:<14} {counts[shelf]:>5} tests {seconds[shelf]:>8.1f} s")


@pytest.fixture(scope="session")
def quickstart(tmp_path_factory: pytest.TempPathFactory):
    """The result of cases/quickstart.toml, computed once."""
    return _solve("quickstart.toml", tmp_path_factory)


@pytest.fixture(scope="session")
def valveless(tmp_path_factory: pytest.TempPathFactory):
    """The result of cases/valves_absent.toml, computed once."""
    return _solve("valves_absent.toml", tmp_path_factory)


def _solve(name: str, folders: pytest.TempPathFactory):
    """One result for all test processes: the first claims the folder, the others wait and read."""
    import calfpump
    from calfpump.results import ResultBusy

    base = folders.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    case = calfpump.load_case(shipped("cases") / name)
    while True:
        try:
            return calfpump.run(case, out=shared / Path(name).stem)
        except ResultBusy:
            time.sleep(1.0)
