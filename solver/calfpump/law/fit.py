"""The three-parameter law of other codes, p = K (α^m − α^n), fitted to a computed one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

#: Pressure [Pa] that is added to |p| in the weight of a point: small pressures count absolutely, large ones relatively.
SCALE = 5.0 * 133.322387415
#: Exponents looked at; the search then narrows around the best three times.
M_RANGE, N_RANGE, POINTS, ROUNDS = (0.1, 40.0), (-4.0, -0.02), 41, 4


@dataclass(frozen=True)
class Fit:
    """p = K (α^m − α^n): ``K`` [Pa], ``m``, ``n``; ``rms`` and ``worst`` misfit [Pa] over the points fitted."""

    K: float
    m: float
    n: float
    rms: float
    worst: float

    def pressure(self, alpha: Array) -> Array:
        """p [Pa]."""
        return np.asarray(self.K * (alpha**self.m - alpha**self.n))


def fit(alpha: Array, p: Array) -> Fit:
    """Least squares of (p_fit − p)/(|p| + 5 mmHg); for each m > 0 > n the best K is linear, m and n are searched on narrowing grids."""
    weight = 1.0 / (np.abs(p) + SCALE)
    log_alpha = np.log(alpha)
    m = np.geomspace(*M_RANGE, POINTS)
    n = -np.geomspace(-N_RANGE[0], -N_RANGE[1], POINTS)
    K, best_m, best_n = 0.0, m[0], n[0]
    for _ in range(ROUNDS):
        shape = np.exp(m[:, None, None] * log_alpha) - np.exp(n[None, :, None] * log_alpha)
        up, down = (shape * p * weight**2).sum(axis=2), (shape**2 * weight**2).sum(axis=2)
        level = np.maximum(up / down, 0.0)
        error = (((level[:, :, None] * shape - p) * weight) ** 2).sum(axis=2)
        i, j = divmod(int(np.argmin(error)), POINTS)
        K, best_m, best_n = float(level[i, j]), float(m[i]), float(n[j])
        m = np.geomspace(m[max(i - 1, 0)], m[min(i + 1, POINTS - 1)], POINTS)
        n = -np.geomspace(-n[max(j - 1, 0)], -n[min(j + 1, POINTS - 1)], POINTS)
    misfit = K * (alpha**best_m - alpha**best_n) - p
    return Fit(K, best_m, best_n, float(np.sqrt(np.mean(misfit**2))), float(np.abs(misfit).max()))
