"""Passive tracers: the share φ of the blood that is marked, ∂(Aφ)/∂t + ∂(Qφ)/∂x = 0.

Carried by the mass fluxes of the flow itself, after them and before the new areas: what is marked is conserved as the blood is, to round-off,
and 0 ≤ φ ≤ 1 stays so. Upwind with limited slopes (the monotonized central limiter of van Leer 1977, J Comput Phys 23:276) over the *volume* of a
cell: a face lets through the exact mean of the part of the profile that leaves in the step, so that second order and the bounds hold
together however much of a cell is squeezed out to both sides. The first and last cell of a vessel are well mixed, nodes mix what flows into
them at once, beds are stirred reservoirs. Molecular and Taylor's dispersion are left out: φ is the mean over the lumen.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.arrays import BED_IN, BED_OUT, LOAD, STAR_Q
from calfpump.flow.compiled import kernel


@kernel
def _limited(left, right):
    """Monotonized central slope from the jumps to both neighbours."""
    least = min(abs(left), abs(right))
    return (np.copysign(0.5, left) + np.copysign(0.5, right)) * min(2.0 * least, 0.5 * abs(left + right))


@kernel
def _carried(begin, end, A, phi, mass, inv_dx, flux, dt):
    """Marked volume per time through the inner faces of one vessel, at the ends that of the cells that flow out."""
    slope_left = 0.0
    for i in range(begin, end):
        last = i == end - 1
        slope = 0.0 if i == begin or last else _limited(phi[i] - phi[i - 1], phi[i + 1] - phi[i])
        if i > begin:
            m = mass[i]
            if m >= 0.0:
                share = m * dt * inv_dx[i - 1] / A[i - 1]
                flux[i] = m * (phi[i - 1] + 0.5 * (1.0 - share) * slope_left)
            else:
                share = -m * dt * inv_dx[i] / A[i]
                flux[i] = m * (phi[i] - 0.5 * (1.0 - share) * slope)
        slope_left = slope
    flux[begin] = min(mass[begin], 0.0) * phi[begin]
    flux[end] = max(mass[end], 0.0) * phi[end - 1]


@kernel
def _mixed(k, n, unknowns, totals, vessels, nodes, tracers, ends, beds, bed_work, flux, now, dt):
    """Mix at node n; the marked flow into vessels and beds at their ends."""
    node_ends, node_beds = nodes.ends, nodes.beds
    given, marked, net = 0.0, 0.0, 0.0
    signal = tracers.node_signal[k, n]
    outside = now[signal] if signal >= 0 else 0.0
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        q = ends[STAR_Q, e]
        net += q
        if q < 0.0:
            given -= q
            marked += abs(flux[vessels.begin[e // 2] if e % 2 == 0 else vessels.end[e // 2]])
    for j in range(1, node_beds[n, 0] + 1):
        b = node_beds[n, j]
        q = bed_work[b, BED_OUT]
        net -= q
        if q > 0.0:
            given += q
            marked += q * (outside if beds.kind[b] == LOAD else tracers.bed_phi[b])
    if net > 0.0:
        given += net
        marked += net * outside
    mixed = marked / given if given > 0.0 else 0.0
    totals.marked_in[k] += dt * net * (outside if net > 0.0 else mixed)
    for j in range(1, node_ends[n, 0] + 1):
        e = node_ends[n, j]
        q = ends[STAR_Q, e]
        if q > 0.0 and e % 2 == 0:
            flux[vessels.begin[e // 2]] = q * mixed
        elif q > 0.0:
            flux[vessels.end[e // 2]] = -q * mixed
    for j in range(1, node_beds[n, 0] + 1):
        b = node_beds[n, j]
        q = bed_work[b, BED_OUT]
        if beds.kind[b] == LOAD:
            totals.marked_in[k] += dt * q * (outside if q > 0.0 else mixed)
        else:
            unknowns.marked_bed[k, b] -= dt * q * (tracers.bed_phi[b] if q > 0.0 else mixed)


@kernel
def carry(unknowns, totals, vessels, nodes, tracers, ends, beds, bed_work, drive, work, inv_dx, dt):
    """Advance the marked areas Aφ of all cells and volumes Vφ of all beds by one step, with the fluxes of the step and the areas before it."""
    A, mass, phi, flux, now, bed_phi = unknowns.A, work.mass, tracers.phi, tracers.flux, drive.now, tracers.bed_phi
    for k in range(tracers.node_signal.shape[0]):
        marked, marked_bed = unknowns.marked[k], unknowns.marked_bed[k]
        for i in range(A.size):
            phi[i] = marked[i] / A[i]
        for v in range(vessels.begin.size):
            _carried(vessels.begin[v], vessels.end[v], A, phi, mass, inv_dx, flux, dt)
        for b in range(marked_bed.size):
            if beds.kind[b] != LOAD:
                signal = tracers.bed_signal[k, b]
                gained = dt * bed_work[b, BED_IN] * (now[signal] if signal >= 0 else 0.0)
                # stirred: what flows out has the share of the middle of the step
                bed_phi[b] = (marked_bed[b] + 0.5 * gained) / (unknowns.V[b] + 0.5 * dt * bed_work[b, BED_IN])
                marked_bed[b] += gained
                totals.marked_in[k] += gained
        for n in range(nodes.kind.size):
            _mixed(k, n, unknowns, totals, vessels, nodes, tracers, ends, beds, bed_work, flux, now, dt)
        for v in range(vessels.begin.size):
            for i in range(vessels.begin[v], vessels.end[v]):
                marked[i] -= dt * inv_dx[i] * (flux[i + 1] - flux[i])
