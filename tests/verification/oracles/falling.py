"""Steady flow down a collapsible vein, with gravity and friction (Brook & Pedley 2002, J Biomech 35:1453, the giraffe's jugular).

x points downwards, Q > 0 constant, u = Q/A. Mass and momentum,

    (c² − u²) dA/dx = A (g − 8πνQ/A²),   c² = A/ρ dψ/dA,

so that x(A) = ∫ (c² − u²)/(A g − 8πνQ/A) dA, regular at u = c. Where g = 8πνQ/A² nothing changes: the falling film. Fed at the top, supercritical flow
starts from u = c; the pressure below asks for subcritical flow; between them an elastic jump keeps Q²/A + B, B = ∫ A dψ/ρ.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from oracles.riemann import Law
from scipy.integrate import solve_ivp
from scipy.optimize import brentq


@dataclass(frozen=True)
class Falling:
    """Flow ``Q`` [m³/s] of a fluid ``rho``, ``nu`` down a vein of the given law and length, to the area ``A_end`` at its lower end."""

    law: Law
    Q: float
    A_end: float
    length: float
    rho: float = 1060.0
    nu: float = 4e-6
    g: float = 9.81

    @property
    def film(self) -> float:
        return float(np.sqrt(8.0 * np.pi * self.nu * self.Q / self.g))

    @property
    def critical(self) -> float:
        return float(brentq(lambda A: self.law.c2(A, self.rho) - (self.Q / A) ** 2, 1e-6 * self.law.A0, 3.0 * self.law.A0, xtol=1e-20))

    def _rate(self, A: float) -> float:
        """dx/dA."""
        return (self.law.c2(A, self.rho) - (self.Q / A) ** 2) / (A * self.g - 8.0 * np.pi * self.nu * self.Q / A)

    def subcritical(self, x: np.ndarray) -> np.ndarray:
        """A(x), integrated upwards from the lower end, as far as it stays subcritical (NaN beyond)."""
        solution = solve_ivp(lambda s, A: [-1.0 / self._rate(A[0])], (0.0, self.length), [self.A_end], rtol=1e-10, atol=1e-16, dense_output=True,
                             events=_sonic(self))  # fmt: skip
        up = self.length - x
        return np.where(up <= solution.t[-1], solution.sol(np.minimum(up, solution.t[-1]))[0], np.nan)

    def supercritical(self, x: np.ndarray) -> np.ndarray:
        """A(x) from the sonic entry down towards the film: x(A) by quadrature, inverted."""
        A = self.film + (self.critical - self.film) * np.concatenate([np.linspace(1.0, 0.02, 4000), np.geomspace(0.02, 1e-8, 4000)[1:]])
        rate = np.array([self._rate(a) for a in A])
        middle = np.array([self._rate(0.5 * (a + b)) for a, b in pairwise(A)])
        along = np.concatenate([[0.0], np.cumsum((rate[:-1] + 4.0 * middle + rate[1:]) / 6.0 * np.diff(A))])
        return np.interp(x, along, A)

    def momentum(self, A: float) -> float:
        return self.Q**2 / A + self.law.B(A, self.rho)

    def jump(self) -> float:
        """Where the supercritical and the subcritical branch have one momentum."""

        def gap(x: float) -> float:
            below = float(self.subcritical(np.array([x]))[0])
            return self.momentum(float(self.supercritical(np.array([x]))[0])) - self.momentum(below)

        x = np.linspace(0.0, self.length, 400)
        x = x[np.isfinite(self.subcritical(x))]
        return float(brentq(gap, x[1], x[-1], xtol=1e-9))


def _sonic(falling: Falling) -> object:
    def event(s: float, A: np.ndarray) -> float:
        return float(A[0] - 1.001 * falling.critical)

    event.terminal = True  # type: ignore[attr-defined]
    return event
