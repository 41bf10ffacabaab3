"""CSV files of a case: a first line ``t [s], Q [mL/s], …`` with the unit of every column, then numbers.

Lines that begin with ``#`` are comments. Columns may be separated by commas, semicolons or tabs.
"""

from __future__ import annotations

import csv
import math
import re
from dataclasses import dataclass
from pathlib import Path

from calfpump.case.units import DIMENSIONS, UnitError, a, count, dimension_name, unit

REMEDY = "fill it or leave its line out"
_HEADER = re.compile(r"\s*(.*?)\s*\[\s*(.*?)\s*\]\s*\Z")


class ColumnError(ValueError):
    """A CSV file that cannot be used; the text names its line."""


@dataclass(frozen=True)
class Columns:
    """A CSV file: ``names`` and ``units`` of its columns, ``rows`` of numbers as written, and the ``lines`` on which these stand."""

    file: str
    text: str
    names: tuple[str, ...]
    units: tuple[str, ...]
    rows: tuple[tuple[float, ...], ...]
    lines: tuple[int, ...]
    header_line: int

    def find(self, name: str, besides: int = 0) -> int:
        """Index of the column with that name; with "" the only one besides the first ``besides + 1``.

        Raises `ColumnError`.
        """
        from difflib import get_close_matches

        others = self.names[besides + 1 :]
        if name in self.names:
            return self.names.index(name)
        if name:
            close = get_close_matches(name, self.names, n=1, cutoff=0.4)
            meant = f"; did you mean '{close[0]}'?" if close else f"; it has {', '.join(self.names)}"
            raise ColumnError(f"{self.file}:{self.header_line}: there is no column '{name}'{meant}")
        if len(others) != 1:
            raise ColumnError(f"{self.file}:{self.header_line}: has the columns {', '.join(self.names)}; name one with column = …")
        return besides + 1

    def rising(self, index: int, values: list[float]) -> None:
        """Raise `ColumnError` unless the column rises from row to row, in at least two rows."""
        if len(values) < 2:
            raise ColumnError(f"{self.file}: needs at least two rows of numbers")
        for k in range(1, len(values)):
            if not values[k] > values[k - 1]:
                raise ColumnError(
                    f"{self.file}:{self.lines[k]}: {self.names[index]} does not rise: {self.rows[k][index]:g} after {self.rows[k - 1][index]:g}"
                )


def read_columns(path: Path) -> Columns:
    """The file as numbers; raises `ColumnError` with the line of what is wrong (the first fault, and how many more there are)."""
    name = path.name
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        from difflib import get_close_matches

        folder = path.parent
        close = get_close_matches(name, [p.name for p in folder.glob("*.csv")] if folder.is_dir() else [], n=1)
        raise ColumnError(f"there is no file {path}" + (f"; did you mean {close[0]}?" if close else "")) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ColumnError(f"{path} cannot be read: {error.strerror if isinstance(error, OSError) else 'it is not UTF-8 text'}") from None
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise ColumnError(f"{name}: is empty; its first line names the columns, such as t [s], Q [mL/s]")
    header_line, header = lines[0]
    mark = next((mark for mark in ("\t", ";", ",") if mark in header), ",")
    names, units = _header(name, header_line, next(csv.reader([header], delimiter=mark)))
    rows, faults = [], []
    for number, line in lines[1:]:
        cells = next(csv.reader([line], delimiter=mark))
        try:
            rows.append(_numbers(cells, names))
        except ColumnError as error:
            faults.append(f"{name}:{number}: {error}")
    if faults:
        raise ColumnError(faults[0] + (f" (and {count(len(faults) - 1, 'more such line')})" if len(faults) > 1 else ""))
    return Columns(name, text, names, units, tuple(rows), tuple(number for number, _ in lines[1:]), header_line)


def _header(file: str, line: int, cells: list[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names, units = [], []
    for cell in cells:
        match = _HEADER.match(cell)
        if match is None:
            raise ColumnError(f"{file}:{line}: the column '{cell.strip()}' has no unit; write it in brackets, such as t [s] or Q [mL/s]")
        try:
            unit(match[2])
        except UnitError as error:
            raise ColumnError(f"{file}:{line}: {match[1]}: {error}") from None
        names.append(match[1])
        units.append(match[2])
    if len(names) < 2:
        raise ColumnError(f"{file}:{line}: needs at least two columns, such as t [s], Q [mL/s]")
    return tuple(names), tuple(units)


def _numbers(cells: list[str], names: tuple[str, ...]) -> tuple[float, ...]:
    if len(cells) != len(names):
        raise ColumnError(f"has {count(len(cells), 'value')} for {len(names)} columns")
    values = []
    for cell, name in zip(cells, names, strict=True):
        try:
            value = float(cell)
        except ValueError:
            what = f"'{cell.strip()}', which is not a number" if cell.strip() else f"a gap: {REMEDY}"
            raise ColumnError(f"{name} is {what}") from None
        if not math.isfinite(value):
            raise ColumnError(f"{name} is {cell.strip()}, a gap: {REMEDY}")
        values.append(value)
    return tuple(values)


def column_of(table: Columns, index: int, dimension: str) -> list[float]:
    """A column in SI; raises `ColumnError` if its unit is of another dimension."""
    found = unit(table.units[index])
    if found.dimension != DIMENSIONS[dimension].exponents:
        raise ColumnError(
            f"{table.file}:{table.header_line}: {table.names[index]} [{table.units[index]}] is {a(dimension_name(found.dimension))}; "
            f"{a(dimension)} is expected, such as [{DIMENSIONS[dimension].usual}]"
        )
    return [row[index] * found.factor for row in table.rows]
