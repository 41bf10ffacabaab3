"""The annotated case file: every key with its default, unit, meaning and source, made from the tables themselves."""

from __future__ import annotations

import textwrap
from typing import Any, get_args

from pydantic.fields import FieldInfo

from calfpump.case.fields import Table
from calfpump.case.hose import PROFILE, STANDARDS
from calfpump.case.messages import tables
from calfpump.case.numerics import CELL_LENGTH
from calfpump.case.protocol import ROWS
from calfpump.case.tissue import PRESETS

HEAD = """\
# A case of calfpump. Quantities are strings with a unit. Everything but schema, title and the protocol may be left out:
# what stands here are the defaults. Lines that begin with "#:" are keys that are not set; take the "#:" away to set them.
schema = 1
title = "{title}"
# anything worth telling the reader of the report
notes = ""
"""

#: One row of each kind, in an order that makes a lab sheet.
EXAMPLE_ROWS: tuple[dict[str, Any], ...] = (
    {"do": "elevate", "for": "20 s"},
    {"do": "supine", "for": "20 s"},
    {"do": "stand", "for": "60 s"},
    {"do": "tiptoe", "times": 10, "rate": "1 Hz"},
    {"do": "stand", "for": "60 s"},
    {"do": "walk", "speed": "3 km/h", "for": "30 s"},
)

SWEEP = """
# One file, many cases (calfpump batch). Any key with a list of values; "grid" takes every combination, "zip" the first of each, the second, …
#: [sweep]
#: mode = "grid"
#: "hose.class" = ["none", "I", "II"]
#: "tissue.preset" = ["soft", "stiff"]
"""


def template(title: str = "a first case") -> str:
    """A case file with every key at its default; it loads as it is."""
    text = HEAD.format(title=title.replace("\\", "\\\\").replace('"', '\\"'))
    for name, model in tables().items():
        if name == "numerics":
            text += _protocol()
        text += _comment(_doc(model), "\n") + _hidden(f"[{name}]\n" + _table(name, model), name == "hose")
    return text + SWEEP


def _protocol() -> str:
    text = "\n# The protocol: one [[protocol]] a row.\n"
    text += "".join(_comment(f'do = "{_name(row)}": {_doc(row)} Keys: {_keys(row)}.') for row in ROWS)
    for row in EXAMPLE_ROWS:
        text += "[[protocol]]\n" + "".join(f"{key} = {_literal(value)}\n" for key, value in row.items())
    return text


def _name(row: type[Table]) -> str:
    return str(get_args(row.model_fields["do"].annotation)[0])


def _keys(row: type[Table]) -> str:
    described = []
    for name, field in row.model_fields.items():
        if name != "do":
            default = "" if field.is_required() else f", {_literal(field.default)}"
            described.append(f"{field.alias or name} ({field.description}{default})")
    return ", ".join(described)


def _table(table: str, model: type[Table]) -> str:
    return "".join(_comment(_meaning(name, field)) + _entry(table, name, field) for name, field in model.model_fields.items())


def _meaning(name: str, field: FieldInfo) -> str:
    """What stands above the key: its meaning, choices, and source."""
    parts = [field.description or ""]
    choices = [choice for choice in _choices(field.annotation) if choice is not None]
    if choices:
        parts.append("one of " + ", ".join(f'"{choice}"' for choice in choices))
    if name in PRESETS["soft"]:
        parts += [f"{preset} {values[name][0]} ({values[name][1]})" for preset, values in PRESETS.items()]
    if name == "cell_length":
        parts.append(", ".join(f"{quality} {length}" for quality, length in CELL_LENGTH.items()))
    if name == "class_":
        parts += ["at the ankle, mmHg: " + "; ".join(f"{standard} {_classes(standard)}" for standard in STANDARDS)]
    if name == "pressure":
        parts.append("profile: " + ", ".join(f"{point} {share:g}" for point, share in PROFILE.items()))
    extra = field.json_schema_extra
    if isinstance(extra, dict) and extra.get("source"):
        parts.append(f"source: {extra['source']}")
    return "; ".join(parts)


def _classes(standard: str) -> str:
    return ", ".join(f"{grade} {low:g}-{high:g}" if high else f"{grade} > {low:g}" for grade, (low, high) in STANDARDS[standard].items())


def _choices(annotation: Any) -> list[Any]:
    """The values of a Literal, also inside an optional one."""
    found: list[Any] = []
    for item in get_args(annotation):
        found += _choices(item) if get_args(item) else [item] if isinstance(item, str) else []
    return found if "dict" not in str(annotation) else []


def _entry(table: str, name: str, field: FieldInfo) -> str:
    key = field.alias or name
    shown = {
        "hose.standard": '"RAL"',
        "hose.class": '"II"',
        "hose.pressure": '{B = "28 mmHg", C = "20 mmHg"}',
        "hose.name": '"my hose"',
        "impairment.valve_leak": "{popliteal = 0.3}",
        "numerics.cell_length": f'"{CELL_LENGTH["standard"]}"',
    }.get(f"{table}.{key}")
    if name in PRESETS["soft"]:
        shown = f'"{PRESETS["soft"][name][0]}"'
    if shown is None:
        return f"{key} = {_literal(field.default)}\n"
    unset = table != "hose" or key in ("pressure", "name")
    return _hidden(f"{key} = {shown}\n", unset)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _hidden(text: str, hide: bool) -> str:
    """Keys that are not set stand behind ``#:``."""
    if not hide:
        return text
    return "".join(line if line.startswith("#") else f"#: {line}" for line in text.splitlines(keepends=True))


def _comment(text: str, before: str = "") -> str:
    return before + textwrap.fill(text, 130, initial_indent="# ", subsequent_indent="#   ", break_on_hyphens=False) + "\n"


def _doc(model: type[Table]) -> str:
    return " ".join((model.__doc__ or "").split())


def readme() -> str:
    """cases/README.md: how a case file reads, and the template."""
    from calfpump.case.units import UNITS

    units = ", ".join(f"`{symbol}`" for symbol in UNITS)
    return README.format(units=units, template=template())


README = """\
# Case files

A case is one TOML file. `./calfpump check FILE` reads it and lists every problem with its line; `./calfpump new FILE` writes the
template below. Quantities carry their unit (`"28 mmHg"`); a number without one is an error that proposes the fix. Units are products
of {units}: `mmHg/cm`, `mPa·s`, `1/min`, `kg/m³`. Everything inside calfpump is SI.

`--set key=value` replaces any key (`--set hose.class=III`, `--set 'protocol[2].for=30 s'`, rows counted from 1); `[sweep]` makes many
cases of one file. `schema/case.schema.json` gives editors completion and checks.

This file is made by `python3 -m calfpump.case.generate` from the tables in `solver/calfpump/case/`; a test keeps both equal.

```toml
{template}```
"""
