"""A leg section as it is described in a TOML file: outlines, bones, septa, regions and veins, without any mesh.

Files are in mm and degrees (``meshes/*.toml``); the objects here are in m and radians, x to the outer side, y to the front.
What can be judged without geometry is checked here, all problems of a file at once; whether curves cross and veins fit is checked
when the section is laid out (:mod:`calfpump.mesh.layout`).
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calfpump.case.errors import CaseError, Problem
from calfpump.case.locate import lines
from calfpump.case.origin import Origin

if TYPE_CHECKING:
    from calfpump.anatomy.own_section import Description

MM = 1e-3
COMPARTMENTS = (
    "soleus", "gastrocnemius", "deep_posterior", "anterior", "lateral", "thigh", "foot", "foot_dorsum", "popliteal", "joint", "sole", "subcutaneous",
)  # fmt: skip
HOSE_POINTS = ("B", "B1", "C", "D", "F", "G")
"""Measuring points of a hose (RAL-GZ 387): ankle, lower calf, largest girth of the calf, below the knee, mid-thigh, upper thigh."""
OUTER = ("subcutaneous", "sole")
"""Compartments between skin and fascia."""
TISSUES = ("muscle", "fat", "pad", "capsule")
POSTURES = {"standing": 60.0, "supine": 10.0}
"""Pressure in all veins [mmHg] that stands for a posture."""
FAT = "fat"

Points = NDArray[np.floating[Any]]


class DescriptionError(CaseError):
    """A section description that cannot be used: its `problems` say which entry, what is wrong and where."""


@dataclass(frozen=True, eq=False)
class Outline:
    """A named curve by the points it goes through, ``points`` (n, 2) m: a centripetal Catmull–Rom curve, closed or open."""

    name: str
    points: Points


@dataclass(frozen=True, eq=False)
class Septum(Outline):
    """An open curve whose first and last points lie on the curves named in ``ends``; without a ``membrane`` it only parts two tissues."""

    ends: tuple[str, str]
    membrane: bool = True


@dataclass(frozen=True)
class Region:
    """A part of the leg between fascia, bones and septa, found by the mark ``at`` (m) inside it; ``tissue`` is one of `TISSUES`."""

    name: str
    compartment: str
    muscles: tuple[str, ...]
    at: tuple[float, float]
    tissue: str = "muscle"


@dataclass(frozen=True)
class Vein:
    """A vein: an elliptic lumen in a wall of even thickness, in a loose sheath.

    ``centre`` m; ``area`` m² of the lumen, stress free, or as measured in a ``posture`` of `POSTURES`; ``ratio`` long by short axis; ``angle``
    rad of the long axis against x; ``wall`` and ``sheath`` thickness m (the sheath is thinned where there is less room).
    """

    name: str
    region: str
    centre: tuple[float, float]
    area: float
    ratio: float
    angle: float
    wall: float
    sheath: float
    source: str
    posture: str = ""

    @property
    def semi_axes(self) -> tuple[float, float]:
        """Long and short semi-axis [m]: a = √(A ratio/π), b = √(A/(π ratio))."""
        return math.sqrt(self.area * self.ratio / math.pi), math.sqrt(self.area / (math.pi * self.ratio))


@dataclass(frozen=True, eq=False)
class SectionDescription:
    """A whole section; ``origin`` says where each entry stands, for messages. ``sole``: two points (2, 2) m on the skin; the skin from
    the first counter-clockwise to the second is pressed by the ground. ``point``: whose pressure of a hose holds here, of `HOSE_POINTS`."""

    name: str
    title: str
    source: str
    origin: Origin
    skin: Outline
    fascia: Outline
    bones: tuple[Outline, ...]
    septa: tuple[Septum, ...]
    regions: tuple[Region, ...]
    veins: tuple[Vein, ...]
    sole: Points | None = None
    point: str = "C"

    def problem(self, key: str, what: str) -> DescriptionError:
        """The error for one entry of this description."""
        return problem(self.origin, key, what)

    def content(self) -> dict[str, Any]:
        """Everything that mesh and mechanics depend on, as plain numbers and texts: what a stored law is known by."""
        more: dict[str, Any] = {region.name: region.tissue for region in self.regions if region.tissue != "muscle"}
        more |= {septum.name: "border" for septum in self.septa if not septum.membrane}
        if self.sole is not None:
            more["sole"] = self.sole.tolist()
        if self.point != "C":
            more["point"] = self.point
        more |= postures(self.veins)
        return ({"more": more} if more else {}) | {
            "outlines": {curve.name: curve.points.tolist() for curve in (self.skin, self.fascia, *self.bones, *self.septa)},
            "ends": {septum.name: list(septum.ends) for septum in self.septa},
            "regions": {region.name: [region.compartment, *region.at] for region in self.regions},
            "veins": {vein.name: [vein.region, *vein.centre, vein.area, vein.ratio, vein.angle, vein.wall, vein.sheath] for vein in self.veins},
        }

    def compartment_of(self, region: str) -> str:
        """The compartment a region belongs to; fat is subcutaneous."""
        return "subcutaneous" if region == FAT else next(r.compartment for r in self.regions if r.name == region)


def postures(veins: Iterable[Vein]) -> dict[str, str]:
    """The veins that were measured in a posture, as part of a description's content."""
    return {f"posture of {vein.name}": vein.posture for vein in veins if vein.posture}


