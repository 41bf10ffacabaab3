"""The network as flat arrays for the kernels.

All vessels lie on one axis of *slots*: the cells of a vessel from distal to proximal, then one gap. Face i is the left face of slot i, so that the
gap's face is the vessel's proximal end and every loop over cells or faces runs over the whole axis at once. A gap holds A0, Q = 0, and has no
width (inv_dx = 0), so that nothing happens there. Vessels are ordered by the kind of their law, so that each kind is one stretch of slots, and
by compartment within.

End 2v is the distal, 2v+1 the proximal end of vessel v. Areas and flows are totals over parallel vessels. Absent signals, compartments: −1.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]
Rows = NDArray[np.int32]

# Kinds of law: closed forms, table with one activation state, table blended between two.
ARTERY, VEIN, TABLE, BLENDED = 0, 1, 2, 3
# Kinds of node.
# A STATIC node is where one vessel meets loads: they see its static pressure, the kinetic head is lost.
JUNCTION, PRESSURE, FLOW, REFLECTION_FREE, STATIC = 0, 1, 2, 3, 4
# Kinds of beds: a reservoir of venules, or the load (resistance, Windkessel) of a boundary.
RESERVOIR, LOAD = 0, 1

# Columns of Law.vessel.
KIND, A0, INV_A0, K, INV_H, LOWER, UPPER, WEIGHT = range(8)
VESSEL_COLUMNS = 8

# Rows of the ends: edge state seen from the node (inward flow positive), then the star state and Newton's work: the head at which the linear step
# begins and all that it takes, dq/dhead and that times head less q, dA/dhead, the head that it gives, and whether it is too long. B_LIFT is by how much B of
# the cell's edge exceeds that of the edge state, which lies at the end's height. BEFORE_Q is the flow of the step before, of viscous vessels.
EDGE_A, EDGE_U, EDGE_PSI, EDGE_B, EDGE_D, EDGE_C, OUTER, CAPACITY = range(8)
STAR_A, STAR_Q, STAR_TOTAL, STAR_B, HEAD, DQ, DHEAD, SLOPE, LOWEST, LOWEST_Q, B_LIFT = range(8, 19)
RATE, KNOWN, WIDENING, NEW_HEAD, ROUGH, LOWEST_TOTAL, LOWEST_U, BEFORE_Q = range(19, 27)
END_ROWS = 27

# Columns of the beds' work: total pressure Π, R_out + dt dp/dV (implicit in V), leak, pressure, inflow, outflow, most that can flow out, and of
# a load dp/dq of its compliance over the step.
BED_TOTAL, BED_R, BED_LEAK, BED_P, BED_IN, BED_OUT, BED_MOST, BED_RISE = range(8)
BED_COLUMNS = 8


class Law(NamedTuple):
    """Laws: constants per vessel (nv, 8); rows of all tables, flat, and tails (see `calfpump.law.kernel_table`)."""

    vessel: Floats
    rows: Floats
    tail: Floats


class States(NamedTuple):
    """Activation states: first table and number of tables per vessel, shortening of each table."""

    first_table: Ints
    n_states: Ints  # type: ignore[assignment]  # hides tuple.count, which nothing asks for
    s: Floats


class Slots(NamedTuple):
    """Per slot: law constants, 1/dx and width (both 0 in gaps), drag d = ν n (ζ + 2)/4 of the velocity profile ζ, ¼/(h A0 d), vessel, heights.

    KB = A0/ρ, for closed forms times K; KB_row the same times the squared width of a table's rows.
    """

    A0: Floats
    inv_A0: Floats
    KB: Floats
    KB_row: Floats
    K: Floats
    inv_K: Floats
    inv_h: Floats
    lower: Rows
    upper: Rows
    weight: Floats
    inv_dx: Floats
    width: Floats
    drag: Floats
    turn: Floats
    vessel: Ints
    height: Floats
    # where each kind of law begins, (5,)
    stretch: Ints


class Vessels(NamedTuple):
    """Per vessel: slots of its first cell and of its gap, compartment, signal of its own outer pressure, Γ √n/(ρ A0); p_out is work."""

    begin: Ints
    end: Ints
    compartment: Ints
    external: Ints
    viscosity: Floats
    p_out: Floats


class Spaces(NamedTuple):
    """Compartments: law as a table over (s, ratio), signals, stress-free volume of their vessels.

    Runs of slots that lie in one compartment. Work: pressure, ∂p_c/∂ratio, volume, admittance of the vessel ends.
    """

    has_law: Ints
    activation: Ints
    external: Ints
    V0: Floats
    n_s: Ints
    n_ratio: Ints
    s: Floats
    ratio: Floats
    p: Floats
    run_begin: Ints
    run_end: Ints
    run_space: Ints
    p_now: Floats
    slope: Floats
    V: Floats
    admittance: Floats


class Nodes(NamedTuple):
    """Per node: kind and signal of its boundary, heights (nn, nseg); its vessel ends and its beds, each row a count and that many indices."""

    kind: Ints
    signal: Ints
    height: Floats
    ends: Ints
    beds: Ints


class Valves(NamedTuple):
    """Per valve: face, and Mynard's constants."""

    face: Ints
    opening: Floats
    leak: Floats
    k_open: Floats
    k_close: Floats
    dp_open: Floats
    dp_close: Floats
    length: Floats


