"""One activation state from the stress-free section to its laws: hose on, muscles contracted, then all veins emptied and filled together.

Hose and contraction are put on with the veins held at A0: at constant pressure they would snap shut on the way. The laws come from a
march of one area ratio α, which passes buckling and contact in single steps: common to all veins at rest, to those inside the
contracting muscles in a contraction, for silent compartments follow their laws at rest. A vein that has reached the last pressure asked
for stays where it is while the others go on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from calfpump.anatomy.section_description import POSTURES
from calfpump.law.section_laws import DeformedSection
from calfpump.section import measure
from calfpump.section.curves import Floats
from calfpump.section.equilibrium import Area, Control, Equilibrium, Pressure
from calfpump.section.errors import SectionError
from calfpump.section.job import MMHG, Curves, Job, Posture
from calfpump.section.kept import Kept
from calfpump.section.march import March
from calfpump.section.states import by_region
from calfpump.section.system import System
from calfpump.section.wearing import WHOLE_LEG, Wearing, Worn, dress, refuse_folds

#: The order and the parts in which postures are reached from filled veins.
POSTURE_STEPS = {"standing": (0.25, 0.5, 0.75, 1.0), "supine": (0.5, 1.0)}
#: Parts of the ground's pressure in which it is put on.
SOLE_STEPS = (0.02, 0.08, 0.2, 0.4, 0.6, 0.8, 1.0)
#: A march must come at least this far for its law to be of use; what lies beyond is extension, and said to be.
MUST_EMPTY, MUST_FILL = 0.3, 1.25
Tell = Callable[[str], None]
T = TypeVar("T")


@dataclass(frozen=True)
class _Point:
    alpha: float
    areas: Floats
    pressures: Floats
    lumens: measure.Lumens
    compartments: Floats
    imbalance: float


@dataclass(frozen=True)
class _RampPoint:
    part: float
    compartments: Floats
    girth: float
    hose: float


class Trace:
    """The section of one job, brought through its states; `tell` gets a line now and then; on the MPI ranks of `comm` (default: this process)."""

    def __init__(self, job: Job, tell: Tell, comm: Any = None) -> None:
        began = time.process_time()
        self.job, self.tell = job, tell
        c = job.coefficients
        self.system = System(job.mesh, comm=comm, **c.of_system())
        self.equilibrium = Equilibrium(self.system)
        if job.keep is not None:
            self.equilibrium.kept = Kept(job.keep, self.system.domain)
        self.names = tuple(dict.fromkeys(job.mesh.compartments.values()))
        self.A0 = self.system.A0 * self.system.units.area
        inside = {vein.name: self.names.index(vein.compartment) for vein in job.mesh.veins}
        self.compartment = np.array([inside[vein] for vein in self.system.veins])
        contracted = {job.mesh.compartments[region] for region in by_region(job.mesh, job.state.shortening)}
        shortened = [name in contracted for name in self.names]
        self.moving = np.array([shortened[k] for k in self.compartment]) if job.state.shortening else np.full(len(self.A0), True)
        self.low, self.high = np.where(self.moving, -np.inf, 1.0), np.where(self.moving, np.inf, 1.0)
        self.notes: dict[str, object] = {"snaps": [], "ended": [], "postures": []}
        self.pictures: list[DeformedSection] = []
        self.postures: dict[str, Posture] = {}
        self.seconds = {"set up": time.process_time() - began}

    def resume(self, worn: Worn) -> None:
        """Begin with a hose that another trace of the same section has put on."""
        if self.job.hose is not None:
            dress(self.system, self.job.hose, worn.slack_girth, worn.k)
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
        worst = max(points, key=lambda p: p.imbalance)
        self.notes |= {
            "state": self.job.state.name, "shortening": dict(self.job.state.shortening), **self.system.describe(),
            "Newton iterations": effort.iterations, "factorisations": effort.factorisations, "failed attempts": effort.failures,
            "largest imbalance": {"μR": worst.imbalance, "α": worst.alpha},
            "relaxed at": list(effort.relaxations), "CPU seconds": {k: round(v, 2) for k, v in self.seconds.items()},
        }  # fmt: skip
        return Curves(
            veins=self.system.veins, names=self.names, alpha=np.array([p.alpha for p in points]),
            areas=np.array([p.areas for p in points]), pressures=np.array([p.pressures for p in points]),
            conductances=np.array([p.lumens.conductances for p in points]), diameters=np.array([p.lumens.diameters for p in points]),
            touching=np.array([p.lumens.touching for p in points]), dents=np.array([p.lumens.dents for p in points]),
            gaps=np.array([p.lumens.gaps for p in points]), compartments=np.array([p.compartments for p in points]),
            ramp=np.array([r.part for r in self.ramp]), ramp_pressures=np.array([r.compartments for r in self.ramp]),
            ramp_girth=np.array([r.girth for r in self.ramp]), ramp_hose=np.array([r.hose for r in self.ramp]), reached=self._reached(points),
            girth=self.girth, hose_pressure=self.hose_pressure, about=self.notes, pictures=tuple(self.pictures), postures=self.postures,
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
        slack, k = 0.0, 0.0
        if self.job.hose is not None:
            slack, k = Wearing(self.equilibrium, self.job.hose, lambda: self._controls(1.0)).put_on()
        if self.job.sole > 0.0:
            self._stand()
        self.girth, self.hose_pressure = measure.girth(self.equilibrium), measure.hose_pressure(self.equilibrium)
        if self.job.hose is not None:
            self.tell(f"{self.job.mesh.name}: hose on, {self.hose_pressure / MMHG:.1f} mmHg")
        self.seconds["hose"] = time.process_time() - began
        return Worn(self.equilibrium.state, slack, k, self.hose_pressure, self.girth)

    def _press(self, part: float) -> None:
        """Part of the ground's pressure on the sole."""
        self.system.sole_pressure = part * self.job.sole / self.system.units.stress

    def _stand(self) -> None:
        march = March(
            self.equilibrium, 0.0, lambda t: self._controls(1.0), name="load of the sole", apply=self._press, step_limit=WHOLE_LEG,
            relax=True, hint="less pressure on the sole",
        )  # fmt: skip
        for part in SOLE_STEPS:
            march.to(part)
            refuse_folds(self.equilibrium, march, part)

    def _contract(self) -> None:
        full = by_region(self.job.mesh, self.job.state.shortening)
        self.ramp = [self._ramp_point(0.0)]
        if not full:
            return
        march = March(
            self.equilibrium, 0.0, lambda t: self._controls(1.0), name="contraction", step_limit=WHOLE_LEG, relax=True,
            apply=lambda t: self.system.bulk.contract({region: t * e for region, e in full.items()}),
        )  # fmt: skip
        for part in self.job.grid.ramp:
            march.to(part)
            refuse_folds(self.equilibrium, march, part)
            self.ramp.append(self._ramp_point(part))
        strongest = max(zip(self.ramp[-1].compartments, self.names, strict=True))
        self.tell(f"{self.job.state.name}: {strongest[1]} at {strongest[0] / MMHG:.0f} mmHg")

    def _ramp_point(self, part: float) -> _RampPoint:
        pressures = measure.compartment_pressures(self.equilibrium, self.job.mesh, self.names)
        return _RampPoint(part, pressures, measure.girth(self.equilibrium), measure.hose_pressure(self.equilibrium))

    def _march(self, ratios: tuple[float, ...]) -> list[_Point]:
        """Points reached on the way; a march that ends early but far enough is noted, not a failure."""
        emptying = ratios[-1] < 1.0
        march = March(self.equilibrium, 1.0, self._controls, name="area march", relax=True)
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
            alpha, equilibrium.areas(), equilibrium.pressures().copy(), measure.lumens(equilibrium),
            measure.compartment_pressures(equilibrium, self.job.mesh, self.names), equilibrium.imbalance(),
        )  # fmt: skip

    def _reached(self, points: list[_Point]) -> Floats:
        alpha = np.array([p.alpha for p in points])
        low, high = np.maximum(self.low, alpha.min()), np.minimum(self.high, alpha.max())
        low, high = np.where(self.moving, low, 1.0), np.where(self.moving, high, 1.0)
        return np.stack([low, high], axis=1)

    def _picture_open(self) -> None:
        """The section at rest with the pressures of standing and lying in every vein, reached by pressure from where the filling ended."""
        label = "at rest, veins filled"
        try:
            for name in POSTURE_STEPS:
                self._take(name, hold=True)
                if name == "standing":
                    label = f"at rest, {POSTURES[name]:g} mmHg in every vein{' whose law goes so far' * bool(self.notes['postures'])}"
                    self.pictures.insert(0, measure.deformed(self.equilibrium, self.job.mesh, label))
        except SectionError as problem:
            self._note("postures", f"{problem.solve}: {problem.reason}")
            if "standing" not in self.postures:
                self.pictures.insert(0, measure.deformed(self.equilibrium, self.job.mesh, label))

    def _take(self, posture: str, *, hold: bool = False) -> None:
        """From filled veins to the pressure of a posture in all of them.

        That may have no end, for a soft wall in soft tissue swells without bound. Then, with `hold`, the veins that do not reach the pressure
        within their laws are held where these end, and noted.
        """
        equilibrium, mmhg = self.equilibrium, POSTURES[posture]
        start, begin, full = equilibrium.state, equilibrium.pressures().copy(), equilibrium.areas()
        short = begin < mmhg * MMHG
        hold = hold and bool(np.any(short))
        try:
            self._fill(mmhg, POSTURE_STEPS[posture], self._towards(begin, mmhg * MMHG), relax=not hold)
        except SectionError:
            if not hold:
                raise
            equilibrium.restore(start)
            stays = {vein: float(a) for vein, a, s in zip(self.system.veins, full, short, strict=True) if s}
            self._fill(mmhg, POSTURE_STEPS[posture], self._towards(begin, mmhg * MMHG, stays), relax=True)
            for vein, alpha in zip(np.array(self.system.veins)[short], (full / self.A0)[short], strict=True):
                self._note("postures", f"{vein} has less than {mmhg:g} mmHg at α = {alpha:.3g}, where its law ends, and is held there")
        areas = {vein: float(a) for vein, a in zip(self.system.veins, equilibrium.areas(), strict=True)}
        pressures = dict(zip(self.names, map(float, measure.compartment_pressures(equilibrium, self.job.mesh, self.names)), strict=True))
        self.postures[posture] = Posture(measure.girth(equilibrium), measure.hose_pressure(equilibrium), areas, pressures)

    def take(self, postures: Collection[str]) -> dict[str, Posture]:
        """The section at rest in postures: its veins filled to the last pressure of the grid, then brought to each posture's."""
        self._march(self.job.grid.up)
        for name in POSTURE_STEPS:
            if name in postures:
                self._take(name)
        return self.postures

    def _fill(
        self, mmhg: float, parts: tuple[float, ...], controls: Callable[[float], Mapping[str, Control]], *, relax: bool
    ) -> None:
        march = March(self.equilibrium, 0.0, controls, name=f"filling to {mmhg:g} mmHg", relax=relax)
        for t in parts:
            march.to(t)

    def _towards(self, begin: Floats, pressure: float, stays: Mapping[str, float] | None = None) -> Callable[[float], Mapping[str, Control]]:
        """From the pressures `begin` to one for all veins but those that stay at their areas."""
        held = {vein: Area(a) for vein, a in (stays or {}).items()}
        return lambda t: {v: held.get(v) or Pressure(float(p + t * (pressure - p))) for v, p in zip(self.system.veins, begin, strict=True)}
