"""Curves of an activity over one cycle: joint angles, activation of each muscle group, load under the foot, arterial inflow.

Sources of every curve stand beside it in activities.toml. Walking at any speed is interpolated in v/√(gL), L the leg length, between
the three measured speeds (Schwartz 2008).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

LEG_LENGTH_FRACTION = 0.530  # greater trochanter, fraction of the stature (Drillis & Contini 1966)
_SOURCE_LEG_LENGTH = 0.90
PHASE = np.linspace(0.0, 1.0, 21)


@dataclass(frozen=True)
class Activity:
    """One cycle at 21 phases: angles [°], activation and load [body weights] by name, period [s], inflow as multiple of rest."""

    period: float
    inflow: float
    ankle: Array
    knee: Array
    activation: dict[str, Array]
    load: dict[str, Array]

    def at(self, curve: Array, phase: Array) -> Array:
        """The curve at phases of any real value (periodic, linear between the points)."""
        value: Array = np.interp(np.mod(phase, 1.0), PHASE, curve)
        return value


@cache
def _tables() -> dict[str, Any]:
    return tomllib.loads(files("calfpump.pump").joinpath("activities.toml").read_text(encoding="utf-8"))


def _activity(row: dict[str, Any], period: float | None = None) -> Activity:
    return Activity(
        period=float(period or row["period"]), inflow=float(row["inflow"]), ankle=np.array(row["ankle"]), knee=np.array(row["knee"]),
        activation={k: np.array(v) for k, v in row["activation"].items()}, load={k: np.array(v) for k, v in row["load"].items()},
    )  # fmt: skip


def _blend(a: Activity, b: Activity, w: float) -> Activity:
    def mix(x: Any, y: Any) -> Any:
        return (1 - w) * x + w * y

    return Activity(
        mix(a.period, b.period), mix(a.inflow, b.inflow), mix(a.ankle, b.ankle), mix(a.knee, b.knee),
        {k: mix(a.activation[k], b.activation[k]) for k in a.activation}, {k: mix(a.load[k], b.load[k]) for k in a.load},
    )  # fmt: skip


def tiptoe(rate: float) -> Activity:
    """A two-legged calf raise, ``rate`` raises per second [1/s]."""
    return _activity(_tables()["tiptoe"], 1.0 / rate)


def walk(speed: float, stature: float) -> Activity:
    """Level walking at ``speed`` [m/s] for a subject of ``stature`` [m]; outside 3.1-6 km/h (at .90 m leg length) the nearest speed's
    curves hold with their own period."""
    rows = sorted(_tables()["walk"].values(), key=lambda row: row["speed"])
    speeds = np.array([row["speed"] for row in rows])
    equivalent = speed * 3.6 * np.sqrt(_SOURCE_LEG_LENGTH / (LEG_LENGTH_FRACTION * stature))
    equivalent = float(np.clip(equivalent, speeds[0], speeds[-1]))
    k = int(np.clip(np.searchsorted(speeds, equivalent) - 1, 0, len(rows) - 2))
    w = (equivalent - speeds[k]) / (speeds[k + 1] - speeds[k])
    return _blend(_activity(rows[k]), _activity(rows[k + 1]), float(w))


def quiet_standing() -> Activity:
    """Standing on both feet at rest: half the body weight on each foot, 60 % heel, 8 % midfoot, 28 % forefoot (Cavanagh 1987); muscles silent."""
    zero: Array = np.zeros(21)
    muscles = _tables()["tiptoe"]["activation"]
    load: dict[str, Array] = {"heel": zero + 0.30, "midfoot": zero + 0.04, "forefoot": zero + 0.16}
    return Activity(1.0, 0.7, zero, zero, dict.fromkeys(muscles, zero), load)


def lying() -> Activity:
    """Lying at rest: nothing under the foot, muscles silent, resting inflow."""
    zero: Array = np.zeros(21)
    muscles = _tables()["tiptoe"]["activation"]
    return Activity(1.0, 1.0, zero, zero, dict.fromkeys(muscles, zero), dict.fromkeys(("heel", "midfoot", "forefoot"), zero))
