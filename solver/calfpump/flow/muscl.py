"""MUSCL–Hancock on total pressure Π = ψ + p_ext + ρgz and flow Q, one flux per face and step.

Half slopes of Π and Q by minmod; the half step in time with the cell's own Jacobian; at every face a path-conservative HLL fluctuation with
the secants of the law between the two edge states,

    ΔF = Δ(Q²/A) + (ΔB/Δψ) ΔΠ,  mass dissipation (ΔA/Δψ) ΔΠ,

so that Π = const, Q = 0 is kept to round-off whatever p_ext and z do, and where both are uniform the scheme is conservative HLL
with the right shocks. What Q²/A changes by a jump of p_ext + ρgz alone goes to both cells in halves: shared as the waves are, it would leave a
first-order error wherever blood flows up or down. Mass has one flux per face: conservative to round-off. Edges are built in r = √α, the
variable of the laws, so that no edge needs a square root. Loops run over all slots; what they compute at the ends of vessels is replaced by the
nodes' star states. Each loop holds as few arrays as the compiler can prove apart, and shares divisions: more arrays, or a branch, and it is no
longer vectorised.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import B_LIFT, HEAD, STAR_A, STAR_B, STAR_Q, STAR_TOTAL
from calfpump.flow.compiled import inlined, kernel

#: most that r at an edge may differ from its cell's by slope and half step, each: areas by about twice that
EDGE_SHARE = 0.125
#: most that an edge's flow may differ from its cell's by slope and half step, each, as a share of A (|u| + c)
FLOW_SHARE = 0.5
#: relative jump of area below which secants are replaced by the tangents
SECANT = 1e-6
#: most that a jump of height, at a face or to a vessel's end, counts as a change of area, as a share
LIFT_SHARE = 0.2
STILL = 1e-9
#: row of the ends that is free once the nodes are solved
FLUX = HEAD
#: share of a cell's volume that may leave in one step
LEAVING = 0.9


@kernel
def rates(u, speed, inv_dx, rate):
    """(|u| + c)/dx of all slots."""
    for i in range(u.size):
        rate[i] = (abs(u[i]) + speed[i]) * inv_dx[i]


@kernel
def rates_together(A, u, speed, inv_dx, inv_A0, stiffness, rate, rho):
    """The same in vessels of one compartment, c from dψ/dA + (∂p_c/∂ratio)/A0: all veins of a compartment dilate together."""
    part = stiffness / rho
    for i in range(u.size):
        rate[i] = (abs(u[i]) + np.sqrt(speed[i] * speed[i] + A[i] * inv_A0[i] * part)) * inv_dx[i]


@kernel
def largest(x):
    """Maximum of scratch values ≥ 0, by their bits: integers are compared many at a time, floats one by one."""
    bits = x.view(np.int64)
    top = bits[0]
    for i in range(1, bits.size):
        top = max(top, bits[i])
    bits[0] = top
    return x[0]


@kernel
def jumps(unknowns, vessels, work):
    """Jumps of Π and Q at the faces, at the ends of vessels twice that to the last star state."""
    psi, outer, Q, jump_total, jump_Q = work.psi, work.outer, unknowns.Q, work.jump_total, work.jump_Q
    for i in range(1, psi.size):
        jump_total[i] = (psi[i] + outer[i]) - (psi[i - 1] + outer[i - 1])
        jump_Q[i] = Q[i] - Q[i - 1]
    begin, end, end_total, end_Q = vessels.begin, vessels.end, unknowns.end_total, unknowns.end_Q
    for v in range(begin.size):
        b, e = begin[v], end[v]
        jump_total[b] = 2.0 * (psi[b] + outer[b] - end_total[2 * v])
        jump_Q[b] = 2.0 * (Q[b] - end_Q[2 * v])
        jump_total[e] = 2.0 * (end_total[2 * v + 1] - psi[e - 1] - outer[e - 1])
        jump_Q[e] = 2.0 * (end_Q[2 * v + 1] - Q[e - 1])


@kernel
def edge_states(A0, r, u, compliance, speed, friction, lean, jump_total, jump_Q, inv_dx, r_left, r_right, Q_left, Q_right, rho, dt):
    """Limited slopes and Hancock's half step: r and flows at both edges of every cell.

    The half step has the friction, and in −u² ∂A/∂x the slope of A itself, not that at constant outer pressure: steady flow that falls
    through a vein stays as it is. With dA = 2 A0 r dr. Edges differ from their cell by no more than a share: in a nearly dry cell between full
    ones the slopes would give flows that its area cannot carry.
    """
    inv_rho = 1.0 / rho
    for i in range(r.size - 1):
        left, right = jump_total[i], jump_total[i + 1]
        s_total = 0.5 * (max(min(left, right), 0.0) + min(max(left, right), 0.0))
        left, right = jump_Q[i], jump_Q[i + 1]
        s_Q = 0.5 * (max(min(left, right), 0.0) + min(max(left, right), 0.0))
        half = dt * inv_dx[i]
        x, v, C = r[i], u[i], compliance[i]
        per_r = A0[i] * x
        a = per_r * x
        most_Q = FLOW_SHARE * a * (abs(v) + speed[i])
        s_Q = min(max(s_Q, -most_Q), most_Q)
        damped = a + 0.5 * dt * friction[i]
        inv = 1.0 / (per_r * damped)
        to_r = 0.5 * damped * inv
        most = EDGE_SHARE * x
        s_r = min(max(s_total * C * to_r, -most), most)
        d_r = min(max(-half * s_Q * to_r, -most), most)
        d_Q = half * (2.0 * v * s_Q - v * v * (2.0 * per_r * s_r - lean[i] * C) + a * inv_rho * s_total)
        q = a * v - min(max(d_Q, -most_Q), most_Q)
        q *= a * per_r * inv
        r_left[i] = x - s_r + d_r
        r_right[i] = x + s_r + d_r
        Q_left[i] = q - s_Q
        Q_right[i] = q + s_Q


@inlined
def face_fluxes(work, rho):
    """HLL fluctuations at all faces, each with the flux Q²/A + B of the edge that it meets: what the cell between two faces gains."""
    A_left, A_right, Q_left, Q_right = work.A_left, work.A_right, work.Q_left, work.Q_right
    u_left, u_right = work.u_left, work.u_right
    psi_left, psi_right, B_left, B_right = work.psi_left, work.psi_right, work.B_left, work.B_right
    outer, speed, compliance = work.outer, work.speed, work.compliance
    mass, momentum_left, momentum_right = work.mass, work.momentum_left, work.momentum_right
    inv_rho = 1.0 / rho
    for i in range(A_left.size - 1):
        a0, a1, q0, q1, u0, u1 = A_right[i], A_left[i + 1], Q_right[i], Q_left[i + 1], u_right[i], u_left[i + 1]
        s0 = min(min(u0 - speed[i], u1 - speed[i + 1]), -STILL)
        s1 = max(max(u0 + speed[i], u1 + speed[i + 1]), STILL)
        dpsi, dA = psi_left[i + 1] - psi_right[i], a1 - a0
        far = abs(dA) > SECANT * a0
        step = dpsi if far else 1.0
        both = 1.0 / ((s1 - s0) * step)
        w, inv = step * both, (s1 - s0) * both
        b0, b1 = B_right[i], B_left[i + 1]
        slack = dA * inv if far else compliance[i]
        mean_area = (b1 - b0) * inv if far else 0.5 * (a0 + a1) * inv_rho
        d_outer = outer[i + 1] - outer[i]
        d_total = dpsi + d_outer
        dq = q1 - q0
        f0, f1 = q0 * u0, q1 * u1
        dF = f1 - f0 + mean_area * d_total
        lost = slack * d_total
        w0, w1, x = s0 * w, s1 * w, s0 * s1 * w
        mass[i + 1] = q0 - w0 * dq + x * lost
        most_A = LIFT_SHARE * min(a0, a1)
        even = (w0 + 0.5) * u0 * u1 * min(max(slack * d_outer, -most_A), most_A)
        momentum_left[i + 1] = (f0 + b0) + (x * dq - w0 * dF) + even
        momentum_right[i + 1] = (w1 * dF - x * dq) - (f1 + b1) - even


@kernel
def end_fluxes(unknowns, vessels, work, ends):
    """Fluxes at both ends of every vessel from the star states of its nodes, which the next step's jumps are measured from."""
    mass, momentum_left, momentum_right = work.mass, work.momentum_left, work.momentum_right
    begin, end, end_total, end_Q = vessels.begin, vessels.end, unknowns.end_total, unknowns.end_Q
    q, A, B, lift, flux = ends[STAR_Q], ends[STAR_A], ends[STAR_B], ends[B_LIFT], ends[FLUX]
    for e in range(q.size):
        flux[e] = q[e] * q[e] / A[e] + B[e] + lift[e]
    for v in range(begin.size):
        b, gap, left, right = begin[v], end[v], 2 * v, 2 * v + 1
        end_total[left], end_Q[left], end_total[right], end_Q[right] = ends[STAR_TOTAL, left], q[left], ends[STAR_TOTAL, right], -q[right]
        mass[b], momentum_right[b], momentum_left[b] = q[left], -flux[left], 0.0
        mass[gap], momentum_right[gap], momentum_left[gap] = -q[right], 0.0, flux[right]


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
def turn_friction(mass, next_mass, inv_dx, bend, friction, dt):
    """Friction f = d/g of tables, whose lumen changes its shape, with g in the middle of the step, at r + ΔA/(4 A0 r); bend = g'/(4 h A0 d r)."""
    for i in range(friction.size):
        dA = dt * inv_dx[i] * (mass[i] - next_mass[i])
        f = friction[i]
        friction[i] = f * min(max(1.0 - dA * bend[i] * f, 0.5), 2.0)


