"""March of a section along one parameter: predictor, bisection, relaxation, stability of every state that is kept.

The parameter t may be the common area ratio α, a hose tension, a contraction. Each state is predicted from the last ones along t
(secant), solved, and kept only if it is stable. A failed attempt is halved; what still fails, or lands on an unstable
branch, is relaxed, in smaller steps if need be. After a failure the last good state is restored, whatever Newton left behind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass

import numpy as np

from calfpump.section.equilibrium import Control, Equilibrium, State
from calfpump.section.errors import section_error
from calfpump.section.kept import Step
from calfpump.section.relaxation import RelaxationSettings, relax
from calfpump.section.stability import Stability, examine

#: A predicted state may overlap walls by this part of the mean lumen radius.
DEEPEST = 0.01
#: Further bisections where relaxation fails too.
DEEPER = 2

Controls = Callable[[float], Mapping[str, Control]]


@dataclass(frozen=True)
class Reached:
    """A state that is kept: where, how stable, `how` ("newton", "relaxed") and the Newton iterations it took."""

    t: float
    stability: Stability
    how: str
    iterations: int


class March:
    """Path following of `equilibrium` from parameter `start`; `apply` sets loads for a parameter, `controls` the veins. Each state is
    predicted from the last two, or, without `predict`, begun from the last."""

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
        relaxation: RelaxationSettings | None = None,
    ) -> None:
        self.equilibrium = equilibrium
        self.controls = controls
        self.name = name
        self.apply = apply or (lambda t: None)
        self.step_limit, self.iterations, self.predict = step_limit, iterations, predict
        self.bisections = bisections
        self.relaxation = relaxation
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
        return reached

    def _to(self, target: float) -> Reached:
        before = self.equilibrium.effort.iterations
        pending = [(target, 0)]
        how = "newton"
        while pending:
            t, level = pending.pop()
            reason, stability = self._attempt(t)
            if reason and level < self.bisections and stability.stable:
                pending += [(t, level + 1), (0.5 * (self.history[-1][0] + t), level + 1)]
                continue
            if reason and self.relaxation is not None:
                reason, stability = self._relaxed(t)
                how = "relaxed"
                if reason and level < self.bisections + DEEPER:
                    pending += [(t, level + 1), (0.5 * (self.history[-1][0] + t), level + 1)]
                    continue
            if reason:
                self._fail(target, reason)
            self.history = (self.history if how == "newton" else [])[-1:] + [(t, self.equilibrium.state)]
        return Reached(target, stability, how, self.equilibrium.effort.iterations - before)

    def _attempt(self, t: float) -> tuple[str, Stability]:
        """Predict and solve; the reason of a failure, after which the last good state is restored."""
        equilibrium = self.equilibrium
        self._predict(t)
        self.apply(t)
        controls = self.controls(t)
        outcome = equilibrium.solve(controls, step_limit=self.step_limit, iterations=self.iterations)
        stability = Stability(0, 0)
        reason = outcome.reason or self._implausible()
        if not reason:
            stability = examine(equilibrium, controls, drift=0.01)
            reason = "" if stability.stable else f"the branch is unstable ({stability.unstable} modes)"
        if reason:
            equilibrium.restore(self.history[-1][1])
        return reason, stability

    def _relaxed(self, t: float) -> tuple[str, Stability]:
        equilibrium = self.equilibrium
        self.apply(t)
        controls = self.controls(t)
        assert self.relaxation is not None
        reason = relax(equilibrium, controls, self.relaxation) or self._implausible()
        if reason:
            equilibrium.restore(self.history[-1][1])
            return reason, Stability(0, 0)
        equilibrium.effort.relaxations.append(f"{self.name} {t:.4g}")
        return "", examine(equilibrium, controls)

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
            f"the section's {self.name}", f"{target:.4g}", reason, kept=f"the state at {t:.4g}",
            hint="a finer mesh around the vein, a softer sheath, or a smaller contraction",
        )
