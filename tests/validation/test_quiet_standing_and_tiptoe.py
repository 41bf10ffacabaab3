"""The first truths of the leg: hydrostatics of quiet standing; the pump lowers the ankle's pressure, valves make it do so."""

from __future__ import annotations

import pytest
from validation_page import Measurement

pytestmark = pytest.mark.slow

POLLACK = "Pollack 1949, J Clin Invest 28:559"
QUICKSTART, VALVELESS = "cases/quickstart.toml", "cases/valves_absent.toml"


def test_standing_ankle_pressure_is_hydrostatic(quickstart, measured):
    """Standing still, the pressure at the ankle is that of the column of blood up to the right atrium, p_RA + ρgh, within 1 %."""
    p, column = quickstart.value("ankle pressure standing"), quickstart.value("hydrostatic ankle pressure")
    seen = f"{column:.1f} by the column"
    measured(Measurement("quiet standing", "pressure at the ankle", seen, p, 0.99 * column, 1.01 * column, "mmHg", QUICKSTART, role="shown"))


def test_ten_tiptoes_lower_the_ankle_pressure_and_it_comes_back(quickstart, measured):
    """Ten tiptoes, then rest. Measured while walking: the pressure falls by 64 (54 to 71) mmHg, and it is back 31 (8 to 57) s after;
    of tiptoes, that they lower it by more than 30."""
    back = quickstart.value("ankle pressure after tiptoe") / quickstart.value("ankle pressure standing")
    measured(
        Measurement("exercise and rest", "fall of the ankle's pressure", "64 (54–71), walking", quickstart.value("fall of ankle pressure tiptoe"),
                    low=30.0, unit="mmHg", case=QUICKSTART, source=POLLACK, role="order"),
        Measurement("exercise and rest", "90 % back after", "31 (8–57)", quickstart.value("refill time RT90 after tiptoe"),
                    8.0, 57.0, "s", QUICKSTART, POLLACK, "shown"),
        Measurement("exercise and rest", "pressure a minute after, of that before", "back", back, low=0.95, case=QUICKSTART, role="order"),
    )  # fmt: skip


def test_without_valves_less_than_half_of_the_fall_is_left(quickstart, valveless, measured):
    """Without valves the pump lowers the ankle's pressure hardly: by less than half of what it does with them (an order, not a figure)."""
    fall = valveless.value("fall of ankle pressure tiptoe")
    half = 0.5 * quickstart.value("fall of ankle pressure tiptoe")
    measured(Measurement("the same without valves", "fall of the ankle's pressure", "little", fall, high=half, unit="mmHg", case=VALVELESS, role="order"))
