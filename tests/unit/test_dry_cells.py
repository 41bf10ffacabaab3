"""Turbulent friction of nearly dry cells."""

from __future__ import annotations

import numpy as np

from calfpump.flow.dry_cells import FACTOR, brake
from calfpump.law.kernel_table import TAIL_R

A0, NU = 1e-5, 4e-6
LAMINAR = 8.0 * np.pi * NU


def braked(r: float, u: float) -> float:
    friction = np.array([LAMINAR])
    brake(np.array([r]), np.array([A0 * r * r]), np.array([u]), friction)
    return float(friction[0])


def test_darcy_friction_of_a_closed_lumen() -> None:
    """Wall stress f ρu²/8 on the perimeter πD of A = πD²/4, per ρ and length: F u = (f/8) πD u²."""
    r, u = 0.5 * TAIL_R, -500.0
    D = np.sqrt(4.0 * A0 * r * r / np.pi)
    assert np.isclose(braked(r, u) * abs(u), FACTOR / 8.0 * np.pi * D * u * u, rtol=1e-12)


def test_laminar_where_slow_or_open() -> None:
    """Below Re = 64/FACTOR and above α = TAIL_R² nothing changes; at that Re both are equal."""
    r = 0.5 * TAIL_R
    D = np.sqrt(4.0 * A0 * r * r / np.pi)
    critical = 64.0 / FACTOR * NU / D
    assert braked(r, 0.99 * critical) == LAMINAR
    assert np.isclose(braked(r, critical), LAMINAR, rtol=1e-12)
    assert braked(1.01 * TAIL_R, 100.0 * critical) == LAMINAR
