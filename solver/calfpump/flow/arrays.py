"""The network as flat arrays for the kernels, each group a named tuple.

Index conventions: vessel v holds the cells first[v] … first[v+1]−1; its faces are first[v]+v … first[v+1]+v, so that face f of vessel v lies
between the cells f−v−1 and f−v. End 2v is the distal, 2v+1 the proximal end of vessel v. Areas and flows are totals over parallel vessels.
Indices of things that are absent are −1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TABLE, ARTERY, VEIN = 0, 1, 2
JUNCTION, PRESSURE, FLOW = 0, 1, 2


class Laws(NamedTuple):
    """Per vessel: kind, A0 (total), K, table of its lower and upper activation state with the weight of the upper one."""

    kind: Ints
    A0: Floats
    inv_A0: Floats
    K: Floats
    inv_h: Floats
    first_table: Ints
    n_states: Ints
    lower: Ints
    upper: Ints
    weight: Floats
    # per table
    s: Floats
    rows: Floats
    tail: Floats


class Grid(NamedTuple):
    """Cells: first cell, cell length and number of parallel vessels, per vessel; heights per cell (ncell, nseg)."""

    first: Ints
    dx: Floats
    n_parallel: Floats
    height: Floats
    compartment: Ints
    external: Ints


class Spaces(NamedTuple):
    """Compartments: law as a table over (s, ratio), signals, stress-free volume of their vessels; p and slope dp/dratio are results."""

    has_law: Ints
    activation: Ints
    external: Ints
    V0: Floats
    n_s: Ints
    n_ratio: Ints
    s: Floats
    ratio: Floats
    p: Floats
    # work
    p_now: Floats
    slope: Floats
    V: Floats
    admittance: Floats


class Nodes(NamedTuple):
    """Per node: its vessel ends and beds (compressed rows), kind and signal of its boundary, heights; state H = head [Pa]."""

    first_end: Ints
    ends: Ints
    first_bed: Ints
    beds: Ints
    kind: Ints
    signal: Ints
    height: Floats
    node_of_end: Ints


class Valves(NamedTuple):
    """Per valve: vessel, face, and Mynard's constants."""

    vessel: Ints
    face: Ints
    opening: Floats
    leak: Floats
    k_open: Floats
    k_close: Floats
    dp_open: Floats
    dp_close: Floats
    length: Floats


class Beds(NamedTuple):
    """Per bed: node, compartment, signals, constants, heights (nbed, nseg)."""

    node: Ints
    compartment: Ints
    resistance: Ints
    arterial: Ints
    V0: Floats
    C: Floats
    R_out: Floats
    leak: Floats
    height: Floats
    arterial_height: Floats
    table: Ints
    inv_h: Floats
    # work: total pressure Π, R_out + dt dp/dV (implicit in V), pressure, inflow, outflow
    total: Floats
    R_now: Floats
    p: Floats
    inflow: Floats
    outflow: Floats


class Drive(NamedTuple):
    """Signals: times (nt,), values (nt, nsig), posture (nt, nseg); now (nsig,) and w (nseg,) are the samples at the present time."""

    t: Floats
    values: Floats
    posture: Floats
    now: Floats
    w: Floats
    w_of_heights: Floats
    index: Ints


class Blood(NamedTuple):
    """Density, kinematic viscosity, gravity."""

    rho: float
    nu: float
    g: float


class Unknowns(NamedTuple):
    """What is advanced in time and saved: cells A, Q; beds V; valves ζ, q; per end the last star state Π, Q; per node the head H."""

    A: Floats
    Q: Floats
    V: Floats
    zeta: Floats
    q_valve: Floats
    end_total: Floats
    end_Q: Floats
    head: Floats


class Totals(NamedTuple):
    """Cumulated volumes: per face, its positive part; per bed in and out; per node from its boundary."""

    face: Floats
    face_positive: Floats
    bed_in: Floats
    bed_out: Floats
    source: Floats


class Work(NamedTuple):
    """Fields of one step. Cells: outer pressure, total pressure, dψ/dA, wave speed, friction, edge states; faces: jumps, fluxes."""

    outer: Floats
    gravity: Floats
    total: Floats
    slope: Floats
    speed: Floats
    friction: Floats
    A_left: Floats
    A_right: Floats
    Q_left: Floats
    Q_right: Floats
    psi_left: Floats
    psi_right: Floats
    B_left: Floats
    B_right: Floats
    inner: Floats
    jump_total: Floats
    jump_Q: Floats
    mass: Floats
    momentum_left: Floats
    momentum_right: Floats


class Ends(NamedTuple):
    """Per vessel end, for the nodes: edge state (inward flow positive), the iterate, and how much may flow out in this step."""

    vessel: Ints
    cell: Ints
    A: Floats
    u: Floats
    B: Floats
    outer: Floats
    psi: Floats
    slope: Floats
    speed: Floats
    star_A: Floats
    star_q: Floats
    star_total: Floats
    head: Floats
    dq: Floats
    dhead: Floats
    lowest: Floats
    lowest_head: Floats
    lowest_q: Floats
    capacity: Floats
