"""Tube laws resampled for the flow kernel: cubic rows, uniform in r = √α, with B = ∫ A dψ/ρ in closed form.

Within a row r = h (k + t), 0 ≤ t < 1, the transmural pressure is a cubic ψ(t), and since α = r²

    b(t) = ∫ α dψ = ∫ h² (k + t)² ψ'(t) dt

is a quintic of the same coefficients, so that b' = α ψ' holds to round-off: what the well-balanced flux needs. Shape factor of the
lumen's friction: g = G/A² (1/8π for a circle), linear within a row. A row is one cache line.

Below the table the law goes on as that of a flattened tube in line contact, α ∝ p^(−2/3) (Flaherty, Keller & Rubinow 1972), matched in
value and slope; above it by its last tangent in α. Below r = ``TAIL_R`` the similarity law is evaluated in closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.law.algebraic import AlgebraicLaw
from calfpump.law.tube_law import TubeLaw

Array = NDArray[np.floating[Any]]

ROWS = 1024
#: α = 4.2 at the last row; a law that is known further gets a longer table, whose last row always lies on the tangent.
LAST_R = 2.05
TAIL_R = 0.05
CIRCLE = 1.0 / (8.0 * np.pi)
#: columns of a row: the cubic ψ (4), b at its beginning, g (2), one spare
COLUMNS = 8
#: the same for kernels, which index a row in a flat array; unsigned, so that no index is asked whether it counts from the end
WIDTH, C1, C2, C3, B0, G0, G1 = np.uint64(COLUMNS), np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4), np.uint64(5), np.uint64(6)
#: least slope dψ/dα [Pa]: where a law is flatter (the envelope over a snap) the wave speed stays above √(α/ρ) ≈ .03 m/s
LEAST_SLOPE = 1.0
#: largest nodal slope over the neighbouring secants: 3 keeps a cubic monotone (Fritsch & Carlson 1980), 2 keeps half the secant's slope inside
STEEPEST = 2.0


@dataclass(frozen=True)
class KernelTable:
    """One law for the kernel; all activation states share the grid.

    ``s`` (k,) shortening of each state; ``rows`` (k, ROWS, 8); ``tail`` (k, 3): ψ and b at TAIL_R, and C of the similarity law
    ψ = ψ_tail + C (TAIL_R⁻³ − r⁻³); ``inv_h`` rows per unit of r.
    """

    s: Array
    rows: Array
    tail: Array
    inv_h: float


def kernel_table(law: TubeLaw | AlgebraicLaw) -> KernelTable:
    """Resample ``law`` for the kernel.

    Raises
    ------
    ValueError
        The law is not finite or does not rise with α.
    """
    if isinstance(law, AlgebraicLaw):
        return _from_algebraic(law)
    _check(law)
    last_r = max(LAST_R, 1.01 * float(np.sqrt(law.alpha[-1])))
    r = np.linspace(0.0, last_r, ROWS + 1)
    x = np.sqrt(law.alpha)
    states = []
    for k in range(law.s.size):
        psi, slope = _extended(x, _risen(law.alpha, law.f[k]), r)
        g = np.interp(r, x, law.G[k] / (law.alpha * law.A0) ** 2)
        states.append(_rows(r, psi, slope, g))
    return KernelTable(
        s=np.asarray(law.s, float), rows=np.stack([s[0] for s in states]), tail=np.stack([s[1] for s in states]), inv_h=ROWS / last_r
    )


def reservoir_table() -> KernelTable:
    """Venules behind a capillary bed, in units of V0/C: f = v − 1 above v = V/V0 = 1, and (1 − v^(−3/2))/1.5 below.

    Constant compliance C while filled, collapse as a flattened tube when empty, value and slope continuous.
    """
    r = np.linspace(0.0, LAST_R, ROWS + 1)
    safe = np.maximum(r, 1e-3)
    psi = np.where(r >= 1.0, r**2 - 1.0, (1.0 - safe**-3) / 1.5)
    slope = np.where(r >= 1.0, 2.0 * r, 2.0 * safe**-4)
    rows, tail = _rows(r, psi, slope, np.full(r.size, CIRCLE))
    return KernelTable(s=np.zeros(1), rows=rows[None], tail=tail[None], inv_h=ROWS / LAST_R)


def _from_algebraic(law: AlgebraicLaw) -> KernelTable:
    r = np.linspace(0.0, LAST_R, ROWS + 1)
    alpha = np.maximum(r, 1e-3) ** 2
    rows, tail = _rows(r, law.pressure(alpha), 2.0 * np.sqrt(alpha) * law.slope(alpha), np.full(r.size, CIRCLE))
    return KernelTable(s=np.zeros(1), rows=rows[None], tail=tail[None], inv_h=ROWS / LAST_R)


def _check(law: TubeLaw) -> None:
    for name in ("alpha", "f", "G"):
        if not np.all(np.isfinite(getattr(law, name))):
            raise ValueError(f"the law of '{law.name}' holds values of {name} that are not finite")
    if law.alpha.ndim != 1 or law.alpha.size < 2 or law.alpha[0] <= 0 or np.any(np.diff(law.alpha) <= 0):
        raise ValueError(f"the law of '{law.name}' needs at least two values of alpha, positive and increasing")
    if law.f.shape != (law.s.size, law.alpha.size) or law.G.shape != law.f.shape:
        raise ValueError(f"the law of '{law.name}': f {law.f.shape} and G {law.G.shape} do not fit s {law.s.shape} and alpha {law.alpha.shape}")
    if np.any(np.diff(law.s) <= 0):
        raise ValueError(f"the law of '{law.name}' needs increasing values of s")
    falling = np.argwhere(np.diff(law.f, axis=1) <= 0)
    if falling.size:
        state, k = falling[0]
        raise ValueError(f"the law of '{law.name}' does not rise with alpha near α = {law.alpha[k]:.3f} at s = {law.s[state]:g}")


def _risen(alpha: Array, f: Array) -> Array:
    """f with every step at least as steep as LEAST_SLOPE, unchanged at the point nearest to α = 1."""
    risen = np.concatenate([[0.0], np.cumsum(np.maximum(np.diff(f), LEAST_SLOPE * np.diff(alpha)))])
    k = int(np.argmin(np.abs(alpha - 1.0)))
    return np.asarray(f[k] + risen - risen[k])


def _extended(x: Array, f: Array, r: Array) -> tuple[Array, Array]:
    """ψ and dψ/dr on the grid r of the law f(x), x = √α, with its two extensions."""
    slope = monotone_slopes(x, f)
    psi, dpsi = _hermite(x, f, slope, np.clip(r, x[0], x[-1]))
    C = slope[0] * x[0] ** 4 / 3.0
    low = np.maximum(r, 1e-3)
    below, above = r < x[0], r > x[-1]
    psi = np.where(below, f[0] + C * (x[0] ** -3 - low**-3), psi)
    dpsi = np.where(below, 3.0 * C * low**-4, dpsi)
    tangent = slope[-1] / (2.0 * x[-1])
    psi = np.where(above, f[-1] + tangent * (r**2 - x[-1] ** 2), psi)
    dpsi = np.where(above, 2.0 * r * tangent, dpsi)
    return psi, dpsi


def monotone_slopes(x: Array, y: Array) -> Array:
    """Slopes of the monotone cubic through (x, y): weighted harmonic means (Fritsch & Butland 1984, SIAM J Sci Stat Comput 5:300)."""
    h, d = np.diff(x), np.diff(y) / np.diff(x)
    slope = np.empty_like(y)
    slope[0], slope[-1] = d[0], d[-1]
    if y.size > 2:
        w1, w2 = 2.0 * h[1:] + h[:-1], h[1:] + 2.0 * h[:-1]
        same = d[1:] * d[:-1] > 0
        safe0, safe1 = np.where(same, d[:-1], 1.0), np.where(same, d[1:], 1.0)
        slope[1:-1] = np.where(same, np.minimum((w1 + w2) / (w1 / safe0 + w2 / safe1), STEEPEST * np.minimum(safe0, safe1)), 0.0)
        slope[0] = _end_slope(h[0], h[1], d[0], d[1])
        slope[-1] = _end_slope(h[-1], h[-2], d[-1], d[-2])
    return slope


def _end_slope(h0: float, h1: float, d0: float, d1: float) -> float:
    """Three-point slope at the end of the data, kept within the monotone region."""
    slope = ((2.0 * h0 + h1) * d0 - h0 * d1) / (h0 + h1)
    low, high = (0.2 * d0, STEEPEST * d0) if d0 > 0 else (STEEPEST * d0, 0.2 * d0)
    return float(np.clip(slope, low, high))


def _hermite(x: Array, y: Array, m: Array, at: Array) -> tuple[Array, Array]:
    k = np.clip(np.searchsorted(x, at, side="right") - 1, 0, x.size - 2)
    h = x[k + 1] - x[k]
    t, d = (at - x[k]) / h, (y[k + 1] - y[k]) / h
    c2, c3 = 3.0 * d - 2.0 * m[k] - m[k + 1], m[k] + m[k + 1] - 2.0 * d
    return y[k] + h * t * (m[k] + t * (c2 + t * c3)), m[k] + t * (2.0 * c2 + 3.0 * t * c3)


def _rows(r: Array, psi: Array, slope: Array, g: Array) -> tuple[Array, Array]:
    """Rows (n, 8) and tail (3,) from nodal ψ, dψ/dr and g; slopes are held within the monotone region of each row."""
    n, h = r.size - 1, r[1] - r[0]
    d = np.diff(psi) / h
    slope = np.minimum(slope, STEEPEST * np.minimum(np.append(d, np.inf), np.insert(d, 0, np.inf)).clip(min=0.0))
    c0, c1 = psi[:-1], h * slope[:-1]
    step, c1_next = np.diff(psi), h * slope[1:]
    c2, c3 = 3.0 * step - 2.0 * c1 - c1_next, c1 + c1_next - 2.0 * step
    k = np.arange(n, dtype=float)
    # the last row goes on for ever, so it must rise for ever: by its first tangent in α
    c2[-1], c3[-1] = 0.5 * c1[-1] / k[-1], 0.0
    steps = h**2 * _inner_b(k, 1.0, c1, c2, c3)
    tail_k = int(TAIL_R / h) + 1
    steps[: tail_k - 1] = 0.0
    b0 = np.concatenate([[0.0], np.cumsum(steps)[:-1]])
    zero = int(np.clip(np.searchsorted(psi, 0.0), tail_k, n - 1))
    b0 -= b0[zero]
    rows = np.column_stack([c0, c1, c2, c3, b0, g[:-1], np.diff(g), np.zeros(n)])
    return rows, _tail(rows, h)


def _inner_b(k: Array | int, t: float, c1: Array, c2: Array, c3: Array) -> Array:
    """∫₀ᵗ (k + t)² ψ' dt of the cubic ψ, in closed form."""
    inside = t * (c1 + t * (c2 + t * c3))
    return np.asarray(k**2 * inside + t * t * (k * (c1 + t * (4.0 / 3.0 * c2 + 1.5 * t * c3)) + t * (c1 / 3.0 + t * (0.5 * c2 + 0.6 * t * c3))))


def _tail(rows: Array, h: float) -> Array:
    """ψ, b and C at TAIL_R, so that value and slope of ψ, and b, go on without a step."""
    k = int(TAIL_R / h)
    t = TAIL_R / h - k
    c = rows[k]
    psi = c[0] + t * (c[1] + t * (c[2] + t * c[3]))
    slope = (c[1] + t * (2.0 * c[2] + 3.0 * t * c[3])) / h
    value = c[4] + h**2 * float(_inner_b(k, t, c[1], c[2], c[3]))
    return np.array([psi, value, max(slope, 0.0) * TAIL_R**4 / 3.0])
