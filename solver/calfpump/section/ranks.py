"""The processes (MPI ranks) among which a section's cells are shared out.

Every rank takes the same decisions because it compares the same numbers: a reduction is done on one rank and its result sent to all.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from mpi4py import MPI

from calfpump.section.curves import Floats, Ints


class Ranks:
    """Reductions over the ranks of `comm` (default: this process alone); on one rank they cost nothing."""

    def __init__(self, comm: Any = None) -> None:
        self.comm: Any = MPI.COMM_SELF if comm is None else comm
        self.alone = bool(self.comm.size == 1)

    def sum(self, values: Floats) -> Floats:
        """Sum over the ranks of equal arrays."""
        if self.alone:
            return values
        total = np.array(values, dtype=np.float64)
        self.comm.Reduce(total.copy() if self.comm.rank else MPI.IN_PLACE, total if self.comm.rank == 0 else None, op=MPI.SUM)
        self.comm.Bcast(total)
        return total

    def max(self, value: float) -> float:
        """Largest over the ranks; not finite if one is not."""
        if self.alone:
            return value
        largest = np.array([value if np.isfinite(value) else np.inf])
        self.comm.Allreduce(MPI.IN_PLACE, largest, op=MPI.MAX)
        return float(largest[0])

    def joined(self, values: Any) -> list[Any]:
        """The object of every rank, in order of ranks."""
        return [values] if self.alone else list(self.comm.allgather(values))


class Gathering:
    """Values at things numbered 0 … n − 1 alike on all ranks, each kept by one rank, brought to every rank.

    `own` are the numbers that this rank keeps.
    """

    def __init__(self, ranks: Ranks, own: Ints) -> None:
        self._comm = ranks.comm
        parts = ranks.joined(own)
        self._counts = np.array([len(part) for part in parts])
        self._order = np.concatenate(parts)
        self.complete = bool(np.array_equal(np.sort(self._order), np.arange(len(self._order))))

    def __len__(self) -> int:
        return len(self._order)

    def __call__(self, values: Floats) -> Floats:
        """Values (n, 2) of all, from the values (k, 2) of the own."""
        received = np.empty((len(self._order), 2))
        self._comm.Allgatherv(np.ascontiguousarray(values, dtype=np.float64), (received, 2 * self._counts))
        result = np.empty_like(received)
        result[self._order] = received
        return result
