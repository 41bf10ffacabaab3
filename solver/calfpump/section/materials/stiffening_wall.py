"""Wall that stiffens as it is stretched: ψ = μ/(2β) [exp β(I₁ − 3) − 1] − μ ln J (Demiray 1972, J Biomech 5:309; compressible as its neighbour).

Shear modulus μ at low strain; in plane strain I₁ − 3 = (λ − 1/λ)², so a wall stretched to λ along the girth has a modulus exp β(λ − 1/λ)² times as
large. β = 0 is the neo-Hookean solid.
"""

from __future__ import annotations

from typing import Any

import ufl


def energy(mu: Any, beta: Any, I1: Any, J: Any) -> Any:
    """ψ per stress-free volume of low-strain shear modulus `mu` and stiffening `beta` ≥ 0."""
    some = ufl.conditional(ufl.gt(beta, 0.0), beta, 1.0)
    strain = ufl.conditional(ufl.gt(beta, 0.0), (ufl.exp(some * (I1 - 3)) - 1) / some, I1 - 3)
    return mu / 2 * strain - mu * ufl.ln(J)
