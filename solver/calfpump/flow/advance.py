"""The march in time: one call from one output time to the next."""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import BLENDED, TABLE
from calfpump.flow.bed_flow import bed_states, fill_beds
from calfpump.flow.compiled import entry, inlined, kernel
from calfpump.flow.dry_cells import brake
from calfpump.flow.law_loops import law_of_cells, law_of_edges
from calfpump.flow.law_value import choose_states
from calfpump.flow.muscl import edge_states, end_fluxes, face_fluxes, finite, jumps, largest, limit_outflow, rates, rates_together, turn_friction, update
from calfpump.flow.node import solve_nodes
from calfpump.flow.outer_pressure import add_admittance, compartment_pressure, sample, set_outer, vessel_volumes
from calfpump.flow.tracer import carry
from calfpump.flow.valve_face import damp_jumps, valve_flows, valve_states
from calfpump.flow.vessel_end import lift_ends, load_ends
from calfpump.flow.wall_viscosity import spread_after, spread_before

DONE, NOT_FINITE, TOO_SMALL = 0, 1, 2
#: of the time in which a compartment would empty through its vessels' characteristic impedance
COMPARTMENT_SHARE = 0.5


@inlined
def _largest_step(cfl, longest, unknowns, vessels, slots, spaces, drive, work, rho):
    """cfl dx/max(|u| + c) with ∂p_c/∂A counted in c, and a share of each compartment's emptying time."""
    for c in range(spaces.V0.size):
        _, spaces.slope[c] = compartment_pressure(c, spaces, drive.now)
    A, u, speed, inv_dx, inv_A0, rate = unknowns.A, work.u, work.speed, slots.inv_dx, slots.inv_A0, work.rate
    rates(u, speed, inv_dx, rate)
    for k in range(spaces.run_space.size):
        stiffness, b, e = spaces.slope[spaces.run_space[k]], spaces.run_begin[k], spaces.run_end[k]
        if stiffness > 0.0:
            rates_together(A[b:e], u[b:e], speed[b:e], inv_dx[b:e], inv_A0[b:e], stiffness, rate[b:e], rho)
    top = largest(rate)
    dt = min(longest, cfl / top) if top > 0.0 else longest
    add_admittance(vessels, unknowns.A, work.speed, spaces, rho)
    for c in range(spaces.V0.size):
        if spaces.slope[c] > 0.0 and spaces.V0[c] > 0.0:
            dt = min(dt, COMPARTMENT_SHARE * spaces.V0[c] / (spaces.slope[c] * spaces.admittance[c]))
    return dt


@inlined
def _fluxes(unknowns, totals, counts, vessels, slots, law, spaces, nodes, ends, valves, beds, bed_work, drive, work, blood, dt):
    """All fluxes of one step, from the total pressures to the limited mass fluxes and the valves' new states."""
    rho = blood.rho
    jumps(unknowns, vessels, work)
    damp_jumps(valves, unknowns, work)
    edge_states(
        slots.A0, work.r, work.u, work.compliance, work.speed, work.friction, work.lean, work.jump_total, work.jump_Q, slots.inv_dx, work.r_left,
        work.r_right, work.Q_left, work.Q_right, rho, dt,
    )  # fmt: skip
    lift_ends(vessels, slots, work)
    law_of_edges(work.r_left, work.Q_left, work.A_left, work.u_left, work.psi_left, work.B_left, work, slots, law, rho)
    law_of_edges(work.r_right, work.Q_right, work.A_right, work.u_right, work.psi_right, work.B_right, work, slots, law, rho)
    face_fluxes(work, rho)
    valve_flows(valves, unknowns, work, rho, dt)
    bed_states(unknowns.V, drive, spaces, beds, bed_work, law, blood, dt)
    load_ends(vessels, ends, slots, work, rho, dt)
    solve_nodes(unknowns, totals, counts, drive, nodes, ends, bed_work, law, blood, dt)
    end_fluxes(unknowns, vessels, work, ends)
    if limit_outflow(unknowns.A, work.mass, slots.inv_dx, vessels, dt):
        counts[2] += 1
    valve_states(valves, unknowns, work, dt)


@kernel
def _velocities(unknowns, work):
    """u of all slots at the start; `update` keeps them."""
    for i in range(work.u.size):
        work.u[i] = unknowns.Q[i] / unknowns.A[i]


@entry
def advance(
    t, t_end, cfl, shortest, longest, counts, unknowns, totals, vessels, slots, law, states, spaces, nodes, ends, valves, beds, bed_work,
    tracers, drive, work, blood,
):  # fmt: skip
    """Advance all unknowns from t to t_end. Returns (time reached, status); counts: steps, nodes solved by bracketing, steps with limited fluxes."""
    _velocities(unknowns, work)
    mass, b = work.mass, slots.stretch[TABLE]
    e = min(slots.stretch[BLENDED + 1], mass.size - 1)
    while t < t_end:
        sample(t, drive)
        choose_states(vessels, states, spaces, slots, law, drive.now)
        law_of_cells(unknowns.A, work, slots, law, blood.rho)
        brake(work.r, unknowns.A, work.u, work.friction)
        vessel_volumes(unknowns.A, slots.width, spaces)
        dt = _largest_step(cfl, longest, unknowns, vessels, slots, spaces, drive, work, blood.rho)
        if not dt >= shortest:
            return t, TOO_SMALL
        steps = np.ceil((t_end - t) / dt)
        dt = (t_end - t) / steps
        sample(t + 0.5 * dt, drive)
        set_outer(vessels, slots, spaces, drive, work, blood)
        spread_before(unknowns, vessels, slots, ends, work, dt)
        _fluxes(unknowns, totals, counts, vessels, slots, law, spaces, nodes, ends, valves, beds, bed_work, drive, work, blood, dt)
        if tracers.node_signal.shape[0] > 0:
            carry(unknowns, totals, vessels, nodes, tracers, ends, beds, bed_work, drive, work, slots.inv_dx, dt)
        if e > b:
            turn_friction(mass[b:e], mass[b + 1 : e + 1], slots.inv_dx[b:e], work.bend[b:e], work.friction[b:e], dt)
        good = update(unknowns, totals, work, slots.inv_dx, dt)
        spread_after(unknowns, vessels, slots, ends, work, dt)
        fill_beds(unknowns.V, totals, drive, beds, bed_work, dt)
        good &= finite(drive.now) and finite(drive.w) and finite(unknowns.head) and finite(totals.source) and finite(unknowns.V)
        counts[0] += 1
        t = t_end if steps <= 1.0 else t + dt
        if not good:
            return t, NOT_FINITE
    return t, DONE
