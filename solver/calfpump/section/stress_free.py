"""Stress-free sizes of veins that were measured filled.

Each is looked for by a secant in logarithms: the section is meshed with A0, filled to the pressure of the posture in all veins, bare and at
rest, and ln A0 moved by (ln A_measured − ln A) over the slope d ln A/d ln A0, one vein apart from the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from calfpump.anatomy.section_description import POSTURES
from calfpump.section.curves import Floats
from calfpump.section.errors import section_error
from calfpump.section.job import GRIDS, MMHG, Job
from calfpump.section.states import ActivationState
from calfpump.section.tissues import coefficients
from calfpump.section.trace import Trace

if TYPE_CHECKING:
    from calfpump.case.tissue import Tissue
    from calfpump.mesh import SectionMesh

#: A vein's area is met within this part of itself (its diameter within half of it).
TOLERANCE = 2e-3
ROUNDS = 8
#: A/A0 in the posture with which the search begins.
FIRST = {"standing": 1.3, "supine": 1.1}
#: Slopes d ln A/d ln A0 that are believed, and the least change of ln A0 from which one is told: meshes of almost one size differ by chance.
SLOPES, TELLING = (0.5, 1.5), 0.01


@dataclass(frozen=True)
class Measured:
    """A lumen's ``area`` [m²] in a ``posture`` of `POSTURES`."""

    posture: str
    area: float

    @property
    def diameter(self) -> float:
        """Of a circle of that area [m]."""
        return 2.0 * float(np.sqrt(self.area / np.pi))


def stress_free_areas(
    build: Callable[[Mapping[str, float]], SectionMesh], measured: Mapping[str, Measured], tissue: Tissue, progress: Callable[[str], None] | None = None
) -> dict[str, float]:
    """A0 [m²] of each vein in `measured`, such that the section that `build` meshes with them has the areas measured.

    Raises
    ------
    SectionError
        A vein cannot be brought to its size, or the section cannot be filled.
    DescriptionError
        There is no room for a vein.
    """
    tell = progress or (lambda line: None)
    names = tuple(measured)
    target: Floats = np.log([m.area for m in measured.values()])
    x: Floats = target - np.log([FIRST[m.posture] for m in measured.values()])
    slope: Floats = np.ones(len(x))
    x_old: Floats = np.full(len(x), np.nan)
    y_old = x_old
    for number in range(1, ROUNDS + 1):
        A0 = {name: float(area) for name, area in zip(names, np.exp(x), strict=True)}
        y = np.log(_filled(build(A0), measured, tissue))
        missing = target - y
        worst = int(np.abs(missing).argmax())
        tell(f"stress-free sizes, round {number}: {names[worst]} is {50.0 * missing[worst]:+.2f} % of its diameter short")
        if np.abs(missing).max() <= TOLERANCE:
            return A0
        with np.errstate(invalid="ignore"):
            new = np.clip((y - y_old) / (x - x_old), *SLOPES)
            slope = np.where(np.abs(x - x_old) > TELLING, new, slope)
        x_old, y_old = x, y
        x = x + missing / slope
    m, reached = measured[names[worst]], 2e3 * float(np.sqrt(np.exp(y[worst]) / np.pi))
    raise section_error(
        "the stress-free sizes",
        f"{names[worst]}, {1e3 * m.diameter:.2f} mm {m.posture}",
        f"{reached:.3f} mm are reached after {ROUNDS} rounds",
        hint='quality = "standard", or the stress-free size without a posture',
    )


def _filled(mesh: SectionMesh, measured: Mapping[str, Measured], tissue: Tissue) -> Floats:
    """Areas [m²] of the veins in `measured`, each in its posture."""
    postures = {m.posture for m in measured.values()}
    grid = replace(GRIDS["coarse"], highest=max(POSTURES[name] for name in postures) * MMHG)
    trace = Trace(Job(mesh, coefficients(mesh, tissue), None, ActivationState("rest", {}), grid), lambda line: None)
    trace.wear()
    found = trace.take(postures)
    return np.array([found[m.posture].areas[name] for name, m in measured.items()])
