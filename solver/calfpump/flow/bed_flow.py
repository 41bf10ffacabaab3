"""Beds: arterial inflow into a venular reservoir inside a compartment; its outflow is part of the node's balance.

Loads of boundaries (resistance, Windkessel) are beds with a constant compliance whose "arterial" side is what lies behind them.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import BED_IN, BED_MOST, BED_OUT, BED_P, BED_R, BED_RISE, BED_TOTAL, LOAD
from calfpump.flow.compiled import kernel
from calfpump.flow.law_value import table
from calfpump.flow.outer_pressure import height_of


@kernel
def reservoir_pressure(b, V, beds, law):
    """p_v − p_c and dp_v/dV of a reservoir that holds V."""
    k = beds.table[b]
    p, slope, _ = table(np.sqrt(V / beds.V0[b]), k, k, 0.0, beds.inv_h[b], law.rows, law.tail)
    return p * beds.V0[b] / beds.C[b], slope / beds.C[b]


@kernel
def _load_state(b, V, drive, beds, bed_work, rho_g_z, dt):
    """Pressure of a load's compliance without flow and its rise with the flow q that comes from the node: p_θ = a + b q, θ = ½ or 1."""
    R1, R2, C = beds.R_out[b], drive.now[beds.resistance[b]], beds.C[b]
    behind = drive.now[beds.arterial[b]]
    if C > 0.0:
        part = (0.5 if dt * (R1 + R2) < C * R1 * R2 else 1.0) * dt / C
        share = 1.0 / (1.0 + part / R2)
        p, rise = (V / C + part * behind / R2) * share, part * share
    else:
        p, rise = behind, R2
    bed_work[b, BED_P], bed_work[b, BED_RISE] = p, rise
    bed_work[b, BED_TOTAL] = p + rho_g_z
    bed_work[b, BED_R] = R1 + rise
    bed_work[b, BED_MOST] = np.inf


@kernel
def bed_states(V, drive, spaces, beds, bed_work, law, blood, dt):
    """Pressure and inflow of every bed; total pressure and R_out + dt dp/dV for the outflow, implicit in V."""
    rho_g = blood.rho * blood.g
    for b in range(beds.V0.size):
        z, above = height_of(b, beds.height, drive.w), height_of(b, beds.arterial_height, drive.w)
        if beds.kind[b] == LOAD:
            _load_state(b, V[b], drive, beds, bed_work, rho_g * z, dt)
            continue
        p_c = spaces.p_now[beds.compartment[b]] if beds.compartment[b] >= 0 else 0.0
        f, slope = reservoir_pressure(b, V[b], beds, law)
        p = p_c + f
        arterial = drive.now[beds.arterial[b]] + rho_g * (above - z)
        inflow = max(arterial - max(p, p_c), 0.0) / drive.now[beds.resistance[b]]
        bed_work[b, BED_P], bed_work[b, BED_IN] = p, inflow
        bed_work[b, BED_TOTAL] = p + rho_g * z + slope * dt * inflow
        bed_work[b, BED_R] = beds.R_out[b] + slope * dt
        bed_work[b, BED_MOST] = 0.5 * V[b] / dt


@kernel
def fill_beds(V, totals, drive, beds, bed_work, dt):
    """New volumes and cumulated flows."""
    for b in range(V.size):
        inflow, outflow = bed_work[b, BED_IN], bed_work[b, BED_OUT]
        if beds.kind[b] == LOAD:
            inflow = outflow
            if beds.C[b] > 0.0:
                p = bed_work[b, BED_P] - bed_work[b, BED_RISE] * outflow
                inflow = (drive.now[beds.arterial[b]] - p) / drive.now[beds.resistance[b]]
        V[b] += dt * (inflow - outflow)
        totals.bed_in[b] += dt * inflow
        totals.bed_out[b] += dt * outflow
