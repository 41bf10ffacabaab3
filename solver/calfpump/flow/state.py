"""The state of a network at one time: where a run begins, ends and is taken up again."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class State:
    """Everything that is advanced in time; a run resumed from it goes on bit for bit.

    ``t`` [s]; cells ``A`` [m²] and ``Q`` [m³/s], totals over parallel vessels; beds ``V`` [m³]; valves ``zeta`` and ``q_valve``;
    per vessel end ``end_total`` [Pa] and ``end_Q`` [m³/s]; per node ``head`` [Pa]; per tracer ``marked`` (nk, ncell) [m²], its share of A, and
    ``marked_bed`` (nk, nbed) [m³].
    """

    t: float
    A: Array
    Q: Array
    V: Array
    zeta: Array
    q_valve: Array
    end_total: Array
    end_Q: Array
    head: Array
    marked: Array = field(default_factory=lambda: np.zeros((0, 0)))
    marked_bed: Array = field(default_factory=lambda: np.zeros((0, 0)))

    def with_cells(self, A: Array | None = None, Q: Array | None = None) -> State:
        """The same state with other areas or flows in the cells."""
        return replace(self, A=self.A if A is None else np.asarray(A, float), Q=self.Q if Q is None else np.asarray(Q, float))

    def save(self, path: str | Path) -> None:
        """Write as .npz."""
        arrays: dict[str, Any] = {f.name: np.asarray(getattr(self, f.name)) for f in fields(self)}
        np.savez(path, **arrays)

    @classmethod
    def load(cls, path: str | Path) -> State:
        """Read what `save` wrote."""
        with np.load(path) as data:
            return cls(float(data["t"]), *(data[f.name] for f in fields(cls)[1:]))
