"""Nodes: any number of vessel ends, beds and a boundary at one point.

Unknown is the head H = Π + ½ρu² that all vessels share, Π = p + ρgz. With q_b(H) the flow that the wave curve of vessel b lets in,
Σ q_b(H) = source + Σ bed outflows(H). Newton in all star areas at once (the system is an arrow); where a branch is near choking or an
iterate fails, the scalar equation is bracketed in H with the exact monotone q_b(H). Flows of the last linear step are used, which sum to
zero to round-off whatever the tolerance.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import (
    BED_LEAK, BED_OUT, BED_R, BED_TOTAL, CAPACITY, DHEAD, DQ, EDGE_A, EDGE_B, EDGE_C, EDGE_D, EDGE_PSI, EDGE_U, HEAD, OUTER, PRESSURE,
    SLOPE, STAR_A, STAR_B, STAR_Q, STAR_TOTAL,
)  # fmt: skip
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import value
from calfpump.flow.wave_curve import find_lowest, star_at, wave

ITERATIONS = 12
CLOSE = 1e-5
NEARLY_CHOKED = 0.05
SHARE = 0.45


@kernel
def load_ends(vessels, ends, slots, work, law, rho, dt):  # type: ignore[no-untyped-def]
    """Edge state of every vessel end after the half step, inward flow positive, and what its cell can give away in dt."""
    for v in range(vessels.begin.size):
        for side in range(2):
            e = 2 * v + side
            i = vessels.begin[v] if side == 0 else vessels.end[v] - 1
            if side == 0:
                A, q, psi, B = work.A_left[i], work.Q_left[i], work.psi_left[i], work.B_left[i]
            else:
                A, q, psi, B = work.A_right[i], -work.Q_right[i], work.psi_right[i], work.B_right[i]
            _, slope, _ = value(A, v, law, rho)
            ends[e, EDGE_A], ends[e, EDGE_U], ends[e, EDGE_PSI], ends[e, EDGE_B] = A, q / A, psi, B
            ends[e, EDGE_D], ends[e, EDGE_C] = slope, np.sqrt(A * slope / rho)
            ends[e, OUTER] = work.outer[i]
            ends[e, CAPACITY] = SHARE * A / (dt * slots.inv_dx[i])


@kernel
def _bed_balance(n, H, graph, bed_work):  # type: ignore[no-untyped-def]
    """Σ k p and Σ k of the beds at node n, with outflow k (p − H), for the side of H on which each bed lies."""
    known, rate = 0.0, 0.0
    for j in range(graph.first_bed[n], graph.first_bed[n + 1]):
        b = graph.beds[j]
        p = bed_work[b, BED_TOTAL]
        k = (1.0 if p > H else bed_work[b, BED_LEAK]) / bed_work[b, BED_R]
        known += k * p
        rate += k
    return known, rate


@kernel
def _newton(n, head, source, graph, ends, bed_work, law, rho):  # type: ignore[no-untyped-def]
    """Newton from the edge states. Returns (converged, H); star states with the flows of the last linear step are written on success."""
    begin, end = graph.first_end[n], graph.first_end[n + 1]
    for iteration in range(ITERATIONS):
        known, rate = source, 0.0
        for j in range(begin, end):
            e = graph.ends[j]
            if iteration == 0:
                A, psi, slope, B = ends[e, EDGE_A], ends[e, EDGE_PSI], ends[e, EDGE_D], ends[e, EDGE_B]
                u, du = ends[e, EDGE_U], ends[e, EDGE_C] / A
            else:
                A = ends[e, STAR_A]
                psi, slope, B = value(A, e // 2, law, rho)
                u, du = wave(A, slope, B, ends[e, EDGE_A], ends[e, EDGE_U], ends[e, EDGE_B], ends[e, EDGE_C], rho)
            dhead = slope + rho * u * du
            if not dhead > NEARLY_CHOKED * slope:
                return False, head
            dq = u + A * du
            total = psi + ends[e, OUTER]
            ends[e, STAR_A], ends[e, STAR_Q], ends[e, STAR_TOTAL], ends[e, STAR_B] = A, A * u, total, B
            ends[e, HEAD], ends[e, DQ], ends[e, DHEAD], ends[e, SLOPE] = total + 0.5 * rho * u * u, dq, dhead, slope
            known += dq / dhead * ends[e, HEAD] - A * u
            rate += dq / dhead
        # Σ q + dq/dhead (H − head) = source + Σ k (p − H), piecewise linear in H through the beds' valves
        H = head
        for _ in range(4 + graph.first_bed[n + 1] - graph.first_bed[n]):
            bed_known, bed_rate = _bed_balance(n, H, graph, bed_work)
            H_next = (known + bed_known) / (rate + bed_rate)
            if H_next == H:
                break
            H = H_next
        head = H
        converged = True
        for j in range(begin, end):
            e = graph.ends[j]
            A = ends[e, STAR_A]
            dA = (H - ends[e, HEAD]) / ends[e, DHEAD]
            if abs(dA) > CLOSE * A:
                converged = False
            if not abs(dA) < 0.5 * A:
                dA = np.copysign(0.5 * A, dA)
            _step(e, ends, dA, rho)
        if converged:
            return not _inflow_choked(n, graph, ends, rho), head
    return False, head


@kernel
def _step(e, ends, dA, rho):  # type: ignore[no-untyped-def]
    """Linear step of a star state by dA."""
    ends[e, STAR_Q] += ends[e, DQ] * dA
    ends[e, STAR_TOTAL] += ends[e, SLOPE] * dA
    ends[e, STAR_B] += ends[e, STAR_A] * ends[e, SLOPE] / rho * dA
    ends[e, STAR_A] += dA


@kernel
def _inflow_choked(n, graph, ends, rho):  # type: ignore[no-untyped-def]
    """Whether any vessel takes in flow near or above its wave speed."""
    for j in range(graph.first_end[n], graph.first_end[n + 1]):
        e = graph.ends[j]
        if ends[e, STAR_Q] > 0.95 * ends[e, STAR_A] * np.sqrt(ends[e, STAR_A] * ends[e, SLOPE] / rho):
            return True
    return False


@kernel
def _excess(n, H, source, graph, ends, bed_work, law, rho):  # type: ignore[no-untyped-def]
    """Σ q_b(H) − source − bed outflows: rises with H."""
    known, rate = _bed_balance(n, H, graph, bed_work)
    total = rate * H - known - source
    for j in range(graph.first_end[n], graph.first_end[n + 1]):
        total += star_at(H, False, graph.ends[j], ends, law, rho)
    return total


@kernel
def _bracketed(n, head, source, graph, ends, bed_work, law, rho):  # type: ignore[no-untyped-def]
    """The same equation with choking: bracket H, then regula falsi (Illinois), bisection as guard."""
    scale = 1.0
    for j in range(graph.first_end[n], graph.first_end[n + 1]):
        e = graph.ends[j]
        find_lowest(e, ends, law, rho)
        scale = max(scale, rho * ends[e, EDGE_C] ** 2)
    low = high = head
    f_low = f_high = _excess(n, head, source, graph, ends, bed_work, law, rho)
    step = 0.1 * scale
    for _ in range(200):
        if f_low <= 0.0 or not f_low == f_low:
            break
        high, f_high = low, f_low
        low -= step
        step *= 2.0
        f_low = _excess(n, low, source, graph, ends, bed_work, law, rho)
    step = 0.1 * scale
    for _ in range(200):
        if f_high >= 0.0 or not f_high == f_high:
            break
        low, f_low = high, f_high
        high += step
        step *= 2.0
        f_high = _excess(n, high, source, graph, ends, bed_work, law, rho)
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
        f = _excess(n, H, source, graph, ends, bed_work, law, rho)
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
    _excess(n, H, source, graph, ends, bed_work, law, rho)
    return H


@kernel
def _rebalance(n, source, graph, ends, bed_work):  # type: ignore[no-untyped-def]
    """After flows into the node were held back: scale the flows out of it so that the node is in balance."""
    given, taken = source, 0.0
    for j in range(graph.first_end[n], graph.first_end[n + 1]):
        q = ends[graph.ends[j], STAR_Q]
        given -= min(q, 0.0)
        taken += max(q, 0.0)
    for j in range(graph.first_bed[n], graph.first_bed[n + 1]):
        q = bed_work[graph.beds[j], BED_OUT]
        given += max(q, 0.0)
        taken -= min(q, 0.0)
    share = max(given, 0.0) / taken if taken > 0.0 else 1.0
    for j in range(graph.first_end[n], graph.first_end[n + 1]):
        e = graph.ends[j]
        if ends[e, STAR_Q] > 0.0:
            ends[e, STAR_Q] *= share
    for j in range(graph.first_bed[n], graph.first_bed[n + 1]):
        b = graph.beds[j]
        if bed_work[b, BED_OUT] < 0.0:
            bed_work[b, BED_OUT] *= share


@kernel
def _pressure_boundary(n, target, graph, ends, law, rho):  # type: ignore[no-untyped-def]
    """Static total pressure given. Newton from the edge state; the bracketed branch where it is near choking."""
    for j in range(graph.first_end[n], graph.first_end[n + 1]):
        e = graph.ends[j]
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
            psi, slope, B = value(A, e // 2, law, rho)
            u, du = wave(A, slope, B, ends[e, EDGE_A], ends[e, EDGE_U], ends[e, EDGE_B], ends[e, EDGE_C], rho)
        if not good:
            find_lowest(e, ends, law, rho)
            star_at(target, True, e, ends, law, rho)


@kernel
def _bed_outflows(n, head, V, graph, bed_work, dt):  # type: ignore[no-untyped-def]
    """Outflow of the beds at the node's head; True if a reservoir had less to give."""
    limited = False
    for j in range(graph.first_bed[n], graph.first_bed[n + 1]):
        b = graph.beds[j]
        p = bed_work[b, BED_TOTAL]
        q = (1.0 if p > head else bed_work[b, BED_LEAK]) / bed_work[b, BED_R] * (p - head)
        most = 0.5 * V[b] / dt
        if q > most:
            q, limited = most, True
        bed_work[b, BED_OUT] = q
    return limited


