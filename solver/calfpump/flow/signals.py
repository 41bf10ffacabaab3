"""What drives a network in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Signals:
    """Named signals, linear in time between the samples ``t`` (nt,) [s].

    ``values``: name → (nt,), or a number for a constant. ``posture`` (nt, nseg) = sin of the elevation of each body segment (standing 1,
    supine 0, elevated legs negative), or None for weightlessness.
    """

    t: Array
    values: Mapping[str, Array | float] = field(default_factory=dict)
    posture: Array | None = None

    @classmethod
    def constant(cls, posture: tuple[float, ...] | None = None, **values: float) -> Signals:
        """Signals that never change."""
        w = None if posture is None else np.tile(np.asarray(posture, float), (2, 1))
        return cls(np.array([-1e9, 1e9]), dict(values), w)

    def __call__(self, name: str, t: float) -> float:
        """The named signal at time t."""
        return float(np.interp(t, self.t, np.broadcast_to(np.asarray(self.values[name], float), self.t.shape)))
