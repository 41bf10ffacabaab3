"""Valves: an orifice with inertia at an interior face (Mynard et al. 2012, IJNMBE 28:626), implicit in the flow.

Both sides answer with their characteristic impedance Z = D/|s|, so that Δp(q) = Δp₀ − Z q; multiplied by A_eff²,

    ½ρ q|q| + (A² Z + ρ l A/dt) q = A² Δp₀ + ρ l A qⁿ/dt,  A = A_eff,

a quadratic with one root, regular and tight for A → 0: no branch between leak, inertia and closure.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.compiled import kernel

#: opening below which the leaflets touch
SHUT = 1e-6
#: least speed of the wave that leaves the face, as a share of c, when the flow is near or above critical
LEAST_SPEED = 0.1


@kernel
def damp_jumps(valves, unknowns, work):  # type: ignore[no-untyped-def]
    """Cells do not see each other's slope through a valve that is not open."""
    for k in range(valves.face.size):
        f = valves.face[k]
        work.jump_total[f] *= unknowns.zeta[k]
        work.jump_Q[f] *= unknowns.zeta[k]


@kernel
def _side_speeds(k, valves, work):  # type: ignore[no-untyped-def]
    f = valves.face[k]
    i = f - 1
    c0, c1 = work.speed[i], work.speed[i + 1]
    s0 = min(work.Q_right[i] / work.A_right[i] - c0, -LEAST_SPEED * c0)
    s1 = max(work.Q_left[i + 1] / work.A_left[i + 1] + c1, LEAST_SPEED * c1)
    return i, f, s0, s1


@kernel
def valve_flows(valves, unknowns, work, rho, dt):  # type: ignore[no-untyped-def]
    """Flow of every valve at the new time, and its mass flux."""
    for k in range(valves.face.size):
        i, f, s0, s1 = _side_speeds(k, valves, work)
        Q0, Q1 = work.Q_right[i], work.Q_left[i + 1]
        Z0, Z1 = -work.slope[i] / s0, work.slope[i + 1] / s1
        p0 = work.psi_right[i] + work.outer[i]
        p1 = work.psi_left[i + 1] + work.outer[i + 1]
        widest = valves.opening[k] * min(work.A_right[i], work.A_left[i + 1])
        A = widest * (valves.leak[k] + (1.0 - valves.leak[k]) * unknowns.zeta[k])
        b = A * A * (Z0 + Z1) + rho * valves.length[k] * A / dt
        S = A * A * (p0 + Z0 * Q0 - p1 + Z1 * Q1) + rho * valves.length[k] * A * unknowns.q_valve[k] / dt
        root = b + np.sqrt(b * b + 2.0 * rho * abs(S))
        work.mass[f] = 2.0 * S / root if root > 0.0 else 0.0


@kernel
def valve_states(valves, unknowns, work, dt):  # type: ignore[no-untyped-def]
    """Momentum on both sides of every valve, its opening after dt at the pressure difference that its flow leaves."""
    for k in range(valves.face.size):
        i, f, s0, s1 = _side_speeds(k, valves, work)
        q = work.mass[f]
        unknowns.q_valve[k] = q
        d0, d1 = q - work.Q_right[i], q - work.Q_left[i + 1]
        work.momentum_left[f] = s0 * d0
        work.momentum_right[f] = -s1 * d1
        p0 = work.psi_right[i] + work.outer[i] + work.slope[i] * d0 / s0
        p1 = work.psi_left[i + 1] + work.outer[i + 1] + work.slope[i + 1] * d1 / s1
        dp = p0 - p1
        zeta = unknowns.zeta[k]
        if dp > valves.dp_open[k]:
            zeta = 1.0 - (1.0 - zeta) * np.exp(-valves.k_open[k] * (dp - valves.dp_open[k]) * dt)
        elif dp < valves.dp_close[k]:
            zeta *= np.exp(valves.k_close[k] * (dp - valves.dp_close[k]) * dt)
            if zeta < SHUT:
                zeta = 0.0
        unknowns.zeta[k] = zeta
