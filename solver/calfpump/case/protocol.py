"""[[protocol]]: what the leg does, row after row, as on a lab sheet."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from calfpump.case.fields import Count, Duration, Quantity, Table, key

_FOR = "how long"


class Supine(Table):
    """Lying flat at rest."""

    do: Literal["supine"]
    duration: Duration = key(..., _FOR, alias="for")


class Stand(Table):
    """Standing still, weight on both legs."""

    do: Literal["stand"]
    duration: Duration = key(..., _FOR, alias="for")


class Elevate(Table):
    """Lying with the leg raised (sine of its angle .4), the baseline of plethysmography."""

    do: Literal["elevate"]
    duration: Duration = key(..., _FOR, alias="for")


class Tiptoe(Table):
    """Raises onto tiptoe, one after another; at "1 Hz" one full raise a second (air plethysmography's test)."""

    do: Literal["tiptoe"]
    times: Count = key(10, "number of raises")
    rate: Annotated[float, Quantity("rate", "Hz", low=0.1, high=3)] = key("1 Hz", "raises a second")


class Walk(Table):
    """Walking on the level."""

    do: Literal["walk"]
    speed: Annotated[float, Quantity("speed", "km/h", above=0, high=9)] = key("3 km/h", "walking speed")
    duration: Duration = key(..., _FOR, alias="for")


Row = Annotated[Supine | Stand | Elevate | Tiptoe | Walk, Field(discriminator="do")]
ROWS: tuple[type[Table], ...] = (Supine, Stand, Elevate, Tiptoe, Walk)