@kernel
def _hold_to_capacity(n, graph, ends):  # type: ignore[no-untyped-def]
    """Outflow of vessels into a node no larger than what their cells have; True if one was."""
    limited = False
    for j in range(graph.first_end[n], graph.first_end[n + 1]):
        e = graph.ends[j]
        if -ends[e, STAR_Q] > ends[e, CAPACITY]:
            ends[e, STAR_Q] = -ends[e, CAPACITY]
            limited = True
    return limited


@kernel
def solve_nodes(unknowns, totals, counts, drive, nodes, graph, ends, bed_work, law, blood, dt):  # type: ignore[no-untyped-def]
    """Star states of all vessel ends and outflow of all beds; cumulates what came in through the boundaries."""
    rho = blood.rho
    for n in range(nodes.kind.size):
        signal = drive.now[nodes.signal[n]] if nodes.signal[n] >= 0 else 0.0
        head, good = unknowns.head[n], True
        if nodes.kind[n] == PRESSURE:
            head = signal
            for s in range(drive.w.size):
                head += rho * blood.g * nodes.height[n, s] * drive.w[s]
            _pressure_boundary(n, head, graph, ends, law, rho)
        else:
            good, H = _newton(n, head, signal, graph, ends, bed_work, law, rho)
            if good:
                head = H
            else:
                head = _bracketed(n, head, signal, graph, ends, bed_work, law, rho)
                counts[1] += 1
        unknowns.head[n] = head
        limited = _bed_outflows(n, head, unknowns.V, graph, bed_work, dt)
        limited |= _hold_to_capacity(n, graph, ends)
        source = signal
        if nodes.kind[n] == PRESSURE:
            source = _net(n, graph, ends, bed_work)
        elif limited or not good:
            _rebalance(n, signal, graph, ends, bed_work)
            source = _net(n, graph, ends, bed_work)
        totals.source[n] += dt * source


@kernel
def _net(n, graph, ends, bed_work):  # type: ignore[no-untyped-def]
    """What enters the network at a node: flow into its vessels less the outflow of its beds."""
    net = 0.0
    for j in range(graph.first_end[n], graph.first_end[n + 1]):
        net += ends[graph.ends[j], STAR_Q]
    for j in range(graph.first_bed[n], graph.first_bed[n + 1]):
        net -= bed_work[graph.beds[j], BED_OUT]
    return net
