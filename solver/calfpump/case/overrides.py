"""``--set key=value``: a value of the file replaced from outside, before anything is validated."""

from __future__ import annotations

import copy
import tomllib
from collections.abc import Iterable
from typing import Any

from calfpump.case.errors import Problem
from calfpump.case.locate import Path
from calfpump.case.origin import dotted, parse

Override = tuple[Path, Any, str]  # path, value, how it was written

#: choosing these has no effect where the file gives what they stand for
_SELECTS = {("tissue", "preset"): "every value of [tissue]", ("hose", "class"): "hose.pressure", ("hose", "standard"): "hose.pressure"}


def read(settings: Iterable[str]) -> tuple[list[Override], list[Problem]]:
    """``["hose.class=III"]`` → overrides, and what is wrong with those that are none."""
    overrides, problems = [], []
    for setting in settings:
        label = f"--set {setting}"
        name, equals, text = setting.partition("=")
        try:
            if not equals:
                raise ValueError("key=value is expected, such as hose.class=III")
            overrides.append((parse(name.strip()), value(text.strip()), label))
        except ValueError as error:
            problems.append(Problem(label, "", str(error)))
    return overrides, problems


def value(text: str) -> Any:
    """A TOML value; anything that is none is a string (``III``, ``28 mmHg``)."""
    try:
        document = tomllib.loads(f"value = {text}")
    except tomllib.TOMLDecodeError:
        return text
    return document["value"] if len(document) == 1 else text


def apply(data: dict[str, Any], overrides: Iterable[Override]) -> tuple[dict[str, Any], list[Problem]]:
    """A copy of `data` with the overrides in place, and what is wrong with those that have no place."""
    data = copy.deepcopy(data)
    problems = []
    for path, item, label in overrides:
        what = _put(data, path, item) or _without_effect(data, path)
        if what:
            problems.append(Problem(label, dotted(path), what))
    return data, problems


def _put(data: dict[str, Any], path: Path, item: Any) -> str:
    holder: Any = data
    for position, part in enumerate(path):
        here = dotted(path[:position])
        last = position == len(path) - 1
        if isinstance(part, int):
            if not isinstance(holder, list) or not 0 <= part < len(holder):
                size = len(holder) if isinstance(holder, list) else 0
                return f"{here} has {size} rows, there is no row {part + 1}"
        elif not isinstance(holder, dict):
            return f"{here} is not a table" if not isinstance(holder, list) else f"{here} is a list; write {here}[1].{part} for its first row"
        elif not last:
            holder.setdefault(part, {})
        if last:
            holder[part] = item
        else:
            holder = holder[part]
    return ""


def _without_effect(data: dict[str, Any], path: Path) -> str:
    if path not in _SELECTS:
        return ""
    table = data[str(path[0])]
    if path == ("tissue", "preset"):
        from calfpump.case.tissue import PRESETS

        idle = all(name in table for name in PRESETS["soft"])
    else:
        idle = "pressure" in table and table[str(path[1])] != "none"
    return f"has no effect, because the file gives {_SELECTS[(str(path[0]), str(path[1]))]}" if idle else ""
