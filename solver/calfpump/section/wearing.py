"""Putting a hose on, with the veins held at A0: in steps, and its slack girth corrected until the mean pressure is the nominal one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from calfpump.mesh.curve import self_crossing
from calfpump.section import curves, hose, measure
from calfpump.section.equilibrium import Control, Equilibrium, State
from calfpump.section.errors import section_error
from calfpump.section.job import WornHose
from calfpump.section.march import March
from calfpump.section.membranes import TOE
from calfpump.section.system import System

MM = 1e-3
#: Parts of its tension in which a hose is put on: the first take up what is slack. And corrections of its slack girth.
HOSE_STEPS, CORRECTIONS = (0.02, 0.08, 0.2, 0.35, 0.55, 0.75, 1.0), 2
#: Parts of an uneven pressure in which it is put on.
ARC_STEPS = (0.1, 0.3, 0.6, 1.0)
#: Displacement limit of a Newton step while the whole leg changes shape, in mean lumen radii.
WHOLE_LEG = 2.0
#: Newton steps in which it may: cheap ones, most of them.
ITERATIONS = 25


@dataclass(frozen=True)
class Worn:
    """The section at rest with its hose on: what all activation states of a section begin with."""

    state: State
    slack_girth: float
    k: float
    hose_pressure: float
    girth: float


class Wearing:
    """Puts `worn` on the section of `equilibrium`, whose veins are held by `controls`."""

    def __init__(self, equilibrium: Equilibrium, worn: WornHose, controls: Callable[[], Mapping[str, Control]]) -> None:
        self.equilibrium, self.worn, self.controls = equilibrium, worn, controls

    def put_on(self) -> tuple[float, float]:
        """Slack girth [m] and fabric stiffness k [N/m] of the hose now worn; zeros of a uniform pressure."""
        worn = self.worn
        if worn.mode == "uniform":
            self._march(f"pressure on {len(worn.arcs)} arcs" if worn.arcs else "uniform hose", self._press, ARC_STEPS if worn.arcs else (1.0,))
            return 0.0, 0.0
        bare = measure.girth(self.equilibrium)
        k = hose.fabric_stiffness(worn.pressure, worn.stiffness, bare)

        def tauten(part: float) -> None:
            dress(self.equilibrium.system, worn, self._slack(part * worn.pressure, k, bare), k)

        tauten(HOSE_STEPS[0])
        self._march(f"{worn.mode} hose", tauten, HOSE_STEPS)
        slack = 0.0
        for _ in range(CORRECTIONS):
            slack = self._slack(worn.pressure, k, measure.girth(self.equilibrium))
            dress(self.equilibrium.system, worn, slack, k)
            outcome = self.equilibrium.solve(self.controls(), step_limit=WHOLE_LEG, iterations=ITERATIONS)
            if not outcome.converged:
                raise section_error(f"the {worn.mode} hose, correcting its slack girth,", "rest", outcome.reason, hint="a softer or looser hose")
        return slack, k

    def _slack(self, pressure: float, k: float, girth: float) -> float:
        """Slack girth [m] of the fabric that has T = pL/2π at `girth`; of a bonded one, in proportion to the skin's stress-free length."""
        tension = pressure * girth / (2.0 * np.pi)
        return hose.rest_girth(tension, k, girth) if self.worn.mode != "bonded" else girth / (1.0 + tension / k + 0.5 * TOE)

    def _press(self, part: float) -> None:
        self.equilibrium.system.press(part * self.worn.pressure, self.worn.arcs)

    def _march(self, name: str, apply: Callable[[float], None], parts: tuple[float, ...]) -> None:
        # a secant would stretch the fascia, which is far stiffer than what the skin's forces meet on the way
        march = March(
            self.equilibrium, 0.0, lambda t: self.controls(), name=name, apply=apply, step_limit=WHOLE_LEG, iterations=ITERATIONS,
            predict=self.worn.mode != "sliding", relax=True, hint="a lower or wider pad, or less pressure" if self.worn.pads else "less pressure",
        )  # fmt: skip
        for part in parts:
            march.to(part)
            refuse_folds(self.equilibrium, march, part)


def refuse_folds(equilibrium: Equilibrium, march: March, t: float) -> None:
    """Raise `SectionError` where the skin has folded over itself, which nothing here would hold apart, with the state before restored."""
    system = equilibrium.system
    if system.skin is None:
        return
    fold = self_crossing(system.domain.places(equilibrium.w)[curves.loop_nodes(system.skin)], closed=True)
    if fold is None:
        return
    x, y = np.rint(fold * system.units.length / MM).astype(int)
    good, state = march.history[-2]
    march.apply(good)
    equilibrium.restore(state)
    reason = f"the deformed skin folds over itself at x = {x}, y = {y} mm"
    raise section_error(f"the section's {march.name}", f"{t:.4g}", reason, kept=f"the state at {good:.4g}", hint=march.hint)


def dress(system: System, worn: WornHose, slack_girth: float, k: float) -> None:
    """The hose on the section, whatever state that is in."""
    if worn.mode == "uniform":
        system.press(worn.pressure, worn.arcs)
    elif worn.mode == "bonded":
        system.wrap(slack_girth / (float(curves.lengths(system.domain.X, system.closed_skin()).sum()) * system.units.length), k)
    else:
        system.wear(slack_girth, k, worn.pads)
