"""Relaxation: Newton's descent of the energy to a stable state, whatever instabilities lie on the way.

The inertia of each tangent, known from its factor, tells whether the energy Π with areas prescribed is convex there. Where it is not, Newton would
go to a saddle: the tangent becomes K + ηM, M the nodes' shares of area, with η just large enough (Levenberg; Moré & Sorensen 1983), so that every
step descends, fastest along the unstable mode. How large, inverse iteration with the factor at hand tells. A step ends where the slope along it has
all but gone; as the energy rises with the fourth power of a step along a wall that turns, so does the search guess. η acts on steps alone: in the end
it is nought, the tangent convex, and the state an equilibrium of the unchanged section. One that begins at a saddle is pushed along its softest mode.
Pairs of walls are searched again on the way.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from calfpump.section.curves import Floats
from calfpump.section.equilibrium import Balance, Control, Equilibrium
from calfpump.section.factor import SingularTangent
from calfpump.section.stability import inertia

#: Walls move by at most LIMIT mean radii in a step, and are paired anew after ANEW.
LIMIT, ANEW = 0.25, 0.15
#: The least η and the largest, parts of the largest shear modulus over the mean radius squared; η over the stiffness −λ that was found missing; how fast
#: it rises where none was found, and falls.
LEAST, LARGEST, ABOVE, RISE, FALL = 1e-5, 1e5, 2.0, 8.0, 0.25
#: So often may modes near nought say how much η is missing; after that it rises, for others far below them are hidden.
TOLD = 6
#: A step may end where the slope is between −SHALLOW and RISING of that at its beginning; at most TRIALS lengths are tried.
SHALLOW, RISING, TRIALS = 0.6, 0.5, 8
#: Steps (walls that fold into lobes in firm muscle needed 145), and searches of pairs at an end that disturbs them, before giving up.
STEPS, SEARCHES = 300, 3
#: Push from a saddle, mean radii; inverse iterations that find soft modes, with how many at a time, and squared size from which they are told apart.
PUSH, INVERSE, BLOCK, DISTINCT = 0.02, 3, 6, 1e-12


class Relaxation:
    """One descent of `equilibrium` under `controls` in at most so many `steps`; `shifted` tells afterwards whether it met an energy that is not convex.

    It ends with a step of no more than `until` mean radii; by default with an equilibrium.
    """

    def __init__(self, equilibrium: Equilibrium, controls: Mapping[str, Control], *, steps: int = STEPS, until: float | None = None) -> None:
        self.equilibrium, self.controls, self.steps = equilibrium, controls, steps
        self.until = equilibrium.settings.tolerance if until is None else until
        system = equilibrium.system
        scale = system.domain.largest(system.bulk.mu.x.array) / system.radius**2
        self.least, self.largest = LEAST * scale, LARGEST * scale
        self.shift, self.refused, self.eased = 0.0, 0.0, False
        self.shifted, self.troubles = False, 0

    def run(self, patience: float = np.inf) -> str:
        """Descend; empty text at a stable equilibrium, else the reason, with the state undefined: so too when more than `patience` tangents
        have not been convex or steps have been shortened."""
        reason = self._run(patience)
        self.equilibrium.effort.failures += bool(reason)
        return reason

    def _run(self, patience: float) -> str:
        equilibrium, system = self.equilibrium, self.equilibrium.system
        settings, radius = equilibrium.settings, system.radius
        self.active, self.aim, self.slack = equilibrium.targets(self.controls)
        equilibrium.stretch_hose()
        since, step, keep, searches = np.inf, np.inf, False, 0
        for _ in range(self.steps):
            if since > ANEW * radius:
                system.search(equilibrium.w)
                since, keep, now = 0.0, False, equilibrium.evaluate()
            previous, contact = step, system.contact_set()
            found = self._direction(now, keep=True) if keep else None
            if found is None or not found[2] < settings.contraction * previous:
                # a prediction that is not convex is far from where it should be
                found = self._convex(now, 0.0 if step == np.inf and patience < np.inf else patience)
                if found is None:
                    return "no shift makes the tangent convex" if self.shift > self.largest else "the way down is long"
            d, dm, step = found
            equilibrium.effort.iterations += 1
            if self.shift > 0.0 and step < settings.tolerance * radius:
                d, dm, step = self._push(dm)
            advanced = self._advance(d, dm, min(1.0, LIMIT * radius / step) if step > 0.0 else 1.0, now)
            if advanced is None:
                return "no step lowers the energy"
            fraction, now = advanced
            self.troubles += fraction < 1.0
            if self.troubles > patience:
                return "the way down is long"
            since += fraction * step
            if self.shift == 0.0 and fraction == 1.0 and step < self.until * radius:
                changed = system.tighten(equilibrium.w, equilibrium.multipliers)
                if not changed and (not system.search(equilibrium.w) or equilibrium.in_balance() or searches == SEARCHES):
                    return ""
                self.active, self.aim, self.slack = equilibrium.targets(self.controls)
                searches += 1
                since, keep, now = 0.0, False, equilibrium.evaluate()
                continue
            keep = self.shift == 0.0 and fraction == 1.0 and step < settings.chord_step * radius and contact == system.contact_set()
            self._lower(fraction)
        return f"the energy was still falling after {self.steps} steps"

    def _direction(self, now: Balance, *, keep: bool) -> tuple[Floats, Floats, float]:
        equilibrium = self.equilibrium
        error = self.aim - equilibrium.system.constraints(now.places)[self.active] + self.slack * equilibrium.multipliers[self.active]
        return equilibrium.direction(now.residual, error, now.gradients, self.active, self.slack, keep=keep)

    def _convex(self, now: Balance, patience: float) -> tuple[Floats, Floats, float] | None:
        """Step of a fresh tangent, with as much η as makes it convex."""
        told = 0
        while self.shift <= self.largest and self.troubles <= patience:
            self.equilibrium.system.eta = self.shift
            try:
                found = self._direction(now, keep=False)
                if inertia(self.equilibrium).stable and np.isfinite(found[2]):
                    return found
                stiffness = self._softest()[0]
                # where all modes near nought are stable, those that are not lie beyond them
                near = bool(stiffness[0] < 0.0) and told < TOLD
                missing = float(-stiffness[0] if near else stiffness[-1])
            except (SingularTangent, np.linalg.LinAlgError):
                near, missing = False, 0.0
            finally:
                self.equilibrium.system.eta = 0.0
            told += 1
            self.shifted, self.refused, self.eased = True, self.shift, False
            self.troubles += 1
            self.shift = max(self.least, self.shift + ABOVE * missing, 0.0 if near else RISE * self.shift)
        return None

    def _lower(self, fraction: float) -> None:
        """η of the next step: near the one refused last, as the unstable mode then grows fastest, but more where that led too far; none after two
        that went well."""
        if self.shift == 0.0:
            return
        if fraction < 0.05:
            self.shift *= RISE
        elif fraction > 0.3:
            gone = self.eased and fraction == 1.0
            self.shift = 0.0 if gone else max(FALL * self.shift, float(np.sqrt(self.shift * self.refused)))
            self.shift = 0.0 if self.shift < self.least else self.shift
            self.refused, self.eased = FALL * self.refused, True

    def _advance(self, d: Floats, dm: Floats, most: float, now: Balance) -> tuple[float, Balance] | None:
        """Take as much of a step, at most the part `most`, as lowers the energy: that part, and what is out of balance then."""
        equilibrium, active = self.equilibrium, self.active
        w, m = equilibrium.w.copy(), equilibrium.multipliers.copy()
        begin = equilibrium.slope(d, dm, active, 0.0, now)
        fraction, low, high, trials = most, 0.0, most, 0
        while fraction > 1e-5 * most:
            trials += 1
            equilibrium.w = np.asarray(w + fraction * d)
            equilibrium.multipliers[active] = m[active] + fraction * dm
            after = equilibrium.evaluate()
            if not equilibrium.sane(after, now):
                high, fraction = fraction, low + 0.4 * (fraction - low)
                continue
            end = equilibrium.slope(d, dm, active, fraction, after)
            if begin < 0.0 and end > -RISING * begin:
                high = fraction
            elif begin < 0.0 and end < SHALLOW * begin and fraction < 0.8 * high:
                low = fraction
            else:
                trials = TRIALS
            if trials >= TRIALS:
                equilibrium.drift += fraction * equilibrium.system.domain.largest(d[equilibrium.system.domain.u_dofs])
                return fraction, after
            guess = fraction * float(-begin / max(end - begin, -1e-9 * begin)) ** (1 / 3)
            least = low + 0.2 * (high - low) if low > 0.0 else 0.03 * high
            fraction = min(max(guess, least), high - 0.2 * (high - low))
        return None

    def _softest(self) -> tuple[Floats, Floats]:
        """Stiffnesses λ, K x = λ M x at given areas, nearest to nought of the tangent last factored, rising, and the mode of the least: inverse iteration."""
        equilibrium, M, ranks = self.equilibrium, self.equilibrium.system.proximity[:, None], self.equilibrium.system.domain.ranks
        x: Floats = np.random.default_rng(1).standard_normal((len(M), BLOCK))
        for _ in range(INVERSE):
            x, before = equilibrium.respond(M * x), x
            K, mass = ranks.sum(x.T @ (M * before)), ranks.sum(x.T @ (M * x))
            size, axes = np.linalg.eigh(mass)
            apart = size > DISTINCT * size[-1]  # a mode of next to no stiffness drowns the others
            root = axes[:, apart] / np.sqrt(size[apart])
            stiffness, turn = np.linalg.eigh(root.T @ (0.5 * (K + K.T)) @ root)
            x = x @ (root @ turn)
        return stiffness, x[:, 0]

    def _push(self, dm: Floats) -> tuple[Floats, Floats, float]:
        """Instead of a step of nothing at a saddle, one along its softest mode."""
        domain = self.equilibrium.system.domain
        mode = domain.share(self._softest()[1])
        size = PUSH * self.equilibrium.system.radius
        return size * mode / domain.largest(mode[domain.u_dofs]), 0.0 * dm, size
