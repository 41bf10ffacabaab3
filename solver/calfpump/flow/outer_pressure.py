"""Signals in time, compartment pressures, and the outer pressure p_ext + ρgz of every cell."""

from __future__ import annotations

from calfpump.flow.compiled import kernel


@kernel
def sample(t, drive):
    """All signals and the posture at time t, linear between samples, constant beyond them."""
    times = drive.t
    k = drive.place[0]
    while k > 0 and t < times[k]:
        k -= 1
    while k < times.size - 2 and t >= times[k + 1]:
        k += 1
    drive.place[0] = k
    x = min(max((t - times[k]) / (times[k + 1] - times[k]), 0.0), 1.0)
    for j in range(drive.now.size):
        low = drive.values[k, j]
        drive.now[j] = low + x * (drive.values[k + 1, j] - low)
    for j in range(drive.w.size):
        low = drive.posture[k, j]
        drive.w[j] = low + x * (drive.posture[k + 1, j] - low)


@kernel
def law_pressure(c, s, ratio, spaces):
    """p_c and ∂p_c/∂ratio of compartment c, bilinear as in `CompartmentLaw`: constant beyond the ratios, last slope above the shortenings."""
    n_s, n_r = spaces.n_s[c], spaces.n_ratio[c]
    axis, knots, p = spaces.s[c], spaces.ratio[c], spaces.p[c]
    k = 0
    while k < n_s - 2 and s > axis[k + 1]:
        k += 1
    upper = min(k + 1, n_s - 1)
    x = (max(s, axis[0]) - axis[k]) / (axis[upper] - axis[k]) if upper > k else 0.0
    j = 0
    while j < n_r - 2 and ratio > knots[j + 1]:
        j += 1
    right = min(j + 1, n_r - 1)
    low = p[k, j] + x * (p[upper, j] - p[k, j])
    high = p[k, right] + x * (p[upper, right] - p[k, right])
    if ratio <= knots[0] or right == j:
        return low, 0.0
    if ratio >= knots[n_r - 1]:
        return high, 0.0
    slope = (high - low) / (knots[right] - knots[j])
    return low + (ratio - knots[j]) * slope, slope


@kernel
def compartment_pressure(c, spaces, now):
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
def vessel_volumes(A, width, spaces):
    """Volume of the vessels in each compartment."""
    spaces.V[:] = 0.0
    for k in range(spaces.run_space.size):
        b, e = spaces.run_begin[k], spaces.run_end[k]
        spaces.V[spaces.run_space[k]] += _volume(A[b:e], width[b:e])


@kernel
def _volume(A, width):
    total = 0.0
    for i in range(A.size):
        total += A[i] * width[i]
    return total


@kernel
def height_of(n, height, w):
    """z of row n of ``height`` at the posture w."""
    z = 0.0
    for s in range(w.size):
        z += height[n, s] * w[s]
    return z


@kernel
def _set_gravity(vessels, slots, drive, work, rho_g):
    """ρgz of every slot at the present posture, and half its jump from cell to cell."""
    for s in range(drive.w.size):
        drive.w_of_heights[s] = drive.w[s]
    gravity, lean, height, w = work.gravity, work.lean, slots.height, drive.w
    for i in range(gravity.size):
        gravity[i] = rho_g * height_of(i, height, w)
    for v in range(vessels.begin.size):
        b, e = vessels.begin[v], vessels.end[v]
        for i in range(b, e):
            left, right = max(i - 1, b), min(i + 1, e - 1)
            lean[i] = 0.5 * (gravity[right] - gravity[left]) / max(right - left, 1)


@kernel
def set_outer(vessels, slots, spaces, drive, work, blood):
    """p_c of every compartment and p_ext + ρgz of every slot, at the signals' present samples."""
    for c in range(spaces.V0.size):
        spaces.p_now[c], spaces.slope[c] = compartment_pressure(c, spaces, drive.now)
    moved = False
    for s in range(drive.w.size):
        if drive.w[s] != drive.w_of_heights[s]:
            moved = True
    if moved:
        _set_gravity(vessels, slots, drive, work, blood.rho * blood.g)
    outer, gravity, p_out, vessel = work.outer, work.gravity, vessels.p_out, slots.vessel
    compartment, external, p_now, now = vessels.compartment, vessels.external, spaces.p_now, drive.now
    for v in range(p_out.size):
        p = p_now[compartment[v]] if compartment[v] >= 0 else 0.0
        if external[v] >= 0:
            p += now[external[v]]
        if p != p_out[v]:
            moved = True
        p_out[v] = p
    if moved:
        for i in range(outer.size):
            outer[i] = p_out[max(vessel[i], 0)] + gravity[i]


@kernel
def add_admittance(vessels, A, speed, spaces, rho):
    """Σ A/(ρc) over the vessel ends of each compartment: how fast the compartment empties through them."""
    admittance, begin, end, compartment = spaces.admittance, vessels.begin, vessels.end, vessels.compartment
    admittance[:] = 0.0
    for v in range(begin.size):
        c = compartment[v]
        if c >= 0:
            i, j = begin[v], end[v] - 1
            admittance[c] += (A[i] / speed[i] + A[j] / speed[j]) / rho
