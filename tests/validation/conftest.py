"""Fixture `measured`, and `--validation FILE`, which writes the page of what it gathered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from page_parts import Collector
from page_parts import about as about
from validation_page import MEASUREMENT, Measurement, page


@pytest.fixture
def measured(record_property: Callable[[str, object], None]) -> Callable[..., None]:
    """measured(Measurement(...), ...) notes all of them for the page, then asserts that each is inside, but for those that are known to be outside, which
    have to be; with one of these the test counts as an expected failure."""

    def check(*rows: Measurement) -> None:
        for row in rows:
            record_property(MEASUREMENT, row.plain())
        wrong = [row.complaint() for row in rows if row.inside == bool(row.known)]
        assert not wrong, "; ".join(wrong)
        if known := [f"{row.complaint()}: {row.known}" for row in rows if row.known]:
            pytest.xfail("; ".join(known))

    return check


def pytest_configure(config: pytest.Config) -> None:
    target = config.getoption("--validation", None)
    if target is not None:
        config.pluginmanager.register(Collector(config, "validation", Path(target), page), "validation page")
