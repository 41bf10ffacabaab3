"""MUSCL–Hancock on total pressure Π = ψ + p_ext + ρgz and flow Q, one flux per face and step.

Half slopes of Π and Q by minmod; the half step in time with the cell's own Jacobian; at every face a path-conservative HLL fluctuation with
the secants of the law between the two edge states,

    ΔF = Δ(Q²/A) + (ΔB/Δψ) ΔΠ,  mass dissipation (ΔA/Δψ) ΔΠ,

so that Π = const, Q = 0 is kept to round-off whatever p_ext and z do, and where both are uniform the scheme is conservative HLL
with the right shocks. Mass has one flux per face: conservative to round-off.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.compiled import kernel
from calfpump.flow.law_loops import law_of_cells, law_of_edges
from calfpump.flow.law_value import value

#: most that an edge state may differ from its cell's area by slope and half step, each
EDGE_SHARE = 0.25
#: relative jump of area below which secants are replaced by the tangents
SECANT = 1e-6
STILL = 1e-9


@kernel
def cell_values(v, grid, unknowns, work, laws, blood):  # type: ignore[no-untyped-def]
    """ψ (into `total`), dψ/dA, c and friction coefficient ν n/g [m²/s] of vessel v's cells."""
    begin, end = grid.first[v], grid.first[v + 1]
    drag = blood.nu * grid.n_parallel[v]
    law_of_cells(
        v, unknowns.A[begin:end], work.total[begin:end], work.slope[begin:end], work.speed[begin:end], work.friction[begin:end], laws, blood.rho, drag
    )


@kernel
def fastest(v, grid, unknowns, work, stiffness, rho):  # type: ignore[no-untyped-def]
    """max(|u| + c)/dx of vessel v; ``stiffness`` = ∂p_c/∂A counts into c."""
    begin, end = grid.first[v], grid.first[v + 1]
    A, Q, speed, slope = unknowns.A[begin:end], unknowns.Q[begin:end], work.speed[begin:end], work.slope[begin:end]
    top = 0.0
    if stiffness > 0.0:
        for i in range(A.size):
            top = max(top, abs(Q[i]) / A[i] + np.sqrt(A[i] * (slope[i] + stiffness) / rho))
    else:
        for i in range(A.size):
            top = max(top, abs(Q[i]) / A[i] + speed[i])
    return top / grid.dx[v]


@kernel
def jumps(v, grid, unknowns, work):  # type: ignore[no-untyped-def]
    """Add the outer pressure; jumps of Π and Q at the faces, at the ends twice that to the last star state."""
    begin, end = grid.first[v], grid.first[v + 1]
    total, outer, Q = work.total[begin:end], work.outer[begin:end], unknowns.Q[begin:end]
    jump_total, jump_Q = work.jump_total[begin + v : end + v + 1], work.jump_Q[begin + v : end + v + 1]
    n = total.size
    for i in range(n):
        total[i] += outer[i]
    for i in range(1, n):
        jump_total[i] = total[i] - total[i - 1]
    for i in range(1, n):
        jump_Q[i] = Q[i] - Q[i - 1]
    jump_total[0] = 2.0 * (total[0] - unknowns.end_total[2 * v])
    jump_Q[0] = 2.0 * (Q[0] - unknowns.end_Q[2 * v])
    jump_total[n] = 2.0 * (unknowns.end_total[2 * v + 1] - total[n - 1])
    jump_Q[n] = 2.0 * (unknowns.end_Q[2 * v + 1] - Q[n - 1])


@kernel
def edges(v, grid, unknowns, work, laws, blood, dt):  # type: ignore[no-untyped-def]
    """Limited slopes and Hancock's half step: edge states A, Q, ψ, B, and the flux difference inside each cell."""
    begin, end = grid.first[v], grid.first[v + 1]
    A, Q, slope = unknowns.A[begin:end], unknowns.Q[begin:end], work.slope[begin:end]
    jump_total, jump_Q = work.jump_total[begin + v : end + v + 1], work.jump_Q[begin + v : end + v + 1]
    A_left, A_right, Q_left, Q_right = work.A_left[begin:end], work.A_right[begin:end], work.Q_left[begin:end], work.Q_right[begin:end]
    half = dt / grid.dx[v]
    inv_rho = 1.0 / blood.rho
    for i in range(A.size):
        left, right = jump_total[i], jump_total[i + 1]
        s_total = 0.25 * (np.copysign(1.0, left) + np.copysign(1.0, right)) * min(abs(left), abs(right))
        left, right = jump_Q[i], jump_Q[i + 1]
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
    B_left, B_right, inner = work.B_left[begin:end], work.B_right[begin:end], work.inner[begin:end]
    law_of_edges(v, A_left, work.psi_left[begin:end], B_left, laws, blood.rho)
    law_of_edges(v, A_right, work.psi_right[begin:end], B_right, laws, blood.rho)
    for i in range(A.size):
        inner[i] = Q_right[i] * Q_right[i] / A_right[i] - Q_left[i] * Q_left[i] / A_left[i] + (B_right[i] - B_left[i])


