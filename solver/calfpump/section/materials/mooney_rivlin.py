"""Mooney–Rivlin solid: ψ = C₁₀(I₁ − 3) + C₀₁(I₂ − 3) − 2(C₁₀ + 2C₀₁) ln J, stress-free at F = I (Mooney 1940; Rivlin 1948).

In plane strain I₁ = I₂ at J = 1, so an incompressible one is neo-Hookean with μ = 2(C₁₀ + C₀₁).
"""

from __future__ import annotations

from typing import Any

import ufl


def energy(c10: Any, c01: Any, I1: Any, I2: Any, J: Any) -> Any:
    """ψ per stress-free volume."""
    return c10 * (I1 - 3) + c01 * (I2 - 3) - 2 * (c10 + 2 * c01) * ufl.ln(J)
