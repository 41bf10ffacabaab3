"""Dents of outlines whose number is known."""

from __future__ import annotations

import numpy as np
import pytest

from calfpump.section.measure import dents

PHI = np.linspace(0.0, 2.0 * np.pi, 216, endpoint=False)


def polar(r: np.ndarray) -> np.ndarray:
    """The outline r(φ)."""
    return np.stack([r * np.cos(PHI), r * np.sin(PHI)], axis=1)


def bent(n: int, height: float) -> np.ndarray:
    """A strip of half length 1 and half thickness .1, rounded by an ellipse, along n half waves."""
    x, y = np.cos(PHI), 0.1 * np.sin(PHI)
    return np.stack([x, y + height * np.sin(0.5 * n * np.pi * (x + 1.0))], axis=1)


def test_a_round_or_oval_lumen_has_none() -> None:
    assert dents(polar(np.ones_like(PHI))) == 0
    assert dents(np.stack([np.cos(PHI), 0.05 * np.sin(PHI)], axis=1)) == 0


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_lobes_have_a_dent_between_them(n: int) -> None:
    """Wherever the outline begins and whichever way it runs."""
    outline = polar(1.0 + 0.4 * np.cos(n * PHI))
    assert {dents(np.roll(way, k, axis=0)) for way in (outline, outline[::-1]) for k in range(0, 216, 7)} == {n}


def test_a_bean_has_one_and_an_s_two() -> None:
    assert dents(bent(1, 0.4)) == 1
    assert dents(bent(2, 0.4)) == 2


def test_small_waves_are_no_dents() -> None:
    """By 2 ε = .004 of the radius."""
    assert dents(polar(1.0 + 0.002 * np.cos(24 * PHI))) == 0


@pytest.mark.parametrize("n", [3, 4])
def test_crossed_sides_and_sharp_bends_at_the_tips_are_none(n: int) -> None:
    """As contact leaves them where walls are pressed on one another, and creases where they bend."""
    outline = polar(1.0 + 0.4 * np.cos(n * PHI))
    for tip in range(0, len(PHI), len(PHI) // n):
        outline[[tip - 1, (tip + 1) % len(PHI)]] = outline[[(tip + 1) % len(PHI), tip - 1]]
        outline[tip] *= 0.98
    assert dents(outline) == n
