"""Neo-Hookean solid: ψ = ½μ(I₁ − 3 − 2 ln J), stress-free at F = I (Treloar 1943; compressible form of Simo & Pister 1984)."""

from __future__ import annotations

from typing import Any

import ufl


def energy(mu: Any, I1: Any, J: Any) -> Any:
    """ψ per stress-free volume of shear modulus `mu`; the volume change itself is resisted by the pressure unknown."""
    return mu / 2 * (I1 - 3 - 2 * ufl.ln(J))
