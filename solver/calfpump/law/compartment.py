"""The pressure of a muscle compartment, as a table over its muscle's shortening and the filling of its veins."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class CompartmentLaw:
    """p_c(s, r): pressure of a compartment whose muscle has shortened by s and whose veins hold ΣA = r ΣA0.

    ``s`` (k,) shortening 1 − λ, increasing; ``ratio`` (m,) = ΣA/ΣA0, increasing; ``p_c`` (k, m) [Pa]. Bilinear between the points, constant
    beyond the ratios, the last slope beyond the shortenings.

    Raises
    ------
    ValueError
        Axes that do not increase or a table of another shape.
    """

    name: str
    s: Array
    ratio: Array
    p_c: Array

    def __post_init__(self) -> None:
        if self.p_c.shape != (self.s.size, self.ratio.size):
            raise ValueError(f"compartment {self.name}: p_c has shape {self.p_c.shape}, its axes ({self.s.size}, {self.ratio.size})")
        if np.any(np.diff(self.s) <= 0) or np.any(np.diff(self.ratio) <= 0):
            raise ValueError(f"compartment {self.name}: the axes s and ratio must increase")

    def _rows(self, ratio: float) -> tuple[Array, Array]:
        """p_c and ∂p_c/∂ratio (k,) at one ratio."""
        if self.ratio.size == 1 or not self.ratio[0] <= ratio <= self.ratio[-1]:
            return self.p_c[:, 0 if ratio < self.ratio[0] else -1], np.zeros(self.s.size)
        j = int(np.clip(np.searchsorted(self.ratio, ratio, side="right") - 1, 0, self.ratio.size - 2))
        slope = (self.p_c[:, j + 1] - self.p_c[:, j]) / (self.ratio[j + 1] - self.ratio[j])
        return self.p_c[:, j] + (ratio - self.ratio[j]) * slope, slope

    def _along(self, s: float, rows: Array) -> float:
        if self.s.size == 1:
            return float(rows[0])
        k = int(np.clip(np.searchsorted(self.s, s, side="right") - 1, 0, self.s.size - 2))
        w = (max(s, float(self.s[0])) - self.s[k]) / (self.s[k + 1] - self.s[k])
        return float(rows[k] + w * (rows[k + 1] - rows[k]))

    def pressure(self, s: float, ratio: float) -> float:
        """p_c [Pa]."""
        return self._along(s, self._rows(ratio)[0])

    def slope(self, s: float, ratio: float) -> float:
        """∂p_c/∂ratio [Pa]."""
        return self._along(s, self._rows(ratio)[1])
