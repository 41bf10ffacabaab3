"""The first truths of the leg: hydrostatics of quiet standing; the pump lowers the ankle's pressure, valves make it do so.

Pollack 1949 (J Clin Invest 28:559): walking lowers the pressure of an ankle vein by 64 (54-71) mmHg, and it is back 31 (8-57) s after.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow


def test_standing_ankle_pressure_is_hydrostatic(quickstart):
    """p = p_RA + ρ g h within 1 %."""
    assert quickstart.value("ankle pressure standing") == pytest.approx(quickstart.value("hydrostatic ankle pressure"), rel=0.01)


def test_ten_tiptoes_lower_the_ankle_pressure_and_it_comes_back(quickstart):
    assert quickstart.value("fall of ankle pressure tiptoe") > 30.0
    assert quickstart.value("ankle pressure after tiptoe") > 0.95 * quickstart.value("ankle pressure standing")
    assert 8.0 < quickstart.value("refill time RT90 after tiptoe") < 57.0


def test_without_valves_less_than_half_of_the_fall_is_left(quickstart, valveless):
    assert valveless.value("fall of ankle pressure tiptoe") < 0.5 * quickstart.value("fall of ankle pressure tiptoe")
