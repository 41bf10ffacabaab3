"""A manufactured flow in a closed tube with friction: prescribed A and Q, and the force that makes them a solution.

    A = A0 (a + ε cos kx cos ωt),   Q = A0 ε (ω/k) sin kx sin ωt,   k = π/L,

so that ∂A/∂t + ∂Q/∂x = 0 exactly and Q = 0 at both ends. The momentum equation is left with

    S = ∂Q/∂t + ∂(Q²/A)/∂x + (A/ρ) dψ/dA ∂A/∂x + ν Q/(g A),   g = α^``flat``/8π,

which is 0 at both ends as Q is: a force that is split off and acts there would move blood through the wall for half a step. (So there is no gravity.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from oracles.riemann import Law

Array = NDArray[np.float64]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(4)


@dataclass(frozen=True)
class Manufactured:
    """Length [m], period [s], mean α and its amplitude; density, kinematic viscosity; how g falls with α (0: a circle)."""

    law: Law
    length: float = 1.0
    period: float = 0.6
    mean: float = 0.9
    amplitude: float = 0.15
    rho: float = 1060.0
    nu: float = 4e-6
    flat: float = 0.0

    @property
    def _waves(self) -> tuple[float, float]:
        return np.pi / self.length, 2.0 * np.pi / self.period

    @property
    def highest_flow(self) -> float:
        k, omega = self._waves
        return self.law.A0 * self.amplitude * omega / k

    def A(self, x: Array, t: float) -> Array:
        k, omega = self._waves
        return self.law.A0 * (self.mean + self.amplitude * np.cos(k * x) * np.cos(omega * t))

    def Q(self, x: Array, t: float) -> Array:
        k, omega = self._waves
        return self.highest_flow * np.sin(k * x) * np.sin(omega * t)

    def force(self, x: Array, t: float) -> Array:
        """S [m³/s²]."""
        k, omega = self._waves
        A, Q = self.A(x, t), self.Q(x, t)
        A_x = -self.law.A0 * self.amplitude * k * np.sin(k * x) * np.cos(omega * t)
        Q_x = self.highest_flow * k * np.cos(k * x) * np.sin(omega * t)
        Q_t = self.highest_flow * omega * np.sin(k * x) * np.cos(omega * t)
        c2 = sum(K * m * (A / self.law.A0) ** m for K, m in self.law.terms) / self.rho
        return Q_t + 2.0 * Q / A * Q_x + (c2 - (Q / A) ** 2) * A_x + 8.0 * np.pi * self.nu * (A / self.law.A0) ** -self.flat * Q / A

    def mean_of(self, what: Callable[[Array, float], Array], cells: int, t: float) -> Array:
        """Averages over equal cells, by Gauss' rule."""
        dx = self.length / cells
        x = (np.arange(cells) + 0.5) * dx
        total = np.zeros(cells)
        for node, weight in zip(NODES, WEIGHTS, strict=True):
            total += 0.5 * weight * what(x + 0.5 * dx * node, t)
        return total
