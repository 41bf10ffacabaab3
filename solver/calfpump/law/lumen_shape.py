"""Diameters and shape of a vein's lumen at rest against its blood pressure: what ultrasound sees of a vein under a hose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass(frozen=True)
class LumenShape:
    """A vein at rest, all veins of its section at a common α.

    ``alpha`` (n,) = A/A0, increasing; ``p`` (n,) blood pressure [Pa] under the section's hose; ``depth`` (n,) antero-posterior and
    ``width`` (n,) transverse diameter of the lumen [m]; ``touching`` (n,) whether opposite walls touch; ``dents`` (n,) of its outline: none in a
    round or oval one, two in a flattened one or an S, n in one with n lobes; ``gap`` (n,) least one between opposite walls near one another [m],
    negative by the contact's depth, infinite where none are near.

    Under a uniform surface pressure H more, incompressible tissue shifts every pressure by H: the lumen is that of p − H.
    """

    alpha: Array
    p: Array
    depth: Array
    width: Array
    touching: Array
    dents: Array
    gap: Array

    def closing_pressure(self) -> float:
        """Blood pressure [Pa] at which opposite walls begin to touch, halfway between the neighbouring states; NaN if they never do."""
        touching = np.flatnonzero(self.touching)
        if touching.size == 0:
            return float("nan")
        last = int(touching[-1])
        return float(0.5 * (self.p[last] + self.p[min(last + 1, len(self.p) - 1)]))

    def narrowing_pressure(self, p: float, share: float) -> float:
        """Blood pressure [Pa] below ``p`` at which the antero-posterior diameter has fallen by ``share`` of its value at ``p``; NaN if it never does.

        The diameter need not be monotone (a vein first rounds, then flattens): the first crossing on the way down counts.
        """
        fine = np.linspace(self.p[0], p, 4001)
        depth = np.interp(fine, self.p, self.depth)
        below = np.flatnonzero(depth <= (1.0 - share) * depth[-1])
        return float(fine[below[-1]]) if below.size else float("nan")
