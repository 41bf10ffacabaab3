"""Exact Riemann problem of collapsible tubes, p = p_ext + ψ(A) (Toro & Siviglia 2013; Brook, Falle & Pedley 1999).

Each side's star state is reached from its data by a shock (A* > A) or a rarefaction (A* < A),

    shock        u* = u ∓ √((B* − B)(A* − A)/(A* A)),      B = ∫ A dψ/ρ
    rarefaction  u* = u ∓ (I(A*) − I(A)),                  I = ∫ c/A dA,  c² = A/ρ dψ/dA,

upper sign on the left. Where A0, K or p_ext jump, a standing contact at x = 0 keeps Q = A u and H = p + ½ρu². Three patterns:

    subcritical    one wave into each side; (Q, H) continuous
    supercritical  the left data pass the contact on the supercritical branch; then two waves, both to the right
    choked         the right side takes in no more than Q = A c: sonic behind the contact, and a rarefaction from there to the right

Independent of the solver: laws in closed form, integrals by quadrature, equations by bracketing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, fsolve

NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)


@dataclass(frozen=True)
class Law:
    """ψ = Σ K α^m over ``terms`` (K [Pa], m), α = A/A0 (A0 [m²])."""

    A0: float
    terms: tuple[tuple[float, float], ...]

    def psi(self, A: float) -> float:
        return sum(K * (A / self.A0) ** m for K, m in self.terms)

    def c2(self, A: float, rho: float) -> float:
        return sum(K * m * (A / self.A0) ** m for K, m in self.terms) / rho

    def B(self, A: float, rho: float) -> float:
        return self.A0 / rho * sum(K * m / (m + 1.0) * (A / self.A0) ** (m + 1.0) for K, m in self.terms)


def law(A0: float, K: float, m: float, n: float) -> Law:
    """K [α^m − α^n]."""
    return Law(A0, ((K, m), (-K, n)))


@dataclass(frozen=True)
class Side:
    """Data and law of one side: area [m²], velocity [m/s], outer pressure [Pa]."""

    A: float
    u: float
    law: Law
    p_ext: float = 0.0
    rho: float = 1050.0

    def psi(self, A: float) -> float:
        return self.law.psi(A)

    def c(self, A: float) -> float:
        return float(np.sqrt(self.law.c2(A, self.rho)))

    def head(self, A: float, u: float) -> float:
        return self.p_ext + self.law.psi(A) + 0.5 * self.rho * u**2

    def integral(self, A: float) -> float:
        """I(A) − I(own A), in x = log A."""
        half = 0.5 * np.log(A / self.A)
        x = np.log(self.A) + half * (1.0 + NODES)
        return float(half * sum(w * self.c(np.exp(y)) for w, y in zip(WEIGHTS, x, strict=True)))

    def change(self, A: float) -> float:
        """|u* − u| with its sign for a wave that runs to the left: positive for compression."""
        if A > self.A:
            return float(np.sqrt((self.law.B(A, self.rho) - self.law.B(self.A, self.rho)) * (A - self.A) / (A * self.A)))
        return self.integral(A)

    def mirrored(self) -> Side:
        return Side(self.A, -self.u, self.law, self.p_ext, self.rho)


@dataclass(frozen=True)
class State:
    """A constant state between two waves, and the rays x/t that bound it."""

    A: float
    u: float
    begin: float
    end: float


@dataclass(frozen=True)
class Solution:
    """``left`` of x = 0 and ``right`` of it the data; ``inlet`` the data that the waves right of x = 0 start from where the contact is critical.

    ``states``: the constant states between the waves, from left to right. Without a jump one problem covers the whole axis.
    """

    left: Side
    right: Side
    at_left: tuple[float, float]
    star: tuple[float, float]
    inlet: Side | None = None
    jump: bool = True

    @property
    def states(self) -> list[State]:
        slow, fast = _edge(self.left, *self.at_left), -_edge(self.right.mirrored(), self.star[0], -self.star[1])
        if not self.jump:
            return [State(*self.star, slow, fast)]
        first = [State(*self.at_left, slow, 0.0)] if slow < 0.0 else []
        if self.inlet is None:
            return [*first, State(*self.star, 0.0, fast)]
        return [*first, State(*self.star, _edge(self.inlet, *self.star), fast)]

    def at(self, xi: float) -> tuple[float, float]:
        """(A, u) on the ray x/t = ``xi``."""
        if self.jump and xi < 0.0:
            return _sample(self.left, *self.at_left, xi)
        if xi > self.star[1] or (self.jump and self.inlet is None):
            A, u = _sample(self.right.mirrored(), self.star[0], -self.star[1], -xi)
            return A, -u
        return _sample(self.left if self.inlet is None else self.inlet, *self.star, xi)

    @property
    def fastest(self) -> float:
        """Largest |u| + c."""
        pairs = [(self.left, self.left.A, self.left.u), (self.right, self.right.A, self.right.u), (self.left, *self.at_left), (self.right, *self.star)]
        return max(abs(u) + side.c(A) for side, A, u in pairs)


def _edge(side: Side, A: float, u: float) -> float:
    """Speed of that edge of a wave from ``side`` to the left which faces the star state."""
    return (A * u - side.A * side.u) / (A - side.A) if A > side.A else u - side.c(A)


def _sample(side: Side, A: float, u: float, xi: float) -> tuple[float, float]:
    """A wave that runs to the left from data ``side`` to the star state (A, u)."""
    if A > side.A:
        return (side.A, side.u) if xi < _edge(side, A, u) else (A, u)
    head, tail = side.u - side.c(side.A), u - side.c(A)
    if xi <= head:
        return side.A, side.u
    if xi >= tail:
        return A, u
    inside = float(brentq(lambda a: side.u - side.integral(a) - side.c(a) - xi, A, side.A, xtol=1e-18, rtol=1e-13))
    return inside, side.u - side.integral(inside)


def _meet(left: Side, right: Side) -> tuple[float, float]:
    """Star state of two sides of one law."""

    def gap(a: float) -> float:
        return left.u - left.change(a) - right.u - right.change(a)

    A = float(brentq(gap, 1e-4 * left.law.A0, 10 * left.law.A0, xtol=1e-18, rtol=1e-14))
    return A, left.u - left.change(A)


def solve(left: Side, right: Side) -> Solution:
    """The exact solution; ValueError where none of the patterns holds."""
    if (left.law, left.p_ext) == (right.law, right.p_ext):
        star = _meet(left, right)
        return Solution(left, right, star, star, jump=False)
    if left.u > left.c(left.A):
        return _supercritical(left, right)
    solution = _subcritical(left, right)
    return solution if solution is not None else _choked(left, right)


def _subcritical(left: Side, right: Side) -> Solution | None:
    def residual(x: np.ndarray) -> np.ndarray:
        A1, A2 = np.exp(x[0]) * left.A, np.exp(x[1]) * right.A
        u1, u2 = left.u - left.change(A1), right.u + right.change(A2)
        flow = (A1 * u1 - A2 * u2) / (left.A * left.c(left.A))
        return np.array([flow, (left.head(A1, u1) - right.head(A2, u2)) / (left.rho * left.c(left.A) ** 2)])

    x, _, status, _ = fsolve(residual, np.zeros(2), full_output=True, xtol=1e-13)
    A1, A2 = float(np.exp(x[0]) * left.A), float(np.exp(x[1]) * right.A)
    u1, u2 = left.u - left.change(A1), right.u + right.change(A2)
    if (status != 1 and np.abs(residual(x)).max() > 1e-10) or u2 > right.c(A2) or abs(u1) > left.c(A1):
        return None
    return Solution(left, right, (A1, u1), (A2, u2))


def _supercritical(left: Side, right: Side) -> Solution:
    Q, H = left.A * left.u, left.head(left.A, left.u)
    lowest = brentq(lambda A: Q / A - right.c(A), 1e-4 * right.law.A0, 10 * right.law.A0, xtol=1e-18)
    A = float(brentq(lambda A: right.head(A, Q / A) - H, 1e-4 * right.law.A0, lowest, xtol=1e-18, rtol=1e-14))
    inlet = Side(A, Q / A, right.law, right.p_ext, right.rho)
    star = _meet(inlet, right)
    if min(_edge(inlet, *star), inlet.u - inlet.c(A)) <= 0.0:
        raise ValueError("the wave behind the contact runs back into it")
    return Solution(left, right, (left.A, left.u), star, inlet)


def _choked(left: Side, right: Side) -> Solution:
    def residual(x: np.ndarray) -> np.ndarray:
        A1, A2 = np.exp(x[0]) * left.A, np.exp(x[1]) * right.law.A0
        u1, u2 = left.u - left.change(A1), right.c(A2)
        return np.array([A1 * u1 / (A2 * u2) - 1.0, (left.head(A1, u1) - right.head(A2, u2)) / (left.rho * left.c(left.A) ** 2)])

    x = fsolve(residual, np.array([-0.1, np.log(right.A / right.law.A0) / 2.0]), xtol=1e-13)
    if np.abs(residual(x)).max() > 1e-9:
        raise ValueError("neither subcritical nor choked")
    A1, A2 = float(np.exp(x[0]) * left.A), float(np.exp(x[1]) * right.law.A0)
    inlet = Side(A2, right.c(A2), right.law, right.p_ext, right.rho)
    star = _meet(inlet, right)
    if star[0] > A2:
        raise ValueError("no rarefaction behind the sonic contact")
    return Solution(left, right, (A1, left.u - left.change(A1)), star, inlet)
