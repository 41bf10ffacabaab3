"""Vessel ends at a given static pressure: held there, or with waves that leave for ever."""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import DQ, EDGE_A, EDGE_B, EDGE_C, EDGE_D, EDGE_PSI, EDGE_U, OUTER, SLOPE, STAR_A, STAR_B, STAR_Q, STAR_TOTAL
from calfpump.flow.common_head import CLOSE, ITERATIONS, take_step
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import area, value
from calfpump.flow.wave_curve import find_lowest, star_at, wave

#: share of c from which a flow counts as choked
SUBSONIC = 0.95


@kernel
def hold_pressure(n, target, node_ends, ends, par, rows, tail, rho):
    """Static total pressure given. Newton from the edge state; the bracketed branch where it is near choking."""
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        A, psi, slope, B, good = ends[EDGE_A, e], ends[EDGE_PSI, e], ends[EDGE_D, e], ends[EDGE_B, e], False
        u, du = ends[EDGE_U, e], ends[EDGE_C, e] / A
        for _ in range(ITERATIONS):
            dA = (target - ends[OUTER, e] - psi) / slope
            if not abs(dA) < 0.5 * A:
                break
            if abs(dA) < CLOSE * A:
                good = abs(u) < SUBSONIC * np.sqrt(A * slope / rho)
                ends[STAR_A, e], ends[STAR_Q, e], ends[STAR_B, e] = A, A * u, B
                ends[STAR_TOTAL, e], ends[SLOPE, e], ends[DQ, e] = psi + ends[OUTER, e], slope, u + A * du
                take_step(e, ends, dA, rho)
                break
            A += dA
            psi, slope, B = value(A, e // 2, par, rows, tail, rho)
            u, du = wave(A, slope, B, ends[EDGE_A, e], ends[EDGE_U, e], ends[EDGE_B, e], ends[EDGE_C, e], rho)
        if not good:
            find_lowest(e, ends, par, rows, tail, rho)
            star_at(target, True, e, ends, par, rows, tail, rho)


@kernel
def absorb(n, target, node_ends, ends, par, rows, tail, rho):
    """Waves leave: u_e + Φ_e(A) = −Φ_r(A), what the edge sends out against rest at the static total pressure ``target``. Returns the head."""
    head = target
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        v, outer = e // 2, ends[OUTER, e]
        A_e, u_e, B_e, c_e = ends[EDGE_A, e], ends[EDGE_U, e], ends[EDGE_B, e], ends[EDGE_C, e]
        A_r = area(target - outer, v, par, rows, tail, rho)
        psi, slope, B_r = value(A_r, v, par, rows, tail, rho)
        c_r = np.sqrt(A_r * slope / rho)
        A, good = A_e, False
        for _ in range(4 * ITERATIONS):
            psi, slope, B = value(A, v, par, rows, tail, rho)
            out, d_out = wave(A, slope, B, A_e, u_e, B_e, c_e, rho)
            rest, d_rest = wave(A, slope, B, A_r, 0.0, B_r, c_r, rho)
            dA = -(out + rest) / (d_out + d_rest)
            if abs(dA) < 1e-12 * A:
                good = abs(out) < SUBSONIC * np.sqrt(A * slope / rho)
                break
            A += min(max(dA, -0.5 * A), A)
        if good:
            ends[STAR_A, e], ends[STAR_Q, e], ends[STAR_TOTAL, e], ends[STAR_B, e] = A, A * out, psi + outer, B
        else:
            ends[STAR_A, e], ends[STAR_Q, e], ends[STAR_TOTAL, e], ends[STAR_B, e] = A_e, A_e * u_e, ends[EDGE_PSI, e] + outer, B_e
        head = ends[STAR_TOTAL, e] + 0.5 * rho * (ends[STAR_Q, e] / ends[STAR_A, e]) ** 2
    return head
