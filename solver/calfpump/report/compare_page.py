"""compare.html and compare.csv of a batch, from its files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from calfpump.report.batch_files import Comparison, Member, comparison_csv, read_batch
from calfpump.report.render import number, page
from calfpump.report.style import embed
from calfpump.results import Quantity
from calfpump.results.record import write_text

ACROSS = 8  # up to so many cases stand side by side, more below one another


def compare(folder: str | Path) -> Path:
    """Set the cases of a batch side by side: writes compare.csv and compare.html into its folder; returns the page.

    Works with what is done; the rest is listed with its status. Raises FileNotFoundError where ``folder`` holds no results.
    """
    from calfpump.report import compare_plots

    batch = read_batch(folder)
    write_text(batch.folder / "compare.csv", comparison_csv(batch))
    drawn = {"figures": compare_plots.figures(batch), "ankle": compare_plots.ankle(batch), "returns": compare_plots.returns(batch)}
    content: dict[str, Any] = {name: embed(figure) if figure is not None else None for name, figure in drawn.items()}
    return page(
        "compare.html",
        batch.folder / "compare.html",
        title=batch.title,
        done=len(batch.done),
        axes=batch.axes,
        table=_table(batch),
        members=[{"name": batch.name(m), "status": m.status, "reason": m.reason, "page": _page(m)} for m in batch.members],
        **content,
    )


def _page(member: Member) -> str:
    """The case's own page, relative to the batch's folder."""
    if member.result is None or not (member.result.folder / "report.html").is_file():
        return ""
    return f"{member.result.folder.name}/report.html"


def _table(batch: Comparison) -> dict[str, Any]:
    """Headers and rows; beside each number its change against the first case."""
    members, quantities = batch.done, batch.quantities
    first = members[0] if members else None
    across = len(members) <= ACROSS
    if across:
        rows = [
            {"name": q.quantity, "unit": _unit(q), "cells": [_cell(m, q, first) for m in members]} for q in quantities
        ]
        return {"across": True, "headers": [(batch.name(m), _page(m)) for m in members], "rows": rows}
    rows = [{"name": batch.name(m), "page": _page(m), "cells": [_cell(m, q, first) for q in quantities]} for m in members]
    return {"across": False, "headers": [(q.quantity, _unit(q)) for q in quantities], "rows": rows}


def _unit(q: Quantity) -> str:
    return "" if q.unit == "1" else q.unit


def _cell(member: Member, q: Quantity, first: Member | None) -> tuple[str, str]:
    if q.quantity not in member.summary:
        return "–", ""
    value = member.summary[q.quantity].value
    if first is None or member is first or q.quantity not in first.summary:
        return number(value), ""
    base = first.summary[q.quantity].value
    change = value - base
    if q.unit == "%":
        return number(value), f"{change:+.0f} points".replace("-", "−")
    if base == 0 or abs(change) < 5e-4 * abs(base) or abs(base) < 1e-6:
        return number(value), ""
    return number(value), f"{100 * change / abs(base):+.0f} %".replace("-", "−")


def comparison_table(folder: str | Path) -> str:
    """The comparison as text for a terminal: quantities down, cases across, or the other way round where there are many."""
    batch = read_batch(folder)
    members, quantities = batch.done, batch.quantities

    def value(m: Member, q: Quantity) -> str:
        return number(m.summary[q.quantity].value) if q.quantity in m.summary else "–"

    def title(q: Quantity) -> str:
        return f"{q.quantity} [{q.unit}]" if _unit(q) else q.quantity

    if len(members) <= ACROSS:
        lines = [[", ".join(batch.axes), *(batch.name(m) for m in members)]]
        lines += [[title(q), *(value(m, q) for m in members)] for q in quantities]
    else:
        lines = [[", ".join(batch.axes), *(title(q) for q in quantities)]]
        lines += [[batch.name(m), *(value(m, q) for q in quantities)] for m in members]
    widths = [max(len(row[k]) for row in lines) for k in range(len(lines[0]))]
    text = ["  ".join(cell.ljust(w) if k == 0 else cell.rjust(w) for k, (cell, w) in enumerate(zip(row, widths, strict=True))).rstrip() for row in lines]
    missing = [f"{batch.name(m)}: {m.status}" + (f" ({m.reason})" if m.reason else "") for m in batch.members if not m.done]
    return "\n".join([text[0], "-" * len(text[0]), *text[1:], *missing])
