"""Signals in time, compartment pressures, and the outer pressure p_ext + ρgz of every cell."""

from __future__ import annotations

import numpy as np

from calfpump.flow.compiled import kernel


@kernel
def sample(t, drive):  # type: ignore[no-untyped-def]
    """All signals and the posture at time t, linear between samples, constant beyond them."""
    times = drive.t
    k = drive.index[0]
    while k > 0 and t < times[k]:
        k -= 1
    while k < times.size - 2 and t >= times[k + 1]:
        k += 1
    drive.index[0] = k
    x = min(max((t - times[k]) / (times[k + 1] - times[k]), 0.0), 1.0)
    for j in range(drive.now.size):
        low = drive.values[k, j]
        drive.now[j] = low + x * (drive.values[k + 1, j] - low)
    for j in range(drive.w.size):
        low = drive.posture[k, j]
        drive.w[j] = low + x * (drive.posture[k + 1, j] - low)


@kernel
def law_pressure(c, s, ratio, spaces):  # type: ignore[no-untyped-def]
    """p_c and ∂p_c/∂ratio of compartment c: linear in s (constant beyond the table) and in ratio (last slope beyond it)."""
    n_s, n_r = spaces.n_s[c], spaces.n_ratio[c]
    k = 0
    while k < n_s - 2 and s > spaces.s[c, k + 1]:
        k += 1
    x = 0.0
    if n_s > 1:
        x = min(max((s - spaces.s[c, k]) / (spaces.s[c, k + 1] - spaces.s[c, k]), 0.0), 1.0)
    upper = min(k + 1, n_s - 1)
    j = 0
    while j < n_r - 2 and ratio > spaces.ratio[c, j + 1]:
        j += 1
    width = spaces.ratio[c, j + 1] - spaces.ratio[c, j]
    y = (ratio - spaces.ratio[c, j]) / width
    left = spaces.p[c, k, j] + x * (spaces.p[c, upper, j] - spaces.p[c, k, j])
    right = spaces.p[c, k, j + 1] + x * (spaces.p[c, upper, j + 1] - spaces.p[c, k, j + 1])
    return left + y * (right - left), (right - left) / width


@kernel
def compartment_pressure(c, spaces, now):  # type: ignore[no-untyped-def]
    """p_c and its slope at the present signals and the volume spaces.V[c] of the compartment's vessels."""
    p, slope = 0.0, 0.0
    if spaces.has_law[c]:
        s = now[spaces.activation[c]] if spaces.activation[c] >= 0 else 0.0
        ratio = spaces.V[c] / spaces.V0[c] if spaces.V0[c] > 0.0 else 1.0
        p, slope = law_pressure(c, s, ratio, spaces)
    if spaces.external[c] >= 0:
        p += now[spaces.external[c]]
    return p, max(slope, 0.0)


@kernel
def vessel_volumes(A, vessels, width, V):  # type: ignore[no-untyped-def]
    """Volume of the vessels in each compartment."""
    begin, end, compartment = vessels.begin, vessels.end, vessels.compartment
    V[:] = 0.0
    for v in range(begin.size):
        c = compartment[v]
        if c >= 0:
            total = 0.0
            for i in range(begin[v], end[v]):
                total += A[i]
            V[c] += total * width[begin[v]]


@kernel
def set_outer(vessels, slots, spaces, drive, work, blood):  # type: ignore[no-untyped-def]
    """p_c of every compartment and p_ext + ρgz of every slot, at the signals' present samples."""
    for c in range(spaces.V0.size):
        spaces.p_now[c], spaces.slope[c] = compartment_pressure(c, spaces, drive.now)
    moved = False
    for s in range(drive.w.size):
        if drive.w[s] != drive.w_of_heights[s]:
            moved = True
    if moved:
        for i in range(work.gravity.size):
            z = 0.0
            for s in range(drive.w.size):
                z += slots.height[i, s] * drive.w[s]
            work.gravity[i] = blood.rho * blood.g * z
        drive.w_of_heights[:] = drive.w
    outer, gravity, p_out, vessel = work.outer, work.gravity, vessels.p_out, slots.vessel
    compartment, external, p_now, now = vessels.compartment, vessels.external, spaces.p_now, drive.now
    for v in range(p_out.size):
        p = p_now[compartment[v]] if compartment[v] >= 0 else 0.0
        if external[v] >= 0:
            p += now[external[v]]
        p_out[v] = p
    for i in range(outer.size):
        outer[i] = p_out[vessel[i]] + gravity[i]


@kernel
def add_admittance(vessels, A, speed, spaces, rho):  # type: ignore[no-untyped-def]
    """Σ A/(ρc) over the vessel ends of each compartment: how fast the compartment empties through them."""
    admittance, begin, end, compartment = spaces.admittance, vessels.begin, vessels.end, vessels.compartment
    admittance[:] = 0.0
    for v in range(begin.size):
        c = compartment[v]
        if c >= 0:
            i, j = begin[v], end[v] - 1
            admittance[c] += (A[i] / speed[i] + A[j] / speed[j]) / rho
