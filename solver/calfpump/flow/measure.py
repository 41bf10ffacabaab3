"""What is read off the state at an output time, and the state of rest."""

from __future__ import annotations

from calfpump.flow.bed_flow import reservoir_pressure
from calfpump.flow.compiled import entry
from calfpump.flow.law_value import area, choose_states, value
from calfpump.flow.outer_pressure import compartment_pressure, sample, set_outer, vessel_volumes


@entry
def measure(t, unknowns, p, p_bed, p_node, grid, laws, spaces, nodes, beds, drive, work, blood):  # type: ignore[no-untyped-def]
    """Blood pressure of cells, beds and nodes and p_c of the compartments (spaces.p_now) at time t."""
    sample(t, drive)
    choose_states(laws, grid, spaces, drive.now)
    vessel_volumes(grid, unknowns.A, spaces)
    set_outer(grid, spaces, drive, work, blood)
    for v in range(grid.dx.size):
        for i in range(grid.first[v], grid.first[v + 1]):
            p[i] = value(unknowns.A[i], v, laws, blood.rho)[0] + work.outer[i] - work.gravity[i]
    for b in range(beds.V0.size):
        c = beds.compartment[b]
        p_bed[b] = (spaces.p_now[c] if c >= 0 else 0.0) + reservoir_pressure(b, unknowns.V[b], beds, laws)[0]
    for n in range(nodes.kind.size):
        z = 0.0
        for s in range(drive.w.size):
            z += nodes.height[n, s] * drive.w[s]
        p_node[n] = unknowns.head[n] - blood.rho * blood.g * z


@entry
def rest(t, total, unknowns, grid, laws, spaces, beds, drive, work, blood):  # type: ignore[no-untyped-def]
    """Write A and V of the state with Q = 0 and Π = ``total`` everywhere.

    A compartment's pressure and the volume of its vessels depend on each other: p_c falls when the vessels shrink, so that
    bisection in the volume finds the one balance.
    """
    sample(t, drive)
    choose_states(laws, grid, spaces, drive.now)
    spaces.V[:] = spaces.V0
    set_outer(grid, spaces, drive, work, blood)
    for c in range(spaces.V0.size):
        low, high = 0.0, 100.0 * spaces.V0[c]
        for _ in range(100 if spaces.has_law[c] and spaces.V0[c] > 0.0 else 0):
            V = 0.5 * (low + high)
            if V <= low or V >= high:
                break
            spaces.V[c] = V
            p_c = compartment_pressure(c, spaces, drive.now)[0]
            filled = 0.0
            for v in range(grid.dx.size):
                if grid.compartment[v] != c:
                    continue
                own = p_c + (drive.now[grid.external[v]] if grid.external[v] >= 0 else 0.0)
                for i in range(grid.first[v], grid.first[v + 1]):
                    filled += grid.dx[v] * area(total - own - work.gravity[i], v, laws, blood.rho)
            if filled > V:
                low = V
            else:
                high = V
    set_outer(grid, spaces, drive, work, blood)
    for v in range(grid.dx.size):
        for i in range(grid.first[v], grid.first[v + 1]):
            unknowns.A[i] = area(total - work.outer[i], v, laws, blood.rho)
            unknowns.Q[i] = 0.0
    for b in range(beds.V0.size):
        c = beds.compartment[b]
        z = 0.0
        for s in range(drive.w.size):
            z += beds.height[b, s] * drive.w[s]
        wanted = total - blood.rho * blood.g * z - (spaces.p_now[c] if c >= 0 else 0.0)
        low, high = 1e-8 * beds.V0[b], 1e3 * beds.V0[b]
        for _ in range(200):
            V = 0.5 * (low + high)
            if V <= low or V >= high:
                break
            if reservoir_pressure(b, V, beds, laws)[0] < wanted:
                low = V
            else:
                high = V
        unknowns.V[b] = high
