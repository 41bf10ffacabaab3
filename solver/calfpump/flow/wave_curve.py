"""The states that a vessel's end can take: the wave that runs into the vessel, and the limits of choking.

Seen from the node, u and q = A u count inwards. Edge state e. A star state with A* ≠ A_e is reached by one wave,

    u* = u_e + sign(A* − A_e) √((B* − B_e)(1/A_e − 1/A*)),

exact for a shock (A* > A_e); a rarefaction differs from it in third order only, and the march converges to the rarefaction since the edge
follows the star state. Outflow is choked at u* = −c, inflow at u* = +c.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import (
    EDGE_A,
    EDGE_B,
    EDGE_C,
    EDGE_PSI,
    EDGE_U,
    LOWEST,
    LOWEST_Q,
    LOWEST_TOTAL,
    LOWEST_U,
    OUTER,
    STAR_A,
    STAR_B,
    STAR_Q,
    STAR_TOTAL,
)  # fmt: skip
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import value

NEAR = 1e-5
#: relative width of the bracket of a choked area
NARROW = 1e-13
GROW = 1.5


@kernel
def wave(A, slope, B, A_e, u_e, B_e, c_e, rho):
    """u* and du*/dA at the area A."""
    dA = A - A_e
    if abs(dA) < NEAR * A_e:
        return u_e + c_e * dA / np.sqrt(A * A_e), np.sqrt(slope / (A * rho))
    inverse = 1.0 / A_e - 1.0 / A
    phi = np.copysign(np.sqrt(max((B - B_e) * inverse, 1e-300)), dA)
    return u_e + phi, 0.5 * (A * slope / rho * inverse + (B - B_e) / (A * A)) / phi


@kernel
def _state(A, e, ends, par, rows, tail, rho):
    psi, slope, B = value(A, e // 2, par, rows, tail, rho)
    u, du = wave(A, slope, B, ends[EDGE_A, e], ends[EDGE_U, e], ends[EDGE_B, e], ends[EDGE_C, e], rho)
    return psi + ends[OUTER, e], slope, u, du


@kernel
def _set(e, ends, A, q, total, par, rows, tail, rho):
    ends[STAR_A, e], ends[STAR_Q, e], ends[STAR_TOTAL, e] = A, q, total
    ends[STAR_B, e] = value(A, e // 2, par, rows, tail, rho)[2]


@kernel
def find_lowest(e, ends, par, rows, tail, rho):
    """Smallest area that a subcritical star state can have: outflow sonic, or behind a shock that stands still (supercritical outflow)."""
    A_e, u_e, c_e = ends[EDGE_A, e], ends[EDGE_U, e], ends[EDGE_C, e]
    if u_e + c_e < 0.0:
        good = _behind_standing_shock(A_e, A_e * u_e, e, ends, par, rows, tail, rho)
    else:
        good = _sonic_outflow(A_e, u_e + c_e, e, ends, par, rows, tail, rho)
    total, slope, u, du = _state(good, e, ends, par, rows, tail, rho)
    ends[LOWEST, e], ends[LOWEST_TOTAL, e], ends[LOWEST_U, e] = good, total, u
    ends[LOWEST_Q, e] = A_e * u_e if u_e + c_e < 0.0 else good * u


@kernel
def _sonic_outflow(A_e, f_e, e, ends, par, rows, tail, rho):
    """Smallest A ≤ A_e with f = u + c ≥ 0: bracketed, then by regula falsi (Illinois), bisection as guard."""
    good, f_good, bad, f_bad = A_e, f_e, A_e, f_e
    for _ in range(200):
        bad *= 0.5
        total, slope, u, du = _state(bad, e, ends, par, rows, tail, rho)
        f_bad = u + np.sqrt(bad * slope / rho)
        if f_bad < 0.0:
            break
        good, f_good = bad, f_bad
    side = 0
    for k in range(60):
        if good - bad < NARROW * good:
            break
        A = (bad * f_good - good * f_bad) / (f_good - f_bad)
        if k % 8 == 7 or not (A > bad and A < good):
            A = 0.5 * (good + bad)
        # so near that the next sign closes the bracket from the other side
        A = min(max(A, bad + 0.4 * NARROW * good), good - 0.4 * NARROW * good)
        total, slope, u, du = _state(A, e, ends, par, rows, tail, rho)
        f = u + np.sqrt(A * slope / rho)
        if f >= 0.0:
            good, f_good = A, f
            f_bad *= 0.5 if side == 1 else 1.0
            side = 1
        else:
            bad, f_bad = A, f
            f_good *= 0.5 if side == -1 else 1.0
            side = -1
    return good


@kernel
def _behind_standing_shock(A_e, q_e, e, ends, par, rows, tail, rho):
    """Smallest A > A_e that is subcritical and takes no less than q_e, by bisection."""
    bad, good = A_e, A_e * 1.1
    for _ in range(200):
        total, slope, u, du = _state(good, e, ends, par, rows, tail, rho)
        if u + np.sqrt(good * slope / rho) >= 0.0 and good * u >= q_e:
            break
        bad = good
        good *= 1.1
    for _ in range(60):
        A = np.sqrt(good * bad)
        if good - bad < NARROW * good:
            break
        total, slope, u, du = _state(A, e, ends, par, rows, tail, rho)
        if u + np.sqrt(A * slope / rho) >= 0.0 and A * u >= q_e:
            good = A
        else:
            bad = A
    return good


@kernel
def _set_choked(e, ends, par, rows, tail, rho):
    """The state of choked outflow: the lowest subcritical one, or the edge's own where that is supercritical."""
    if ends[EDGE_U, e] + ends[EDGE_C, e] < 0.0:
        _set(e, ends, ends[EDGE_A, e], ends[EDGE_A, e] * ends[EDGE_U, e], ends[EDGE_PSI, e] + ends[OUTER, e], par, rows, tail, rho)
    else:
        _set(e, ends, ends[LOWEST, e], ends[LOWEST_Q, e], ends[LOWEST_TOTAL, e], par, rows, tail, rho)


