"""Entries of descriptions whose section lies in an image or a mesh."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from calfpump.anatomy.section_description import MM, Vein, unknown
from calfpump.anatomy.section_entries import VEIN_KEYS, Entries

#: What a vein in an image has if its entry does not say so: round, in a sheath of 1 mm.
ROUND, SHEATH = 1.0, 1.0


class OwnEntries(Entries):
    """Reads the tables ``[image]``, ``[label]``, ``[mesh]`` and what they change in the others."""

    def file(self, key: str, table: dict[str, Any], endings: tuple[str, ...]) -> Path:
        """A file named under a key, which must exist and, where ``endings`` are given, have one of them."""
        name = table.get("file")
        if not isinstance(name, str) or not name:
            self.complain(key, "must be the path of a file, relative to this one")
            return Path()
        path = self.beside(name)
        if endings and not any(path.name.lower().endswith(end) for end in endings):
            self.complain(key, f"{name} is none of {', '.join(endings)}")
        elif not path.is_file():
            self.complain(key, f"there is no file {path}")
        return path

    def names(self, key: str, entry: str) -> tuple[str, ...]:
        """A name or number, or a list of them, as texts; nothing where the entry is not there."""
        value = self.table(key).get(entry, [])
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(v, (str, int)) and not isinstance(v, bool) for v in values):
            self.complain(f"{key}.{entry}", f"must be a name or number of the mesh, or a list of them, not {value!r}")
            return ()
        return tuple(str(v) for v in values)

    def whole(self, table: dict[str, Any], key: str, prefix: str) -> int | None:
        """A whole number from 0, or None where it is not there."""
        value = table.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or value < 0):
            self.complain(f"{prefix}{key}", f"must be a whole number from 0, not {value!r}")
            return None
        return value

    def flag(self, table: dict[str, Any], key: str, prefix: str) -> bool:
        """true or false, false where it is not there."""
        value = table.get(key, False)
        if not isinstance(value, bool):
            self.complain(f"{prefix}{key}", f"must be true or false, not {value!r}")
        return value is True

    def length(self, table: dict[str, Any], key: str, prefix: str, low: float, high: float) -> float | None:
        """A length [m] given in mm, or None where it is not there."""
        return self.number(table, key, prefix, low, high) * MM if key in table else None

    def image_vein(self, name: str, regions: list[str], labelled: bool) -> Vein:
        """One ``[vein.<name>]`` of an image: where it has no label of its own, region, place and size; wall and sheath may be left out."""
        table = self.data.get("vein", {}).get(name, {})
        prefix = f"vein.{name}."
        self.only(f"vein.{name}", table, ("wall", "sheath", "source", "posture") if labelled else VEIN_KEYS)
        region = table.get("region", "")
        if not labelled and region not in regions:
            self.complain(f"{prefix}region", unknown("region", str(region), regions))
        full = {"ratio": ROUND, "angle": 0.0, "sheath": SHEATH} | table
        wall = self.number(full, "wall", prefix, 0.05, 2.0) * MM if "wall" in table else 0.0
        return Vein(
            name=name, region=str(region), centre=(0.0, 0.0) if labelled else self.point(table, "centre", prefix),
            area=0.0 if labelled else self.lumen(table, prefix), ratio=self.number(full, "ratio", prefix, 1.0, 4.0),
            angle=math.radians(self.number(full, "angle", prefix, -180.0, 180.0)), wall=wall,
            sheath=self.number(full, "sheath", prefix, 0.2, 5.0) * MM, source=str(table.get("source", "the image")),
            posture=self.posture(table, prefix),
        )  # fmt: skip
