"""All laws of a small round leg with one vein, from mesh to tables: hose put on, contracted, emptied, filled, exported."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from section_meshes import circles, layered

from calfpump.case.hose import Hose
from calfpump.case.tissue import Tissue
from calfpump.law import SectionLaws
from calfpump.mesh.section_mesh import SectionMesh, VeinSpec
from calfpump.section import ActivationState, characterise

MMHG = 133.322387415


def leg() -> SectionMesh:
    """A vein of 2 mm in the middle of 30 mm of muscle within its fascia, and 5 mm of fat."""
    r = 1e-3 * np.array([2.0, 2.3, 3.3, 5.0, 8.0, 13.0, 20.0, 30.0, 35.0])
    stretched = circles(r, 48)
    stretched[:3] *= np.array([1.05, 1.0 / 1.05])  # a perfectly round vein would have no side to flatten to
    mesh = layered(
        stretched, ["wall_v", "sheath_v", *["muscle"] * 5, "fat"], names={0: "lumen_v", 7: "fascia", -1: "skin"},
        compartments={"muscle": "soleus", "fat": "subcutaneous"},
    )  # fmt: skip
    area = float(mesh.lumen_area("v"))
    vein = VeinSpec("v", "muscle", "soleus", centre=(0.0, 0.0), area=area, ratio=1.1, angle=0.0, wall=0.3e-3, sheath=1e-3, source="")
    pin = max(mesh.curves.values()) + 1  # one edge that stays: a section without bones would float
    edge = np.array([[5 * 48, 5 * 48 + 1]], dtype=np.int32)
    return replace(
        mesh, name="mid_calf", veins=(vein,), facets=np.concatenate([mesh.facets, edge]), curves=mesh.curves | {"bone_pin": pin},
        facet_tags=np.append(mesh.facet_tags, np.int32(pin)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def laws() -> SectionLaws:
    tissue = Tissue(fascia_E="1 MPa", wall_stiffening=2.0)
    hose = Hose(pressure={"C": "20 mmHg"}, stiffness="5 mmHg/cm")
    return characterise(leg(), tissue, hose, (ActivationState("rest", {}), ActivationState("posterior .05", {"soleus": 0.05})), quality="coarse")


def test_hose_works_in_filling_and_contraction(laws: SectionLaws) -> None:
    """20 mmHg at rest within 1 %; the contraction widens the leg and raises the pressure by the fabric's 5 mmHg/cm within 5 %; filling, by less."""
    found = laws.provenance["hose results"]
    assert found["rest [mmHg]"] == pytest.approx(20.0, rel=0.01)
    assert found["contracted [mmHg]"] - found["rest [mmHg]"] == pytest.approx(found["working pressure [mmHg]"], abs=0.01)
    assert found["stiffness [mmHg/cm]"] == pytest.approx(5.0, rel=0.05)
    assert 0.0 < found["static stiffness index [mmHg]"] < found["working pressure [mmHg]"]


def test_contraction_raises_its_compartment(laws: SectionLaws) -> None:
    rest, contracted = laws.provenance["results of states"].values()
    assert contracted["soleus [mmHg]"] > rest["soleus [mmHg]"] + 5.0
    assert contracted["girth change [mm]"] > 1.0 and rest["girth change [mm]"] == 0.0


def test_postures_are_those_of_the_law(laws: SectionLaws) -> None:
    """The area at 60 mmHg in the vein, found by pressure, lies on the law p_c + f(α), found by area, within 1 % of A0."""
    law, space = laws.veins["v"], laws.compartments["soleus"]
    for name, mmhg in (("standing", 60.0), ("supine", 10.0)):
        p = law.f[0] + np.array([space.pressure(0.0, a) for a in law.alpha])
        expected = float(np.interp(mmhg * MMHG, p, law.alpha))
        assert laws.provenance["postures"][name]["A [mm2]"]["v"] / (1e6 * law.A0) == pytest.approx(expected, abs=0.02)


def test_export(laws: SectionLaws, tmp_path: Path) -> None:
    """Every table is written, with the fit's misfit as it is over the points computed."""
    laws.export(tmp_path)
    tables = {path.stem.removeprefix("mid_calf-"): list(csv.DictReader(path.open(encoding="utf-8"))) for path in tmp_path.glob("*.csv")}
    # walls pressed flat at the last area are paired anew at the end
    assert all(state["largest imbalance"]["μR"] < (1e-7 if state["largest imbalance"]["α"] > 0.04 else 1e-2) for state in laws.provenance["states"])
    assert set(tables) == {"veins", "fits", "compartments", "shapes", "states", "postures", "closing"}
    closing, shape = tables["closing"][0], tables["shapes"]
    touching = max(k for k, row in enumerate(shape) if row["walls touch"] == "yes")
    gaps = [float(row["least gap [mm]"] or "inf") for row in shape]
    assert [gap < 0.0 for gap in gaps] == [row["walls touch"] == "yes" for row in shape]
    dents = [int(row["dents"]) for row in shape]
    # without a dent, then flattened with two, then three lobes, as its outlines show
    assert set(dents) == {0, 2, 3} and dents == sorted(dents, reverse=True) and dents[touching] == 3
    p, depth = (np.array([float(row[key]) for row in shape]) for key in ("p [mmHg]", "antero-posterior diameter [mm]"))
    closed = 0.5 * (p[touching] + p[touching + 1])
    for posture, blood in (("lying", 10.0), ("sitting", 45.0), ("standing", 60.0)):
        assert float(closing[f"closes {posture} [mmHg]"]) == pytest.approx(blood - closed, abs=0.01)
        narrowed = p[(p < blood) & (depth < 0.9 * np.interp(blood, p, depth))]
        told = closing[f"narrows {posture} [mmHg]"]
        assert 0.0 < float(told) <= blood - narrowed.max() if narrowed.size else told == ""
    silent = {row["state"]: row for row in tables["states"]}
    for posture in ("supine", "standing"):
        alpha = laws.provenance["postures"][posture]["A [mm2]"]["v"] / (1e6 * laws.veins["v"].A0)
        assert float(silent[posture]["soleus [mmHg]"]) == pytest.approx(laws.compartments["soleus"].pressure(0.0, alpha) / MMHG, abs=0.2)
        assert float(silent[posture]["hose [mmHg]"]) > 0.0
    fit = tables["fits"][0]
    points = [row for row in tables["veins"] if row["computed"] == "yes" and row["shortening [1]"] == "0.0000"]
    alpha, p = (np.array([float(row[key]) for row in points]) for key in ("A/A0 [1]", "p - p_c [mmHg]"))
    K, m, n = (float(fit[key]) for key in ("K [mmHg]", "m [1]", "n [1]"))
    assert np.abs(K * (alpha**m - alpha**n) - p).max() == pytest.approx(float(fit["largest misfit [mmHg]"]), rel=0.02)
