"""Whether the kernels of this version are compiled on this machine already."""

from __future__ import annotations

from pathlib import Path

from calfpump.flow import compiled


def empty() -> bool:
    """Whether the cache has no step kernel of these sources, or there is none to write to."""
    folder = compiled.cache_folder()
    return not folder or not any(Path(folder).glob("*/advance.*.nbi"))
