"""A run that is kept while it runs: stopped at any moment, it goes on from its last checkpoint and ends bit for bit as if it had not been.

In the folder lie ``rows-<k>.npz``, the samples since the checkpoint before, each written once, and ``state.npz``: everything that is advanced
in time, the cumulated volumes, the counts, the number of the last sample, and the fingerprint of all that the kernels see. ``state.npz``
is replaced in one step, last; samples that it does not name are none.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

STATE = "state.npz"


class Checkpoint:
    """Keeps a march in ``folder``, at an output time at least ``every`` seconds of wall time after the last one.

    ``resumed``: the times [s] at which the run was taken up again, in all.
    """

    def __init__(self, folder: Path, every: float = 10.0) -> None:
        self.folder, self.every = folder, every
        self.resumed: list[float] = []
        self._print = ""
        self._segments: list[int] = []
        self._kept = -1
        self._last = monotonic()

    def resume(self, fingerprint: str, t: Array, unknowns: Iterable[Array], counted: Iterable[Array], rows: Mapping[str, Array]) -> int:
        """Fill the arrays from the last checkpoint of a run with the same fingerprint; the number of its last sample, −1 if there is none."""
        self._print, self._last = fingerprint, monotonic()
        try:
            with np.load(self.folder / STATE) as state:
                if str(state["fingerprint"]) != fingerprint:
                    return self._fresh()
                k, segments = int(state["sample"]), [int(s) for s in state["segments"]]
                kept = [state[f"array {i}"] for i in range(len(list(state.files)) - 4)]
                resumed = [float(x) for x in state["resumed"]]
            for segment, end in zip(segments, [*segments[1:], k + 1], strict=True):
                with np.load(self.folder / f"rows-{segment}.npz") as data:
                    for name, array in rows.items():
                        array[segment:end] = data[name]
        except (OSError, KeyError, ValueError, EOFError, BadZipFile):
            return self._fresh()
        for array, value in zip([*unknowns, *counted], kept, strict=True):
            array[...] = value
        self._segments, self._kept = segments, k
        self.resumed = [*resumed, float(t[k])]
        return k

    def _fresh(self) -> int:
        self.clear()
        return -1

    def keep(self, k: int, unknowns: Iterable[Array], counted: Iterable[Array], rows: Mapping[str, Array]) -> None:
        """Write sample ``k`` and all before it, if it is time to."""
        if monotonic() - self._last < self.every:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        first = self._kept + 1
        _write(self.folder / f"rows-{first}.npz", {name: array[first : k + 1] for name, array in rows.items()})
        arrays = {f"array {i}": array for i, array in enumerate([*unknowns, *counted])}
        named = {"fingerprint": np.array(self._print), "sample": np.array(k), "segments": np.array([*self._segments, first])}
        _write(self.folder / STATE, {**arrays, **named, "resumed": np.array(self.resumed, float)})
        self._segments.append(first)
        self._kept, self._last = k, monotonic()

    def clear(self) -> None:
        """Remove what is kept."""
        shutil.rmtree(self.folder, ignore_errors=True)


def _write(path: Path, arrays: Mapping[str, Array]) -> None:
    """Written aside, on the disk, then renamed."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with open(aside, "wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    os.replace(aside, path)


def fingerprint(sources: str, *parts: Any) -> str:
    """SHA-256 over arrays, numbers and texts, nested in tuples or not."""
    digest = hashlib.sha256(f"{np.__version__} {sources}".encode())

    def add(part: Any) -> None:
        if isinstance(part, tuple):
            for item in part:
                add(item)
        elif isinstance(part, np.ndarray):
            digest.update(f"{part.dtype} {part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())

    add(parts)
    return digest.hexdigest()
