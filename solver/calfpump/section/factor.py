"""Sparse LDLᵀ of the symmetric indefinite tangent by MUMPS through PETSc: solves with many right-hand sides, and its inertia.

When the matrix is a new one PETSc rebuilds the factor, so the handle is fetched after every set-up; an old one would go on telling
the inertia of an earlier state. Settings live in the options data base under a prefix, so that a rebuilt factor keeps them.
"""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
from petsc4py import PETSc

from calfpump.section.curves import Floats

_prefixes = itertools.count()
#: 7, 12: quasi-dense minimum degree on the plain matrix (a third faster here than the automatic choice, measured); 14: extra working
#: space in %; 13: no ScaLAPACK at the root, which counts no negative pivots; 24: detect null pivots; 4: silence.
_MUMPS = {"icntl_7": 6, "icntl_12": 1, "icntl_13": 1, "icntl_14": 60, "icntl_24": 1, "icntl_4": 0}


class SingularTangent(ArithmeticError):
    """The tangent could not be factored."""


class Factor:
    """The last factorisation; the analysis is kept as long as it is the same matrix with new values."""

    def __init__(self) -> None:
        self._ksp: Any = None
        self._handle: Any = None
        self.count = 0
        self._matrix: Any = None

    def _set_up(self, matrix: Any) -> None:
        prefix = f"calfpump_section_{next(_prefixes)}_"
        options = PETSc.Options()
        for key, value in _MUMPS.items():
            options[f"{prefix}mat_mumps_{key}"] = value
        self.release()
        self._matrix = matrix
        self._ksp = PETSc.KSP().create(matrix.getComm())
        self._ksp.setOptionsPrefix(prefix)
        self._ksp.setType("preonly")
        pc = self._ksp.getPC()
        pc.setType("cholesky")
        pc.setFactorSolverType("mumps")
        self._ksp.setOperators(matrix)
        self._ksp.setFromOptions()

    def refresh(self, matrix: Any) -> None:
        """Factor `matrix` as it is now; raises `SingularTangent`."""
        if matrix is not self._matrix:
            self._set_up(matrix)
        self._ksp.setOperators(matrix)
        try:
            self._ksp.setUp()
        except PETSc.Error as problem:
            raise SingularTangent(str(problem)) from problem
        self._handle = self._ksp.getPC().getFactorMatrix()
        self.count += 1
        if self._handle.getMumpsInfog(1) < 0:
            raise SingularTangent(f"MUMPS stopped with INFOG(1) = {self._handle.getMumpsInfog(1)}")

    def release(self) -> None:
        """Give the memory back, on all ranks together: there Python's own deletion would not."""
        for held in (self._handle, self._ksp):
            if held is not None:
                held.destroy()
        self._handle = self._ksp = None

    @property
    def negative_pivots(self) -> int:
        """Number of negative eigenvalues of the matrix last factored (Sylvester)."""
        return int(self._handle.getMumpsInfog(12))

    def solve(self, columns: Floats) -> Floats:
        """Solutions (n, m) for finite right-hand sides `columns` (n, m) of a rank's unknowns; zero on its border."""
        count, owned = columns.shape[1], self._matrix.getLocalSize()[0]
        sizes = (self._matrix.getSizes()[0], (PETSc.DECIDE, count))
        right = PETSc.Mat().createDense(sizes, array=np.asfortranarray(columns[:owned]), comm=self._matrix.getComm())
        left = right.duplicate()
        self._handle.matSolve(right, left)
        result = np.array(left.getDenseArray(), dtype=np.float64)
        if len(columns) > owned:
            result = np.concatenate([result, np.zeros((len(columns) - owned, count))])
        right.destroy()
        left.destroy()
        return result
