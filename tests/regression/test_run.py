"""A whole run: what its folder holds, and that every stage and cycle balances."""

from __future__ import annotations

import numpy as np
import pytest

STAGES = ["foot", "soleus", "gastrocnemius", "popliteal", "thigh", "groin"]

pytestmark = pytest.mark.slow


def test_every_stage_has_its_rows(quickstart):
    stages = quickstart.stages
    assert stages.columns[0] == "stage"
    for activity in stages["activity"].unique():
        assert sorted(stages[stages["activity"] == activity]["stage"]) == sorted(STAGES)


def test_every_stage_and_cycle_balances(quickstart):
    c = quickstart.cycles
    inflow = c["arterial inflow [mL]"] + c["distal inflow [mL]"] + c["perforator inflow [mL]"]
    outflow = c["proximal outflow [mL]"] + c["perforator outflow [mL]"]
    through = inflow.abs() + outflow.abs() + c["stroke volume [mL]"] + c["reflux [mL]"]
    assert np.max(np.abs(inflow - outflow - c["volume change [mL]"]) / through) < 1e-9


def test_the_chain_carries_all_inflow_to_the_heart(quickstart):
    """From stage to stage: what leaves one proximally enters the next distally, over the whole run."""
    c = quickstart.cycles[quickstart.cycles["activity"] == "walk"]
    popliteal, thigh = (c[c["stage"] == s] for s in ("popliteal", "thigh"))
    assert popliteal["proximal outflow [mL]"].sum() == pytest.approx(thigh["distal inflow [mL]"].sum(), rel=1e-9)


def test_walking_returns_more_than_standing(quickstart):
    s = quickstart.stages.set_index(["stage", "activity"])["net return [mL/min]"]
    assert s["groin", "walk"] > 1.5 * s["groin", "stand"]


def test_the_folder_is_complete(quickstart):
    names = {path.name for path in quickstart.folder.iterdir()}
    assert {"case.toml", "record.json", "summary.csv", "stages.csv", "cycles.csv", "series.h5", "sections"} <= names
    assert quickstart.status == "done"
    assert quickstart.laws["mid_calf"], "the calf's veins ran on finite-element laws"


def test_the_same_case_again_is_not_computed_again(quickstart):
    import calfpump

    again = calfpump.run(quickstart.case, out=quickstart.folder)
    assert again.record["timings [s]"] == quickstart.record["timings [s]"]
