"""The tube law of one vein inside its compartment, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class TubeLaw:
    """p = p_c + f(α; s): blood pressure of a vein over the pressure p_c of its compartment.

    ``A0`` [m²] stress-free lumen area of one vein; ``alpha`` (n,) = A/A0, increasing; ``s`` (k,) shortening 1 − λ of the vein's own
    muscle, increasing; ``f`` (k, n) [Pa], strictly increasing in alpha; ``G`` (k, n) [m⁴] lumen conductance, −dp/dx = μ Q / G;
    ``alpha_fe`` (k, 2) the range of alpha that was really computed, the rest of the table is extension.
    """

    name: str
    A0: float
    alpha: Array
    s: Array
    f: Array
    G: Array
    alpha_fe: Array