def problem(origin: Origin, key: str, what: str) -> DescriptionError:
    """The error for the entry at a dotted key, placed at its line."""
    return DescriptionError([origin.problem(tuple(key.split(".")), what) if key else Problem(origin.file, "", what)])


def load_description(name_or_path: str | Path) -> Description:
    """Read a section description: the name of a shipped one (``"mid_calf"``) or the path of a TOML file.

    A file with a table ``[image]`` or ``[mesh]`` describes a section that lies in another file.
    Raises `DescriptionError` with every problem of the file.
    """
    from calfpump.anatomy.own_section import parse_image, parse_mesh

    path = _find(name_or_path)
    try:
        text = path.read_text(encoding="utf-8")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise DescriptionError([Problem(str(path), "", f"cannot be read: {error}")]) from None
    except tomllib.TOMLDecodeError as error:
        raise DescriptionError([Problem(str(path), "", f"not valid TOML: {error}")]) from None
    origin = Origin(str(path), lines(text))
    if "image" in data:
        return parse_image(data, origin)
    return parse_mesh(data, origin) if "mesh" in data else parse_description(data, origin=origin)


def parse_description(data: dict[str, Any], file: str = "description", origin: Origin | None = None) -> SectionDescription:
    """The outlines held by a TOML document already read; ``origin`` or ``file`` tells messages where they stand."""
    from calfpump.anatomy.section_entries import Entries

    origin = origin or Origin(file)
    entries = Entries(data, origin)
    entries.head(("skin", "fascia", "bone", "septum", "border", "sole", "region", "vein"))
    skin = Outline("skin", entries.outline("skin"))
    fascia = Outline("fascia", entries.outline("fascia"))
    bones = tuple(Outline(name, entries.outline(f"bone.{name}")) for name in entries.table("bone"))
    septa = tuple(
        Septum(name, entries.outline(f"septum.{name}", least=2, extra=("ends",)), entries.ends(f"septum.{name}")) for name in entries.table("septum")
    ) + tuple(
        Septum(name, entries.outline(f"border.{name}", least=2, extra=("ends",)), entries.ends(f"border.{name}"), membrane=False)
        for name in entries.table("border")
    )
    regions = tuple(entries.region(name) for name in entries.table("region"))
    veins = tuple(entries.vein(name) for name in entries.table("vein"))
    section = SectionDescription(
        name=entries.text("name"), title=entries.text("title"), source=entries.text("source"), origin=origin, skin=skin,
        fascia=fascia, bones=bones, septa=septa, regions=regions, veins=veins, sole=entries.sole(), point=entries.hose_point(),
    )  # fmt: skip
    _cross_check(section, entries.complain)
    entries.finish()
    return section


def _cross_check(section: SectionDescription, complain: Any) -> None:
    """Names that refer to other entries must exist."""
    check_regions(section.regions, complain)
    names = [FAT, *(region.name for region in section.regions)]
    for vein in section.veins:
        if vein.region not in names:
            complain(f"vein.{vein.name}.region", unknown("region", vein.region, names))
    curves = ["skin", "fascia", *(bone.name for bone in section.bones), *(septum.name for septum in section.septa)]
    for septum in section.septa:
        for end in septum.ends:
            if end not in curves or end == septum.name:
                kind = "septum" if septum.membrane else "border"
                complain(f"{kind}.{septum.name}.ends", unknown("curve", end, [c for c in curves if c != septum.name]))
    if len(set(curves)) < len(curves):
        complain("septum", f"bones, septa, borders, skin and fascia need different names, there are {', '.join(sorted(curves))}")


def check_regions(regions: tuple[Region, ...], complain: Any) -> None:
    """Compartments and tissues must exist."""
    for region in regions:
        if region.compartment not in COMPARTMENTS:
            complain(f"region.{region.name}.compartment", unknown("compartment", region.compartment, COMPARTMENTS))
        if region.tissue not in TISSUES:
            complain(f"region.{region.name}.tissue", unknown("tissue", region.tissue, TISSUES))


def unknown(kind: str, name: str, known: list[str] | tuple[str, ...]) -> str:
    """A sentence on a name that does not exist, with its best match or all that exist."""
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"unknown {kind} {name!r}; " + (f"did you mean {close[0]!r}?" if close else f"there are {', '.join(known)}")


def _find(name_or_path: str | Path) -> Path:
    """The file of a path, or of a shipped description's name."""
    path = Path(name_or_path)
    if path.suffix == ".toml":
        if not path.is_file():
            raise DescriptionError([Problem(str(path), "", "no such section description")])
        return path
    from calfpump.case.shipped import shipped

    folder = shipped("meshes")
    found = folder / f"{name_or_path}.toml"
    if not found.is_file():
        known = sorted(file.stem for file in folder.glob("*.toml"))
        raise DescriptionError([Problem("", "section.description", unknown("section", str(name_or_path), known))])
    return found
