"""[flow]: blood and the pressures at its two ends."""

from __future__ import annotations

from typing import Annotated

from calfpump.case.fields import Quantity, Table, key


class Flow(Table):
    """Blood and the pressures at the ends of the circulation of the leg."""

    density: Annotated[float, Quantity("density", "kg/m³", low=900, high=1200)] = key("1060 kg/m³", "density of blood", "Boileau et al. 2015, IJNMBE 31:e02732")
    viscosity: Annotated[float, Quantity("viscosity", "mPa·s", above=0, high=100)] = key(
        "4 mPa·s", "dynamic viscosity of blood", "Boileau et al. 2015, IJNMBE 31:e02732"
    )
    right_atrial_pressure: Annotated[float, Quantity("pressure", "mmHg", low=-5, high=40)] = key("3 mmHg", "mean pressure in the right atrium", "textbook")
    arterial_pressure: Annotated[float, Quantity("pressure", "mmHg", low=40, high=200)] = key(
        "93 mmHg", "mean arterial pressure at heart height", "120/80 mmHg, textbook"
    )
    inflow_factor: Annotated[float, Quantity("fraction", "1", above=0, high=20)] = key(
        1.0, "multiplies the arterial inflow of every bed", "1: .35 L/min a leg at supine rest, textbook"
    )
