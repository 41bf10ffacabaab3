"""Rows of the verification page: one quantity each, exact beside computed, as tests hand them over; and the page itself.

A row travels in its test's user_properties, so that it arrives from every worker, whether or not the test then fails.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from page_parts import ABOUT, capital, cell, link, sort, versions

ROW, PICTURE = "verification row", "verification picture"
HEADINGS = {"section": "Section: finite elements", "flow": "Flow in one dimension"}


@dataclass(frozen=True)
class Row:
    """One compared quantity. ``rate`` is measured and least order of convergence; ``tolerance`` is of ``exact`` where ``relative``."""

    problem: str
    quantity: str
    exact: float
    computed: float
    tolerance: float
    unit: str = ""
    rate: tuple[float, float] | None = None
    source: str = ""
    relative: bool = True

    @property
    def error(self) -> float:
        difference = abs(self.computed - self.exact)
        return difference / abs(self.exact) if self.relative and self.exact else difference

    @property
    def inside(self) -> bool:
        allowed = self.tolerance * abs(self.exact) if self.relative else self.tolerance
        near = abs(self.computed - self.exact) <= allowed
        return near and (self.rate is None or self.rate[0] >= self.rate[1])

    def complaint(self) -> str:
        """What is outside, in words."""
        text = f"{self.problem}: {self.quantity} = {self.computed:.9g} {self.unit}, exact {self.exact:.9g}"
        text += f", error {self.error:.2e}, allowed {self.tolerance:.2e}"
        return text + ("" if self.rate is None else f"; order {self.rate[0]:.3f}, at least {self.rate[1]:g} is asked")

    def plain(self) -> dict[str, Any]:
        """Builtin types only: what a worker may send."""
        rate = None if self.rate is None else [float(x) for x in self.rate]
        return asdict(self) | {"exact": float(self.exact), "computed": float(self.computed), "tolerance": float(self.tolerance), "rate": rate}


def page(reports: Sequence[Any], folder: Path, quick: bool) -> str:
    """The page in Markdown, from pytest's reports of the tests' calls (and of set-ups that failed)."""
    problems: dict[tuple[str, str], list[tuple[Row, str]]] = defaultdict(list)
    texts: dict[tuple[str, str], list[str]] = defaultdict(list)
    files: dict[tuple[str, str], list[str]] = defaultdict(list)
    pictures: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    without, unseen = [], []
    for report in sort(reports):
        file = report.nodeid.partition("::")[0]
        shelf = "section" if Path(file).name.startswith("test_section") else "flow"
        about = dict(report.user_properties).get(ABOUT, {})
        known = getattr(report, "wasxfail", "").removeprefix("reason: ")
        rows = [Row(**{f.name: value[f.name] for f in fields(Row)}) for name, value in report.user_properties if name == ROW]
        for row in rows:
            key = shelf, row.problem
            problems[key].append((row, known))
            for seen, entry in ((texts, about.get("text", "")), (files, file)):
                if entry and entry not in seen[key]:
                    seen[key].append(entry)
        for name, value in report.user_properties:
            if name == PICTURE and rows:
                pictures[shelf, rows[-1].problem].append((value["file"], value["caption"]))
        if report.failed and all(row.inside for row in rows):
            unseen.append(report.nodeid)
        if not rows and not report.skipped and not report.failed:
            without.append((file, about.get("text", "")))
    every = [row for entries in problems.values() for row, _ in entries]
    outside = [row for row in every if not row.inside]
    lines = _head(len(every), len(problems), len(outside), len(unseen), quick)
    if unseen:
        lines += ["", "Tests that failed beyond their rows:", "", *(f"- `{name}`" for name in unseen)]
    for shelf, heading in HEADINGS.items():
        keys = [key for key in problems if key[0] == shelf]
        if keys:
            lines += ["", f"## {heading}"]
        for key in keys:
            lines += ["", f"### {capital(key[1])}", "", *_texts(texts[key]), *_table(problems[key])]
            for file, caption in pictures[key]:
                lines += ["", f"![{caption}]({folder.name}/{file})", *(["", f"*{caption}*"] if caption else [])]
            links = ", ".join(f"[{Path(file).name}]({link(file, folder)})" for file in files[key])
            lines += ["", f"Test: {links}"]
    if without:
        lines += ["", "## Held without a figure", "", "Tests whose statement is yes or no (or whose figures stand in the test):", ""]
        lines += [f"- {text} ([{Path(file).name}]({link(file, folder)}))" for file, text in dict.fromkeys(without) if text]
    return "\n".join(lines) + "\n"


def _head(rows: int, problems: int, outside: int, failed: int, quick: bool) -> list[str]:
    verdict = "All are inside." if not outside and not failed else f"**{outside} rows are outside, {failed} tests failed beyond their rows.**"
    return [
        "# Verification",
        "",
        "Does calfpump solve its equations right? Every row sets a computed number beside an exact one: a closed form, an ordinary",
        "differential equation integrated to many digits, or a published value, computed by code of its own in `tests/verification/oracles`.",
        "Errors are relative to the exact value unless that is zero or the row says absolute. A rate is the measured order of convergence between",
        "grids, with the least order that the test accepts. No tolerance hides a figure: each error stands as it was computed.",
        "Whether the equations describe a leg is another question: validation.md.",
        "",
        f"{rows} rows of {problems} problems. {verdict}" + (" Quick: without the long studies." if quick else ""),
        "",
        "This page is written by `./calfpump verify`; it runs the tests of `tests/verification` afresh (`--quick` leaves out the long studies), and",
        f"exits with 3 if a row is outside or a test fails. This one: {versions()}.",
    ]


def _texts(texts: Sequence[str]) -> list[str]:
    lines = []
    for text in texts:
        lines += [text, ""]
    return lines


def _table(entries: Sequence[tuple[Row, str]]) -> list[str]:
    rated = any(row.rate for row, _ in entries)
    sourced = any(row.source for row, _ in entries)
    names = ["quantity", "exact", "computed", "error", "allowed", *(["order (least)"] if rated else []), "inside", *(["source"] if sourced else [])]
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for row, known in entries:
        absolute = "" if row.relative or not row.exact else " absolute"
        cells = [
            cell(row.quantity + (f" [{row.unit}]" if row.unit else "")), _number(row.exact), _number(row.computed, row.error if row.relative else 0.0),
            f"{row.error:.1e}", f"{row.tolerance:.1e}{absolute}",
        ]  # fmt: skip
        if rated:
            cells.append("" if row.rate is None else f"{row.rate[0]:.2f} ({row.rate[1]:g})")
        cells.append("yes" if row.inside else "**no**" + (f": {cell(known)}" if known else ""))
        if sourced:
            cells.append(cell(row.source))
        lines.append("| " + " | ".join(cells) + " |")
    return lines


def _number(x: float, error: float = 0.0) -> str:
    """Six digits, or as many as show the error."""
    if not math.isfinite(x):
        return str(x)
    digits = 6 if not 0.0 < error < 1e-5 else min(12, 2 - math.floor(math.log10(error)))
    return f"{x:.{digits}g}"
