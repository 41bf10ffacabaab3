"""Volume change, in mixed form with the pressure-like unknown π (tension positive).

    ψ_vol = π(J − 1) − π²/(2κ)

so that π = κ(J − 1); with 1/κ = 0 it is the multiplier of exact incompressibility.
"""

from __future__ import annotations

from typing import Any


def energy(tension: Any, inverse_kappa: Any, J: Any) -> Any:
    """ψ_vol per stress-free volume."""
    return tension * (J - 1) - inverse_kappa * tension**2 / 2
