"""Clinical indices of a run: ankle pressure, plethysmographic volumes, refill.

Definitions (Christopoulos 1987; Nicolaides): VV is the calf's volume in quiet standing above that in the preceding lying posture
(elevated where the protocol has it, else supine); EV its fall in the first tiptoe, EF = EV/VV; RV what the calf holds above the
lying volume at the end of the tiptoes, RVF = RV/VV; VFI = .9 VV/t90 of the filling on standing up. Ambulatory pressure is the least
cycle mean of the ankle pressure during exercise, RT90 the time from the end of exercise to the return of 90 % of the fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.anatomy.leg import Leg
from calfpump.case import Case
from calfpump.pump.protocol import Episode

Array = NDArray[np.floating[Any]]

GRAVITY = 9.81
PLATEAU = 0.1  # last fraction of a row at rest that counts as its plateau


@dataclass(frozen=True)
class Index:
    """A named index with its value in SI and its dimension as :mod:`calfpump.case.units` calls it."""

    name: str
    value: float
    dimension: str


def hydrostatic_pressure(case: Case, leg: Leg, node: str) -> float:
    """p_RA + ρ g h of quiet standing at a node, h its depth below the right atrium [Pa]."""
    depth = leg.elevation("atrium") - leg.elevation(node)
    return case.flow.right_atrial_pressure + case.flow.density * GRAVITY * depth


def mean(t: Array, y: Array, begin: float, end: float) -> float:
    """Time mean of y over [begin, end] by the trapezoidal rule."""
    times = np.concatenate([[begin], t[(t > begin) & (t < end)], [end]])
    return float(np.trapezoid(np.interp(times, t, y), times) / (end - begin))


def plateau(t: Array, y: Array, row: Episode) -> float:
    """Mean of y over the last tenth of a row."""
    return mean(t, y, row.end - PLATEAU * (row.end - row.begin), row.end)


def pressure_indices(case: Case, leg: Leg, rows: tuple[Episode, ...], t: Array, ankle: Array) -> list[Index]:
    """Ankle pressure standing, in exercise and after it."""
    found: list[Index] = []
    standing = next((row for row in rows if row.posture == "stand" and not row.exercise), None)
    if standing is None:
        return found
    p0 = plateau(t, ankle, standing)
    found.append(Index("ankle pressure standing", p0, "pressure"))
    for k, row in enumerate(rows):
        if not row.exercise or row.posture != "stand":
            continue
        cycles = [mean(t, ankle, float(a), float(b)) for a, b in zip(row.cycles[:-1], row.cycles[1:], strict=True)]
        after = rows[k + 1] if k + 1 < len(rows) and not rows[k + 1].exercise and rows[k + 1].posture == "stand" else None
        least = min([*cycles, _least_after(t, ankle, after)] if after else cycles)
        found += [
            Index(f"ankle pressure {row.label}", cycles[-1], "pressure"),
            Index(f"fall of ankle pressure {row.label}", p0 - least, "pressure"),
        ]
        if after:
            back = _time_back(t, ankle, after, p0, 0.9)
            found.append(Index(f"ankle pressure after {row.label}", plateau(t, ankle, after), "pressure"))
            found.append(Index(f"refill time RT90 after {row.label}", back, "duration"))
    found.append(Index("hydrostatic ankle pressure", hydrostatic_pressure(case, leg, "dorsum"), "pressure"))
    return found


def _least_after(t: Array, y: Array, row: Episode) -> float:
    """Least one-second mean in the first two seconds of rest, where a cannula reads the result of the exercise."""
    return min(mean(t, y, row.begin + s, row.begin + s + 1.0) for s in (0.0, 0.5, 1.0) if row.begin + s + 1.0 <= row.end)


def _time_back(t: Array, y: Array, row: Episode, goal: float, share: float) -> float:
    now = (t >= row.begin) & (t <= row.end)
    times, values = t[now], y[now]
    # Refill counts from the lowest pressure at rest; the muscle's own pulse dies out within the first second.
    start = int(np.argmin(np.where(times < row.begin + 2.0, values, np.inf)))
    level = values[start] + share * (goal - values[start])
    reached = np.nonzero(values[start:] >= level)[0]
    return float(times[start + reached[0]] - row.begin) if reached.size else float("nan")


def volume_indices(rows: tuple[Episode, ...], t: Array, V: Array) -> list[Index]:
    """Plethysmographic indices from the calf's venous volume V [m³]."""
    found: list[Index] = []
    for k, row in enumerate(rows[1:], start=1):
        before = rows[k - 1]
        if row.posture == "stand" and not row.exercise and before.posture in ("supine", "elevate"):
            lying, upright = plateau(t, V, before), plateau(t, V, row)
            VV = upright - lying
            filled = np.nonzero((t >= row.begin) & (lying + 0.9 * VV <= V))[0]
            found.append(Index("venous volume VV", VV, "volume"))
            if filled.size:
                found.append(Index("venous filling index VFI", 0.9 * VV / (t[filled[0]] - row.begin), "flow"))
            later = next((r for r in rows[k + 1 :] if r.exercise and r.label.startswith("tiptoe")), None)
            if later is not None and rows.index(later) == k + 1:
                found += _tiptoe_indices(t, V, later, upright, lying)
            return found
    return found


def _tiptoe_indices(t: Array, V: Array, row: Episode, upright: float, lying: float) -> list[Index]:
    VV = upright - lying
    first = (t >= row.cycles[0]) & (t <= row.cycles[1])
    last = (t >= row.cycles[-2]) & (t <= row.cycles[-1])
    EV = upright - float(V[first].min())
    RV = float(V[last].min()) - lying
    return [
        Index("ejected volume EV", EV, "volume"),
        Index("ejection fraction EF", EV / VV, "fraction"),
        Index("residual volume RV", RV, "volume"),
        Index("residual volume fraction RVF", RV / VV, "fraction"),
    ]
