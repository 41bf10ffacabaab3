"""Exact Riemann problem of collapsible tubes, p = p_ext + K[(A/A0)^m − (A/A0)^n] (Toro & Siviglia 2013; Brook, Falle & Pedley 1999).

Each side's star state is reached from its data by a shock (A* > A) or a rarefaction (A* < A),

    shock        u* = u ∓ √((B* − B)(A* − A)/(A* A)),      B = ∫ A dψ/ρ = K A0/ρ [m/(m+1) α^(m+1) − n/(n+1) α^(n+1)]
    rarefaction  u* = u ∓ (I(A*) − I(A)),                  I = ∫ c/A dA,  c² = A/ρ dψ/dA,

upper sign on the left. Where A0, K or p_ext jump, a standing contact at x = 0 keeps A u and p + ½ρu² (subcritical flow). Independent of the
solver: laws in closed form, integrals by quadrature, equations by bracketing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq, fsolve

NODES, WEIGHTS = np.polynomial.legendre.leggauss(40)


@dataclass(frozen=True)
class Side:
    """Data and law of one side: area [m²], velocity [m/s], A0 [m²], K [Pa], exponents, outer pressure [Pa]."""

    A: float
    u: float
    A0: float
    K: float
    m: float
    n: float
    p_ext: float = 0.0
    rho: float = 1050.0

    def psi(self, A: float) -> float:
        a = A / self.A0
        return self.K * (a**self.m - a**self.n)

    def c(self, A: float) -> float:
        a = A / self.A0
        return float(np.sqrt(self.K / self.rho * (self.m * a**self.m - self.n * a**self.n)))

    def B(self, A: float) -> float:
        a = A / self.A0
        return self.K * self.A0 / self.rho * (self.m / (self.m + 1) * a ** (self.m + 1) - self.n / (self.n + 1) * a ** (self.n + 1))

    def integral(self, A: float) -> float:
        """I(A) − I(own A), in x = log A."""
        half = 0.5 * np.log(A / self.A)
        x = np.log(self.A) + half * (1.0 + NODES)
        return float(half * sum(w * self.c(np.exp(y)) for w, y in zip(WEIGHTS, x, strict=True)))

    def change(self, A: float) -> float:
        """|u* − u| with its sign for a wave that runs to the left: positive for compression."""
        if A > self.A:
            return float(np.sqrt((self.B(A) - self.B(self.A)) * (A - self.A) / (A * self.A)))
        return self.integral(A)


@dataclass(frozen=True)
class Solution:
    """Star states left and right of x = 0 (equal without a jump) and the self-similar solution."""

    left: Side
    right: Side
    A_left: float
    u_left: float
    A_right: float
    u_right: float

    def at(self, xi: float) -> tuple[float, float]:
        """(A, u) on the ray x/t = ``xi``."""
        if xi < 0:
            return _sample(self.left, self.A_left, self.u_left, xi)
        mirrored = Side(self.right.A, -self.right.u, self.right.A0, self.right.K, self.right.m, self.right.n, self.right.p_ext, self.right.rho)
        A, u = _sample(mirrored, self.A_right, -self.u_right, -xi)
        return A, -u


def _sample(side: Side, A: float, u: float, xi: float) -> tuple[float, float]:
    """A wave that runs to the left from data ``side`` to the star state (A, u)."""
    if A > side.A:
        speed = (A * u - side.A * side.u) / (A - side.A)
        return (side.A, side.u) if xi < speed else (A, u)
    head, tail = side.u - side.c(side.A), u - side.c(A)
    if xi <= head:
        return side.A, side.u
    if xi >= tail:
        return A, u
    inside = brentq(lambda a: side.u - side.integral(a) - side.c(a) - xi, A, side.A, xtol=1e-18, rtol=1e-13)
    return inside, side.u - side.integral(inside)


def solve(left: Side, right: Side) -> Solution:
    """Exact star states. Subcritical flow at x = 0."""
    if (left.A0, left.K, left.m, left.n, left.p_ext) == (right.A0, right.K, right.m, right.n, right.p_ext):

        def gap(a: float) -> float:
            return left.u - left.change(a) - right.u - right.change(a)

        A = float(brentq(gap, 1e-6 * left.A0, 10 * left.A0, xtol=1e-18, rtol=1e-14))
        u = left.u - left.change(A)
        return Solution(left, right, A, u, A, u)

    def residual(x: np.ndarray) -> np.ndarray:
        A1, A2 = np.exp(x[0]) * left.A, np.exp(x[1]) * right.A
        u1, u2 = left.u - left.change(A1), right.u + right.change(A2)
        head1 = left.p_ext + left.psi(A1) + 0.5 * left.rho * u1**2
        head2 = right.p_ext + right.psi(A2) + 0.5 * right.rho * u2**2
        return np.array([(A1 * u1 - A2 * u2) / (left.A * left.c(left.A)), (head1 - head2) / (left.rho * left.c(left.A) ** 2)])

    x, _, status, message = fsolve(residual, np.zeros(2), full_output=True, xtol=1e-13)
    if status != 1 and np.abs(residual(x)).max() > 1e-10:
        raise ValueError(message)
    A1, A2 = float(np.exp(x[0]) * left.A), float(np.exp(x[1]) * right.A)
    return Solution(left, right, A1, left.u - left.change(A1), A2, right.u + right.change(A2))
