"""MUSCL–Hancock on total pressure Π = ψ + p_ext + ρgz and flow Q, one flux per face and step.

Half slopes of Π and Q by minmod; the half step in time with the cell's own Jacobian; at every face a path-conservative HLL fluctuation with
the secants of the law between the two edge states,

    ΔF = Δ(Q²/A) + (ΔB/Δψ) ΔΠ,  mass dissipation (ΔA/Δψ) ΔΠ,

so that Π = const, Q = 0 is kept to round-off whatever p_ext and z do, and where both are uniform the scheme is conservative HLL
with the right shocks. Mass has one flux per face: conservative to round-off.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from calfpump.flow.arrays import ARTERY, VEIN
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import FRICTION_OF_CIRCLE, artery, shape_factor, table, vein

#: most that an edge state may differ from its cell's area by slope and half step, each
EDGE_SHARE = 0.25
#: relative jump of area below which secants are replaced by the tangents
SECANT = 1e-6
STILL = 1e-9


def _analytic_loops(law: Any) -> tuple[Callable[..., None], Callable[..., None]]:
    """Loops over the cells of a vessel with a closed-form law: pressures of the cells, pressures of the edges."""

    @kernel
    def cells(v, begin, end, A, work, laws, rho, drag):  # type: ignore[no-untyped-def]
        K, inv = laws.K[v], laws.inv_A0[v]
        total, slope, speed, friction = work.total, work.slope, work.speed, work.friction
        for i in range(begin, end):
            a = A[i] * inv
            p, d, b = law(np.sqrt(a), a)
            total[i] = K * p
            D = K * d * inv
            slope[i] = D
            speed[i] = np.sqrt(A[i] * D / rho)
            friction[i] = drag * FRICTION_OF_CIRCLE

    @kernel
    def edges(v, begin, end, work, laws, rho):  # type: ignore[no-untyped-def]
        K, inv = laws.K[v], laws.inv_A0[v]
        KB = K * laws.A0[v] / rho
        A_left, A_right, psi_left, psi_right = work.A_left, work.A_right, work.psi_left, work.psi_right
        B_left, B_right = work.B_left, work.B_right
        for i in range(begin, end):
            a = A_left[i] * inv
            p, d, b = law(np.sqrt(a), a)
            psi_left[i] = K * p
            B_left[i] = KB * b
            a = A_right[i] * inv
            p, d, b = law(np.sqrt(a), a)
            psi_right[i] = K * p
            B_right[i] = KB * b

    return cells, edges


_artery_cells, _artery_edges = _analytic_loops(artery)
_vein_cells, _vein_edges = _analytic_loops(vein)


@kernel
def _table_cells(v, begin, end, A, work, laws, rho, drag):  # type: ignore[no-untyped-def]
    rows, tail, lower, upper, weight, inv_h = laws.rows, laws.tail, laws.lower[v], laws.upper[v], laws.weight[v], laws.inv_h[v]
    inv = laws.inv_A0[v]
    for i in range(begin, end):
        r = np.sqrt(A[i] * inv)
        p, d, b = table(r, rows, tail, lower, upper, weight, inv_h)
        work.total[i] = p
        work.slope[i] = d * inv
        work.speed[i] = np.sqrt(A[i] * d * inv / rho)
        work.friction[i] = drag / shape_factor(r, rows, lower, upper, weight, inv_h)


@kernel
def _table_edges(v, begin, end, work, laws, rho):  # type: ignore[no-untyped-def]
    rows, tail, lower, upper, weight, inv_h = laws.rows, laws.tail, laws.lower[v], laws.upper[v], laws.weight[v], laws.inv_h[v]
    inv = laws.inv_A0[v]
    KB = laws.A0[v] / rho
    for i in range(begin, end):
        p, d, b = table(np.sqrt(work.A_left[i] * inv), rows, tail, lower, upper, weight, inv_h)
        work.psi_left[i] = p
        work.B_left[i] = KB * b
        p, d, b = table(np.sqrt(work.A_right[i] * inv), rows, tail, lower, upper, weight, inv_h)
        work.psi_right[i] = p
        work.B_right[i] = KB * b


@kernel
def cell_values(v, grid, unknowns, work, laws, blood):  # type: ignore[no-untyped-def]
    """ψ (into `total`), dψ/dA, c and friction coefficient ν n/g [m²/s] of vessel v's cells."""
    begin, end = grid.first[v], grid.first[v + 1]
    drag = blood.nu * grid.n_parallel[v]
    kind = laws.kind[v]
    if kind == VEIN:
        _vein_cells(v, begin, end, unknowns.A, work, laws, blood.rho, drag)
    elif kind == ARTERY:
        _artery_cells(v, begin, end, unknowns.A, work, laws, blood.rho, drag)
    else:
        _table_cells(v, begin, end, unknowns.A, work, laws, blood.rho, drag)


