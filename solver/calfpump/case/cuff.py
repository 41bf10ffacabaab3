"""[cuff]: intermittent pneumatic compression, chambers round foot, calf and thigh that are inflated again and again.

After its delay a chamber is at p (1 − e^(−t/τ)), τ a third of the rise; at the end of the inflation all fall with e^(−t/fall).
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from calfpump.case.fields import Duration, Pressure, Quantity, Table, by_preset, key, problem
from calfpump.case.units import quantity

Delay = Annotated[float, Quantity("duration", "s", low=0)]

#: device → key → value as a file writes it. Pressures and times typical of such devices, from memory of makers' data: assumptions to sweep.
DEVICES: dict[str, dict[str, str]] = {
    "sequential": {"calf": "40 mmHg", "thigh": "30 mmHg", "thigh_delay": "3 s", "rise": "2.5 s", "inflated": "11 s", "period": "71 s"},
    "uniform": {"calf": "40 mmHg", "rise": "3 s", "inflated": "12 s", "period": "60 s"},
    "rapid": {"calf": "50 mmHg", "rise": "0.4 s", "inflated": "6 s", "period": "60 s"},
    "foot": {"foot": "130 mmHg", "rise": "0.4 s", "inflated": "2 s", "period": "20 s"},
    "foot and calf": {"foot": "100 mmHg", "calf": "100 mmHg", "calf_delay": "1 s", "rise": "0.4 s", "inflated": "3.5 s", "period": "20 s"},
}
#: What a device's list leaves out.
OTHERWISE = dict.fromkeys(("foot", "calf", "thigh"), "0 mmHg") | {f"{name}_delay": "0 s" for name in ("foot", "calf", "thigh")}


class Cuff(Table):
    """Intermittent pneumatic compression; without this table, or with device "none", there is none."""

    device: Literal["sequential", "uniform", "rapid", "foot", "foot and calf", "none"] = key(
        "sequential", "sets what is not given below", "typical of such devices, assumption; optimum of 45 mmHg, graded, in sequence: Kamm 1986"
    )
    foot: Pressure = by_preset("pressure of the chamber round the foot, 0 for none")
    calf: Pressure = by_preset("pressure of the chamber round the calf, 0 for none")
    thigh: Pressure = by_preset("pressure of the chamber round the thigh, 0 for none")
    foot_delay: Delay = by_preset("when the foot's chamber begins in the cycle")
    calf_delay: Delay = by_preset("when the calf's chamber begins in the cycle")
    thigh_delay: Delay = by_preset("when the thigh's chamber begins in the cycle")
    rise: Duration = by_preset("time to 95 % of the pressure")
    inflated: Duration = by_preset("when all chambers are let out, from the beginning of the cycle")
    period: Duration = by_preset("from one inflation to the next")
    fall: Duration = key("0.5 s", "time constant of the deflation", "assumption")
    start: Delay = key("0 s", "when the first cycle begins, from the beginning of the protocol")

    @property
    def worn(self) -> bool:
        """Whether there is a cuff at all."""
        return self.device != "none"

    @model_validator(mode="after")
    def _fill(self) -> Cuff:
        preset = OTHERWISE | DEVICES.get(self.device, DEVICES["sequential"])
        for name, text in preset.items():
            if getattr(self, name) is None:
                object.__setattr__(self, name, quantity(text, "pressure" if name in ("foot", "calf", "thigh") else "duration"))
        if self.inflated >= self.period:
            raise problem("inflated must be shorter than the period; the chambers would never be let out")
        late = [name for name in ("foot", "calf", "thigh") if getattr(self, name) > 0.0 and getattr(self, f"{name}_delay") >= self.inflated]
        if late:
            raise problem(f"{late[0]}_delay must be shorter than inflated; the {late[0]}'s chamber would never fill")
        return self
