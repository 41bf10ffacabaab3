"""Where a value of a case came from: a line of its file, a ``--set``, or one value of a sweep."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from calfpump.case.errors import Problem
from calfpump.case.locate import Path


@dataclass(frozen=True)
class Origin:
    """The file's name, the line of each of its keys, and the overrides (path → how it was written)."""

    file: str = ""
    lines: dict[Path, int] = field(default_factory=dict)
    overrides: dict[Path, str] = field(default_factory=dict)

    def where(self, path: Path) -> str:
        """``--set key=value`` or ``file:line`` of the innermost part of `path` that was written down."""
        for size in range(len(path), 0, -1):
            if path[:size] in self.overrides:
                return self.overrides[path[:size]]
            if path[:size] in self.lines:
                break
            for written, label in self.overrides.items():
                if written[:size] == path[:size]:
                    return label
        for size in range(len(path), 0, -1):
            if path[:size] in self.lines:
                return f"{self.file}:{self.lines[path[:size]]}"
        return self.file

    def problem(self, path: Path | str, what: str) -> Problem:
        """A problem with the key at `path` (a tuple, or dotted text as `dotted` writes it)."""
        parts = parse(path) if isinstance(path, str) else path
        where = self.where(parts)
        return Problem(where, "" if self.overrides.get(parts) == where else dotted(parts), what)


def dotted(path: Path) -> str:
    """``("protocol", 1, "for")`` → ``protocol[2].for``: rows are counted from 1, as people do."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f"{'.' if text else ''}{_quoted(part)}"
    return text


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


_PART = re.compile(r'\s*(?:"([^"]*)"|([A-Za-z0-9_-]+))\s*((?:\[\d+\]\s*)*)(?:\.|\Z)')


def parse(text: str) -> Path:
    """The inverse of `dotted`; raises `ValueError` if `text` is no dotted key."""
    path: list[str | int] = []
    at = 0
    while at < len(text) or not path:
        match = _PART.match(text, at)
        if match is None or (match[0].endswith(".") and match.end() == len(text)):
            raise ValueError(f"'{text}' is not a dotted key such as hose.class or protocol[2].times")
        path.append(match[1] if match[1] is not None else match[2])
        path += [int(number) - 1 for number in re.findall(r"\d+", match[3])]
        at = match.end()
    return tuple(path)