@kernel
def fastest(v, grid, unknowns, work, stiffness, rho):  # type: ignore[no-untyped-def]
    """max(|u| + c)/dx of vessel v; ``stiffness`` = ∂p_c/∂A counts into c."""
    begin, end = grid.first[v], grid.first[v + 1]
    A, Q, speed, slope = unknowns.A, unknowns.Q, work.speed, work.slope
    top = 0.0
    if stiffness > 0.0:
        for i in range(begin, end):
            top = max(top, abs(Q[i]) / A[i] + np.sqrt(A[i] * (slope[i] + stiffness) / rho))
    else:
        for i in range(begin, end):
            top = max(top, abs(Q[i]) / A[i] + speed[i])
    return top / grid.dx[v]


@kernel
def jumps(v, grid, unknowns, work):  # type: ignore[no-untyped-def]
    """Add the outer pressure; jumps of Π and Q at the faces, at the ends twice that to the last star state."""
    begin, end = grid.first[v], grid.first[v + 1]
    total, outer, Q, jump_total, jump_Q = work.total, work.outer, unknowns.Q, work.jump_total, work.jump_Q
    for i in range(begin, end):
        total[i] += outer[i]
    for i in range(begin + 1, end):
        jump_total[i + v] = total[i] - total[i - 1]
        jump_Q[i + v] = Q[i] - Q[i - 1]
    jump_total[begin + v] = 2.0 * (total[begin] - unknowns.end_total[2 * v])
    jump_Q[begin + v] = 2.0 * (Q[begin] - unknowns.end_Q[2 * v])
    jump_total[end + v] = 2.0 * (unknowns.end_total[2 * v + 1] - total[end - 1])
    jump_Q[end + v] = 2.0 * (unknowns.end_Q[2 * v + 1] - Q[end - 1])


@kernel
def edges(v, grid, unknowns, work, laws, blood, dt):  # type: ignore[no-untyped-def]
    """Limited slopes and Hancock's half step: edge states A, Q, ψ, B, and the flux difference inside each cell."""
    begin, end = grid.first[v], grid.first[v + 1]
    A, Q, slope, jump_total, jump_Q = unknowns.A, unknowns.Q, work.slope, work.jump_total, work.jump_Q
    A_left, A_right, Q_left, Q_right = work.A_left, work.A_right, work.Q_left, work.Q_right
    half = dt / grid.dx[v]
    inv_rho = 1.0 / blood.rho
    for i in range(begin, end):
        f = i + v
        left, right = jump_total[f], jump_total[f + 1]
        s_total = 0.25 * (np.copysign(1.0, left) + np.copysign(1.0, right)) * min(abs(left), abs(right))
        left, right = jump_Q[f], jump_Q[f + 1]
        s_Q = 0.25 * (np.copysign(1.0, left) + np.copysign(1.0, right)) * min(abs(left), abs(right))
        a = A[i]
        u = Q[i] / a
        most = EDGE_SHARE * a
        s_A = min(max(s_total / slope[i], -most), most)
        dA = min(max(-half * s_Q, -most), most)
        dQ = -half * (2.0 * u * s_Q - u * u * s_A + a * inv_rho * s_total)
        A_left[i] = a - s_A + dA
        A_right[i] = a + s_A + dA
        Q_left[i] = Q[i] - s_Q + dQ
        Q_right[i] = Q[i] + s_Q + dQ
    kind = laws.kind[v]
    if kind == VEIN:
        _vein_edges(v, begin, end, work, laws, blood.rho)
    elif kind == ARTERY:
        _artery_edges(v, begin, end, work, laws, blood.rho)
    else:
        _table_edges(v, begin, end, work, laws, blood.rho)
    B_left, B_right, inner = work.B_left, work.B_right, work.inner
    for i in range(begin, end):
        inner[i] = Q_right[i] * Q_right[i] / A_right[i] - Q_left[i] * Q_left[i] / A_left[i] + (B_right[i] - B_left[i])