@kernel
def update(unknowns, totals, work, inv_dx, dt):
    """New A and Q, and the volumes that have passed the faces. False if an area is not positive or a flow not finite.

    Friction, dQ/dt = G − (f/A) Q over the step, by the second-order rational e^(−z) ≈ 1/(1 + z + z²/2), z = f dt/A with A in the middle
    of the step: L-stable, never past zero, and exact where G balances friction, so that steady flow stays as it is.
    """
    A, Q, u, friction, mass = unknowns.A, unknowns.Q, work.u, work.friction, work.mass
    momentum_left, momentum_right, face, positive = work.momentum_left, work.momentum_right, totals.face, totals.face_positive
    for i in range(A.size - 1):
        rate = dt * inv_dx[i]
        a = A[i] - rate * (mass[i + 1] - mass[i])
        gained = -rate * (momentum_right[i] + momentum_left[i + 1])
        z = dt * friction[i]
        m = 0.5 * (A[i] + a)
        v = m * (m * Q[i] + (m + 0.5 * z) * gained) / (a * (m * (m + z) + 0.5 * z * z))
        A[i] = a
        u[i] = v
        Q[i] = v * a
    for i in range(A.size):
        volume = dt * mass[i]
        face[i] += volume
        positive[i] += max(volume, 0.0)
    good = True
    for i in range(A.size):
        good &= (A[i] > 0.0) & (abs(Q[i]) < 1e300)
    return good


@kernel
def finite(values):
    """Whether all are: cells do not show everything that is not, since a node may turn away a flow that it cannot compare."""
    nought = 0.0
    for i in range(values.size):
        nought += 0.0 * values[i]
    return nought == 0.0
