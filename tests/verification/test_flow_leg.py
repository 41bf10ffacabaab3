"""The leg of the shipped cases as a network: what enters its stages leaves them or stays."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

import calfpump
from calfpump.case.shipped import shipped

PROTOCOL = "protocol=[{do = 'stand', for = '4 s'}, {do = 'tiptoe', times = 3}]"


def test_volume_balance_of_the_leg(tmp_path: Path, row: Callable[..., None]) -> None:
    """Inflow − outflow = ΔV of every stage in every cycle, over standing and tiptoe, with closed-form laws of the veins."""
    case = calfpump.load_case(shipped("cases") / "quickstart.toml", [PROTOCOL, "section.law=algebraic", "numerics.quality=coarse"])
    cycles = calfpump.run(case, out=tmp_path / "leg").cycles
    inflow = cycles["arterial inflow [mL]"] + cycles["distal inflow [mL]"] + cycles["perforator inflow [mL]"]
    outflow = cycles["proximal outflow [mL]"] + cycles["perforator outflow [mL]"]
    through = inflow.abs() + outflow.abs() + cycles["stroke volume [mL]"] + cycles["reflux [mL]"]
    error = float(np.max(np.abs(inflow - outflow - cycles["volume change [mL]"]) / through))
    assert len(cycles) >= 6 * 4
    row(
        "Volume balance of the leg",
        f"{len(cycles)} cycles of its six stages: largest |inflow − outflow − ΔV| over the throughput",
        0.0,
        error,
        1e-10,
        relative=False,
    )
