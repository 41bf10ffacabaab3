"""A section's equilibria carried onto another mesh: how far is each from the equilibrium next to it there?

Two marches of one calf on two meshes may take different ways where its walls snap; both are right. What a mesh costs, by itself, is what a state moves
when the mesh alone is changed: its displacements are read at the places of the other mesh's nodes, its mean stresses at those of the other's triangles,
and from there the energy falls to a stable state with the same areas. Of several starts the one that ends nearest in pressure counts. Where none is
within 1 mmHg the shape may have ended on the other mesh already, as walls snap or turn over there: then the state found is carried back, and compared with
the one next to it.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from scipy.spatial import cKDTree
from smoothing import Smoothing

from calfpump.mesh import SectionMesh
from calfpump.section.curves import Floats, Ints
from calfpump.section.domain import Domain
from calfpump.section.equilibrium import Area, Control, Equilibrium, State
from calfpump.section.job import Curves, Job
from calfpump.section.measure import compartment_pressures
from calfpump.section.relaxation import Relaxation
from calfpump.section.stability import examine
from calfpump.section.trace import Trace

#: A state whose pressures have moved by less [Pa] is not sought again; one so many steps down the energy is not next to where it began. From steps of
#: so many mean radii on Newton's method is faster: no step longer than so many radii, so many times so many iterations. A wall may turn all but
#: freely; where the last of these moved pressures by less [Pa], it is not waited for.
NEXT, STEPS, CLOSE, LONGEST, TURNS, ITERATIONS, STILL = 130.0, 60, 0.02, 0.05, 12, 12, 4.0
#: Triangles looked at for the one that holds a point, by their middles; how far mean stresses are read inside a corner, for they jump beyond it.
NEAR, INSIDE = 40, 0.05
#: Power of the distance by which the states of different veins give way to one another.
SHARP = 8.0


@dataclass(frozen=True)
class Carried:
    """A state of the march at the area ratio `alpha`: p − p_c [Pa] of each of the `veins` on its own mesh, and `there` on the other, or the
    `reason` why there is none. Where that on the other was found first, and then the one next to it on its own, `returned` is by how much the one of
    the march is off [Pa]."""

    alpha: float
    veins: tuple[str, ...]
    here: Floats
    there: Floats
    reason: str
    returned: float = 0.0

    @property
    def missing(self) -> str:
        """Where and why there is none."""
        return f"α = {self.alpha:.3g}: {self.reason}"

    @property
    def off(self) -> float:
        """By how much the pressure of a vein differs at most [Pa]."""
        return np.inf if self.reason else float(np.abs(self.here - self.there).max())


@dataclass(frozen=True)
class Places:
    """Points of a mesh in working units, and its triangles with their corners in the order that `Domain.whole` has."""

    points: Floats
    triangles: Ints

    @classmethod
    def of(cls, mesh: SectionMesh, domain: Domain) -> Places:
        """Those of `domain`."""
        return cls(domain.points, np.sort(np.asarray(mesh.triangles, dtype=np.int64), axis=1))

    @property
    def nodes(self) -> Floats:
        """Of each triangle (n, 7, 2) the corners, the middles opposite to them, and the centroid."""
        corners = self.points[self.triangles]
        return np.concatenate([corners, 0.5 * (corners[:, [1, 0, 0]] + corners[:, [2, 2, 1]]), corners.mean(axis=1, keepdims=True)], axis=1)

    def coordinates(self, x: Floats, cells: Ints) -> Floats:
        """Barycentric coordinates (…, 3) of `x` (…, 2) in `cells` (…)."""
        a, b, c = (self.points[self.triangles[cells, k]] for k in range(3))
        whole = _cross(b - a, c - a)
        second, third = _cross(x - a, c - a) / whole, _cross(b - a, x - a) / whole
        return np.stack([1.0 - second - third, second, third], axis=-1)

    def find(self, x: Floats, among: Ints) -> tuple[Ints, Floats]:
        """Of each of `x` (n, 2) the triangle out of `among` that holds it, or comes nearest to that, and its coordinates there."""
        near = among[cKDTree(self.points[self.triangles[among]].mean(axis=1)).query(x, min(NEAR, len(among)))[1].reshape(len(x), -1)]
        inside = self.coordinates(x[:, None], near)
        best = np.arange(len(x)), np.argmax(inside.min(axis=2), axis=1)
        return near[best], inside[best]


def _cross(a: Floats, b: Floats) -> Floats:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])


def _shapes(inside: Floats) -> Floats:
    """The seven functions of displacement (n, 7) at barycentric coordinates (n, 3): P2 with nought in the middle, and the bubble, one there."""
    one, two, three = inside.T
    quadratic = np.concatenate([inside * (2.0 * inside - 1.0), 4.0 * np.stack([two * three, one * three, one * two], axis=1)], axis=1)
    bubble = 27.0 * one * two * three
    return np.column_stack([quadratic - bubble[:, None] * np.array([-1.0, -1.0, -1.0, 4.0, 4.0, 4.0]) / 9.0, bubble])


class Carrier:
    """Reads unknowns by cell (n, 17), as `Domain.whole` gives them, on another mesh of the same section."""

    def __init__(self, source: SectionMesh, of: Domain, target: SectionMesh, onto: Domain) -> None:
        here, there = Places.of(source, of), Places.of(target, onto)
        self.cells, inside = here.find(there.nodes.reshape(-1, 2), np.arange(len(here.triangles)))
        self.shapes = _shapes(inside)
        #: Of each tissue its triangles, and where the mean stresses of their corners are read.
        self.tissues: list[tuple[Ints, Ints, Floats]] = []
        for region, tag in target.regions.items():
            some = np.flatnonzero(np.asarray(target.cell_tags) == tag)
            if not len(some):
                continue
            corners = there.points[there.triangles[some]]
            x = corners + INSIDE * (corners.mean(axis=1, keepdims=True) - corners)
            cells, inside = here.find(x.reshape(-1, 2), np.flatnonzero(np.asarray(source.cell_tags) == source.regions[region]))
            inside = np.clip(inside, 0.0, 1.0)
            self.tissues.append((some, cells, inside / inside.sum(axis=1, keepdims=True)))

    def __call__(self, values: Floats) -> Floats:
        """The unknowns by cell of the other mesh."""
        found = np.zeros((len(self.cells) // 7, 17))
        found[:, :14] = np.einsum("nk,nkc->nc", self.shapes, values[self.cells, :14].reshape(-1, 7, 2)).reshape(-1, 14)
        for some, cells, inside in self.tissues:
            tension = np.einsum("nk,nk->n", inside, values[cells, 14:]).reshape(-1, 3)
            mean = tension.mean(axis=1, keepdims=True)
            found[some, 14:] = mean + (tension - mean) / (1.0 - INSIDE)
        return found


@dataclass(frozen=True)
class Marched:
    """The `states` of a march on a mesh by area ratio, unknowns by cell and multipliers; each vein's A₀ [m²] and the column of its compartment."""

    mesh: SectionMesh
    curves: Curves
    domain: Domain
    states: dict[float, tuple[Floats, Floats]]
    A0: Floats
    compartment: Ints


