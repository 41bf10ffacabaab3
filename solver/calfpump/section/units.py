"""Working units of a section's equations.

Outside, everything is SI. Inside, lengths are divided by ``length`` and stresses by ``stress``, so that displacements (mm) and
pressures (kPa) are both of order one: the saddle-point matrix then has blocks of like size and the sparse factorisation keeps its
accuracy. The answer does not depend on the choice, which a test asserts.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Units:
    """``length`` [m] and ``stress`` [Pa] that count as one inside the equations."""

    length: float = 1e-3
    stress: float = 1e3

    @property
    def area(self) -> float:
        """Unit of area [m²]."""
        return self.length**2

    @property
    def tension(self) -> float:
        """Unit of force per length along the leg [N/m]."""
        return self.stress * self.length
