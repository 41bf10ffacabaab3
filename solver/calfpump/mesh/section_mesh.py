"""The mesh of a leg section as plain arrays, with names for its regions and curves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.mesh.curve import area

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class VeinSpec:
    """A vein as meshed, in SI: ``area`` of the lumen, ``sheath`` as thick as there was room for.

    With a ``posture`` the mesh has the size measured in it, and is good for looking at alone: the stress-free size is yet to be found.
    """

    name: str
    region: str
    compartment: str
    centre: tuple[float, float]
    area: float
    ratio: float
    angle: float
    wall: float
    sheath: float
    source: str
    posture: str = ""


@dataclass(frozen=True, eq=False)
class SectionMesh:
    """A conforming triangle mesh of a section; lumens and bones are holes.

    ``points`` (n, 2) m; ``triangles`` (m, 3) counter-clockwise, ``cell_tags`` (m,); ``facets`` (k, 2), ``facet_tags`` (k,).
    ``regions``: fat, the muscle regions, wall_<vein>, sheath_<vein>. ``curves``: skin, fascia, septum, bone_<name>, lumen_<vein>.
    ``compartments`` gives the compartment of each muscle region and of fat, ``tissues`` the tissue of those that are no muscle.
    ``girth`` m is the tape's reading round the skin, ``point`` the measuring point (RAL-GZ 387) whose pressure a hose has here.
    """

    name: str
    resolution: str
    girth: float
    points: Floats
    triangles: Ints
    cell_tags: Ints
    facets: Ints
    facet_tags: Ints
    regions: dict[str, int]
    curves: dict[str, int]
    compartments: dict[str, str]
    veins: tuple[VeinSpec, ...]
    tissues: dict[str, str] = field(default_factory=dict)
    point: str = "C"

    def tissue_of(self, region: str) -> str:
        """What a region other than a wall or a sheath is made of; if nothing says so, muscle, or fat under the skin."""
        return self.tissues.get(region, "fat" if self.compartments.get(region) == "subcutaneous" else "muscle")

    def areas(self) -> Floats:
        """Areas of the triangles [m²], (m,)."""
        p = self.points[self.triangles]
        u, v = p[:, 1] - p[:, 0], p[:, 2] - p[:, 0]
        return np.asarray(0.5 * (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]))

    def region_area(self, name: str) -> float:
        """Area of a region [m²]."""
        return float(np.sum(self.areas()[self.cell_tags == self.regions[name]]))

    def compartment_area(self, compartment: str) -> float:
        """Area of a compartment's tissue [m²], its veins' walls, sheaths and lumens left out."""
        return sum(self.region_area(region) for region, name in self.compartments.items() if name == compartment)

    def curve_facets(self, name: str) -> Ints:
        """The facets (k, 2) of a curve."""
        return np.asarray(self.facets[self.facet_tags == self.curves[name]])

    def closed_curve(self, name: str) -> Ints:
        """Nodes of a closed curve in order, counter-clockwise; raises `ValueError` if it is not one closed loop."""
        after: dict[int, list[int]] = {}
        for a, b in ((int(a), int(b)) for a, b in self.curve_facets(name)):
            after.setdefault(a, []).append(b)
            after.setdefault(b, []).append(a)
        if not after or any(len(both) != 2 for both in after.values()):
            raise ValueError(f"{name} is not a closed curve")
        loop = [min(after)]
        previous, here = loop[0], after[loop[0]][0]
        while here != loop[0]:
            loop.append(here)
            step = after[here]
            previous, here = here, step[0] if step[1] == previous else step[1]
        if len(loop) != len(after):
            raise ValueError(f"{name} is more than one closed curve")
        order = np.asarray(loop, dtype=np.int32)
        return order if area(self.points[order]) > 0.0 else order[::-1].copy()

    def lumen_area(self, vein: str) -> float:
        """Area of a vein's lumen polygon [m²]."""
        return area(self.points[self.closed_curve(f"lumen_{vein}")])
