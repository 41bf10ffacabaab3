"""A batch's folder, read: which cases, what was swept, what each one's summary says."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from calfpump.results import Quantity, Result


@dataclass(frozen=True)
class Member:
    """A case of a batch. ``values``: swept key → value; ``label`` as the batch calls it."""

    label: str
    values: dict[str, Any]
    status: str
    reason: str
    result: Result | None

    @property
    def done(self) -> bool:
        """Whether there is something to compare."""
        return self.result is not None and self.status == "done"

    @cached_property
    def summary(self) -> dict[str, Quantity]:
        """The summary by quantity; empty unless done."""
        return {q.quantity: q for q in self.result.summary} if self.result is not None and self.done else {}


@dataclass(frozen=True)
class Comparison:
    """The cases of a folder. ``axes``: keys that vary, in their order."""

    folder: Path
    title: str
    members: list[Member]
    axes: list[str] = field(default_factory=list)

    @property
    def done(self) -> list[Member]:
        """The members that can be compared."""
        return [m for m in self.members if m.done]

    @property
    def quantities(self) -> list[Quantity]:
        """Quantities of any case, in the order of the first that has them (values are of that case)."""
        found: dict[str, Quantity] = {}
        for member in self.done:
            for name, q in member.summary.items():
                found.setdefault(name, q)
        return list(found.values())

    def name(self, member: Member) -> str:
        """Short name of a case: its swept values, or what the batch calls it."""
        return ", ".join(plain(member.values[key]) for key in self.axes if key in member.values) or member.label


def plain(value: Any) -> str:
    """A swept value in words."""
    if isinstance(value, dict):
        return " ".join(plain(v) for v in value.values())
    return value if isinstance(value, str) else json.dumps(value)


def read_batch(folder: str | Path) -> Comparison:
    """The batch in ``folder``, by batch.json; without one, every result folder inside.

    Raises FileNotFoundError where there is no result at all.
    """
    folder = Path(folder)
    path = folder / "batch.json"
    if path.is_file():
        document = json.loads(path.read_text(encoding="utf-8"))
        members = [_member(folder, row) for row in document["cases"]]
        title = Path(document.get("file", folder)).stem
    else:
        inside = sorted(p.parent for p in folder.glob("*/record.json") if not p.parent.name.startswith("."))
        members = [_member(folder, {"case": Result(p).record["title"], "folder": p.name}) for p in inside]
        title = folder.name
    if not members:
        raise FileNotFoundError(f"{folder} holds no results to compare")
    keys = dict.fromkeys(key for m in members for key in m.values)
    axes = [key for key in keys if len({plain(m.values.get(key)) for m in members}) > 1]
    return Comparison(folder.absolute(), title.replace("_", " "), members, axes)


def _member(folder: Path, row: dict[str, Any]) -> Member:
    place = folder / row["folder"]
    result = Result(place) if (place / "record.json").is_file() else None
    # The folder is the truth about a finished run; the batch knows of crashes and time-outs that no folder tells.
    status = result.status if result is not None else row.get("status", "waiting")
    if status != "done" and row.get("status") in ("crashed", "timeout", "failed"):
        status = row["status"]
    return Member(row["case"], row.get("values", {}), status, row.get("reason", ""), result)


def comparison_csv(batch: Comparison) -> str:
    """One tidy row per case: label, swept values, status, then every summary quantity with its unit in the header."""
    text = io.StringIO()
    rows = csv.writer(text)
    quantities = batch.quantities
    rows.writerow(["case", *batch.axes, "status", *(f"{q.quantity} [{q.unit}]" for q in quantities)])
    for m in batch.members:
        values = [repr(m.summary[q.quantity].value) if q.quantity in m.summary else "" for q in quantities]
        rows.writerow([m.label, *(plain(m.values[key]) if key in m.values else "" for key in batch.axes), m.status, *values])
    return text.getvalue()
