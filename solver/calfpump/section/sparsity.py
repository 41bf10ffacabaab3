"""Sparsity of the tangent: that of the tissues, and the few couplings that contact and hull add.

Entries added one by one to an assembled PETSc matrix cost a copy of the matrix each, and they never leave; the tangent was then ten
times slower than its bulk (measured). So the pattern is joined here in arrays and the matrix made anew when a pair needs it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from petsc4py import PETSc

from calfpump.section.curves import Ints


class Pattern:
    """Patterns that grow from an assembled `matrix` on the ranks of `comm`."""

    def __init__(self, matrix: Any, comm: Any) -> None:
        rows, columns, values = matrix.getValuesCSR()
        self._sizes, self._comm = matrix.getSizes(), comm
        self._maps = matrix.getLGMap() if comm.size > 1 else None  # from a rank's own rows and columns to those of all
        self._first, self._end = matrix.getOwnershipRange()
        self._shape = (self._end - self._first, matrix.getSize()[1])
        self._base = scipy.sparse.csr_matrix((np.ones_like(values, dtype=np.int8), columns, rows), shape=self._shape)
        self._extra: set[bytes] = set()

    def lacks(self, blocks: Ints) -> bool:
        """True when the last matrix made misses an entry of the `blocks` (k, q) of unknowns, numbered for all ranks, that are coupled among themselves."""
        return any(block.tobytes() not in self._extra for block in blocks)

    def matrix(self, blocks: Ints) -> Any:
        """A matrix of zeros with the entries of the tissues and of `blocks`."""
        self._extra = {block.tobytes() for block in blocks}
        k, q = blocks.shape
        rows = np.repeat(blocks, q, axis=1).reshape(-1)
        columns = np.tile(blocks, (1, q)).reshape(-1)
        kept = (rows >= self._first) & (rows < self._end) & (columns >= 0)
        extra = scipy.sparse.coo_matrix((np.ones(int(kept.sum()), dtype=np.int8), (rows[kept] - self._first, columns[kept])), shape=self._shape)
        joined = (self._base + extra.tocsr()).tocsr() if k else self._base
        joined.sort_indices()
        matrix = PETSc.Mat().createAIJ(
            self._sizes, csr=(joined.indptr.astype(PETSc.IntType), joined.indices.astype(PETSc.IntType), np.zeros(joined.nnz)), comm=self._comm
        )
        if self._maps is not None:
            matrix.setLGMap(*self._maps)
        matrix.setOption(PETSc.Mat.Option.SYMMETRIC, True)
        return matrix
