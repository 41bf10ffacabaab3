"""Quantities with units: ``"28 mmHg"`` ↔ 3733.01 Pa. SI inside, units only here and in what is printed.

A unit is a product of symbols: ``mmHg/cm``, ``kPa·s``, ``1/min``, ``m^2`` or ``m²``. The table is small on purpose; every entry is
checked against pint in the unit tests. Angles count as a dimension of their own, so that 5 % is not taken for an angle.
"""

from __future__ import annotations

import math
import re
from typing import NamedTuple


class Unit(NamedTuple):
    """Factor to SI and exponents of (metre, kilogram, second, radian)."""

    factor: float
    dimension: tuple[int, int, int, int]


_LENGTH, _MASS, _TIME, _ANGLE, _NONE = (1, 0, 0, 0), (0, 1, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1), (0, 0, 0, 0)
_PRESSURE, _FORCE, _RATE = (-1, 1, -2, 0), (1, 1, -2, 0), (0, 0, -1, 0)

# mmHg and cmH2O are the conventional ones (13 595.1 and 1000 kg/m³ at 9.80665 m/s²), as pint has them.
UNITS: dict[str, Unit] = {
    "m": Unit(1.0, _LENGTH),
    "cm": Unit(1e-2, _LENGTH),
    "mm": Unit(1e-3, _LENGTH),
    "km": Unit(1e3, _LENGTH),
    "L": Unit(1e-3, (3, 0, 0, 0)),
    "mL": Unit(1e-6, (3, 0, 0, 0)),
    "kg": Unit(1.0, _MASS),
    "g": Unit(1e-3, _MASS),
    "s": Unit(1.0, _TIME),
    "ms": Unit(1e-3, _TIME),
    "min": Unit(60.0, _TIME),
    "h": Unit(3600.0, _TIME),
    "Hz": Unit(1.0, _RATE),
    "N": Unit(1.0, _FORCE),
    "Pa": Unit(1.0, _PRESSURE),
    "mPa": Unit(1e-3, _PRESSURE),
    "kPa": Unit(1e3, _PRESSURE),
    "MPa": Unit(1e6, _PRESSURE),
    "mmHg": Unit(133.322387415, _PRESSURE),
    "cmH2O": Unit(98.0665, _PRESSURE),
    "rad": Unit(1.0, _ANGLE),
    "°": Unit(math.pi / 180.0, _ANGLE),
    "%": Unit(1e-2, _NONE),
    "1": Unit(1.0, _NONE),
}


class Dimension(NamedTuple):
    """Exponents, the unit that is usual in the field, and the SI unit (factor 1)."""

    exponents: tuple[int, int, int, int]
    usual: str
    si: str


DIMENSIONS: dict[str, Dimension] = {
    "length": Dimension(_LENGTH, "mm", "m"),
    "area": Dimension((2, 0, 0, 0), "mm²", "m²"),
    "volume": Dimension((3, 0, 0, 0), "mL", "m³"),
    "mass": Dimension(_MASS, "kg", "kg"),
    "duration": Dimension(_TIME, "s", "s"),
    "rate": Dimension(_RATE, "Hz", "Hz"),
    "speed": Dimension((1, 0, -1, 0), "km/h", "m/s"),
    "flow": Dimension((3, 0, -1, 0), "mL/s", "m³/s"),
    "force": Dimension(_FORCE, "N", "N"),
    "pressure": Dimension(_PRESSURE, "mmHg", "Pa"),
    "pressure per length": Dimension((-2, 1, -2, 0), "mmHg/cm", "Pa/m"),
    "resistance": Dimension((-4, 1, -1, 0), "mmHg·s/mL", "Pa·s/m³"),
    "compliance": Dimension((4, -1, 2, 0), "mL/mmHg", "m³/Pa"),
    "pressure per volume": Dimension((-4, 1, -2, 0), "mmHg/mL", "Pa/m³"),
    "rate per pressure": Dimension((1, -1, 1, 0), "1/Pa/s", "1/Pa/s"),
    "conductance": Dimension((4, 0, 0, 0), "mm⁴", "m⁴"),
    "viscosity": Dimension((-1, 1, -1, 0), "mPa·s", "Pa·s"),
    "wall viscosity": Dimension((0, 1, -1, 0), "Pa·s·m", "Pa·s·m"),
    "density": Dimension((-3, 1, 0, 0), "kg/m³", "kg/m³"),
    "angle": Dimension(_ANGLE, "°", "rad"),
    "fraction": Dimension(_NONE, "%", "1"),
}

_SUPERSCRIPT = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_NUMBER = re.compile(r"\s*([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*(.*?)\s*\Z", re.DOTALL)
_FACTOR = re.compile(r"(\D.*?)\^?(-?\d+)?\Z")


