"""One activation state from the stress-free section to its laws: hose on, muscles contracted, then all veins emptied and filled together.

Hose and contraction are put on with the veins held at A0: at constant pressure they would snap shut on the way. The laws come from a
march of one area ratio α, which passes buckling and contact in single steps: common to all veins at rest, to those inside the
contracting muscles in a contraction, for silent compartments follow their laws at rest. A vein that has reached the last pressure asked
for stays where it is while the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from calfpump.law.section_laws import DeformedSection
from calfpump.section import hose, measure
from calfpump.section.curves import Floats
from calfpump.section.equilibrium import Area, Control, Equilibrium, Pressure, State
from calfpump.section.errors import SectionError, section_error
from calfpump.section.job import MMHG, Curves, Job
from calfpump.section.march import March
from calfpump.section.relaxation import RelaxationSettings
from calfpump.section.system import System

#: Parts of its tension in which a sliding hose is put on: the first take up what is slack. And corrections of its slack girth.
HOSE_STEPS, CORRECTIONS = (0.02, 0.08, 0.2, 0.35, 0.55, 0.75, 1.0), 2
#: Parts of the ground's pressure in which it is put on.
SOLE_STEPS = (0.02, 0.08, 0.2, 0.4, 0.6, 0.8, 1.0)
#: A march must come at least this far for its law to be of use; what lies beyond is extension, and said to be.
MUST_EMPTY, MUST_FILL = 0.3, 1.25
#: Displacement limit of a Newton step while the whole leg changes shape, in mean lumen radii.
WHOLE_LEG = 2.0

Tell = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True)
class Worn:
    """The section at rest with its hose on: what all activation states of a section begin with."""

    state: State
    slack_girth: float
    k: float
    skin_pressure: float
    hose_pressure: float
    girth: float


@dataclass(frozen=True)
class _Point:
    alpha: float
    areas: Floats
    pressures: Floats
    conductances: Floats
    diameters: Floats
    touching: NDArray[np.bool_]
    compartments: Floats


class Trace:
    """The section of one job, brought through its states; `tell` gets a line now and then."""

    def __init__(self, job: Job, tell: Tell) -> None:
        began = time.process_time()
        self.job, self.tell = job, tell
        c = job.coefficients
        self.system = System(job.mesh, **c.of_system())
        self.equilibrium = Equilibrium(self.system)
        self.names = tuple(dict.fromkeys(job.mesh.compartments.values()))
        self.A0 = self.system.A0 * self.system.units.area
        inside = {vein.name: self.names.index(vein.compartment) for vein in job.mesh.veins}
        self.compartment = np.array([inside[vein] for vein in self.system.veins])
        self.relaxation = RelaxationSettings(eta=c.eta * self.system.units.length**2 / self.system.units.stress)
        shortened = [job.state.shortening.get(name, 0.0) > 0.0 for name in self.names]
        self.moving = np.array([shortened[k] for k in self.compartment]) if job.state.shortening else np.full(len(self.A0), True)
        self.low, self.high = np.where(self.moving, -np.inf, 1.0), np.where(self.moving, np.inf, 1.0)
        self.notes: dict[str, object] = {"snaps": [], "ended": []}
        self.pictures: list[DeformedSection] = []
        self.seconds = {"set up": time.process_time() - began}

    def resume(self, worn: Worn) -> None:
        """Begin with a hose that another trace of the same section has put on."""
        if worn.k > 0.0:
            self.system.wear(worn.slack_girth, worn.k)
        self.system.skin_pressure = worn.skin_pressure
        self._press(1.0)
        self.equilibrium.restore(worn.state)
        self.system.search(self.equilibrium.w)
        self.hose_pressure, self.girth = worn.hose_pressure, worn.girth

    def run(self) -> Curves:
        """Contract, empty, fill; the hose must be on."""
        self._timed("contraction", self._contract)
        start = self.equilibrium.state
        first = self._measure(1.0)
        down = self._timed("emptying", lambda: self._march(self.job.grid.down))
        if self.job.pictures:
            self.pictures.append(measure.deformed(self.equilibrium, self.job.mesh, f"{self.job.state.name}, veins emptied"))
        self.equilibrium.restore(start)
        up = self._timed("filling", lambda: self._march(self.job.grid.up))
        if self.job.pictures and not self.job.state.shortening:
            self._timed("picture", self._picture_open)
        points = [*reversed(down), first, *up]
        effort = self.equilibrium.effort
        self.notes |= {
            "state": self.job.state.name, "shortening": dict(self.job.state.shortening), **self.system.describe(),
            "Newton iterations": effort.iterations, "factorisations": effort.factorisations, "failed attempts": effort.failures,
            "relaxed at": list(effort.relaxations), "CPU seconds": {k: round(v, 2) for k, v in self.seconds.items()},
        }  # fmt: skip
        return Curves(
            veins=self.system.veins, names=self.names, alpha=np.array([p.alpha for p in points]),
            areas=np.array([p.areas for p in points]), pressures=np.array([p.pressures for p in points]),
            conductances=np.array([p.conductances for p in points]), diameters=np.array([p.diameters for p in points]),
            touching=np.array([p.touching for p in points]), compartments=np.array([p.compartments for p in points]),
            ramp=np.array([t for t, _ in self.ramp]), ramp_pressures=np.array([p for _, p in self.ramp]), reached=self._reached(points),
            girth=self.girth, hose_pressure=self.hose_pressure, about=self.notes, pictures=tuple(self.pictures),
        )  # fmt: skip

    def _timed(self, what: str, do: Callable[[], T]) -> T:
        began = time.process_time()
        result = do()
        self.seconds[what] = time.process_time() - began
        return result

    def _controls(self, alpha: float) -> Mapping[str, Control]:
        ratio = np.clip(alpha, self.low, self.high)
        return {vein: Area(float(a)) for vein, a in zip(self.system.veins, ratio * self.A0, strict=True)}

    def wear(self) -> Worn:
        """Put the hose on, if there is one."""
        began = time.process_time()
        worn, system = self.job.hose, self.system
        self.hose_pressure, self.girth = 0.0, measure.girth(self.equilibrium)
        slack, k = 0.0, 0.0
        if worn is not None and worn.mode == "uniform":
            self.hose_pressure = worn.pressure
            system.skin_pressure = worn.pressure / system.units.stress
            self._settle("the uniform hose")
        elif worn is not None:
            k = hose.fabric_stiffness(worn.pressure, worn.stiffness, self.girth)
            slack = self._slide(worn.pressure, k)
            self.hose_pressure = 2.0 * np.pi * measure.hose_tension(self.equilibrium) / measure.girth(self.equilibrium)
        if self.job.sole > 0.0:
            self._stand()
        self.girth = measure.girth(self.equilibrium)
        if worn is not None:
            self.tell(f"{self.job.mesh.name}: hose on, {self.hose_pressure / MMHG:.1f} mmHg")
        self.seconds["hose"] = time.process_time() - began
        return Worn(self.equilibrium.state, slack, k, system.skin_pressure, self.hose_pressure, self.girth)

    def _slide(self, pressure: float, k: float) -> float:
        """Tension T = pL/2π, put on in steps; the slack girth [m], which is returned, is corrected as the leg gets rounder."""
        bare = self.girth

        def wear(part: float) -> None:
            self.system.wear(hose.rest_girth(part * pressure * bare / (2.0 * np.pi), k, bare), k)

        wear(HOSE_STEPS[0])
        march = March(
            self.equilibrium, 0.0, lambda t: self._controls(1.0), name="sliding hose", apply=wear, step_limit=WHOLE_LEG,
            relaxation=self.relaxation,
        )  # fmt: skip
        for part in HOSE_STEPS:
            march.to(part)
        slack = 0.0
        for _ in range(CORRECTIONS):
            girth = measure.girth(self.equilibrium)
            slack = hose.rest_girth(pressure * girth / (2.0 * np.pi), k, girth)
            self.system.wear(slack, k)
            self._settle("the sliding hose, correcting its slack girth,")
        return slack

    def _press(self, part: float) -> None:
        """Part of the ground's pressure on the sole."""
        self.system.sole_pressure = part * self.job.sole / self.system.units.stress

    def _stand(self) -> None:
        march = March(
            self.equilibrium, 0.0, lambda t: self._controls(1.0), name="load of the sole", apply=self._press, step_limit=WHOLE_LEG,
            relaxation=self.relaxation,
        )  # fmt: skip
        for part in SOLE_STEPS:
            march.to(part)

    def _settle(self, what: str) -> None:
        outcome = self.equilibrium.solve(self._controls(1.0), step_limit=WHOLE_LEG, iterations=25)
        if not outcome.converged:
            raise section_error(what, "rest", outcome.reason, hint="a softer or looser hose")

    def _contract(self) -> None:
        shortening = self.job.state.shortening
        names = self.job.mesh.compartments
        full = {region: shortening[names[region]] for region in names if names[region] in shortening and self.job.mesh.tissue_of(region) == "muscle"}
        rest = measure.compartment_pressures(self.equilibrium, self.job.mesh, self.names)
        self.ramp = [(0.0, rest)]
        if not full:
            return
        march = March(
            self.equilibrium, 0.0, lambda t: self._controls(1.0), name="contraction", step_limit=WHOLE_LEG, relaxation=self.relaxation,
            apply=lambda t: self.system.bulk.contract({region: t * e for region, e in full.items()}),
        )  # fmt: skip
        for part in self.job.grid.ramp:
            march.to(part)
            self.ramp.append((part, measure.compartment_pressures(self.equilibrium, self.job.mesh, self.names)))
        strongest = max(zip(self.ramp[-1][1], self.names, strict=True))
        self.tell(f"{self.job.state.name}: {strongest[1]} at {strongest[0] / MMHG:.0f} mmHg")

    def _march(self, ratios: tuple[float, ...]) -> list[_Point]:
        """Points reached on the way; a march that ends early but far enough is noted, not a failure."""
        emptying = ratios[-1] < 1.0
        march = March(self.equilibrium, 1.0, self._controls, name="area march", relaxation=self.relaxation)
        points: list[_Point] = []
        for alpha in ratios:
            try:
                reached = march.to(alpha)
            except SectionError as problem:
                last = march.history[-1][0]
                if last > MUST_EMPTY if emptying else last < MUST_FILL:
                    problem.state = f"{self.job.state.name}, α = {problem.state}"
                    raise
                self._note("ended", f"α = {last:.3g}: {problem.reason}")
                break
            point = self._measure(alpha)
            points.append(point)
            if reached.stability.folds:
                self._note("snaps", f"α = {alpha:.3g}: {reached.stability.folds} pressures fall with rising area")
            if self._stop(point, emptying):
                break
        return points

    def _note(self, what: str, text: str) -> None:
        notes = self.notes[what]
        assert isinstance(notes, list)
        notes.append(text)

    def _stop(self, point: _Point, emptying: bool) -> bool:
        """Hold the veins that have reached the last pressure asked for; True when all have."""
        above = point.pressures - point.compartments[self.compartment]
        if emptying:
            done = (above <= self.job.grid.lowest) & ~np.isfinite(self.low)
            self.low[done] = point.alpha
            return bool(np.all(np.isfinite(self.low)))
        done = (above >= self.job.grid.highest) & ~np.isfinite(self.high)
        self.high[done] = point.alpha
        return bool(np.all(np.isfinite(self.high)))

    def _measure(self, alpha: float) -> _Point:
        equilibrium = self.equilibrium
        return _Point(
            alpha, equilibrium.areas(), equilibrium.pressures().copy(), *measure.lumens(equilibrium),
            measure.compartment_pressures(equilibrium, self.job.mesh, self.names),
        )  # fmt: skip

    def _reached(self, points: list[_Point]) -> Floats:
        alpha = np.array([p.alpha for p in points])
        low, high = np.maximum(self.low, alpha.min()), np.minimum(self.high, alpha.max())
        low, high = np.where(self.moving, low, 1.0), np.where(self.moving, high, 1.0)
        return np.stack([low, high], axis=1)

    def _picture_open(self) -> None:
        """The section at rest under 60 mmHg in every vein (standing), reached by pressure from where the filling ended."""
        equilibrium = self.equilibrium
        begin = equilibrium.pressures().copy()

        def controls(t: float) -> Mapping[str, Control]:
            return {v: Pressure(float(p + t * (60.0 * MMHG - p))) for v, p in zip(self.system.veins, begin, strict=True)}

        label = "at rest, 60 mmHg in every vein"
        try:
            march = March(equilibrium, 0.0, controls, name="filling under pressure")
            for t in (0.25, 0.5, 0.75, 1.0):
                march.to(t)
        except SectionError:
            label = "at rest, veins filled"
        self.pictures.insert(0, measure.deformed(equilibrium, self.job.mesh, label))
