"""A supercritical stream through a node: what arrives faster than waves run goes on so, unless a jump stands against it.

No wave from the node reaches the vessels that bring it, none from the vessels that take it reaches the node, whose star states follow from
what arrives alone: flow and head, Σ q_k = q and H = Σ qH/q. One pressure and one speed in all vessels that take it,

    Σ A_k(Π) u = q,  Π = H − ½ρu²,  u > c_k,

so that a vessel cut in two, or into branches that are shares of it, passes its stream on unchanged. It stands where the jump that would turn it,
M = q²/A + B the same at A_j > A, is swept downstream: the edge's wave curve takes more than q at A_j.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import DQ, EDGE_A, EDGE_B, EDGE_C, EDGE_PSI, EDGE_U, HEAD, OUTER, STAR_A, STAR_B, STAR_Q, STAR_TOTAL
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import area, value
from calfpump.flow.wave_curve import wave

#: growth of the bracket of u, and how often: a stream that a node speeds up or slows down by more has met a jump
STEP, BRACKET = 1.3, 6
GROW = 1.5
#: where the state of the stream is tried, beside the star states found before
TRIED_A, TRIED_B = HEAD, DQ


@kernel
def arriving(n, node_ends, ends, rho):
    """Flow, head and speed of what arrives at node n faster than its waves; flow 0 if nothing does."""
    q, head, speed = 0.0, 0.0, 0.0
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        u = -ends[EDGE_U, e]
        if u > ends[EDGE_C, e]:
            flow = ends[EDGE_A, e] * u
            q += flow
            head += flow * (ends[EDGE_PSI, e] + ends[OUTER, e] + 0.5 * rho * u * u)
            speed += flow * u
    if q == 0.0:
        return 0.0, 0.0, 0.0
    return q, head / q, speed / q


@kernel
def _area_near(A, psi, v, par, rows, tail, rho):
    """A with ψ(A) = psi by Newton from A, by bisection where that fails."""
    for _ in range(12):
        p, slope, B = value(A, v, par, rows, tail, rho)
        dA = (psi - p) / slope
        if abs(dA) < 1e-13 * A:
            return A, slope, B
        A += min(max(dA, -0.5 * A), A)
    A = area(psi, v, par, rows, tail, rho)
    p, slope, B = value(A, v, par, rows, tail, rho)
    return A, slope, B


@kernel
def _carried(n, u, q, head, node_ends, ends, par, rows, tail, rho):
    """Σ A_k u − q at the speed u; the areas are noted. NaN if one of the vessels takes it at less than its wave speed."""
    total, slow = head - 0.5 * rho * u * u, False
    excess = -q
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        if -ends[EDGE_U, e] > ends[EDGE_C, e]:
            continue
        A, slope, B = _area_near(ends[TRIED_A, e], total - ends[OUTER, e], e // 2, par, rows, tail, rho)
        slow |= u * u <= A * slope / rho
        ends[TRIED_A, e], ends[TRIED_B, e] = A, B
        excess += A * u
    return np.nan if slow else excess


@kernel
def _swept(e, u, ends, par, rows, tail, rho):
    """Whether the jump that would turn the stream at end e runs into the vessel."""
    v, low = e // 2, ends[TRIED_A, e]
    q = low * u
    momentum = q * u + ends[TRIED_B, e]
    high, found = GROW * low, False
    for _ in range(100):
        A = 0.5 * (low + high) if found else high
        _, slope, B = value(A, v, par, rows, tail, rho)
        taken = A * wave(A, slope, B, ends[EDGE_A, e], ends[EDGE_U, e], ends[EDGE_B, e], ends[EDGE_C, e], rho)[0]
        if q * q / A + B >= momentum:
            if taken <= q:
                return False
            high, found = A, True
        else:
            if taken > q:
                return True
            low = A
            high = high if found else GROW * high
    return False


@kernel
def _speed(n, q, head, speed, node_ends, ends, par, rows, tail, rho):
    """The speed u of the stream beyond node n, 0 if there is none: bracketed from the speed at which it arrives, then by regula falsi."""
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        ends[TRIED_A, e] = area(head - 0.5 * rho * speed * speed - ends[OUTER, e], e // 2, par, rows, tail, rho)
    low = high = speed
    f_low = f_high = _carried(n, speed, q, head, node_ends, ends, par, rows, tail, rho)
    for _ in range(BRACKET):
        if f_high < 0.0:
            break
        low, f_low, high = high, f_high, STEP * high
        f_high = _carried(n, high, q, head, node_ends, ends, par, rows, tail, rho)
    for _ in range(BRACKET):
        if f_low >= 0.0 or not f_low == f_low:
            break
        low, high, f_high = low / STEP, low, f_low
        f_low = _carried(n, low, q, head, node_ends, ends, par, rows, tail, rho)
    if not f_high < 0.0:
        return 0.0
    for k in range(60):
        u = 0.5 * (low + high)
        if f_low >= 0.0 and k % 4 != 3:
            u = (low * f_high - high * f_low) / (f_high - f_low)
        f = _carried(n, u, q, head, node_ends, ends, par, rows, tail, rho)
        if abs(f) < 1e-12 * q:
            return u
        if f < 0.0:
            high, f_high = u, f
        else:
            low, f_low = u, f
        if high - low < 1e-14 * high:
            break
    return 0.0


@kernel
def stream_through(n, q, head, speed, node_ends, ends, par, rows, tail, rho):
    """Whether the stream of `arriving` passes node n: then the star states of all ends are written, with flows that sum to zero but for 1e-12 q."""
    u = _speed(n, q, head, speed, node_ends, ends, par, rows, tail, rho)
    if u == 0.0:
        return False
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        if -ends[EDGE_U, e] <= ends[EDGE_C, e] and not _swept(e, u, ends, par, rows, tail, rho):
            return False
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        if -ends[EDGE_U, e] > ends[EDGE_C, e]:
            ends[STAR_A, e], ends[STAR_Q, e] = ends[EDGE_A, e], ends[EDGE_A, e] * ends[EDGE_U, e]
            ends[STAR_TOTAL, e], ends[STAR_B, e] = ends[EDGE_PSI, e] + ends[OUTER, e], ends[EDGE_B, e]
        else:
            ends[STAR_A, e], ends[STAR_Q, e] = ends[TRIED_A, e], ends[TRIED_A, e] * u
            ends[STAR_TOTAL, e], ends[STAR_B, e] = head - 0.5 * rho * u * u, ends[TRIED_B, e]
    return True
