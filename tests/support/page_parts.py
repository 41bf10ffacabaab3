"""What the pages of verification and validation share: the collector of tests' reports, their order, links, versions."""

from __future__ import annotations

import inspect
import os
import platform
from collections.abc import Callable, Iterable, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

ABOUT = "about"
VERSIONS = ("fenics-dolfinx", "petsc4py", "gmsh", "numba", "numpy", "scipy")

Page = Callable[[Sequence[Any], Path, bool], str]


class Collector:
    """Gathers the reports of a `shelf` of tests, in the process that has them all, and writes its page at the end."""

    def __init__(self, config: pytest.Config, shelf: str, target: Path, page: Page, wrong: Callable[[Any], bool] = lambda report: False) -> None:
        self.config, self.shelf, self.target, self.page, self.wrong = config, shelf, target, page, wrong
        self.reports: list[pytest.TestReport] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self.shelf in Path(report.nodeid.partition("::")[0]).parts and (report.when == "call" or report.failed):
            self.reports.append(report)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if hasattr(self.config, "workerinput") or session.exitstatus not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
            return
        quick = "not study" in (self.config.getoption("-m") or "")
        self.target.write_text(self.page(self.reports, self.target.with_suffix(""), quick), encoding="utf-8")
        if any(self.wrong(report) for report in self.reports):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.fixture(autouse=True)
def about(request: pytest.FixtureRequest, record_property: Callable[[str, object], None]) -> None:
    """What a page says of a test: the first paragraph of its docstring."""
    text = inspect.cleandoc(getattr(request.node.obj, "__doc__", None) or "").split("\n\n")[0]
    record_property(ABOUT, {"text": " ".join(text.split()), "index": request.session.items.index(request.node)})


def sort(reports: Iterable[Any]) -> list[Any]:
    """Reports of tests by file, line and order of their parameters, however many workers sent them."""

    def place(report: Any) -> tuple[str, int, int]:
        about = dict(report.user_properties).get(ABOUT, {})
        return report.nodeid.partition("::")[0], report.location[1] or 0, about.get("index", 0)

    return sorted(reports, key=place)


def versions() -> str:
    """Of Python, what calfpump rests on, and the system."""
    found = [f"Python {platform.python_version()}"]
    for name in VERSIONS:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return f"{', '.join(found)}, {platform.system()} {platform.machine()}"


def cell(text: str) -> str:
    """Text in a Markdown table."""
    return text.replace("|", "\\|").replace("\n", " ")


def capital(text: str) -> str:
    """With its first letter as at the beginning of a sentence."""
    return text[:1].upper() + text[1:]


def link(file: str, folder: Path) -> str:
    """From the page to a file of the checkout, as a reader clicks it."""
    root = Path(__file__).resolve().parents[2]
    return Path(os.path.relpath(root / file, folder.parent)).as_posix()
