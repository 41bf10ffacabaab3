"""Conductance of lumens: −dp/dx = μ Q/G with closed forms for circle, ellipse and slit."""

from __future__ import annotations

import numpy as np
import pytest

from calfpump.section.conductance import conductance


def ellipse(a: float, b: float, n: int = 400) -> np.ndarray:
    t = 2.0 * np.pi * np.arange(n) / n
    return np.stack([a * np.cos(t), b * np.sin(t)], axis=1)


@pytest.mark.parametrize(("a", "b", "tolerance"), [(1.0, 1.0, 3e-3), (2.5, 2.5, 3e-3), (2.0, 1.0, 3e-3), (4.0, 1.0, 5e-3), (10.0, 0.5, 5e-3)])
def test_ellipses(row, a: float, b: float, tolerance: float) -> None:
    """G = π a³b³/(4(a² + b²)) (Boussinesq 1868); for a circle A²/8π = πa⁴/8 (Poiseuille)."""
    exact = np.pi * a**3 * b**3 / (4.0 * (a * a + b * b))
    row("conductance of an ellipse", f"G at half axes {a:g}, {b:g}", exact, conductance(ellipse(a, b)), tolerance, source="Boussinesq 1868")


def test_error_falls_with_the_grid(row) -> None:
    """Second order: four times the cells, at least eight times less error."""
    outline = ellipse(2.0, 1.0, 2000)
    exact = np.pi * 8.0 / (4.0 * 5.0)
    coarse, fine = (conductance(outline, cells) for cells in (5, 20))
    order = float(np.log(abs(coarse / exact - 1.0) / abs(fine / exact - 1.0)) / np.log(4.0))
    row("conductance of an ellipse, finer grid", "G at half axes 2, 1", exact, fine, 1e-3, rate=(order, 1.5), source="Boussinesq 1868")


@pytest.mark.parametrize("turn", [0.0, 0.3, 1.1])
def test_slit_in_any_direction(row, turn: float) -> None:
    """A rectangle L × h: G = L h³/12 (1 − .630 h/L) (White 2006, first term of the series), however it lies."""
    L, h = 20.0, 1.0
    corners = np.array([[-L / 2, -h / 2], [L / 2, -h / 2], [L / 2, h / 2], [-L / 2, h / 2]])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    series = sum(np.tanh(k * np.pi * L / (2 * h)) / k**5 for k in range(1, 60, 2))
    exact = L * h**3 / 12.0 * (1.0 - 192.0 * h / (np.pi**5 * L) * series)
    row("conductance of a slit 20 × 1", f"G turned by {turn:g}", exact, conductance(corners @ rotation.T), 1e-2, source="White 2006")


def test_closed_lumen_carries_nothing() -> None:
    """A lumen without area has no conductance."""
    assert conductance(ellipse(3.0, 1e-9)) == 0.0
