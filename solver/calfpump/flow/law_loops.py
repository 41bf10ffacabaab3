"""Laws over all slots: pressures of the cells and of their edges, one loop for each kind of law.

Loops carry no branch and few arrays, so that the compiler vectorises them; rows of tables are fetched in loops of their own, which it cannot;
an unsigned index spares those the question whether it counts from the end.
Collapsed cells below the tables (r < TAIL_R) are rare: they are done again one by one.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import ARTERY, BLENDED, TABLE, VEIN
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import inner_b, tenth_power, value
from calfpump.law.kernel_table import B0, C1, C2, C3, CIRCLE, G0, G1, ROWS, TAIL_R, WIDTH

FRICTION_OF_CIRCLE = 1.0 / CIRCLE


@kernel
def _roots(A, inv_A0, r):
    for i in range(A.size):
        r[i] = np.sqrt(A[i] * inv_A0[i])


@kernel
def _velocities(A0, r, Q, A, u):
    for i in range(r.size):
        a = A0[i] * r[i] * r[i]
        A[i] = a
        u[i] = Q[i] / a


@kernel
def _artery_cells(A0, K, inv_K, drag, r, psi, compliance, speed, friction, inv_rho):
    for i in range(r.size):
        psi[i] = K[i] * (r[i] - 1.0)
        compliance[i] = 2.0 * A0[i] * inv_K[i] * r[i]
        speed[i] = np.sqrt(0.5 * K[i] * r[i] * inv_rho)
        friction[i] = drag[i] * FRICTION_OF_CIRCLE


@kernel
def _vein_cells(A0, K, inv_K, drag, r, psi, compliance, speed, friction, inv_rho):
    for i in range(r.size):
        x = r[i]
        a = x * x
        x3 = a * x
        a10 = tenth_power(a)
        rise = 10.0 * a10 * x3 + 1.5  # dψ/dα r⁵/K
        both = 1.0 / (x3 * rise)
        psi[i] = K[i] * (a10 - rise * both)
        compliance[i] = A0[i] * inv_K[i] * a * x3 * (x3 * both)
        speed[i] = np.sqrt(K[i] * inv_rho * rise * rise * both)
        friction[i] = drag[i] * FRICTION_OF_CIRCLE


@kernel
def _artery_edges(K, KB, r, psi, B):
    for i in range(r.size):
        x = r[i]
        psi[i] = K[i] * (x - 1.0)
        B[i] = KB[i] * (1.0 / 3.0) * x * x * x


@kernel
def _vein_edges(K, KB, r, psi, B):
    for i in range(r.size):
        a = r[i] * r[i]
        inv = 1.0 / r[i]
        low = inv * inv * inv
        a10 = tenth_power(a)
        psi[i] = K[i] * (a10 - low)
        B[i] = KB[i] * a * ((10.0 / 11.0) * a10 - 3.0 * low)


@kernel
def _place(r, inv_h):
    """Row of the table and the place t in it."""
    x = r * inv_h
    k = min(max(np.int32(x), 0), ROWS - 1)
    return k, x - k


@kernel
def _cell_places(A, inv_A0, inv_h, r, row, place):
    """r, row and place; the number of slots below the tables."""
    n_low = 0
    for i in range(r.size):
        x = np.sqrt(A[i] * inv_A0[i])
        r[i] = x
        row[i], place[i] = _place(x, inv_h[i])
        n_low += x < TAIL_R
    return n_low


@kernel
def _edge_places(A0, inv_h, r, Q, A, u, row, place):
    """A, u, row and place; the number of slots below the tables."""
    n_low = 0
    for i in range(r.size):
        x = r[i]
        a = A0[i] * x * x
        A[i], u[i] = a, Q[i] / a
        row[i], place[i] = _place(x, inv_h[i])
        n_low += x < TAIL_R
    return n_low


@kernel
def _table_cells(row, place, lower, rows, psi, slope, g, bend):
    for i in range(np.uint64(row.size)):
        j, t = np.uint64(lower[i] + row[i]) * WIDTH, place[i]
        c1, c2, c3 = rows[j + C1], rows[j + C2], rows[j + C3]
        psi[i] = rows[j] + t * (c1 + t * (c2 + t * c3))
        slope[i] = c1 + t * (2.0 * c2 + 3.0 * c3 * t)
        g[i], bend[i] = rows[j + G0] + min(t, 1.0) * rows[j + G1], rows[j + G1]


@kernel
def _blended_cells(row, place, lower, upper, weight, rows, psi, slope, g, bend):
    for i in range(np.uint64(row.size)):
        j, w, t = np.uint64(lower[i] + row[i]) * WIDTH, weight[i], place[i]
        c0, c1, c2, c3, g0, g1 = rows[j], rows[j + C1], rows[j + C2], rows[j + C3], rows[j + G0], rows[j + G1]
        if w > 0.0:
            m = np.uint64(upper[i] + row[i]) * WIDTH
            c0 += w * (rows[m] - c0)
            c1 += w * (rows[m + C1] - c1)
            c2 += w * (rows[m + C2] - c2)
            c3 += w * (rows[m + C3] - c3)
            g0 += w * (rows[m + G0] - g0)
            g1 += w * (rows[m + G1] - g1)
        psi[i] = c0 + t * (c1 + t * (c2 + t * c3))
        slope[i] = c1 + t * (2.0 * c2 + 3.0 * c3 * t)
        g[i], bend[i] = g0 + min(t, 1.0) * g1, g1


@kernel
def _finish_cells(A0, inv_h, drag, turn, r, slope, speed, g, bend, inv_rho):
    """dA/dψ in the place of the row's slope, c, friction in the place of g, and by how much of itself it falls per area and friction in that of bend."""
    for i in range(r.size):
        rise = slope[i] * inv_h[i]  # dψ/dr
        all_three = 1.0 / (rise * g[i] * r[i])
        speed[i] = np.sqrt(0.5 * r[i] * rise * inv_rho)
        slope[i] = 2.0 * A0[i] * r[i] * r[i] * (all_three * g[i])
        bend[i] *= turn[i] * (all_three * rise * g[i])
        g[i] = drag[i] * (all_three * rise * r[i])


