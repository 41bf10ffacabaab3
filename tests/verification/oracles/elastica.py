"""Inextensible ring under external pressure, free, in point contact and in line contact with itself: a boundary-value problem.

Mid-line of length 2π (R = 1), bending stiffness D = 1, so that pressures are in units of K_p = D/R³. Quarter 0 ≤ s ≤ π/2 from the lowest point to the
rightmost one, tangent angle θ, curvature κ = θ′, stress-free curvature κ₀(s):

    θ′ = κ,  x′ = cos θ,  y′ = sin θ,  κ′ = κ₀′ + P (x cos θ + y sin θ) − C cos θ,  a′ = 2 (x sin θ − y cos θ)

from the equilibrium of the forces, F = P (y, −x) + (0, C), and M′ = −t × F, M = κ − κ₀ (Tadjbakhsh & Odeh 1967). Two mirrors; a(π/2) is the area
within the mid-line. The lumen of a wall h thick touches where the mid-line's half gap is d = h/2, and A_lumen = A_mid − 2πd + πd² (parallel curves).
C = half the contact force at the point of contact, then at the end s_c of the flat part (Flaherty, Keller & Rubinow 1972).
Unknown parameters: P; then (P, C) with y(0) = −d; then (P, C, s_c) with κ(s_c) = 0. The area is prescribed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_bvp
from scipy.interpolate import CubicSpline

Array = NDArray[np.float64]
QUARTER = 0.5 * np.pi


@dataclass(frozen=True)
class Point:
    """One state: area ratio of the lumen, pressure P = (p_ext − p_int)/K_p, contact "free", "point" or "line"."""

    alpha: float
    pressure: float
    contact: str


@dataclass(frozen=True)
class Ring:
    """A ring of wall thickness `thickness` = h/R and stress-free axis ratio `ratio` (long axis along x)."""

    thickness: float = 0.0
    ratio: float = 1.0

    @property
    def d(self) -> float:
        return 0.5 * self.thickness

    @cached_property
    def shape(self) -> tuple[Array, Array, Array, Array]:
        """Stress-free quarter: s, θ, curvature κ₀, κ₀′."""
        k = self.ratio
        t = np.linspace(-QUARTER, 0.0, 4001)
        speed = np.hypot(k * np.sin(t), np.cos(t))
        b = QUARTER / CubicSpline(t, speed).integrate(t[0], t[-1])
        s = b * CubicSpline(t, speed).antiderivative()(t)
        kappa = k / (b * speed**3)
        slope = -3.0 * k * (k * k - 1.0) * np.sin(t) * np.cos(t) / (b * b * speed**6)
        return s, np.arctan2(np.cos(t), -k * np.sin(t)), kappa, slope

    @cached_property
    def half_axis(self) -> float:
        """Short half axis b of the stress-free mid-line."""
        t = np.linspace(0.0, QUARTER, 4001)
        return float(QUARTER / CubicSpline(t, np.hypot(self.ratio * np.sin(t), np.cos(t))).integrate(0.0, QUARTER))

    def lumen(self, area: float) -> float:
        """Area of the lumen for the area within the mid-line."""
        return area - 2.0 * np.pi * self.d + np.pi * self.d**2

    @property
    def lumen0(self) -> float:
        return self.lumen(np.pi * self.ratio * self.half_axis**2)

    def march(self, alphas: Sequence[float]) -> list[Point]:
        """Pressures at falling area ratios of the lumen, each computed for itself, with steps between for the guesses."""
        solver = _Quarter(self)
        return [solver.at(alpha) for alpha in alphas]


class _Quarter:
    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        s, theta, kappa, slope = ring.shape
        self.slope = CubicSpline(s, slope)
        self.t = np.linspace(0.0, 1.0, 61)
        bend = 0.05 if ring.ratio == 1.0 else 0.0
        angle = np.interp(QUARTER * self.t, s, theta) - bend * np.sin(2.0 * QUARTER * self.t)
        x = _cumulative(np.cos(angle))
        y = _cumulative(np.sin(angle))
        curvature = np.interp(QUARTER * self.t, s, kappa) - 2.0 * bend * np.cos(2.0 * QUARTER * self.t)
        self.Y = np.vstack([angle, curvature, x, y - y[-1], np.pi * self.t])
        self.unknown = np.array([3.0 if ring.ratio == 1.0 else 0.1])
        self.contact = "free"
        self.alpha = 1.0

    def at(self, alpha: float) -> Point:
        steps = max(1, int(np.ceil((self.alpha - alpha) / 0.05)), int(np.ceil(np.log(self.alpha / alpha) / 0.12)))
        for target in np.geomspace(self.alpha, alpha, steps + 1)[1:]:
            self._solve(float(target))
        return Point(alpha, float(self.unknown[0]), self.contact)

    def _solve(self, alpha: float) -> None:
        area = alpha * self.ring.lumen0 + 2.0 * np.pi * self.ring.d - np.pi * self.ring.d**2
        self._try(area)
        if self.contact == "free" and self.Y[3, 0] > -self.ring.d:
            self.contact, self.unknown = "point", np.append(self.unknown, 0.0)
            self._try(area)
        if self.contact == "point" and self.Y[1, 0] > 0.0:
            self.contact, self.unknown = "line", np.append(self.unknown, 1e-2)
            self._try(area)
        self.alpha = alpha

    def _try(self, area: float) -> None:
        d, contact = self.ring.d, self.contact

        def parts(q: Array) -> tuple[float, float, float]:
            return q[0], q[1] if len(q) > 1 else 0.0, q[2] if len(q) > 2 else 0.0

        def slopes(t: Array, Y: Array, q: Array) -> Array:
            P, C, start = parts(q)
            theta, kappa, x, y, _ = Y
            s = start + t * (QUARTER - start)
            cos, sin = np.cos(theta), np.sin(theta)
            bending = self.slope(s) + P * (x * cos + y * sin) - C * cos
            return (QUARTER - start) * np.vstack([kappa, bending, cos, sin, 2.0 * (x * sin - y * cos)])

        def ends(Y0: Array, Y1: Array, q: Array) -> Array:
            _, _, start = parts(q)
            conditions = [Y0[0], Y0[2] - start, Y0[4] - 2.0 * d * start, Y1[0] - QUARTER, Y1[3], Y1[4] - area]
            if contact != "free":
                conditions.append(Y0[3] + d)
            if contact == "line":
                conditions.append(Y0[1])
            return np.array(conditions)

        solution = solve_bvp(slopes, ends, self.t, self.Y, p=self.unknown, tol=1e-5, max_nodes=20000)
        if not solution.success:
            raise RuntimeError(f"elastica at mid-line area {area:.4g}, {contact}: {solution.message}")
        self.Y, self.unknown = solution.sol(self.t), solution.p


def _cumulative(f: Array) -> Array:
    step = QUARTER / (len(f) - 1)
    return np.concatenate([[0.0], np.cumsum(0.5 * step * (f[1:] + f[:-1]))])
