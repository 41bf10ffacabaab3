"""How the kernels are compiled: numba options, and a disk cache that cannot go stale.

numba's own cache looks at one source file only; a kernel that calls functions of other files would be taken from the cache although they
have changed. Here the folder of the cache is named by the hash of all kernel sources.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

from calfpump.cache import kernels

F = TypeVar("F", bound=Callable[..., Any])

#: never nnan or ninf: they would compile the checks for NaN and for A > 0 away
FASTMATH = {"contract", "reassoc", "nsz", "arcp", "afn"}
#: kernels make no arrays: without reference counts, of which every array of every tuple passed on would have its own in each step
OPTIONS: dict[str, Any] = {"error_model": "numpy", "_nrt": False}


@cache
def sources() -> str:
    """Hash of numba's version and of all kernel sources: what a kernel's result depends on beside its arguments."""
    digest = hashlib.sha256(numba.__version__.encode())
    here = Path(__file__).parent
    for source in [*sorted(here.glob("*.py")), here.parent / "law" / "kernel_table.py"]:
        text = source.read_bytes()
        if any(mark in text for mark in (b"@kernel", b"@inlined", b"@entry")) or source.name in ("compiled.py", "arrays.py", "kernel_table.py"):
            digest.update(text)
    return digest.hexdigest()


@cache
def cache_folder() -> str:
    """Below the folder of `calfpump.cache.kernels` the hash of the sources; "" if not writable."""
    folder = kernels() / sources()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return ""
    return str(folder) if os.access(folder, os.W_OK) else ""


def kernel(function: F) -> F:
    """A function that other kernels call: compiled into its caller."""
    return numba.njit(fastmath=FASTMATH, **OPTIONS)(function)  # type: ignore[no-any-return]


def inlined(function: F) -> F:
    """A kernel whose code stands where it is called: handing over hundreds of arrays, seven words each, would cost more than some loops do."""
    return numba.njit(fastmath=FASTMATH, forceinline=True, **OPTIONS)(function)  # type: ignore[no-any-return]


def entry(function: F) -> F:
    """A function that Python calls: compiled once per machine and kept on disk; it lets other threads run."""
    folder = cache_folder()
    before = numba.config.CACHE_DIR
    numba.config.CACHE_DIR = folder
    try:
        return numba.njit(fastmath=FASTMATH, cache=bool(folder), nogil=True, **OPTIONS)(function)  # type: ignore[no-any-return]
    finally:
        numba.config.CACHE_DIR = before