def march(job: Job) -> Marched:
    """The march of `job`, with its states."""
    with TemporaryDirectory() as folder:
        trace = Trace(replace(job, keep=Path(folder)), lambda line: None)
        trace.wear()
        curves = trace.run()
        states = {}
        for file in Path(folder).glob("*.step"):
            step = pickle.loads(file.read_bytes())
            if step.which[0] == "area march":
                _, values, multipliers, _ = step.history[-1]
                states[step.which[2]] = values, multipliers
    return Marched(job.mesh, curves, trace.system.domain, states, trace.A0, trace.compartment)


def settle(equilibrium: Equilibrium, controls: Mapping[str, Control]) -> str:
    """Bring the present unknowns down the energy to the stable equilibrium next to them, at last by Newton's method if that leads there; empty text, or
    why there is none."""
    if reason := Smoothing(equilibrium, controls, steps=STEPS, until=CLOSE).run():
        return reason
    begin = equilibrium.state
    for _ in range(TURNS):
        pressures = equilibrium.pressures()
        ended = equilibrium.solve(controls, step_limit=LONGEST, iterations=ITERATIONS, whole=True)
        on = ended.reason.startswith("no convergence")
        still = on and np.abs(equilibrium.pressures() - pressures).max() < STILL
        if ended.converged or still or not on:
            break
    if (ended.converged or still) and examine(equilibrium, controls, drift=0.01).stable:
        return ""
    equilibrium.restore(begin)
    reason = Relaxation(equilibrium, controls, steps=STEPS).run()
    if not reason:
        stability = examine(equilibrium, controls, drift=0.01)
        reason = "" if stability.stable else f"the branch is unstable ({stability.unstable} modes)"
    return reason


