"""Case file → `Case`, or all its problems at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from calfpump.case import overrides as settings
from calfpump.case.errors import CaseError, Problem
from calfpump.case.locate import lines
from calfpump.case.model import Case
from calfpump.case.origin import Origin

if TYPE_CHECKING:
    from calfpump.case.network import Network


@dataclass(frozen=True)
class Document:
    """A case file as TOML has it: its values without [sweep], the sweep, the lines of the keys, its folder."""

    data: dict[str, Any]
    sweep: dict[str, Any] | None
    origin: Origin
    folder: Path


def load_case(path: str | Path, overrides: Sequence[str] = ()) -> Case:
    """Read a case file; `overrides` are ``key=value`` as after ``--set``.

    A [sweep] in the file is checked and left aside (see `calfpump.case.expand`).
    Raises `CaseError` with every problem of the file, of its sweep and of the overrides.
    """
    from calfpump.case.sweep import expand

    document = read(path)
    if document.sweep is not None:
        expand(path, overrides)
    return build(document, overrides)


def read(path: str | Path) -> Document:
    """The file as TOML, with the line of every key; raises `CaseError` if it can't be read or is not TOML."""
    path = Path(path)
    try:
        text = path.read_bytes().decode("utf-8")
        data = tomllib.loads(text)
    except FileNotFoundError:
        raise CaseError([Problem(str(path), "", f"there is no such file{_meant(path)}")]) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise CaseError([Problem(str(path), "", f"cannot be read: {reason}")]) from None
    except tomllib.TOMLDecodeError as error:
        raise CaseError([_syntax(path, text, str(error))]) from None
    sweep = data.pop("sweep", None)
    return Document(data, sweep, Origin(str(path), lines(text)), path.resolve().parent)


def build(document: Document, overrides: Sequence[str] = (), more: Sequence[settings.Override] = ()) -> Case:
    """The case of a document with overrides; raises `CaseError` with all problems."""
    chosen, wrong = settings.read(overrides)
    chosen += more
    data, misplaced = settings.apply(document.data, chosen)
    origin = Origin(document.origin.file, document.origin.lines, {path: label for path, _, label in chosen})
    case, invalid = validate(data, origin, document.folder)
    if case is None or wrong or misplaced:
        raise CaseError(wrong + misplaced + invalid)
    return case


def validate(data: dict[str, Any], origin: Origin, folder: Path) -> tuple[Case | None, list[Problem]]:
    """The case, or what is wrong with it."""
    context = {"folder": folder}
    network, wrong = _network(data, origin, context) if "network" in data else (None, [])
    if "protocol" not in data and "network" not in data:
        wrong.append(origin.problem(("protocol",), "is missing"))
    try:
        case = Case.model_validate(data | {"network": network}, context=context)
    except ValidationError as error:
        from calfpump.case.messages import problems

        return None, sorted([*problems(error, origin), *wrong], key=_order)
    case._origin = origin
    return (None, sorted(wrong, key=_order)) if wrong else (case, [])


def _network(data: dict[str, Any], origin: Origin, context: dict[str, Any]) -> tuple[Network | None, list[Problem]]:
    """The flow network of a case, or what is wrong with it; a case without one does not load its models."""
    from calfpump.case.network import Holder
    from calfpump.case.network_check import of_names, of_values

    wrong = of_names(data, origin)
    try:
        network = Holder.model_validate({"network": data["network"]}, context=context).network
    except ValidationError as error:
        from calfpump.case.messages import problems

        return None, [*problems(error, origin), *wrong]
    return network, wrong or of_values(network, origin)


def _order(problem: Problem) -> tuple[bool, int]:
    line = re.search(r":(\d+)\Z", problem.where)
    return (line is None, int(line[1]) if line else 0)


def _syntax(path: Path, text: str, message: str) -> Problem:
    match = re.search(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)", message)
    line = int(match[1]) if match and match[1] else max(1, len(text.splitlines()))
    what = message[: match.start()] if match else message
    written = text.splitlines()[line - 1].strip() if text.strip() else ""
    return Problem(f"{path}:{line}", "", f"not valid TOML: {what[:1].lower()}{what[1:]}" + (f", in: {written}" if written else ""))


def _meant(path: Path) -> str:
    """A case file of nearly the same name, in the folder meant."""
    from difflib import get_close_matches

    folder = path.parent
    names = [p.name for p in folder.glob("*.toml")] if folder.is_dir() else []
    close = get_close_matches(path.name, names, n=1)
    return f"; did you mean {folder / close[0]}?" if close else ""
