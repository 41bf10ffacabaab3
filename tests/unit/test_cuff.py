"""Intermittent pneumatic compression: the chambers' pressures in time, and on which veins they press."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calfpump.anatomy.leg import reference_leg
from calfpump.case import CaseError, load_case
from calfpump.case.cuff import Cuff
from calfpump.pump.cuff import UNDER, chamber_pressure
from calfpump.pump.protocol import episodes, signals

MMHG = 133.322387415
CASE = Path(__file__).parents[2] / "cases" / "quickstart.toml"


def test_chamber_rises_holds_and_falls() -> None:
    """rise 3 s: τ = 1 s, so 1 − 1/e of 40 mmHg a second after its delay; 1/e of the top one time constant after the end; nothing before the start."""
    cuff = Cuff(device="uniform", calf="40 mmHg", calf_delay="2 s", rise="3 s", inflated="22 s", period="60 s", fall="0.5 s", start="10 s")
    t = np.array([0.0, 9.99, 11.0, 13.0, 31.999, 32.5, 33.0, 69.9])
    exact = 40 * np.array([0.0, 0.0, 0.0, 1 - np.exp(-1.0), 1.0, np.exp(-1.0), np.exp(-2.0), 0.0])
    assert chamber_pressure(cuff, "calf", t) / MMHG == pytest.approx(exact, abs=1e-3)
    assert chamber_pressure(cuff, "calf", t + 60.0)[2:] == pytest.approx(chamber_pressure(cuff, "calf", t)[2:], abs=1e-9)


def test_slow_deflation_is_carried_into_the_next_cycle() -> None:
    """A chamber that is inflated again before it is empty does not jump down first."""
    cuff = Cuff(device="rapid", calf="50 mmHg", rise="3 s", inflated="6 s", period="8 s", fall="4 s")
    t = np.linspace(0.0, 24.0, 2401)
    p = chamber_pressure(cuff, "calf", t)
    assert np.abs(np.diff(p)).max() < 1.1 * 50 * MMHG * 0.01  # steepest rise: p/τ
    assert p[800] > 0.5 * 50 * MMHG


def test_cuff_presses_on_all_that_lies_under_it() -> None:
    """The protocol's external pressures with a cuff less those without: the chamber's pressure under it, nothing elsewhere."""
    def pressures(*overrides: str) -> tuple[np.ndarray, dict[str, np.ndarray]]:
        case = load_case(CASE, overrides)
        drive = signals(case, reference_leg(case.subject.stature), episodes(case))
        return drive.t, {name: p for name, p in drive.values.items() if name.startswith("pressure.")}

    t, bare = pressures()
    _, pressed = pressures("cuff.device=sequential")
    cuff = Cuff(device="sequential")
    for name, p in pressed.items():
        chamber = next((c for c, spaces in UNDER.items() if name.removeprefix("pressure.") in spaces and c != "foot"), None)
        assert p - bare[name] == pytest.approx(chamber_pressure(cuff, chamber, t) if chamber else 0.0 * t, abs=1e-6), name
    assert (pressed["pressure.soleus"] - bare["pressure.soleus"]).max() == pytest.approx(40 * MMHG, rel=1e-3)


def test_cuff_problems() -> None:
    assert load_case(CASE, ["cuff.device=none"]).cuff is None
    for given, what in (("cuff.period=5 s", "inflated must be shorter than the period"), ("cuff.thigh_delay=12 s", "thigh_delay must be shorter")):
        with pytest.raises(CaseError, match=what):
            load_case(CASE, ["cuff.device=sequential", given])