class Follower:
    """Goes on the mesh of `there` from state to state of `source`; a state whose pressures have moved by less than `enough` [Pa] is not sought again."""

    def __init__(self, source: Marched, there: Job, enough: float = NEXT) -> None:
        self.source, self.enough, self.trace = source, enough, Trace(there, lambda line: None)
        self.trace.wear()
        self.carry = Carrier(source.mesh, source.domain, there.mesh, self.trace.system.domain)
        self.equilibrium = self.trace.equilibrium
        self.full = self.equilibrium.state
        self.begin()

    def begin(self) -> None:
        """Go to α = 1."""
        self.equilibrium.restore(self.full)
        #: What the last state moved when it was carried.
        self.moved = np.zeros(self.trace.system.domain.n_dofs)

    def controls(self, alpha: float) -> dict[str, Control]:
        """The areas that `source` had, as parts of those of this mesh."""
        curves, source = self.source.curves, self.source
        ratios = [np.interp(alpha, curves.alpha, curves.areas[:, v] / A0) for v, A0 in enumerate(source.A0)]
        return {vein: Area(float(ratio * A0)) for vein, ratio, A0 in zip(self.trace.system.veins, ratios, self.trace.A0, strict=True)}

    def compartments(self) -> Floats:
        """p_c [Pa] of each compartment in the present state."""
        return compartment_pressures(self.equilibrium, self.trace.job.mesh, self.trace.names)

    def transmural(self) -> Floats:
        """p − p_c [Pa] of each vein in the present state."""
        return self.equilibrium.pressures() - self.compartments()[self.trace.compartment]

    def all(self) -> Iterator[Carried]:
        """The states nearest to those of `source`, from α = 1 down and from 1 up."""
        alphas = sorted(self.source.states)
        yield from map(self.to, [alpha for alpha in reversed(alphas) if alpha < 1.0])
        self.begin()
        yield from map(self.to, [alpha for alpha in alphas if alpha > 1.0])

    def to(self, alpha: float) -> Carried:
        """The stable state nearest to that of `source` at `alpha`. As long as pressures are not within `enough` it is sought next to that of `source`,
        as it is and moved by what the last one has moved, the one in less imbalance first; next to the last one; and next to the nearest of all these
        round each vein."""
        source, system, equilibrium = self.source, self.trace.system, self.equilibrium
        curves, k = source.curves, int(np.flatnonzero(source.curves.alpha == alpha)[0])
        here = curves.pressures[k] - curves.compartments[k, source.compartment]
        values, multipliers = source.states[alpha]
        w = system.domain.part(self.carry(values))
        w[system.held] = 0.0
        last = equilibrium.state
        begins = [State(w, multipliers)]
        if self.moved.any():
            begins = sorted([*begins, State(w + self.moved, multipliers)], key=self._imbalance)
        controls = self.controls(alpha)
        found: list[tuple[float, Floats, State]] = []
        reasons = []
        for begin in (*begins, last, None):
            if found and min(off for off, _, _ in found) < self.enough:
                break
            if begin is None and len(found) < 2:
                break
            equilibrium.restore(begin or self._together(found, here))
            reason = settle(equilibrium, controls)
            if reason:
                reasons.append(reason)
            else:
                found.append(self._off(here))
        if not found:
            equilibrium.restore(last)
            return Carried(alpha, curves.veins, here, here, reasons[0])
        _, there, nearest = min(found, key=lambda one: one[0])
        equilibrium.restore(nearest)
        self.moved = nearest.w - w
        return Carried(alpha, curves.veins, here, there, "")

    def back(self, here: Job) -> Follower:
        """One that goes the other way, onto the mesh of `source`, that of `here`, from no states as yet."""
        curves = self.source.curves
        curves = replace(curves, pressures=curves.pressures.copy(), compartments=np.zeros_like(curves.compartments))
        return Follower(replace(self.source, mesh=self.trace.job.mesh, curves=curves, domain=self.trace.system.domain, states={}), here)

    def returned(self, state: Carried, back: Follower) -> Carried:
        """The `state` that was just found, and the stable one next to it on the mesh of `source`."""
        k = int(np.flatnonzero(self.source.curves.alpha == state.alpha)[0])
        now, (values, multipliers) = self.equilibrium.state, self.source.states[state.alpha]
        back.source.curves.pressures[k] = state.there
        back.source.states[state.alpha] = self.trace.system.domain.whole(now.w), now.multipliers
        back.begin()
        back.equilibrium.restore(State(back.trace.system.domain.part(values), multipliers))
        found = back.to(state.alpha)
        return replace(found, here=found.there, there=found.here, returned=state.off)

    def _imbalance(self, state: State) -> float:
        """Largest force out of balance in a state."""
        self.equilibrium.restore(state)
        self.trace.system.search(state.w)
        size = self.equilibrium.evaluate().size
        return size if np.isfinite(size) else np.inf

    def _together(self, found: list[tuple[float, Floats, State]], here: Floats) -> State:
        """Round each vein the one of the states `found` whose pressure there is nearest to `here`."""
        domain = self.trace.system.domain
        nearest = np.argmin([np.abs(p - here) for _, p, _ in found], axis=0)
        whole = np.stack([domain.whole(state.w) for _, _, state in found])
        values = np.einsum("vnk,vnk->nk", self._round, whole[nearest])
        return State(domain.part(values), np.array([found[n][2].multipliers[v] for v, n in enumerate(nearest)]))

    @cached_property
    def _round(self) -> Floats:
        """Weight (veins, n, 17) of each vein at each unknown by cell, from one at its lumen to nought at the others'."""
        system = self.trace.system
        nodes = Places.of(self.trace.job.mesh, system.domain).nodes
        places = np.concatenate([np.repeat(nodes, 2, axis=1), np.repeat(nodes[:, 6:], 3, axis=1)], axis=1)
        centres = np.array([system.domain.X[lumen[:, 0]].mean(axis=0) for lumen in system.lumens])
        weights = np.linalg.norm(places - centres[:, None, None], axis=3) ** -SHARP
        return np.asarray(weights / weights.sum(axis=0))

    def _off(self, here: Floats) -> tuple[float, Floats, State]:
        """How far the present state is from the pressures `here` [Pa], its own, and itself."""
        p = self.transmural()
        return float(np.abs(p - here).max()), p, self.equilibrium.state


