"""Linear elastic tubes in plane strain under inner pressure (Lamé 1852): one compressible layer, several incompressible ones."""

from __future__ import annotations

from collections.abc import Sequence


def bore(A: float, B: float, E: float, nu: float, p: float) -> float:
    """Radial displacement of the bore A of a tube free at B: u = (1 + ν) p A/E · (B² + (1 − 2ν) A²)/(B² − A²)."""
    return (1.0 + nu) * p * A / E * (B * B + (1.0 - 2.0 * nu) * A * A) / (B * B - A * A)


def layers(radii: Sequence[float], mu: Sequence[float], p: float) -> tuple[list[float], list[float]]:
    """Displacements and pressures (−σ_r) at the `radii` of incompressible layers of shear moduli `mu`, pressure `p` in the bore, none outside.

    u = C/r, so σ_θ − σ_r = 4μC/r² and σ_r′ = 4μC/r³: a layer between a and b carries −Δσ_r = −2μC (1/a² − 1/b²).
    """
    steps = [2.0 * m * (1.0 / a**2 - 1.0 / b**2) for m, a, b in zip(mu, radii[:-1], radii[1:])]
    C = p / sum(steps)
    pressures = [p]
    for step in steps:
        pressures.append(pressures[-1] - C * step)
    return [C / r for r in radii], pressures
