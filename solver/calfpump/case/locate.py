"""Line of every key in a TOML text, which ``tomllib`` does not tell.

A scanner for text that ``tomllib`` has accepted already: it follows headers, dotted keys, inline tables and arrays over several lines,
and skips strings of all four kinds and comments. A path is a tuple of keys and, in arrays, positions from 0.
"""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ATOM = re.compile(r"[^,\]}#\n]*")
_STRING = re.compile(r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.DOTALL)


def lines(text: str) -> dict[Path, int]:
    """Path of each table, key and array element → line of its beginning, from 1."""
    return _Scanner(text).document()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.found: dict[Path, int] = {}
        self.rows: dict[Path, int] = {}  # array of tables → position of its last element

    def document(self) -> dict[Path, int]:
        table: Path = ()
        self.skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self.header()
            else:
                self.pair(table)
            self.skip(_BLANK)
        return self.found

    def header(self) -> Path:
        line, many = self.line(), self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        names = self.name()
        self.at = self.text.index("]]" if many else "]", self.at) + (2 if many else 1)
        path: Path = ()
        for position, name in enumerate(names):
            path += (name,)
            if many and position == len(names) - 1:
                self.rows[path] = self.rows.get(path, -1) + 1
            if path in self.rows:
                self.found.setdefault(path, line)
                path += (self.rows[path],)
            self.found.setdefault(path, line)
        return path

    def pair(self, table: Path) -> None:
        line = self.line()
        path = table
        for name in self.name():
            path += (name,)
            self.found.setdefault(path, line)
        self.at = self.text.index("=", self.at) + 1
        self.skip(_SPACE)
        self.value(path)

    def name(self) -> list[str]:
        """A dotted key; what follows it is left."""
        parts: list[str] = []
        while True:
            self.skip(_SPACE)
            if self.text[self.at] in "\"'":
                import tomllib

                quoted = self.take(_STRING)
                parts.append(tomllib.loads(f"k = {quoted}")["k"])
            else:
                parts.append(self.take(_BARE))
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def value(self, path: Path) -> None:
        first = self.text[self.at]
        if first == "[":
            self.items(path, "]")
        elif first == "{":
            self.items(path, "}")
        else:
            self.take(_STRING if first in "\"'" else _ATOM)

    def items(self, path: Path, end: str) -> None:
        """The elements of an array or the pairs of an inline table."""
        self.at += 1
        position = 0
        self.skip(_BLANK)
        while self.text[self.at] != end:
            if end == "]":
                self.found[(*path, position)] = self.line()
                self.value((*path, position))
            else:
                self.pair(path)
            position += 1
            self.skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1
                self.skip(_BLANK)
        self.at += 1

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1

    def skip(self, pattern: re.Pattern[str]) -> None:
        self.take(pattern)

    def take(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self.text, self.at)
        if match is None or (match.end() == self.at and pattern in (_BARE, _STRING)):
            raise ValueError(f"line {self.line()} is not TOML")
        self.at = match.end()
        return match[0]
