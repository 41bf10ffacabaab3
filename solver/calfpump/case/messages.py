"""From pydantic's findings to sentences of ours: which key, what is wrong, what was probably meant."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from calfpump.case.errors import Problem
from calfpump.case.fields import Table
from calfpump.case.locate import Path
from calfpump.case.model import Case
from calfpump.case.network import BOUNDARIES, PARTS, Network
from calfpump.case.origin import Origin, dotted
from calfpump.case.protocol import ROWS


def problems(error: ValidationError, origin: Origin) -> list[Problem]:
    """All findings, each as a `Problem` at its place, in the order of the file."""
    found = []
    for detail in error.errors(include_url=False):
        path = _path(detail["loc"])
        found.append(origin.problem(path, sentence(detail, path)))
    return found


def _path(loc: tuple[int | str, ...]) -> Path:
    """pydantic's location without the tag of a row of the protocol or the boundaries, and without ``[key]`` of a mapping's key."""
    path = tuple(part for part in loc if part != "[key]")
    tag = 2 if path[:1] == ("protocol",) else 3 if path[:2] == ("network", "boundary") else len(path)
    return path[:tag] + path[tag + 1 :]


def sentence(detail: ErrorDetails, path: Path) -> str:
    """What is wrong, in the user's words."""
    kind, context, given = detail["type"], detail.get("ctx", {}), detail.get("input")
    match kind:
        case "case":
            return str(context["what"])
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return _unknown(path, detail["loc"])
        case "literal_error":
            return _choice(given, context["expected"])
        case "union_tag_invalid":
            tag = context["discriminator"].strip("'")
            return _choice(given.get(tag) if isinstance(given, dict) else given, context["expected_tags"], f"{tag} = ")
        case "union_tag_not_found":
            tag, models = ("do", ROWS) if path[0] == "protocol" else ("kind", BOUNDARIES)
            return f"a row needs {tag} = {_either([repr_toml(name) for name in _row_names(models)])}"
        case "string_type":
            return f"a string in quotes is expected, not {repr_toml(given)}"
        case "bool_type":
            return f"true or false is expected, not {repr_toml(given)}"
        case "int_type":
            return f"a whole number is expected, not {repr_toml(given)}"
        case "tuple_type":
            if path[0] == "hose":
                return f"a list is expected, not {repr_toml(given)}"
            return f"rows are expected: write [[{dotted(path)}]] above each" if path[-1] != "profiles" else "a list of times is expected"
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"a table is expected, not {repr_toml(given)}"
        case "greater_than_equal":
            return f"must be at least {context['ge']}, not {given}"
    return f"is not accepted: {detail['msg'].lower()}"


def repr_toml(value: Any) -> str:
    """`value` roughly as a file has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return f'"{value}"'
    return "a table" if isinstance(value, dict) else "a list" if isinstance(value, list) else str(value)


def _choice(given: Any, expected: str, prefix: str = "") -> str:
    """`expected` is pydantic's list, ``'a', 'b' or 'c'``."""
    names = [name.strip(" '") for name in expected.replace(" or ", ",").split(",") if name.strip()]
    names = [name for name in names if name != "None"]
    written = [name if name.isdigit() else f'"{name}"' for name in names]
    text = f"{prefix}{repr_toml(given)} is not one of {', '.join(written)}"
    close = get_close_matches(str(given).lower(), [name.lower() for name in names], n=1)
    original = next((name for name in names if close and name.lower() == close[0]), None)
    return text + (f'; did you mean "{original}"?' if original else "")


def _either(names: list[str]) -> str:
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _row_names(models: tuple[type[Table], ...] = ROWS) -> list[str]:
    return [get_args(row.model_fields["do" if models is ROWS else "kind"].annotation)[0] for row in models]


def keys(model: type[Table]) -> list[str]:
    """The keys of a table as a file writes them."""
    return [field.alias or name for name, field in model.model_fields.items()]


def tables() -> dict[str, type[Table]]:
    """The tables of a leg's case and their models, the protocol's rows apart."""
    found = {}
    for name, field in Case.model_fields.items():
        if name == "network":
            continue
        for candidate in (field.annotation, *get_args(field.annotation)):
            if isinstance(candidate, type) and issubclass(candidate, Table):
                found[name] = candidate
    return found


def _unknown(path: Path, loc: tuple[int | str, ...]) -> str:
    """An unknown key: its best match in its own table, else in another one, else the keys there are."""
    name = str(path[-1])
    holder, label = _holder(path, loc)
    if holder is None:
        return "unknown key"
    own = keys(holder) + (["protocol", "sweep"] if holder is Case else [])
    close = get_close_matches(name.lower(), {k.lower(): k for k in own}, n=1, cutoff=0.6)
    if close:
        return f"unknown key; did you mean {next(k for k in own if k.lower() == close[0])}?"
    if path[0] == "protocol" or path[:2] == ("network", "boundary"):
        return f"unknown key{label}, which has {_either([k for k in own if k not in ('do', 'kind')])}"
    everywhere = {f"{table}.{k}": k for table, model in tables().items() for k in keys(model)}
    elsewhere = get_close_matches(name.lower(), [k.lower() for k in everywhere.values()], n=1, cutoff=0.8)
    if elsewhere:
        return f"unknown key{label}; did you mean {next(full for full, k in everywhere.items() if k.lower() == elsewhere[0])}?"
    return f"unknown key{label}; there are {', '.join(dict.fromkeys(own))}"


def _holder(path: Path, loc: tuple[int | str, ...]) -> tuple[type[Table] | None, str]:
    if len(path) == 1:
        return Case, ""
    if path[0] == "protocol":
        row = next((row for row, name in zip(ROWS, _row_names(), strict=True) if len(loc) > 2 and name == loc[2]), None)
        return row, f' in a row do = "{loc[2]}"'
    if path[0] == "network":
        return _network_holder(path, loc)
    table = tables().get(str(path[0]))
    for part in path[1:-1]:
        if table is not None and isinstance(part, str):
            inner = [a for a in _parts(table.model_fields[part].annotation) if isinstance(a, type) and issubclass(a, Table)]
            table = inner[0] if inner else table
    return table, f" in [{dotted(path[:1])}]"


def _parts(annotation: Any) -> list[Any]:
    """All types that an annotation is made of."""
    return [annotation, *(part for inner in get_args(annotation) for part in _parts(inner))]


def _network_holder(path: Path, loc: tuple[int | str, ...]) -> tuple[type[Table] | None, str]:
    if len(path) == 2:
        return Network, " in [network]"
    if path[1] == "boundary":
        row = next((row for row, name in zip(BOUNDARIES, _row_names(BOUNDARIES), strict=True) if len(loc) > 3 and name == loc[3]), None)
        return row, f' in a boundary kind = "{loc[3]}"'
    return PARTS.get(str(path[1])), f" in network.{path[1]}"
