"""`Case` → text: the resolved case file, and the hash that names a result."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from calfpump.case.fields import Quantity, Table
from calfpump.case.model import Case
from calfpump.case.section import named_files


def resolved_toml(case: Case) -> str:
    """The complete case, every default and preset written out with its unit; reading it gives an equal case."""
    top, tables = [], []
    for name, field in type(case).model_fields.items():
        value = getattr(case, name)
        if isinstance(value, Table):
            tables.append(f"\n[{name}]\n" + _body(value))
        elif name == "protocol":
            tables += [f"\n[[{name}]]\n{_body(row)}" for row in value]
        elif value not in (None, ""):
            top.append(f"{field.alias or name} = {_value(value, ())}\n")
    return "".join(top + tables)


def _body(table: Table) -> str:
    lines = []
    for name, field in type(table).model_fields.items():
        value = getattr(table, name)
        if value is None or value in ({}, ""):
            continue
        metadata = tuple(field.metadata)
        lines.append(f"{field.alias or name} = {_value(value, metadata, field.annotation)}\n")
    return "".join(lines)


def _value(value: Any, metadata: tuple[Any, ...], annotation: Any = None) -> str:
    kind = next((item for item in metadata if isinstance(item, Quantity)), None)
    if kind is not None:
        return kind.toml(value)
    if isinstance(value, dict):
        inner = annotation.__args__[1].__metadata__  # dict[str, Annotated[float, Quantity]]
        return "{" + ", ".join(f"{_key(key)} = {_value(item, inner)}" for key, item in value.items()) + "}"
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
    payload["section"]["description"] = _content(case.section.description)
    return hashlib.sha256(json.dumps(payload, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _content(description: str) -> str:
    from calfpump.case.shipped import shipped

    path = Path(description) if description.endswith(".toml") else shipped("meshes") / f"{description}.toml"
    digest = hashlib.sha256()
    for file in (path, *named_files(path)):
        digest.update(file.read_bytes())
    return digest.hexdigest()
