"""What a flow network is made of: vessels, valves, beds, compartments, boundaries. Plain data, SI."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from calfpump.law import AlgebraicLaw, CompartmentLaw, TubeLaw

Heights = tuple[float, ...]


@dataclass(frozen=True)
class Vessel:
    """A vessel, or a bundle of ``n_parallel`` equal ones, between two nodes.

    x runs from the ``distal`` to the ``proximal`` node, Q > 0 towards the proximal one. ``length`` [m]. ``law`` is that of one vessel of
    the bundle. ``cells`` overrides the number of cells. ``height``: height climbed above the sole along each body segment [m] at the
    distal and at the proximal end, so that z(x, t) = Σ_segment height(x) w(t), w the posture signals. ``compartment``: whose pressure
    and activation act; ``external``: name of a signal that is added to the outer pressure [Pa]. ``wall_viscosity`` Γ [Pa s m]: the wall adds
    Γ/(A0 √A) ∂A/∂t of one vessel to its pressure (Kelvin–Voigt; Alastruey et al. 2011, J Biomech 44:2250).
    """

    name: str
    distal: str
    proximal: str
    length: float
    law: TubeLaw | AlgebraicLaw
    n_parallel: float = 1.0
    cells: int | None = None
    height: tuple[Heights, Heights] = ((), ())
    compartment: str | None = None
    external: str | None = None
    wall_viscosity: float = 0.0


@dataclass(frozen=True)
class Valve:
    """A venous valve at the interior face nearest to the fraction ``at`` of its vessel; it opens towards the proximal end.

    ρ l/A_eff dq/dt = Δp − ρ/(2 A_eff²) q|q|, A_eff = A_min + (A_max − A_min) ζ, A_max = ``opening`` · A of the narrower side, A_min = ``leak`` ·
    A_max; dζ/dt = (1 − ζ) k_open (Δp − dp_open) for Δp > dp_open, ζ k_close (Δp − dp_close) for Δp < dp_close (Mynard et al. 2012, IJNMBE 28:626).

    ``opening`` .65: leaflets narrow the lumen by a third (Lurie et al. 2003). Rate constants k [1/(Pa s)] of venous valves are
    published nowhere: assumed .3, so that 1 mmHg opens or closes one in 25 ms. ``length`` l [m], by default the diameter at A0.
    """

    vessel: str
    at: float
    leak: float = 0.0
    opening: float = 0.65
    k_open: float = 0.3
    k_close: float = 0.3
    dp_open: float = 0.0
    dp_close: float = 0.0
    length: float | None = None


@dataclass(frozen=True)
class Bed:
    """A capillary bed with its venules, inside a compartment, draining through a valved resistance into a node.

    Reservoir p_v = p_c + (V0/C) f(V/V0), f(v) = v − 1 for v ≥ 1 and (1 − v^(−3/2))/1.5 below;
    inflow max(p_art + ρg(z_art − z) − max(p_v, p_c), 0)/R(t); outflow (p_v + ρgz − Π_node)/R_out, in reverse only ``leak`` of it.

    ``compliance`` C [m³/Pa], ``V0`` [m³] unstressed volume, ``R_out`` [Pa s/m³], ``resistance`` name of the signal R(t) [Pa s/m³],
    ``arterial_pressure`` [Pa] at ``arterial_height`` (a number, or the name of a signal).
    """

    name: str
    node: str
    compartment: str | None
    compliance: float
    V0: float
    R_out: float
    resistance: str
    arterial_pressure: float | str
    height: Heights = ()
    arterial_height: Heights = ()
    leak: float = 0.0


@dataclass(frozen=True)
class Compartment:
    """A space of uniform pressure p_c = law(s, ΣV/ΣV0 of its vessels) + external; s and external are named signals."""

    name: str
    law: CompartmentLaw | None = None
    activation: str | None = None
    external: str | None = None


@dataclass(frozen=True)
class PressureBoundary:
    """The pressure [Pa] at a node is the named signal (static: the kinetic head of what flows out is lost)."""

    node: str
    signal: str


@dataclass(frozen=True)
class FlowBoundary:
    """The named signal [m³/s] flows into the network at a node."""

    node: str
    signal: str


@dataclass(frozen=True)
class Resistance:
    """A resistance ``R`` [Pa s/m³] from a node to the named pressure signal: (p − p_out)/R leaves the network.

    p is the static pressure where one vessel ends at the node, the common head where several do. Loads may share a node with a flow.
    """

    node: str
    R: float
    signal: str


@dataclass(frozen=True)
class Windkessel:
    """Three elements: ``R1`` from a node to a compliance ``C`` [m³/Pa], ``R2`` [Pa s/m³] from there to the named pressure signal,

    C dp_C/dt = (p − p_C)/R1 − (p_C − p_out)/R2, by the implicit midpoint rule (implicit Euler where the step exceeds the time constant).
    Its volume V = C p_C is counted in the balance. R1 = 0: two elements. p as in `Resistance`.
    """

    node: str
    R1: float
    C: float
    R2: float
    signal: str


@dataclass(frozen=True)
class ReflectionFree:
    """An end that waves leave as if the vessel went on for ever, at rest at the pressure of the named signal [Pa].

    The invariant that enters is that of rest at this pressure: u + ∫ c/A dA from A(p). What the signal does in time enters as a wave.
    """

    node: str
    signal: str


@dataclass(frozen=True)
class Tracer:
    """Blood that is marked and followed, without any influence on the flow; φ is its share of the blood at a place.

    At time ``at`` [s] the blood of the ``vessels`` and the reservoirs of the ``beds`` is marked, and no other; without ``at`` nothing is. ``inflow``: node or
    bed → named signal with the share, 0 to 1, that is marked of what enters there: from the boundary or load of a node, from the arteries of a bed.
    """

    name: str
    vessels: Sequence[str] = ()
    beds: Sequence[str] = ()
    at: float | None = None
    inflow: Mapping[str, str] = field(default_factory=dict)


Load = Resistance | Windkessel
Boundary = PressureBoundary | FlowBoundary | Resistance | Windkessel | ReflectionFree


@dataclass(frozen=True)
class Fluid:
    """Blood: density [kg/m³], dynamic viscosity [Pa s], gravity [m/s²], and the exponent ζ of the profile u ∝ 1 − (r/R)^ζ that sets the friction.

    Friction of a circle is 2(ζ + 2)πν Q/A: ζ = 2 Poiseuille, ζ = 9 the blunt profile of large arteries (Smith, Pullan & Hunter 2002). The
    momentum of the flow is that of a flat profile, Q²/A.
    """

    density: float = 1060.0
    viscosity: float = 4.0e-3
    gravity: float = 9.81
    profile: float = 2.0


@dataclass(frozen=True)
class Network:
    """All parts. A node is where vessels, beds and boundaries with the same node name meet; a lone vessel end is closed.

    A vessel may begin and end at one node: the two ends are joined, the flow is periodic.
    """

    vessels: Sequence[Vessel]
    valves: Sequence[Valve] = ()
    beds: Sequence[Bed] = ()
    compartments: Sequence[Compartment] = ()
    boundaries: Sequence[Boundary] = field(default=())
    tracers: Sequence[Tracer] = ()

    @property
    def loads(self) -> tuple[Load, ...]:
        """The boundaries that are resistances or Windkessels; in arrays they follow the beds."""
        return tuple(b for b in self.boundaries if isinstance(b, Load))

    @property
    def reservoirs(self) -> tuple[str, ...]:
        """Names of the beds, then the nodes of the loads."""
        return (*(bed.name for bed in self.beds), *(load.node for load in self.loads))
