"""Beds: arterial inflow into a venular reservoir inside a compartment; its outflow is part of the node's balance."""

from __future__ import annotations

import numpy as np

from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import table


@kernel
def reservoir_pressure(b, V, beds, laws):  # type: ignore[no-untyped-def]
    """p_v − p_c and dp_v/dV of a reservoir that holds V."""
    r = np.sqrt(V / beds.V0[b])
    k = beds.table[b]
    p, slope, _ = table(r, laws.rows, laws.tail, k, k, 0.0, beds.inv_h[b])
    return p * beds.V0[b] / beds.C[b], slope / beds.C[b]


@kernel
def bed_states(unknowns, drive, spaces, beds, laws, blood, dt):  # type: ignore[no-untyped-def]
    """Pressure and inflow of every bed; total pressure and R_out + dt dp/dV for the outflow, implicit in V."""
    rho_g = blood.rho * blood.g
    for b in range(beds.V0.size):
        p_c = spaces.p_now[beds.compartment[b]] if beds.compartment[b] >= 0 else 0.0
        f, slope = reservoir_pressure(b, unknowns.V[b], beds, laws)
        z, above = 0.0, 0.0
        for s in range(drive.w.size):
            z += beds.height[b, s] * drive.w[s]
            above += beds.arterial_height[b, s] * drive.w[s]
        p = p_c + f
        beds.p[b] = p
        arterial = drive.now[beds.arterial[b]] + rho_g * (above - z)
        beds.inflow[b] = max(arterial - max(p, p_c), 0.0) / drive.now[beds.resistance[b]]
        beds.total[b] = p + rho_g * z + slope * dt * beds.inflow[b]
        beds.R_now[b] = beds.R_out[b] + slope * dt


@kernel
def fill_beds(unknowns, totals, beds, dt):  # type: ignore[no-untyped-def]
    """New volumes and cumulated flows."""
    for b in range(beds.V0.size):
        unknowns.V[b] += dt * (beds.inflow[b] - beds.outflow[b])
        totals.bed_in[b] += dt * beds.inflow[b]
        totals.bed_out[b] += dt * beds.outflow[b]
