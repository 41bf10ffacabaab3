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
#: What a row counts for: a target, an order of things; a calibration has chosen a parameter and predicts nothing; shown: holds by construction, or the
#: measured range is wider than ± 60 % of its mean.
ROLES = ("target", "order", "calibration", "shown")


@dataclass(frozen=True)
class Measurement:
    """A quantity of `about` as it was `measured` (as the paper has it), the range from `low` to `high` in which the `computed` one is right, the `case` that it
    comes from, its `source` and its role: one of `ROLES`. ``known`` says why it is outside, where that is known."""

    about: str
    quantity: str
    measured: str
    computed: float
    low: float = -math.inf
    high: float = math.inf
    unit: str = ""
    case: str = ""
    source: str = ""
    role: str = "target"
    known: str = ""

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
        return f"{self.about}: {self.quantity} = {self.computed:.4g} {self.unit}, measured {self.measured}, accepted {self.accepted}" + (
            ", known to be outside" if self.known and self.inside else "")

    def plain(self) -> dict[str, Any]:
        """Builtin types only: what a worker may send."""
        return asdict(self) | {name: float(getattr(self, name)) for name in ("computed", "low", "high")}


def page(reports: Sequence[Any], folder: Path, quick: bool) -> str:
    """The page in Markdown, from pytest's reports of the tests' calls (and of set-ups that failed)."""
    rows: dict[str, list[Measurement]] = defaultdict(list)
    texts: dict[str, list[str]] = defaultdict(list)
    files: dict[str, list[str]] = defaultdict(list)
    failed = []
    for report in sort(reports):
        file = report.nodeid.partition("::")[0]
        found = [Measurement(**value) for name, value in report.user_properties if name == MEASUREMENT]
        for row in found:
            rows[row.about].append(row)
            for seen, entry in ((texts, dict(report.user_properties).get(ABOUT, {}).get("text", "")), (files, file)):
                if entry and entry not in seen[row.about]:
                    seen[row.about].append(entry)
        if report.failed:
            failed.append(report.nodeid)
    every = [row for entries in rows.values() for row in entries]
    lines = _head(every, quick)
    if failed:
        lines += ["", "Tests that failed:", "", *(f"- `{name}`" for name in failed)]
    for about, entries in rows.items():
        lines += ["", f"## {capital(about)}", ""]
        for text in texts[about]:
            lines += [text, ""]
        lines += _table(entries, folder)
        reasons = dict.fromkeys(row.known for row in entries if row.known)
        lines += ["", *(f"- {capital(reason)}." for reason in reasons)] if reasons else []
        lines += ["", "Test: " + ", ".join(f"[{Path(file).name}]({link(file, folder)})" for file in files[about])]
    return "\n".join(lines) + "\n"


def _head(every: Sequence[Measurement], quick: bool) -> list[str]:
    counts = []
    for role in ROLES:
        rows = [row for row in every if row.role == role]
        counts.append(f"{role} {sum(row.inside for row in rows)} of {len(rows)}")
    return [
        "# Validation",
        "",
        "Do the equations and their numbers describe a leg? Every row sets what a case of calfpump computes beside what was measured on people (the free",
        "vein: a wall of its own beside a dog's). All rows of the leg have the same parameters, those of the preset soft. What is outside stays outside,",
        "with its reason as far as it is known. Whether the equations are solved right is another question: verification.md.",
        "",
        "A *target* counts. An *order* says only what is larger than what. A *calibration* has chosen parameters and predicts nothing. What is *shown* holds",
        "by construction, or was measured so differently from leg to leg (more than ± 60 %) that it says little.",
        "",
        f"Inside: {', '.join(counts)}." + (" Quick: without the long studies." if quick else ""),
        "",
        "This page is written by `./calfpump validate` from the tests of `tests/validation`; laws that are kept under the same PHYSICS are read, not computed",
        "again. The section's numbers come from the tables of `./calfpump tubelaw CASE`, the leg's stand in the summary of `./calfpump run CASE`. This one:",
        f"{versions()}.",
    ]


def _table(entries: Sequence[Measurement], folder: Path) -> list[str]:
    lines = ["| quantity | measured | accepted | computed | inside | role | case | source |", "|" + "---|" * 8]
    for row in entries:
        name = row.quantity + (f" [{row.unit}]" if row.unit else "")
        verdict = "yes" if row.inside else "**no**"
        case = f"[{Path(row.case).stem}]({link(row.case, folder)})" if row.case else ""
        cells = name, row.measured, row.accepted, f"{row.computed:.3g}", verdict, row.role, case, row.source
        lines.append("| " + " | ".join(map(cell, cells)) + " |")
    return lines
