"""The leg's venous tree: volumes, heights, topology; muscles and protocol."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calfpump.anatomy.leg import STAGES, reference_leg
from calfpump.anatomy.muscles import EPSILON_ISO, force_length, shortening
from calfpump.anatomy.veins import CALF_COMPLIANCE, CALF_INFLOW, VENULE_SHARE
from calfpump.case import load_case
from calfpump.pump import activities
from calfpump.pump.protocol import DT, ONSET, episodes, signals

CASE = """
schema = 1
title = "protocol"
[[protocol]]
do = "supine"
for = "10 s"
[[protocol]]
do = "stand"
for = "20 s"
[[protocol]]
do = "tiptoe"
times = 4
rate = "0.5 Hz"
[[protocol]]
do = "walk"
speed = "4 km/h"
for = "10 s"
"""


@pytest.fixture
def case(tmp_path: Path):
    path = tmp_path / "case.toml"
    path.write_text(CASE)
    return load_case(path)


def test_every_node_joins_vessels_and_each_vessel_is_as_long_as_it_is_high():
    leg = reference_leg(1.75)
    for v in leg.vessels:
        climb = abs(leg.elevation(v.proximal) - leg.elevation(v.distal))
        assert climb <= v.length * 1.01, v.name
    used = [n for v in leg.vessels for n in (v.distal, v.proximal)]
    ends = {n for n in used if used.count(n) == 1}
    blind = {n for n in ends if n.endswith("_end")}
    assert ends - blind == {"atrium"}, "only sinuses end blindly"
    assert {bed.node for bed in leg.beds} >= blind, "a blind vein without inflow would stay empty"


def test_volumes_are_the_published_ones():
    leg = reference_leg(1.75)
    V = {v.name: v.V0 * 1e6 for v in leg.vessels}
    assert V["soleal_medial"] + V["soleal_lateral"] == pytest.approx(30, rel=0.02)
    assert V["gastrocnemius_medial"] + V["gastrocnemius_lateral"] == pytest.approx(16, rel=0.02)
    assert V["plantar"] == pytest.approx(10, rel=0.02)
    assert V["femoral_low"] + V["femoral_high"] == pytest.approx(60 * 0.211 * 1.0, rel=0.02)


def test_a_section_sets_the_area_and_the_group_keeps_its_volume():
    plain, other = reference_leg(1.75), reference_leg(1.75, {"soleal_medial": 20e-6, "great_saphenous": 6e-6})
    assert other.vessel("soleal_medial").A0 == 20e-6
    assert pytest.approx(plain.vessel("soleal_medial").V0) == other.vessel("soleal_medial").V0
    assert other.vessel("great_saphenous_calf").n == 1, "a single trunk stays single"


def test_length_grows_with_stature_and_area_does_not():
    small, tall = reference_leg(1.5), reference_leg(2.0)
    assert tall.vessel("popliteal").length / small.vessel("popliteal").length == pytest.approx(2.0 / 1.5)
    assert tall.vessel("popliteal").A0 == small.vessel("popliteal").A0
    assert tall.elevation("atrium") == pytest.approx(0.72 * 2.0)


def test_the_calf_beds_share_inflow_and_compliance():
    calf = [b for b in reference_leg(1.75).beds if b.compartment in ("soleus", "gastrocnemius", "deep_posterior", "anterior", "subcutaneous")]
    assert sum(b.inflow for b in calf) == pytest.approx(CALF_INFLOW, rel=0.01)
    assert sum(b.compliance for b in calf) == pytest.approx(VENULE_SHARE * CALF_COMPLIANCE, rel=0.01)


def test_stages_are_disjoint_and_cover_the_deep_system():
    leg = reference_leg(1.75)
    assert tuple(s.name for s in leg.stages) == STAGES
    vessels, beds = [v for s in leg.stages for v in s.vessels], [b for s in leg.stages for b in s.beds]
    assert len(vessels) == len(set(vessels))
    assert len(beds) == len(set(beds))
    left = {v.name for v in leg.vessels} - set(vessels)
    assert all("saphenous" in name or "perforator" in name for name in left), left


def test_force_length_is_largest_near_neutral_and_small_on_tiptoe():
    a = np.full(3, 0.5)
    f = force_length("soleus", np.array([-30.0, 0.0, 10.0]), np.zeros(3), a)
    # -30°: belly -26.4 mm of 44: exp(-(.6)²/.45) = .449
    assert f[0] == pytest.approx(np.exp(-((26.4 / 44) ** 2) / 0.45))
    assert f[0] < 0.5 < 0.9 < f[1] < f[2]


def test_a_bent_knee_slackens_the_gastrocnemius_only():
    zero, bent, a = np.zeros(1), np.full(1, 90.0), np.full(1, 0.5)
    assert force_length("gastrocnemius", zero, bent, a) < 0.5 * force_length("gastrocnemius", zero, zero, a)
    assert force_length("soleus", zero, bent, a) == force_length("soleus", zero, zero, a)


def test_a_silent_muscle_does_not_shorten():
    assert shortening("soleus", np.array([-30.0]), np.zeros(1), np.zeros(1)) == 0.0
    assert shortening("soleus", np.zeros(1), np.zeros(1), np.ones(1))[0] <= EPSILON_ISO


def test_walking_speed_interpolates_between_measured_speeds():
    slow, mid = activities.walk(3.1 / 3.6, 0.9 / 0.53), activities.walk(3.845 / 3.6, 0.9 / 0.53)
    assert slow.period == pytest.approx(1.33)
    assert mid.period == pytest.approx(0.5 * (1.33 + 1.07))


def test_episodes_follow_one_another_in_whole_cycles(case):
    rows = episodes(case)
    assert [r.label for r in rows] == ["supine", "stand", "tiptoe", "walk"]
    assert [r.begin for r in rows] == pytest.approx([0, 10, 30, 38])
    assert rows[2].cycles == pytest.approx([30, 32, 34, 36, 38])
    assert np.diff(rows[3].cycles) == pytest.approx(rows[3].activity.period)
    assert rows[3].cycles[-1] <= rows[3].end + 1e-9


def test_signals_carry_posture_contraction_and_hyperaemia(case):
    leg = reference_leg(case.subject.stature)
    rows = episodes(case)
    s = signals(case, leg, rows)
    at = {t: round(t / DT) for t in (5, 25, 31, 32, 38)}
    assert s.posture is not None
    assert np.all(s.posture[at[5]] == 0)
    assert np.all(s.posture[at[25]] == 1)
    soleus = np.asarray(s.values["shortening.soleus"])
    assert soleus[at[25]] == 0
    assert soleus[at[31]] > 0.05
    assert np.max(soleus) < EPSILON_ISO
    R = np.asarray(s.values["resistance.soleus_medial"])
    assert R[at[25]] > R[at[5]], "the veno-arteriolar reflex of standing"
    # 8 s of tiptoes from the standing .7 towards the muscle's share f of a leg's threefold inflow, with the onset's time constant
    muscle = sum(b.inflow for b in leg.beds if b.exercising)
    total = sum(b.inflow for b in leg.beds)
    f = (3 * total - (total - muscle)) / muscle
    standing = R[at[5]] / R[at[32] - 200]
    expected = f + (standing - f) * np.exp(-8 / ONSET)
    assert R[at[5]] / R[at[38]] == pytest.approx(expected, rel=0.01)
