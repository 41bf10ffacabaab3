"""Valves: an orifice with inertia at an interior face (Mynard et al. 2012, IJNMBE 28:626), implicit in the flow.

Both sides answer with their characteristic impedance Z = D/|s|, so that Δp(q) = Δp₀ − Z q; multiplied by A_eff²,

    ½ρ q|q| + (A² Z + ρ l A/dt) q = A² Δp₀ + ρ l A qⁿ/dt,  A = A_eff,

a quadratic with one root, regular and tight for A → 0: no branch between leak, inertia and closure.

The slug's inertia would go on emptying a cell that has nearly run dry, at a flow that the cell cannot feed (A falls, the slug's speed q/A grows
without bound where l > dx/2): no more leaves the cell behind than its edge carries at u + c, the fastest that anything leaves it, and nothing where its
blood boils. A vein in its ordinary range is choked long before.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.compiled import kernel
from calfpump.flow.dry_cells import BOILING

#: opening below which the leaflets touch
SHUT = 1e-6
#: least speed of the wave that leaves the face, as a share of c, when the flow is near or above critical
LEAST_SPEED = 0.1


@kernel
def damp_jumps(valves, unknowns, work):
    """Cells do not see each other's slope through a valve that is not open."""
    face, zeta, jump_total, jump_Q = valves.face, unknowns.zeta, work.jump_total, work.jump_Q
    for k in range(face.size):
        jump_total[face[k]] *= zeta[k]
        jump_Q[face[k]] *= zeta[k]


@kernel
def _outgoing(u, c):
    """Speed of the wave that leaves the face into the cell behind, u counted towards the face; at least LEAST_SPEED c."""
    return max(c - u, LEAST_SPEED * c)


@kernel
def valve_flows(valves, unknowns, work, rho, dt):
    """Flow of every valve at the new time, and its mass flux."""
    face, opening, leak, length = valves.face, valves.opening, valves.leak, valves.length
    zeta, q_old, mass = unknowns.zeta, unknowns.q_valve, work.mass
    A_left, Q_left, psi_left = work.A_left, work.Q_left, work.psi_left
    A_right, Q_right, psi_right = work.A_right, work.Q_right, work.psi_right
    u_left, u_right, speed, compliance, outer, gravity = work.u_left, work.u_right, work.speed, work.compliance, work.outer, work.gravity
    for k in range(face.size):
        f = face[k]
        i = f - 1
        A = opening[k] * min(A_right[i], A_left[f]) * (leak[k] + (1.0 - leak[k]) * zeta[k])
        if A == 0.0:
            mass[f] = 0.0
            continue
        Q0, Q1 = Q_right[i], Q_left[f]
        Z0 = 1.0 / (compliance[i] * _outgoing(u_right[i], speed[i]))
        Z1 = 1.0 / (compliance[f] * _outgoing(-u_left[f], speed[f]))
        dp = psi_right[i] + outer[i] + Z0 * Q0 - (psi_left[f] + outer[f] - Z1 * Q1)
        inertia = rho * length[k] * A / dt
        b = A * A * (Z0 + Z1) + inertia
        S = A * A * dp + inertia * q_old[k]
        root = b + np.sqrt(b * b + 2.0 * rho * abs(S))
        q = 2.0 * S / root
        most = A_right[i] * (max(u_right[i], 0.0) + speed[i]) if psi_right[i] + outer[i] - gravity[i] > BOILING else 0.0
        least = -A_left[f] * (max(-u_left[f], 0.0) + speed[f]) if psi_left[f] + outer[f] - gravity[f] > BOILING else 0.0
        mass[f] = max(min(q, most), least)


@kernel
def valve_states(valves, unknowns, work, dt):
    """Momentum on both sides of every valve, its opening after dt at the pressure difference that its flow leaves."""
    face, k_open, k_close, dp_open, dp_close = valves.face, valves.k_open, valves.k_close, valves.dp_open, valves.dp_close
    zetas, q_valve, mass, momentum_left, momentum_right = unknowns.zeta, unknowns.q_valve, work.mass, work.momentum_left, work.momentum_right
    Q_left, u_left, psi_left, B_left = work.Q_left, work.u_left, work.psi_left, work.B_left
    Q_right, u_right, psi_right, B_right = work.Q_right, work.u_right, work.psi_right, work.B_right
    speed, compliance, outer = work.speed, work.compliance, work.outer
    for k in range(face.size):
        f = face[k]
        i = f - 1
        q = mass[f]
        q_valve[k] = q
        s0 = _outgoing(u_right[i], speed[i])
        s1 = _outgoing(-u_left[f], speed[f])
        d0, d1 = q - Q_right[i], q - Q_left[f]
        momentum_left[f] = Q_right[i] * u_right[i] + B_right[i] - s0 * d0
        momentum_right[f] = -s1 * d1 - (Q_left[f] * u_left[f] + B_left[f])
        dp = psi_right[i] + outer[i] - d0 / (compliance[i] * s0) - (psi_left[f] + outer[f] + d1 / (compliance[f] * s1))
        zeta = zetas[k]
        if dp > dp_open[k] and zeta < 1.0:
            zeta = 1.0 - (1.0 - zeta) * np.exp(-k_open[k] * (dp - dp_open[k]) * dt)
        elif dp < dp_close[k] and zeta > 0.0:
            zeta *= np.exp(k_close[k] * (dp - dp_close[k]) * dt)
            if zeta < SHUT:
                zeta = 0.0
        zetas[k] = zeta
