"""Fixtures `row` and `picture`, and `--page FILE`, which writes what they gathered; the oracles are imported as `oracles.<name>`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from verification_page import ABOUT, PICTURE, ROW, Row, page

sys.path.insert(0, str(Path(__file__).parent))

REPORTS = pytest.StashKey[list[pytest.TestReport]]()


@pytest.fixture
def row(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """row(problem, quantity, exact, computed, tolerance, unit="", rate=None, source="", relative=True)

    Asserts |computed − exact| ≤ tolerance (· |exact| where relative) and, with rate = (measured, least), measured ≥ least; before that
    the row is noted for the verification page. Where ``exact`` is 0 the tolerance must be absolute.
    """

    def check(problem: str, quantity: str, exact: float, computed: float, tolerance: float, *more: Any, **named: Any) -> None:
        entry = Row(problem, quantity, float(exact), float(computed), float(tolerance), *more, **named)
        record_property(ROW, entry.plain())
        assert not (entry.relative and entry.exact == 0.0), "a row whose exact value is 0 needs relative=False"
        assert entry.inside, entry.complaint()

    return check


@pytest.fixture
def picture(request: pytest.FixtureRequest, record_property: Callable[[str, object], None], tmp_path: Path) -> Callable[..., Path]:
    """picture(name, caption="") is the path to draw to: in the page's folder of pictures, or a temporary one if no page is asked for.

    Call it after the rows whose problem it shows.
    """

    def place(name: str, caption: str = "") -> Path:
        target = request.config.getoption("--page")
        folder = tmp_path if target is None else Path(target).with_suffix("")
        folder.mkdir(exist_ok=True)
        file = name if Path(name).suffix else f"{name}.png"
        record_property(PICTURE, {"file": file, "caption": caption})
        return folder / file

    return place


@pytest.fixture(autouse=True)
def about(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """What the page says of a test: the first paragraph of its docstring."""
    text = inspect.cleandoc(getattr(request.node.obj, "__doc__", None) or "").split("\n\n")[0]
    record_property(ABOUT, {"text": " ".join(text.split()), "index": request.session.items.index(request.node)})


def pytest_configure(config: pytest.Config) -> None:
    config.stash[REPORTS] = []
    if config.getoption("--page", None) is not None:
        config.pluginmanager.register(Collector(config), "verification page")


class Collector:
    """Gathers reports, in the process that has them all, and writes the page at the end."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.here = Path(__file__).parent

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if "verification" in Path(report.nodeid.partition("::")[0]).parts and (report.when == "call" or report.failed):
            self.config.stash[REPORTS].append(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        reports = self.config.stash[REPORTS]
        if hasattr(self.config, "workerinput") or session.exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return
        target = Path(self.config.getoption("--page"))
        quick = "not study" in (self.config.getoption("-m") or "")
        target.write_text(page(reports, target.with_suffix(""), quick), encoding="utf-8")
        rows = [Row(**value) for report in reports for name, value in report.user_properties if name == ROW]
        if not all(row.inside for row in rows):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
