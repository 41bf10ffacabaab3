"""`Case` → text: the resolved case file, and the hash that names a result."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from pydantic.fields import FieldInfo

from calfpump.case.fields import Quantity, Table
from calfpump.case.law_table import LawTable
from calfpump.case.model import Case
from calfpump.case.section import named_files
from calfpump.case.signal import InTime

if TYPE_CHECKING:
    from calfpump.case.network import Network

#: maps a `Signal` or `LawTable` that came from a file to the path that is written for it
Place = Callable[[Any], str]


def resolved_toml(case: Case, place: Place | None = None) -> str:
    """The complete case, every default and preset written out with its unit; reading it gives an equal case.

    ``place``: where the case's CSV files lie for who will read the text; by default where they were read from.
    """
    top, tables = [], []
    left_out, idle = _leg_only() if case.network is not None else ((), {})
    for name, field in type(case).model_fields.items():
        value = getattr(case, name)
        if name in left_out:
            continue
        if name == "network":
            tables += [] if value is None else _network(value, place)
        elif isinstance(value, Table):
            tables.append(f"\n[{name}]\n" + _body(value, idle=idle.get(name, ())))
        elif name == "protocol":
            tables += [f"\n[[{name}]]\n{_body(row)}" for row in value]
        elif value not in (None, ""):
            top.append(f"{field.alias or name} = {_value(value, ())}\n")
    return "".join(top + tables)


def _leg_only() -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Tables, and keys of others, that a case with a network has not."""
    from calfpump.case.network_check import IDLE, LEG_TABLES

    return LEG_TABLES, IDLE


def _network(network: Network, place: Place | None) -> list[str]:
    """[network], its laws, and its rows."""
    tables = ["\n[network]\n" + _body(network, place, apart=True)]
    tables += [f"\n[network.law.{_key(name)}]\n{_body(law, place)}" for name, law in network.law.items()]
    for part in ("vessel", "valve", "compartment", "bed", "boundary", "probe", "tracer"):
        tables += [f"\n[[network.{part}]]\n{_body(row, place)}" for row in getattr(network, part)]
    return tables


def _body(table: Table, place: Place | None = None, idle: tuple[str, ...] = (), apart: bool = False) -> str:
    lines = []
    for name, field in type(table).model_fields.items():
        value = getattr(table, name)
        if name in idle or value is None or value in ({}, "", ()) or (apart and _holds_tables(value)):
            continue
        lines.append(f"{field.alias or name} = {_value(value, metadata_of(field), field.annotation, place)}\n")
    return "".join(lines)


def _holds_tables(value: Any) -> bool:
    items = tuple(value.values()) if isinstance(value, dict) else value if isinstance(value, tuple) else ()
    return any(isinstance(item, Table) for item in items)


def metadata_of(field: FieldInfo) -> tuple[Any, ...]:
    """What a key is annotated with, also where it may be left out (``Annotated[…] | None``)."""
    inner = [item for argument in get_args(field.annotation) for item in getattr(argument, "__metadata__", ())]
    return (*field.metadata, *inner) if type(None) in get_args(field.annotation) else tuple(field.metadata)


def _value(value: Any, metadata: tuple[Any, ...], annotation: Any = None, place: Place | None = None) -> str:
    kind = next((item for item in metadata if isinstance(item, Quantity | InTime)), None)
    if isinstance(value, LawTable):
        return value.toml(place)
    if isinstance(kind, InTime):
        return kind.toml(value, place)
    if kind is not None:
        return kind.toml(value)
    if isinstance(value, tuple) and not isinstance(value[0], Table):
        return "[" + ", ".join(_value(item, annotation.__args__[0].__metadata__) for item in value) + "]"
    if isinstance(value, dict):
        inner = annotation.__args__[1].__metadata__  # dict[str, Annotated[float, Quantity]]
        return "{" + ", ".join(f"{_key(key)} = {_value(item, inner, None, place)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(item, ()) for item in value) + "]"
    if isinstance(value, Table):
        return "{" + ", ".join(_body(value).splitlines()) + "}"
    if isinstance(value, str):
        return _string(value)
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _string(name)


def _string(text: str) -> str:
    """A basic string of TOML; JSON's escapes are a subset of TOML's but for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def case_hash(case: Case) -> str:
    """SHA-256 of everything that the case resolves to, the section description and the files it names by their content, not their place."""
    payload = case.model_dump(mode="json")
    if case.network is None:
        del payload["network"]
        payload["section"]["description"] = _content(case.section.description)
    else:
        left_out, idle = _leg_only()
        payload = {name: value for name, value in payload.items() if name not in left_out}
        for table, keys in idle.items():
            for key in keys:
                del payload[table][key]
    return hashlib.sha256(json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _content(description: str) -> str:
    from calfpump.case.shipped import shipped

    own = description.endswith(".toml")
    path = Path(description) if own else shipped("meshes") / f"{description}.toml"
    digest = hashlib.sha256()
    for file in (path, *(named_files(path) if own else [])):
        digest.update(file.read_bytes())
    return digest.hexdigest()
