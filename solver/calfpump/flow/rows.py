"""Where the samples of a run are kept: in memory, or, where they are many, in files that the system pages out."""

from __future__ import annotations

import mmap
import os
from math import prod
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

#: bytes of an array from which it is a file
LARGE = 2**24


def table(shape: tuple[int, ...], folder: Path | None) -> Array:
    """Zeros; in a nameless file in ``folder`` where they are large, which goes with the array or the process, however that ends.

    The file's room is taken at once: a disk that fills up later would end the process without a word. Without room, in memory.
    """
    size = 8 * prod(shape)
    if folder is None or size < LARGE:
        return np.zeros(shape)
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryFile(dir=folder) as file:
        try:
            os.posix_fallocate(file.fileno(), 0, size)
        except OSError:
            return np.zeros(shape)
        mapped = mmap.mmap(file.fileno(), size)
    return np.frombuffer(mapped).reshape(shape)
