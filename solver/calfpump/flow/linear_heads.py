"""The heads of nodes by one linear step from their edge states, all ends at once; most nodes need no more.

With head = Π + ½ρu² and the flow q let in by the wave curve, at the edge dq/dhead = (u + c)/(dψ/dA + ρuc/A), so that

    Σ q_e + dq/dhead (H − head_e) = source + Σ bed outflows(H).

Given static pressures are met in the same step. A node whose areas move by more than CLOSE, or that comes near choking, is left to common_head.py,
which goes on from here. Nodes with one vessel and a load, and reflection-free ends, have no linear step.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import (
    CAPACITY,
    DQ,
    EDGE_A,
    EDGE_B,
    EDGE_C,
    EDGE_D,
    EDGE_PSI,
    EDGE_U,
    FLOW,
    HEAD,
    JUNCTION,
    KNOWN,
    NEW_HEAD,
    OUTER,
    PRESSURE,
    RATE,
    ROUGH,
    STAR_A,
    STAR_B,
    STAR_Q,
    STAR_TOTAL,
    WIDENING,
)  # fmt: skip
from calfpump.flow.common_head import CLOSE, NEARLY_CHOKED, NEARLY_SONIC, balanced_head
from calfpump.flow.compiled import kernel
from calfpump.flow.outer_pressure import height_of


@kernel
def _linearise(ends, rho):
    """Of every end's edge state: head, dA/dhead, dq/dA, dq/dhead, and that times head less q; NaN where flow out of the vessel is nearly choked."""
    A, u, psi, slope, c, outer = ends[EDGE_A], ends[EDGE_U], ends[EDGE_PSI], ends[EDGE_D], ends[EDGE_C], ends[OUTER]
    head, widening, dq, rate, known = ends[HEAD], ends[WIDENING], ends[DQ], ends[RATE], ends[KNOWN]
    for e in range(A.size):
        h = psi[e] + outer[e] + 0.5 * rho * u[e] * u[e]
        still, gain = slope[e] * A[e], u[e] + c[e]
        rise = still + rho * u[e] * c[e]
        subcritical = (rise > NEARLY_CHOKED * still) & (gain > NEARLY_CHOKED * c[e])
        wide = A[e] / (rise if subcritical else np.nan)
        k = gain * wide
        head[e], widening[e], dq[e], rate[e], known[e] = h, wide, gain, k, k * h - A[e] * u[e]


@kernel
def _step(ends, rho):
    """Star state of every end at the new head of its node, and whether that is too far from the edge state to be taken; True if none is."""
    A, u, psi, B, slope, outer, capacity = ends[EDGE_A], ends[EDGE_U], ends[EDGE_PSI], ends[EDGE_B], ends[EDGE_D], ends[OUTER], ends[CAPACITY]
    head, dq, widening, H = ends[HEAD], ends[DQ], ends[WIDENING], ends[NEW_HEAD]
    star_A, star_Q, star_total, star_B, rough = ends[STAR_A], ends[STAR_Q], ends[STAR_TOTAL], ends[STAR_B], ends[ROUGH]
    inv_rho = 1.0 / rho
    for e in range(A.size):
        dA = (H[e] - head[e]) * widening[e]
        a, q = A[e] + dA, A[e] * u[e] + dq[e] * dA
        star_A[e], star_Q[e] = a, q
        star_total[e] = psi[e] + outer[e] + slope[e] * dA
        star_B[e] = B[e] + A[e] * slope[e] * inv_rho * dA
        inflow = max(q, 0.0)
        good = (abs(dA) <= CLOSE * A[e]) & (inflow * inflow <= NEARLY_SONIC * inv_rho * slope[e] * a * a * a) & (-q <= capacity[e])
        rough[e] = 0.0 if good else 1.0
    left = 0.0
    for e in range(A.size):
        left += rough[e]
    return left == 0.0


@kernel
def _given_pressure(e, ends):
    """Without the kinetic head, for an end whose static pressure is given."""
    if ends[WIDENING, e] == ends[WIDENING, e]:
        ends[HEAD, e], ends[WIDENING, e] = ends[EDGE_PSI, e] + ends[OUTER, e], 1.0 / ends[EDGE_D, e]


@kernel
def linear_heads(now, w, nodes, ends, bed_work, rho, rho_g):
    """NEW_HEAD (the static total pressure, where that is given) and the star states of all ends; ROUGH where they must not be taken. True if all may."""
    _linearise(ends, rho)
    kind, signal_of, node_ends, node_beds, height = nodes.kind, nodes.signal, nodes.ends, nodes.beds, nodes.height
    for n in range(kind.size):
        H, signal = np.nan, now[signal_of[n]] if signal_of[n] >= 0 else 0.0
        if kind[n] == JUNCTION or kind[n] == FLOW:
            known, rate = signal, 0.0
            for j in range(1, node_ends[n, 0] + 1):
                known += ends[KNOWN, node_ends[n, j]]
                rate += ends[RATE, node_ends[n, j]]
            H = known / rate if node_beds[n, 0] == 0 else balanced_head(n, known, rate, known / rate, node_beds, bed_work)
        elif kind[n] == PRESSURE:
            H = signal + rho_g * height_of(n, height, w)
            for j in range(1, node_ends[n, 0] + 1):
                _given_pressure(node_ends[n, j], ends)
        for j in range(1, node_ends[n, 0] + 1):
            ends[NEW_HEAD, node_ends[n, j]] = H
    return _step(ends, rho)


@kernel
def smooth(n, node_ends, ends):
    """Whether the linear step may be taken at all ends of node n."""
    rough = 0.0
    for j in range(1, node_ends[n, 0] + 1):
        rough += ends[ROUGH, node_ends[n, j]]
    return rough == 0.0
