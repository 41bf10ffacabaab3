"""Veins under compression at rest, from the laws of the mid-calf section of cases/quickstart.toml and cases/compression, against ultrasound.

Vein pressures are fixed: lying 10, sitting 45, standing 60 mmHg. Closed: opposite walls touch. Narrowed: the antero-posterior diameter has lost a
tenth. The walls' modulus at low strain, their stiffening and the sheaths' modulus were chosen by how many of these rows hold (docs/tissues.md):
together they are a calibration of three numbers by these rows, no predictions.
"""

from __future__ import annotations

import numpy as np
import pytest
from stocking_cases import area_left, at_rest
from validation_page import Measurement

from calfpump import load_case
from calfpump.anatomy.leg import reference_leg
from calfpump.anatomy.veins import REFERENCE_STATURE
from calfpump.case.shipped import shipped
from calfpump.law import SectionLaws
from calfpump.law.export import BLOOD, NARROWED, RHO

pytestmark = pytest.mark.slow

MMHG = 133.322387415
CLOSED = {"lying": (20.0, 25.0, "20–25"), "sitting": (50.0, 60.0, "50–60"), "standing": (65.0, 75.0, "about 70")}
QUICKSTART, PARTSCH = "cases/quickstart.toml", "Partsch & Partsch 2005, J Vasc Surg 42:734"
STOCKING, JEANNERET = "cases/compression/jeanneret_2005.toml", "Jeanneret et al. 2005, Ultraschall Med 26:P145"
HOSE, LORD = "cases/compression/lord_hamilton_2004.toml", "Lord & Hamilton 2004, ANZ J Surg 74:581"
LYING, YEAR_2021 = "cases/compression/knee_stocking_lying_2021.toml", "2021, BMC Musculoskelet Disord, 10.1186/s12891-021-04603-z"

THIGH, PARTSCH_2002 = "cases/compression/thigh_cuff_2002.toml", "Partsch et al. 2002, J Vasc Surg 36:948"

SOFT_BED = "a flat vein in soft muscle flattens from the start"
FOLLOWS = "the first narrowing follows the blood's pressure, while that measured is the same in both postures"
CUFFS = "cuffs of 0, 20, 40 and 60 mmHg were compared: 20 narrowed no vein that could be told, 40 did; here a tenth is lost between the two"
TAUT = "a wall taut at 60 mmHg gives way to 19 mmHg by a third to two fifths of what was seen"


@pytest.fixture(scope="module")
def bare(quickstart) -> SectionLaws:
    return SectionLaws.load(quickstart.folder / "sections" / "mid_calf.npz")


def named(vein: str) -> str:
    return vein.removesuffix("_1").replace("_", " ")


@pytest.mark.parametrize(
    ("vein", "posture", "known"),
    [
        ("posterior_tibial_1", "lying", SOFT_BED),
        ("posterior_tibial_1", "sitting", ""),
        ("posterior_tibial_1", "standing", ""),
        ("small_saphenous", "lying", ""),
        ("small_saphenous", "sitting", ""),
        ("small_saphenous", "standing", ""),
    ],
)
def test_surface_pressure_that_closes_a_vein(bare, vein, posture, known, measured):
    """Under a uniform surface pressure H incompressible tissue shifts every pressure by H exactly, so that a vein at p under H is the bare one at p − H."""
    low, high, seen = CLOSED[posture]
    H = BLOOD[posture] - bare.shapes[vein].closing_pressure() / MMHG
    about = "surface pressure that closes a vein"
    measured(Measurement(about, f"{named(vein)}, {posture}", seen, H, low, high, "mmHg", QUICKSTART, PARTSCH, "calibration", known))


@pytest.mark.parametrize(
    ("vein", "posture", "known"),
    [
        ("posterior_tibial_1", "sitting", SOFT_BED),
        ("posterior_tibial_1", "standing", ""),
        ("small_saphenous", "sitting", FOLLOWS),
        ("small_saphenous", "standing", ""),
    ],
)
def test_surface_pressure_that_begins_to_narrow_a_vein(bare, vein, posture, known, measured):
    """The antero-posterior diameter has lost a tenth."""
    p = BLOOD[posture] * MMHG
    H = (p - bare.shapes[vein].narrowing_pressure(p, NARROWED)) / MMHG
    about = "surface pressure that begins to narrow a vein"
    measured(Measurement(about, f"{named(vein)}, {posture}", "30–40", H, 30.0, 40.0, "mmHg", QUICKSTART, PARTSCH, "calibration", known))


