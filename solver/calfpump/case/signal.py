"""A quantity in time as a case gives it: a number with its unit, a sine, or a column of a CSV file; once, or repeated."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import CoreSchema, core_schema

from calfpump.case.columns import ColumnError, column_of, read_columns
from calfpump.case.fields import Quantity, problem
from calfpump.case.units import UnitError, quantity

#: samples of a sine in one period: the chord lies within .03 % of the amplitude
PER_PERIOD = 128
KEYS = ("mean", "amplitude", "rate", "file", "column", "period")


@dataclass(frozen=True)
class Signal:
    """A quantity in time, SI: ``t`` (n,) [s] and ``y`` (n,), linear between the samples; a single sample is a constant.

    ``period`` [s]: the samples are repeated for ever. ``written`` is how the case file gave it, ``text`` what the CSV file held.
    """

    t: tuple[float, ...]
    y: tuple[float, ...]
    period: float | None = None
    written: tuple[tuple[str, Any], ...] = field(default=(), compare=False)
    text: str = field(default="", compare=False)

    @property
    def constant(self) -> bool:
        """Whether it never changes."""
        return len(self.t) == 1

    @property
    def file(self) -> str:
        """Path of the CSV file, or ""."""
        return str(dict(self.written).get("file", ""))

    def identity(self) -> Any:
        """What two equal signals have in common, whatever their files are called."""
        return self.y[0] if self.constant else {"t": list(self.t), "y": list(self.y), "period": self.period}


@dataclass(frozen=True)
class InTime:
    """Annotation of a key that holds a `Signal`: its dimension, the unit that it is shown in, and its range in that unit."""

    dimension: str
    unit: str
    low: float | None = None
    high: float | None = None
    above: float | None = None

    @property
    def number(self) -> Quantity:
        """The same for a constant."""
        return Quantity(self.dimension, self.unit, above=self.above, low=self.low, high=self.high)

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        serializer = core_schema.plain_serializer_function_ser_schema(lambda signal: None if signal is None else signal.identity())
        return core_schema.with_info_plain_validator_function(self._read, serialization=serializer)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        constant = self.number.__get_pydantic_json_schema__(schema, handler)
        table = {"type": "object", "properties": {key: {} for key in KEYS}, "additionalProperties": False}
        return {"anyOf": [*constant.get("anyOf", [constant]), table]}

    def _read(self, value: Any, info: ValidationInfo) -> Signal:
        if isinstance(value, Signal):
            return value
        if not isinstance(value, dict):
            return Signal((0.0,), (self.number.read(value),), written=(("value", value),))
        unknown = [key for key in value if key not in KEYS]
        if unknown:
            raise problem(f"has no key '{unknown[0]}'; a quantity in time has file, column, period, or mean, amplitude, rate")
        if "file" in value:
            return self._from_file(value, Path((info.context or {}).get("folder", Path())))
        if set(value) != {"mean", "amplitude", "rate"}:
            raise problem('give a file = "….csv" (with column, period where needed), or mean, amplitude and rate of a sine')
        return self._sine(value)

    def _sine(self, value: dict[str, Any]) -> Signal:
        mean, amplitude = (Quantity(self.dimension, self.unit).read(value[key]) for key in ("mean", "amplitude"))
        rate = Quantity("rate", "Hz", above=0).read(value["rate"])
        t = tuple(k / PER_PERIOD / rate for k in range(PER_PERIOD + 1))
        y = tuple(mean + amplitude * math.sin(2.0 * math.pi * k / PER_PERIOD) for k in range(PER_PERIOD)) + (mean,)
        return self._inside(Signal(t, y, 1.0 / rate, tuple(value.items())), "the sine")

    def _from_file(self, value: dict[str, Any], folder: Path) -> Signal:
        if any(key in value for key in ("mean", "amplitude", "rate")):
            raise problem("give either a file or mean, amplitude and rate, not both")
        if not isinstance(value["file"], str) or not isinstance(value.get("column", ""), str):
            raise problem("file and column are strings in quotes")
        path = (folder / Path(value["file"]).expanduser()).resolve()
        try:
            period = quantity(value["period"], "duration") if isinstance(value.get("period"), str) else value.get("period")
        except UnitError as error:
            raise problem(f"period: {error}") from None
        if period is not None and not (isinstance(period, float) and "period" in value and isinstance(value["period"], str)):
            raise problem(f'period: a duration needs a unit; write "{value["period"]} s"')
        try:
            table = read_columns(path)
            time = column_of(table, 0, "duration")
            data = column_of(table, table.find(value.get("column", "")), self.dimension)
            table.rising(0, time)
        except ColumnError as error:
            raise problem(str(error)) from None
        if period is not None and not 0.0 < time[-1] - time[0] <= period * (1 + 1e-9):
            raise problem(f"{path.name} spans {time[-1] - time[0]:g} s, which does not fit into a period of {period:g} s")
        written = (("file", str(path)), *((key, value[key]) for key in ("column", "period") if key in value))
        return self._inside(Signal(tuple(time), tuple(data), period, written, table.text), path.name)

    def _inside(self, signal: Signal, owner: str) -> Signal:
        for t, y in zip(signal.t, signal.y, strict=True):
            try:
                self.number.inside(y, f"{y / quantity(f'1 {self.unit}', self.dimension):g}")
            except Exception as error:  # pydantic's own, whose text is ours
                raise problem(f"{owner} at t = {t:g} s: {error}") from None
        return signal

    def toml(self, signal: Signal, place: Any = None) -> str:
        """How `signal` stands in a case file; `place` maps the path of its CSV file to the one that is written."""
        if signal.constant:
            return self.number.toml(signal.y[0])
        parts = []
        for key, value in signal.written:
            shown = place(signal) if key == "file" and place is not None else value
            parts.append(f"{key} = {_literal(shown)}")
        return "{" + ", ".join(parts) + "}"


def _literal(value: Any) -> str:
    import json

    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
