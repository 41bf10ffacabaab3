"""[output]: what is kept of a run."""

from __future__ import annotations

from typing import Annotated

from calfpump.case.fields import Flag, Quantity, Table, key


class Output(Table):
    """What is kept of a run."""

    interval: Annotated[float, Quantity("duration", "ms", low=1, high=10000)] = key("20 ms", "time between two kept states of the flow")
    washout: Annotated[float, Quantity("duration", "s", low=0)] | None = key(
        None, "time of the protocol at which the venous blood of every stage is marked; tracers.csv and the summary tell how it is washed out"
    )
    vtu: Flag = key(True, "write the deformed sections for ParaView")
