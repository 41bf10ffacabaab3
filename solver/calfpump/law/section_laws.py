"""All laws of one leg section under one hose: its veins', its compartments', and how they came about."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.law.compartment import CompartmentLaw
from calfpump.law.lumen_shape import LumenShape
from calfpump.law.tube_law import TubeLaw

Array = NDArray[Any]

_TUBE = ("alpha", "s", "f", "G", "alpha_fe")
_SPACE = ("s", "ratio", "p_c")
_SHAPE = ("alpha", "p", "depth", "width", "touching", "dents", "gap")


@dataclass(frozen=True)
class DeformedSection:
    """A deformed state of the section, to be drawn: ``points`` (n, 2) [m] in the deformed place, ``triangles`` (m, 3), ``region`` (m,) tag of each
    triangle, ``regions`` name → tag, ``lumens`` vein → (k, 2) outline [m], ``pressure`` vein → blood pressure [Pa], ``label`` in words."""

    section: str
    label: str
    points: Array
    triangles: Array
    region: Array
    regions: Mapping[str, int]
    lumens: Mapping[str, Array]
    pressure: Mapping[str, float]
    fields: Mapping[str, Array] = field(default_factory=dict)


@dataclass(frozen=True)
class SectionLaws:
    """Laws of a section: ``veins``, ``compartments`` and the veins' ``shapes`` at rest by name, mean ``hose_pressure`` [Pa] and ``girth`` [m]
    at rest, ``provenance`` (JSON: quality, states, iterations, where relaxation acted, timings) and a few deformed ``pictures``."""

    section: str
    veins: Mapping[str, TubeLaw]
    compartments: Mapping[str, CompartmentLaw]
    hose_pressure: float
    girth: float
    shapes: Mapping[str, LumenShape] = field(default_factory=dict)
    provenance: Mapping[str, Any] = field(default_factory=dict)
    pictures: tuple[DeformedSection, ...] = ()

    def save(self, path: Path) -> None:
        """Write everything into one .npz file."""
        arrays: dict[str, Any] = {}
        for vein, law in self.veins.items():
            arrays |= {f"vein/{vein}/{a}": getattr(law, a) for a in _TUBE}
        for name, space in self.compartments.items():
            arrays |= {f"compartment/{name}/{a}": getattr(space, a) for a in _SPACE}
        for vein, shape in self.shapes.items():
            arrays |= {f"shape/{vein}/{a}": getattr(shape, a) for a in _SHAPE}
        for k, picture in enumerate(self.pictures):
            arrays |= {f"picture/{k}/{a}": getattr(picture, a) for a in ("points", "triangles", "region")}
            arrays |= {f"picture/{k}/lumen/{vein}": outline for vein, outline in picture.lumens.items()}
            arrays |= {f"picture/{k}/field/{name}": values for name, values in picture.fields.items()}
        about = {
            "section": self.section, "hose_pressure": self.hose_pressure, "girth": self.girth, "provenance": dict(self.provenance),
            "A0": {vein: law.A0 for vein, law in self.veins.items()}, "compartments": list(self.compartments), "shapes": list(self.shapes),
            "pictures": [{"label": p.label, "regions": dict(p.regions), "pressure": dict(p.pressure)} for p in self.pictures],
        }  # fmt: skip
        np.savez_compressed(path, about=np.array(json.dumps(about)), **arrays)

    @classmethod
    def load(cls, path: Path) -> SectionLaws:
        """Read what `save` wrote.

        Raises
        ------
        OSError, ValueError, KeyError
            The file is not there, or not one of these.
        """
        with np.load(path) as file:
            held = {name: file[name] for name in file.files}
        about = json.loads(str(held.pop("about")))
        veins = {v: TubeLaw(v, A0, **{a: held[f"vein/{v}/{a}"] for a in _TUBE}) for v, A0 in about["A0"].items()}
        spaces = {c: CompartmentLaw(c, **{a: held[f"compartment/{c}/{a}"] for a in _SPACE}) for c in about["compartments"]}
        shapes = {v: LumenShape(**{a: held[f"shape/{v}/{a}"] for a in _SHAPE}) for v in about["shapes"]}
        pictures = tuple(_picture(about["section"], k, row, held) for k, row in enumerate(about["pictures"]))
        return cls(about["section"], veins, spaces, about["hose_pressure"], about["girth"], shapes, about["provenance"], pictures)

    def remarks(self) -> list[str]:
        """Where the laws are not what finite elements computed, in words: snaps made to rise, marches that ended early."""
        found = [str(snap) for snap in self.provenance.get("snaps", ())]
        for state in self.provenance.get("states", ()):
            found += [f"{self.section}, {state['state']}: no equilibrium beyond {end}; the laws are extended from there" for end in state["ended"]]
        return found

    def export(self, folder: Path) -> None:
        """Write ``<section>.npz`` and the tables of :mod:`calfpump.law.export`."""
        from calfpump.law.export import export

        folder.mkdir(parents=True, exist_ok=True)
        self.save(folder / f"{self.section}.npz")
        export(self, folder)


def _picture(section: str, k: int, row: Mapping[str, Any], held: Mapping[str, Array]) -> DeformedSection:
    def below(part: str) -> dict[str, Array]:
        prefix = f"picture/{k}/{part}/"
        return {name.removeprefix(prefix): values for name, values in held.items() if name.startswith(prefix)}

    points, triangles, region = (held[f"picture/{k}/{a}"] for a in ("points", "triangles", "region"))
    return DeformedSection(section, row["label"], points, triangles, region, row["regions"], below("lumen"), row["pressure"], below("field"))
