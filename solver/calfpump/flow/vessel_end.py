"""The ends of vessels: their edge states at the height of the end, seen from the node."""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import B_LIFT, CAPACITY, EDGE_A, EDGE_B, EDGE_C, EDGE_D, EDGE_PSI, EDGE_U, OUTER, STAR_A, STAR_TOTAL
from calfpump.flow.compiled import kernel
from calfpump.flow.muscl import LIFT_SHARE, SECANT

#: share of a cell's volume that may leave through a vessel's end in one step
SHARE = 0.45


@kernel
def lift_ends(vessels, slots, work):
    """Into the gap of every vessel, whose law it has: r of the edges of its first and last cell at the heights of its ends, to second order.

    So the loops over all slots find ψ and B there too.
    """
    begin, end, A0, r_left, r_right, lean, compliance = vessels.begin, vessels.end, slots.A0, work.r_left, work.r_right, work.lean, work.compliance
    for v in range(begin.size):
        b, gap = begin[v], end[v]
        last = gap - 1
        x, y = r_left[b], r_right[last]
        r_left[gap] = x + 0.5 * x * min(max(lean[b] * compliance[b] / (A0[b] * x * x), -LIFT_SHARE), LIFT_SHARE)
        r_right[gap] = y - 0.5 * y * min(max(lean[last] * compliance[last] / (A0[last] * y * y), -LIFT_SHARE), LIFT_SHARE)


@kernel
def _gather(e, cell, gap, sign, A, Q, psi, B, work, slots, ends):
    """The edge state at the height of end e from the gap, beside what its cell has."""
    ends[EDGE_A, e], ends[EDGE_U, e], ends[EDGE_PSI, e], ends[EDGE_B, e] = A[gap], sign * Q[cell], psi[gap], B[gap]
    ends[STAR_A, e], ends[STAR_TOTAL, e], ends[B_LIFT, e] = A[cell], psi[cell], B[cell] - B[gap]
    ends[EDGE_D, e], ends[OUTER, e], ends[CAPACITY, e] = work.compliance[cell], work.outer[cell], slots.width[cell]


@kernel
def load_ends(vessels, ends, slots, work, rho, dt):
    """Edge state of every vessel end after the half step, inward flow positive, and what its cell can give away in dt.

    Edges are built at the outer pressure of their cell's centre. The edge state keeps Π and Q and lies at the height of the end (to second
    order), so that A, u and the flux Q²/A there do. dψ/dA is the cell's own, or follows from the secant between both heights: it serves the linear
    step, which most nodes take alone, and waves weaker than NEAR.
    """
    begin, end = vessels.begin, vessels.end
    for v in range(begin.size):
        gap = end[v]
        _gather(2 * v, begin[v], gap, 1.0, work.A_left, work.Q_left, work.psi_left, work.B_left, work, slots, ends)
        _gather(2 * v + 1, gap - 1, gap, -1.0, work.A_right, work.Q_right, work.psi_right, work.B_right, work, slots, ends)
    A, u, psi, slope, c = ends[EDGE_A], ends[EDGE_U], ends[EDGE_PSI], ends[EDGE_D], ends[EDGE_C]
    A_cell, psi_cell, outer, capacity = ends[STAR_A], ends[STAR_TOTAL], ends[OUTER], ends[CAPACITY]
    share, inv_rho = SHARE / dt, 1.0 / rho
    for e in range(A.size):
        dA, dpsi = A[e] - A_cell[e], psi[e] - psi_cell[e]
        lifted = abs(dA) > SECANT * A_cell[e]
        step, C = dA if lifted else A[e], slope[e]
        inv = 1.0 / (step * C * A[e])
        secant, tangent = dpsi * inv * C * A[e], step * inv * A[e]
        D = max(2.0 * secant - tangent, 0.5 * secant) if lifted else tangent
        slope[e] = D
        c[e] = np.sqrt(A[e] * D * inv_rho)
        u[e] *= step * inv * C
        outer[e] -= dpsi
        capacity[e] *= share * A_cell[e]
