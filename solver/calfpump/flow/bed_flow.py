"""Beds: arterial inflow into a venular reservoir inside a compartment; its outflow is part of the node's balance."""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import BED_IN, BED_OUT, BED_P, BED_R, BED_TOTAL
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import table


@kernel
def reservoir_pressure(b, V, beds, law):
    """p_v − p_c and dp_v/dV of a reservoir that holds V."""
    k = beds.table[b]
    p, slope, _ = table(np.sqrt(V / beds.V0[b]), k, k, 0.0, beds.inv_h[b], law.rows, law.tail)
    return p * beds.V0[b] / beds.C[b], slope / beds.C[b]


@kernel
def bed_states(V, drive, spaces, beds, bed_work, law, blood, dt):
    """Pressure and inflow of every bed; total pressure and R_out + dt dp/dV for the outflow, implicit in V."""
    rho_g = blood.rho * blood.g
    for b in range(beds.V0.size):
        p_c = spaces.p_now[beds.compartment[b]] if beds.compartment[b] >= 0 else 0.0
        f, slope = reservoir_pressure(b, V[b], beds, law)
        z, above = 0.0, 0.0
        for s in range(drive.w.size):
            z += beds.height[b, s] * drive.w[s]
            above += beds.arterial_height[b, s] * drive.w[s]
        p = p_c + f
        arterial = drive.now[beds.arterial[b]] + rho_g * (above - z)
        inflow = max(arterial - max(p, p_c), 0.0) / drive.now[beds.resistance[b]]
        bed_work[b, BED_P], bed_work[b, BED_IN] = p, inflow
        bed_work[b, BED_TOTAL] = p + rho_g * z + slope * dt * inflow
        bed_work[b, BED_R] = beds.R_out[b] + slope * dt


@kernel
def fill_beds(V, totals, bed_work, dt):
    """New volumes and cumulated flows."""
    for b in range(V.size):
        inflow, outflow = bed_work[b, BED_IN], bed_work[b, BED_OUT]
        V[b] += dt * (inflow - outflow)
        totals.bed_in[b] += dt * inflow
        totals.bed_out[b] += dt * outflow
