"""MUSCL–Hancock on total pressure Π = ψ + p_ext + ρgz and flow Q, one flux per face and step.

Half slopes of Π and Q by minmod; the half step in time with the cell's own Jacobian; at every face a path-conservative HLL fluctuation with
the secants of the law between the two edge states,

    ΔF = Δ(Q²/A) + (ΔB/Δψ) ΔΠ,  mass dissipation (ΔA/Δψ) ΔΠ,

so that Π = const, Q = 0 is kept to round-off whatever p_ext and z do, and where both are uniform the scheme is conservative HLL
with the right shocks. Mass has one flux per face: conservative to round-off. Loops run over all slots; what they compute at the ends of
vessels is replaced by the nodes' star states.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import EDGE_A, EDGE_B, EDGE_U, STAR_A, STAR_B, STAR_Q
from calfpump.flow.compiled import kernel, reduction

#: most that an edge state may differ from its cell's area by slope and half step, each
EDGE_SHARE = 0.25
#: relative jump of area below which secants are replaced by the tangents
SECANT = 1e-6
STILL = 1e-9
#: share of a cell's volume that may leave in one step
LEAVING = 0.9


@reduction
def fastest(A, Q, speed, slope, inv_dx, inv_A0, compartment, stiffness, rho):
    """max (|u| + c)/dx over all slots, c from dψ/dA + (∂p_c/∂ratio)/A0: all veins of a compartment dilate together."""
    top = 0.0
    inv_rho = 1.0 / rho
    for i in range(A.size):
        c = np.sqrt(speed[i] * speed[i] + A[i] * inv_A0[i] * stiffness[max(compartment[i], 0)] * inv_rho)
        top = max(top, (abs(Q[i]) / A[i] + c) * inv_dx[i])
    return top


@kernel
def jumps(unknowns, vessels, work):
    """Add the outer pressure; jumps of Π and Q at the faces, at the ends of vessels twice that to the last star state."""
    total, outer, Q, jump_total, jump_Q = work.total, work.outer, unknowns.Q, work.jump_total, work.jump_Q
    for i in range(total.size):
        total[i] += outer[i]
    for i in range(1, total.size):
        jump_total[i] = total[i] - total[i - 1]
    for i in range(1, total.size):
        jump_Q[i] = Q[i] - Q[i - 1]
    begin, end, end_total, end_Q = vessels.begin, vessels.end, unknowns.end_total, unknowns.end_Q
    for v in range(begin.size):
        b, e = begin[v], end[v]
        jump_total[b] = 2.0 * (total[b] - end_total[2 * v])
        jump_Q[b] = 2.0 * (Q[b] - end_Q[2 * v])
        jump_total[e] = 2.0 * (end_total[2 * v + 1] - total[e - 1])
        jump_Q[e] = 2.0 * (end_Q[2 * v + 1] - Q[e - 1])


@kernel
def edge_states(A, Q, slope, friction, lean, jump_total, jump_Q, inv_dx, A_left, A_right, Q_left, Q_right, rho, dt):
    """Limited slopes and Hancock's half step: areas and flows at both edges of every cell.

    The half step has the friction, and in −u² ∂A/∂x the slope of A itself, not that at constant outer pressure: steady flow that falls
    through a vein stays as it is.
    """
    inv_rho = 1.0 / rho
    for i in range(A.size - 1):
        left, right = jump_total[i], jump_total[i + 1]
        s_total = 0.25 * (np.copysign(1.0, left) + np.copysign(1.0, right)) * min(abs(left), abs(right))
        left, right = jump_Q[i], jump_Q[i + 1]
        s_Q = 0.25 * (np.copysign(1.0, left) + np.copysign(1.0, right)) * min(abs(left), abs(right))
        half = dt * inv_dx[i]
        a = A[i]
        u = Q[i] / a
        most = EDGE_SHARE * a
        s_A = min(max(s_total / slope[i], -most), most)
        dA = min(max(-half * s_Q, -most), most)
        q = Q[i] - half * (2.0 * u * s_Q - u * u * (s_A - lean[i] / slope[i]) + a * inv_rho * s_total)
        q *= a / (a + 0.5 * dt * friction[i])
        A_left[i] = a - s_A + dA
        A_right[i] = a + s_A + dA
        Q_left[i] = q - s_Q
        Q_right[i] = q + s_Q


@kernel
def inner_fluxes(A_left, A_right, Q_left, Q_right, B_left, B_right, inner):
    """Momentum flux difference inside every cell, where the outer pressure is constant: Δ(Q²/A + B)."""
    for i in range(inner.size):
        inner[i] = Q_right[i] * Q_right[i] / A_right[i] - Q_left[i] * Q_left[i] / A_left[i] + (B_right[i] - B_left[i])


@kernel
def face_fluxes(work, rho):
    """HLL fluctuations at all faces."""
    A_left, A_right, Q_left, Q_right = work.A_left, work.A_right, work.Q_left, work.Q_right
    psi_left, psi_right, B_left, B_right = work.psi_left, work.psi_right, work.B_left, work.B_right
    outer, speed, slope = work.outer, work.speed, work.slope
    mass, momentum_left, momentum_right = work.mass, work.momentum_left, work.momentum_right
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
def end_fluxes(vessels, work, ends):
    """Fluctuations at both ends of every vessel from the star states of its nodes."""
    mass, momentum_left, momentum_right = work.mass, work.momentum_left, work.momentum_right
    begin, end = vessels.begin, vessels.end
    for v in range(begin.size):
        for side in range(2):
            e = 2 * v + side
            q = ends[e, STAR_Q]
            flux = q * q / ends[e, STAR_A] + ends[e, STAR_B]
            change = flux - (ends[e, EDGE_A] * ends[e, EDGE_U] * ends[e, EDGE_U] + ends[e, EDGE_B])
            f = begin[v] if side == 0 else end[v]
            mass[f] = q if side == 0 else -q
            momentum_right[f] = -change if side == 0 else 0.0
            momentum_left[f] = change if side == 1 else 0.0


@kernel
def limit_outflow(A, mass, inv_dx, vessels, dt):
    """Scale the fluxes out of cells that would lose more than LEAVING of their volume; flows through the ends stay. True if any."""
    emptied = 0
    for i in range(A.size - 1):
        emptied += (max(mass[i + 1], 0.0) + max(-mass[i], 0.0)) * (dt * inv_dx[i]) > LEAVING * A[i]
    if emptied == 0:
        return False
    for v in range(vessels.begin.size):
        b, e = vessels.begin[v], vessels.end[v]
        for i in range(b, e):
            rate = dt * inv_dx[i]
            out_left, out_right = max(-mass[i], 0.0) * rate, max(mass[i + 1], 0.0) * rate
            fixed = (out_left if i == b else 0.0) + (out_right if i == e - 1 else 0.0)
            inside = out_left + out_right - fixed
            allowed = LEAVING * A[i] - fixed
            if inside > allowed:
                share = max(allowed, 0.0) / inside
                if i < e - 1 and mass[i + 1] > 0.0:
                    mass[i + 1] *= share
                if i > b and mass[i] < 0.0:
                    mass[i] *= share
    return True


@kernel
def update(unknowns, work, inv_dx, dt):
    """New A and Q with implicit friction. Returns False if an area is not positive or a flow not finite."""
    A, Q, inner, friction, mass = unknowns.A, unknowns.Q, work.inner, work.friction, work.mass
    momentum_left, momentum_right = work.momentum_left, work.momentum_right
    for i in range(A.size - 1):
        rate = dt * inv_dx[i]
        a = A[i] - rate * (mass[i + 1] - mass[i])
        q = Q[i] - rate * (momentum_right[i] + momentum_left[i + 1] + inner[i])
        A[i] = a
        Q[i] = q * a / (a + dt * friction[i])
    good = True
    for i in range(A.size):
        good &= (A[i] > 0.0) & (abs(Q[i]) < 1e300)
    return good
