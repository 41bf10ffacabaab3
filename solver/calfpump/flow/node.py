"""Nodes: any number of vessel ends, beds, loads and a boundary at one point.

Unknown is the head H = Π + ½ρu² that all vessels share, Π = p + ρgz. With q_b(H) the flow that the wave curve of vessel b lets in,
Σ q_b(H) = source + Σ bed outflows(H). Newton in all star areas at once (the system is an arrow); where a branch is near choking or an
iterate fails, the scalar equation is bracketed in H with the exact monotone q_b(H). Flows of the last linear step are used, which sum to
zero to round-off whatever the tolerance.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import (
    B_LIFT,
    BED_LEAK,
    BED_MOST,
    BED_OUT,
    BED_R,
    BED_TOTAL,
    CAPACITY,
    DHEAD,
    DQ,
    EDGE_A,
    EDGE_B,
    EDGE_C,
    EDGE_D,
    EDGE_PSI,
    EDGE_U,
    HEAD,
    OUTER,
    PRESSURE,
    REFLECTION_FREE,
    SLOPE,
    STAR_A,
    STAR_B,
    STAR_Q,
    STAR_TOTAL,
    STATIC,
)  # fmt: skip
from calfpump.flow.compiled import kernel
from calfpump.flow.dry_cells import BOILING
from calfpump.flow.law_value import area, value
from calfpump.flow.stream import arriving, stream_through
from calfpump.flow.wave_curve import choke, find_lowest, lowest_head, star_at, wave

ITERATIONS = 12
#: last relative step of Newton's areas: its error after it is the square, times the law's curvature
CLOSE = 1e-4
#: first step of the bracket of H as a share of ρc², and its growth
FIRST_STEP, GROWTH = 2e-3, 4.0
NEARLY_CHOKED = 0.05
#: square of the share of c from which an inflow counts as choked
NEARLY_SONIC = 0.9
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
def _newton(n, head, static, source, node_ends, node_beds, ends, bed_work, par, rows, tail, rho):
    """Newton from the edge states. Returns (converged, H); star states with the flows of the last linear step are written on success.

    ``static``: H is the static total pressure. Outflows that are choked at their edge are tried as given flows.
    """
    kinetic = 0.0 if static else rho
    choked = 0
    for iteration in range(ITERATIONS):
        known, rate = source, 0.0
        for j in range(1, node_ends[n, 0] + 1):
            e = node_ends[n, j]
            if iteration > 0 and ends[e, DHEAD] == np.inf:
                known -= ends[e, STAR_Q]
                continue
            if iteration == 0:
                A, psi, slope, B = ends[e, EDGE_A], ends[e, EDGE_PSI], ends[e, EDGE_D], ends[e, EDGE_B]
                u, du = ends[e, EDGE_U], ends[e, EDGE_C] / A
            else:
                A = ends[e, STAR_A]
                psi, slope, B = value(A, e // 2, par, rows, tail, rho)
                u, du = wave(A, slope, B, ends[e, EDGE_A], ends[e, EDGE_U], ends[e, EDGE_B], ends[e, EDGE_C], rho)
            dhead, dq = slope + kinetic * u * du, u + A * du
            if not (dhead > NEARLY_CHOKED * slope and dq > NEARLY_CHOKED * A * du):
                choked += 1
                if iteration > 0 or choked == node_ends[n, 0] + node_beds[n, 0]:
                    return False, head
                choke(e, ends, par, rows, tail, rho)
                ends[e, DHEAD] = np.inf
                known -= ends[e, STAR_Q]
                continue
            total = psi + ends[e, OUTER]
            ends[e, STAR_A], ends[e, STAR_Q], ends[e, STAR_TOTAL], ends[e, STAR_B] = A, A * u, total, B
            ends[e, HEAD], ends[e, DQ], ends[e, DHEAD], ends[e, SLOPE] = total + 0.5 * kinetic * u * u, dq, dhead, slope
            known += dq / dhead * ends[e, HEAD] - A * u
            rate += dq / dhead
        # Σ q + dq/dhead (H − head) = source + Σ k (p − H), piecewise linear in H through the beds' valves
        H, found = head, False
        for _ in range(4 + node_beds[n, 0]):
            bed_known, bed_rate = _bed_balance(n, H, node_beds, bed_work)
            H_next = (known + bed_known) / (rate + bed_rate)
            found = H_next == H
            if found:
                break
            H = H_next
        if not found:
            return False, head
        head = H
        converged = True
        for j in range(1, node_ends[n, 0] + 1):
            e = node_ends[n, j]
            if ends[e, DHEAD] == np.inf:
                continue
            A = ends[e, STAR_A]
            dA = (H - ends[e, HEAD]) / ends[e, DHEAD]
            if abs(dA) > CLOSE * A:
                converged = False
            if not abs(dA) < 0.5 * A:
                dA = np.copysign(0.5 * A, dA)
            _step(e, ends, dA, rho)
        if converged:
            if choked > 0 and not _outflow_choked(n, head, static, node_ends, ends, par, rows, tail, rho):
                return False, head
            return not _inflow_choked(n, node_ends, ends, rho), head
    return False, head


@kernel
def _step(e, ends, dA, rho):
    """Linear step of a star state by dA."""
    ends[e, STAR_Q] += ends[e, DQ] * dA
    ends[e, STAR_TOTAL] += ends[e, SLOPE] * dA
    ends[e, STAR_B] += ends[e, STAR_A] * ends[e, SLOPE] / rho * dA
    ends[e, STAR_A] += dA


@kernel
def _inflow_choked(n, node_ends, ends, rho):
    """Whether any vessel takes in flow near or above its wave speed."""
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        A, q = ends[e, STAR_A], ends[e, STAR_Q]
        if ends[e, DHEAD] < np.inf and q > 0.0 and q * q * rho > NEARLY_SONIC * A * A * A * ends[e, SLOPE]:
            return True
    return False


@kernel
def _outflow_choked(n, head, static, node_ends, ends, par, rows, tail, rho):
    """Whether all outflows that were tried as choked are so at this head."""
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        if ends[e, DHEAD] == np.inf and not lowest_head(static, e, ends, par, rows, tail, rho) >= head:
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
def _bracketed(n, head, boiling, static, source, node_ends, node_beds, ends, bed_work, par, rows, tail, rho):
    """The same equation with choking: bracket H, then regula falsi (Illinois), bisection as guard.

    Where all vessels are choked, no lower head draws more out of them: a source that asks for more gets what there is, at the head where the last
    vessel chokes. Only beds give more the lower the head is. No head lies below ``boiling``: a vein that is being drawn dry would end with an
    infinite wave speed.
    """
    scale, least = 1.0, np.inf
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        find_lowest(e, ends, par, rows, tail, rho)
        least = min(least, lowest_head(static, e, ends, par, rows, tail, rho))
        scale = max(scale, rho * ends[e, EDGE_C] ** 2)
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


@kernel
def _rebalance(n, source, node_ends, node_beds, ends, bed_work):
    """After flows into the node were held back: scale the flows out of it so that the node is in balance."""
    given, taken = source, 0.0
    for j in range(1, node_ends[n, 0] + 1):
        q = ends[node_ends[n, j], STAR_Q]
        given -= min(q, 0.0)
        taken += max(q, 0.0)
    for j in range(1, node_beds[n, 0] + 1):
        q = bed_work[node_beds[n, j], BED_OUT]
        given += max(q, 0.0)
        taken -= min(q, 0.0)
    share = max(given, 0.0) / taken if taken > 0.0 else 1.0
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        if ends[e, STAR_Q] > 0.0:
            ends[e, STAR_Q] *= share
    for j in range(1, node_beds[n, 0] + 1):
        b = node_beds[n, j]
        if bed_work[b, BED_OUT] < 0.0:
            bed_work[b, BED_OUT] *= share


@kernel
def _pressure_boundary(n, target, node_ends, ends, par, rows, tail, rho):
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
                _step(e, ends, dA, rho)
                break
            A += dA
            psi, slope, B = value(A, e // 2, par, rows, tail, rho)
            u, du = wave(A, slope, B, ends[e, EDGE_A], ends[e, EDGE_U], ends[e, EDGE_B], ends[e, EDGE_C], rho)
        if not good:
            find_lowest(e, ends, par, rows, tail, rho)
            star_at(target, True, e, ends, par, rows, tail, rho)


@kernel
def _absorbed(n, target, node_ends, ends, par, rows, tail, rho):
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


@kernel
def _bed_outflows(n, head, node_beds, bed_work):
    """Outflow of the beds at the node's head; True if a reservoir had less to give."""
    limited = False
    for j in range(1, node_beds[n, 0] + 1):
        b = node_beds[n, j]
        p = bed_work[b, BED_TOTAL]
        q = (1.0 if p > head else bed_work[b, BED_LEAK]) / bed_work[b, BED_R] * (p - head)
        if q > bed_work[b, BED_MOST]:
            q, limited = bed_work[b, BED_MOST], True
        bed_work[b, BED_OUT] = q
    return limited


