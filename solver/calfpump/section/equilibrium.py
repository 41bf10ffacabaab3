"""Equilibrium by bordered Newton: lumen areas, or pressures, prescribed vein by vein.

With G = ∂c/∂u the gradients of the constraints and S = GᵀK⁻¹G + C, C the hose's compliance,

    K d₁ = −r,  K D = G,  S δm = Gᵀd₁ − e,  d = d₁ − D δm

one factorisation and n + 1 back-substitutions. While the steps contract well the factor and D are kept (chord Newton). Convergence and step limit
look at displacements alone: pressures in them throttle Newton and fake failures (measured). Contact pairs are frozen
within a solve, then searched again and, if they changed, solved once more. The hull of a sliding hose follows each step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from calfpump.section.curves import Floats, Ints
from calfpump.section.factor import Factor, SingularTangent
from calfpump.section.kept import Kept
from calfpump.section.system import System


@dataclass(frozen=True)
class Area:
    """A vein held at the lumen area `value` [m²]; its pressure is a result."""

    value: float


@dataclass(frozen=True)
class Pressure:
    """A vein under the blood pressure `value` [Pa]; its area is a result."""

    value: float


Control = Area | Pressure
#: A step after which the energy rises `OVERSHOOT` times as steeply as it fell before is shortened, but not below a part `SHORTEST`: without
#: contact it leads walls into one another, and with contact out again, for ever. Where it then still falls `UNDERSHOOT` times as steeply, what
#: stiffens, a membrane that becomes taut, say, lies farther on. Not so the first `CAREFUL` steps: they find the contacts.
OVERSHOOT, UNDERSHOOT, SHORTEST, CAREFUL = 1.0, 0.5, 0.01, 4


@dataclass(frozen=True)
class State:
    """All unknowns of a section in working units: fields `w` and the `multipliers` of veins and hose; and which segments of the
    lumens' walls are `facing` their nodes, by vein."""

    w: Floats
    multipliers: Floats
    facing: tuple[Ints, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How a solve ended: `reason` is empty when it converged."""

    reason: str
    iterations: int

    @property
    def converged(self) -> bool:
        """True when the state is an equilibrium."""
        return not self.reason


@dataclass(frozen=True)
class Balance:
    """Of a state: places of the nodes, derivatives of the constraints, residual and its `size`."""

    places: Floats
    gradients: Floats
    residual: Floats
    size: float


@dataclass
class Effort:
    """Work spent so far."""

    iterations: int = 0
    factorisations: int = 0
    failures: int = 0
    relaxations: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class NewtonSettings:
    """`tolerance` and `step_limit` on displacements in parts of the mean lumen radius; `contraction` of successive steps
    that still keeps a factor, and `chord_step` below which keeping is tried and above which, after `patience` iterations, Newton gives up."""

    tolerance: float = 1e-6
    step_limit: float = 0.4
    iterations: int = 14
    contraction: float = 0.25
    chord: bool = True
    chord_step: float = 0.1
    passes: int = 2
    patience: int = 9


class Equilibrium:
    """Newton's method on a `System`; holds the present state."""

    def __init__(self, system: System, settings: NewtonSettings | None = None) -> None:
        self.system = system
        self.settings = settings or NewtonSettings()
        self.factor = Factor()
        self.w: Floats = np.zeros(system.domain.n_dofs)
        self.multipliers: Floats = np.zeros(system.n_multipliers)
        self.effort = Effort()
        #: Where a march keeps its steps, or None.
        self.kept: Kept | None = None
        self.S: Floats = np.zeros((0, 0))
        self.residual = np.inf
        self.drift = np.inf
        self._force = system.domain.largest(system.bulk.mu.x.array) * system.radius
        self._quiet = 1e-2 * self._force  # a force that is no explosion

    @property
    def state(self) -> State:
        """Copy of the present unknowns."""
        return State(self.w.copy(), self.multipliers.copy(), tuple(contact.facing for contact in self.system.contacts))

    def restore(self, state: State) -> None:
        """Return to an earlier state."""
        self.w[:] = state.w
        self.drift = np.inf
        self.multipliers = np.zeros(self.system.n_multipliers)
        self.multipliers[: len(state.multipliers)] = state.multipliers
        for k, contact in enumerate(self.system.contacts):
            contact.facing = state.facing[k] if state.facing else np.full(len(contact.loop), -1)

    def areas(self) -> Floats:
        """Lumen areas [m²] of the veins now."""
        system = self.system
        return system.areas(system.domain.places(self.w)) * system.units.area

    def pressures(self) -> Floats:
        """Blood pressures [Pa] in the veins now."""
        return self.multipliers[: len(self.system.veins)] * self.system.units.stress

    def solve(self, controls: Mapping[str, Control], **changes: Any) -> Outcome:
        """Search contacts, solve, and again while a new search disturbs the balance; the state is whatever Newton left."""
        self.system.search(self.w)
        total = 0
        for attempt in range(self.settings.passes):
            outcome = self.newton(controls, **changes)
            total += outcome.iterations
            for _ in range(2):  # a hose that pushes is slack
                if not outcome.converged or not self.system.tighten(self.w, self.multipliers):
                    break
                outcome = self.newton(controls, **changes)
                total += outcome.iterations
            if not outcome.converged:
                self.effort.failures += 1
                break
            if attempt == self.settings.passes - 1 or not self.system.search(self.w) or self.in_balance():
                break
        return Outcome(outcome.reason, total)

    def in_balance(self) -> bool:
        """True when the residual is still negligible after a search."""
        return self.imbalance() < 1e-8

    def imbalance(self) -> float:
        """Largest entry of the residual, parts of the largest shear modulus times the mean lumen radius."""
        return self.system.domain.largest(self.system.residual(self.w, self.multipliers)) / self._force

    def newton(
        self, controls: Mapping[str, Control], *, step_limit: float | None = None, iterations: int | None = None, whole: bool = False
    ) -> Outcome:
        """Iterate to equilibrium with contact pairs frozen. With `whole` a step is taken whole though forces or energy rise, and long ones are no reason to
        give up: near a stable state that turns all but freely they rise with every step that turns it, and fall with the next."""
        system, settings = self.system, self.settings
        limit = (settings.step_limit if step_limit is None else step_limit) * system.radius
        most = settings.iterations if iterations is None else iterations
        patience = settings.patience + most - settings.iterations
        active, aim, slack = self.targets(controls)
        self.stretch_hose()
        tolerance = settings.tolerance * system.radius
        step, keep, before = np.inf, False, np.inf
        contact: tuple[bytes, ...] = ()
        now = self.evaluate()
        for iteration in range(most):
            r, G, size = now.residual, now.gradients, now.size
            error = aim - system.constraints(now.places)[active] + slack * self.multipliers[active]
            if not (np.isfinite(size) and np.all(np.isfinite(error))):
                return Outcome("the residual is not finite", iteration)
            previous = step
            try:
                d, dm, step = self.direction(r, error, G, active, slack, keep=keep)
                if keep and not step < settings.contraction * previous:
                    keep = False
                    d, dm, step = self.direction(r, error, G, active, slack, keep=False)
            except (SingularTangent, np.linalg.LinAlgError):
                return Outcome("the tangent is singular", iteration)
            self.effort.iterations += 1
            if not np.isfinite(step):
                return Outcome("the step is not finite", iteration)
            if iteration >= patience and step > settings.chord_step * system.radius and not whole:
                return Outcome(f"still wandering after {iteration} iterations", iteration)
            fraction = min(1.0, limit / step) if step > 0.0 else 1.0
            if iteration >= 6 and size > before and not whole:
                fraction *= 0.5
            before = size
            advanced = self._advance(d, dm, active, fraction, now, careful=iteration >= CAREFUL and not whole)
            if advanced is None:
                return Outcome("no step keeps the elements from turning over", iteration)
            fraction, now = advanced
            if fraction > 0.5 and step < tolerance:
                self.residual = size
                return Outcome("", iteration + 1)
            contact, last_contact = system.contact_set(), contact
            # an old factor knows nothing of a contact that has just come or gone
            keep = settings.chord and fraction == 1.0 and step < settings.chord_step * system.radius and contact == last_contact
        return Outcome(f"no convergence in {most} iterations", most)

    def targets(self, controls: Mapping[str, Control]) -> tuple[Any, Floats, Floats]:
        """Which multipliers are unknown, what their constraints must reach, and the compliance of each; sets given pressures."""
        system = self.system
        active, aim, slack = [], [], []
        for k, vein in enumerate(system.veins):
            control = controls[vein]
            if isinstance(control, Pressure):
                self.multipliers[k] = control.value / system.units.stress
            else:
                active.append(k)
                aim.append(-control.value / system.units.area)
                slack.append(0.0)
        if system.hull is not None:
            if len(self.multipliers) < system.n_multipliers:
                self.multipliers = np.append(self.multipliers, 0.0)
            if system.slack:
                self.multipliers[-1] = 0.0
            else:
                active.append(len(system.veins))
                aim.append(0.0)
                slack.append(system.compliance)
        return np.array(active, dtype=np.int64), np.array(aim), np.array(slack)

    def stretch_hose(self) -> None:
        """Give a sliding hose the tension that it has round the present skin. Newton's first step would else bear a new tension on a surface
        stiffened by the old one alone, and roughen it from node to node."""
        system = self.system
        if system.hull is not None and not system.slack:
            self.multipliers[-1] = max(system.hull.length(system.domain.places(self.w)) - system.slack_girth, 0.0) / system.compliance

    def direction(
        self, r: Floats, error: Floats, G: Floats, active: Any, slack: Floats, *, keep: bool
    ) -> tuple[Floats, Floats, float]:
        """Newton step of fields and multipliers, and its largest displacement; with `keep`, from the last factor."""
        domain, ranks = self.system.domain, self.system.domain.ranks
        if keep:
            d1 = self.factor.solve(-r[:, None])[:, 0]
        else:
            self.system.fill_tangent(self.w, self.multipliers)
            self.factor.refresh(self.system.matrix)
            self.drift = 0.0
            self.effort.factorisations += 1
            self._G = G if len(active) == G.shape[1] else np.asfortranarray(G[:, active])
            right = np.empty((len(r), 1 + len(active)), order="F")  # as PETSc wants it: no copy
            right[:, 0], right[:, 1:] = -r, self._G
            columns = self.factor.solve(right)
            d1, self._D = np.asarray(columns[:, 0]), columns[:, 1:]
            self.S = np.asarray(ranks.sum(self._G.T @ self._D) + np.diag(slack))
        dm: Floats = np.zeros(0)
        if len(active):
            dm = np.linalg.solve(self.S, ranks.sum(self._G.T @ d1) - error)
            d1 = np.asarray(d1 - self._D @ dm)
        d1 = domain.share(d1)
        return d1, dm, domain.largest(d1[domain.u_dofs])

    def respond(self, forces: Floats) -> Floats:
        """Displacements (n, m) under columns of small `forces` with the areas prescribed kept, from the last factor."""
        d = self.factor.solve(forces)
        if self.S.size:
            d -= self._D @ np.linalg.solve(self.S, self.system.domain.ranks.sum(self._G.T @ d))
        return d

    def refactor(self, controls: Mapping[str, Control]) -> None:
        """Tangent, factor and S at the present state."""
        active, aim, slack = self.targets(controls)
        G = self.system.gradients(self.system.domain.places(self.w))
        self.direction(np.zeros(len(self.w)), np.zeros(len(aim)), G, active, slack, keep=False)

    def evaluate(self) -> Balance:
        """Forces out of balance at the present state."""
        x = self.system.domain.places(self.w)
        G = self.system.gradients(x)
        r = self.system.residual(self.w, self.multipliers, G, x)
        return Balance(x, G, r, self.system.domain.largest(r))

    def _advance(self, d: Floats, dm: Floats, active: Any, fraction: float, now: Balance, *, careful: bool) -> tuple[float, Balance] | None:
        """Take the part `fraction` of the step, halved until the residual is finite and has not exploded, and shortened where walls hit one
        another or the hose comes to lie on other skin: the part taken, and what is out of balance then."""
        w, m = self.w.copy(), self.multipliers.copy()
        begin, points = self.slope(d, dm, active, 0.0, now) if careful else 0.0, self.system.hull_points()
        short, falls, far = 0.0, begin, np.inf  # the minimum along the step lies between, `falls` the slope at `short`
        for attempt in range(8):
            self.w = np.asarray(w + fraction * d)
            self.multipliers[active] = m[active] + fraction * dm
            after = self.evaluate()
            if not self.sane(after, now):
                fraction = 0.5 * (short + fraction)
                continue
            if begin < 0.0 and attempt < 7 and (far < np.inf or after.size > now.size or self.system.hull_points() != points):
                end = self.slope(d, dm, active, fraction, after)
                if end > -OVERSHOOT * begin and fraction > SHORTEST:
                    far = fraction
                    fraction = short + min(0.5, max(0.1, falls / (falls - end))) * (far - short)
                    continue
                if far < np.inf and end < UNDERSHOOT * begin:
                    short, falls = fraction, end
                    fraction = 0.5 * (short + far)
                    continue
            self.drift += fraction * self.system.domain.largest(d[self.system.domain.u_dofs])
            return fraction, after
        self.w, self.multipliers = w, m
        return None

    def sane(self, after: Balance, now: Balance) -> bool:
        """True when what is out of balance `after` a step is finite and has not exploded."""
        return bool(np.isfinite(after.size) and after.size < 1e4 * max(now.size, self._quiet))

    def slope(self, d: Floats, dm: Floats, active: Any, fraction: float, at: Balance) -> float:
        """Slope along `d` of the energy with the multipliers that the whole step leads to: −dᵀK d < 0 where a minimum lies ahead."""
        r = at.residual + (1.0 - fraction) * (at.gradients[:, active] @ dm)
        return float(self.system.domain.ranks.sum(np.array([d @ r]))[0])
