"""What a batch has to do: its cases with their folders, and which of them a shard takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calfpump.case import Case, CaseError, Problem, expand
from calfpump.results import folder_name


@dataclass(frozen=True)
class Entry:
    """One case of a batch: its place in the sweep, the swept values, and its folder."""

    number: int
    label: str
    values: dict[str, Any]
    case: Case
    folder: Path


@dataclass(frozen=True)
class Plan:
    """All cases of a batch, and the part that is done here."""

    file: Path
    folder: Path
    entries: tuple[Entry, ...]
    mine: tuple[Entry, ...]


def plan(case_path: str | Path, overrides: Sequence[str] = (), out: str | Path | None = None, shard: str | None = None) -> Plan:
    """Every case of the file's sweep, in ``results/<name of the file>/`` or `out`.

    Raises `CaseError` for problems of the case, the sweep or the shard.
    """
    path = Path(case_path)
    cases = expand(path, overrides)
    folder = Path(out) if out is not None else Path("results") / path.stem
    entries = tuple(Entry(number, label or case.title, values, case, folder / folder_name(case)) for number, (label, values, case) in enumerate(cases, start=1))
    twins = {entry.folder for entry in entries}
    if len(twins) < len(entries):
        raise CaseError([Problem(str(path), "sweep", "two of its cases are the same")])
    part, parts = _shard(shard)
    return Plan(path, folder, entries, entries[part - 1 :: parts])


def _shard(text: str | None) -> tuple[int, int]:
    """``"2/8"`` → (2, 8); every 8th case from the 2nd, so that shards of a grid take alike long."""
    if text is None:
        return 1, 1
    match = re.fullmatch(r"(\d+)/(\d+)", text)
    if match is None or not 1 <= int(match[1]) <= int(match[2]):
        raise CaseError([Problem(f"--shard {text}", "", "K/N with K from 1 to N is expected, such as 1/8")])
    return int(match[1]), int(match[2])