@kernel
def _fetch(row, lower, rows, c0, c1, c2, c3, b0):
    """Coefficients of ψ and B of each slot's row: a loop of loads alone, so that what is computed with them is vectorised."""
    for i in range(row.size):
        j = np.uint64(lower[i] + row[i]) * WIDTH
        c0[i], c1[i], c2[i], c3[i], b0[i] = rows[j], rows[j + C1], rows[j + C2], rows[j + C3], rows[j + B0]


@kernel
def _fetch_blended(row, lower, upper, weight, rows, c0, c1, c2, c3, b0):
    for i in range(row.size):
        j, w = np.uint64(lower[i] + row[i]) * WIDTH, weight[i]
        p0, p1, p2, p3, p4 = rows[j], rows[j + C1], rows[j + C2], rows[j + C3], rows[j + B0]
        if w > 0.0:
            m = np.uint64(upper[i] + row[i]) * WIDTH
            p0 += w * (rows[m] - p0)
            p1 += w * (rows[m + C1] - p1)
            p2 += w * (rows[m + C2] - p2)
            p3 += w * (rows[m + C3] - p3)
            p4 += w * (rows[m + B0] - p4)
        c0[i], c1[i], c2[i], c3[i], b0[i] = p0, p1, p2, p3, p4


@kernel
def _row_edges(row, place, KB, KB_row, c0, c1, c2, c3, b0, psi, B):
    for i in range(row.size):
        t = place[i]
        inside = t * (c1[i] + t * (c2[i] + t * c3[i]))
        psi[i] = c0[i] + inside
        B[i] = KB[i] * b0[i] + KB_row[i] * inner_b(np.float64(row[i]), t, c1[i], c2[i], c3[i], inside)


@kernel
def _any_low(r):
    """Whether any r is below TAIL_R."""
    n_low = 0
    for i in range(r.size):
        n_low += r[i] < TAIL_R
    return n_low > 0