@kernel
def face_fluxes(v, grid, work, rho):  # type: ignore[no-untyped-def]
    """HLL fluctuations at the interior faces of vessel v."""
    begin, end = grid.first[v], grid.first[v + 1]
    A_left, A_right, Q_left, Q_right = work.A_left, work.A_right, work.Q_left, work.Q_right
    psi_left, psi_right, B_left, B_right = work.psi_left, work.psi_right, work.B_left, work.B_right
    outer, speed, slope = work.outer, work.speed, work.slope
    mass, momentum_left, momentum_right = work.mass, work.momentum_left, work.momentum_right
    inv_rho = 1.0 / rho
    for i in range(begin, end - 1):
        a0, a1, q0, q1 = A_right[i], A_left[i + 1], Q_right[i], Q_left[i + 1]
        u0, u1 = q0 / a0, q1 / a1
        s0 = min(min(u0 - speed[i], u1 - speed[i + 1]), -STILL)
        s1 = max(max(u0 + speed[i], u1 + speed[i + 1]), STILL)
        w = 1.0 / (s1 - s0)
        dpsi, dA = psi_left[i + 1] - psi_right[i], a1 - a0
        far = abs(dA) > SECANT * a0
        inv = 1.0 / (dpsi if far else 1.0)
        compliance = dA * inv if far else 1.0 / slope[i]
        mean_area = (B_left[i + 1] - B_right[i]) * inv if far else 0.5 * (a0 + a1) * inv_rho
        d_total = dpsi + (outer[i + 1] - outer[i])
        dq = q1 - q0
        dF = q1 * u1 - q0 * u0 + mean_area * d_total
        lost = compliance * d_total
        w0, w1, x = s0 * w, s1 * w, s0 * s1 * w
        f = i + v + 1
        mass[f] = q0 - w0 * dq + x * lost
        momentum_left[f] = -w0 * dF + x * dq
        momentum_right[f] = w1 * dF - x * dq


@kernel
def end_fluxes(v, grid, work, ends, laws, rho):  # type: ignore[no-untyped-def]
    """Fluctuations at both ends of vessel v from the star states of its nodes."""
    begin, end = grid.first[v], grid.first[v + 1]
    for side in range(2):
        e = 2 * v + side
        A, q = ends.star_A[e], ends.star_q[e]
        B = laws_B(A, v, laws, rho)
        star = q * q / A + B
        A_e, u_e = ends.A[e], ends.u[e]
        change = star - (A_e * u_e * u_e + ends.B[e])
        if side == 0:
            work.mass[begin + v] = q
            work.momentum_right[begin + v] = -change
        else:
            work.mass[end + v] = -q
            work.momentum_left[end + v] = change


@kernel
def laws_B(A, v, laws, rho):  # type: ignore[no-untyped-def]
    """B(A) of vessel v."""
    a = A * laws.inv_A0[v]
    r = np.sqrt(a)
    kind = laws.kind[v]
    if kind == VEIN:
        return laws.K[v] * laws.A0[v] * vein(r, a)[2] / rho
    if kind == ARTERY:
        return laws.K[v] * laws.A0[v] * artery(r, a)[2] / rho
    b = table(r, laws.rows, laws.tail, laws.lower[v], laws.upper[v], laws.weight[v], laws.inv_h[v])[2]
    return laws.A0[v] * b / rho


@kernel
def update(v, grid, unknowns, work, dt):  # type: ignore[no-untyped-def]
    """New A and Q with implicit friction. Returns False if an area is not positive or a flow not finite."""
    begin, end = grid.first[v], grid.first[v + 1]
    A, Q, mass, inner, friction = unknowns.A, unknowns.Q, work.mass, work.inner, work.friction
    momentum_left, momentum_right = work.momentum_left, work.momentum_right
    rate = dt / grid.dx[v]
    good = True
    for i in range(begin, end):
        f = i + v
        a = A[i] - rate * (mass[f + 1] - mass[f])
        q = Q[i] - rate * (momentum_right[f] + momentum_left[f + 1] + inner[i])
        q = q * a / (a + dt * friction[i])
        A[i] = a
        Q[i] = q
        good &= (a > 0.0) & (abs(q) < 1e300)
    return good


@kernel
def limit_outflow(v, grid, unknowns, work, dt):  # type: ignore[no-untyped-def]
    """Scale the fluxes out of cells that would lose more than nine tenths of their volume. Flows through the ends stay as they are."""
    begin, end = grid.first[v], grid.first[v + 1]
    A, mass = unknowns.A, work.mass
    most = 0.9 * grid.dx[v] / dt
    worst = -1.0
    for i in range(begin, end):
        f = i + v
        worst = max(worst, max(mass[f + 1], 0.0) + max(-mass[f], 0.0) - most * A[i])
    if not worst > 0.0:
        return False
    for i in range(begin, end):
        f = i + v
        out_right = max(mass[f + 1], 0.0) if i < end - 1 else 0.0
        out_left = max(-mass[f], 0.0) if i > begin else 0.0
        inside = out_right + out_left
        allowed = most * A[i]
        if i == begin:
            allowed -= max(-mass[f], 0.0)
        if i == end - 1:
            allowed -= max(mass[f + 1], 0.0)
        if inside > allowed:
            share = max(allowed, 0.0) / inside
            if out_right > 0.0:
                mass[f + 1] *= share
            if out_left > 0.0:
                mass[f] *= share
    return True