@kernel
def choke(e, ends, par, rows, tail, rho):
    """Find and write the state of choked outflow."""
    find_lowest(e, ends, par, rows, tail, rho)
    _set_choked(e, ends, par, rows, tail, rho)


@kernel
def lowest_head(static, e, ends, rho):
    """Head (static total pressure, if static) of the state that `find_lowest` found: below it the outflow is choked."""
    total, u = ends[LOWEST_TOTAL, e], ends[LOWEST_U, e]
    return total if static else total + 0.5 * rho * u * u


@kernel
def star_at(target, static, e, ends, par, rows, tail, rho):
    """Star state at the prescribed head (or static total pressure) ``target``; writes A*, q* and Π*, returns q*.

    Monotone in the target: below the lowest subcritical state the outflow is choked, above the sonic inflow the inflow is. Newton from the star state
    that stands there, bracketed.
    """
    low, high = ends[LOWEST, e], np.inf
    if lowest_head(static, e, ends, rho) >= target:
        _set_choked(e, ends, par, rows, tail, rho)
        return ends[STAR_Q, e]
    A = max(ends[EDGE_A, e], low)
    if ends[STAR_A, e] > low and ends[STAR_A, e] < 4.0 * A:
        A = ends[STAR_A, e]
    for _ in range(200):
        total, slope, u, du = _state(A, e, ends, par, rows, tail, rho)
        residual = total - target
        rate = slope
        if not static:
            residual += 0.5 * rho * u * u
            rate += rho * u * du
        if residual > 0.0:
            high = A
        else:
            low = A
        if high - low < 1e-14 * low:
            break
        A_next = A - residual / rate
        if not (A_next > low and A_next < high):
            A_next = GROW * A if high == np.inf else 0.5 * (low + high)
        A_next = min(A_next, GROW * A)
        if abs(A_next - A) < 1e-14 * A:
            break
        A = A_next
    c = np.sqrt(A * slope / rho)
    q = A * u
    if u > c:
        A, q, total = _sonic_inflow(target, static, A, e, ends, par, rows, tail, rho)
    _set(e, ends, A, q, total, par, rows, tail, rho)
    return q


@kernel
def _sonic_inflow(target, static, A, e, ends, par, rows, tail, rho):
    """Inflow at u = c with the head ``target``: Π + ½ A dψ/dA = target (the pressure alone, if static)."""
    v, outer = e // 2, ends[OUTER, e]
    if not static:
        low, high = A, A
        for _ in range(200):
            high *= 1.2
            psi, slope, B = value(high, v, par, rows, tail, rho)
            if psi + outer + 0.5 * high * slope >= target:
                break
            low = high
        for _ in range(60):
            A = 0.5 * (low + high)
            psi, slope, B = value(A, v, par, rows, tail, rho)
            if psi + outer + 0.5 * A * slope >= target:
                high = A
            else:
                low = A
    psi, slope, B = value(A, v, par, rows, tail, rho)
    return A, A * np.sqrt(A * slope / rho), psi + outer
