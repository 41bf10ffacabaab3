"""`batch.json` and `cases.csv`: what the folders of a batch hold now, whoever computed them."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calfpump.batch.jobs import Outcome
from calfpump.batch.plan import Entry, Plan
from calfpump.results import load
from calfpump.results.record import read


@dataclass(frozen=True)
class Row:
    """One case of the table: its entry, status, reason, wall time, and its summary as header → value."""

    entry: Entry
    status: str
    reason: str
    seconds: float | None
    summary: dict[str, float]


def rows(plan: Plan, outcomes: dict[str, Outcome]) -> list[Row]:
    """The state of every case of the plan; what this batch saw itself (a crash, a time-out) counts before what the folder tells."""
    return [_row(entry, outcomes.get(entry.folder.name)) for entry in plan.entries]


def _row(entry: Entry, outcome: Outcome | None) -> Row:
    record = read(entry.folder)
    if outcome is not None and not outcome.good:
        return Row(entry, outcome.status, outcome.reason, round(outcome.seconds, 3), {})
    if record is None:
        return Row(entry, "waiting", "", None, {})
    result = load(entry.folder)
    summary = {f"{line.quantity} [{line.unit}]": line.value for line in result.summary} if result.status == "done" else {}
    return Row(entry, result.status, str(record.get("reason", "")), record["timings [s]"].get("total"), summary)


def write(plan: Plan, outcomes: dict[str, Outcome]) -> list[Row]:
    """Write both files, each replaced in one step; returns the rows."""
    found = rows(plan, outcomes)
    plan.folder.mkdir(parents=True, exist_ok=True)
    _replace(plan.folder / "batch.json", json.dumps(_document(plan, found), indent=2, ensure_ascii=False) + "\n")
    swept = list(dict.fromkeys(key for row in found for key in row.entry.values))
    figures = list(dict.fromkeys(key for row in found for key in row.summary))
    aside = plan.folder / f".cases.csv.{os.getpid()}"
    with aside.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["case", *swept, "status", "wall time [s]", "folder", *figures])
        for row in found:
            values = [_cell(row.entry.values.get(key)) for key in swept]
            numbers = [repr(row.summary[key]) if key in row.summary else "" for key in figures]
            lines.writerow([row.entry.label, *values, row.status, "" if row.seconds is None else row.seconds, row.entry.folder.name, *numbers])
    os.replace(aside, plan.folder / "cases.csv")
    return found


def _document(plan: Plan, found: list[Row]) -> dict[str, Any]:
    cases = [
        {
            "case": row.entry.label,
            "values": row.entry.values,
            "folder": row.entry.folder.name,
            "status": row.status,
            "reason": row.reason,
            "wall time [s]": row.seconds,
        }
        for row in found
    ]
    return {"schema": 1, "file": str(plan.file.absolute()), "status": _status(found), "cases": cases}


def _status(found: list[Row]) -> str:
    states = {row.status for row in found}
    if states == {"done"}:
        return "done"
    return "failed" if states & {"failed", "crashed", "timeout"} else "unfinished"


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _replace(path: Path, text: str) -> None:
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(text, encoding="utf-8")
    os.replace(aside, path)
