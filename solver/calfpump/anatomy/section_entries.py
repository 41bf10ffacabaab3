"""Entry by entry reading of a section description's TOML tables, from mm and degrees to SI, with every problem kept."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from calfpump.anatomy.section_description import MM, DescriptionError, Points, Region, Vein, unknown
from calfpump.case.errors import Problem

_VEIN_KEYS = ("region", "centre", "area", "ratio", "angle", "wall", "sheath", "source")


class Entries:
    """Reads one document; problems pile up until `finish` raises them together."""

    def __init__(self, data: dict[str, Any], file: str) -> None:
        self.data = data
        self.file = file
        self.problems: list[Problem] = []

    def complain(self, key: str, what: str) -> None:
        """Keep one problem."""
        self.problems.append(Problem(self.file, key, what))

    def finish(self) -> None:
        """Raise `DescriptionError` if anything was wrong."""
        if self.problems:
            raise DescriptionError(self.problems)

    def table(self, key: str) -> dict[str, Any]:
        """The table at a dotted key; an empty one, with a problem, if it is not there."""
        here: Any = self.data
        for part in key.split("."):
            here = here.get(part) if isinstance(here, dict) else None
        if isinstance(here, dict):
            return here
        if key not in ("bone", "septum"):
            self.complain(key, "missing table")
        return {}

    def only(self, key: str, table: dict[str, Any], known: tuple[str, ...]) -> None:
        """Refuse keys that mean nothing."""
        for name in table:
            if name not in known:
                self.complain(f"{key}.{name}".strip("."), unknown("key", name, known))

    def text(self, key: str, table: dict[str, Any] | None = None, prefix: str = "") -> str:
        """A string."""
        value = (self.data if table is None else table).get(key)
        if not isinstance(value, str):
            self.complain(f"{prefix}{key}", "must be a text")
            return ""
        return value

    def number(self, table: dict[str, Any], key: str, prefix: str, low: float, high: float) -> float:
        """A number within [low, high]."""
        value = table.get(key)
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not low <= value <= high:
            self.complain(f"{prefix}{key}", f"must be a number from {low:g} to {high:g}, not {value!r}")
            return low
        return float(value)

    def point(self, table: dict[str, Any], key: str, prefix: str) -> tuple[float, float]:
        """A pair of coordinates [m]."""
        pair = _coordinates([table.get(key)])
        if pair is None:
            self.complain(f"{prefix}{key}", f"must be [x, y] in mm, not {table.get(key)!r}")
            return 0.0, 0.0
        return float(pair[0, 0]), float(pair[0, 1])

    def outline(self, key: str, least: int = 3, extra: tuple[str, ...] = ()) -> Points:
        """The points of a curve [m], (n, 2)."""
        table = self.table(key)
        self.only(key, table, ("points", *extra))
        points = _coordinates(table.get("points"))
        if points is None or len(points) < least:
            self.complain(f"{key}.points", f"must be a list of at least {least} points [x, y] in mm")
            return np.zeros((0, 2))
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        if np.any(steps < 1e-6):
            self.complain(f"{key}.points", f"point {int(np.argmin(steps)) + 2} repeats the one before it")
        if least >= 3:
            self._closable(key, points, steps)
        return points

    def _closable(self, key: str, points: Points, steps: Points) -> None:
        """A closed outline: its last point must lead back to the first one without a jump."""
        back = float(np.linalg.norm(points[0] - points[-1]))
        if back < 1e-6:
            self.complain(f"{key}.points", "the last point repeats the first one; outlines are closed by themselves")
        elif back > 4.0 * float(np.max(steps)):
            self.complain(
                f"{key}.points",
                f"open outline: {back / MM:.1f} mm from its last point back to the first, while its other steps are "
                f"{float(np.max(steps)) / MM:.1f} mm or less; points are missing",
            )

    def ends(self, key: str) -> tuple[str, str]:
        """The names of the curves a septum ends on."""
        value = self.table(key).get("ends")
        if not (isinstance(value, list) and len(value) == 2 and all(isinstance(name, str) for name in value)):
            self.complain(f"{key}.ends", "must name the two curves the septum ends on")
            return "fascia", "fascia"
        return value[0], value[1]

    def region(self, name: str) -> Region:
        """One ``[region.<name>]``."""
        table, prefix = self.table(f"region.{name}"), f"region.{name}."
        self.only(f"region.{name}", table, ("compartment", "muscles", "at"))
        muscles = table.get("muscles", [])
        if not (isinstance(muscles, list) and all(isinstance(muscle, str) for muscle in muscles)):
            self.complain(f"{prefix}muscles", "must be a list of names")
            muscles = []
        return Region(name, self.text("compartment", table, prefix), tuple(muscles), self.point(table, "at", prefix))

    def vein(self, name: str) -> Vein:
        """One ``[vein.<name>]``."""
        table, prefix = self.table(f"vein.{name}"), f"vein.{name}."
        self.only(f"vein.{name}", table, _VEIN_KEYS)
        return Vein(
            name=name,
            region=self.text("region", table, prefix),
            centre=self.point(table, "centre", prefix),
            area=self.number(table, "area", prefix, 0.5, 400.0) * MM**2,
            ratio=self.number(table, "ratio", prefix, 1.0, 4.0),
            angle=math.radians(self.number(table, "angle", prefix, -180.0, 180.0)),
            wall=self.number(table, "wall", prefix, 0.05, 2.0) * MM,
            sheath=self.number(table, "sheath", prefix, 0.2, 5.0) * MM,
            source=self.text("source", table, prefix),
        )


def _coordinates(value: Any) -> Points | None:
    """(n, 2) coordinates in m from a list of pairs in mm, or nothing."""
    try:
        points = np.asarray(value, dtype=np.float64) * MM
    except (TypeError, ValueError):
        return None
    return points if points.ndim == 2 and points.shape[1] == 2 and bool(np.all(np.isfinite(points))) else None
