"""[numerics]: how finely the case is solved."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from calfpump.case.fields import Quantity, Table, by_preset, key
from calfpump.case.units import quantity

#: quality → length of a flow cell
CELL_LENGTH = {"coarse": "20 mm", "standard": "10 mm", "fine": "5 mm", "finest": "5 mm"}


class Numerics(Table):
    """How finely the case is solved: quality sets mesh, table and cells."""

    quality: Literal["coarse", "standard", "fine", "finest"] = key(
        "standard",
        "sets the section's mesh, the laws' points and the flow's cells; a contracted calf's venous pressures are those of a twice finer mesh within 1 mmHg "
        "(coarse; 2 in silent muscles), .5 mmHg (standard); finest is for soft veins that fold in firm muscle",
    )
    cell_length: Annotated[float, Quantity("length", "mm", low=0.1, high=100)] = by_preset("length of a flow cell")
    cfl: Annotated[float, Quantity("fraction", "1", above=0, high=0.5)] = key(0.45, "Courant number of the flow solver")
    coupling: Literal["laws"] = key("laws", "how the section meets the flow: through laws computed beforehand")

    @model_validator(mode="after")
    def _fill(self) -> Numerics:
        if "cell_length" not in self.model_fields_set:
            object.__setattr__(self, "cell_length", quantity(CELL_LENGTH[self.quality], "length"))
        return self
