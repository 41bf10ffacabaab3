"""Laws over all slots: pressures of the cells and of their edges, one loop for each kind of law.

Loops carry no branch, so that the compiler vectorises them. Collapsed cells below the tables (r < TAIL_R) are rare: they are done again
one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from calfpump.flow.arrays import ARTERY, BLENDED, TABLE, VEIN
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import artery, inner_b, value, vein
from calfpump.law.kernel_table import CIRCLE, ROWS, TAIL_R

TAIL_ALPHA = TAIL_R * TAIL_R
FRICTION_OF_CIRCLE = 1.0 / CIRCLE


def _analytic(law: Any) -> tuple[Callable[..., None], Callable[..., None]]:
    @kernel
    def cells(A, K, inv_A0, drag, psi, slope, speed, friction, inv_rho):
        for i in range(A.size):
            a = A[i] * inv_A0[i]
            p, d, b = law(np.sqrt(a), a)
            psi[i] = K[i] * p
            D = K[i] * d * inv_A0[i]
            slope[i] = D
            speed[i] = np.sqrt(A[i] * D * inv_rho)
            friction[i] = drag[i] * FRICTION_OF_CIRCLE

    @kernel
    def edges(A, K, KB, inv_A0, psi, B):
        for i in range(A.size):
            a = A[i] * inv_A0[i]
            p, d, b = law(np.sqrt(a), a)
            psi[i] = K[i] * p
            B[i] = K[i] * KB[i] * b

    return cells, edges


_artery_cells, _artery_edges = _analytic(artery)
_vein_cells, _vein_edges = _analytic(vein)


@kernel
def _table_cells(A, inv_A0, inv_h, lower, drag, rows, psi, slope, speed, friction, inv_rho):
    n_low = 0
    for i in range(A.size):
        a = A[i] * inv_A0[i]
        n_low += a < TAIL_ALPHA
        r = np.sqrt(a)
        x = r * inv_h[i]
        k = min(max(np.int64(x), 0), ROWS - 1)
        t = x - k
        j = max(lower[i] + k, 0)
        c1, c2, c3 = rows[j, 1], rows[j, 2], rows[j, 3]
        psi[i] = rows[j, 0] + t * (c1 + t * (c2 + t * c3))
        D = (c1 + t * (2.0 * c2 + 3.0 * c3 * t)) * (0.5 * inv_h[i] * inv_A0[i]) / r
        slope[i] = D
        speed[i] = np.sqrt(A[i] * D * inv_rho)
        friction[i] = drag[i] / (rows[j, 5] + min(t, 1.0) * rows[j, 6])
    return n_low


@kernel
def _blended_cells(A, inv_A0, inv_h, lower, upper, weight, drag, rows, psi, slope, speed, friction, inv_rho):
    n_low = 0
    for i in range(A.size):
        a = A[i] * inv_A0[i]
        n_low += a < TAIL_ALPHA
        r = np.sqrt(a)
        x = r * inv_h[i]
        k = min(max(np.int64(x), 0), ROWS - 1)
        t = x - k
        j, m, w = max(lower[i] + k, 0), max(upper[i] + k, 0), weight[i]
        c0 = rows[j, 0] + w * (rows[m, 0] - rows[j, 0])
        c1 = rows[j, 1] + w * (rows[m, 1] - rows[j, 1])
        c2 = rows[j, 2] + w * (rows[m, 2] - rows[j, 2])
        c3 = rows[j, 3] + w * (rows[m, 3] - rows[j, 3])
        g0 = rows[j, 5] + w * (rows[m, 5] - rows[j, 5])
        g1 = rows[j, 6] + w * (rows[m, 6] - rows[j, 6])
        psi[i] = c0 + t * (c1 + t * (c2 + t * c3))
        D = (c1 + t * (2.0 * c2 + 3.0 * c3 * t)) * (0.5 * inv_h[i] * inv_A0[i]) / r
        slope[i] = D
        speed[i] = np.sqrt(A[i] * D * inv_rho)
        friction[i] = drag[i] / (g0 + min(t, 1.0) * g1)
    return n_low


@kernel
def _table_edges(A, inv_A0, inv_h, KB, lower, rows, psi, B):
    n_low = 0
    for i in range(A.size):
        a = A[i] * inv_A0[i]
        n_low += a < TAIL_ALPHA
        x = np.sqrt(a) * inv_h[i]
        k = min(max(np.int64(x), 0), ROWS - 1)
        t = x - k
        j = max(lower[i] + k, 0)
        c1, c2, c3 = rows[j, 1], rows[j, 2], rows[j, 3]
        inside = t * (c1 + t * (c2 + t * c3))
        psi[i] = rows[j, 0] + inside
        B[i] = KB[i] * (rows[j, 4] + inner_b(np.float64(k), t, c1, c2, c3, inside) / (inv_h[i] * inv_h[i]))
    return n_low


@kernel
def _blended_edges(A, inv_A0, inv_h, KB, lower, upper, weight, rows, psi, B):
    n_low = 0
    for i in range(A.size):
        a = A[i] * inv_A0[i]
        n_low += a < TAIL_ALPHA
        x = np.sqrt(a) * inv_h[i]
        k = min(max(np.int64(x), 0), ROWS - 1)
        t = x - k
        j, m, w = max(lower[i] + k, 0), max(upper[i] + k, 0), weight[i]
        c1 = rows[j, 1] + w * (rows[m, 1] - rows[j, 1])
        c2 = rows[j, 2] + w * (rows[m, 2] - rows[j, 2])
        c3 = rows[j, 3] + w * (rows[m, 3] - rows[j, 3])
        inside = t * (c1 + t * (c2 + t * c3))
        psi[i] = rows[j, 0] + w * (rows[m, 0] - rows[j, 0]) + inside
        b0 = rows[j, 4] + w * (rows[m, 4] - rows[j, 4])
        B[i] = KB[i] * (b0 + inner_b(np.float64(k), t, c1, c2, c3, inside) / (inv_h[i] * inv_h[i]))
    return n_low


@kernel
def _tail_cells(begin, end, A, psi, slope, speed, slots, law, rho):
    for i in range(begin, end):
        if A[i] * slots.inv_A0[i] < TAIL_ALPHA:
            psi[i], slope[i], _ = value(A[i], slots.vessel[i], law.vessel, law.rows, law.tail, rho)
            speed[i] = np.sqrt(A[i] * slope[i] / rho)


@kernel
def _tail_edges(begin, end, A, psi, B, slots, law, rho):
    for i in range(begin, end):
        if A[i] * slots.inv_A0[i] < TAIL_ALPHA:
            psi[i], _, B[i] = value(A[i], slots.vessel[i], law.vessel, law.rows, law.tail, rho)


@kernel
def law_of_cells(A, psi, slope, speed, friction, slots, law, rho):
    """ψ, dψ/dA, c and the friction coefficient ν n/g [m²/s] of all slots."""
    inv_rho = 1.0 / rho
    inv, inv_h, low, drag, rows = slots.inv_A0, slots.inv_h, slots.lower, slots.drag, law.rows
    b, e = slots.stretch[ARTERY], slots.stretch[ARTERY + 1]
    _artery_cells(A[b:e], slots.K[b:e], inv[b:e], drag[b:e], psi[b:e], slope[b:e], speed[b:e], friction[b:e], inv_rho)
    b, e = slots.stretch[VEIN], slots.stretch[VEIN + 1]
    _vein_cells(A[b:e], slots.K[b:e], inv[b:e], drag[b:e], psi[b:e], slope[b:e], speed[b:e], friction[b:e], inv_rho)
    b, e = slots.stretch[TABLE], slots.stretch[TABLE + 1]
    n_low = _table_cells(A[b:e], inv[b:e], inv_h[b:e], low[b:e], drag[b:e], rows, psi[b:e], slope[b:e], speed[b:e], friction[b:e], inv_rho)
    if n_low > 0:
        _tail_cells(b, e, A, psi, slope, speed, slots, law, rho)
    b, e = slots.stretch[BLENDED], slots.stretch[BLENDED + 1]
    n_low = _blended_cells(
        A[b:e], inv[b:e], inv_h[b:e], low[b:e], slots.upper[b:e], slots.weight[b:e], drag[b:e], rows, psi[b:e], slope[b:e], speed[b:e],
        friction[b:e], inv_rho,
    )  # fmt: skip
    if n_low > 0:
        _tail_cells(b, e, A, psi, slope, speed, slots, law, rho)


@kernel
def law_of_edges(A, psi, B, slots, law, rho):
    """ψ and B of all slots at the areas of one side of the cells."""
    inv, inv_h, KB, low, rows = slots.inv_A0, slots.inv_h, slots.KB, slots.lower, law.rows
    b, e = slots.stretch[ARTERY], slots.stretch[ARTERY + 1]
    _artery_edges(A[b:e], slots.K[b:e], KB[b:e], inv[b:e], psi[b:e], B[b:e])
    b, e = slots.stretch[VEIN], slots.stretch[VEIN + 1]
    _vein_edges(A[b:e], slots.K[b:e], KB[b:e], inv[b:e], psi[b:e], B[b:e])
    b, e = slots.stretch[TABLE], slots.stretch[TABLE + 1]
    n_low = _table_edges(A[b:e], inv[b:e], inv_h[b:e], KB[b:e], low[b:e], rows, psi[b:e], B[b:e])
    if n_low > 0:
        _tail_edges(b, e, A, psi, B, slots, law, rho)
    b, e = slots.stretch[BLENDED], slots.stretch[BLENDED + 1]
    n_low = _blended_edges(A[b:e], inv[b:e], inv_h[b:e], KB[b:e], low[b:e], slots.upper[b:e], slots.weight[b:e], rows, psi[b:e], B[b:e])
    if n_low > 0:
        _tail_edges(b, e, A, psi, B, slots, law, rho)
