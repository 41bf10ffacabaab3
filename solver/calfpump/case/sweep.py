"""[sweep]: one file, many cases. Dotted keys with lists of values; "grid" takes every combination, "zip" the first of all, the second …"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from calfpump.case.errors import CaseError, Problem
from calfpump.case.load import Document, build, read
from calfpump.case.locate import Path as KeyPath
from calfpump.case.model import Case
from calfpump.case.origin import dotted, parse

MODES = ("grid", "zip")


@dataclass(frozen=True)
class Axis:
    """One swept key: its path in the case, its values, and its place in the file."""

    path: KeyPath
    values: tuple[Any, ...]
    place: KeyPath

    @property
    def name(self) -> str:
        return dotted(self.path)


def expand(case_path: str | Path, overrides: Sequence[str] = ()) -> list[tuple[str, dict[str, Any], Case]]:
    """All cases of a file: (label, swept values by key, case); one case with an empty label where there is no sweep.

    A case's title is the file's with the label behind it. Raises `CaseError` with the problems of the file and of every value of the sweep.
    """
    document = read(case_path)
    if document.sweep is None:
        return [("", {}, build(document, overrides))]
    axes, mode, problems = _axes(document)
    if problems:
        try:  # the sweep may give what the file leaves out
            build(document, overrides, [(axis.path, axis.values[0], _label(document, axis, 0)) for axis in axes])
        except CaseError as error:
            problems += error.problems
        raise CaseError(problems)
    combinations = itertools.product(*(_points(axis) for axis in axes)) if mode == "grid" else zip(*(_points(axis) for axis in axes), strict=True)
    cases, seen = [], dict[Problem, None]()
    for combination in combinations:
        more = [(axis.path, axis.values[i], _label(document, axis, i)) for axis, i in combination]
        try:
            case = build(document, overrides, more)
        except CaseError as error:
            seen |= dict.fromkeys(error.problems)
            continue
        values = {axis.name: axis.values[i] for axis, i in combination}
        cases.append((label(values), values, case.model_copy(update={"title": f"{case.title}: {label(values)}"})))
    if seen:
        raise CaseError(seen)
    return cases


def label(values: dict[str, Any]) -> str:
    """``{"hose.class": "II"}`` → ``class=II``: the last part of each key where that is enough to tell them apart."""
    short = [name.rsplit(".", 1)[-1] for name in values]
    names = short if len(set(short)) == len(short) else list(values)
    return ", ".join(f"{name}={_plain(value)}" for name, value in zip(names, values.values(), strict=True))


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        return " ".join(str(_plain(item)) for item in value.values())
    return str(value)


def _points(axis: Axis) -> list[tuple[Axis, int]]:
    return [(axis, i) for i in range(len(axis.values))]


def _label(document: Document, axis: Axis, position: int) -> str:
    from calfpump.case.messages import repr_toml

    place = axis.place + (position,) if axis.place + (position,) in document.origin.lines else axis.place
    return f"{document.origin.where(place)}: sweep {axis.name} = {repr_toml(axis.values[position])}"


def _axes(document: Document) -> tuple[list[Axis], str, list[Problem]]:
    from calfpump.case.messages import repr_toml

    table, origin = document.sweep, document.origin
    if not isinstance(table, dict):
        return [], "grid", [origin.problem("sweep", "a table is expected")]
    problems, axes = [], []
    mode = table.get("mode", "grid")
    if mode not in MODES:
        close = get_close_matches(str(mode), MODES, n=1)
        meant = f'; did you mean "{close[0]}"?' if close else ""
        problems.append(origin.problem("sweep.mode", f'"grid" or "zip" is expected, not {repr_toml(mode)}{meant}'))
    for place, values in _leaves({k: v for k, v in table.items() if k != "mode"}, ("sweep",)):
        try:
            path = tuple(part for piece in place[1:] for part in parse(str(piece)))
        except ValueError as error:
            problems.append(origin.problem(place, str(error)))
            continue
        if not isinstance(values, list) or not values:
            problems.append(origin.problem(place, f"a list of values is expected, such as [{repr_toml(values or 1)}]"))
            values = values or []
        elif len(unique := {repr(value) for value in values}) < len(values):
            problems.append(origin.problem(place, f"holds a value twice ({len(values)} values, {len(unique)} different)"))
        if values:
            axes.append(Axis(path, tuple(values) if isinstance(values, list) else (values,), place))
    if not axes and not problems:
        problems.append(origin.problem("sweep", 'is empty; name a key and its values, such as "hose.class" = ["I", "II"]'))
    if mode == "zip" and len({len(axis.values) for axis in axes}) > 1:
        sizes = ", ".join(f"{axis.name} {len(axis.values)}" for axis in axes)
        problems.append(origin.problem("sweep", f'mode "zip" needs lists of one length ({sizes})'))
    return axes, mode, problems


def _leaves(table: dict[str, Any], place: KeyPath) -> list[tuple[KeyPath, Any]]:
    """``hose.class = [...]`` and ``"hose.class" = [...]`` alike."""
    leaves: list[tuple[KeyPath, Any]] = []
    for name, value in table.items():
        leaves += _leaves(value, (*place, name)) if isinstance(value, dict) else [((*place, name), value)]
    return leaves
