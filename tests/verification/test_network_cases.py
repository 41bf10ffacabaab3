"""The flow-only cases that are shipped: each runs, balances, and shows one number that means something."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from oracles import boileau
from oracles.boileau import Curve
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

import calfpump
from calfpump.case.shipped import shipped
from calfpump.results import Result

if TYPE_CHECKING:
    import pandas as pd

FOLDER = shipped("cases") / "networks"
KPA = 7.50061683  # mmHg
BOILEAU = "Boileau et al. 2015, IJNMBE 31:e02732, finite-volume curve"
LONG = "numerics.cell_length = '{} mm'"
COARSE = {"common_carotid": LONG.format(10), "thoracic_aorta": LONG.format(10), "aortic_bifurcation": LONG.format(8)}
Rows = Callable[..., None]


def solved(name: str, folder: Path, row: Rows, *overrides: str) -> Result:
    result = calfpump.run(calfpump.load_case(FOLDER / f"{name}.toml", overrides), out=folder / (name + "-".join(overrides).replace(" ", "")))
    imbalance = result.value("imbalance of volume over the larger of throughput and volume")
    what = ", ".join((name.replace("_", " "), *(text.removeprefix("network.") for text in overrides)))
    quantity = f"{what}: |inflow − outflow − ΔV| over the larger of throughput and volume"
    row("Volume balance of the shipped networks", quantity, 0.0, imbalance, 1e-10, relative=False)
    return result


def over_a_beat(result: Result, probe: str, begin: float, curve: Curve, problem: str, allowed: float, row: Rows) -> pd.DataFrame:
    """Rows of the RMS errors of pressure and flow at a probe, over the beat that begins at ``begin`` [s]; returns that beat."""
    table = result.probes
    p, Q = (np.interp(begin + curve.t, table["time [s]"], table[f"{probe} {name}"]) for name in ("p [mmHg]", "Q [mL/s]"))
    errors = curve.errors(p / KPA, Q)
    row(problem, "pressure over a beat: RMS of p/p_ref − 1", 0.0, errors[0], allowed, source=BOILEAU, relative=False)
    row(problem, "flow over a beat: RMS of Q − Q_ref over the largest Q_ref", 0.0, errors[1], allowed, source=BOILEAU, relative=False)
    return table[table["time [s]"] > begin]


def between_grids(fine: Result, coarse: Result, probe: str, begin: float, problem: str, row: Rows) -> None:
    """Rows of what a grid twice as coarse changes over the beat: the published curve is no exact solution, and gives no rate."""
    t = np.linspace(begin, float(fine.probes["time [s]"].iloc[-1]), 400)
    p, Q = ([np.interp(t, r.probes["time [s]"], r.probes[f"{probe} {name}"]) for r in (fine, coarse)] for name in ("p [mmHg]", "Q [mL/s]"))
    dp, dQ = float(np.sqrt(np.mean((p[1] / p[0] - 1.0) ** 2))), float(np.sqrt(np.mean((Q[1] - Q[0]) ** 2)) / Q[0].max())
    row(problem, "cells twice as long: RMS of the change of pressure over a beat", 0.0, dp, 1e-3, relative=False)
    row(problem, "cells twice as long: RMS of the change of flow over the largest flow", 0.0, dQ, 1e-3, relative=False)


def test_common_carotid(tmp_path: Path, row: Rows) -> None:
    """A common carotid artery with a measured inflow and a Windkessel, in its ninth beat, against the published curve every 25 ms."""
    result = solved("common_carotid", tmp_path, row)
    beat = over_a_beat(result, "midpoint", 8.8, boileau.CAROTID, "common carotid artery", 3e-3, row)
    row("common carotid artery", "highest pressure at its midpoint", 16.5627, beat["midpoint p [mmHg]"].max() / KPA, 1e-3, "kPa", source=BOILEAU)
    when = beat["time [s]"].iloc[int(beat["midpoint p [mmHg]"].argmax())] - 8.8
    row("common carotid artery", "time of the highest pressure", 0.351, when, 0.005, "s", source=BOILEAU, relative=False)
    between_grids(result, solved("common_carotid", tmp_path, row, COARSE["common_carotid"]), "midpoint", 8.8, "common carotid artery", row)


def test_thoracic_aorta(tmp_path: Path, row: Rows) -> None:
    """The upper thoracic aorta with a measured inflow (509 mL/s at its highest) and a Windkessel, in its eleventh beat, every 25 ms."""
    result = solved("thoracic_aorta", tmp_path, row)
    over_a_beat(result, "midpoint", 9.55, boileau.AORTA, "upper thoracic aorta", 3e-3, row)
    between_grids(result, solved("thoracic_aorta", tmp_path, row, COARSE["thoracic_aorta"]), "midpoint", 9.55, "upper thoracic aorta", row)


def test_aortic_bifurcation(tmp_path: Path, row: Rows) -> None:
    """Abdominal aorta and both iliac arteries with a measured inflow and a Windkessel each, in the tenth beat, every 25 ms; both legs get the same."""
    result = solved("aortic_bifurcation", tmp_path, row)
    over_a_beat(result, "aorta", 9.9, boileau.BIFURCATION, "aortic bifurcation", 3e-3, row)
    left, right = result.value("volume in behind left leg"), result.value("volume in behind right leg")
    row("aortic bifurcation", "volume into the right leg, that into the left", left, right, 1e-9, "mL")
    between_grids(result, solved("aortic_bifurcation", tmp_path, row, COARSE["aortic_bifurcation"]), "aorta", 9.9, "aortic bifurcation", row)


def test_giraffe_jugular(tmp_path: Path, row: Rows) -> None:
    """Half way down the film is one whose weight balances friction, A = √(8πνQ/g); above the heart the vein is open."""
    result = solved("giraffe_jugular", tmp_path, row)
    film = np.sqrt(8 * np.pi * 4e-3 / 1060 * 40e-6 / 9.81) * 1e6
    row("falling film of a long upright vein", "its area, √(8πνQ/g)", film, result.probes["film A [mm²]"].iloc[-1], 5e-3, "mm²")
    assert result.probes["above the heart A [mm²]"].iloc[-1] > 500
    row("falling film of a long upright vein", "flow in half of its cells at the end", 40.0, float(np.median(result.profiles["Q [mL/s]"])), 1e-3, "mL/s")
    assert np.median(np.abs(result.profiles["Q [mL/s]"] - 40)) < 0.02 * 40


CONE = """
schema = 1
title = "cone"
[network]
time = "9 s"
[[network.vessel]]
name = "cone"
from = "a"
to = "b"
length = "20 cm"
radius = "4 mm"
radius_to = "2.5 mm"
speed = "40 m/s"
[[network.boundary]]
kind = "flow"
node = "a"
value = "5 mL/s"
[[network.boundary]]
kind = "pressure"
node = "b"
value = "0 mmHg"
[[network.probe]]
name = "begin"
vessel = "cone"
at = 0
"""


def test_steady_flow_through_a_cone(tmp_path: Path, row: Rows) -> None:
    """d(p + ½ρQ²/A²)/dx = −8πμQ/A² in an elastic cone, A = πr² (1 + p/K)², K = 2ρc², from the pressure at its narrow end on.

    A cone is solved as pieces of equal radius, two cells or more each: finer cells make more and smaller steps.
    """
    (tmp_path / "cone.toml").write_text(CONE, encoding="utf-8")
    begin, end, Q, L, mu, rho = 4e-3, 2.5e-3, 5e-6, 0.2, 4e-3, 1060.0
    K = 2.0 * rho * 40.0**2

    def area(x: float, p: float) -> float:
        return float(np.pi * (begin + (end - begin) * x / L) ** 2 * (1.0 + p / K) ** 2)

    def pressure(x: float, head: float) -> float:
        return float(brentq(lambda p: p + 0.5 * rho * (Q / area(x, p)) ** 2 - head, -1e3, 1e4, xtol=1e-10))

    head = solve_ivp(
        lambda x, h: [-8.0 * np.pi * mu * Q / area(x, pressure(x, h[0])) ** 2], (L, 0.0), [0.5 * rho * (Q / area(L, 0.0)) ** 2], rtol=1e-10, atol=1e-8,
        dense_output=True,
    ).sol  # fmt: skip
    errors = []
    for mm in (8, 4):
        result = calfpump.run(calfpump.load_case(tmp_path / "cone.toml", [f"numerics.cell_length = '{mm} mm'"]), out=tmp_path / f"cone {mm}")
        # the probe reads the centre of the first cell
        exact = pressure(0.5e-3 * mm, head(0.5e-3 * mm)[0]) / 133.322
        computed = float(result.probes["begin p [mmHg]"].iloc[-1])
        errors.append(abs(computed / exact - 1.0))
    row("cone", "pressure at its wide end, cells of 4 mm", exact, computed, 2e-3, "mmHg", (float(np.log2(errors[0] / errors[1])), 1.4))
    shear = 4.0 * mu * Q / (np.pi * (begin * (1.0 + exact * 133.322 / K)) ** 3)
    row("cone", "wall shear stress at its wide end, 4μQ/(πr³)", shear, result.probes["begin wall shear [Pa]"].iloc[-1], 1e-5, "Pa")
    assert np.array_equal(result.series.vessels["cone"].wall_shear[-1, 0], np.float32(result.probes["begin wall shear [Pa]"].iloc[-1]))


BALLOON = """
schema = 1
title = "balloon"
[network]
time = "0.5 s"
[[network.vessel]]
name = "balloon"
from = "a"
to = "b"
length = "10 cm"
radius = "2 mm"
speed = "20 m/s"
wall_viscosity = "20 Pa·s·m"
[[network.boundary]]
kind = "flow"
node = "a"
value = "0.05 mL/s"
[[network.boundary]]
kind = "closed"
node = "b"
[[network.probe]]
name = "middle"
vessel = "balloon"
at = 0.5
"""


def test_viscous_wall_of_a_case(tmp_path: Path, row: Rows) -> None:
    """p − K(√(A/A0) − 1) = Γ/(A0 √A) ∂A/∂t in a closed vessel that fills steadily: ∂A/∂t = q/L."""
    (tmp_path / "balloon.toml").write_text(BALLOON, encoding="utf-8")
    last = calfpump.run(calfpump.load_case(tmp_path / "balloon.toml"), out=tmp_path / "balloon").probes.iloc[-1]
    A, A0, K = 1e-6 * last["middle A [mm²]"], np.pi * 4e-6, 2 * 1060.0 * 20.0**2
    viscous = 133.322387415 * last["middle p [mmHg]"] - K * (np.sqrt(A / A0) - 1.0)
    row("Viscous wall", "vessel of a case that fills steadily: Γ/(A0 √A) q/L", 20.0 / (A0 * np.sqrt(A)) * 0.05e-6 / 0.1, viscous, 1e-3, "Pa")


def test_starling_resistor(tmp_path: Path, row: Rows) -> None:
    """Lowering the pressure downstream of the collapsed tube by 4 mmHg changes the flow by less than 1 %; raising it above the chamber's stops it."""
    flows = [
        solved("starling_resistor", tmp_path, row, f"network.boundary[2].value={p} mmHg").probes["outlet Q [mL/s]"].iloc[-100:].mean() for p in (2, -2, 12)
    ]
    row("Starling resistor", "shipped case, 4 mmHg less downstream: flow over that before", 1.0, flows[1] / flows[0], 1e-2)
    row("Starling resistor", "shipped case, downstream at the pressure upstream: flow over that before", 0.0, flows[2] / flows[0], 0.02, relative=False)


def test_valve_pump(tmp_path: Path, row: Rows) -> None:
    """It lifts blood from 8 to 25 mmHg; with the valves wide open backwards, blood runs down."""
    assert solved("valve_pump", tmp_path, row).value("mean flow at above (last period)") > 5
    leaky = solved("valve_pump", tmp_path, row, "network.valve[1].leak=1", "network.valve[2].leak=1")
    assert leaky.value("mean flow at above (last period)") < 0