@kernel
def face_fluxes(v, grid, work, rho):  # type: ignore[no-untyped-def]
    """HLL fluctuations at the interior faces of vessel v."""
    begin, end = grid.first[v], grid.first[v + 1]
    A_left, A_right, Q_left, Q_right = work.A_left[begin:end], work.A_right[begin:end], work.Q_left[begin:end], work.Q_right[begin:end]
    psi_left, psi_right, B_left, B_right = work.psi_left[begin:end], work.psi_right[begin:end], work.B_left[begin:end], work.B_right[begin:end]
    outer, speed, slope = work.outer[begin:end], work.speed[begin:end], work.slope[begin:end]
    low, high = begin + v, end + v + 1
    mass, momentum_left, momentum_right = work.mass[low:high], work.momentum_left[low:high], work.momentum_right[low:high]
    inv_rho = 1.0 / rho
    for i in range(A_left.size - 1):
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
        mass[i + 1] = q0 - w0 * dq + x * lost
        momentum_left[i + 1] = -w0 * dF + x * dq
        momentum_right[i + 1] = w1 * dF - x * dq


@kernel
def end_fluxes(v, grid, work, ends, laws, rho):  # type: ignore[no-untyped-def]
    """Fluctuations at both ends of vessel v from the star states of its nodes."""
    begin, end = grid.first[v], grid.first[v + 1]
    for side in range(2):
        e = 2 * v + side
        A, q = ends.star_A[e], ends.star_q[e]
        _, _, B = value(A, v, laws, rho)
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
def update(v, grid, unknowns, work, dt):  # type: ignore[no-untyped-def]
    """New A and Q with implicit friction. Returns False if an area is not positive or a flow not finite."""
    begin, end = grid.first[v], grid.first[v + 1]
    low, high = begin + v, end + v + 1
    A, Q, inner, friction, mass = unknowns.A[begin:end], unknowns.Q[begin:end], work.inner[begin:end], work.friction[begin:end], work.mass[low:high]
    momentum_left, momentum_right = work.momentum_left[low:high], work.momentum_right[low:high]
    rate = dt / grid.dx[v]
    for i in range(A.size):
        a = A[i] - rate * (mass[i + 1] - mass[i])
        q = Q[i] - rate * (momentum_right[i] + momentum_left[i + 1] + inner[i])
        q *= a / (a + dt * friction[i])
        A[i] = a
        Q[i] = q
    good = True
    for i in range(A.size):
        good &= (A[i] > 0.0) & (abs(Q[i]) < 1e300)
    return good


@kernel
def limit_outflow(v, grid, unknowns, work, dt):  # type: ignore[no-untyped-def]
    """Scale the fluxes out of cells that would lose more than nine tenths of their volume. Flows through the ends stay as they are."""
    begin, end = grid.first[v], grid.first[v + 1]
    A, mass = unknowns.A[begin:end], work.mass[begin + v : end + v + 1]
    most = 0.9 * grid.dx[v] / dt
    worst = -1.0
    n = A.size
    for i in range(n):
        worst = max(worst, max(mass[i + 1], 0.0) + max(-mass[i], 0.0) - most * A[i])
    if not worst > 0.0:
        return False
    for i in range(n):
        out_right = max(mass[i + 1], 0.0) if i < n - 1 else 0.0
        out_left = max(-mass[i], 0.0) if i > 0 else 0.0
        inside = out_right + out_left
        allowed = most * A[i]
        if i == 0:
            allowed -= max(-mass[i], 0.0)
        if i == n - 1:
            allowed -= max(mass[i + 1], 0.0)
        if inside > allowed:
            share = max(allowed, 0.0) / inside
            if out_right > 0.0:
                mass[i + 1] *= share
            if out_left > 0.0:
                mass[i] *= share
    return True
