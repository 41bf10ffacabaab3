"""Viscous walls (Kelvin–Voigt; Alastruey et al. 2011, J Biomech 44:2250): p = p_ext + ψ(A) + Γ/(A0 √A) ∂A/∂t.

With ∂A/∂t = −∂Q/∂x the viscous part spreads the flow, ∂Q/∂t = (A/ρ) ∂/∂x (Γ/(A0 √A) ∂Q/∂x): half of it before the elastic step and half after
(Strang), each by the two implicit stages of Alexander's SDIRK2 (1977, SIAM J Numer Anal 14:1006), second order and L-stable, so that no step is
limited by it. Each stage is one tridiagonal system per vessel. The ends of a vessel hold the flow of their node, which sees the elastic pressure.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import BEFORE_Q
from calfpump.flow.compiled import kernel

GAMMA = 1.0 - np.sqrt(0.5)
#: the second stage starts from Q + (1 − γ)/γ (first stage − Q)
ONWARDS = (1.0 - GAMMA) / GAMMA


@kernel
def _stage(A, Q, upper, rhs, b, e, scale, first, last_flow):
    """Q of the cells b..e − 1 after one implicit stage, in place; ``first`` and ``last_flow`` are the flows of the ends, half a cell away."""
    left = 2.0 / np.sqrt(A[b])
    before, known = 0.0, left * first
    for i in range(b, e):
        last = i == e - 1
        right = 2.0 / np.sqrt(A[i]) if last else 2.0 / (np.sqrt(A[i]) + np.sqrt(A[i + 1]))
        own = scale * A[i]
        source = known + (right * last_flow if last else 0.0)
        lower = 0.0 if i == b else own * left
        pivot = 1.0 + own * (left + right) - lower * before
        upper[i] = 0.0 if last else own * right / pivot
        rhs[i] = (Q[i] + own * source + (0.0 if i == b else lower * rhs[i - 1])) / pivot
        before, left, known = upper[i], right, 0.0
    q = 0.0
    for i in range(e - 1, b - 1, -1):
        q = rhs[i] + upper[i] * q
        Q[i] = q


@kernel
def _spread(A, Q, u, start, upper, rhs, b, e, rate, first, last):
    """Both stages, ``rate`` = dt Γ √n/(ρ A0 dx²); u follows. What spreads stays between the least and the largest flow that it began with."""
    low, high = min(first, last), max(first, last)
    for i in range(b, e):
        start[i] = Q[i]
        low, high = min(low, Q[i]), max(high, Q[i])
    _stage(A, Q, upper, rhs, b, e, GAMMA * rate, first, last)
    for i in range(b, e):
        Q[i] = start[i] + ONWARDS * (Q[i] - start[i])
    _stage(A, Q, upper, rhs, b, e, GAMMA * rate, first, last)
    for i in range(b, e):
        Q[i] = min(max(Q[i], low), high)
        u[i] = Q[i] / A[i]


@kernel
def _led(flow, change, most):
    """``flow`` and its change onwards, no larger than ``most``."""
    return flow + min(max(change, -most), most)


@kernel
def spread_before(unknowns, vessels, slots, ends, work, dt):
    """The first half, in vessels with Γ > 0, before the edges of the cells are made: they are scratch.

    The flow of the ends at this time is that to which the cells lead; the last star state is half a step old.
    """
    A, Q = unknowns.A, unknowns.Q
    begin, end, viscosity, inv_dx, end_Q, kept = vessels.begin, vessels.end, vessels.viscosity, slots.inv_dx, unknowns.end_Q, ends[BEFORE_Q]
    for v in range(begin.size):
        if viscosity[v] > 0.0:
            b, e = begin[v], end[v]
            kept[2 * v], kept[2 * v + 1] = end_Q[2 * v], end_Q[2 * v + 1]
            first, last = end_Q[2 * v], end_Q[2 * v + 1]
            if e - b > 1:
                first = _led(Q[b], 0.5 * (Q[b] - Q[b + 1]), max(abs(Q[b]), abs(first)))
                last = _led(Q[e - 1], 0.5 * (Q[e - 1] - Q[e - 2]), max(abs(Q[e - 1]), abs(last)))
            _spread(A, Q, work.u, work.Q_left, work.r_left, work.r_right, b, e, 0.5 * dt * viscosity[v] * inv_dx[b] * inv_dx[b], first, last)


@kernel
def spread_after(unknowns, vessels, slots, ends, work, dt):
    """The second half, towards the flow of the ends at the end of the step: that of the nodes, in its middle, and half of what it changed since."""
    A, Q = unknowns.A, unknowns.Q
    begin, end, viscosity, inv_dx, end_Q, kept = vessels.begin, vessels.end, vessels.viscosity, slots.inv_dx, unknowns.end_Q, ends[BEFORE_Q]
    for v in range(begin.size):
        if viscosity[v] > 0.0:
            b, e, x, y = begin[v], end[v], 2 * v, 2 * v + 1
            first = _led(end_Q[x], 0.5 * (end_Q[x] - kept[x]), 0.5 * abs(end_Q[x]))
            last = _led(end_Q[y], 0.5 * (end_Q[y] - kept[y]), 0.5 * abs(end_Q[y]))
            _spread(A, Q, work.u, work.Q_left, work.r_left, work.r_right, b, e, 0.5 * dt * viscosity[v] * inv_dx[b] * inv_dx[b], first, last)
