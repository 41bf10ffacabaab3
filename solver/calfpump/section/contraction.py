"""One contraction as a user asks for it: each muscle by its shortening, or by the pressure inside it, which is met by a secant on the shortening.

The pressures of the driven muscles depend on all their shortenings, for septa and fascia pass them on: Broyden's method (1965) from a Jacobian that one
small step of each muscle gives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from calfpump.law.section_laws import DeformedSection
from calfpump.section import measure
from calfpump.section.curves import Floats
from calfpump.section.errors import section_error
from calfpump.section.job import GRIDS, MMHG, Job
from calfpump.section.march import March
from calfpump.section.states import ActivationState, by_region
from calfpump.section.tissues import coefficients
from calfpump.section.trace import Trace
from calfpump.section.wearing import WHOLE_LEG, refuse_folds

if TYPE_CHECKING:
    from calfpump.case.tissue import Tissue
    from calfpump.mesh import SectionMesh
    from calfpump.section.job import WornHose

#: Shortening with which a muscle that has a target begins, the step that tells its influence, and the largest that muscle can do (Maganaris 1998: 27-30 %).
FIRST, PROBE, LARGEST = 0.03, 0.004, 0.3
#: Largest change of a shortening in one solve; pressures are met within TOLERANCE [Pa], or the share of it, in at most ROUNDS.
STEP, TOLERANCE, SHARE, ROUNDS = 0.015, 0.05 * MMHG, 1e-3, 12


@dataclass(frozen=True)
class Contraction:
    """A contracted section: `shortening` by muscle driven; `pressure` [Pa] of every compartment and muscle region at rest and contracted;
    `girth` [m] and mean `hose` pressure [Pa], each (rest, contracted)."""

    section: str
    shortening: dict[str, float]
    pressure: dict[str, tuple[float, float]]
    girth: tuple[float, float]
    hose: tuple[float, float]
    picture: DeformedSection


class _Muscles:
    """The section as a function of the shortenings of the muscles named."""

    def __init__(self, trace: Trace, names: tuple[str, ...]) -> None:
        self.trace, self.names = trace, names
        self.now: Floats = np.zeros(len(names))

    def to(self, shortening: Floats) -> Floats:
        """Pressures [Pa] in the named muscles at these shortenings, reached in steps with the veins at A0."""
        trace, begin = self.trace, self.now
        parts = max(1, int(np.ceil(float(np.abs(shortening - begin).max(initial=0.0)) / STEP)))

        def apply(t: float) -> None:
            now = dict(zip(self.names, begin + t * (shortening - begin), strict=True))
            trace.system.bulk.contract(by_region(trace.job.mesh, now))

        march = March(
            trace.equilibrium, 0.0, lambda t: trace._controls(1.0), name="contraction", apply=apply, step_limit=WHOLE_LEG, relax=True
        )
        for k in range(parts):
            march.to((k + 1) / parts)
            refuse_folds(trace.equilibrium, march, (k + 1) / parts)
        self.now = shortening.copy()
        return measure.compartment_pressures(trace.equilibrium, trace.job.mesh, self.names)


def contract(
    mesh: SectionMesh,
    tissue: Tissue,
    worn: WornHose | None,
    shortening: Mapping[str, float],
    target: Mapping[str, float],
    *,
    quality: str = "standard",
    sole: float = 0.0,
    progress: Callable[[str], None] | None = None,
) -> Contraction:
    """Contract muscles (regions or compartments of `mesh`) to their `shortening`, or to the pressure `target` [Pa] inside them; others stay silent.

    Raises
    ------
    SectionError
        A state could not be reached, or a pressure lies below what the neighbours press upon a muscle or above what it can do.
    """
    tell = progress or (lambda line: None)
    trace = Trace(Job(mesh, coefficients(mesh, tissue), worn, ActivationState("rest", {}), GRIDS[quality], sole=sole), tell)
    trace.wear()
    names = (*shortening, *target)
    everything = tuple(dict.fromkeys([*trace.names, *(r for r in mesh.compartments if mesh.tissue_of(r) == "muscle")]))

    def look() -> tuple[Floats, float, float]:
        e = trace.equilibrium
        return measure.compartment_pressures(e, mesh, everything), measure.girth(e), measure.hose_pressure(e)

    rest = look()
    muscles = _Muscles(trace, names)
    fixed = np.array([*shortening.values(), *(0.0 for _ in target)])
    found = _meet(muscles, fixed, np.array(list(target.values())), len(shortening), tell)
    done = look()
    return Contraction(
        mesh.name, dict(zip(names, (float(e) for e in found), strict=True)),
        {name: (float(a), float(b)) for name, a, b in zip(everything, rest[0], done[0], strict=True)}, (rest[1], done[1]), (rest[2], done[2]),
        measure.deformed(trace.equilibrium, mesh, "contracted, veins at A0"),
    )  # fmt: skip


def _meet(muscles: _Muscles, start: Floats, target: Floats, first: int, tell: Callable[[str], None]) -> Floats:
    """Shortenings at which the muscles from number `first` on have the pressures `target`."""
    if len(target) == 0:
        muscles.to(start)
        return start
    e = start.copy()
    e[first:] = FIRST
    p = muscles.to(e)[first:]
    J = np.zeros((len(target), len(target)))
    for k in range(len(target)):
        probe = e.copy()
        probe[first + k] += PROBE
        J[:, k] = (muscles.to(probe)[first:] - p) / PROBE
    for _ in range(ROUNDS):
        missing = target - p
        tell("intramuscular pressure " + ", ".join(f"{n} {v / MMHG:.1f}" for n, v in zip(muscles.names[first:], p, strict=True)) + " mmHg")
        if np.all(np.abs(missing) <= np.maximum(TOLERANCE, SHARE * np.abs(target))):
            return e
        step = np.linalg.solve(J, missing)
        new = e.copy()
        new[first:] = np.clip(e[first:] + step, 0.0, LARGEST)
        step = new[first:] - e[first:]
        if not np.any(step):
            break
        after = muscles.to(new)[first:]
        J += np.outer(after - p - J @ step, step) / (step @ step)
        e, p = new, after
    reached = ", ".join(f"{n} {v / MMHG:.1f} mmHg at a shortening of {s:.3g}" for n, v, s in zip(muscles.names[first:], p, e[first:], strict=True))
    raise section_error(
        "the contraction", "the pressures asked for", f"they were not met: {reached}", kept="nothing",
        hint="a pressure above what silent neighbours pass on and below that of a shortening of .3, or a stiffer fascia",
    )
