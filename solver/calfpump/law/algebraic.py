"""The algebraic tube law of 1D blood flow."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.law.tube_law import TubeLaw

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class AlgebraicLaw:
    """f(α) = K [α^m − α^n], α = A/A0.

    Arteries: m = 1/2, n = 0 (Formaggia, Lamponi & Quarteroni 2003). Veins: m = 10, n = −3/2, K = ρ c0²/(m − n), with the pulse-wave
    speed c0 at A0 from 3 m/s (radius ≤ .8 mm) to 1 m/s (≥ 8 mm) (Müller & Toro 2014, IJNMBE 30:681). ``A0`` [m²] of one vessel,
    ``K`` [Pa]. The lumen is taken as a circle: G = A²/(8π) (Poiseuille).

    Raises
    ------
    ValueError
        A0 or K not positive, or a law that does not rise with α (K m α^m − K n α^n must be positive).
    """

    A0: float
    K: float
    m: float
    n: float

    def __post_init__(self) -> None:
        if not (self.A0 > 0 and self.K > 0):
            raise ValueError(f"an algebraic law needs A0 > 0 and K > 0, not A0 = {self.A0:g} m², K = {self.K:g} Pa")
        if not (self.m >= 0 >= self.n and self.m > self.n):
            raise ValueError(f"an algebraic law needs m ≥ 0 ≥ n and m > n, not m = {self.m:g}, n = {self.n:g}")

    @classmethod
    def from_speed(cls, A0: float, c0: float, density: float, m: float = 10.0, n: float = -1.5) -> AlgebraicLaw:
        """The law whose pulse-wave speed at A0 is c0 [m/s]: K = ρ c0²/(m − n)."""
        return cls(A0, density * c0**2 / (m - n), m, n)

    def pressure(self, alpha: Array) -> Array:
        """f(α) [Pa]."""
        return np.asarray(self.K * (alpha**self.m - alpha**self.n))

    def slope(self, alpha: Array) -> Array:
        """df/dα [Pa]."""
        return np.asarray(self.K * (self.m * alpha ** (self.m - 1.0) - self.n * alpha ** (self.n - 1.0)))

    def to_table(self, name: str = "algebraic", alpha: Array | None = None) -> TubeLaw:
        """The same law as a :class:`TubeLaw` with one activation state, on ``alpha`` (by default 400 points from .01 to 4)."""
        alpha = np.geomspace(0.01, 4.0, 400) if alpha is None else np.asarray(alpha, float)
        G = (alpha * self.A0) ** 2 / (8.0 * np.pi)
        ends = np.array([[alpha[0], alpha[-1]]])
        return TubeLaw(name=name, A0=self.A0, alpha=alpha, s=np.zeros(1), f=self.pressure(alpha)[None], G=G[None], alpha_fe=ends)
