"""Buckling of round incompressible neo-Hookean tubes, of one layer or several, under pressure: the incremental boundary-value problem.

Round state: r² = R² + a² − A², stretches λ_θ = r/R = 1/λ_r, σ_r′ = (σ_θ − σ_r)/r with σ_i = μλ_i² − p, σ_r = −p_in at the bore.
Small motions u = (f cos nθ, g sin nθ) on top of it change the nominal stress, referred to the round state, by (Haughton & Ogden 1979)

    Ṡ_ri = μλ_r² L_ir + p L_ri − q δ_ri,   Ṡ_θi = μλ_θ² L_iθ + p L_θi − q δ_θi,   L = grad u,   tr L = 0,   div Ṡ = 0

A linear system of first order for y = (f, g, s, t) with s, t the amplitudes of Ṡ_rr, Ṡ_rθ, continuous where layers meet. On a surface under the
pressure P, which follows it, Ṡ_ri = P L_ri. The tube buckles into n lobes where the solutions that satisfy the inner conditions fail to be
independent of the outer ones: a determinant of order two.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
#: Steps through a layer, at least, and per unit of ln R: 1e-6 of the pressure.
STEPS, DENSITY = 50, 80.0


@dataclass(frozen=True)
class Tube:
    """Stress-free `radii` (k + 1,) from bore to outside and shear moduli `mu` (k,) of the layers between them; no pressure outside."""

    radii: tuple[float, ...]
    mu: tuple[float, ...]

    def pressure(self, alpha: Array) -> Array:
        """p_out − p_in of the round tube at the area ratio α of the bore: −σ_r at the outside, from σ_r = 0 at the bore."""
        return -self._radial_stress(alpha, self.radii[-1])

    def _square(self, R: float, alpha: Array) -> Array:
        """r² of the circle R."""
        return R * R + (alpha - 1.0) * self.radii[0] ** 2

    def _radial_stress(self, alpha: Array, R: float) -> Array:
        """σ_r at the circle R: ∫ μ (q − 1/q) dr/r = ½ μ [1/q − ln q] over each layer, q = (r/R)²."""

        def part(R: float) -> Array:
            q = self._square(R, alpha) / R**2
            return 0.5 * (1.0 / q - np.log(q))

        total = np.zeros_like(alpha)
        for inner, outer, mu in zip(self.radii[:-1], self.radii[1:], self.mu):
            if inner >= R:
                break
            total += mu * (part(min(outer, R)) - part(inner))
        return total

    def determinant(self, n: int, alpha: Array | float) -> Array:
        """Zero where the tube at area ratio α has a neighbouring equilibrium of n lobes; P = p_out − p_in acts outside."""
        alpha = np.atleast_1d(np.asarray(alpha, dtype=np.float64))
        Y = np.tile(np.eye(2, 4), (len(alpha), 1, 1))
        for inner, outer, mu in zip(self.radii[:-1], self.radii[1:], self.mu):
            count = max(STEPS, int(DENSITY * np.log(outer / inner)))
            s, step = np.log(inner), np.log(outer / inner) / count
            for k in range(count):  # Runge–Kutta of order 4 in ln R
                at = [self._slopes(s + step * (k + c), n, alpha, mu) for c in (0.0, 0.5, 1.0)]
                k1 = Y @ at[0]
                k2 = (Y + 0.5 * step * k1) @ at[1]
                k3 = (Y + 0.5 * step * k2) @ at[1]
                k4 = (Y + step * k3) @ at[2]
                Y = Y + step / 6.0 * (k1 + 2.0 * k2 + 2.0 * k3 + k4)
                Y /= np.abs(Y).max(axis=2, keepdims=True)
        f, g, s, t = np.moveaxis(Y, 2, 0)
        b, P = np.sqrt(self._square(self.radii[-1], alpha))[:, None], self.pressure(alpha)[:, None]
        left = np.stack([s + P * (f + n * g) / b, t + P * (n * f + g) / b], axis=1)
        return np.linalg.det(left) / np.prod(np.linalg.norm(left, axis=1), axis=1)

    def _slopes(self, s: float, n: int, alpha: Array, mu: float) -> Array:
        """Matrices (k, 4, 4) with dy/d ln R = y @ matrix."""
        R = np.exp(s)
        r = np.sqrt(self._square(R, alpha))
        along, across = mu * (R / r) ** 2, mu * (r / R) ** 2
        p = along - self._radial_stress(alpha, R)
        one, zero = np.ones_like(r), np.zeros_like(r)
        f, g, s_rr, s_rt = (np.stack([one if i == j else zero for j in range(4)]) for i in range(4))
        df = -(f + n * g) / r
        dg = (s_rt + p * (n * f + g) / r) / along
        q = (along + p) * df - s_rr
        S_tr = -across * (n * f + g) / r + p * dg
        S_tt = -(across + p) * df - q
        ds = -n * S_tr / r - (s_rr - S_tt) / r
        dt = n * S_tt / r - (s_rt + S_tr) / r
        return np.moveaxis(np.stack([df, dg, ds, dt], axis=1) * R * R / r, 2, 0)

    def critical(self, n: int, least: float = 0.25) -> float:
        """Area ratio α of the bore where the tube, emptied from 1, first buckles into n lobes; nan if it does not down to `least`."""
        alphas = 1.0 - np.concatenate([[1e-6], np.geomspace(1e-4, 1.0 - least, 30)])
        for _ in range(4):
            values = self.determinant(n, alphas)
            change = np.flatnonzero(np.diff(np.sign(values)))
            if len(change) == 0:
                return float("nan")
            k = int(change[0])
            zero = alphas[k] - values[k] * (alphas[k + 1] - alphas[k]) / (values[k + 1] - values[k])
            alphas = np.linspace(alphas[k], alphas[k + 1], 12)
        return float(zero)

    def first(self, lobes: Sequence[int] = tuple(range(2, 9))) -> tuple[int, float]:
        """Number of lobes and area ratio of the first buckling among `lobes`."""
        found = {n: self.critical(n) for n in lobes}
        n = max((n for n in found if np.isfinite(found[n])), key=found.__getitem__)
        return n, found[n]


def ring(thickness: float, mu: float = 1.0) -> Tube:
    """A tube of mid-wall radius 1 and wall `thickness`."""
    return Tube((1.0 - 0.5 * thickness, 1.0 + 0.5 * thickness), (mu,))


def lined_hole(thickness: float, ratio: float, outside: float = 10.0) -> Tube:
    """A ring of mid-wall radius 1, `ratio` times stiffer than the medium of shear modulus 1 that ends at `outside` of the ring's outer radii."""
    B = 1.0 + 0.5 * thickness
    return Tube((1.0 - 0.5 * thickness, B, outside * B), (ratio, 1.0))