class UnitError(ValueError):
    """A string that is not a number with a known unit, or whose unit has another dimension than the key."""


def unit(text: str) -> Unit:
    """The unit that `text` names; `UnitError` if it has a symbol outside the table."""
    factor, dimension = 1.0, (0, 0, 0, 0)
    for position, part in enumerate(text.translate(_SUPERSCRIPT).replace("*", "·").split("/")):
        sign = 1 if position == 0 else -1
        for symbol in re.split(r"[·\s]+", part.strip()):
            base, power = _symbol(symbol, text)
            factor *= base.factor ** (sign * power)
            dimension = tuple(a + sign * power * b for a, b in zip(dimension, base.dimension, strict=True))  # type: ignore[assignment]
    return Unit(factor, dimension)


def _symbol(symbol: str, text: str) -> tuple[Unit, int]:
    if symbol in UNITS:  # cmH2O ends no power
        return UNITS[symbol], 1
    match = _FACTOR.match(symbol)
    if match is None or match[1] not in UNITS:
        raise UnitError(f"unknown unit '{text}'")
    return UNITS[match[1]], int(match[2] or 1)


def dimension_name(exponents: tuple[int, int, int, int]) -> str:
    """``(1, 0, 0, 0)`` → ``length``; an unnamed dimension is written out."""
    for name, known in DIMENSIONS.items():
        if known.exponents == exponents:
            return name
    return "·".join(f"{symbol}^{power}" for symbol, power in zip(("m", "kg", "s", "rad"), exponents, strict=True) if power)


def quantity(text: str, dimension: str, usual: str | None = None) -> float:
    """SI value of `text` ("28 mmHg"), which must have the named `dimension`; `usual` is the unit that a correction proposes.

    Raises `UnitError` with a proposal where the unit is missing, unknown, or of another dimension.
    """
    usual = usual or DIMENSIONS[dimension].usual
    match = _NUMBER.match(text)
    if match is None:
        if usual == "1":
            raise UnitError(f"'{text}' is not a number; write one such as {_EXAMPLE[usual]}")
        raise UnitError(f"'{text}' is not a number with a unit; {a(dimension)} looks like \"{_EXAMPLE.get(usual, '1')} {usual}\"")
    number, symbol = match[1], match[2]
    if not symbol:
        if dimension == "fraction":
            return float(number)
        raise UnitError(f'{a(dimension)} needs a unit; write "{number} {usual}"')
    try:
        known = unit(symbol)
    except UnitError:
        close = _closest(symbol, dimension)
        raise UnitError(f"unknown unit '{symbol}' for {a(dimension)}; did you mean {_written(number, close)}?") from None
    if known.dimension != DIMENSIONS[dimension].exponents:
        other = dimension_name(known.dimension)
        raise UnitError(f'"{text.strip()}" is {a(other)}; {a(dimension)} is expected, such as {_written(number, usual)}')
    return float(number) * known.factor


def _written(number: str, symbol: str) -> str:
    """As a file has it; a pure number needs neither unit nor quotes."""
    return number if symbol == "1" else f'"{number} {symbol}"'


def count(number: int, noun: str) -> str:
    """``1 vessel``, ``2 vessels``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


_EXAMPLE = {"1": "0.5", "mmHg": "28", "m": "1.75", "mm": "5", "km/h": "3", "s": "60", "kg": "75"}


def a(noun: str) -> str:
    """`noun` with its article."""
    return f"{'an' if noun[:1] in 'aeio' else 'a'} {noun}"


def _closest(symbol: str, dimension: str) -> str:
    from difflib import get_close_matches

    names = [name for name, entry in UNITS.items() if entry.dimension == DIMENSIONS[dimension].exponents]
    names.append(DIMENSIONS[dimension].usual)
    folded = {name.lower(): name for name in reversed(names)}
    close = get_close_matches(symbol.lower(), folded, n=1, cutoff=0.4)
    return folded[close[0]] if close else DIMENSIONS[dimension].usual


def show(value: float, symbol: str, digits: int | None = None) -> str:
    """`value` [SI] written in the unit `symbol`.

    With `digits`, rounded for people; without, the shortest text that `quantity` reads back to exactly `value`.
    """
    from decimal import Decimal

    factor = unit(symbol).factor
    if digits is not None:
        return f"{Decimal(f'{value / factor:.{digits}g}'):f} {symbol}"
    for precision in range(1, 18):
        number = f"{value / factor:.{precision}g}"
        if float(number) * factor == value:
            return f"{Decimal(number):f} {symbol}"
    return f"{value!r} {DIMENSIONS[dimension_name(unit(symbol).dimension)].si}"
