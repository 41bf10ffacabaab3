"""A rising law from a computed one that may snap: the nearest rising table, and where it differs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


def rising(f: Array, least: float) -> tuple[Array, Array]:
    """Nearest table (n,) whose steps are at least `least`, and a mask (n,) of the points that moved.

    Pool-adjacent-violators (Barlow et al. 1972) on f − k·least: over a snap the falling piece becomes the level that halves it, as the equal-area
    rule of Maxwell does, from where a vein at given pressure jumps.
    """
    target = f - least * np.arange(len(f))
    levels: list[float] = []
    counts: list[int] = []
    for value in target:
        levels.append(float(value))
        counts.append(1)
        while len(levels) > 1 and levels[-2] > levels[-1]:
            total = counts[-2] + counts[-1]
            levels[-2] = (levels[-2] * counts[-2] + levels[-1] * counts[-1]) / total
            counts[-2] = total
            levels.pop()
            counts.pop()
    result = np.repeat(levels, counts) + least * np.arange(len(f))
    return result, np.abs(result - f) > 1e-9 * max(1.0, float(np.ptp(f)))
