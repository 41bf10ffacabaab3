"""[network] of a case → the flow solver's network, signals and state of rest."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump import flow
from calfpump.case import Case, CaseError
from calfpump.case import network as given
from calfpump.case.law_table import LawTable
from calfpump.case.network_check import A0_of, exponents
from calfpump.case.signal import Signal
from calfpump.flow.check import check
from calfpump.law import AlgebraicLaw, CompartmentLaw, TubeLaw

Array = NDArray[np.floating[Any]]

#: a cone is cut into pieces whose radii differ by this share at most
CONE_STEP = 0.01
#: filling of a compartment up to which its elastance is followed
FULLEST = 50.0
#: share of the period within which a repeated signal jumps back where its ends differ
JUMP = 1e-6


@dataclass(frozen=True)
class Built:
    """What is solved: the network, its signals, the fluid, p + ρgz of the rest it begins from; per vessel of the case its pieces from end to end."""

    network: flow.Network
    signals: flow.Signals
    fluid: flow.Fluid
    total_pressure: float
    pieces: dict[str, tuple[str, ...]]


def build(case: Case) -> Built:
    """The flow network of a case with [network]; raises CaseError where the flow solver refuses it."""
    assert case.network is not None
    made = _Builder(case, case.network)
    network, signals = made.network(), made.signals()
    fluid = flow.Fluid(density=case.flow.density, viscosity=case.flow.viscosity, profile=case.network.profile)
    try:
        check(network, signals, fluid)
        flow.layout(network, case.numerics.cell_length)
    except flow.NetworkError as error:
        raise CaseError([case.problem("network", what) for what in error.problems]) from None
    return Built(network, signals, fluid, made.total_pressure(fluid), made.pieces)


class _Builder:
    def __init__(self, case: Case, network: given.Network) -> None:
        self.case, self.given = case, network
        self.named: dict[str, Signal] = {}
        self.tables: dict[tuple[int, float], TubeLaw] = {}
        self.pieces: dict[str, tuple[str, ...]] = {}

    def signal(self, name: str, value: Signal) -> str:
        """Keep a signal under a name; returns the name."""
        self.named[name] = value
        return name

    def height(self, node: str) -> tuple[float, ...]:
        return (self.given.heights[node],) if self.given.heights else ()

    def network(self) -> flow.Network:
        g = self.given
        made = {v.name: self._vessels(v) for v in g.vessel}
        vessels = [piece for pieces in made.values() for piece in pieces]
        self.pieces = {name: tuple(piece.name for piece in pieces) for name, pieces in made.items()}
        spaces = [
            flow.Compartment(c.name, self._elastance(c, vessels), None, self.signal(f"pressure of {c.name}", c.pressure)) for c in g.compartment
        ]
        return flow.Network(
            vessels, [self._valve(v, made[v.vessel]) for v in g.valve], [self._bed(b) for b in g.bed], spaces, self._boundaries(),
            [self._tracer(k) for k in g.tracer],
        )  # fmt: skip

    def _vessels(self, v: given.Vessel) -> list[flow.Vessel]:
        """The vessel, a cone as its pieces."""
        wall = given.merged(self.given, v)
        external = self._external(v, 0.0 if wall.reference_pressure is None else wall.reference_pressure)
        viscosity = wall.wall_viscosity or 0.0
        low, high = self.height(v.from_), self.height(v.to)
        valves = sum(valve.vessel == v.name for valve in self.given.valve)
        cells = v.cells or max(2, valves + 1, round(v.length / self.case.numerics.cell_length))
        end = v.radius_to if v.radius_to is not None else v.diameter_to / 2 if v.diameter_to is not None else None
        if end is None:
            return [flow.Vessel(v.name, v.from_, v.to, v.length, self._law(wall), v.n_parallel, cells, (low, high), v.compartment, external, viscosity)]
        begin = v.radius if v.radius is not None else float(v.diameter or 0.0) / 2
        # steps of radius; the outermost pieces are half as long and have the radii of the ends; each has a face for all valves: they may lie in any
        cells = max(cells, 2 * (valves + 1))
        steps = max(1, min(cells // (2 * (valves + 1)), int(np.ceil(abs(np.log(end / begin)) / CONE_STEP))))
        n = steps + 1
        bounds = np.concatenate([[0], np.round((np.arange(steps) + 0.5) * cells / steps), [cells]]).astype(int)
        per_piece, share = np.diff(bounds), bounds / cells
        middle = 0.5 * (share[:-1] + share[1:])
        middle[0], middle[-1] = 0.0, 1.0
        nodes = [v.from_, *(f"{v.name}/{k}" for k in range(1, n)), v.to]
        z = [tuple(a + s * (b - a) for a, b in zip(low, high, strict=True)) for s in share]
        found = []
        for k in range(n):
            radius = begin + middle[k] * (end - begin)
            own = wall.model_copy(update={"radius": float(radius), "diameter": None, "A0": None})
            length = float(v.length * (share[k + 1] - share[k]))
            found.append(
                flow.Vessel(
                    f"{v.name}/{k + 1}", nodes[k], nodes[k + 1], length, self._law(own), v.n_parallel, int(per_piece[k]), (z[k], z[k + 1]),
                    v.compartment, external, viscosity,
                )
            )  # fmt: skip
        return found

    def _external(self, v: given.Vessel, reference: float) -> str | None:
        """Name of the pressure outside, to which that of the law at A0 is added: p = p_ext + p_ref + f(A/A0)."""
        if v.external is None and reference == 0.0:
            return None
        outside = v.external or Signal((0.0,), (0.0,))
        return self.signal(f"pressure on {v.name}", replace(outside, y=tuple(y + reference for y in outside.y)))

    def _law(self, wall: given.Wall) -> AlgebraicLaw | TubeLaw:
        A0 = A0_of(wall)
        if wall.table is not None:
            size = A0 if A0 is not None else float(np.interp(0.0, wall.table.p, wall.table.A))
            return self.tables.setdefault((id(wall.table), size), _tube_law(wall.table, size))
        assert A0 is not None
        m, n = exponents(wall)
        return AlgebraicLaw(A0, stiffness(wall, A0, self.case.flow.density), m, n)

    def _elastance(self, c: given.Compartment, vessels: list[flow.Vessel]) -> CompartmentLaw | None:
        V0 = sum(v.length * v.n_parallel * v.law.A0 for v in vessels if v.compartment == c.name)
        if not c.elastance > 0.0 or not V0 > 0.0:
            return None
        ratio = np.array([0.0, FULLEST])
        return CompartmentLaw(c.name, np.zeros(1), ratio, c.elastance * V0 * (ratio - 1.0)[None])

    def _valve(self, v: given.Valve, pieces: list[flow.Vessel]) -> flow.Valve:
        """On a cone, in the piece where it lies."""
        lengths = np.array([p.length for p in pieces])
        x = v.at * lengths.sum()
        begin = np.concatenate([[0.0], np.cumsum(lengths)])
        k = int(np.clip(np.searchsorted(begin, x, side="right") - 1, 0, len(pieces) - 1))
        at = float(np.clip((x - begin[k]) / lengths[k], 0.0, 1.0))
        return flow.Valve(pieces[k].name, at, v.leak, v.opening, v.k_open, v.k_close, v.dp_open, v.dp_close, v.length)

    def _bed(self, b: given.Bed) -> flow.Bed:
        height = self.height(b.node)
        return flow.Bed(
            b.name, b.node, b.compartment, b.C, b.V0, b.R_out, self.signal(f"resistance of {b.name}", b.resistance),
            self.signal(f"arteries of {b.name}", b.arterial_pressure), height, (b.arterial_height,) if b.arterial_height is not None else height, b.leak,
        )  # fmt: skip

    def _tracer(self, k: given.Tracer) -> flow.Tracer:
        inflow = {place: self.signal(f"{k.name} at {place}", share) for place, share in k.inflow.items()}
        return flow.Tracer(k.name, [piece for name in k.vessels for piece in self.pieces[name]], k.beds, k.at, inflow)

    def _boundaries(self) -> list[flow.Boundary]:
        found: list[flow.Boundary] = []
        for b in self.given.boundary:
            if b.kind == "closed":
                continue
            name = f"{b.kind} at {b.node}"
            match b:
                case given.FlowEnd():
                    found.append(flow.FlowBoundary(b.node, self.signal(name, b.value)))
                case given.PressureEnd():
                    found.append(flow.PressureBoundary(b.node, self.signal(name, b.value)))
                case given.ResistanceEnd():
                    found.append(flow.Resistance(b.node, b.R, self.signal(name, b.pressure)))
                case given.WindkesselEnd():
                    found.append(flow.Windkessel(b.node, b.R1, b.C, b.R2, self.signal(name, b.pressure)))
                case given.ReflectionFreeEnd():
                    found.append(flow.ReflectionFree(b.node, self.signal(name, b.pressure)))
        return found

    def signals(self) -> flow.Signals:
        """All signals on the union of their times."""
        curves = {name: sampled(s, self.given.time) for name, s in self.named.items() if not s.constant}
        posture = self.given.posture
        if self.given.heights and not posture.constant:
            curves["posture"] = sampled(posture, self.given.time)
        ends = np.array([0.0, self.given.time])
        t = np.unique(np.concatenate([ends, *(c[0] for c in curves.values())]))
        values: dict[str, Array | float] = {
            name: np.interp(t, *curves[name]) if name in curves else self.named[name].y[0] for name in self.named
        }  # fmt: skip
        w = None
        if self.given.heights:
            w = (np.interp(t, *curves["posture"]) if "posture" in curves else np.full(t.size, posture.y[0]))[:, None]
        return flow.Signals(t, values, w)

    def total_pressure(self, fluid: flow.Fluid) -> float:
        """p + ρgz of the rest at the beginning."""
        g = self.given
        if g.initial_pressure is not None:
            return g.initial_pressure
        for kinds in (("pressure",), ("reflection-free",), ("windkessel", "resistance")):
            for b in g.boundary:
                if b.kind in kinds:
                    signal = b.value if isinstance(b, given.PressureEnd) else b.pressure  # type: ignore[union-attr]
                    z = g.heights.get(b.node, 0.0) * sampled(g.posture, g.time)[1][0]
                    return float(np.interp(0.0, *sampled(signal, g.time)) + fluid.density * fluid.gravity * z)
        return 0.0


def sampled(signal: Signal, end: float) -> tuple[Array, Array]:
    """Times and values of a signal over 0 … end, repeated if it has a period."""
    t, y = np.asarray(signal.t), np.asarray(signal.y)
    if signal.period is None:
        return t, y
    if t[-1] - t[0] > signal.period * (1.0 - JUMP):
        # the last sample is the first of the next period, or a jump
        t, y = (t[:-1], y[:-1]) if np.isclose(y[0], y[-1], rtol=1e-9, atol=0.0) else (np.append(t[:-1], t[0] + signal.period * (1.0 - JUMP)), y)
    count = int(np.ceil((end - t[0]) / signal.period)) + 1
    first = -1 if t[0] > 0.0 else 0
    shifts = signal.period * np.arange(first, count + 1)
    return (t[None, :] + shifts[:, None]).ravel(), np.tile(y, shifts.size)


def stiffness(wall: given.Wall, A0: float, density: float) -> float:
    """K [Pa] of a wall: given, from the wave speed K = ρ c0²/(m − n), or from the wall's modulus and thickness (incompressible, ν = 1/2).

    Artery (m = 1/2, n = 0), a membrane: E h/((1 − ν²) R) (Formaggia, Lamponi & Quarteroni 2003). Vein (m = 10, n = −3/2), a shell that
    bends: E (h/R)³/(12 (1 − ν²)) (Müller & Toro 2014, IJNMBE 30:681).
    """
    m, n = exponents(wall)
    if wall.K is not None:
        return wall.K
    if wall.speed is not None:
        return density * wall.speed**2 / (m - n)
    assert wall.E is not None and wall.h is not None
    R = float(np.sqrt(A0 / np.pi))
    return float(wall.E * wall.h / (0.75 * R) if n == 0.0 else wall.E * (wall.h / R) ** 3 / 9.0)


def _tube_law(table: LawTable, A0: float) -> TubeLaw:
    A, p = np.asarray(table.A), np.asarray(table.p)
    G = np.asarray(table.G) if table.G is not None else A**2 / (8.0 * np.pi)
    alpha = A / A0
    return TubeLaw(table.file, A0, alpha, np.zeros(1), p[None], G[None], np.array([[alpha[0], alpha[-1]]]))
