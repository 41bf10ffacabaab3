"""March of a section along one parameter: predictor, relaxation, bisection, stability of every state that is kept.

The parameter t may be the common area ratio α, a hose tension, a contraction. Each state is predicted from the last ones along t
(secant), solved, and kept only if it is stable. A march that may relax descends from the prediction to a stable state; one that may not takes plain
Newton, and refuses an unstable branch; one that moves the whole leg takes Newton, and descends where it fails in halved steps. A failed attempt is
halved. After a failure the last good state is restored, whatever Newton left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from calfpump.section.equilibrium import Control, Equilibrium, State
from calfpump.section.errors import section_error
from calfpump.section.kept import Step
from calfpump.section.relaxation import Relaxation
from calfpump.section.stability import Stability, examine

#: A predicted state may overlap walls by this part of the mean lumen radius.
DEEPEST = 0.01
#: Further bisections of a march that relaxes, each tried from the last good state too.
DEEPER = 2
#: As long as it may be halved, a step is given up after this many troubles (tangents that are not convex, steps cut short): long ways down end
#: in states that smaller steps do not reach.
PATIENCE = 4
#: The next step may be longer than one that took this many iterations in proportion to what it took less, shorter to what it took more.
EASY, SLOWER, FASTER = 16, 0.5, 3.0

Controls = Callable[[float], Mapping[str, Control]]


@dataclass(frozen=True)
class Reached:
    """A state that is kept: where, how stable, `how` ("newton", or "relaxed" where the energy was not convex on the way), the Newton iterations it
    took, and the longest step to try next."""

    t: float
    stability: Stability
    how: str
    iterations: int
    stride: float = np.inf


@dataclass(frozen=True)
class _Tried:
    """How an attempt ended: the `reason` of a failure, the stability, and whether the energy was not convex on the way."""

    reason: str
    stability: Stability
    shifted: bool


class March:
    """Path following of `equilibrium` from parameter `start`; `apply` sets loads for a parameter, `controls` the veins. Each state is
    predicted from the last two, or, without `predict`, begun from the last. With `step_limit` and `iterations` of Newton's method the whole leg moves."""

    def __init__(
        self,
        equilibrium: Equilibrium,
        start: float,
        controls: Controls,
        *,
        name: str,
        apply: Callable[[float], None] | None = None,
        step_limit: float | None = None,
        iterations: int | None = None,
        predict: bool = True,
        bisections: int = 2,
        relax: bool = False,
        hint: str = "a finer mesh around the vein, a softer sheath, or a smaller contraction",
    ) -> None:
        self.equilibrium = equilibrium
        self.controls = controls
        self.name = name
        self.apply = apply or (lambda t: None)
        self.step_limit, self.iterations, self.predict = step_limit, iterations, predict
        self.bisections = bisections
        self.relax = relax
        self.hint = hint
        #: Longest step to try next: what took many iterations is not tried longer again.
        self.stride = np.inf
        self.history: list[tuple[float, State]] = [(start, equilibrium.state)]

    def to(self, target: float) -> Reached:
        """Bring the section to `target`; raises `SectionError`, with the last good state restored."""
        kept, which = self.equilibrium.kept, (self.name, self.history[-1][0], target)
        if kept is None:
            return self._to(target)
        step = kept.next(which)
        if step is not None:
            return self._again(step)
        begin = self.history[-1]
        reached = self._to(target)
        # contacts are those of the state itself, as they will be if it is read again
        self.equilibrium.system.search(self.equilibrium.w)
        whole, system = self.equilibrium.system.domain.whole, self.equilibrium.system
        history = [None if entry is begin else (entry[0], whole(entry[1].w), entry[1].multipliers, entry[1].facing) for entry in self.history]
        kept.add(Step(which, reached, history, system.slack, self.equilibrium.effort))
        return reached

    def _again(self, step: Step) -> Reached:
        """Put the section where a kept step had brought it."""
        equilibrium, begin = self.equilibrium, self.history[-1]
        part = equilibrium.system.domain.part
        self.history = [begin if entry is None else (entry[0], State(part(entry[1]), *entry[2:])) for entry in step.history]
        t, state = self.history[-1]
        self.apply(t)
        equilibrium.system.slack = step.slack
        equilibrium.restore(state)
        equilibrium.effort = deepcopy(step.effort)
        equilibrium.system.search(equilibrium.w)
        reached: Reached = step.reached
        self.stride = reached.stride
        return reached

    def _to(self, target: float) -> Reached:
        effort = self.equilibrium.effort
        before = effort.iterations
        pending = [(target, 0)]
        how = "newton"
        while pending:
            t, level = pending.pop()
            last, spent = self.history[-1][0], effort.iterations
            halves = [(t, level + 1), (0.5 * (last + t), level + 1)]
            if level < self.bisections and abs(t - last) > 1.01 * self.stride:
                pending += halves
                continue
            descend = self.relax and (level >= self.bisections or self.step_limit is None)
            tried = self._attempt(t, descend=descend, patience=PATIENCE if level < self.bisections else np.inf)
            if tried.reason and self.relax and level >= self.bisections:
                tried = self._attempt(t, descend=True, predict=False)
            if tried.reason and level < self.bisections + self.relax * DEEPER and (self.relax or tried.stability.stable):
                pending += halves
                continue
            if tried.reason:
                self._fail(target, tried.reason)
            if tried.shifted:
                how = "relaxed"
                effort.relaxations.append(f"{self.name} {t:.4g}")
            if descend:
                self.stride = abs(t - last) * min(max(EASY / (effort.iterations - spent), SLOWER), FASTER)
            self.history = [*self.history[-1:], (t, self.equilibrium.state)]
        return Reached(target, tried.stability, how, effort.iterations - before, self.stride)

    def _attempt(self, t: float, *, descend: bool, predict: bool = True, patience: float = np.inf) -> _Tried:
        """Predict and solve; after a failure the last good state is restored."""
        equilibrium = self.equilibrium
        if predict:
            self._predict(t)
        self.apply(t)
        controls = self.controls(t)
        shifted = False
        if descend:
            relaxation = Relaxation(equilibrium, controls)
            reason = relaxation.run(patience)
            shifted = relaxation.shifted
        else:
            reason = equilibrium.solve(controls, step_limit=self.step_limit, iterations=self.iterations).reason
        stability = Stability(0, 0)
        reason = reason or self._implausible()
        if not reason:
            stability = examine(equilibrium, controls, drift=0.01)
            reason = "" if stability.stable else f"the branch is unstable ({stability.unstable} modes)"
        if reason:
            equilibrium.restore(self.history[-1][1])
        return _Tried(reason, stability, shifted)

    def _predict(self, t: float) -> None:
        """Secant through the last two states, shortened until it drives no walls into one another: a deep overlap throws Newton off."""
        equilibrium = self.equilibrium
        last_t, last = self.history[-1]
        equilibrium.restore(last)
        if len(self.history) < 2 or not self.predict:
            return
        t0, first = self.history[-2]
        reach = (t - last_t) / (last_t - t0)
        if not 0.0 < reach <= 2.0 or len(first.multipliers) != len(last.multipliers):
            return
        for part in (1.0, 0.5):
            equilibrium.restore(last)
            equilibrium.w += part * reach * (last.w - first.w)
            equilibrium.multipliers += part * reach * (last.multipliers - first.multipliers)
            if self._overlap() < DEEPEST:
                return
        equilibrium.restore(last)

    def _overlap(self) -> float:
        """Deepest overlap of walls in the present state, parts of the mean lumen radius."""
        system = self.equilibrium.system
        system.search(self.equilibrium.w)
        x = system.domain.places(self.equilibrium.w)
        gaps = [float(contact.gaps(x).min()) for contact in system.contacts if len(contact.pairs)]
        return -min(gaps, default=0.0) / system.radius

    def _implausible(self) -> str:
        areas = self.equilibrium.areas() / (self.equilibrium.system.A0 * self.equilibrium.system.units.area)
        if np.any(areas <= 0.0):
            return "a lumen has turned inside out"
        return "a lumen has grown beyond ten times its stress-free area" if np.any(areas > 10.0) else ""

    def _fail(self, target: float, reason: str) -> None:
        t, _ = self.history[-1]
        self.apply(t)
        raise section_error(
            f"the section's {self.name}", f"{target:.4g}", reason, kept=f"the state at {t:.4g}", hint=self.hint
        )
