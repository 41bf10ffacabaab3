"""The section as a system of equations: tissues, membranes, contact, blood and hose pressure in one energy.

    Π(u, π) = Σ ψ + Σ ψ_membrane + Σ contact − Σ p_v A_v(u) + p_s A_skin(u) + T (L(u) − L₀) − T² L₀/2k − p_g ∫ u_y dX

Blood and uniform hose pressures act through the area they enclose: exact follower loads with a symmetric tangent. The multipliers
(p_v, T) are the pressures of the veins in order of `veins`, then, with a sliding hose, its tension. The ground presses on the sole, vertically and
without friction, with p_g per width of the unloaded sole: a dead load, so that the force carried is p_g times the sole's width; bones hold against it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from petsc4py import PETSc

from calfpump.section import curves
from calfpump.section.bulk import Bulk
from calfpump.section.contact import SelfContact
from calfpump.section.curves import Floats, Ints
from calfpump.section.domain import Domain
from calfpump.section.errors import section_error
from calfpump.section.hose import HullLength, pad_offsets, pressed
from calfpump.section.membranes import TOE, Membrane
from calfpump.section.sparsity import Pattern
from calfpump.section.units import Units

if TYPE_CHECKING:
    from calfpump.mesh import SectionMesh

_H = curves.area_hessian()


class System:
    """Equations of one section.

    `mu` [Pa] and `inverse_kappa` [1/Pa] by region; `membranes` curve → E t [N/m]; `penalty` [Pa/m] of self-contact by vein; `fixed`
    curves that do not move (default: all named bone_…); `sliding` (curve, component) held in that direction alone, as by a mirror;
    `pins` (point, component) held one by one, against rigid motion. What is held stays where the state has it: at rest, or moved by hand.
    `toe` strain of the membranes, one for all or by curve. `c01`, `c11` [Pa], `stiffening` [1]: as in :class:`~calfpump.section.bulk.Bulk`.
    The cells are shared out over the MPI ranks of `comm` (default: this process alone); every rank must make each call.
    """

    def __init__(
        self,
        mesh: SectionMesh,
        *,
        mu: Mapping[str, float],
        inverse_kappa: Mapping[str, float],
        membranes: Mapping[str, float] | None = None,
        penalty: Mapping[str, float] | None = None,
        toe: float | Mapping[str, float] = TOE,
        c01: Mapping[str, float] | None = None,
        c11: Mapping[str, float] | None = None,
        stiffening: Mapping[str, float] | None = None,
        fixed: Sequence[str] | None = None,
        sliding: Sequence[tuple[str, int]] = (),
        pins: Sequence[tuple[int, int]] = (),
        units: Units | None = None,
        comm: Any = None,
    ) -> None:
        self.units = units or Units()
        self.domain = Domain(mesh, self.units, comm)
        self.bulk = Bulk(self.domain, mu, inverse_kappa, c01=c01, c11=c11, stiffening=stiffening)
        X = self.domain.X
        self.membranes = [
            Membrane(X, self.domain.edges(curve), stiffness / self.units.tension, toe=toe.get(curve, TOE) if isinstance(toe, Mapping) else toe)
            for curve, stiffness in (membranes or {}).items()
            if curve in self.domain.curves and stiffness > 0.0
        ]
        self.veins = tuple(name.removeprefix("lumen_") for name in self.domain.curves if name.startswith("lumen_"))
        self.lumens = [self._loop(f"lumen_{vein}") for vein in self.veins]
        self.A0 = self.areas(X)
        self.radius = float(np.sqrt(self.A0.mean() / np.pi)) if self.veins else float(np.ptp(self.domain.points[:, 0]))
        self.contacts = [
            SelfContact(X, curves.loop_nodes(lumen), penalty[vein] * self.units.length / self.units.stress)
            for vein, lumen in zip(self.veins, self.lumens, strict=True)
            if penalty is not None
        ]
        self.skin = self._loop("skin") if "skin" in self.domain.curves else None
        self.skin_pressure, self.sole_pressure = 0.0, 0.0
        self._sole = self._sole_widths()
        self.pressed: Floats | None = None
        self.hull: HullLength | None = None
        self.slack = False
        self.bonded: Membrane | None = None
        self.slack_girth, self.compliance = 0.0, 0.0
        self._hold(fixed, sliding, pins)
        first = self.bulk.new_matrix()
        self.bulk.fill_tangent(np.zeros(self.domain.n_dofs), first)
        self._pattern = Pattern(first, self.domain.ranks.comm)
        self.matrix = self._pattern.matrix(np.zeros((0, 6), dtype=np.int64))
        first.destroy()
        self._searched = False
        self._vector = self.bulk.new_vector()
        #: M of a shift η of the tangent, by which a relaxation shortens its steps.
        self.proximity = self._proximal_weights()
        self.eta = 0.0
        #: Adds to the matrix of each tangent what holds back a step.
        self.stiffer: Callable[[Any], None] | None = None

    def _loop(self, curve: str) -> Ints:
        try:
            loops = curves.chains(self.domain.edges(curve))
        except ValueError as problem:
            raise section_error("reading the mesh", f"curve {curve}", str(problem)) from problem
        if len(loops) != 1:
            raise section_error("reading the mesh", f"curve {curve}", f"{len(loops)} closed curves where one is expected")
        return curves.counter_clockwise(self.domain.X, loops[0])

    def _sole_widths(self) -> Floats:
        """Width ∫N dX of the sole that each displacement unknown carries, for unit pressure from below; zero elsewhere."""
        widths = np.zeros(self.domain.n_dofs)
        if self.skin is None or "sole" not in self.domain.curves:
            return widths
        edges = self.skin[np.isin(self.skin[:, 1], self.domain.edges("sole")[:, 1])]
        across = self.domain.X[edges[:, 2], 0] - self.domain.X[edges[:, 0], 0]
        up = across[:, None] * np.array([1.0, 4.0, 1.0]) / 6.0
        self.domain.add(widths, edges, np.stack([np.zeros_like(up), up], axis=2))
        return widths

    def _hold(self, fixed: Sequence[str] | None, sliding: Sequence[tuple[str, int]], pins: Sequence[tuple[int, int]]) -> None:
        domain = self.domain
        names = [name for name in domain.curves if name.startswith("bone")] if fixed is None else list(fixed)
        held: list[Ints] = [domain.unknowns_at(domain.edges(*names))] if names else []
        held += [domain.unknowns_at(domain.edges(curve), axis) for curve, axis in sliding]
        held.append(domain.unknowns_of(pins))
        self.held = np.unique(np.concatenate(held))
        self.bulk.hold(self.held)
        everywhere = np.unique(np.concatenate(domain.ranks.joined(domain.global_dofs[self.held])))
        #: Matrix columns of a node, and rows where this rank adds to them; −1: none.
        self._columns = np.where(np.isin(domain.columns, everywhere), -1, domain.columns)
        self._rows = np.where(domain.rows < 0, -1, self._columns)

    def _proximal_weights(self) -> Floats:
        domain = self.domain
        X = domain.points[domain.corners]
        edge = X[:, 1:] - X[:, :1]
        area = 0.5 * (edge[:, 0, 0] * edge[:, 1, 1] - edge[:, 0, 1] * edge[:, 1, 0])
        weights: Floats = np.zeros(domain.n_dofs)
        np.add.at(weights, domain.dofs[domain.cell_nodes], (area / 6.0)[:, None, None])
        weights = domain.gather(weights)
        weights[self.held] = 0.0
        return weights

    @property
    def n_multipliers(self) -> int:
        """Veins, and one more for the tension of a sliding hose."""
        return len(self.veins) + (self.hull is not None)

    def wear(self, slack_girth: float, k: float, pads: Sequence[tuple[float, float, float]] = ()) -> None:
        """Put on a sliding hose of slack girth [m] and fabric stiffness `k` [N/m], over `pads`
        (angle [rad], width [m], height [m])."""
        if self.hull is None:
            skin = self.closed_skin()
            scaled = [(angle, width / self.units.length, height / self.units.length) for angle, width, height in pads]
            self.hull = HullLength(skin, pad_offsets(self.domain.X, skin, scaled) if pads else 0.0)
        self.slack_girth = slack_girth / self.units.length
        self.compliance = self.slack_girth / (k / self.units.tension)

    def wrap(self, slack: float, k: float) -> None:
        """Put on a hose that sticks to the skin: fabric stiffness `k` [N/m], slack length over the skin's stress-free one."""
        if self.bonded is None:
            self.bonded = Membrane(self.domain.X, self.closed_skin(), k / self.units.tension, slack=slack)
            self.membranes.append(self.bonded)
        self.bonded.slack = slack

    def press(self, pressure: float, arcs: Sequence[tuple[float, float]] = ()) -> None:
        """A follower `pressure` [Pa] on the skin, or on `arcs` (angle, width) [rad] of it."""
        self.skin_pressure = pressure / self.units.stress
        self.pressed = pressed(self.domain.X, self.closed_skin(), arcs) if arcs else None

    def closed_skin(self) -> Ints:
        """The skin's edges, lumen side left; raises `SectionError` without one."""
        if self.skin is None:
            raise section_error("putting on the hose", "before any load", "the mesh has no curve named skin")
        return self.skin

    def tighten(self, w: Floats, multipliers: Floats) -> bool:
        """Let a sliding hose go slack where its tension has become negative, or tauten again; True when that changed."""
        if self.hull is None:
            return False
        slack = float(multipliers[-1]) < 0.0 if not self.slack else self.hull.length(self.domain.places(w)) <= self.slack_girth
        changed, self.slack = slack != self.slack, slack
        return changed

    def areas(self, x: Floats) -> Floats:
        """Lumen areas (n_veins,) at node places `x`."""
        return np.array([curves.enclosed_area(x, lumen) for lumen in self.lumens])

    def search(self, w: Floats) -> bool:
        """Search contact pairs anew at state `w`; True when any changed."""
        x = self.domain.places(w)
        changed = [contact.search(x) for contact in self.contacts]
        self._searched = True
        return any(changed)

    def _widen(self, x: Floats) -> None:
        """Make the matrix anew if a contact pair or a chord of the hull couples unknowns that it keeps apart."""
        blocks: list[Ints] = [self._columns[contact.pairs].reshape(-1, 6) for contact in self.contacts]
        if self.hull is not None:
            spans = self._columns[self.hull.spans(x)].reshape(-1, 12)
            blocks = [np.pad(pairs, ((0, 0), (0, 6)), constant_values=-1) for pairs in blocks] + [spans]
        wanted = np.concatenate(blocks) if blocks else np.zeros((0, 6), dtype=np.int64)
        if self._pattern.lacks(wanted):
            self.matrix.destroy()
            self.matrix = self._pattern.matrix(wanted)

    def constraints(self, x: Floats) -> Floats:
        """Derivatives of Π by the multipliers at T = 0: −A_v of each vein, then L − L₀ of the hose."""
        values = -self.areas(x)
        return values if self.hull is None else np.append(values, self.hull.length(x) - self.slack_girth)

    def gradients(self, x: Floats) -> Floats:
        """Derivatives (n_dofs, n_multipliers) of `constraints`, zero where the section is held and on a rank's border."""
        G = np.zeros((self.domain.n_dofs, self.n_multipliers), order="F")
        for k, lumen in enumerate(self.lumens):
            self.domain.add(G[:, k], lumen, -curves.area_gradient(x, lumen))
        if self.hull is not None:
            self.domain.add(G[:, -1], self.hull.chain, self.hull.gradient(x))
        G[self.held] = 0.0
        return G

    def residual(self, w: Floats, multipliers: Floats, G: Floats | None = None, x: Floats | None = None) -> Floats:
        """Out-of-balance forces ∂Π/∂(u, π) at a state, zero where the section is held and on a rank's border."""
        with self._vector.localForm() as vector:
            vector.set(0.0)
            self.bulk.add_residual(w, self._vector)
            r: Floats = self.domain.gather(vector.array.copy())
        x = self.domain.places(w) if x is None else x
        r += (self.gradients(x) if G is None else G) @ multipliers
        add = self.domain.add
        for membrane in self.membranes:
            add(r, membrane.nodes, membrane.gradient(x))
        for contact in self.contacts:
            add(r, *contact.gradient(x))
        if self.skin is not None and self.skin_pressure != 0.0:
            on_skin = curves.area_gradient(x, self.skin) if self.pressed is None else self.pressed[:, None, None] * curves.follower(x, self.skin)
            add(r, self.skin, self.skin_pressure * on_skin)
        if self.sole_pressure != 0.0:
            r -= self.sole_pressure * self._sole
        r[self.held] = 0.0
        return r

    def fill_tangent(self, w: Floats, multipliers: Floats) -> None:
        """Second derivative of Π by (u, π) at a state, into `matrix`."""
        x = self.domain.places(w)
        if self._searched or self.hull is not None:
            self._widen(x)
            self._searched = False
        self.bulk.fill_tangent(w, self.matrix)
        for membrane in self.membranes:
            self._add(membrane.nodes, membrane.hessian(x))
        for lumen, pressure in zip(self.lumens, multipliers, strict=False):
            self._add(lumen, np.broadcast_to(-pressure * _H, (len(lumen), 6, 6)))
        if self.skin is not None and self.skin_pressure != 0.0:
            # at the ends of an arc a follower pressure has no potential: the symmetric part is kept
            share = np.ones(len(self.skin)) if self.pressed is None else self.pressed
            self._add(self.skin, self.skin_pressure * share[:, None, None] * _H)
        if self.hull is not None:
            for nodes, values in self.hull.hessian(x):
                self._add(nodes, multipliers[-1] * values)
        for contact in self.contacts:
            self._add(*contact.hessian(x))
        self.matrix.assemble()
        if self.eta > 0.0:
            diagonal = self.matrix.getDiagonal()
            diagonal.array += self.eta * self.proximity[: self.domain.n_owned]
            self.matrix.setDiagonal(diagonal)
        if self.stiffer is not None:
            self.stiffer(self.matrix)

    def _add(self, nodes: Ints, blocks: Floats) -> None:
        if len(nodes) == 0:
            return
        columns = self._columns[nodes].reshape(len(nodes), -1).astype(PETSc.IntType)
        rows = columns if self.domain.ranks.alone else self._rows[nodes].reshape(len(nodes), -1).astype(PETSc.IntType)
        values = np.ascontiguousarray(blocks).reshape(len(nodes), -1)
        self.matrix.setValuesRCV(rows, columns, values, addv=PETSc.InsertMode.ADD)

    @property
    def touching(self) -> int:
        """Number of node–segment pairs in contact when last looked at."""
        return sum(len(contact.touching) for contact in self.contacts)

    def contact_set(self) -> tuple[bytes, ...]:
        """Which pairs were in contact when last looked at, to be compared; and `hull_points`."""
        pairs = tuple(contact.touching.tobytes() for contact in self.contacts)
        return pairs if self.hull is None else (*pairs, self.hull_points())

    def hull_points(self) -> bytes:
        """Which points of the skin a sliding hose touched when last looked at, to be compared."""
        return b"" if self.hull is None else self.hull.hull.tobytes()

    def describe(self) -> dict[str, Any]:
        """Sizes of the system."""
        return {"cells": self.domain.n_cells, "unknowns": self.domain.n_global, "veins": len(self.veins)}
