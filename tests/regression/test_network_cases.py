"""The flow-only cases that are shipped: each runs, balances, and shows one number that means something."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import calfpump
from calfpump.case.shipped import shipped
from calfpump.results import Result

FOLDER = shipped("cases") / "networks"
KPA = 7.50061683  # mmHg


def solved(name: str, folder: Path, *overrides: str) -> Result:
    result = calfpump.run(calfpump.load_case(FOLDER / f"{name}.toml", overrides), out=folder / (name + "-".join(overrides).replace(" ", "")))
    assert result.value("imbalance of volume over the throughput") < 1e-10
    return result


def at(result: Result, column: str, time: float) -> float:
    table = result.probes
    return float(np.interp(time, table["time [s]"], table[column]))


def test_common_carotid(tmp_path: Path) -> None:
    """Boileau et al. 2015, finite-volume curve of the ninth beat: 16.563 kPa at its highest, .351 s into the beat."""
    result = solved("common_carotid", tmp_path)
    table = result.probes[result.probes["time [s]"] > 8.8]
    assert table["midpoint p [mmHg]"].max() == pytest.approx(16.5627 * KPA, rel=1e-3)
    assert table["time [s]"].iloc[int(table["midpoint p [mmHg]"].argmax())] - 8.8 == pytest.approx(0.351, abs=0.005)


def test_thoracic_aorta(tmp_path: Path) -> None:
    """Boileau et al. 2015, finite-volume curve .81 and .897 s into a beat: 10.677 and 10.060 kPa, 14.11 and 8.61 mL/s."""
    result = solved("thoracic_aorta", tmp_path)
    for phase, p, Q in ((0.81, 10.67728, 14.10995), (0.897, 10.06042, 8.61436)):
        assert at(result, "midpoint p [mmHg]", 9.55 + phase) == pytest.approx(p * KPA, rel=3e-3)
        assert at(result, "midpoint Q [mL/s]", 9.55 + phase) == pytest.approx(Q, abs=0.5)  # of 509 at its highest


def test_aortic_bifurcation(tmp_path: Path) -> None:
    """Boileau et al. 2015, finite-volume curve in the middle of the aorta: 75.53 mL/s and 13.233 kPa .231 s into a beat; both legs get the same."""
    result = solved("aortic_bifurcation", tmp_path)
    assert at(result, "aorta Q [mL/s]", 9.9 + 0.231) == pytest.approx(75.534, rel=1.3e-2)
    assert at(result, "aorta p [mmHg]", 9.9 + 0.231) == pytest.approx(13.2331 * KPA, rel=1.3e-2)
    assert result.value("volume in behind left leg") == pytest.approx(result.value("volume in behind right leg"), rel=1e-9)


def test_giraffe_jugular(tmp_path: Path) -> None:
    """Half way down the film is one whose weight balances friction, A = √(8πνQ/g); above the heart the vein is open."""
    result = solved("giraffe_jugular", tmp_path)
    film = np.sqrt(8 * np.pi * 4e-3 / 1060 * 40e-6 / 9.81) * 1e6
    assert result.probes["film A [mm²]"].iloc[-1] == pytest.approx(film, rel=5e-3)
    assert result.probes["above the heart A [mm²]"].iloc[-1] > 500
    assert np.median(np.abs(result.profiles["Q [mL/s]"] - 40)) < 0.02 * 40


def test_starling_resistor(tmp_path: Path) -> None:
    """Lowering the pressure downstream of the collapsed tube by 4 mmHg changes the flow by less than 1 %; raising it above the chamber's stops it."""
    flows = [
        solved("starling_resistor", tmp_path, f"network.boundary[2].value={p} mmHg").probes["outlet Q [mL/s]"].iloc[-100:].mean() for p in (2, -2, 12)
    ]
    assert flows[1] == pytest.approx(flows[0], rel=1e-2)
    assert abs(flows[2]) < 0.02 * flows[0]


def test_valve_pump(tmp_path: Path) -> None:
    """It lifts blood from 8 to 25 mmHg; with the valves wide open backwards, blood runs down."""
    assert solved("valve_pump", tmp_path).value("mean flow at above (last period)") > 5
    leaky = solved("valve_pump", tmp_path, "network.valve[1].leak=1", "network.valve[2].leak=1")
    assert leaky.value("mean flow at above (last period)") < 0
