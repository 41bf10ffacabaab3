"""Small waves in a viscous elastic tube: A' = A0 + a, ∂a/∂t + ∂q/∂x = 0, ∂q/∂t + c² ∂a/∂x = −R q, R = 8πν/A.

A harmonic inflow runs into the tube as exp(iωt − ikx), k = ω/c √(1 − iR/ω), and ψ = ρc²/A · a, q = (ω/k) a.
"""

from __future__ import annotations

import numpy as np


def wave_number(omega: float, c: float, nu: float, A: float) -> complex:
    """k(ω) [1/m] of the wave that runs towards larger x and decays."""
    return complex(omega / c * np.sqrt(1.0 - 1j * 8.0 * np.pi * nu / (omega * A)))


def reflection(A1: float, c1: float, A2: float, c2: float) -> tuple[float, float]:
    """Reflected and transmitted pressure of a wave that meets a step of properties: impedances Z = ρc/A (ρ cancels)."""
    Z1, Z2 = c1 / A1, c2 / A2
    return (Z2 - Z1) / (Z2 + Z1), 2.0 * Z2 / (Z2 + Z1)
