"""Skin, crural fascia, septa, bonded hose: membranes on edges that carry tension only.

Energy per stress-free length, with the stretch λ of the edge measured against its slack length,

    ψ(λ) = ½ E t ⟨λ − 1 − ½τ⟩₊²        beyond the toe, λ − 1 ≥ τ
    ψ′(λ) = E t (λ − 1)²/(2τ)          within the toe, 0 < λ − 1 < τ
    ψ = 0                              slack, λ ≤ 1

A membrane that resisted compression would wrinkle and stall Newton. The toe τ joins slack and taut with a continuous modulus; a
larger one describes the waviness of real fascia. The energy lives on the P2 edges themselves: an interior-facet integral would
couple the two triangles beside each edge and fill the matrix for nothing, for the tangential stretch belongs to the edge alone.
"""

from __future__ import annotations

import numpy as np

from calfpump.section.curves import GAUSS_WEIGHTS, SLOPES, Floats, Ints, lengths

#: Default toe strain: smooth enough for Newton, .1 % of strain lost to it.
TOE = 2e-3


class Membrane:
    """Tension-only membrane on `edges` (k, 3) of nodes `X`; `stiffness` E t and the results in working units.

    `slack` is the slack length over the present stress-free length: below one the membrane is put on taut.
    """

    def __init__(self, X: Floats, edges: Ints, stiffness: float, *, toe: float = TOE, slack: float = 1.0) -> None:
        self.nodes = edges
        self.stiffness = stiffness
        self.toe = toe
        self.slack = slack
        self.length0 = lengths(X, edges)

    def _tension(self, stretch: Floats) -> tuple[Floats, Floats]:
        strain = stretch - 1.0
        toe = (strain > 0.0) & (strain < self.toe)
        taut = strain >= self.toe
        tension = np.where(taut, strain - 0.5 * self.toe, np.where(toe, strain**2 / (2.0 * self.toe), 0.0))
        modulus = np.where(taut, 1.0, np.where(toe, strain / self.toe, 0.0))
        return self.stiffness * tension, self.stiffness * modulus

    def _stretch(self, x: Floats) -> tuple[Floats, Floats]:
        y = np.einsum("gi,kid->kgd", SLOPES, x[self.nodes]) / (self.slack * self.length0)[:, None, None]
        stretch = np.linalg.norm(y, axis=2)
        return stretch, y / stretch[:, :, None]

    def gradient(self, x: Floats) -> Floats:
        """Derivative (k, 3, 2) of the energy by the node places."""
        stretch, t = self._stretch(x)
        tension, _ = self._tension(stretch)
        return np.asarray(np.einsum("g,kg,gi,kgd->kid", GAUSS_WEIGHTS, tension, SLOPES, t))

    def hessian(self, x: Floats) -> Floats:
        """Second derivative (k, 6, 6), unknowns ordered node by node."""
        stretch, t = self._stretch(x)
        tension, modulus = self._tension(stretch)
        ahead = t[:, :, :, None] * t[:, :, None, :]
        across = np.eye(2) - ahead
        core = modulus[:, :, None, None] * ahead + (tension / stretch)[:, :, None, None] * across
        core *= GAUSS_WEIGHTS[None, :, None, None] / (self.slack * self.length0)[:, None, None, None]
        H = np.einsum("gi,kgde,gj->kidje", SLOPES, core, SLOPES)
        return np.asarray(H.reshape(-1, 6, 6))

    def tensions(self, x: Floats) -> Floats:
        """Mean tension (k,) of each edge, working units."""
        stretch, _ = self._stretch(x)
        return np.asarray(self._tension(stretch)[0] @ GAUSS_WEIGHTS)
