"""Whether this process is one of several MPI ranks, told from what mpirun sets: MPI itself is not loaded."""

from __future__ import annotations

import os

#: (number of ranks, own rank) as Open MPI and as the starters of MPICH and Intel MPI name them.
NAMES = (("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"), ("PMI_SIZE", "PMI_RANK"))


def ranks() -> tuple[int, int]:
    """Number of ranks and the own one; (1, 0) where no mpirun has started this."""
    for size, rank in NAMES:
        if size in os.environ:
            return int(os.environ[size]), int(os.environ.get(rank, "0"))
    return 1, 0
