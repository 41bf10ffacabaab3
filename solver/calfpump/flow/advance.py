"""The march in time: one call from one output time to the next."""

from __future__ import annotations

import numpy as np

from calfpump.flow.bed_flow import bed_states, fill_beds
from calfpump.flow.compiled import entry, kernel
from calfpump.flow.law_value import choose_states
from calfpump.flow.muscl import cell_values, edges, end_fluxes, face_fluxes, fastest, jumps, limit_outflow, update
from calfpump.flow.node import load_ends, solve_node
from calfpump.flow.outer_pressure import add_admittance, compartment_pressure, sample, set_outer, vessel_volumes
from calfpump.flow.valve_face import damp_jumps, valve_flows, valve_states

DONE, NOT_FINITE, TOO_SMALL = 0, 1, 2
#: of the time in which a compartment would empty through its vessels' characteristic impedance
COMPARTMENT_SHARE = 0.5


@kernel
def largest_step(cfl, longest, grid, unknowns, spaces, drive, work, laws, rho):  # type: ignore[no-untyped-def]
    """cfl dx/max(|u| + c) with c from f′ + ∂p_c/∂A, and a share of each compartment's emptying time."""
    for c in range(spaces.V0.size):
        _, spaces.slope[c] = compartment_pressure(c, spaces, drive.now)
    top = 0.0
    for v in range(grid.dx.size):
        stiffness = 0.0
        c = grid.compartment[v]
        if c >= 0 and spaces.V0[c] > 0.0:
            # a uniform dilation of all veins of the compartment: d ratio = dA/A0
            stiffness = spaces.slope[c] * laws.inv_A0[v]
        top = max(top, fastest(v, grid, unknowns, work, stiffness, rho))
    dt = longest
    if top > 0.0:
        dt = min(dt, cfl / top)
    add_admittance(grid, unknowns, spaces, work, rho)
    for c in range(spaces.V0.size):
        if spaces.slope[c] > 0.0 and spaces.V0[c] > 0.0:
            rate = spaces.slope[c] / spaces.V0[c] * spaces.admittance[c]
            dt = min(dt, COMPARTMENT_SHARE / rate)
    return dt


@kernel
def _accumulate(unknowns, totals, work, dt):  # type: ignore[no-untyped-def]
    mass, face, positive = work.mass, totals.face, totals.face_positive
    for f in range(mass.size):
        volume = dt * mass[f]
        face[f] += volume
        positive[f] += max(volume, 0.0)


@entry
def advance(t, t_end, cfl, shortest, longest, counts, unknowns, totals, grid, laws, spaces, nodes, ends, valves, beds, drive, work, blood):  # type: ignore[no-untyped-def]
    """Advance all unknowns from t to t_end. Returns (time reached, status); counts: steps, bracketed nodes, limited vessels."""
    n_vessels = grid.dx.size
    while t < t_end:
        sample(t, drive)
        choose_states(laws, grid, spaces, drive.now)
        for v in range(n_vessels):
            cell_values(v, grid, unknowns, work, laws, blood)
        vessel_volumes(grid, unknowns.A, spaces)
        dt = largest_step(cfl, longest, grid, unknowns, spaces, drive, work, laws, blood.rho)
        if not dt >= shortest:
            return t, TOO_SMALL
        steps = np.ceil((t_end - t) / dt)
        dt = (t_end - t) / steps
        sample(t + 0.5 * dt, drive)
        set_outer(grid, spaces, drive, work, blood)
        for v in range(n_vessels):
            jumps(v, grid, unknowns, work)
        damp_jumps(valves, unknowns, work)
        for v in range(n_vessels):
            edges(v, grid, unknowns, work, laws, blood, dt)
            face_fluxes(v, grid, work, blood.rho)
        valve_flows(valves, unknowns, work, blood.rho, dt)
        bed_states(unknowns, drive, spaces, beds, laws, blood, dt)
        load_ends(ends, grid, work, laws, blood.rho, dt)
        for n in range(nodes.kind.size):
            source, bracketed = solve_node(n, unknowns, drive, nodes, ends, beds, laws, blood, dt)
            totals.source[n] += dt * source
            counts[1] += bracketed
        for e in range(ends.vessel.size):
            unknowns.end_total[e] = ends.star_total[e]
            unknowns.end_Q[e] = ends.star_q[e] if e % 2 == 0 else -ends.star_q[e]
        for v in range(n_vessels):
            end_fluxes(v, grid, work, ends, laws, blood.rho)
            if limit_outflow(v, grid, unknowns, work, dt):
                counts[2] += 1
        valve_states(valves, unknowns, work, dt)
        good = True
        for v in range(n_vessels):
            good &= update(v, grid, unknowns, work, dt)
        fill_beds(unknowns, totals, beds, dt)
        _accumulate(unknowns, totals, work, dt)
        counts[0] += 1
        t = t_end if steps <= 1.0 else t + dt
        if not good:
            return t, NOT_FINITE
    return t, DONE
