"""Laws over the cells of one vessel: pressures of the cells and of their edges, a loop for each kind of law.

Slices start at zero and loops carry no branch, so that the compiler vectorises them. Collapsed cells below the tables (r < TAIL_R) are rare:
they are done again one by one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from calfpump.flow.arrays import ARTERY, VEIN
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import FRICTION_OF_CIRCLE, artery, value, vein
from calfpump.law.kernel_table import ROWS, TAIL_R

TAIL_ALPHA = TAIL_R * TAIL_R


def _analytic(law: Any) -> tuple[Callable[..., None], Callable[..., None]]:
    @kernel
    def cells(A, psi, slope, speed, friction, K, inv, rho, drag):  # type: ignore[no-untyped-def]
        inv_rho = 1.0 / rho
        for i in range(A.size):
            a = A[i] * inv
            p, d, b = law(np.sqrt(a), a)
            psi[i] = K * p
            D = K * d * inv
            slope[i] = D
            speed[i] = np.sqrt(A[i] * D * inv_rho)
            friction[i] = drag * FRICTION_OF_CIRCLE

    @kernel
    def edges(A, psi, B, K, inv, KB):  # type: ignore[no-untyped-def]
        for i in range(A.size):
            a = A[i] * inv
            p, d, b = law(np.sqrt(a), a)
            psi[i] = K * p
            B[i] = KB * b

    return cells, edges


_artery_cells, _artery_edges = _analytic(artery)
_vein_cells, _vein_edges = _analytic(vein)


@kernel
def _table_cells(A, psi, slope, speed, friction, rows, inv_h, inv, rho, drag):  # type: ignore[no-untyped-def]
    least = 1.0
    inv_rho = 1.0 / rho
    for i in range(A.size):
        a = A[i] * inv
        least = min(least, a)
        r = np.sqrt(a)
        x = r * inv_h
        k = min(max(np.int64(x), 0), ROWS - 1)
        t = x - k
        c1, c2, c3 = rows[k, 1], rows[k, 2], rows[k, 3]
        psi[i] = rows[k, 0] + t * (c1 + t * (c2 + t * c3))
        D = (c1 + t * (2.0 * c2 + 3.0 * c3 * t)) * (0.5 * inv_h * inv) / r
        slope[i] = D
        speed[i] = np.sqrt(A[i] * D * inv_rho)
        friction[i] = drag / (rows[k, 10] + min(t, 1.0) * rows[k, 11])
    return least


@kernel
def _blended_cells(A, psi, slope, speed, friction, rows, upper, weight, inv_h, inv, rho, drag):  # type: ignore[no-untyped-def]
    least = 1.0
    inv_rho = 1.0 / rho
    for i in range(A.size):
        a = A[i] * inv
        least = min(least, a)
        r = np.sqrt(a)
        x = r * inv_h
        k = min(max(np.int64(x), 0), ROWS - 1)
        t = x - k
        c0 = rows[k, 0] + weight * (upper[k, 0] - rows[k, 0])
        c1 = rows[k, 1] + weight * (upper[k, 1] - rows[k, 1])
        c2 = rows[k, 2] + weight * (upper[k, 2] - rows[k, 2])
        c3 = rows[k, 3] + weight * (upper[k, 3] - rows[k, 3])
        g0 = rows[k, 10] + weight * (upper[k, 10] - rows[k, 10])
        g1 = rows[k, 11] + weight * (upper[k, 11] - rows[k, 11])
        psi[i] = c0 + t * (c1 + t * (c2 + t * c3))
        D = (c1 + t * (2.0 * c2 + 3.0 * c3 * t)) * (0.5 * inv_h * inv) / r
        slope[i] = D
        speed[i] = np.sqrt(A[i] * D * inv_rho)
        friction[i] = drag / (g0 + min(t, 1.0) * g1)
    return least


@kernel
def _table_edges(A, psi, B, rows, inv_h, inv, KB):  # type: ignore[no-untyped-def]
    least = 1.0
    for i in range(A.size):
        a = A[i] * inv
        least = min(least, a)
        x = np.sqrt(a) * inv_h
        k = min(max(np.int64(x), 0), ROWS - 1)
        t = x - k
        psi[i] = rows[k, 0] + t * (rows[k, 1] + t * (rows[k, 2] + t * rows[k, 3]))
        B[i] = KB * (rows[k, 4] + t * (rows[k, 5] + t * (rows[k, 6] + t * (rows[k, 7] + t * (rows[k, 8] + t * rows[k, 9])))))
    return least


@kernel
def _blended_edges(A, psi, B, rows, upper, weight, inv_h, inv, KB):  # type: ignore[no-untyped-def]
    least = 1.0
    for i in range(A.size):
        a = A[i] * inv
        least = min(least, a)
        x = np.sqrt(a) * inv_h
        k = min(max(np.int64(x), 0), ROWS - 1)
        t = x - k
        p0 = rows[k, 0] + t * (rows[k, 1] + t * (rows[k, 2] + t * rows[k, 3]))
        p1 = upper[k, 0] + t * (upper[k, 1] + t * (upper[k, 2] + t * upper[k, 3]))
        b0 = rows[k, 4] + t * (rows[k, 5] + t * (rows[k, 6] + t * (rows[k, 7] + t * (rows[k, 8] + t * rows[k, 9]))))
        b1 = upper[k, 4] + t * (upper[k, 5] + t * (upper[k, 6] + t * (upper[k, 7] + t * (upper[k, 8] + t * upper[k, 9]))))
        psi[i] = p0 + weight * (p1 - p0)
        B[i] = KB * (b0 + weight * (b1 - b0))
    return least


@kernel
def _tail_cells(v, A, psi, slope, speed, laws, rho):  # type: ignore[no-untyped-def]
    for i in range(A.size):
        if A[i] * laws.inv_A0[v] < TAIL_ALPHA:
            psi[i], slope[i], _ = value(A[i], v, laws, rho)
            speed[i] = np.sqrt(A[i] * slope[i] / rho)


@kernel
def _tail_edges(v, A, psi, B, laws, rho):  # type: ignore[no-untyped-def]
    for i in range(A.size):
        if A[i] * laws.inv_A0[v] < TAIL_ALPHA:
            psi[i], _, B[i] = value(A[i], v, laws, rho)


@kernel
def law_of_cells(v, A, psi, slope, speed, friction, laws, rho, drag):  # type: ignore[no-untyped-def]
    """ψ, dψ/dA, c and the friction coefficient ν n/g [m²/s] of vessel v's cells."""
    kind, inv = laws.kind[v], laws.inv_A0[v]
    if kind == VEIN:
        _vein_cells(A, psi, slope, speed, friction, laws.K[v], inv, rho, drag)
    elif kind == ARTERY:
        _artery_cells(A, psi, slope, speed, friction, laws.K[v], inv, rho, drag)
    else:
        low, w, inv_h = laws.lower[v] * ROWS, laws.weight[v], laws.inv_h[v]
        rows = laws.rows[low : low + ROWS]
        if w > 0.0:
            up = laws.upper[v] * ROWS
            least = _blended_cells(A, psi, slope, speed, friction, rows, laws.rows[up : up + ROWS], w, inv_h, inv, rho, drag)
        else:
            least = _table_cells(A, psi, slope, speed, friction, rows, inv_h, inv, rho, drag)
        if least < TAIL_ALPHA:
            _tail_cells(v, A, psi, slope, speed, laws, rho)


@kernel
def law_of_edges(v, A, psi, B, laws, rho):  # type: ignore[no-untyped-def]
    """ψ and B of vessel v at the areas of one side of its cells."""
    kind, inv = laws.kind[v], laws.inv_A0[v]
    KB = laws.A0[v] / rho
    if kind == VEIN:
        _vein_edges(A, psi, B, laws.K[v], inv, laws.K[v] * KB)
    elif kind == ARTERY:
        _artery_edges(A, psi, B, laws.K[v], inv, laws.K[v] * KB)
    else:
        low, w, inv_h = laws.lower[v] * ROWS, laws.weight[v], laws.inv_h[v]
        rows = laws.rows[low : low + ROWS]
        if w > 0.0:
            up = laws.upper[v] * ROWS
            least = _blended_edges(A, psi, B, rows, laws.rows[up : up + ROWS], w, inv_h, inv, KB)
        else:
            least = _table_edges(A, psi, B, rows, inv_h, inv, KB)
        if least < TAIL_ALPHA:
            _tail_edges(v, A, psi, B, laws, rho)
