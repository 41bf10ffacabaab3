"""ψ, D = dψ/dA and B = ∫ A dψ/ρ of a tube law at an area: the only place where kernels look at laws."""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import ARTERY, VEIN
from calfpump.flow.compiled import kernel
from calfpump.law.kernel_table import CIRCLE, ROWS, TAIL_R

TAIL_R3 = TAIL_R**-3
TAIL_R1 = 1.0 / TAIL_R


@kernel
def artery(r, a):  # type: ignore[no-untyped-def]
    """ψ/K, dψ/dα/K, ∫α dψ/K of √α − 1, with r = √α."""
    return r - 1.0, 0.5 / r, a * r * (1.0 / 3.0)


@kernel
def vein(r, a):  # type: ignore[no-untyped-def]
    """ψ/K, dψ/dα/K, ∫α dψ/K of α^10 − α^(−3/2), with r = √α."""
    a2 = a * a
    a4 = a2 * a2
    a10 = a4 * a4 * a2
    inv = 1.0 / r
    low = inv * inv * inv
    return a10 - low, (10.0 * a10 + 1.5 * low) * inv * inv, a * ((10.0 / 11.0) * a10 - 3.0 * low)


@kernel
def table(r, rows, tail, lower, upper, weight, inv_h):  # type: ignore[no-untyped-def]
    """ψ, dψ/dα, ∫α dψ of a tabulated law, blended between two activation states."""
    if r < TAIL_R:
        inv = 1.0 / r
        psi = tail[lower, 0]
        b = tail[lower, 1]
        C = tail[lower, 2]
        if weight > 0.0:
            psi += weight * (tail[upper, 0] - psi)
            b += weight * (tail[upper, 1] - b)
            C += weight * (tail[upper, 2] - C)
        return psi + C * (TAIL_R3 - inv * inv * inv), 1.5 * C * inv**5, b + 3.0 * C * (TAIL_R1 - inv)
    x = r * inv_h
    k = min(max(np.int64(x), 0), ROWS - 1)
    t = x - k
    i = lower * ROWS + k
    c0, c1, c2, c3 = rows[i, 0], rows[i, 1], rows[i, 2], rows[i, 3]
    b0, b1, b2, b3, b4, b5 = rows[i, 4], rows[i, 5], rows[i, 6], rows[i, 7], rows[i, 8], rows[i, 9]
    psi = c0 + t * (c1 + t * (c2 + t * c3))
    slope = c1 + t * (2.0 * c2 + 3.0 * c3 * t)
    b = b0 + t * (b1 + t * (b2 + t * (b3 + t * (b4 + t * b5))))
    if weight > 0.0:
        i = upper * ROWS + k
        c0, c1, c2, c3 = rows[i, 0], rows[i, 1], rows[i, 2], rows[i, 3]
        b0, b1, b2, b3, b4, b5 = rows[i, 4], rows[i, 5], rows[i, 6], rows[i, 7], rows[i, 8], rows[i, 9]
        psi += weight * (c0 + t * (c1 + t * (c2 + t * c3)) - psi)
        slope += weight * (c1 + t * (2.0 * c2 + 3.0 * c3 * t) - slope)
        b += weight * (b0 + t * (b1 + t * (b2 + t * (b3 + t * (b4 + t * b5)))) - b)
    return psi, slope * inv_h / (2.0 * r), b


@kernel
def value(A, v, laws, rho):  # type: ignore[no-untyped-def]
    """ψ(A), dψ/dA, B(A) of vessel v."""
    a = A * laws.inv_A0[v]
    r = np.sqrt(a)
    kind = laws.kind[v]
    if kind == VEIN:
        p, d, b = vein(r, a)
        K = laws.K[v]
        return K * p, K * d * laws.inv_A0[v], K * laws.A0[v] * b / rho
    if kind == ARTERY:
        p, d, b = artery(r, a)
        K = laws.K[v]
        return K * p, K * d * laws.inv_A0[v], K * laws.A0[v] * b / rho
    p, d, b = table(r, laws.rows, laws.tail, laws.lower[v], laws.upper[v], laws.weight[v], laws.inv_h[v])
    return p, d * laws.inv_A0[v], laws.A0[v] * b / rho


@kernel
def area(psi, v, laws, rho):  # type: ignore[no-untyped-def]
    """A with ψ(A) = psi, by bisection in log A down to neighbouring numbers."""
    low = 1e-8 * laws.A0[v]
    high = 1e3 * laws.A0[v]
    for _ in range(200):
        middle = np.sqrt(low * high)
        if middle <= low or middle >= high:
            break
        if value(middle, v, laws, rho)[0] < psi:
            low = middle
        else:
            high = middle
    return high


@kernel
def choose_states(laws, grid, spaces, now):  # type: ignore[no-untyped-def]
    """Between which activation states each vessel lies at the present shortening of its muscle."""
    for v in range(laws.kind.size):
        n = laws.n_states[v]
        if n < 2:
            continue
        s = 0.0
        c = grid.compartment[v]
        if c >= 0 and spaces.activation[c] >= 0:
            s = now[spaces.activation[c]]
        first = laws.first_table[v]
        k = 0
        while k < n - 2 and s > laws.s[first + k + 1]:
            k += 1
        low, high = laws.s[first + k], laws.s[first + k + 1]
        laws.lower[v] = first + k
        laws.upper[v] = first + k + 1
        laws.weight[v] = min(max((s - low) / (high - low), 0.0), 1.0)


FRICTION_OF_CIRCLE = 1.0 / CIRCLE
