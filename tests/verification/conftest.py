"""The oracles, exact or published answers written as code, are imported as `oracles.<name>`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
