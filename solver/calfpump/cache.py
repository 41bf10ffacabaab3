"""Where calfpump keeps what it need not compute twice, and pictures of what failed."""

from __future__ import annotations

import os
from pathlib import Path


def cache() -> Path:
    """``$CALFPUMP_CACHE``, else ``~/.cache/calfpump``; it need not exist."""
    root = os.environ.get("CALFPUMP_CACHE")
    return Path(root) if root else Path.home() / ".cache" / "calfpump"


def kernels() -> Path:
    """Compiled flow kernels: ``$NUMBA_CACHE_DIR``, else ``kernels`` in the cache."""
    root = os.environ.get("NUMBA_CACHE_DIR")
    return Path(root) if root else cache() / "kernels"
