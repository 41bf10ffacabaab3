"""The annotated case file: every key with its default, unit, meaning and source, made from the tables themselves."""

from __future__ import annotations

import json
import textwrap
from typing import Any, get_args

from pydantic.fields import FieldInfo

from calfpump.case.cuff import DEVICES, OTHERWISE
from calfpump.case.fields import Table
from calfpump.case.hose import PROFILE, STANDARDS, STIFFNESS
from calfpump.case.messages import tables
from calfpump.case.network import BOUNDARIES, PARTS, Network
from calfpump.case.network_check import IDLE
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
        text += _comment(_doc(model), "\n") + _hidden(f"[{name}]\n" + _table(name, model), name in ("hose", "cuff"))
    return text + SWEEP


def _protocol() -> str:
    text = "\n# The protocol: one [[protocol]] a row.\n"
    text += "".join(_comment(f'do = "{_name(row)}": {_doc(row)} Keys: {_keys(row)}.') for row in ROWS)
    for row in EXAMPLE_ROWS:
        text += "[[protocol]]\n" + "".join(f"{key} = {_literal(value)}\n" for key, value in row.items())
    return text


def _name(row: type[Table]) -> str:
    return str(get_args(row.model_fields["do" if "do" in row.model_fields else "kind"].annotation)[0])


