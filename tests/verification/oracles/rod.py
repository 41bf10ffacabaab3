"""The ring of `elastica` with a wall of incompressible neo-Hookean material: a rod that bends, stretches and shears (Reissner 1972).

Across the wall a fibre at the stress-free distance Z from the mid-line comes to lie at ζ; no volume changes (Rivlin's flexure, 1949):

    e ζ + ½κζ² = Z + ½κ₀Z²,   hoop stretch λ = (e + κζ)/(1 + κ₀Z),   W(e, κ) = ∫ ½μ(λ² + λ⁻² − 2)(1 + κ₀Z) dZ

with e the stretch of the mid-line and κ = dθ/dS; N = ∂W/∂e, M = ∂W/∂κ, shear γ = V/(⅚μh). Forces on the mid-line as in `elastica`, F = P (y, −x) + (0, C):

    θ′ = κ,  x′ = e t + γ n,  M′ = −x′ × F,  N = F·t,  V = F·n,  a′ = 2 x × x′

The area between mid-line and lumen stays 2πd − πd² exactly, and the walls touch where the half gap is ζ(−d). For a thin wall this is the elastica; at
h/R = .1 it differs by 1 % free and 10 % at α = .06, where the folds' curvature is no longer small beside 1/h. What it leaves out is the radial stress.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from oracles.elastica import QUARTER, Point, Ring
from scipy.integrate import solve_bvp
from scipy.interpolate import CubicSpline

Array = NDArray[np.float64]
GAUSS = np.polynomial.legendre.leggauss(6)


class Section:
    """Response (N, M) of a wall of thickness h = 2d with E′h³/12 = 1, i.e. μ = 3/h³, to (e, κ) at natural curvature κ₀."""

    def __init__(self, d: float) -> None:
        self.d = d
        self.mu = 3.0 / (2.0 * d) ** 3
        self.shear = 5.0 / 6.0 * self.mu * 2.0 * d
        self.Z = d * GAUSS[0][:, None]
        self.weight = d * GAUSS[1][:, None]

    def place(self, e: Array, kappa: Array, kappa0: Array, Z: Array) -> Array:
        """ζ of the fibre Z."""
        q = Z + 0.5 * kappa0 * Z**2
        return 2.0 * q / (e + np.sqrt(e * e + 2.0 * kappa * q))

    def forces(self, e: Array, kappa: Array, kappa0: Array) -> tuple[Array, Array]:
        """N and M."""
        g = 1.0 + kappa0 * self.Z
        zeta = self.place(e, kappa, kappa0, self.Z)
        stretch = (e + kappa * zeta) / g
        by_e = 1.0 / (e + kappa * zeta) * e / g  # (1 + κ ∂ζ/∂e)/g with ∂ζ/∂e = −ζ/(e + κζ)
        by_kappa = zeta * (e + 0.5 * kappa * zeta) / (e + kappa * zeta) / g
        stress = self.mu * (stretch - stretch**-3) * g * self.weight
        return (stress * by_e).sum(axis=0), (stress * by_kappa).sum(axis=0)

    def deformation(self, N: Array, M: Array, kappa0: Array) -> tuple[Array, Array]:
        """(e, κ) under (N, M), by Newton with derivatives by complex steps."""
        e, kappa = 1.0 + 0.0 * N, kappa0 + M
        for _ in range(50):
            n, m = self.forces(e, kappa, kappa0)
            n_e, m_e = (f.imag / 1e-30 for f in self.forces(e + 1e-30j, kappa + 0j, kappa0))
            n_k, m_k = (f.imag / 1e-30 for f in self.forces(e + 0j, kappa + 1e-30j, kappa0))
            det = n_e * m_k - n_k * m_e
            de, dk = ((N - n) * m_k - (M - m) * n_k) / det, ((M - m) * n_e - (N - n) * m_e) / det
            part = np.minimum(1.0, 0.2 / self.d / np.maximum(np.abs(dk), 1e-30))
            e, kappa = e + part * de, kappa + part * dk
            if np.max(np.abs(de)) + self.d * np.max(np.abs(dk)) < 1e-10:
                return e, kappa
        raise RuntimeError("the wall's deformation was not found")


def march(ring: Ring, alphas: Sequence[float]) -> list[Point]:
    """Pressures at falling area ratios of the lumen, as `Ring.march`."""
    solver = _Quarter(ring)
    return [solver.at(alpha) for alpha in alphas]


def outlines(ring: Ring, alphas: Sequence[float]) -> list[tuple[Array, Array]]:
    """Mid-line of the lower right quarter at each of the area ratios, flat part and all."""
    solver, found = _Quarter(ring), []
    for alpha in alphas:
        solver.at(alpha)
        _, _, x, y, _ = solver.Y
        found.append((np.concatenate([[0.0], x]), np.concatenate([y[:1], y])))
    return found


class _Quarter:
    def __init__(self, ring: Ring) -> None:
        self.ring = ring
        self.section = Section(ring.d)
        s, theta, kappa, _ = ring.shape
        self.natural = CubicSpline(s, kappa)
        self.t = np.linspace(0.0, 1.0, 61)
        S = QUARTER * self.t
        bend = 0.05 if ring.ratio == 1.0 else 0.0
        angle = np.interp(S, s, theta) - bend * np.sin(2.0 * S)
        x, y = (np.concatenate([[0.0], np.cumsum(0.5 * S[1] * (f[1:] + f[:-1]))]) for f in (np.cos(angle), np.sin(angle)))
        self.Y = np.vstack([angle, -2.0 * bend * np.cos(2.0 * S), x, y - y[-1], np.pi * self.t])
        self.unknown = np.array([3.0 if ring.ratio == 1.0 else 0.1])
        self.contact, self.alpha = "free", 1.0

    def at(self, alpha: float) -> Point:
        steps = max(1, int(np.ceil((self.alpha - alpha) / 0.1)), int(np.ceil(np.log(self.alpha / alpha) / 0.25)))
        for target in np.geomspace(self.alpha, alpha, steps + 1)[1:]:
            self._solve(float(target))
        return Point(alpha, float(self.unknown[0]), self.contact)

    def _solve(self, alpha: float) -> None:
        area = alpha * self.ring.lumen0 + 2.0 * np.pi * self.ring.d - np.pi * self.ring.d**2
        self._try(area)
        _, kappa, _, gap = self._at(self.Y[:, :1], self.unknown, self._start(self.unknown) + 0.0 * self.t[:1])
        if self.contact == "free" and self.Y[3, 0] > -gap[0]:
            self.contact, self.unknown = "point", np.append(self.unknown, 0.0)
            self._try(area)
            _, kappa, _, gap = self._at(self.Y[:, :1], self.unknown, 0.0 * self.t[:1])
        if self.contact == "point" and kappa[0] > 0.0:
            self.contact, self.unknown = "line", np.append(self.unknown, 1e-2)
            self._try(area)
        self.alpha = alpha

    @staticmethod
    def _start(q: Array) -> float:
        return float(q[2]) if len(q) > 2 else 0.0

    def _at(self, Y: Array, q: Array, S: Array) -> tuple[Array, Array, Array, Array]:
        """e, κ, γ and half gap of the lumen."""
        C = q[1] if len(q) > 1 else 0.0
        theta, M, x, y, _ = Y
        cos, sin = np.cos(theta), np.sin(theta)
        Fx, Fy = q[0] * y, C - q[0] * x
        kappa0 = self.natural(S)
        e, kappa = self.section.deformation(Fx * cos + Fy * sin, M, kappa0)
        gap = -self.section.place(e, kappa, kappa0, np.array(-self.ring.d))
        return e, kappa, (Fy * cos - Fx * sin) / self.section.shear, gap

    def _try(self, area: float) -> None:
        contact = self.contact

        def slopes(t: Array, Y: Array, q: Array) -> Array:
            start = self._start(q)
            C = q[1] if len(q) > 1 else 0.0
            e, kappa, gamma, _ = self._at(Y, q, start + t * (QUARTER - start))
            theta, _, x, y, _ = Y
            dx, dy = e * np.cos(theta) - gamma * np.sin(theta), e * np.sin(theta) + gamma * np.cos(theta)
            bending = -(dx * (C - q[0] * x) - dy * q[0] * y)
            return (QUARTER - start) * np.vstack([kappa, bending, dx, dy, 2.0 * (x * dy - y * dx)])

        def ends(Y0: Array, Y1: Array, q: Array) -> Array:
            start = self._start(q)
            e, kappa, _, gap = self._at(Y0[:, None], q, np.array([start]))
            flat = e[0] * start
            conditions = [Y0[0], Y0[2] - flat, Y0[4] - 2.0 * gap[0] * flat, Y1[0] - QUARTER, Y1[3], Y1[4] - area]
            if contact != "free":
                conditions.append(Y0[3] + gap[0])
            if contact == "line":
                conditions.append(kappa[0])
            return np.array(conditions)

        solution = solve_bvp(slopes, ends, self.t, self.Y, p=self.unknown, tol=1e-4, max_nodes=5000)
        if not solution.success:
            raise RuntimeError(f"rod at mid-line area {area:.4g}, {contact}: {solution.message}")
        self.Y, self.unknown = solution.sol(self.t), solution.p
