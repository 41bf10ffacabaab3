"""Marked blood of a case: its keys, its table, its lines of the summary, its picture."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import calfpump
from calfpump.case import CaseError, load_case
from calfpump.case.shipped import shipped
from calfpump.coupling.network import build
from calfpump.coupling.tracer_tables import left_by
from calfpump.report import report

NETWORK = """
schema = 1
title = "a rinsed tube"
[network]
time = "6 s"
[network.law.tube]
m = 0.5
n = 0
speed = "50 m/s"
[[network.vessel]]
name = "tube"
from = "a"
to = "b"
length = "20 cm"
law = "tube"
radius = "5 mm"
radius_to = "6 mm"
[[network.boundary]]
kind = "flow"
node = "a"
value = "10 mL/s"
[[network.boundary]]
kind = "pressure"
node = "b"
value = "0 mmHg"
[[network.probe]]
name = "end"
vessel = "tube"
at = 1.0
[[network.tracer]]
name = "old"
at = "2 s"
vessels = ["tube"]
[[network.tracer]]
name = "dye"
inflow = {a = {file = "dye.csv", column = "share"}}
[numerics]
cell_length = "2 mm"
"""
LEG = ["protocol=[{do = 'stand', for = '3 s'}, {do = 'tiptoe', times = 3}]", "section.law=algebraic", "numerics.quality=coarse", "output.washout=3 s"]


@pytest.fixture
def case(tmp_path: Path) -> Path:
    (tmp_path / "dye.csv").write_text("t [s], share [1]\n0, 0\n1, 0\n1.001, 0.4\n6, 0.4\n", encoding="utf-8")
    path = tmp_path / "case.toml"
    path.write_text(NETWORK, encoding="utf-8")
    return path


def test_a_rinsed_tube(case: Path, tmp_path: Path) -> None:
    result = calfpump.run(load_case(case), out=tmp_path / "out")
    table = result.tracers
    t, old = table["time [s]"].to_numpy(), table["old in tube [mL]"].to_numpy()
    V = np.pi * 0.2 * (0.5**2 + 0.5 * 0.6 + 0.6**2) / 3.0 * 100.0
    assert old[t < 2.0 - 1e-6].max() == 0.0
    assert result.value("old: marked") == pytest.approx(V, rel=5e-3)
    # a plug that 10 mL/s push out
    half = result.value("old: half washed out after")
    assert half == pytest.approx(V / 20.0, rel=0.01)
    assert result.value("old: nine tenths washed out after") == pytest.approx(0.9 * V / 10.0, rel=0.01)
    assert result.value("old: left at the end") == pytest.approx(0.0, abs=1e-6)
    assert table["dye at end [1]"].iloc[-1] == pytest.approx(0.4, abs=1e-4)
    assert result.value("dye: in all at the end") == pytest.approx(0.4 * V, rel=5e-3)
    assert result.value("dye: entered, less what has left") == pytest.approx(result.value("dye: in all at the end"), rel=1e-9)
    assert (tmp_path / "out" / "inputs" / "dye.csv").is_file()
    assert "Wash-out of marked blood" in report(result.folder).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("was", "given", "said"),
    [
        ('vessels = ["tube"]', 'vessels = ["tub"]', "there is no vessel 'tub'; did you mean 'tube'?"),
        ('vessels = ["tube"]', "", "needs the vessels or beds whose blood is marked at that time"),
        ('at = "2 s"', 'at = "7 s"', "lies beyond the network's time of 6 s"),
        ('at = "2 s"', "", "marks nothing"),
        ("inflow = {a = {", "inflow = {c = {", "there is no node or bed 'c'"),
        ('name = "dye"', 'name = "old"', "'old' is the name of tracer[1] already"),
    ],
)
def test_one_clear_message(case: Path, was: str, given: str, said: str) -> None:
    text = case.read_text(encoding="utf-8")
    assert text.count(was) == 1
    case.write_text(text.replace(was, given), encoding="utf-8")
    with pytest.raises(CaseError, match=said.replace("[", r"\[").replace("?", r"\?")) as error:
        build(load_case(case))
    assert len(error.value.problems) == 1


def test_the_blood_of_the_stages(tmp_path: Path) -> None:
    """What was in a stage is somewhere in the leg or has left it; the pump empties the soleus' own."""
    result = calfpump.run(load_case(shipped("cases") / "quickstart.toml", LEG), out=tmp_path / "out")
    table = result.tracers
    assert result.value("soleus: marked") > result.value("foot: marked") > 0.0
    before, after = (table["time [s]"] < 3.0 - 1e-6).to_numpy(), (table["time [s]"] >= 3.0 - 1e-6).to_numpy()
    for stage in ("foot", "soleus", "gastrocnemius", "popliteal", "thigh", "groin"):
        own, everywhere = table[f"{stage} in {stage} [mL]"].to_numpy(), table[f"{stage} in all [mL]"].to_numpy()
        assert everywhere[before].max() == 0.0
        assert own[after][0] == pytest.approx(everywhere[after][0], rel=1e-12)
        assert own[after][-1] < own[after][0]
        assert (np.diff(everywhere[after]) < 1e-9).all()  # the atrium gives nothing back
    assert "Wash-out of marked blood" in report(result.folder).read_text(encoding="utf-8")


def test_a_time_beyond_the_protocol(tmp_path: Path) -> None:
    with pytest.raises(CaseError, match=r"output.washout=60 s: lies beyond the protocol, which ends at 6 s"):
        calfpump.run(load_case(shipped("cases") / "quickstart.toml", [*LEG[:3], "output.washout=60 s"]), out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_left_by() -> None:
    t, V = np.arange(5.0) + 3.0, np.array([4.0, 3.0, 1.0, 3.0, 0.0])
    assert left_by(t, V, 0.5) == pytest.approx(3.0 + 1.0 / 3.0)
    assert left_by(t, V[:4].repeat([1, 1, 1, 2]), 0.5) is None
