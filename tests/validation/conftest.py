"""Fixture `measured`, and `--validation FILE`, which writes the page of what it gathered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from page_parts import Collector, note_about
from validation_page import MEASUREMENT, Measurement, page


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """measured(Measurement(...), ...) notes all of them for the page, then asserts that each is inside."""

    def check(*rows: Measurement) -> None:
        for row in rows:
            record_property(MEASUREMENT, row.plain())
        outside = [row.complaint() for row in rows if not row.inside]
        assert not outside, "; ".join(outside)

    return check


@pytest.fixture(autouse=True)
def about(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """What the page says of a test."""
    note_about(request, record_property)


def pytest_configure(config: pytest.Config) -> None:
    target = config.getoption("--validation", None)
    if target is not None:
        config.pluginmanager.register(Collector(config, "validation", Path(target), page), "validation page")
