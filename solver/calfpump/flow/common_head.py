"""The head that all vessels of a node share: Newton in all star areas at once, and the bracketed branch with choking.

Unknown is H = Π + ½ρu², Π = p + ρgz. With q_b(H) the flow that the wave curve of vessel b lets in, Σ q_b(H) = source + Σ bed outflows(H). The system is
an arrow; outflows that choke are tried as given flows, and where that or an iterate fails, the scalar equation is bracketed in H with the exact
monotone q_b(H). Flows of the last linear step are used, which sum to zero to round-off whatever the tolerance.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import (
    BED_LEAK,
    BED_R,
    BED_TOTAL,
    DHEAD,
    DQ,
    EDGE_A,
    EDGE_B,
    EDGE_C,
    EDGE_D,
    EDGE_PSI,
    EDGE_U,
    HEAD,
    NEW_HEAD,
    OUTER,
    SLOPE,
    STAR_A,
    STAR_B,
    STAR_Q,
    STAR_TOTAL,
)  # fmt: skip
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import value_here
from calfpump.flow.wave_curve import choke, find_lowest, lowest_head, star_at, wave

ITERATIONS = 12
#: last relative step of Newton's areas: its error after it is the square, times the law's curvature
CLOSE = 1e-3
#: first step of the bracket of H as a share of ρc², and its growth
FIRST_STEP, GROWTH = 2e-3, 4.0
NEARLY_CHOKED = 0.05
#: square of the share of c from which an inflow counts as choked
NEARLY_SONIC = 0.9


@kernel
def _bed_balance(n, H, node_beds, bed_work):
    """Σ k p and Σ k of the beds at node n, with outflow k (p − H), for the side of H on which each bed lies."""
    known, rate = 0.0, 0.0
    for j in range(1, node_beds[n, 0] + 1):
        b = node_beds[n, j]
        p = bed_work[b, BED_TOTAL]
        k = (1.0 if p > H else bed_work[b, BED_LEAK]) / bed_work[b, BED_R]
        known += k * p
        rate += k
    return known, rate


@kernel
def balanced_head(n, known, rate, H, node_beds, bed_work):
    """H of rate · H = known + Σ k (p − H), piecewise linear through the beds' valves, tried from H on; NaN if none is found."""
    for _ in range(4 + node_beds[n, 0]):
        bed_known, bed_rate = _bed_balance(n, H, node_beds, bed_work)
        H_next = (known + bed_known) / (rate + bed_rate)
        if H_next == H:
            return H
        H = H_next
    return np.nan


