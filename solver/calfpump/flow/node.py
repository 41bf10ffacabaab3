"""Nodes: any number of vessel ends, beds and a boundary at one point.

Unknown is the head H = Π + ½ρu² that all vessels share, Π = p + ρgz. With q_b(H) the flow that the wave curve of vessel b lets in,
Σ q_b(H) = source + Σ bed outflows(H). Newton in all star areas at once (the system is an arrow); where a branch is near choking or an
iterate fails, the scalar equation is bracketed in H with the exact monotone q_b(H). Flows of the last linear step are used, which sum to
zero to round-off whatever the tolerance.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import PRESSURE
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import value
from calfpump.flow.wave_curve import find_lowest, star_at, wave

ITERATIONS = 12
CLOSE = 1e-5
NEARLY_CHOKED = 0.05
SHARE = 0.45


@kernel
def load_ends(ends, grid, work, laws, rho, dt):  # type: ignore[no-untyped-def]
    """Edge state of every vessel end after the half step, inward flow positive, and what its cell can give away in dt."""
    for e in range(ends.vessel.size):
        v, i = ends.vessel[e], ends.cell[e]
        if e % 2 == 0:
            A, q, psi, B = work.A_left[i], work.Q_left[i], work.psi_left[i], work.B_left[i]
        else:
            A, q, psi, B = work.A_right[i], -work.Q_right[i], work.psi_right[i], work.B_right[i]
        _, slope, _ = value(A, v, laws, rho)
        ends.A[e], ends.u[e], ends.psi[e], ends.B[e] = A, q / A, psi, B
        ends.outer[e] = work.outer[i]
        ends.slope[e] = slope
        ends.speed[e] = np.sqrt(A * slope / rho)
        ends.capacity[e] = SHARE * grid.dx[v] / dt


@kernel
def _bed_balance(n, H, nodes, beds):  # type: ignore[no-untyped-def]
    """Σ k p and Σ k of the beds at node n, with outflow k (p − H), for the side of H on which each bed lies."""
    known, rate = 0.0, 0.0
    for j in range(nodes.first_bed[n], nodes.first_bed[n + 1]):
        b = nodes.beds[j]
        k = (1.0 if beds.total[b] > H else beds.leak[b]) / beds.R_now[b]
        known += k * beds.total[b]
        rate += k
    return known, rate


@kernel
def _newton(n, head, source, nodes, ends, beds, laws, rho):  # type: ignore[no-untyped-def]
    """Newton from the edge states. Returns (converged, H); star states and linear flows are written on success."""
    begin, end = nodes.first_end[n], nodes.first_end[n + 1]
    for j in range(begin, end):
        e = nodes.ends[j]
        ends.star_A[e] = ends.A[e]
    for iteration in range(ITERATIONS):
        known, rate = source, 0.0
        for j in range(begin, end):
            e = nodes.ends[j]
            A = ends.star_A[e]
            if iteration == 0:
                psi, slope, u, du = ends.psi[e], ends.slope[e], ends.u[e], ends.speed[e] / A
            else:
                psi, slope, B = value(A, ends.vessel[e], laws, rho)
                u, du = wave(A, slope, B, ends.A[e], ends.u[e], ends.B[e], ends.speed[e], rho)
            dhead = slope + rho * u * du
            if not dhead > NEARLY_CHOKED * slope:
                return False, head
            dq = u + A * du
            ends.star_q[e] = A * u
            ends.star_total[e] = psi + ends.outer[e]
            ends.head[e] = ends.star_total[e] + 0.5 * rho * u * u
            ends.dq[e], ends.dhead[e] = dq, dhead
            ends.slope[e] = slope
            known += dq / dhead * ends.head[e] - ends.star_q[e]
            rate += dq / dhead
        # Σ q + dq/dhead (H − head) = source + Σ k (p − H), piecewise linear in H through the beds' valves
        H = head
        for _ in range(4 + nodes.first_bed[n + 1] - nodes.first_bed[n]):
            bed_known, bed_rate = _bed_balance(n, H, nodes, beds)
            H_next = (known + bed_known) / (rate + bed_rate)
            if H_next == H:
                break
            H = H_next
        converged = True
        for j in range(begin, end):
            e = nodes.ends[j]
            A = ends.star_A[e]
            dA = (H - ends.head[e]) / ends.dhead[e]
            if abs(dA) > CLOSE * A:
                converged = False
            if not abs(dA) < 0.5 * A:
                dA = np.copysign(0.5 * A, dA)
            ends.star_A[e] = A + dA
            ends.star_q[e] += ends.dq[e] * dA
            ends.star_total[e] += ends.slope[e] * dA
        head = H
        if converged:
            for j in range(begin, end):
                e = nodes.ends[j]
                A = ends.star_A[e]
                if ends.star_q[e] > 0.95 * A * np.sqrt(A * ends.slope[e] / rho):
                    return False, head
            return True, head
    return False, head


@kernel
def _excess(n, H, source, nodes, ends, beds, laws, rho):  # type: ignore[no-untyped-def]
    """Σ q_b(H) − source − bed outflows: rises with H."""
    known, rate = _bed_balance(n, H, nodes, beds)
    total = rate * H - known - source
    for j in range(nodes.first_end[n], nodes.first_end[n + 1]):
        total += star_at(H, False, nodes.ends[j], ends, laws, rho)
    return total


@kernel
def _bracketed(n, head, source, nodes, ends, beds, laws, rho):  # type: ignore[no-untyped-def]
    """The same equation with choking: bracket H, then regula falsi (Illinois), bisection as guard."""
    scale = 1.0
    for j in range(nodes.first_end[n], nodes.first_end[n + 1]):
        e = nodes.ends[j]
        find_lowest(e, ends, laws, rho)
        scale = max(scale, rho * ends.speed[e] ** 2)
    low = high = head
    f_low = f_high = _excess(n, head, source, nodes, ends, beds, laws, rho)
    step = 0.1 * scale
    for _ in range(200):
        if f_low <= 0.0 or not f_low == f_low:
            break
        high, f_high = low, f_low
        low -= step
        step *= 2.0
        f_low = _excess(n, low, source, nodes, ends, beds, laws, rho)
    step = 0.1 * scale
    for _ in range(200):
        if f_high >= 0.0 or not f_high == f_high:
            break
        low, f_low = high, f_high
        high += step
        step *= 2.0
        f_high = _excess(n, high, source, nodes, ends, beds, laws, rho)
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
        f = _excess(n, H, source, nodes, ends, beds, laws, rho)
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
    _excess(n, H, source, nodes, ends, beds, laws, rho)
    return H


@kernel
def _rebalance(n, source, nodes, ends, beds, dt):  # type: ignore[no-untyped-def]
    """Hold every outflow to what its cell or reservoir has, and what enters the vessels to what left the others.

    Returns the source that really entered.
    """
    given, taken = max(source, 0.0), max(-source, 0.0)
    for j in range(nodes.first_end[n], nodes.first_end[n + 1]):
        e = nodes.ends[j]
        ends.star_q[e] = max(ends.star_q[e], -ends.capacity[e] * ends.A[e])
        if ends.star_q[e] < 0.0:
            given -= ends.star_q[e]
        else:
            taken += ends.star_q[e]
    for j in range(nodes.first_bed[n], nodes.first_bed[n + 1]):
        b = nodes.beds[j]
        if beds.outflow[b] > 0.0:
            given += beds.outflow[b]
        else:
            taken -= beds.outflow[b]
    if source < 0.0:
        given += source
        taken += source
    share = max(given, 0.0) / taken if taken > 0.0 else 1.0
    net = 0.0
    for j in range(nodes.first_end[n], nodes.first_end[n + 1]):
        e = nodes.ends[j]
        if ends.star_q[e] > 0.0:
            ends.star_q[e] *= share
        net += ends.star_q[e]
    for j in range(nodes.first_bed[n], nodes.first_bed[n + 1]):
        b = nodes.beds[j]
        if beds.outflow[b] < 0.0:
            beds.outflow[b] *= share
        net -= beds.outflow[b]
    return net


@kernel
def _pressure_boundary(n, target, nodes, ends, beds, laws, rho):  # type: ignore[no-untyped-def]
    """Static total pressure given. Newton from the edge state; the bracketed branch where it is near choking."""
    for j in range(nodes.first_end[n], nodes.first_end[n + 1]):
        e = nodes.ends[j]
        v, A, good = ends.vessel[e], ends.A[e], False
        psi, slope, u, du = ends.psi[e], ends.slope[e], ends.u[e], ends.speed[e] / A
        for _ in range(ITERATIONS):
            dA = (target - ends.outer[e] - psi) / slope
            if not abs(dA) < 0.5 * A:
                break
            if abs(dA) < CLOSE * A:
                good = abs(u) < 0.95 * np.sqrt(A * slope / rho)
                ends.star_A[e] = A + dA
                ends.star_q[e] = A * u + (u + A * du) * dA
                ends.star_total[e] = target
                break
            A += dA
            psi, slope, B = value(A, v, laws, rho)
            u, du = wave(A, slope, B, ends.A[e], ends.u[e], ends.B[e], ends.speed[e], rho)
        if not good:
            find_lowest(e, ends, laws, rho)
            star_at(target, True, e, ends, laws, rho)
    return target


@kernel
def solve_node(n, unknowns, drive, nodes, ends, beds, laws, blood, dt):  # type: ignore[no-untyped-def]
    """Star states of all ends at node n, outflow of its beds; returns (source that entered the network here, 1 if bracketed)."""
    rho = blood.rho
    kind = nodes.kind[n]
    signal = drive.now[nodes.signal[n]] if nodes.signal[n] >= 0 else 0.0
    robust = 0
    if kind == PRESSURE:
        z = 0.0
        for s in range(drive.w.size):
            z += nodes.height[n, s] * drive.w[s]
        head = _pressure_boundary(n, signal + rho * blood.g * z, nodes, ends, beds, laws, rho)
        source = 0.0
    else:
        source = signal
        good, head = _newton(n, unknowns.head[n], source, nodes, ends, beds, laws, rho)
        if not good:
            head = unknowns.head[n]
            if not abs(head) < 1e300:
                head = 0.0
            head = _bracketed(n, head, source, nodes, ends, beds, laws, rho)
            robust = 1
    unknowns.head[n] = head
    limited = robust == 1
    for j in range(nodes.first_bed[n], nodes.first_bed[n + 1]):
        b = nodes.beds[j]
        k = (1.0 if beds.total[b] > head else beds.leak[b]) / beds.R_now[b]
        q = k * (beds.total[b] - head)
        most = 0.5 * unknowns.V[b] / dt
        if q > most:
            q = most
            limited = True
        beds.outflow[b] = q
    for j in range(nodes.first_end[n], nodes.first_end[n + 1]):
        e = nodes.ends[j]
        if -ends.star_q[e] > ends.capacity[e] * ends.A[e]:
            limited = True
    if kind == PRESSURE:
        source = 0.0
        for j in range(nodes.first_end[n], nodes.first_end[n + 1]):
            e = nodes.ends[j]
            ends.star_q[e] = max(ends.star_q[e], -ends.capacity[e] * ends.A[e])
            source += ends.star_q[e]
        for j in range(nodes.first_bed[n], nodes.first_bed[n + 1]):
            source -= beds.outflow[nodes.beds[j]]
    elif limited:
        source = _rebalance(n, source, nodes, ends, beds, dt)
    return source, robust
