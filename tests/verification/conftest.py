"""Fixtures `row` and `picture`, and `--page FILE`, which writes what they gathered; the oracles are imported as `oracles.<name>`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from page_parts import Collector
from page_parts import about as about
from verification_page import PICTURE, ROW, Row, page

sys.path.insert(0, str(Path(__file__).parent))


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


def pytest_configure(config: pytest.Config) -> None:
    target = config.getoption("--page", None)
    if target is not None:
        config.pluginmanager.register(Collector(config, "verification", Path(target), page, _outside), "verification page")


def _outside(report: pytest.TestReport) -> bool:
    """Has it a row outside, though that be known?"""
    return not all(Row(**value).inside for name, value in report.user_properties if name == ROW)
