"""ψ, D = dψ/dA and B = ∫ A dψ/ρ of a vessel's tube law at one area."""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import A0, ARTERY, INV_A0, INV_H, KIND, LOWER, UPPER, VEIN, WEIGHT, K
from calfpump.flow.compiled import inlined, kernel
from calfpump.law.kernel_table import B0, C1, C2, C3, ROWS, TAIL_R, WIDTH

TAIL_R3 = TAIL_R**-3
TAIL_R1 = 1.0 / TAIL_R
TAIL_ALPHA = TAIL_R * TAIL_R


@kernel
def artery(r, a):
    """ψ/K, dψ/dα/K, ∫α dψ/K of √α − 1, with r = √α."""
    return r - 1.0, 0.5 / r, a * r * (1.0 / 3.0)


@kernel
def dry_artery(r):
    """The same below α = TAIL_R², where √α − 1 would reach α = 0 at a finite pressure: a flattened tube, as the tables go on, ψ falling as −r⁻³."""
    C = TAIL_R**4 / 3.0
    inv = 1.0 / r
    return TAIL_R - 1.0 + C * (TAIL_R3 - inv * inv * inv), 1.5 * C * inv**5, TAIL_R**3 / 3.0 + 3.0 * C * (TAIL_R1 - inv)


@kernel
def tenth_power(a):
    """a¹⁰."""
    a2 = a * a
    a4 = a2 * a2
    return a4 * a4 * a2


@kernel
def vein(r, a):
    """ψ/K, dψ/dα/K, ∫α dψ/K of α^10 − α^(−3/2), with r = √α."""
    a10 = tenth_power(a)
    inv = 1.0 / r
    low = inv * inv * inv
    return a10 - low, (10.0 * a10 + 1.5 * low) * inv * inv, a * ((10.0 / 11.0) * a10 - 3.0 * low)


@kernel
def inner_b(k, t, c1, c2, c3, inside):
    """∫₀ᵗ (k + t)² ψ' dt of a row's cubic, ``inside`` = ψ(t) − ψ(0)."""
    outer = k * (c1 + t * ((4.0 / 3.0) * c2 + 1.5 * t * c3)) + t * ((1.0 / 3.0) * c1 + t * (0.5 * c2 + 0.6 * t * c3))
    return k * k * inside + t * t * outer


@kernel
def _tail(r, number, tail):
    inv = 1.0 / r
    C = tail[number, 2]
    return tail[number, 0] + C * (TAIL_R3 - inv * inv * inv), 1.5 * C * inv**5, tail[number, 1] + 3.0 * C * (TAIL_R1 - inv)


@inlined
def table(r, lower, upper, weight, inv_h, rows, tail):
    """ψ, dψ/dα, ∫α dψ of a tabulated law, blended between two tables."""
    if r < TAIL_R:
        psi, slope, b = _tail(r, lower, tail)
        p1, s1, b1 = _tail(r, upper, tail)
        return psi + weight * (p1 - psi), slope + weight * (s1 - slope), b + weight * (b1 - b)
    x = r * inv_h
    k = min(max(np.int64(x), 0), ROWS - 1)
    t = x - k
    j = np.uint64(lower * ROWS + k) * WIDTH
    c0, c1, c2, c3, b0 = rows[j], rows[j + C1], rows[j + C2], rows[j + C3], rows[j + B0]
    if weight > 0.0:
        m = np.uint64(upper * ROWS + k) * WIDTH
        c0 += weight * (rows[m] - c0)
        c1 += weight * (rows[m + C1] - c1)
        c2 += weight * (rows[m + C2] - c2)
        c3 += weight * (rows[m + C3] - c3)
        b0 += weight * (rows[m + B0] - b0)
    inside = t * (c1 + t * (c2 + t * c3))
    slope = c1 + t * (2.0 * c2 + 3.0 * c3 * t)
    both = 1.0 / (r * inv_h * inv_h)
    return c0 + inside, 0.5 * slope * inv_h * inv_h * inv_h * both, b0 + inner_b(k, t, c1, c2, c3, inside) * (both * r)


@inlined
def value_here(A, v, par, rows, tail, rho):
    """ψ(A), dψ/dA, B(A) of vessel v; par, rows and tail are the arrays of `Law`, single because kernels pass them fastest so."""
    inv = par[v, INV_A0]
    a = A * inv
    r = np.sqrt(a)
    kind = par[v, KIND]
    if kind == VEIN:
        p, d, b = vein(r, a)
        return par[v, K] * p, par[v, K] * d * inv, par[v, K] * par[v, A0] * b / rho
    if kind == ARTERY:
        if a < TAIL_ALPHA:
            p, d, b = dry_artery(r)
        else:
            p, d, b = artery(r, a)
        return par[v, K] * p, par[v, K] * d * inv, par[v, K] * par[v, A0] * b / rho
    p, d, b = table(r, int(par[v, LOWER]), int(par[v, UPPER]), par[v, WEIGHT], par[v, INV_H], rows, tail)
    return p, d * inv, par[v, A0] * b / rho


@kernel
def value(A, v, par, rows, tail, rho):
    """The same by a call, where it stands in many places."""
    return value_here(A, v, par, rows, tail, rho)


@kernel
def area(psi, v, par, rows, tail, rho):
    """A with ψ(A) = psi, by bisection in log A down to neighbouring numbers."""
    low = 1e-8 * par[v, A0]
    high = 1e3 * par[v, A0]
    for _ in range(200):
        middle = np.sqrt(low * high)
        if middle <= low or middle >= high:
            break
        if value(middle, v, par, rows, tail, rho)[0] < psi:
            low = middle
        else:
            high = middle
    return high


@kernel
def choose_states(vessels, states, spaces, slots, law, now):
    """Between which activation states each vessel lies at the present shortening of its muscle."""
    begin, end, compartment, count, first_table, shortening = (
        vessels.begin, vessels.end, vessels.compartment, states.n_states, states.first_table, states.s
    )  # fmt: skip
    activation, par = spaces.activation, law.vessel
    slot_lower, slot_upper, slot_weight = slots.lower, slots.upper, slots.weight
    for v in range(begin.size):
        n = count[v]
        if n < 2:
            continue
        s = 0.0
        c = compartment[v]
        if c >= 0 and activation[c] >= 0:
            s = now[activation[c]]
        first = first_table[v]
        k = 0
        while k < n - 2 and s > shortening[first + k + 1]:
            k += 1
        low, high = shortening[first + k], shortening[first + k + 1]
        weight = min(max((s - low) / (high - low), 0.0), 1.0)
        if weight != par[v, WEIGHT] or first + k != par[v, LOWER]:
            par[v, LOWER], par[v, UPPER], par[v, WEIGHT] = first + k, first + k + 1, weight
            for i in range(begin[v], end[v] + 1):
                slot_lower[i], slot_upper[i], slot_weight[i] = (first + k) * ROWS, (first + k + 1) * ROWS, weight
