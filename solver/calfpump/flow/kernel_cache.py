"""Whether the kernels of this version are compiled on this machine already."""

from __future__ import annotations

from pathlib import Path


def place() -> str | None:
    """Where numba keeps the step kernel of these sources; it tells the same sources in another folder apart. None if there is nowhere to write to."""
    from calfpump.flow.advance import advance

    path: str | None = advance.stats.cache_path  # type: ignore[attr-defined]
    return path


def empty() -> bool:
    """Whether the step kernel has to be compiled."""
    folder = place()
    return folder is None or not any(Path(folder).glob("advance.*.nbi"))
