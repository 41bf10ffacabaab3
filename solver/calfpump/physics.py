"""The number of the physics: part of the name of every law and every result.

Raised by one whenever the same case may give other numbers than before (model, numerics, constants), so that nothing old is taken for new.
"""

from __future__ import annotations

PHYSICS = 6
