"""What one activation state needs to be computed, and what comes out of it: plain data that go between processes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from calfpump.law.section_laws import DeformedSection
from calfpump.section.curves import Floats
from calfpump.section.states import ActivationState
from calfpump.section.tissues import Coefficients

if TYPE_CHECKING:
    from calfpump.mesh import SectionMesh

MMHG = 133.322387415


@dataclass(frozen=True)
class WornHose:
    """The hose at this section: nominal mean `pressure` [Pa] at rest, static stiffness dp/dL [Pa/m], `mode` "sliding", "bonded" or
    "uniform"; `pads` (angle [rad], width [m], height [m]) and `arcs` (angle, width [rad]) pressed on."""

    pressure: float
    stiffness: float
    mode: str
    pads: tuple[tuple[float, float, float], ...] = ()
    arcs: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Grid:
    """Area ratios α visited from one `down` and `up`, the pressures p − p_c [Pa] at which a vein stops, and the parts
    of a contraction's full shortening in which it is put on."""

    down: tuple[float, ...]
    up: tuple[float, ...]
    lowest: float = -150.0 * MMHG
    highest: float = 120.0 * MMHG
    ramp: tuple[float, ...] = (0.04, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0)


#: quality → area ratios. Steps are finer where opposite walls meet (α about .25), where the law has its kink.
GRIDS = {
    "coarse": Grid(
        (0.96, 0.91, 0.84, 0.75, 0.65, 0.54, 0.44, 0.35, 0.29, 0.255, 0.24, 0.225, 0.21, 0.195, 0.18, 0.165, 0.15, 0.137, 0.125, 0.114,
         0.104, 0.095, 0.086, 0.077, 0.068, 0.06, 0.05, 0.04),
        (1.06, 1.14, 1.26, 1.42, 1.62, 1.9, 2.2),
    ),
    "standard": Grid(
        (0.97, 0.93, 0.88, 0.82, 0.75, 0.67, 0.59, 0.51, 0.43, 0.36, 0.3, 0.27, 0.25, 0.24, 0.23, 0.22, 0.21, 0.2, 0.19, 0.18, 0.17, 0.16,
         0.15, 0.14, 0.13, 0.12, 0.112, 0.104, 0.096, 0.089, 0.082, 0.076, 0.07, 0.064, 0.058, 0.052, 0.046, 0.04),
        (1.04, 1.1, 1.18, 1.28, 1.4, 1.55, 1.7, 1.9, 2.1, 2.3),
    ),
}  # fmt: skip
GRIDS["fine"] = GRIDS["finest"] = GRIDS["standard"]


@dataclass(frozen=True)
class Job:
    """One activation state of one section; `pictures` asks for deformed sections to draw; `sole` [Pa] presses on the sole.

    Steps of its march are kept in the folder `keep`, if there is one, and read from there.
    """

    mesh: SectionMesh
    coefficients: Coefficients
    hose: WornHose | None
    state: ActivationState
    grid: Grid
    pictures: bool = False
    sole: float = 0.0
    keep: Path | None = None


@dataclass(frozen=True)
class Posture:
    """The section at rest with one pressure in all veins: `girth` [m], `hose` pressure [Pa], lumen `areas` [m²] by vein, mean `pressures` [Pa] by
    compartment."""

    girth: float
    hose: float
    areas: dict[str, float]
    pressures: dict[str, float]


@dataclass
class Curves:
    """Laws along one march, points in order of increasing α.

    `alpha` (n,) common ratio asked for; `areas`, `pressures`, `conductances` (n, veins) [m², Pa, m⁴]; `diameters` (n, veins, 2) transverse and
    antero-posterior [m]; `touching` (n, veins) whether opposite walls touch; `dents` (n, veins) of the lumens' outlines, `gaps` (n, veins) least ones
    between opposite walls near one another [m]; `compartments` (n, c) mean pressures [Pa];
    `ramp` (r,) part of the full shortening and `ramp_pressures` (r, c) with veins at A0, `ramp_girth` [m], `ramp_hose` [Pa] (r,); `postures`, with one
    pressure in all veins; `reached` (veins, 2) range of α really computed.
    """

    veins: tuple[str, ...]
    names: tuple[str, ...]
    alpha: Floats
    areas: Floats
    pressures: Floats
    conductances: Floats
    diameters: Floats
    touching: NDArray[np.bool_]
    dents: NDArray[np.int64]
    gaps: Floats
    compartments: Floats
    ramp: Floats
    ramp_pressures: Floats
    reached: Floats
    girth: float
    hose_pressure: float
    about: dict[str, object] = field(default_factory=dict)
    pictures: tuple[DeformedSection, ...] = ()
    ramp_girth: Floats | None = None
    ramp_hose: Floats | None = None
    postures: dict[str, Posture] = field(default_factory=dict)
