"""Stability of an equilibrium from the inertia of the factored tangent.

With n veins held at given area (and the hose as a spring) the state is a minimum of the energy when

    neg(K) = n_pressure + n₋(S),   S = GᵀK⁻¹G + C

(the bordered matrix has n_pressure + n negative eigenvalues, Haynsworth 1968). More negative pivots: an unstable branch, which must
not be reported. n₋(S) > 0 on a stable state is a fold: stable at given area, snapping at given pressure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calfpump.section.equilibrium import Control, Equilibrium


@dataclass(frozen=True)
class Stability:
    """`unstable`: number of unstable modes under the present control; `folds`: number of pressures that fall while areas grow."""

    unstable: int
    folds: int

    @property
    def stable(self) -> bool:
        """True when no mode lowers the energy."""
        return self.unstable <= 0


def inertia(equilibrium: Equilibrium) -> Stability:
    """Stability read from the last factor, which must belong to the state or its close neighbourhood."""
    S = equilibrium.S
    folds = int(np.sum(np.linalg.eigvalsh(0.5 * (S + S.T)) < 0.0)) if S.size else 0
    return Stability(equilibrium.factor.negative_pivots - equilibrium.system.domain.n_pressure - folds, folds)


def examine(equilibrium: Equilibrium, controls: Mapping[str, Control], *, drift: float = 0.0) -> Stability:
    """Stability of the present state; the tangent is assembled and factored anew if the last one is `drift` mean radii away, or if
    it calls the state unstable without being quite its own: a buckle that turns almost freely has a mode of next to no stiffness."""
    if equilibrium.drift > drift * equilibrium.system.radius:
        equilibrium.refactor(controls)
    found = inertia(equilibrium)
    if found.stable or equilibrium.drift == 0.0:
        return found
    equilibrium.refactor(controls)
    return inertia(equilibrium)