@kernel
def newton(n, head, static, source, node_ends, node_beds, ends, bed_work, par, rows, tail, rho):
    """Newton from the linear step, or from the edge states if there was none. Returns (converged, H); star states with the flows of the last linear
    step are written on success.

    ``static``: H is the static total pressure. Outflows that come to be choked are tried as given flows.
    """
    kinetic = 0.0 if static else rho
    choked = 0
    first = ends[NEW_HEAD, node_ends[n, 1]]
    stepped = first == first
    if stepped:
        head = first
        for j in range(1, node_ends[n, 0] + 1):
            e = node_ends[n, j]
            A = ends[EDGE_A, e]
            ends[STAR_A, e], ends[DHEAD, e] = min(max(ends[STAR_A, e], 0.5 * A), 1.5 * A), 0.0
    for iteration in range(1 if stepped else 0, ITERATIONS):
        known, rate = source, 0.0
        for j in range(1, node_ends[n, 0] + 1):
            e = node_ends[n, j]
            if iteration > 0 and ends[DHEAD, e] == np.inf:
                known -= ends[STAR_Q, e]
                continue
            if iteration == 0:
                A, psi, slope, B = ends[EDGE_A, e], ends[EDGE_PSI, e], ends[EDGE_D, e], ends[EDGE_B, e]
                u, du = ends[EDGE_U, e], ends[EDGE_C, e] / A
            else:
                A = ends[STAR_A, e]
                psi, slope, B = value_here(A, e // 2, par, rows, tail, rho)
                u, du = wave(A, slope, B, ends[EDGE_A, e], ends[EDGE_U, e], ends[EDGE_B, e], ends[EDGE_C, e], rho)
            dhead, dq = slope + kinetic * u * du, u + A * du
            if not (dhead > NEARLY_CHOKED * slope and dq > NEARLY_CHOKED * A * du):
                choked += 1
                if choked == node_ends[n, 0] + node_beds[n, 0]:
                    return False, head
                choke(e, ends, par, rows, tail, rho)
                ends[DHEAD, e] = np.inf
                known -= ends[STAR_Q, e]
                continue
            total = psi + ends[OUTER, e]
            ends[STAR_A, e], ends[STAR_Q, e], ends[STAR_TOTAL, e], ends[STAR_B, e] = A, A * u, total, B
            ends[HEAD, e], ends[DQ, e], ends[DHEAD, e], ends[SLOPE, e] = total + 0.5 * kinetic * u * u, dq, dhead, slope
            known += dq / dhead * ends[HEAD, e] - A * u
            rate += dq / dhead
        H = balanced_head(n, known, rate, head, node_beds, bed_work)
        if not H == H:
            return False, head
        head = H
        converged = True
        for j in range(1, node_ends[n, 0] + 1):
            e = node_ends[n, j]
            if ends[DHEAD, e] == np.inf:
                continue
            A = ends[STAR_A, e]
            dA = (H - ends[HEAD, e]) / ends[DHEAD, e]
            if abs(dA) > CLOSE * A:
                converged = False
            if not abs(dA) < 0.5 * A:
                dA = np.copysign(0.5 * A, dA)
            take_step(e, ends, dA, rho)
        if converged:
            if choked > 0 and not _outflow_choked(n, head, static, node_ends, ends, rho):
                return False, head
            return not _inflow_choked(n, node_ends, ends, rho), head
    return False, head


@kernel
def take_step(e, ends, dA, rho):
    """Linear step of a star state by dA."""
    ends[STAR_Q, e] += ends[DQ, e] * dA
    ends[STAR_TOTAL, e] += ends[SLOPE, e] * dA
    ends[STAR_B, e] += ends[STAR_A, e] * ends[SLOPE, e] / rho * dA
    ends[STAR_A, e] += dA


@kernel
def _inflow_choked(n, node_ends, ends, rho):
    """Whether any vessel takes in flow near or above its wave speed."""
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        A, q = ends[STAR_A, e], ends[STAR_Q, e]
        if ends[DHEAD, e] < np.inf and q > 0.0 and q * q * rho > NEARLY_SONIC * A * A * A * ends[SLOPE, e]:
            return True
    return False


@kernel
def _outflow_choked(n, head, static, node_ends, ends, rho):
    """Whether all outflows that were tried as choked are so at this head."""
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        if ends[DHEAD, e] == np.inf and not lowest_head(static, e, ends, rho) >= head:
            return False
    return True


@kernel
def _excess(n, H, static, source, node_ends, node_beds, ends, bed_work, par, rows, tail, rho):
    """Σ q_b(H) − source − bed outflows: rises with H."""
    known, rate = _bed_balance(n, H, node_beds, bed_work)
    total = rate * H - known - source
    for j in range(1, node_ends[n, 0] + 1):
        total += star_at(H, static, node_ends[n, j], ends, par, rows, tail, rho)
    return total


@kernel
def bracketed(n, head, boiling, static, source, node_ends, node_beds, ends, bed_work, par, rows, tail, rho):
    """The same equation with choking: bracket H, then regula falsi (Illinois), bisection as guard.

    Where all vessels are choked, no lower head draws more out of them: a source that asks for more gets what there is, at the head where the last
    vessel chokes. Only beds give more the lower the head is. No head lies below ``boiling``: a vein that is being drawn dry would end with an
    infinite wave speed.
    """
    scale, least = 1.0, np.inf
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        find_lowest(e, ends, par, rows, tail, rho)
        least = min(least, lowest_head(static, e, ends, rho))
        scale = max(scale, rho * ends[EDGE_C, e] ** 2)
    floor = boiling if node_beds[n, 0] > 0 else max(least, boiling)
    head = max(head, least, boiling)
    low = high = head
    f_low = f_high = _excess(n, head, static, source, node_ends, node_beds, ends, bed_work, par, rows, tail, rho)
    step = FIRST_STEP * scale
    for _ in range(200):
        if f_low <= 0.0 or not f_low == f_low:
            break
        if low <= floor:
            return floor
        high, f_high = low, f_low
        low = max(low - step, floor)
        if high > least:
            low = max(low, least)
        step *= GROWTH
        f_low = _excess(n, low, static, source, node_ends, node_beds, ends, bed_work, par, rows, tail, rho)
    step = FIRST_STEP * scale
    for _ in range(200):
        if f_high >= 0.0 or not f_high == f_high:
            break
        low, f_low = high, f_high
        high += step
        step *= GROWTH
        f_high = _excess(n, high, static, source, node_ends, node_beds, ends, bed_work, par, rows, tail, rho)
    H = head
    side = 0
    for k in range(100):
        if high - low < 1e-12 * (scale + abs(high)):
            break
        H = 0.5 * (low + high)
        if f_high > f_low and k % 4 != 3:
            H = (low * f_high - high * f_low) / (f_high - f_low)
        if not (H > low and H < high):
            H = 0.5 * (low + high)
        f = _excess(n, H, static, source, node_ends, node_beds, ends, bed_work, par, rows, tail, rho)
        if f == 0.0:
            low = high = H
        elif f > 0.0:
            high, f_high = H, f
            if side == 1:
                f_low *= 0.5
            side = 1
        else:
            low, f_low = H, f
            if side == -1:
                f_high *= 0.5
            side = -1
    _excess(n, H, static, source, node_ends, node_beds, ends, bed_work, par, rows, tail, rho)
    return H
