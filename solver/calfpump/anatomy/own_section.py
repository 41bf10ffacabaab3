"""A section that lies in another file: a labelled image, or a mesh. What its description says; reading it is the mesh builder's work.

Descriptions are TOML files as those of outlines are, with a table ``[image]`` or ``[mesh]`` in place of outlines. Lengths in mm.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calfpump.anatomy.own_entries import OwnEntries
from calfpump.anatomy.section_description import (
    MM,
    DescriptionError,
    Region,
    SectionDescription,
    Vein,
    check_regions,
    postures,
    problem,
    unknown,
)
from calfpump.case.origin import Origin

UNITS = {"m": 1.0, "cm": 1e-2, "mm": MM}
IMAGES = (".png", ".nii", ".nii.gz")
#: Wall [mm] of a vein in an image whose entry does not give it: a deep or a saphenous vein's (textbook, as in mid_calf.toml).
DEEP_WALL, SAPHENOUS_WALL = 0.3, 0.45


@dataclass(frozen=True, eq=False)
class OwnSection:
    """What images and meshes have in common: names, regions, veins, the file they lie in."""

    name: str
    title: str
    source: str
    origin: Origin
    path: Path
    regions: tuple[Region, ...]
    point: str

    def problem(self, key: str, what: str) -> DescriptionError:
        """The error for one entry of this description."""
        return problem(self.origin, key, what)

    def compartment_of(self, region: str) -> str:
        """The compartment a region belongs to."""
        return next(r.compartment for r in self.regions if r.name == region)

    def digests(self) -> list[str]:
        """SHA-256 of the file, and of the data file of an XDMF mesh."""
        files = [self.path, *(p for p in (self.path.with_suffix(".h5"),) if self.path.suffix == ".xdmf" and p.is_file())]
        return [hashlib.sha256(file.read_bytes()).hexdigest() for file in files]


@dataclass(frozen=True, eq=False)
class Label:
    """What one value of an image stands for: ``kind`` "region", "bone" or "vein", and its name."""

    kind: str
    name: str


@dataclass(frozen=True, eq=False)
class ImageSection(OwnSection):
    """A labelled image. ``labels`` value (a number, or ``#rrggbb``) → what it is; ``background`` the value outside the leg.

    ``voxel`` (x, y) m or None (NIfTI: from its header); ``slice`` of a volume; ``mirror`` turns a left leg into a right one; ``smooth`` m is the
    σ of the filter along the borders, ``spacing`` m between the points kept of them, ``speck`` m² the largest island given to its neighbours.
    ``veins`` too small to be seen; ``lumens`` shape and wall of veins that are labels, by name.
    """

    labels: dict[str, Label]
    background: str
    voxel: tuple[float, float] | None
    slice: int | None
    mirror: bool
    smooth: float | None
    spacing: float | None
    speck: float
    veins: tuple[Vein, ...]
    lumens: dict[str, Vein]

    def content(self) -> dict[str, Any]:
        """Everything that mesh and mechanics depend on."""
        return {
            "image": self.digests(),
            "labels": {value: [label.kind, label.name] for value, label in self.labels.items()},
            "how": [self.point, self.background, self.voxel, self.slice, self.mirror, self.smooth, self.spacing, self.speck],
            "regions": {r.name: [r.compartment, r.tissue] for r in self.regions},
            "veins": {v.name: [v.region, *v.centre, v.area, v.ratio, v.angle, v.wall, v.sheath] for v in (*self.veins, *self.lumens.values())},
        } | postures((*self.veins, *self.lumens.values()))


@dataclass(frozen=True, eq=False)
class MeshSection(OwnSection):
    """A mesh in a format that meshio reads. ``unit`` m per its unit of length; ``data`` the cell data with the regions' numbers, or None.

    ``names`` name here → names (or numbers, as text) in the mesh, for regions, ``wall_<vein>``, ``sheath_<vein>``, ``bone_<name>`` and
    curves; ``bones`` name → a point (m) in a hole of the mesh.
    """

    unit: float
    data: str | None
    names: dict[str, tuple[str, ...]]
    bones: dict[str, tuple[float, float]]
    sources: dict[str, str]

    def content(self) -> dict[str, Any]:
        """Everything that mesh and mechanics depend on."""
        return {
            "mesh": self.digests(),
            "how": [self.point, self.unit, self.data, {name: list(found) for name, found in self.names.items()}, {k: list(v) for k, v in self.bones.items()}],
            "regions": {r.name: [r.compartment, r.tissue] for r in self.regions},
        }


Description = SectionDescription | ImageSection | MeshSection


def parse_image(data: dict[str, Any], origin: Origin) -> ImageSection:
    """The description of a labelled image; raises `DescriptionError` with every problem."""
    entries = OwnEntries(data, origin)
    entries.head(("image", "label", "region", "vein"))
    table = entries.table("image")
    entries.only("image", table, ("file", "voxel", "slice", "mirror", "background", "smooth", "spacing", "speck"))
    path = entries.file("image.file", table, IMAGES)
    regions = tuple(entries.region(name, marked=False) for name in entries.table("region"))
    check_regions(regions, entries.complain)
    labels = {value: _label(entries, value, regions) for value in entries.table("label")}
    voxel = table.get("voxel")
    size = None
    if voxel is not None:
        pair = voxel if isinstance(voxel, list) else [voxel, voxel]
        if len(pair) != 2 or not all(isinstance(v, (int, float)) and not isinstance(v, bool) and 0.01 <= v <= 5.0 for v in pair):
            entries.complain("image.voxel", f"must be the size of a voxel in mm, [x, y], each from 0.01 to 5, not {voxel!r}")
        else:
            size = (float(pair[0]) * MM, float(pair[1]) * MM)
    elif path.suffix == ".png":
        entries.complain("image.voxel", "is needed for a PNG, which does not know its scale: the size of a voxel in mm, such as [0.3, 0.3]")
    seen = {label.name for label in labels.values() if label.kind == "vein"}
    known = [region.name for region in regions]
    veins, lumens = [], {}
    for name in entries.table("vein"):
        vein = entries.image_vein(name, known, labelled=name in seen)
        if name in seen:
            lumens[name] = vein
        else:
            veins.append(vein)
    for name in seen - set(lumens):
        lumens[name] = entries.image_vein(name, known, labelled=True)
    section = ImageSection(
        name=entries.text("name"), title=entries.text("title"), source=entries.text("source"), origin=origin, path=path, regions=regions,
        point=entries.hose_point(),
        labels=labels, background=str(table.get("background", "0")).lower(), voxel=size, slice=entries.whole(table, "slice", "image."),
        mirror=entries.flag(table, "mirror", "image."), smooth=entries.length(table, "smooth", "image.", 0.0, 10.0),
        spacing=entries.length(table, "spacing", "image.", 0.1, 10.0),
        speck=(entries.number(table, "speck", "image.", 0.0, 100.0) if "speck" in table else 2.0) * MM**2, veins=tuple(veins), lumens=lumens,
    )  # fmt: skip
    entries.finish()
    return section


def _label(entries: OwnEntries, value: str, regions: tuple[Region, ...]) -> Label:
    """One ``[label.<value>]``: region, bone or vein."""
    table, key = entries.table(f"label.{value}"), f"label.{value}"
    entries.only(key, table, ("region", "bone", "vein"))
    found = [(kind, table[kind]) for kind in ("region", "bone", "vein") if isinstance(table.get(kind), str)]
    if len(found) != 1:
        entries.complain(key, 'needs one of region = "…", bone = "…", vein = "…"')
        return Label("region", "")
    kind, name = found[0]
    names = [region.name for region in regions]
    if kind == "region" and name not in names:
        entries.complain(f"{key}.region", unknown("region", name, names))
    return Label(kind, name)


def parse_mesh(data: dict[str, Any], origin: Origin) -> MeshSection:
    """The description of an imported mesh; raises `DescriptionError` with every problem."""
    entries = OwnEntries(data, origin)
    entries.head(("mesh", "region", "vein", "bone", "curve"))
    table = entries.table("mesh")
    entries.only("mesh", table, ("file", "unit", "data"))
    path = entries.file("mesh.file", table, ())
    unit = table.get("unit")
    if unit not in UNITS:
        entries.complain("mesh.unit", f'is needed, the unit of the mesh\'s lengths: "m", "cm" or "mm", not {unit!r}')
    regions = tuple(entries.region(name, ("names",), marked=False) for name in entries.table("region"))
    check_regions(regions, entries.complain)
    names = {region.name: entries.names(f"region.{region.name}", "names") for region in regions}
    bones, sources = {}, {}
    for name in entries.table("bone"):
        found = entries.table(f"bone.{name}")
        entries.only(f"bone.{name}", found, ("names", "at"))
        names[f"bone_{name}"] = entries.names(f"bone.{name}", "names")
        if "at" in found:
            bones[name] = entries.point(found, "at", f"bone.{name}.")
    for name in entries.table("vein"):
        found = entries.table(f"vein.{name}")
        entries.only(f"vein.{name}", found, ("wall", "sheath", "lumen", "source"))
        sources[name] = entries.text("source", found, f"vein.{name}.") if "source" in found else "the imported mesh"
        for part in ("wall", "sheath", "lumen"):
            names[f"{part}_{name}"] = entries.names(f"vein.{name}", part)
    known = ("skin", "fascia", "septum", "border", "sole")
    for name in entries.table("curve"):
        if name not in known:
            entries.complain(f"curve.{name}", unknown("curve", name, known))
        names[name] = entries.names("curve", name)
    section = MeshSection(
        name=entries.text("name"), title=entries.text("title"), source=entries.text("source"), origin=origin, path=path, regions=regions,
        point=entries.hose_point(),
        unit=UNITS.get(unit, 1.0) if isinstance(unit, str) else 1.0, data=entries.text("data", table, "mesh.") if "data" in table else None,
        names={name: found for name, found in names.items() if found}, bones=bones, sources=sources,
    )  # fmt: skip
    entries.finish()
    return section


def default_wall(region: Region | None) -> float:
    """Wall thickness [mm] of a vein whose entry gives none."""
    return SAPHENOUS_WALL if region is not None and region.compartment == "subcutaneous" else DEEP_WALL
