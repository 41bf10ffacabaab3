"""Time per shelf at the end of a run: with several workers it adds up over them."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

SHELVES = ("unit", "verification", "validation", "regression")


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
