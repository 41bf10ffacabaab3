"""[output]: what is kept of a run."""

from __future__ import annotations

from typing import Annotated

from calfpump.case.fields import Flag, Quantity, Table, key


class Output(Table):
    """What is kept of a run."""

    interval: Annotated[float, Quantity("duration", "ms", low=1, high=10000)] = key("20 ms", "time between two kept states of the flow")
    vtu: Flag = key(True, "write the deformed sections for ParaView")
