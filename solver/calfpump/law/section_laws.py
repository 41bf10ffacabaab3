"""All laws of one leg section under one hose: its veins', its compartments', and how they came about."""

from __future__ import annotations

import csv
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
_SHAPE = ("alpha", "p", "depth", "width", "touching")


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

    def export(self, folder: Path) -> None:
        """Write ``<section>.npz``, and for users of other codes ``<section>-veins.csv`` (p − p_c, A, c, G), ``<section>-compartments.csv``
        and ``<section>-shapes.csv`` (diameters at rest)."""
        folder.mkdir(parents=True, exist_ok=True)
        self.save(folder / f"{self.section}.npz")
        with open(folder / f"{self.section}-veins.csv", "w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file)
            lines.writerow(("vein", "shortening [1]", "A/A0 [1]", "A [mm2]", "p - p_c [mmHg]", "c [m/s]", "G [mm4]", "computed"))
            for vein, law in self.veins.items():
                lines.writerows(_vein_rows(vein, law))
        with open(folder / f"{self.section}-compartments.csv", "w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file)
            lines.writerow(("compartment", "shortening [1]", "veins' A/A0 [1]", "p_c [mmHg]"))
            for name, space in self.compartments.items():
                for k, s in enumerate(space.s):
                    lines.writerows((name, f"{s:.4f}", f"{r:.4f}", f"{space.p_c[k, j] / MMHG:.4f}") for j, r in enumerate(space.ratio))
        with open(folder / f"{self.section}-shapes.csv", "w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file)
            lines.writerow(("vein", "A/A0 [1]", "p [mmHg]", "antero-posterior diameter [mm]", "transverse diameter [mm]", "walls touch"))
            for name, shape in self.shapes.items():
                for a, p, depth, width, touching in zip(shape.alpha, shape.p, shape.depth, shape.width, shape.touching, strict=True):
                    row = (f"{a:.5f}", f"{p / MMHG:.4f}", f"{1e3 * depth:.4f}", f"{1e3 * width:.4f}", "yes" if touching else "no")
                    lines.writerow((name, *row))


MMHG, RHO = 133.322387415, 1060.0


def _vein_rows(vein: str, law: TubeLaw) -> list[tuple[str, ...]]:
    """One row per point; the wave speed is c = √(α/ρ df/dα), ρ = 1060 kg/m³."""
    rows: list[tuple[str, ...]] = []
    for k, s in enumerate(law.s):
        c = np.sqrt(np.maximum(law.alpha * np.gradient(law.f[k], law.alpha) / RHO, 0.0))
        low, high = law.alpha_fe[k]
        for j, a in enumerate(law.alpha):
            inside = "yes" if low - 1e-9 <= a <= high + 1e-9 else "no"
            point = (f"{a:.5f}", f"{a * law.A0 * 1e6:.5f}", f"{law.f[k, j] / MMHG:.4f}", f"{c[j]:.4f}", f"{law.G[k, j] * 1e12:.6g}")
            rows.append((vein, f"{s:.4f}", *point, inside))
    return rows


def _picture(section: str, k: int, row: Mapping[str, Any], held: Mapping[str, Array]) -> DeformedSection:
    def below(part: str) -> dict[str, Array]:
        prefix = f"picture/{k}/{part}/"
        return {name.removeprefix(prefix): values for name, values in held.items() if name.startswith(prefix)}

    points, triangles, region = (held[f"picture/{k}/{a}"] for a in ("points", "triangles", "region"))
    return DeformedSection(section, row["label"], points, triangles, region, row["regions"], below("lumen"), row["pressure"], below("field"))
