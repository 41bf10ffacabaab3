"""A run's data with the structure of a real one: the reference leg standing, ten tiptoes, standing again; a round section with veins."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from calfpump.anatomy.leg import reference_leg
from calfpump.case import Case, load_case
from calfpump.results import (
    STAGES,
    Band,
    CompartmentSeries,
    LawCurves,
    ReservoirSeries,
    RunFolder,
    SectionState,
    SeriesData,
    StageSeries,
    VesselSeries,
)

MMHG = 133.322
CASE = """schema = 1
title = "Ten tiptoes"
[[protocol]]
do = "stand"
for = "30 s"
[[protocol]]
do = "tiptoe"
times = 10
rate = "1 Hz"
[[protocol]]
do = "stand"
for = "40 s"
"""


def a_case(folder: Path, title: str = "Ten tiptoes", hose: str | None = None) -> Case:
    """A small case, with a hose of the RAL class if named."""
    path = folder / "case.toml"
    worn = f'[hose]\nstandard = "RAL"\nclass = "{hose}"\n' if hose else ""
    path.write_text(CASE.replace("Ten tiptoes", title).replace("[[protocol]]", worn + "[[protocol]]", 1), encoding="utf-8")
    return load_case(path)


def ankle_pressure(t: np.ndarray, fall: float = 55.0) -> np.ndarray:
    """84 mmHg standing, falling by ``fall`` over the tiptoes with their pulse, then back with 12 s [Pa]."""
    walked = np.clip((t - 30) / 8, 0, 1) * fall
    back = np.where(t > 40, np.exp(-(t - 40) / 12), 1.0)
    pulse = np.where((t > 30) & (t < 40), 25 * np.maximum(0, np.sin(2 * np.pi * t)), 0.0)
    return (84 - walked * back + pulse) * MMHG


def some_series(fall: float = 55.0, dt: float = 0.1) -> SeriesData:
    """80 s of the reference leg."""
    t = np.arange(0.0, 80.0 + dt / 2, dt)
    leg = reference_leg(1.75)
    staged = {v: s.name for s in leg.stages for v in s.vessels}
    ankle = ankle_pressure(t, fall)
    vessels = {}
    for v in leg.vessels:
        x = (np.arange(8) + 0.5) / 8 * v.length
        height = np.interp(x, [0.0, v.length], [leg.elevation(v.distal), leg.elevation(v.proximal)])
        share = np.clip(1 - height / leg.elevation("atrium"), 0, 1)
        p = 3 * MMHG + np.outer(ankle - 3 * MMHG, share)
        A = v.A0 * np.clip(1 + p / (60 * MMHG), 0.1, 1.8)
        Q = np.where((t > 30) & (t < 40), 5e-6 * np.sin(2 * np.pi * t), 1e-6)[:, None] * np.ones(8)
        vessels[v.name] = VesselSeries(
            x=x, A=A, Q=Q, p=p, wall_shear=4e6 * Q / v.n, height=height, A0=v.A0, n=v.n, stage=staged.get(v.name, ""), compartment=v.compartment or "",
            distal=v.distal, proximal=v.proximal,
        )  # fmt: skip
    active = np.where((t > 30) & (t < 40), np.maximum(0, np.sin(2 * np.pi * t)), 0.0)
    stages = {
        s.name: StageSeries(V=2e-5 * (1 + k) - 5e-6 * active, Q_in=np.full_like(t, 1e-6), Q_out=1e-6 + 4e-6 * (1 + k) * active)
        for k, s in enumerate(leg.stages)
    }
    return SeriesData(
        time=t,
        vessels=vessels,
        reservoirs={"soleus_medial": ReservoirSeries(2e-5 - 1e-6 * active, ankle * 0.9, "soleus", "soleus")},
        compartments={"soleus": CompartmentSeries(140 * MMHG * active, active), "anterior": CompartmentSeries(0 * t, 0 * t)},
        sites={"ankle": ankle, "popliteal": 50 * MMHG + 0 * t},
        stages=stages,
        protocol=(Band("stand", 0, 30), Band("tiptoe", 30, 40), Band("stand #2", 40, 80)),
    )


def a_section(label: str, squeeze: float) -> SectionState:
    """A disc of 50 mm with a soleus inside the fat and two veins whose lumens are flattened by ``squeeze``."""
    rings, n = 24, 72
    r = np.linspace(0.004, 0.05, rings)
    a = np.linspace(0, 2 * np.pi, n, endpoint=False)
    points = np.stack([np.outer(r, np.cos(a)).ravel(), np.outer(r, np.sin(a)).ravel()], axis=1)
    i, j = np.meshgrid(np.arange(rings - 1), np.arange(n), indexing="ij")
    k = (i * n + j).ravel()
    right = (i * n + (j + 1) % n).ravel()
    triangles = np.concatenate([np.stack([k, k + n, right], axis=1), np.stack([right, k + n, right + n], axis=1)])
    centre = points[triangles].mean(axis=1)
    region = np.where(np.hypot(*centre.T) > 0.04, 1, np.where(centre[:, 1] < 0, 2, 3))
    ring = np.stack([0.002 * np.cos(a), 0.002 * (1 - squeeze) * np.sin(a)], axis=1)
    lumens = {"posterior_tibial_1": ring + [0.01, 0.02], "peroneal_1": ring + [-0.015, 0.02], "great_saphenous": ring + [0.04, 0.02]}
    return SectionState(
        "mid_calf", label, points, triangles, region, {"fat": 1, "soleus": 2, "deep_posterior": 3}, lumens,
        pressure=dict.fromkeys(lumens, 60 * MMHG), fields={"hydrostatic pressure [Pa]": np.linspace(0, 1e4, len(triangles))},
    )  # fmt: skip


def some_laws() -> dict[str, LawCurves]:
    """Two veins at rest and contracted."""
    alpha = np.linspace(0.05, 2.0, 30)
    f = 20 * MMHG * (alpha**4 - alpha**-1.5)
    return {
        name: LawCurves(8e-6, alpha, np.array([0.0, 0.06]), np.stack([f, f - 5 * MMHG]), np.stack([1e-12 * alpha**2] * 2))
        for name in ("posterior_tibial_1", "great_saphenous")
    }


def some_stages(scale: float = 1.0) -> pd.DataFrame:
    """Every stage over every row of the protocol."""
    rows = [
        {
            "stage": stage, "activity": activity, "cycles": 10 if activity == "tiptoe" else 1,
            "net return [mL/min]": value * (60 if activity == "tiptoe" else 10) * (scale if activity == "tiptoe" else 1.0),
            "stroke volume [mL]": 1.1 * value, "reflux [mL]": 0.1 * value, "ejection fraction [%]": 100 / 3, "arterial inflow [mL]": value,
            "distal inflow [mL]": 2 * value, "perforator inflow [mL]": 0.1, "proximal outflow [mL]": value, "perforator outflow [mL]": 0.0,
            "volume change [mL]": -0.3, "largest volume [mL]": 20 * value, "least volume [mL]": 15 * value, "imbalance [1]": 3e-15,
        }
        for stage, value in zip(STAGES, (1.2, 6.3, 2.1, 9.5, 12.8, 14.1), strict=True)
        for activity in ("stand", "tiptoe", "stand #2")
    ]  # fmt: skip
    return pd.DataFrame(rows)


def fill(run: RunFolder, fall: float = 55.0, dt: float = 0.1) -> None:
    """Write a whole result."""
    run.write_summary(
        [
            ("ankle pressure standing", 84.1, "mmHg"), ("fall of ankle pressure tiptoe", fall, "mmHg"), ("ejection fraction EF", 1 / 3, "1"),
            ("volume supine", 310.0, "mL"), ("volume standing", 512.0, "mL"),
        ]
    )  # fmt: skip
    run.write_stages(some_stages(fall / 55))
    run.write_cycles(some_stages().assign(cycle=1))
    run.write_series(some_series(fall, dt))
    run.write_section(a_section("at rest", 0.1))
    run.write_section(a_section("soleus contracted by 12 %", 0.9))
    run.write_laws("mid_calf", some_laws())
    run.timing("flow", 3.2)
