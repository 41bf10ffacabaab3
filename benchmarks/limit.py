"""The limit that the flow kernel is held against: a plain first-order scheme, in numba, in C and in NumPy."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from math import sqrt
from pathlib import Path

import numba
import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
March = Callable[[list[Array], int], None]
A0, K, INV_RHO, RATE = 5e-5, 100.0, 1.0 / 1060.0, 1e-3

C_SOURCE = r"""
#include <math.h>
static double min(double a, double b) { return a < b ? a : b; }
static double max(double a, double b) { return a > b ? a : b; }
void first_order(double *restrict A, double *restrict Q, double *restrict c, double *restrict flux, double *restrict F, double *restrict G,
                 double K, double A0, double inv_rho, double rate, long steps, long n) {
    double inv = 1.0 / A0;
    for (long s = 0; s < steps; s++) {
        for (long i = 0; i < n; i++) {
            double r = sqrt(A[i] * inv);
            c[i] = sqrt(0.5 * K * inv_rho * r);
            flux[i] = Q[i] * Q[i] / A[i] + K * inv_rho / 3.0 * A[i] * r;
        }
        for (long i = 0; i < n - 1; i++) {
            double u0 = Q[i] / A[i], u1 = Q[i + 1] / A[i + 1];
            double s0 = min(min(u0 - c[i], u1 - c[i + 1]), -1e-9), s1 = max(max(u0 + c[i], u1 + c[i + 1]), 1e-9);
            double w = 1.0 / (s1 - s0);
            F[i] = (s1 * Q[i] - s0 * Q[i + 1] + s0 * s1 * (A[i + 1] - A[i])) * w;
            G[i] = (s1 * flux[i] - s0 * flux[i + 1] + s0 * s1 * (Q[i + 1] - Q[i])) * w;
        }
        for (long i = 1; i < n - 1; i++) {
            A[i] -= rate * (F[i] - F[i - 1]);
            Q[i] -= rate * (G[i] - G[i - 1]);
        }
    }
}
"""


@numba.njit(fastmath=True, error_model="numpy")
def first_order(A, Q, c, flux, F, G, K, A0, inv_rho, rate, steps):  # type: ignore[no-untyped-def]
    """First-order HLL for p = K(√(A/A0) − 1), without friction, tables, outer pressure or nodes."""
    n, inv = A.size, 1.0 / A0
    for _ in range(steps):
        for i in range(n):
            r = sqrt(A[i] * inv)
            c[i] = sqrt(0.5 * K * inv_rho * r)
            flux[i] = Q[i] * Q[i] / A[i] + K * inv_rho / 3.0 * A[i] * r
        for i in range(n - 1):
            u0, u1 = Q[i] / A[i], Q[i + 1] / A[i + 1]
            s0 = min(min(u0 - c[i], u1 - c[i + 1]), -1e-9)
            s1 = max(max(u0 + c[i], u1 + c[i + 1]), 1e-9)
            w = 1.0 / (s1 - s0)
            F[i] = (s1 * Q[i] - s0 * Q[i + 1] + s0 * s1 * (A[i + 1] - A[i])) * w
            G[i] = (s1 * flux[i] - s0 * flux[i + 1] + s0 * s1 * (Q[i + 1] - Q[i])) * w
        for i in range(1, n - 1):
            A[i] -= rate * (F[i] - F[i - 1])
            Q[i] -= rate * (G[i] - G[i - 1])


def numpy_first_order(A: Array, Q: Array, steps: int) -> None:
    """The same in vectorised NumPy."""
    for _ in range(steps):
        r = np.sqrt(A / A0)
        c, u = np.sqrt(0.5 * K * INV_RHO * r), Q / A
        flux = Q * u + K * INV_RHO / 3.0 * A * r
        s0 = np.minimum(np.minimum(u[:-1] - c[:-1], u[1:] - c[1:]), -1e-9)
        s1 = np.maximum(np.maximum(u[:-1] + c[:-1], u[1:] + c[1:]), 1e-9)
        w = 1.0 / (s1 - s0)
        F = (s1 * Q[:-1] - s0 * Q[1:] + s0 * s1 * np.diff(A)) * w
        G = (s1 * flux[:-1] - s0 * flux[1:] + s0 * s1 * np.diff(Q)) * w
        A[1:-1] -= RATE * np.diff(F)
        Q[1:-1] -= RATE * np.diff(G)


def compiled_c() -> Callable[..., None] | None:
    """The C version, compiled by gcc -O3 -march=native -ffast-math; None without gcc."""
    if shutil.which("gcc") is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, library = Path(folder) / "limit.c", Path(folder) / "limit.so"
        source.write_text(C_SOURCE)
        subprocess.run(["gcc", "-O3", "-march=native", "-ffast-math", "-shared", "-fPIC", str(source), "-o", str(library), "-lm"], check=True)
        function = ctypes.CDLL(str(library)).first_order
    pointer = np.ctypeslib.ndpointer(dtype=np.float64, flags="C_CONTIGUOUS")
    function.argtypes = [pointer] * 6 + [ctypes.c_double] * 4 + [ctypes.c_long] * 2
    function.restype = None
    return function


def fields(cells: int) -> tuple[list[Array], int]:
    """A pulse at rest, work space, and as many steps as take a few milliseconds."""
    A = A0 * (1.0 + 0.05 * np.exp(-(((np.arange(cells) / cells - 0.5) / 0.1) ** 2)))
    return [A, *(np.zeros(cells) for _ in range(5))], max(20, 400_000 // cells)


def rate_of(cells: int, march: March) -> Callable[[], float]:
    """Million cell-steps per second of CPU time of ``march``."""
    arrays, steps = fields(cells)

    def run() -> float:
        start = time.process_time()
        march(arrays, steps)
        return cells * steps / (time.process_time() - start) / 1e6

    return run


def in_numba(arrays: list[Array], steps: int) -> None:
    """The limit."""
    first_order(*arrays, K, A0, INV_RHO, RATE, steps)


def in_numpy(arrays: list[Array], steps: int) -> None:
    """Vectorised NumPy."""
    numpy_first_order(arrays[0], arrays[1], steps)


def in_c(function: Callable[..., None]) -> March:
    """The compiled C version."""
    return lambda arrays, steps: function(*arrays, K, A0, INV_RHO, RATE, steps, arrays[0].size)
