"""Incompressible neo-Hookean cylinders in plane strain, in closed form or by one quadrature."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.integrate import quad


def inflation(stretch: float, ratio: float) -> float:
    """(p_i − p_o)/μ of a tube B/A = `ratio` whose bore has the hoop stretch λ_a (Green & Zerna 1954).

    p/μ = ln(λ_a/λ_b) + (λ_b⁻² − λ_a⁻²)/2 with λ_b² = 1 + (λ_a² − 1)A²/B²; a hole in an infinite medium has λ_b = 1.
    """
    outer = np.sqrt(1.0 + (stretch**2 - 1.0) / ratio**2)
    return float(np.log(stretch / outer) + 0.5 * (outer**-2 - stretch**-2))


def shortened_tube(mu: float, A: float, B: float, shortening: float, a: float) -> float:
    """Pressure in the bore of radius `a` of a muscle tube A, B that has shortened along its axis to λ = 1 − `shortening`.

    det F₂ = 1/λ, so r² = a² + (R² − A²)/λ; with F_e = √λ F₂ the principal stresses differ by σ_θ − σ_r = μ (q − 1/q), q = λ (r/R)², and
    p = ∫ (σ_θ − σ_r) dr/r from the bore to the free outside (active strain, Nardinocchi & Teresi 2007).
    """
    stretch = 1.0 - shortening
    x, weight = np.polynomial.legendre.leggauss(40)
    R = 0.5 * (A + B) + 0.5 * (B - A) * x
    r2 = a * a + (R * R - A * A) / stretch
    q = stretch * r2 / R**2
    return float(np.sum(0.5 * (B - A) * weight * mu * (q - 1.0 / q) * R / (stretch * r2)))


def wrapped_disc(tension_modulus: float, radius: float, stretch: float, toe: float) -> float:
    """Pressure of a disc that has grown to λ inside a membrane ring: T/r with T = E t (λ − 1 − τ/2) past the toe τ."""
    return tension_modulus * (stretch - 1.0 - 0.5 * toe) / (stretch * radius)


def inflation_of(slope: Callable[[float], float], stretch: float, ratio: float) -> float:
    """Inner pressure of an incompressible tube of any law in plane strain, p = ∫ Ŵ′(λ)/(λ² − 1) dλ from the outer to the inner stretch.

    Ŵ(λ) = ψ at hoop stretch λ, `slope` its derivative, `stretch` λ_a at the bore, `ratio` B/A (Ogden 1984, § 5.3).
    """
    outer = float(np.sqrt(1.0 + (stretch**2 - 1.0) / ratio**2))
    p, _ = quad(lambda x: slope(x) / (x * x - 1.0), outer, stretch, epsabs=1e-12, epsrel=1e-10)
    return float(p)