def _keys(row: type[Table]) -> str:
    described = []
    for name, field in row.model_fields.items():
        if name not in ("do", "kind"):
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
    if name in OTHERWISE | DEVICES["sequential"]:
        parts.append(", ".join(f"{device} {values[name]}" for device, values in DEVICES.items() if name in values))
    if name == "cell_length":
        parts.append(", ".join(f"{quality} {length}" for quality, length in CELL_LENGTH.items()))
    if name == "class_":
        parts += ["at the ankle, mmHg: " + "; ".join(f"{standard} {_classes(standard)}" for standard in STANDARDS)]
    if name == "stiffness":
        parts += [f"{fabric} {value} ({source})" for fabric, (value, source) in STIFFNESS.items()]
    if name == "pressure":
        parts.append("profile: " + ", ".join(f"{point} {share:g}" for point, share in PROFILE.items()))
    extra = field.json_schema_extra
    if isinstance(extra, dict) and extra.get("source"):
        parts.append(f"source: {extra['source']}")
    return "; ".join(part for part in parts if part)


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
        "section.shortening": "{soleus = 0.08}",
        "section.muscle_pressure": '{gastrocnemius_medialis = "100 mmHg"}',
        "hose.standard": '"RAL"',
        "hose.class": '"II"',
        "hose.pressure": '{B = "28 mmHg", C = "20 mmHg"}',
        "hose.stiffness": f'"{STIFFNESS["elastic"][0]}"',
        "hose.pads": '[{angle = "180 °", width = "60 mm", height = "10 mm"}]',
        "hose.arcs": '[{angle = "90 °", width = "60 °"}, {angle = "-90 °", width = "60 °"}]',
        "hose.name": '"my hose"',
        "impairment.valve_leak": "{popliteal = 0.3}",
        "output.washout": '"60 s"',
        "numerics.cell_length": f'"{CELL_LENGTH["standard"]}"',
    }.get(f"{table}.{key}")
    if name in PRESETS["soft"]:
        shown = f'"{PRESETS["soft"][name][0]}"'
    if table == "cuff" and name in OTHERWISE | DEVICES["sequential"]:
        shown = f'"{(OTHERWISE | DEVICES["sequential"])[name]}"'
    if shown is None:
        return f"{key} = {_literal(field.default)}\n"
    unset = table not in ("hose", "cuff") or key in ("pressure", "pads", "arcs", "name")
    return _hidden(f"{key} = {shown}\n", unset)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key if key.isidentifier() else _literal(key)} = {_literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_literal(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _hidden(text: str, hide: bool) -> str:
    """Keys that are not set stand behind ``#:``."""
    if not hide:
        return text
    return "".join(line if line.startswith("#") else f"#: {line}" for line in text.splitlines(keepends=True))


def _comment(text: str, before: str = "") -> str:
    return before + textwrap.fill(text, 130, initial_indent="# ", subsequent_indent="#   ", break_on_hyphens=False) + "\n"


def _doc(model: type[Table]) -> str:
    return " ".join((model.__doc__ or "").split())


#: What the template of a network shows of each part; keys that are missing here stand behind "#:" with their default or the example below.
NETWORK_EXAMPLE: dict[str, tuple[dict[str, Any], ...]] = {
    "law": ({"E": "400 kPa", "h": "1 mm"},),
    "vessel": (
        {"name": "aorta", "from": "heart", "to": "fork", "length": "24 cm", "law": "artery", "radius": "12 mm", "radius_to": "10 mm"},
        {"name": "left", "from": "fork", "to": "left foot", "length": "40 cm", "law": "artery", "radius": "6 mm"},
        {"name": "right", "from": "fork", "to": "right foot", "length": "40 cm", "law": "artery", "radius": "6 mm"},
    ),
    "boundary": (
        {"kind": "flow", "node": "heart", "value": {"mean": "50 mL/s", "amplitude": "40 mL/s", "rate": "1 Hz"}},
        {"kind": "windkessel", "node": "left foot", "R1": "0.5 mmHg·s/mL", "C": "0.5 mL/mmHg", "R2": "3 mmHg·s/mL"},
        {"kind": "windkessel", "node": "right foot", "R1": "0.5 mmHg·s/mL", "C": "0.5 mL/mmHg", "R2": "3 mmHg·s/mL"},
    ),
    "probe": ({"name": "in the aorta", "vessel": "aorta", "at": 0.5},),
}
#: Rows that the template of a network shows behind "#:".
NETWORK_HIDDEN: dict[str, dict[str, Any]] = {
    "valve": {"vessel": "left", "at": 0.5},
    "compartment": {"name": "cuff", "pressure": {"file": "cuff.csv", "column": "p"}},
    "bed": {
        "name": "muscle", "node": "fork", "arterial_pressure": "93 mmHg", "resistance": "90 mmHg·s/mL", "R_out": "5 mmHg·s/mL", "C": "0.2 mL/mmHg",
        "V0": "5 mL",
    },
    "tracer": {"name": "contrast", "at": "1 s", "vessels": ["left", "right"]},
}  # fmt: skip
#: How a key without a default may be set.
NETWORK_SHOWN: dict[str, Any] = {
    "radius": "6 mm", "diameter": "12 mm", "A0": "113 mm²", "radius_to": "5 mm", "diameter_to": "10 mm", "m": 10.0, "n": -1.5, "K": "5 kPa",
    "speed": "5 m/s", "E": "400 kPa", "h": "1 mm", "table": "law.csv", "reference_pressure": "70 mmHg", "external": "5 mmHg", "cells": 40, "law": "artery",
    "compartment": "cuff", "x": "12 cm", "at": 0.5, "length": "3 mm", "arterial_height": "120 cm", "initial_pressure": "70 mmHg", "n_parallel": 2,
    "wall_viscosity": "1 Pa·s·m",
    "heights": {"heart": "120 cm", "fork": "95 cm"}, "profiles": ["0.5 s", "1 s"], "vessels": ["left"],
    "beds": ["muscle"], "inflow": {"heart": 0.2},
}  # fmt: skip


def network_template(title: str = "a first network") -> str:
    """A case file of a flow network with every key; it loads as it is."""
    text = f'schema = 1\ntitle = {_literal(title)}\nnotes = ""\n'
    simple = {name: field for name, field in Network.model_fields.items() if name not in (*PARTS, "boundary")}
    text += _comment(_doc(Network), "\n") + "[network]\n" + _fields(simple, {"time": "3 s"})
    for part in ("law", "vessel", "valve", "compartment", "bed", "boundary", "probe", "tracer"):
        if part == "boundary":
            text += "\n" + "".join(_comment(f'kind = "{_name(row)}": {_doc(row)} Keys: {_keys(row)}.') for row in BOUNDARIES)
            text += "".join(f"[[network.boundary]]\n{_plain(row)}" for row in NETWORK_EXAMPLE[part])
            continue
        model, head = PARTS[part], "[network.law.artery]" if part == "law" else f"[[network.{part}]]"
        first, *more = NETWORK_EXAMPLE.get(part, (NETWORK_HIDDEN.get(part, {}),))
        text += _comment(_doc(model), "\n") + _hidden(f"{head}\n" + _fields(model.model_fields, first), part in NETWORK_HIDDEN)
        text += "".join(f"{head}\n{_plain(row)}" for row in more)
    density = {name: field for name, field in tables()["flow"].model_fields.items() if name not in IDLE["flow"]}
    rest = {name: tables()[name] for name in ("numerics", "output")}
    text += "\n[flow]\n" + _fields(density, {})
    for name, model in rest.items():
        text += f"\n[{name}]\n" + _fields({key: field for key, field in model.model_fields.items() if key not in IDLE[name]}, {})
    return text


def _fields(fields: dict[str, FieldInfo], example: dict[str, Any]) -> str:
    """Keys with their meaning; those that the example does not have stand at their default, or hidden where there is none."""
    text = ""
    for name, field in fields.items():
        key = field.alias or name
        if key in example:
            entry = f"{key} = {_literal(example[key])}\n"
        elif name == "cell_length":
            entry = f'#: {key} = "{CELL_LENGTH["standard"]}"\n'
        elif field.default in (None, ()) or field.is_required() or field.default_factory is not None or field.default == {}:
            entry = f"#: {key} = {_literal(NETWORK_SHOWN[key])}\n"
        else:
            entry = f"{key} = {_literal(field.default)}\n"
        text += _comment(_meaning(name, field) if name != "pressure" else field.description or "") + entry
    return text


def _plain(row: dict[str, Any]) -> str:
    return "".join(f"{key} = {_literal(value)}\n" for key, value in row.items())


def readme() -> str:
    """cases/README.md: how a case file reads, and the template."""
    from calfpump.case.units import UNITS

    units = ", ".join(f"`{symbol}`" for symbol in UNITS)
    return README.format(units=units, template=template(), network=network_template())


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

## Flow networks of one's own

With `[network]` a case has no leg: any vessels, arteries or veins, from node to node, with laws, valves, beds and boundaries of its own, run by the
same `./calfpump run`. `./calfpump new --network FILE` writes the template below; [networks/](networks/) holds examples.

- **Nodes** are names. Vessels whose ends have one name meet there: any number, in any direction, in loops. A vessel from a node to itself is a ring.
  An end that meets nothing needs a boundary, `kind = "closed"` if it is shut.
- **A quantity in time** is a number with its unit; a sine, `{{mean = "3 mmHg", amplitude = "2 mmHg", rate = "15 1/min"}}`; or a CSV file,
  `{{file = "inflow.csv", column = "Q", period = "1 s"}}`, whose first line names its columns with their units: `t [s], Q [mL/s]`. It is linear between
  the rows; with a period it is repeated for ever, else its first and last values hold before and after.
- **A wall** has a size (radius, diameter or A0), a stiffness (K, speed, or E with h) and exponents m, n, or a table of p, A and G. `[network.law.NAME]`
  names one for many vessels, which may replace any of its keys.
- **Gravity** acts where `heights` gives every node its height; `posture` tilts them all.
- **Results**: `summary.csv` (probes, valves, volumes in and out, balance), `probes.csv`, `profiles.csv`, `tracers.csv`, `series.h5`, `report.html`, and in
  `inputs/` the CSV files that the case was read with.

```toml
{network}```
"""
