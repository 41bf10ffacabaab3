"""What one activation state needs to be computed, and what comes out of it: plain data that go between processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from calfpump.law.section_laws import DeformedSection
from calfpump.section.states import ActivationState
from calfpump.section.tissues import Coefficients

if TYPE_CHECKING:
    from calfpump.mesh import SectionMesh

Floats = npt.NDArray[np.float64]

MMHG = 133.322387415


@dataclass(frozen=True)
class WornHose:
    """The hose at this section: nominal mean `pressure` [Pa] at rest, static stiffness dp/dL [Pa/m], `mode` "sliding" or "uniform"."""

    pressure: float
    stiffness: float
    mode: str


@dataclass(frozen=True)
class Grid:
    """Area ratios α visited from one `down` and `up`, and the pressures p − p_c [Pa] at which a vein stops."""

    down: tuple[float, ...]
    up: tuple[float, ...]
    lowest: float = -150.0 * MMHG
    highest: float = 120.0 * MMHG
    ramp_step: float = 0.04


#: quality → area ratios. Steps are finer where opposite walls meet (α about .25), where the law has its kink.
GRIDS = {
    "coarse": Grid(
        (0.95, 0.88, 0.78, 0.66, 0.54, 0.43, 0.34, 0.28, 0.25, 0.235, 0.22, 0.2, 0.175, 0.15, 0.125, 0.1, 0.08, 0.065, 0.05, 0.04),
        (1.07, 1.16, 1.3, 1.45, 1.65, 1.9, 2.2),
    ),
    "standard": Grid(
        (0.97, 0.93, 0.87, 0.8, 0.72, 0.64, 0.56, 0.48, 0.41, 0.35, 0.3, 0.27, 0.25, 0.24, 0.23, 0.22, 0.21, 0.2, 0.185, 0.17, 0.155,
         0.14, 0.125, 0.11, 0.095, 0.08, 0.07, 0.06, 0.05, 0.04),
        (1.04, 1.1, 1.18, 1.28, 1.4, 1.55, 1.7, 1.9, 2.1, 2.3),
        ramp_step=0.03,
    ),
}  # fmt: skip
GRIDS["fine"] = GRIDS["standard"]


@dataclass(frozen=True)
class Job:
    """One activation state of one section; `pictures` asks for deformed sections to draw."""

    mesh: SectionMesh
    coefficients: Coefficients
    hose: WornHose | None
    state: ActivationState
    grid: Grid
    pictures: bool = False


@dataclass
class Curves:
    """Laws along one march, points in order of increasing α.

    `alpha` (n,) common ratio asked for; `areas`, `pressures`, `conductances` (n, veins) [m², Pa, m⁴]; `compartments` (n, c) mean pressures [Pa];
    `ramp` (r,) part of the full shortening and `ramp_pressures` (r, c) with veins at A0; `reached` (veins, 2) range of α really computed.
    """

    veins: tuple[str, ...]
    names: tuple[str, ...]
    alpha: Floats
    areas: Floats
    pressures: Floats
    conductances: Floats
    compartments: Floats
    ramp: Floats
    ramp_pressures: Floats
    reached: Floats
    girth: float
    hose_pressure: float
    about: dict[str, object] = field(default_factory=dict)
    pictures: tuple[DeformedSection, ...] = ()
