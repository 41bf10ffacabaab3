"""[impairment]: what is wrong with the leg."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictStr

from calfpump.case.fields import Fraction, Table, key


class Impairment(Table):
    """Venous disease, acting on the valves."""

    valves: Literal["competent", "absent"] = key("competent", 'every valve works, or ("absent") no vein has one')
    valve_leak: dict[StrictStr, Fraction] = Field(
        default={},
        description="vein → share of the open valve's area that stays open backwards (0 tight, 1 no valve)",
        json_schema_extra={"source": "Mynard et al. 2012, IJNMBE 28:626"},
    )