@kernel
def _tail_cells(begin, end, A, work, slots, law, rho):
    for i in range(begin, end):
        if work.r[i] < TAIL_R:
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
    A0, K, inv_K, drag, lower, rows = slots.A0, slots.K, slots.inv_K, slots.drag, slots.lower, law.rows
    r, psi, C, speed, friction, bend, row, place = work.r, work.psi, work.compliance, work.speed, work.friction, work.bend, work.row, work.place
    first = slots.stretch[TABLE]
    if first > 0:
        _roots(A[:first], slots.inv_A0[:first], r[:first])
    b, e = slots.stretch[ARTERY], slots.stretch[ARTERY + 1]
    if e > b:
        _artery_cells(A0[b:e], K[b:e], inv_K[b:e], drag[b:e], r[b:e], psi[b:e], C[b:e], speed[b:e], friction[b:e], inv_rho)
        if _any_low(r[b:e]):
            _tail_cells(b, e, A, work, slots, law, rho)
    b, e = slots.stretch[VEIN], slots.stretch[VEIN + 1]
    if e > b:
        _vein_cells(A0[b:e], K[b:e], inv_K[b:e], drag[b:e], r[b:e], psi[b:e], C[b:e], speed[b:e], friction[b:e], inv_rho)
    b, e = slots.stretch[BLENDED], slots.stretch[BLENDED + 1]
    if first == e:
        return
    n_low = _cell_places(A[first:e], slots.inv_A0[first:e], slots.inv_h[first:e], r[first:e], row[first:e], place[first:e])
    _table_cells(row[first:b], place[first:b], lower[first:b], rows, psi[first:b], C[first:b], friction[first:b], bend[first:b])
    _blended_cells(row[b:e], place[b:e], lower[b:e], slots.upper[b:e], slots.weight[b:e], rows, psi[b:e], C[b:e], friction[b:e], bend[b:e])
    _finish_cells(
        A0[first:e], slots.inv_h[first:e], drag[first:e], slots.turn[first:e], r[first:e], C[first:e], speed[first:e], friction[first:e], bend[first:e], inv_rho
    )
    if n_low > 0:
        _tail_cells(first, e, A, work, slots, law, rho)


@kernel
def law_of_edges(r, Q, A, u, psi, B, work, slots, law, rho):
    """A, u, ψ and B of all slots at r and Q of one side of the cells."""
    K, KB, KB_row, lower, rows, row, place = slots.K, slots.KB, slots.KB_row, slots.lower, law.rows, work.row, work.place
    first = slots.stretch[TABLE]
    if first > 0:
        _velocities(slots.A0[:first], r[:first], Q[:first], A[:first], u[:first])
    b, e = slots.stretch[ARTERY], slots.stretch[ARTERY + 1]
    if e > b:
        _artery_edges(K[b:e], KB[b:e], r[b:e], psi[b:e], B[b:e])
        if _any_low(r[b:e]):
            _tail_edges(b, e, r, A, psi, B, slots, law, rho)
    b, e = slots.stretch[VEIN], slots.stretch[VEIN + 1]
    if e > b:
        _vein_edges(K[b:e], KB[b:e], r[b:e], psi[b:e], B[b:e])
    b, e = slots.stretch[BLENDED], slots.stretch[BLENDED + 1]
    if first == e:
        return
    n_low = _edge_places(slots.A0[first:e], slots.inv_h[first:e], r[first:e], Q[first:e], A[first:e], u[first:e], row[first:e], place[first:e])
    c0, c1, c2, c3, b0 = work.c0, work.c1, work.c2, work.c3, work.b0
    _fetch(row[first:b], lower[first:b], rows, c0[first:b], c1[first:b], c2[first:b], c3[first:b], b0[first:b])
    _fetch_blended(row[b:e], lower[b:e], slots.upper[b:e], slots.weight[b:e], rows, c0[b:e], c1[b:e], c2[b:e], c3[b:e], b0[b:e])
    _row_edges(
        row[first:e], place[first:e], KB[first:e], KB_row[first:e], c0[first:e], c1[first:e], c2[first:e], c3[first:e], b0[first:e], psi[first:e], B[first:e]
    )
    if n_low > 0:
        _tail_edges(first, e, r, A, psi, B, slots, law, rho)
