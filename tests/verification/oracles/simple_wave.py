"""A simple wave towards larger x: u − ∫ c/A dA = 0 from the area at rest, A constant along dx/dt = u + c, exact until it breaks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from oracles.riemann import Law

Array = NDArray[np.float64]
NODES, WEIGHTS = np.polynomial.legendre.leggauss(20)


def velocity(law: Law, A: Array, A_rest: float, rho: float) -> Array:
    """u(A) = ∫ c/A dA, in log A."""
    half = 0.5 * np.log(A / A_rest)
    total = np.zeros_like(A)
    for node, weight in zip(NODES, WEIGHTS, strict=True):
        total += weight * np.sqrt(law.c2(A_rest * np.exp(half * (1.0 + node)), rho))
    return half * total


def averages(law: Law, initial: Callable[[Array], Array], A_rest: float, rho: float, cells: int, length: float, t: float) -> tuple[Array, Array]:
    """Cell averages of A and Q at time t of the wave that was ``initial``(x) at t = 0."""
    start = np.linspace(-0.2 * length, 1.2 * length, 200_001)
    A = initial(start)
    u = velocity(law, A, A_rest, rho)
    x = start + (u + np.sqrt(law.c2(A, rho))) * t
    if np.any(np.diff(x) <= 0.0):
        raise ValueError("the wave has broken")
    edges = np.linspace(0.0, length, cells + 1)

    def mean(values: Array) -> Array:
        along = np.concatenate([[0.0], np.cumsum(0.5 * (values[1:] + values[:-1]) * np.diff(x))])
        return np.diff(np.interp(edges, x, along)) / np.diff(edges)

    return mean(A), mean(A * u)
