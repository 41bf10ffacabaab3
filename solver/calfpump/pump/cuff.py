"""A pneumatic cuff's pressure in time, on every compartment under its chambers.

Uniform pressure H on tissue that keeps its volume raises every pressure inside by H and moves nothing (verified in the section), so a chamber enters
the flow as external pressure of the compartments and the skin's veins below it; a table of laws over cuff pressure would hold nothing new.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.case.cuff import Cuff

Array = NDArray[np.floating[Any]]

#: Chamber → compartments under it.
UNDER = {
    "foot": ("foot", "foot_dorsum"),
    "calf": ("soleus", "gastrocnemius", "deep_posterior", "anterior", "lateral", "subcutaneous"),
    "thigh": ("thigh", "thigh_skin"),
}


def chamber_pressure(cuff: Cuff, chamber: str, t: Array) -> Array:
    """Pressure [Pa] of a chamber at the times `t` [s], shape of `t`.

    p (1 − e^(−(t − delay)/τ)) from its delay on, τ = rise/3; from `inflated` on the pressure reached falls with e^(−t/fall), also into the next cycle.
    """
    p, delay, tau = getattr(cuff, chamber), getattr(cuff, f"{chamber}_delay"), cuff.rise / 3.0
    top = p * (1.0 - np.exp(-(cuff.inflated - delay) / tau))
    left = top * np.exp(-(cuff.period - cuff.inflated) / cuff.fall)
    now = t - cuff.start
    phase = np.where(now < 0.0, 0.0, now % cuff.period)
    over = np.where(now >= cuff.period, left * np.exp(-np.maximum(phase, 0.0) / cuff.fall), 0.0)
    filling = np.maximum(p * (1.0 - np.exp(-np.maximum(phase - delay, 0.0) / tau)), over)
    falling = top * np.exp(-np.maximum(phase - cuff.inflated, 0.0) / cuff.fall)
    return np.asarray(np.where(now < 0.0, 0.0, np.where(phase < cuff.inflated, filling, falling)))


def compartment_pressures(cuff: Cuff | None, t: Array) -> dict[str, Array]:
    """External pressure [Pa] that the cuff adds to each compartment at the times `t`; empty without a cuff."""
    if cuff is None:
        return {}
    return {space: chamber_pressure(cuff, chamber, t) for chamber, spaces in UNDER.items() if getattr(cuff, chamber) > 0.0 for space in spaces}
