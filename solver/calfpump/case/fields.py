"""Types of the keys: quantities with dimension, unit and range, and `key`, which carries default, meaning and source."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, StrictBool, StrictInt
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from calfpump.case.units import DIMENSIONS, UnitError, a, quantity, show


class Table(BaseModel):
    """A table of a case file: frozen, and nothing is accepted that is not declared."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class Quantity:
    """A number with a unit, held in SI: its dimension, the unit it is shown in, and its range in that unit.

    `above` excludes its own value, `low` and `high` include theirs.
    """

    dimension: str
    unit: str
    above: float | None = None
    low: float | None = None
    high: float | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        text: dict[str, Any] = {"type": "string", "pattern": r"^\s*[+-]?[0-9.]+([eE][+-]?[0-9]+)?\s*\S.*$", "examples": [f"1 {self.unit}"]}
        return {"anyOf": [{"type": "number"}, text]} if self.dimension == "fraction" else text

    def read(self, value: Any) -> float:
        """The SI value of what the file has under the key."""
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise _problem(f"{a(self.dimension)} is expected, such as {self.example()}")
        if not isinstance(value, str):
            if not math.isfinite(value):
                raise _problem("a finite number is expected")
            if self.dimension != "fraction":
                raise _problem(f'{a(self.dimension)} needs a unit; write "{value} {self.unit}"')
            return self.inside(float(value), str(value))
        try:
            return self.inside(quantity(value, self.dimension, self.unit), value)
        except UnitError as error:
            raise _problem(str(error)) from None

    def inside(self, value: float, text: str) -> float:
        """`value` if it lies in the range, else a problem that names the limit."""
        factor = quantity(f"1 {self.unit}", self.dimension)
        written = "" if self.unit == "1" else f" {self.unit}"
        for limit, sign, strict, word in ((self.above, 1, True, "above"), (self.low, 1, False, "at least"), (self.high, -1, False, "at most")):
            if limit is None:
                continue
            inside = sign * (value - limit * factor)
            if inside < 0 or (strict and inside == 0):
                raise _problem(f"must be {word} {limit:g}{written}, not {text}")
        return value

    def example(self) -> str:
        """What a value of this key may look like."""
        return "0.5" if self.dimension == "fraction" else f'"1 {self.unit}"'

    def toml(self, value: float) -> str:
        """`value` [SI] as it stands in a case file."""
        return repr(value) if self.dimension == "fraction" else f'"{show(value, self.unit)}"'

    @property
    def si(self) -> str:
        """The SI unit of the dimension."""
        return DIMENSIONS[self.dimension].si


def _problem(what: str) -> PydanticCustomError:
    return PydanticCustomError("case", "{what}", {"what": what})


problem = _problem


def key(default: Any, meaning: str, source: str = "", *, alias: str | None = None) -> Any:
    """A key with its default (as a file writes it; ``...`` for none), meaning, and the source of the number."""
    return Field(default, alias=alias, description=meaning, json_schema_extra={"source": source} if source else None, validate_default=True)


def by_preset(meaning: str) -> Any:
    """A key whose default comes from the table's preset."""
    return Field(None, description=meaning)


Modulus = Annotated[float, Quantity("pressure", "kPa", above=0)]
StiffModulus = Annotated[float, Quantity("pressure", "MPa", above=0)]
Thickness = Annotated[float, Quantity("length", "mm", above=0)]
Pressure = Annotated[float, Quantity("pressure", "mmHg", low=0)]
Duration = Annotated[float, Quantity("duration", "s", above=0)]
Fraction = Annotated[float, Quantity("fraction", "1", low=0, high=1)]
Flag = StrictBool
Count = Annotated[StrictInt, Field(ge=1)]
