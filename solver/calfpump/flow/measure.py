"""What is read off the state at an output time, and the state of rest."""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import LOAD
from calfpump.flow.bed_flow import reservoir_pressure
from calfpump.flow.compiled import entry, kernel
from calfpump.flow.law_loops import law_of_cells
from calfpump.flow.law_value import area, choose_states
from calfpump.flow.outer_pressure import compartment_pressure, height_of, sample, set_outer, vessel_volumes


@entry
def measure(t, unknowns, p, p_bed, p_node, vessels, slots, law, states, spaces, nodes, beds, drive, work, blood):
    """Blood pressure of slots, beds and nodes, p_c of the compartments (spaces.p_now) and friction of the slots (work.friction), at time t."""
    sample(t, drive)
    choose_states(vessels, states, spaces, slots, law, drive.now)
    vessel_volumes(unknowns.A, slots.width, spaces)
    set_outer(vessels, slots, spaces, drive, work, blood)
    law_of_cells(unknowns.A, work, slots, law, blood.rho)
    for i in range(p.size):
        p[i] = work.psi[i] + work.outer[i] - work.gravity[i]
    for b in range(beds.V0.size):
        c = beds.compartment[b]
        if beds.kind[b] == LOAD:
            p_bed[b] = unknowns.V[b] / beds.C[b] if beds.C[b] > 0.0 else drive.now[beds.arterial[b]]
            continue
        p_bed[b] = (spaces.p_now[c] if c >= 0 else 0.0) + reservoir_pressure(b, unknowns.V[b], beds, law)[0]
    for n in range(nodes.kind.size):
        p_node[n] = unknowns.head[n] - blood.rho * blood.g * height_of(n, nodes.height, drive.w)


@kernel
def _filled(c, total, vessels, slots, law, spaces, drive, work, blood):
    """Volume that the vessels of compartment c take at rest, at the compartment's pressure for the volume spaces.V[c]."""
    p_c, _ = compartment_pressure(c, spaces, drive.now)
    V = 0.0
    for v in range(vessels.begin.size):
        if vessels.compartment[v] == c:
            p = p_c + (drive.now[vessels.external[v]] if vessels.external[v] >= 0 else 0.0)
            for i in range(vessels.begin[v], vessels.end[v]):
                V += slots.width[i] * area(total - p - work.gravity[i], v, law.vessel, law.rows, law.tail, blood.rho)
    return V


@entry
def rest(t, total, unknowns, vessels, slots, law, states, spaces, beds, drive, work, blood):
    """Write A and V of the state with Q = 0 and Π = ``total`` everywhere.

    A compartment's pressure rises with the volume of its vessels, which falls with that pressure: bisection finds the one balance.
    """
    sample(t, drive)
    choose_states(vessels, states, spaces, slots, law, drive.now)
    for c in range(spaces.V0.size):
        spaces.V[c] = spaces.V0[c]
    set_outer(vessels, slots, spaces, drive, work, blood)
    for c in range(spaces.V0.size):
        low, high = 0.0, 100.0 * spaces.V0[c]
        for _ in range(100 if spaces.has_law[c] and spaces.V0[c] > 0.0 else 0):
            spaces.V[c] = 0.5 * (low + high)
            if spaces.V[c] <= low or spaces.V[c] >= high:
                break
            if _filled(c, total, vessels, slots, law, spaces, drive, work, blood) > spaces.V[c]:
                low = spaces.V[c]
            else:
                high = spaces.V[c]
    set_outer(vessels, slots, spaces, drive, work, blood)
    for v in range(vessels.begin.size):
        for i in range(vessels.begin[v], vessels.end[v]):
            unknowns.A[i] = area(total - work.outer[i], v, law.vessel, law.rows, law.tail, blood.rho)
            unknowns.Q[i] = 0.0
    for b in range(beds.V0.size):
        c = beds.compartment[b]
        wanted = total - blood.rho * blood.g * height_of(b, beds.height, drive.w) - (spaces.p_now[c] if c >= 0 else 0.0)
        if beds.kind[b] == LOAD:
            unknowns.V[b] = beds.C[b] * wanted
            continue
        low, high = 1e-8 * beds.V0[b], 1e3 * beds.V0[b]
        for _ in range(200):
            V = np.sqrt(low * high)
            if V <= low or V >= high:
                break
            if reservoir_pressure(b, V, beds, law)[0] < wanted:
                low = V
            else:
                high = V
        unknowns.V[b] = high
