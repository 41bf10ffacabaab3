"""From the protocol's rows to signals in time: posture, shortening of each muscle, pressures on the veins, resistance of each bed."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.anatomy import muscles
from calfpump.anatomy.leg import Leg
from calfpump.case import Case
from calfpump.flow import Signals
from calfpump.pump import activities, cuff
from calfpump.pump.activities import Activity

Array = NDArray[np.floating[Any]]

DT = 0.01  # s, sampling of the signals: a hundredth of the fastest cycle
VENULAR_DROP = 5 * muscles.MMHG  # between venules and right atrium, supine at rest: sets the arterial resistances only
TILT = 3.0  # s, time in which a posture is taken up
ONSET, DECAY = 15.0, 20.0  # s, hyperaemia of exercising muscle (starting values of the 0D study; assumption)

# Sine of the elevation of foot, shank, thigh and trunk: the elevated leg of air plethysmography has -.4 (leg up, trunk flat).
POSTURE = {"stand": (1.0, 1.0, 1.0, 1.0), "supine": (0.0, 0.0, 0.0, 0.0), "elevate": (-0.4, -0.4, -0.4, 0.0)}

# External pressure on veins outside the finite-element section, from load and activation (assumptions: the peaks of walking come out
# at about 80 mmHg in the foot, 40 in the thigh and 20 behind the knee).
FOOT_PRESSURE_PER_BODY_WEIGHT = 160 * muscles.MMHG
FOOT_PRESSURE_PER_ACTIVATION = 180 * muscles.MMHG
ARCH_SHARE_OF_FOREFOOT = 0.3
THIGH_PRESSURE_PER_ACTIVATION = 160 * muscles.MMHG
POPLITEAL_PRESSURE_PER_ACTIVATION = 57 * muscles.MMHG

MUSCLE_GROUPS = {
    "soleus": "soleus", "gastrocnemius": "gastrocnemius", "anterior": "tibialis_anterior", "lateral": "peroneals",
}  # fmt: skip


@dataclass(frozen=True)
class Episode:
    """One row of the protocol in time: its label, posture, activity, begin and end [s], and the times between its cycles [s]."""

    label: str
    posture: str
    activity: Activity
    begin: float
    end: float
    cycles: Array
    exercise: bool


def episodes(case: Case) -> tuple[Episode, ...]:
    """The protocol's rows one after another, with the beginnings of their cycles (a row at rest is one cycle)."""
    rows: list[Episode] = []
    t = 0.0
    for row in case.protocol:
        if row.do == "tiptoe":
            activity, length = activities.tiptoe(row.rate), row.times / row.rate
            cycles = t + np.arange(row.times + 1) / row.rate
        elif row.do == "walk":
            activity = activities.walk(row.speed, case.subject.stature)
            n = max(1, int(np.floor(row.duration / activity.period + 1e-9)))
            length, cycles = row.duration, t + np.arange(n + 1) * activity.period
        else:
            activity = activities.quiet_standing() if row.do == "stand" else activities.lying()
            length, cycles = row.duration, np.array([t, t + row.duration])
        posture = row.do if row.do in POSTURE else "stand"
        same = sum(e.label.split(" #")[0] == row.do for e in rows)
        label = row.do if same == 0 else f"{row.do} #{same + 1}"
        rows.append(Episode(label, posture, activity, t, t + length, cycles, row.do in ("tiptoe", "walk")))
        t += length
    return tuple(rows)


def _postures(t: Array, rows: tuple[Episode, ...]) -> Array:
    """Sines of the segments' elevation (nt, 4); a new posture is reached by a cosine ramp of TILT seconds."""
    w: Array = np.tile(np.array(POSTURE[rows[0].posture]), (t.size, 1))
    for before, row in pairwise(rows):
        if row.posture != before.posture:
            ramp = 0.5 - 0.5 * np.cos(np.pi * np.clip((t - row.begin) / TILT, 0.0, 1.0))
            step = np.array(POSTURE[row.posture]) - np.array(POSTURE[before.posture])
            w = w + ramp[:, None] * step
    return w


def _lagged(t: Array, target: Array, start: float) -> Array:
    """First-order lag dy/dt = (target − y)/τ with τ = ONSET rising, DECAY falling; the vessels' response to the muscle's demand."""
    y = np.empty_like(target)
    value = start
    rise, fall = 1 - np.exp(-DT / ONSET), 1 - np.exp(-DT / DECAY)
    for i, goal in enumerate(target):
        value += (goal - value) * (rise if goal > value else fall)
        y[i] = value
    return y


