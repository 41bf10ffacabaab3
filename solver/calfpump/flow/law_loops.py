"""Laws over all slots: pressures of the cells and of their edges, one loop for each kind of law.

Loops carry no branch, so that the compiler vectorises them. Collapsed cells below the tables (r < TAIL_R) are rare: they are done again
one by one.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import ARTERY, BLENDED, TABLE, VEIN
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import inner_b, tenth_power, value
from calfpump.law.kernel_table import CIRCLE, ROWS, TAIL_R

TAIL_ALPHA = TAIL_R * TAIL_R
FRICTION_OF_CIRCLE = 1.0 / CIRCLE


@kernel
def _artery_cells(A, A0, inv_A0, K, inv_K, drag, r, psi, compliance, speed, friction, inv_rho):
    for i in range(A.size):
        x = np.sqrt(A[i] * inv_A0[i])
        r[i] = x
        psi[i] = K[i] * (x - 1.0)
        compliance[i] = 2.0 * A0[i] * inv_K[i] * x
        speed[i] = np.sqrt(0.5 * K[i] * x * inv_rho)
        friction[i] = drag[i] * FRICTION_OF_CIRCLE


@kernel
def _vein_cells(A, A0, inv_A0, K, inv_K, drag, r, psi, compliance, speed, friction, inv_rho):
    for i in range(A.size):
        a = A[i] * inv_A0[i]
        x = np.sqrt(a)
        x3 = a * x
        a10 = tenth_power(a)
        rise = 10.0 * a10 * x3 + 1.5  # dψ/dα r⁵/K
        both = 1.0 / (x3 * rise)
        r[i] = x
        psi[i] = K[i] * (a10 - rise * both)
        compliance[i] = A0[i] * inv_K[i] * a * x3 * (x3 * both)
        speed[i] = np.sqrt(K[i] * inv_rho * rise * rise * both)
        friction[i] = drag[i] * FRICTION_OF_CIRCLE


@kernel
def _artery_edges(A0, inv_A0, K, KB, r, Q, A, u, psi, B):
    for i in range(r.size):
        x = r[i]
        a = A0[i] * x * x
        A[i] = a
        u[i] = Q[i] / a
        psi[i] = K[i] * (x - 1.0)
        B[i] = KB[i] * (1.0 / 3.0) * x * x * x


@kernel
def _vein_edges(A0, inv_A0, K, KB, r, Q, A, u, psi, B):
    for i in range(r.size):
        x = r[i]
        a = x * x
        inv = 1.0 / x
        low = inv * inv * inv
        a10 = tenth_power(a)
        A[i] = A0[i] * a
        u[i] = Q[i] * inv_A0[i] * inv * inv
        psi[i] = K[i] * (a10 - low)
        B[i] = KB[i] * a * ((10.0 / 11.0) * a10 - 3.0 * low)


@kernel
def _table_cells(A, A0, inv_A0, inv_h, lower, drag, rows, r, psi, compliance, speed, friction, inv_rho):
    n_low = 0
    for i in range(A.size):
        a = A[i] * inv_A0[i]
        n_low += a < TAIL_ALPHA
        radius = np.sqrt(a)
        x = radius * inv_h[i]
        k = min(max(np.int64(x), 0), ROWS - 1)
        t = x - k
        j = max(lower[i] + k, 0)
        c1, c2, c3 = rows[j, 1], rows[j, 2], rows[j, 3]
        slope = (c1 + t * (2.0 * c2 + 3.0 * c3 * t)) * inv_h[i]  # dψ/dr
        g = rows[j, 5] + min(t, 1.0) * rows[j, 6]
        both = 1.0 / (slope * g)
        r[i] = radius
        psi[i] = rows[j, 0] + t * (c1 + t * (c2 + t * c3))
        compliance[i] = 2.0 * A0[i] * radius * (both * g)
        speed[i] = np.sqrt(0.5 * radius * slope * inv_rho)
        friction[i] = drag[i] * (both * slope)
    return n_low


@kernel
def _blended_cells(A, A0, inv_A0, inv_h, lower, upper, weight, drag, rows, r, psi, compliance, speed, friction, inv_rho):
    n_low = 0
    for i in range(A.size):
        a = A[i] * inv_A0[i]
        n_low += a < TAIL_ALPHA
        radius = np.sqrt(a)
        x = radius * inv_h[i]
        k = min(max(np.int64(x), 0), ROWS - 1)
        t = x - k
        j, m, w = max(lower[i] + k, 0), max(upper[i] + k, 0), weight[i]
        c0 = rows[j, 0] + w * (rows[m, 0] - rows[j, 0])
        c1 = rows[j, 1] + w * (rows[m, 1] - rows[j, 1])
        c2 = rows[j, 2] + w * (rows[m, 2] - rows[j, 2])
        c3 = rows[j, 3] + w * (rows[m, 3] - rows[j, 3])
        g0 = rows[j, 5] + w * (rows[m, 5] - rows[j, 5])
        g1 = rows[j, 6] + w * (rows[m, 6] - rows[j, 6])
        slope = (c1 + t * (2.0 * c2 + 3.0 * c3 * t)) * inv_h[i]
        g = g0 + min(t, 1.0) * g1
        both = 1.0 / (slope * g)
        r[i] = radius
        psi[i] = c0 + t * (c1 + t * (c2 + t * c3))
        compliance[i] = 2.0 * A0[i] * radius * (both * g)
        speed[i] = np.sqrt(0.5 * radius * slope * inv_rho)
        friction[i] = drag[i] * (both * slope)
    return n_low


@kernel
def _table_edges(A0, inv_h, KB, KB_row, lower, rows, r, Q, A, u, psi, B):
    n_low = 0
    for i in range(r.size):
        n_low += r[i] < TAIL_R
        x = r[i] * inv_h[i]
        k = min(max(np.int64(x), 0), ROWS - 1)
        t = x - k
        j = max(lower[i] + k, 0)
        c1, c2, c3 = rows[j, 1], rows[j, 2], rows[j, 3]
        inside = t * (c1 + t * (c2 + t * c3))
        a = A0[i] * r[i] * r[i]
        A[i] = a
        u[i] = Q[i] / a
        psi[i] = rows[j, 0] + inside
        B[i] = KB[i] * rows[j, 4] + KB_row[i] * inner_b(np.float64(k), t, c1, c2, c3, inside)
    return n_low


@kernel
def _blended_edges(A0, inv_h, KB, KB_row, lower, upper, weight, rows, r, Q, A, u, psi, B):
    n_low = 0
    for i in range(r.size):
        n_low += r[i] < TAIL_R
        x = r[i] * inv_h[i]
        k = min(max(np.int64(x), 0), ROWS - 1)
        t = x - k
        j, m, w = max(lower[i] + k, 0), max(upper[i] + k, 0), weight[i]
        c1 = rows[j, 1] + w * (rows[m, 1] - rows[j, 1])
        c2 = rows[j, 2] + w * (rows[m, 2] - rows[j, 2])
        c3 = rows[j, 3] + w * (rows[m, 3] - rows[j, 3])
        inside = t * (c1 + t * (c2 + t * c3))
        a = A0[i] * r[i] * r[i]
        A[i] = a
        u[i] = Q[i] / a
        psi[i] = rows[j, 0] + w * (rows[m, 0] - rows[j, 0]) + inside
        b0 = rows[j, 4] + w * (rows[m, 4] - rows[j, 4])
        B[i] = KB[i] * b0 + KB_row[i] * inner_b(np.float64(k), t, c1, c2, c3, inside)
    return n_low


@kernel
def _tail_cells(begin, end, A, work, slots, law, rho):
    for i in range(begin, end):
        if A[i] * slots.inv_A0[i] < TAIL_ALPHA:
            work.psi[i], slope, _ = value(A[i], slots.vessel[i], law.vessel, law.rows, law.tail, rho)
            work.compliance[i] = 1.0 / slope
            work.speed[i] = np.sqrt(A[i] * slope / rho)


@kernel
def _tail_edges(begin, end, r, A, psi, B, slots, law, rho):
    for i in range(begin, end):
        if r[i] < TAIL_R:
            psi[i], _, B[i] = value(A[i], slots.vessel[i], law.vessel, law.rows, law.tail, rho)


@kernel
def law_of_cells(A, work, slots, law, rho):
    """r, ψ, dA/dψ, c and the friction coefficient ν n/g [m²/s] of all slots."""
    inv_rho = 1.0 / rho
    A0, inv, K, inv_K, inv_h, low, drag, rows = slots.A0, slots.inv_A0, slots.K, slots.inv_K, slots.inv_h, slots.lower, slots.drag, law.rows
    r, psi, C, speed, friction = work.r, work.psi, work.compliance, work.speed, work.friction
    b, e = slots.stretch[ARTERY], slots.stretch[ARTERY + 1]
    _artery_cells(A[b:e], A0[b:e], inv[b:e], K[b:e], inv_K[b:e], drag[b:e], r[b:e], psi[b:e], C[b:e], speed[b:e], friction[b:e], inv_rho)
    b, e = slots.stretch[VEIN], slots.stretch[VEIN + 1]
    _vein_cells(A[b:e], A0[b:e], inv[b:e], K[b:e], inv_K[b:e], drag[b:e], r[b:e], psi[b:e], C[b:e], speed[b:e], friction[b:e], inv_rho)
    b, e = slots.stretch[TABLE], slots.stretch[TABLE + 1]
    n_low = _table_cells(
        A[b:e], A0[b:e], inv[b:e], inv_h[b:e], low[b:e], drag[b:e], rows, r[b:e], psi[b:e], C[b:e], speed[b:e], friction[b:e], inv_rho
    )
    if n_low > 0:
        _tail_cells(b, e, A, work, slots, law, rho)
    b, e = slots.stretch[BLENDED], slots.stretch[BLENDED + 1]
    n_low = _blended_cells(
        A[b:e], A0[b:e], inv[b:e], inv_h[b:e], low[b:e], slots.upper[b:e], slots.weight[b:e], drag[b:e], rows, r[b:e], psi[b:e], C[b:e], speed[b:e],
        friction[b:e], inv_rho,
    )  # fmt: skip
    if n_low > 0:
        _tail_cells(b, e, A, work, slots, law, rho)


@kernel
def law_of_edges(r, Q, A, u, psi, B, slots, law, rho):
    """A, u, ψ and B of all slots at r and Q of one side of the cells."""
    A0, inv, K, inv_h, KB, KB_row, low, rows = slots.A0, slots.inv_A0, slots.K, slots.inv_h, slots.KB, slots.KB_row, slots.lower, law.rows
    b, e = slots.stretch[ARTERY], slots.stretch[ARTERY + 1]
    _artery_edges(A0[b:e], inv[b:e], K[b:e], KB[b:e], r[b:e], Q[b:e], A[b:e], u[b:e], psi[b:e], B[b:e])
    b, e = slots.stretch[VEIN], slots.stretch[VEIN + 1]
    _vein_edges(A0[b:e], inv[b:e], K[b:e], KB[b:e], r[b:e], Q[b:e], A[b:e], u[b:e], psi[b:e], B[b:e])
    b, e = slots.stretch[TABLE], slots.stretch[TABLE + 1]
    n_low = _table_edges(A0[b:e], inv_h[b:e], KB[b:e], KB_row[b:e], low[b:e], rows, r[b:e], Q[b:e], A[b:e], u[b:e], psi[b:e], B[b:e])
    if n_low > 0:
        _tail_edges(b, e, r, A, psi, B, slots, law, rho)
    b, e = slots.stretch[BLENDED], slots.stretch[BLENDED + 1]
    n_low = _blended_edges(
        A0[b:e], inv_h[b:e], KB[b:e], KB_row[b:e], low[b:e], slots.upper[b:e], slots.weight[b:e], rows, r[b:e], Q[b:e], A[b:e], u[b:e], psi[b:e], B[b:e]
    )
    if n_low > 0:
        _tail_edges(b, e, r, A, psi, B, slots, law, rho)
