"""Published measurements beside what calfpump's cases compute, as tests hand them over; and the page of them all.

A measurement travels in its test's user_properties, so that it arrives from every worker, whether or not the test then fails.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from page_parts import ABOUT, capital, cell, link, sort, versions

MEASUREMENT = "measurement"


@dataclass(frozen=True)
class Measurement:
    """A quantity of `about` as it was `measured` (as the paper has it), the range from `low` to `high` in which the `computed` one counts as right, the
    `case` that it comes from, and its `source`. A `calibration` has chosen a parameter, so that it is no prediction."""

    about: str
    quantity: str
    measured: str
    computed: float
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    case: str = ""
    source: str = ""
    calibration: bool = False

    @property
    def inside(self) -> bool:
        return self.low <= self.computed <= self.high

    @property
    def accepted(self) -> str:
        """The range in words."""
        if math.isinf(self.low):
            return f"≤ {self.high:.4g}"
        return f"≥ {self.low:.4g}" if math.isinf(self.high) else f"{self.low:.4g} to {self.high:.4g}"

    def complaint(self) -> str:
        """What is outside, in words."""
        return f"{self.about}: {self.quantity} = {self.computed:.4g} {self.unit}, measured {self.measured}, accepted {self.accepted}"

    def plain(self) -> dict[str, Any]:
        """Builtin types only: what a worker may send."""
        return asdict(self) | {name: float(getattr(self, name)) for name in ("computed", "low", "high")}


def page(reports: Sequence[Any], folder: Path, quick: bool) -> str:
    """The page in Markdown, from pytest's reports of the tests' calls (and of set-ups that failed)."""
    rows: dict[str, list[tuple[Measurement, str]]] = defaultdict(list)
    texts: dict[str, list[str]] = defaultdict(list)
    files: dict[str, list[str]] = defaultdict(list)
    failed = []
    for report in sort(reports):
        file = report.nodeid.partition("::")[0]
        known = getattr(report, "wasxfail", "").removeprefix("reason: ")
        found = [Measurement(**value) for name, value in report.user_properties if name == MEASUREMENT]
        for row in found:
            rows[row.about].append((row, known))
            for seen, entry in ((texts, dict(report.user_properties).get(ABOUT, {}).get("text", "")), (files, file)):
                if entry and entry not in seen[row.about]:
                    seen[row.about].append(entry)
        if report.failed:
            failed.append(report.nodeid)
    every = [row for entries in rows.values() for row, _ in entries]
    lines = _head(every, quick)
    if failed:
        lines += ["", "Tests that failed and are not known to:", "", *(f"- `{name}`" for name in failed)]
    for about, entries in rows.items():
        lines += ["", f"## {capital(about)}", ""]
        for text in texts[about]:
            lines += [text, ""]
        lines += _table(entries, folder)
        reasons = dict.fromkeys(known for row, known in entries if known and not row.inside)
        lines += ["", *(f"- {capital(reason)}." for reason in reasons)] if reasons else []
        lines += ["", "Test: " + ", ".join(f"[{Path(file).name}]({link(file, folder)})" for file in files[about])]
    return "\n".join(lines) + "\n"


def _head(every: Sequence[Measurement], quick: bool) -> list[str]:
    outside = [row for row in every if not row.inside]
    chosen = [row for row in every if row.calibration]
    return [
        "# Validation",
        "",
        "Do the equations and their numbers describe a leg? Every row sets what a case of calfpump computes beside what was measured on people (a free",
        "vein: on a dog). All rows of the leg have the same parameters, those of the preset soft. Rows marked as a calibration have chosen some of these",
        "and are no predictions. What is outside stays outside, with its reason as far as it is known. Whether the equations are solved right is another",
        "question: [verification](verification.md).",
        "",
        f"{len(every)} rows: {len(every) - len(outside)} inside, {len(outside)} outside. A calibration are {len(chosen)} of them, "
        f"{sum(not row.inside for row in chosen)} outside." + (" Quick: without the long studies." if quick else ""),
        "",
        "This page is written by `./calfpump validate`, which runs the tests of `tests/validation` afresh; a section's numbers stand too in the tables of",
        f"`./calfpump tubelaw CASE`, a leg's in the summary of `./calfpump run CASE`. This one: {versions()}.",
    ]  # fmt: skip


def _table(entries: Sequence[tuple[Measurement, str]], folder: Path) -> list[str]:
    lines = ["| quantity | measured | accepted | computed | inside | case | source |", "|" + "---|" * 7]
    for row, _ in entries:
        name = row.quantity + (f" [{row.unit}]" if row.unit else "")
        verdict = ("yes" if row.inside else "**no**") + (" (calibration)" if row.calibration else "")
        case = f"[{Path(row.case).stem}]({link(row.case, folder)})" if row.case else ""
        lines.append("| " + " | ".join(cell(text) for text in (name, row.measured, row.accepted, f"{row.computed:.3g}", verdict, case, row.source)) + " |")
    return lines
