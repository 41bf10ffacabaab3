"""The venous tree of one leg: vessels, valves, venular reservoirs and pump stages.

Heights follow the stature by the body-segment fractions of Drillis & Contini 1966; lengths, areas and volumes are those of
:mod:`calfpump.anatomy.veins`, with their sources. Everything here is geometry and naming: laws and flow are other packages' work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.anatomy import veins
from calfpump.anatomy.veins import NODE_HEIGHT, SEGMENT_TOP, SEGMENTS

Array = NDArray[np.floating[Any]]

STAGES = ("foot", "soleus", "gastrocnemius", "popliteal", "thigh", "groin")


@dataclass(frozen=True)
class LegVessel:
    """A vein, or a bundle of ``n`` parallel ones, from its distal to its proximal node.

    ``length`` [m]; ``A0`` [m²] stress-free lumen area of one vein; ``n`` number in parallel; ``section_veins`` names the veins of a
    leg section whose finite-element laws this vessel follows (empty: the algebraic law).
    """

    name: str
    distal: str
    proximal: str
    length: float
    A0: float
    n: float
    compartment: str | None
    section_veins: tuple[str, ...] = ()

    @property
    def V0(self) -> float:
        """Volume at the stress-free area, A0 n length [m³]."""
        return self.A0 * self.n * self.length


@dataclass(frozen=True)
class LegValve:
    """A venous valve at the fraction ``at`` of its vessel's length, opening towards the heart."""

    vessel: str
    at: float


@dataclass(frozen=True)
class LegBed:
    """A capillary bed with the venules behind it.

    ``inflow`` [m³/s] arterial flow, supine at rest; ``compliance`` [m³/Pa] of the venules; ``R_out`` [Pa s/m³] towards ``node``;
    ``exercising``: the bed shares in the hyperaemia of its muscle.
    """

    name: str
    node: str
    compartment: str
    inflow: float
    compliance: float
    V0: float
    R_out: float
    exercising: bool


@dataclass(frozen=True)
class StageParts:
    """The vessels and beds of one pump stage and the nodes at which blood crosses its surface."""

    name: str
    vessels: tuple[str, ...]
    beds: tuple[str, ...]
    distal: tuple[str, ...]
    proximal: tuple[str, ...]
    perforator: tuple[str, ...]


@dataclass(frozen=True)
class Leg:
    """The whole leg. ``height`` maps a node to the height climbed along foot, shank, thigh and trunk [m], shape (4,)."""

    stature: float
    vessels: tuple[LegVessel, ...]
    valves: tuple[LegValve, ...]
    beds: tuple[LegBed, ...]
    stages: tuple[StageParts, ...]
    height: dict[str, Array]

    def elevation(self, node: str) -> float:
        """Height of a node above the sole in standing [m]."""
        return float(self.height[node].sum())

    def vessel(self, name: str) -> LegVessel:
        """The vessel of that name.

        Raises
        ------
        KeyError
            No such vessel.
        """
        for vessel in self.vessels:
            if vessel.name == name:
                return vessel
        raise KeyError(f"no vessel '{name}' in the leg")


def segment_heights(height: float, stature: float) -> Array:
    """Split a height above the sole into what is climbed along foot, shank, thigh and trunk [m], shape (4,)."""
    top = np.array([SEGMENT_TOP[s] for s in SEGMENTS]) * stature
    bottom = np.concatenate([[0.0], top[:-1]])
    climbed: Array = np.clip(height, bottom, top) - bottom
    return climbed


def reference_leg(stature: float, section_area: dict[str, float] | None = None) -> Leg:
    """The healthy adult leg, scaled to ``stature`` [m].

    Lengths scale with the stature, areas do not. Where ``section_area`` gives the stress-free lumen area A0 [m²] of a section's
    vein, that area holds and the number of parallel veins is set so that the published total volume of the group is kept.
    """
    scale = stature / veins.REFERENCE_STATURE
    height = {node: segment_heights(f * stature, stature) for node, f in NODE_HEIGHT.items()}
    vessels = []
    for row in veins.VESSELS:
        length = row.length * scale
        A0, n = row.A0, row.n
        known = [section_area[v] for v in row.section_veins if section_area and v in section_area]
        if known:
            A0 = float(np.mean(known))
            n = row.n * row.A0 / A0 if row.keeps_volume else row.n
        vessels.append(LegVessel(row.name, row.distal, row.proximal, length, A0, n, row.compartment, row.section_veins))
    stages = tuple(StageParts(name, *veins.STAGE_PARTS[name]) for name in STAGES)
    valves = tuple(LegValve(vessel, at) for vessel, places in veins.VALVES.items() for at in places)
    beds = tuple(LegBed(*bed) for bed in veins.beds())
    return Leg(stature, tuple(vessels), valves, beds, stages, height)
