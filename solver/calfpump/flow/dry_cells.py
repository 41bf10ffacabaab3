"""Nearly dry cells: turbulent friction, where a law has no data left and a vein no width.

A lumen below α = TAIL_R² = .0025 (a slit, whatever its law) keeps little momentum, and what is pushed into it from full cells would run at any speed:
without viscosity u grows as fast as the area falls, until no time step is left. What stops it is the wall. Darcy's friction
f ρu²/8 on the perimeter 2√(πA), f = max(64/Re, FACTOR), gives dQ/dt = −F u with

    F = FACTOR |u| √(πA)/4,

above the laminar 8πν from Re = 64/FACTOR = 2100 on: blood (ν = 3.8e-6 m²/s) in a saphenous vein that is closed so far reaches it at 16 m/s only.

Source of FACTOR: smooth pipes at Re = 1e4 (Moody 1944, Trans ASME 66:671).
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.compiled import kernel
from calfpump.law.kernel_table import TAIL_R

FACTOR = 0.03
#: vapour pressure of blood at 37 °C (6.3 kPa) below the atmosphere [Pa]: it boils, and nothing draws harder
BOILING = -95e3


@kernel
def brake(r, A, u, friction):
    """Friction of all nearly dry cells no smaller than the turbulent one, at the present velocity."""
    n_low = 0
    for i in range(r.size):
        n_low += r[i] < TAIL_R
    if n_low > 0:
        for i in range(r.size):
            if r[i] < TAIL_R:
                friction[i] = max(friction[i], 0.25 * FACTOR * abs(u[i]) * np.sqrt(np.pi * A[i]))