def carried(source: Marched, here: Job, there: Job) -> Iterator[Carried]:
    """Each state of a march on the mesh of `here`, from α = 1 down and from 1 up, and the nearest one on the mesh of `there`. Where that is more than
    `NEXT` off, itself and the one next to it on the mesh of `here`, if they are nearer to one another."""
    follower = Follower(source, there)
    back: Follower | None = None
    for state in follower.all():
        if NEXT < state.off < np.inf:
            back = back or follower.back(here)
            yield min(state, follower.returned(state, back), key=lambda one: one.off)
        else:
            yield state


def settled(source: Marched, there: Job) -> tuple[Marched, list[str]]:
    """Stable states next to those of a march on the mesh of `there`, as if they had been marched there; and where and why there is none."""
    follower, curves = Follower(source, there, enough=np.inf), source.curves
    curves = replace(curves, pressures=curves.pressures.copy(), compartments=curves.compartments.copy())
    found: dict[float, tuple[Floats, Floats]] = {}
    missing = []
    for state in follower.all():
        if state.reason:
            missing.append(state.missing)
            continue
        k = int(np.flatnonzero(curves.alpha == state.alpha)[0])
        curves.pressures[k], curves.compartments[k] = follower.equilibrium.pressures(), follower.compartments()
        now = follower.equilibrium.state
        found[state.alpha] = follower.trace.system.domain.whole(now.w), now.multipliers
    trace = follower.trace
    return Marched(there.mesh, curves, trace.system.domain, found, trace.A0, trace.compartment), missing