class Beds(NamedTuple):
    """Per bed: kind, compartment, signals, constants, heights (nbed, nseg), and the table of its reservoir.

    Loads of boundaries follow the beds: R_out is their proximal, ``resistance`` their distal resistance, ``arterial`` the pressure behind it.
    """

    kind: Ints
    compartment: Ints
    resistance: Ints
    arterial: Ints
    V0: Floats
    C: Floats
    R_out: Floats
    height: Floats
    arterial_height: Floats
    table: Ints
    inv_h: Floats


class Tracers(NamedTuple):
    """Per tracer: signal of its share in what enters at each node (nk, nn), and in what the arteries bring to each bed (nk, nbed).

    phi (slots), flux (faces) and bed_phi (beds) are work, of one tracer at a time.
    """

    node_signal: Ints
    bed_signal: Ints
    phi: Floats
    flux: Floats
    bed_phi: Floats


class Drive(NamedTuple):
    """Signals: times (nt,), values (nt, nsig), posture (nt, nseg); now (nsig,), w (nseg,) their samples; w of the slots' present gravity; place in t."""

    t: Floats
    values: Floats
    posture: Floats
    now: Floats
    w: Floats
    w_of_heights: Floats
    place: Ints  # type: ignore[assignment]  # hides tuple.index, which nothing asks for


class Blood(NamedTuple):
    """Density, kinematic viscosity, gravity."""

    rho: float
    nu: float
    g: float


class Unknowns(NamedTuple):
    """What is advanced in time and saved: slots A, Q; beds V; valves ζ, q; per end the last star state Π, Q; per node the head H.

    Per tracer the marked area of the slots (nk, nslot) and volume of the beds (nk, nbed).
    """

    A: Floats
    Q: Floats
    V: Floats
    zeta: Floats
    q_valve: Floats
    end_total: Floats
    end_Q: Floats
    head: Floats
    marked: Floats
    marked_bed: Floats


class Totals(NamedTuple):
    """Cumulated volumes: per face, its positive part; per bed in and out; per node from its boundary; per tracer what has entered of it."""

    face: Floats
    face_positive: Floats
    bed_in: Floats
    bed_out: Floats
    source: Floats
    marked_in: Floats


class Work(NamedTuple):
    """Fields of one step, per slot or its left face.

    Outer pressure, gravity and its half jump; u, r = √α, ψ, dA/dψ, c, friction of the cells; their edges; jumps; (|u| + c)/dx; fluxes, those of momentum
    with the edge's own Q²/A + B; rows of the tables, places in them, their coefficients, and how friction changes with the area.
    """

    outer: Floats
    gravity: Floats
    lean: Floats
    u: Floats
    r: Floats
    psi: Floats
    compliance: Floats
    speed: Floats
    friction: Floats
    r_left: Floats
    r_right: Floats
    A_left: Floats
    A_right: Floats
    Q_left: Floats
    Q_right: Floats
    u_left: Floats
    u_right: Floats
    psi_left: Floats
    psi_right: Floats
    B_left: Floats
    B_right: Floats
    jump_total: Floats
    jump_Q: Floats
    rate: Floats
    mass: Floats
    momentum_left: Floats
    momentum_right: Floats
    place: Floats
    row: Rows
    c0: Floats
    c1: Floats
    c2: Floats
    c3: Floats
    b0: Floats
    bend: Floats