@kernel
def _hold_to_capacity(n, node_ends, ends):
    """Outflow of vessels into a node no larger than what their cells have; True if one was."""
    limited = False
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        if -ends[e, STAR_Q] > ends[e, CAPACITY]:
            ends[e, STAR_Q] = -ends[e, CAPACITY]
            limited = True
    return limited


@kernel
def solve_nodes(unknowns, totals, counts, drive, nodes, ends, bed_work, law, blood, dt):
    """Star states of all vessel ends and outflow of all beds; cumulates what came in through the boundaries."""
    rho, rho_g = blood.rho, blood.rho * blood.g
    par, rows, tail = law.vessel, law.rows, law.tail
    node_ends, node_beds, kind, signal_of, height = nodes.ends, nodes.beds, nodes.kind, nodes.signal, nodes.height
    now, w, heads, sources = drive.now, drive.w, unknowns.head, totals.source
    for n in range(kind.size):
        signal = now[signal_of[n]] if signal_of[n] >= 0 else 0.0
        head, good = heads[n], True
        rho_g_z = 0.0
        for s in range(w.size):
            rho_g_z += rho_g * height[n, s] * w[s]
        given = kind[n] == PRESSURE or kind[n] == REFLECTION_FREE
        if given:
            head = signal + rho_g_z
            if kind[n] == PRESSURE:
                _pressure_boundary(n, head, node_ends, ends, par, rows, tail, rho)
            else:
                head = _absorbed(n, head, node_ends, ends, par, rows, tail, rho)
        else:
            static = kind[n] == STATIC
            boiling = BOILING + rho_g_z
            good, H = _newton(n, head, static, signal, node_ends, node_beds, ends, bed_work, par, rows, tail, rho)
            good &= H >= boiling
            passing = False
            if not static and signal == 0.0 and node_beds[n, 0] == 0:
                q, arriving_head, speed = arriving(n, node_ends, ends, rho)
                # a jump at the node would lose head: no stream where it gains
                if q > 0.0 and not (good and H >= arriving_head):
                    passing = stream_through(n, q, arriving_head, speed, node_ends, ends, par, rows, tail, rho)
            if passing:
                good, head = False, arriving_head
            elif good:
                head = H
            else:
                head = _bracketed(n, head, boiling, static, signal, node_ends, node_beds, ends, bed_work, par, rows, tail, rho)
                counts[1] += 1
        heads[n] = head
        limited = _bed_outflows(n, head, node_beds, bed_work)
        limited |= _hold_to_capacity(n, node_ends, ends)
        source = signal
        if given:
            source = _net(n, node_ends, node_beds, ends, bed_work)
        elif limited or not good:
            _rebalance(n, signal, node_ends, node_beds, ends, bed_work)
            source = _net(n, node_ends, node_beds, ends, bed_work)
        sources[n] += dt * source


@kernel
def _net(n, node_ends, node_beds, ends, bed_work):
    """What enters the network at a node: flow into its vessels less the outflow of its beds."""
    net = 0.0
    for j in range(1, node_ends[n, 0] + 1):
        net += ends[node_ends[n, j], STAR_Q]
    for j in range(1, node_beds[n, 0] + 1):
        net -= bed_work[node_beds[n, j], BED_OUT]
    return net
