"""The ends of vessels: their edge states at the height of the end, seen from the node."""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import B_LIFT, CAPACITY, EDGE_A, EDGE_B, EDGE_C, EDGE_D, EDGE_PSI, EDGE_U, OUTER
from calfpump.flow.compiled import kernel

#: share of a cell's volume that may leave through a vessel's end in one step
SHARE = 0.45
#: most that the height of a vessel's end may change the area of its edge state, as a share
LIFT_SHARE = 0.2
#: share from which a secant tells a slope
LIFTED = 1e-6


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
def load_ends(vessels, ends, slots, work, rho, dt):
    """Edge state of every vessel end after the half step, inward flow positive, and what its cell can give away in dt.

    Edges are built at the outer pressure of their cell's centre. The edge state keeps Π and Q and lies at the height of the end (to second
    order), so that A, u and the flux Q²/A there do. dψ/dA is the cell's own, or follows from the secant between both heights: it serves Newton's
    first step and waves weaker than NEAR only.
    """
    begin, end, outer, inv_dx = vessels.begin, vessels.end, work.outer, slots.inv_dx
    A_left, Q_left, psi_left, B_left = work.A_left, work.Q_left, work.psi_left, work.B_left
    A_right, Q_right, psi_right, B_right = work.A_right, work.Q_right, work.psi_right, work.B_right
    compliance, lean = work.compliance, work.lean
    for e in range(2 * begin.size):
        v = e // 2
        if e % 2 == 0:
            i = begin[v]
            A, q, psi, B = A_left[i], Q_left[i], psi_left[i], B_left[i]
            A_e, psi_e, B_e = A_left[end[v]], psi_left[end[v]], B_left[end[v]]
        else:
            i = end[v] - 1
            A, q, psi, B = A_right[i], -Q_right[i], psi_right[i], B_right[i]
            A_e, psi_e, B_e = A_right[end[v]], psi_right[end[v]], B_right[end[v]]
        ends[e, CAPACITY] = SHARE * A / (dt * inv_dx[i])
        slope, p_out, lift = 1.0 / compliance[i], outer[i], 0.0
        if lean[i] != 0.0:
            p_out, lift = psi + outer[i] - psi_e, B - B_e
            if abs(A_e - A) > LIFTED * A:
                secant = (psi_e - psi) / (A_e - A)
                slope = max(2.0 * secant - slope, 0.5 * secant)
            A, psi, B = A_e, psi_e, B_e
        ends[e, EDGE_A], ends[e, EDGE_U], ends[e, EDGE_PSI], ends[e, EDGE_B] = A, q / A, psi, B
        ends[e, EDGE_D], ends[e, EDGE_C] = slope, np.sqrt(A * slope / rho)
        ends[e, OUTER], ends[e, B_LIFT] = p_out, lift