@pytest.mark.parametrize("vein", ["femoral", "great_saphenous"])
def test_surface_pressure_that_begins_to_narrow_a_vein_of_the_thigh(vein, measured):
    """The antero-posterior diameter has lost a tenth, standing: right atrium's pressure and the column of blood from there to mid-thigh."""
    case, leg = load_case(shipped("cases").parent / THIGH), reference_leg(REFERENCE_STATURE)
    p = case.flow.right_atrial_pressure + RHO * 9.81 * (leg.elevation("atrium") - leg.elevation("thigh"))
    H = (p - at_rest(THIGH).shapes[vein].narrowing_pressure(p, NARROWED)) / MMHG
    about = "surface pressure that begins to narrow a vein of the thigh"
    measured(Measurement(about, f"{named(vein)}, standing", "only from 40 on", H, low=40.0, unit="mmHg", case=THIGH, source=PARTSCH_2002, known=CUFFS))


@pytest.mark.parametrize("vein", ["gastrocnemius_medial", "gastrocnemius_lateral"])
def test_a_class_two_stocking_narrows_the_gastrocnemius_vein_of_a_standing_leg(bare, vein, measured):
    """A class II stocking of 18.9 ± 3.5 mmHg at the calf narrowed it from 4.5 to 4.0 mm (± 1.3 mm between people), by 11 %: at what pressure of the stocking
    does it here? The stocking's law, shifted by the uniform rest."""
    shape, p = at_rest(STOCKING).shapes[vein], BLOOD["standing"] * MMHG
    alone, worn = (float(np.interp(p, found.p, found.depth)) for found in (bare.shapes[vein], shape))
    narrowed = shape.narrowing_pressure(p, 1.0 - (4.0 / 4.5) * alone / worn)
    about = "gastrocnemius vein of a standing leg under a class II stocking"
    H = 18.9 + (p - narrowed) / MMHG
    measured(
        Measurement(about, f"{named(vein)}: diameter without", "4.5 ± 1.3", 1e3 * alone, 3.2, 5.8, "mm", QUICKSTART, JEANNERET, "calibration"),
        Measurement(about, f"{named(vein)}: pressure that takes 11 %", "18.9 ± 3.5", H, 15.4, 22.4, "mmHg", STOCKING, JEANNERET, "calibration", TAUT),
    )


@pytest.mark.parametrize("vein", ["great_saphenous", "posterior_tibial_1", "peroneal_1", "soleal_medial"])
def test_hose_of_25_mmHg_leaves_standing_veins_open_and_flattens_lying_ones(bare, vein, measured):
    """Hose of 20 to 30 mmHg compresses no vein of a standing leg, but does so lying. An order only: standing a vein keeps most of its area, lying it loses
    more than standing."""
    standing, lying = (area_left(at_rest(HOSE), bare, posture)[vein] for posture in ("standing", "supine"))
    about = "hose of 25 mmHg, standing and lying"
    measured(
        Measurement(about, f"{named(vein)}: share of its area left standing", "not compressed", standing, low=0.6, case=HOSE, source=LORD, role="calibration"),
        Measurement(about, f"{named(vein)}: lying", "compressed", lying, high=0.8 * standing, case=HOSE, source=LORD, role="calibration"),
    )


def test_a_stocking_lying_takes_more_from_deep_veins_than_from_the_great_saphenous(bare, measured):
    """Loss of area of 21 lying patients' veins, and the order of the three. The stocking's pressure is taken as 20 mmHg."""
    taken = {vein: 1.0 - share for vein, share in area_left(at_rest(LYING), bare, "supine").items()}
    seen = {"great_saphenous": (33.1, 41.2), "gastrocnemius_medial": (94.8, 11.1), "soleal_medial": (85.6, 20.3)}
    about = "knee stocking on a lying leg"
    rows = []
    for vein, (mean, sd) in seen.items():
        low, high, role = max(mean - sd, 0.0), min(mean + sd, 100.0), "shown" if sd > 0.6 * mean else "calibration"
        rows.append(Measurement(about, f"{named(vein)}: area lost", f"{mean:g} ± {sd:g}", 100.0 * taken[vein], low, high, "%", LYING, YEAR_2021, role))
    deep = min(taken["gastrocnemius_medial"], taken["soleal_medial"])
    measured(*rows, Measurement(about, "great saphenous, of the least of the deep ones", "less", taken["great_saphenous"] / deep, high=1.0, case=LYING,
                                source=YEAR_2021, role="calibration"))  # fmt: skip
