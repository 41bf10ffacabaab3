"""Entry by entry reading of a section description's TOML tables, from mm and degrees to SI, with every problem kept."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np

from calfpump.anatomy.section_description import HOSE_POINTS, MM, POSTURES, DescriptionError, Points, Region, Vein, unknown
from calfpump.case.errors import Problem
from calfpump.case.origin import Origin

VEIN_KEYS = ("region", "centre", "area", "diameter", "posture", "ratio", "angle", "wall", "sheath", "source")
_HEAD = ("schema", "name", "title", "source", "point")
#: Tables that may be left out.
_OPTIONAL = ("bone", "septum", "border", "sole", "vein", "curve")


class Entries:
    """Reads one document; problems pile up until `finish` raises them together."""

    def __init__(self, data: dict[str, Any], origin: Origin) -> None:
        self.data = data
        self.origin = origin
        self.problems: list[Problem] = []

    def complain(self, key: str, what: str) -> None:
        """Keep one problem."""
        self.problems.append(self.origin.problem(tuple(key.split(".")), what))

    def head(self, tables: tuple[str, ...]) -> None:
        """The file's format and the tables that it may hold."""
        self.only("", self.data, (*_HEAD, *tables))
        if self.data.get("schema") != 1:
            self.complain("schema", f"must be 1, not {self.data.get('schema')!r}")

    def hose_point(self) -> str:
        """The measuring point of a hose at the section's level; C if the file does not say."""
        point = self.data.get("point", "C")
        if point not in HOSE_POINTS:
            self.complain("point", unknown("measuring point of a hose", str(point), HOSE_POINTS))
        return str(point)

    def beside(self, name: str) -> Path:
        """A path written in the file, relative to the file's folder."""
        return (Path(self.origin.file).parent / Path(name).expanduser()).resolve()

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
        if key not in _OPTIONAL or here is not None:
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
        listed = table.get("points")
        points = self._from_csv(key, listed) if isinstance(listed, str) else _coordinates(listed)
        if points is None or len(points) < least:
            if not isinstance(listed, str):
                self.complain(f"{key}.points", f"must be a list of at least {least} points [x, y] in mm, or the name of a CSV file")
            elif points is not None:
                self.complain(f"{key}.points", f"{listed} holds {len(points)} points; at least {least} are needed")
            return np.zeros((0, 2))
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        if np.any(steps < 1e-6):
            self.complain(f"{key}.points", f"point {int(np.argmin(steps)) + 2} repeats the one before it")
        if least >= 3:
            self._closable(key, points, steps)
        return points

    def _from_csv(self, key: str, name: str) -> Points | None:
        """Points [m] from a CSV file of two columns x, y in mm; a first line that is no numbers is taken for their names."""
        file = self.beside(name)
        try:
            rows = list(csv.reader(file.read_text(encoding="utf-8").splitlines()))
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            self.complain(f"{key}.points", f"cannot read {file}: {reason}")
            return None
        points: list[list[float]] = []
        for number, row in enumerate(rows, start=1):
            try:
                x, y = (float(value) for value in row)
                if not (math.isfinite(x) and math.isfinite(y)):
                    raise ValueError
            except ValueError:
                if number > 1 and any(value.strip() for value in row):
                    self.problems.append(Problem(f"{file}:{number}", f"{key}.points", f"must be two numbers x, y in mm, not {','.join(row)}"))
                    return None
                continue
            points.append([x, y])
        return np.asarray(points, dtype=np.float64).reshape(-1, 2) * MM

    def sole(self) -> Points | None:
        """The two ends [m] of the sole, (2, 2)."""
        if "sole" not in self.data:
            return None
        table = self.table("sole")
        self.only("sole", table, ("from", "to"))
        return np.asarray([self.point(table, "from", "sole."), self.point(table, "to", "sole.")])

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

    def region(self, name: str, extra: tuple[str, ...] = (), marked: bool = True) -> Region:
        """One ``[region.<name>]``, ``marked`` by a point inside it or not."""
        table, prefix = self.table(f"region.{name}"), f"region.{name}."
        self.only(f"region.{name}", table, ("compartment", "tissue", "muscles", "at", *extra))
        muscles = table.get("muscles", [])
        if not (isinstance(muscles, list) and all(isinstance(muscle, str) for muscle in muscles)):
            self.complain(f"{prefix}muscles", "must be a list of names")
            muscles = []
        tissue = self.text("tissue", table, prefix) if "tissue" in table else "fat" if table.get("compartment") == "subcutaneous" else "muscle"
        at = self.point(table, "at", prefix) if marked else (0.0, 0.0)
        return Region(name, self.text("compartment", table, prefix), tuple(muscles), at, tissue)

    def vein(self, name: str) -> Vein:
        """One ``[vein.<name>]``."""
        table, prefix = self.table(f"vein.{name}"), f"vein.{name}."
        self.only(f"vein.{name}", table, VEIN_KEYS)
        return Vein(
            name=name,
            region=self.text("region", table, prefix),
            centre=self.point(table, "centre", prefix),
            area=self.lumen(table, prefix),
            ratio=self.number(table, "ratio", prefix, 1.0, 4.0),
            angle=math.radians(self.number(table, "angle", prefix, -180.0, 180.0)),
            wall=self.number(table, "wall", prefix, 0.05, 2.0) * MM,
            sheath=self.number(table, "sheath", prefix, 0.2, 5.0) * MM,
            source=self.text("source", table, prefix),
            posture=self.posture(table, prefix),
        )

    def posture(self, table: dict[str, Any], prefix: str) -> str:
        """The posture in which a vein's size was measured; "" for the stress-free size."""
        posture = table.get("posture", "")
        if posture and posture not in POSTURES:
            self.complain(f"{prefix}posture", unknown("posture", str(posture), tuple(POSTURES)) + "; left out for a stress-free size")
        return str(posture)

    def lumen(self, table: dict[str, Any], prefix: str) -> float:
        """Lumen area [m²] from ``area`` or from the ``diameter`` of a circle of that area."""
        if ("area" in table) == ("diameter" in table):
            self.complain(f"{prefix}area", "area in mm² or diameter in mm is needed" + (", not both" if "area" in table else ""))
            return MM**2
        if "area" in table:
            return self.number(table, "area", prefix, 0.5, 400.0) * MM**2
        return math.pi * (0.5 * self.number(table, "diameter", prefix, 0.8, 23.0) * MM) ** 2


def _coordinates(value: Any) -> Points | None:
    """(n, 2) coordinates in m from a list of pairs in mm, or nothing."""
    try:
        points = np.asarray(value, dtype=np.float64) * MM
    except (TypeError, ValueError):
        return None
    return points if points.ndim == 2 and points.shape[1] == 2 and bool(np.all(np.isfinite(points))) else None
