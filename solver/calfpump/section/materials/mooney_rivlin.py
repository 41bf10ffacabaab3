"""Mooney–Rivlin solid with the mixed term C₁₁ (Mooney 1940; Rivlin 1948):

    ψ = C₁₀(I₁ − 3) + C₀₁(I₂ − 3) + C₁₁(I₁ − 3)(I₂ − 3) − 2(C₁₀ + 2C₀₁) ln J

stress-free at F = I, of shear modulus μ = 2(C₁₀ + C₀₁). Its first Lamé constant there is 4C₀₁ + 16C₁₁, and that of the pressure unknown comes on top.

In plane strain I₁ = I₂ at J = 1, also for the elastic part √λ F₂ ⊕ 1 of a contracting muscle: an incompressible one with C₁₁ = 0 is neo-Hookean,
whatever the sign of C₀₁. Where J may change, C₀₁ < 0 is unstable.
"""

from __future__ import annotations

from typing import Any

import ufl


def energy(c10: Any, c01: Any, c11: Any, I1: Any, I2: Any, J: Any) -> Any:
    """ψ per stress-free volume."""
    return c10 * (I1 - 3) + c01 * (I2 - 3) + c11 * (I1 - 3) * (I2 - 3) - 2 * (c10 + 2 * c01) * ufl.ln(J)
