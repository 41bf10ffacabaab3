"""Where calfpump keeps what it need not compute twice, and pictures of what failed."""

from __future__ import annotations

import os
from pathlib import Path


def cache() -> Path:
    """``$CALFPUMP_CACHE``, else ``~/.cache/calfpump``; it need not exist."""
    root = os.environ.get("CALFPUMP_CACHE")
    return Path(root) if root else Path.home() / ".cache" / "calfpump"