def _muscle_factor(inflow: float, leg: Leg) -> float:
    """Inflow of exercising muscle as multiple of rest, such that the whole leg's multiple is ``inflow`` while skin and foot stay at 1."""
    muscle = sum(bed.inflow for bed in leg.beds if bed.exercising)
    total = sum(bed.inflow for bed in leg.beds)
    return max(1.0, (inflow * total - (total - muscle)) / muscle)


def signals(case: Case, leg: Leg, rows: tuple[Episode, ...]) -> Signals:
    """All signals of the protocol on a grid of DT.

    Values: ``shortening.<muscle>`` [-]; ``pressure.<compartment>`` [Pa] external pressure; ``resistance.<bed>`` [Pa s/m³];
    ``right_atrium`` [Pa]. Posture (nt, 4).
    """
    end = rows[-1].end
    t: Array = np.multiply(DT, np.arange(int(np.ceil(end / DT)) + 2))
    ankle, knee = np.zeros(t.size), np.zeros(t.size)
    activation: dict[str, Array] = {m: np.zeros(t.size) for m in rows[0].activity.activation}
    load: dict[str, Array] = {k: np.zeros(t.size) for k in ("heel", "midfoot", "forefoot")}
    muscle_goal, resting = np.ones(t.size), np.ones(t.size)
    for row in rows:
        now = (t >= row.begin) & ((t < row.end) | (row is rows[-1]))
        phase: Array = np.divide(t[now] - row.begin, row.activity.period)
        at = row.activity.at
        ankle[now], knee[now] = at(row.activity.ankle, phase), at(row.activity.knee, phase)
        for name, curve in row.activity.activation.items():
            activation[name][now] = at(curve, phase)
        for name, curve in row.activity.load.items():
            load[name][now] = at(curve, phase)
        upright = activities.quiet_standing().inflow if row.posture == "stand" and not row.exercise else 1.0
        resting[now] = upright
        muscle_goal[now] = _muscle_factor(row.activity.inflow, leg) if row.exercise else upright
    values: dict[str, Array] = {}
    for muscle, source in MUSCLE_GROUPS.items():
        values[f"shortening.{muscle}"] = muscles.shortening(muscle, ankle, knee, activation[source])
    values["shortening.deep_posterior"] = muscles.DEEP_SHARE * values["shortening.soleus"]
    values |= {f"pressure.{muscle}": np.full(t.size, p) for muscle, p in muscles.RESTING_PRESSURE.items()}
    values |= _other_pressures(case, t, activation, load)
    for space, pressure in cuff.compartment_pressures(case.cuff, t).items():
        values[f"pressure.{space}"] = values[f"pressure.{space}"] + pressure
    muscle_factor = _lagged(t, muscle_goal, float(muscle_goal[0]))
    rest_factor = _lagged(t, resting, float(resting[0]))
    drive = case.flow.arterial_pressure - case.flow.right_atrial_pressure - VENULAR_DROP
    for bed in leg.beds:
        factor = muscle_factor if bed.exercising else rest_factor
        resistance: Array = np.divide(drive, bed.inflow * case.flow.inflow_factor * factor)
        values[f"resistance.{bed.name}"] = resistance
    values["right_atrium"] = np.full(t.size, case.flow.right_atrial_pressure)
    return Signals(t=t, values=values, posture=_postures(t, rows))


def _other_pressures(case: Case, t: Array, activation: dict[str, Array], load: dict[str, Array]) -> dict[str, Array]:
    hose = case.hose.pressure if case.hose is not None else {}
    long_hose = case.hose is not None and case.hose.length == "thigh"
    foot, thigh = hose.get("B", 0.0), hose.get("F", 0.0) if long_hose else 0.0
    arch = load["midfoot"] + ARCH_SHARE_OF_FOREFOOT * load["forefoot"]
    sole = FOOT_PRESSURE_PER_BODY_WEIGHT * arch + FOOT_PRESSURE_PER_ACTIVATION * activation["foot_intrinsics"]
    thigh_muscles = THIGH_PRESSURE_PER_ACTIVATION * (activation["quadriceps"] + activation["hamstrings"])
    return {
        "pressure.foot": foot + sole,
        "pressure.foot_dorsum": np.full(t.size, foot),
        "pressure.popliteal": POPLITEAL_PRESSURE_PER_ACTIVATION * activation["gastrocnemius"],
        "pressure.thigh": thigh + thigh_muscles,
        "pressure.thigh_skin": np.full(t.size, thigh),
        "pressure.subcutaneous": np.zeros(t.size),
        "pressure.pelvis": np.zeros(t.size),
    }
