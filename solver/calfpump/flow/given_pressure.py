"""Vessel ends at a given static pressure: held there, or with waves that leave for ever."""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import DQ, EDGE_A, EDGE_B, EDGE_C, EDGE_D, EDGE_PSI, EDGE_U, OUTER, SLOPE, STAR_A, STAR_B, STAR_Q, STAR_TOTAL
from calfpump.flow.common_head import CLOSE, ITERATIONS, take_step
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import area, value
from calfpump.flow.wave_curve import find_lowest, star_at, wave


@kernel
def hold_pressure(n, target, node_ends, ends, par, rows, tail, rho):
    """Static total pressure given. Newton from the edge state; the bracketed branch where it is near choking."""
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        A, psi, slope, B, good = ends[e, EDGE_A], ends[e, EDGE_PSI], ends[e, EDGE_D], ends[e, EDGE_B], False
        u, du = ends[e, EDGE_U], ends[e, EDGE_C] / A
        for _ in range(ITERATIONS):
            dA = (target - ends[e, OUTER] - psi) / slope
            if not abs(dA) < 0.5 * A:
                break
            if abs(dA) < CLOSE * A:
                good = abs(u) < 0.95 * np.sqrt(A * slope / rho)
                ends[e, STAR_A], ends[e, STAR_Q], ends[e, STAR_B] = A, A * u, B
                ends[e, STAR_TOTAL], ends[e, SLOPE], ends[e, DQ] = psi + ends[e, OUTER], slope, u + A * du
                take_step(e, ends, dA, rho)
                break
            A += dA
            psi, slope, B = value(A, e // 2, par, rows, tail, rho)
            u, du = wave(A, slope, B, ends[e, EDGE_A], ends[e, EDGE_U], ends[e, EDGE_B], ends[e, EDGE_C], rho)
        if not good:
            find_lowest(e, ends, par, rows, tail, rho)
            star_at(target, True, e, ends, par, rows, tail, rho)


@kernel
def absorb(n, target, node_ends, ends, par, rows, tail, rho):
    """Waves leave: u_e + Φ_e(A) = −Φ_r(A), what the edge sends out against rest at the static total pressure ``target``. Returns the head."""
    head = target
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        v, outer = e // 2, ends[e, OUTER]
        A_e, u_e, B_e, c_e = ends[e, EDGE_A], ends[e, EDGE_U], ends[e, EDGE_B], ends[e, EDGE_C]
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
                good = abs(out) < 0.95 * np.sqrt(A * slope / rho)
                break
            A += min(max(dA, -0.5 * A), A)
        if good:
            ends[e, STAR_A], ends[e, STAR_Q], ends[e, STAR_TOTAL], ends[e, STAR_B] = A, A * out, psi + outer, B
        else:
            ends[e, STAR_A], ends[e, STAR_Q], ends[e, STAR_TOTAL], ends[e, STAR_B] = A_e, A_e * u_e, ends[e, EDGE_PSI] + outer, B_e
        head = ends[e, STAR_TOTAL] + 0.5 * rho * (ends[e, STAR_Q] / ends[e, STAR_A]) ** 2
    return head
