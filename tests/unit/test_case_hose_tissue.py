"""Case files: hoses, what they press with, tissues and their presets, contraction of the section."""

from pathlib import Path

import pytest
from case_text import MINIMAL, written

from calfpump.case import CaseError, load_case, resolved_toml
from calfpump.case.hose import PROFILE, STANDARDS, ankle_pressure
from calfpump.case.messages import keys
from calfpump.case.tissue import PRESETS
from calfpump.case.units import quantity

MMHG = 133.322387415


@pytest.mark.parametrize(
    ("standard", "grade", "mmhg"),
    [
        ("RAL", "I", 19.5),
        ("RAL", "II", 27.5),
        ("RAL", "III", 40),
        ("RAL", "IV", 50),
        ("CEN", "A", 12),
        ("CEN", "I", 18),
        ("BS", "II", 21),
        ("USA", "II", 25),
        ("ASQUAL", "II", 17.5),
    ],
)
def test_a_class_is_the_midpoint_of_its_range(standard: str, grade: str, mmhg: float) -> None:
    assert ankle_pressure(standard, grade) == pytest.approx(mmhg * MMHG)


def test_pressures_along_the_leg(tmp_path: Path) -> None:
    path = written(tmp_path, MINIMAL)
    knee = load_case(path, ["hose.standard=RAL", "hose.class=II"]).hose
    assert knee is not None
    assert {point: round(p / MMHG, 3) for point, p in knee.pressure.items()} == {"B": 27.5, "B1": 24.75, "C": 19.8, "D": 17.875}
    assert knee.name == "RAL II"
    thigh = load_case(path, ["hose.pressure={C = '20 mmHg', F = '5 mmHg'}", "hose.length=thigh"]).hose
    assert thigh is not None
    assert thigh.pressure["B"] == pytest.approx(20 / PROFILE["C"] * MMHG)  # missing points follow the profile of the first one given
    assert thigh.pressure["F"] == pytest.approx(5 * MMHG)
    for nothing in (["hose.class=none"], ["hose.standard=none", "hose.class=II"]):
        assert load_case(path, nothing).hose is None


def test_every_open_or_closed_range_rises_with_class() -> None:
    for standard, classes in STANDARDS.items():
        pressures = [ankle_pressure(standard, grade) for grade in classes]
        assert pressures == sorted(pressures)


def test_presets_have_the_same_keys_and_stiff_is_nowhere_softer(tmp_path: Path) -> None:
    path = written(tmp_path, MINIMAL)
    soft, stiff = (load_case(path, [f"tissue.preset={preset}"]).tissue for preset in ("soft", "stiff"))
    without = {name for name, field in type(soft).model_fields.items() if field.default is not None}
    assert set(PRESETS["soft"]) == set(PRESETS["stiff"]) == set(PRESETS["Wang 2013"]) == set(keys(type(soft))) - without
    for name in PRESETS["soft"]:
        assert getattr(stiff, name) >= getattr(soft, name) >= 0
        for preset in PRESETS.values():
            quantity(preset[name][0], "length" if name.endswith("thickness") else "pressure")
    replaced = load_case(path, ["tissue.preset=stiff", "tissue.muscle_mu=9 kPa"]).tissue
    assert (replaced.muscle_mu, replaced.fascia_E) == (9000.0, stiff.fascia_E)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (["tissue.preset=Wang 2013", "tissue.muscle_poisson=0.45"], "muscle_C01 < 0 is unstable where muscle may change its volume"),
        (["tissue.muscle_C11=-1 kPa"], "muscle_C11 < 0"),
        (["tissue.muscle_poisson=0.4", "tissue.muscle_C11=1 kPa"], "muscle_poisson is less than muscle_C01 and muscle_C11 allow"),
        (["tissue.fat_poisson=0.3"], "must be at least 0.35"),
    ],
)
def test_unstable_tissues_are_refused(tmp_path: Path, given: list[str], what: str) -> None:
    with pytest.raises(CaseError, match=what):
        load_case(written(tmp_path, MINIMAL), given)


def test_wang_2013(tmp_path: Path) -> None:
    """C10 1310, C01 −961, C11 886 Pa: μ = 2 (C10 + C01) = 698 Pa; whatever else is as in the soft preset."""
    wang, soft = (load_case(written(tmp_path, MINIMAL), [f"tissue.preset={preset}"]).tissue for preset in ("Wang 2013", "soft"))
    assert wang.muscle_mu / 2 - wang.muscle_C01 == pytest.approx(1310.0)
    assert (wang.muscle_C11, wang.fascia_E) == (886.0, soft.fascia_E)


@pytest.mark.parametrize(
    ("given", "what"),
    [
        (['hose.arcs=[{angle = "90 °"}]'], 'arcs are pressed on by mode = "uniform" only'),
        (["hose.mode=bonded", 'hose.pads=[{angle = "90 °"}]'], "pads raise the pressure of a fabric that slides"),
        (['hose.pads=[{angle = "90 °", hight = "9 mm"}]'], r"hose.pads\[1\].hight: unknown key; did you mean height"),
        (['hose.pads=[{width = "9 mm"}]'], r"hose.pads\[1\].angle: is missing"),
        (["hose.pads=3"], "hose.pads=3: a list is expected, not 3"),
        (["section.shortening={soleus = 0.1}", 'section.muscle_pressure={soleus = "90 mmHg"}'], "soleus is given a shortening and a muscle_pressure"),
        (["section.shortening={soleus = 0.5}"], "must be at most 0.3"),
    ],
)
def test_hose_and_contraction_problems(tmp_path: Path, given: list[str], what: str) -> None:
    with pytest.raises(CaseError, match=what):
        load_case(written(tmp_path, MINIMAL + '[hose]\npressure = {B = "20 mmHg"}\n'), given)


def test_pads_and_arcs_come_back_from_text(tmp_path: Path) -> None:
    hose = '[hose]\npressure = {B = "20 mmHg"}\npads = [{angle = "180 °", width = "40 mm", height = "9 mm"}, {angle = "1.5 rad"}]\nfabric = "inelastic"\n'
    case = load_case(written(tmp_path, MINIMAL + hose))
    assert case.hose.pads[0].height == pytest.approx(0.009) and case.hose.pads[1].angle == 1.5
    assert case.hose.stiffness == pytest.approx(40 * 133.322387415 / 0.01)
    again = tmp_path / "again.toml"
    again.write_text(resolved_toml(case), encoding="utf-8")
    assert load_case(again) == case
