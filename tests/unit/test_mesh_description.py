"""Bad section descriptions: each has its one message, with the entry it is about."""

from __future__ import annotations

import copy
import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from calfpump.anatomy.section_description import DescriptionError, load_description, parse_description
from calfpump.case.errors import CaseError
from calfpump.case.shipped import shipped
from calfpump.mesh import girth_of, lay_out
from calfpump.mesh.curve import area, catmull_rom, closed_length, hull_length

Document = dict[str, Any]


@pytest.fixture(scope="module")
def good() -> Document:
    return tomllib.loads((shipped("meshes") / "mid_calf.toml").read_text(encoding="utf-8"))


def move(vein: str, x: float, y: float) -> Callable[[Document], None]:
    return lambda d: d["vein"][vein].update(centre=[x, y])


def cut_skin(d: Document) -> None:
    d["skin"]["points"] = d["skin"]["points"][:8]


def twist_skin(d: Document) -> None:
    points = d["skin"]["points"]
    points[4], points[5] = points[5], points[4]
    points[4][0] -= 4.0


def drop_septum(d: Document) -> None:
    del d["septum"]["interosseous_membrane"]


def change(table: str, name: str, **entries: Any) -> Callable[[Document], None]:
    return lambda d: d[table].setdefault(name, {}).update(entries)


def point(table: str, name: str, row: int, x: float, y: float) -> Callable[[Document], None]:
    return lambda d: (d[table][name] if name else d[table])["points"].__setitem__(row, [x, y])


def circle_of_septa(d: Document) -> None:
    d["septum"]["gastrocnemius_raphe"]["ends"] = ["deep_transverse", "fascia"]
    d["septum"]["deep_transverse"]["ends"] = ["gastrocnemius_raphe", "fascia"]


SHORT_RAPHE = [[10.4, -63.0], [10.8, -70.0], [10.7, -78.0]]
PEA = [[90.0, 0.0], [95.0, 0.0], [92.0, 5.0]]
RAPHE, PER1 = "gastrocnemius_raphe", "peroneal_1"

BAD: dict[str, tuple[Callable[[Document], Any], str, str]] = {
    "open outline": (cut_skin, "skin.points", "open outline"),
    "self-crossing outline": (twist_skin, "skin", "the outline crosses itself at"),
    "unknown region": (
        change("vein", PER1, region="deep_posterio"),
        "vein.peroneal_1.region",
        "did you mean 'deep_posterior'?",
    ),
    "unknown compartment": (
        change("region", "soleus", compartment="solus"),
        "region.soleus.compartment",
        "did you mean 'soleus'?",
    ),
    "unknown key": (change("vein", PER1, radius=2.0), "vein.peroneal_1.radius", "unknown key 'radius'"),
    "negative area": (change("vein", PER1, area=-1.0), "vein.peroneal_1.area", "must be a number from 0.5"),
    "unknown curve": (change("septum", RAPHE, ends=["fasca", "fascia"]), f"septum.{RAPHE}.ends", "did you mean 'fascia'?"),
    "vein outside its region": (
        move(PER1, 22.8, -48.0),
        "vein.peroneal_1.centre",
        "lies in soleus, not in its own region deep_posterior",
    ),
    "vein outside the leg": (
        move("great_saphenous", -50.0, -15.0),
        "vein.great_saphenous.centre",
        "lies in the space outside the leg",
    ),
    "vein in a bone": (move("anterior_tibial_1", 3.0, 0.0), "vein.anterior_tibial_1.centre", "lies in a bone"),
    "vein touching a bone": (
        move("anterior_tibial_1", 16.2, -8.4),
        "vein.anterior_tibial_1.centre",
        "its wall touches bone tibia",
    ),
    "vein near the fascia": (
        move("small_saphenous", 8.0, -89.5),
        "vein.small_saphenous.centre",
        "mm from the fascia; 0.55 mm are needed",
    ),
    "overlapping veins": (
        move("posterior_tibial_2", -0.5, -35.0),
        "vein.posterior_tibial_2.centre",
        "overlaps posterior_tibial_1",
    ),
    "septum missing": (drop_septum, "region", "marks of deep_posterior and anterior"),
    "septum not reaching": (
        change("septum", RAPHE, points=SHORT_RAPHE),
        f"septum.{RAPHE}.points",
        "mm from fascia, on which it should end",
    ),
    "septum across another": (
        point("septum", RAPHE, 1, 10.8, -50.0),
        "septum.soleus_gastrocnemius",
        "crosses septum.gastrocnemius_raphe at",
    ),
    "no mark": (lambda d: d["region"].pop("lateral"), "region", "holds no region's mark"),
    "mark in a bone": (change("region", "extra", compartment="lateral", at=[3.0, 0.0]), "region.extra.at", "or in a bone"),
    "fascia through the skin": (point("fascia", "", 8, -46.0, -59.0), "fascia", "crosses skin at"),
    "bone outside": (change("bone", "pea", points=PEA), "bone.pea", "lies outside the skin"),
    "overlapping bones": (
        change("bone", "second_fibula", points=[[26.0, -6.0], [33.0, -6.0], [33.0, -13.0], [26.0, -13.0]]),
        "bone.fibula",
        "crosses bone.second_fibula at",
    ),
    "fascia outside the skin": (
        lambda d: d["fascia"].update(points=[[x + 300.0, y] for x, y in d["fascia"]["points"]]),
        "fascia",
        "lies outside the skin",
    ),
    "unknown tissue": (change("region", "soleus", tissue="muscles"), "region.soleus.tissue", "did you mean 'muscle'?"),
    "sole off the skin": (
        lambda d: d.update(sole={"from": [-20.7, -88.5], "to": [0.0, -70.0]}),
        "sole.to",
        "mm from the skin, on which it should lie",
    ),
    "border to nowhere": (
        lambda d: d.update(border={"b": {"ends": ["skin", "fasca"], "points": [[0.0, -93.4], [0.0, -87.2]]}}),
        "border.b.ends",
        "did you mean 'fascia'?",
    ),
    "area and diameter": (change("vein", PER1, diameter=2.0), "vein.peroneal_1.area", "not both"),
    "posture of no pressure": (change("vein", PER1, posture="standin"), "vein.peroneal_1.posture", "did you mean 'standing'?"),
    "septa in a circle": (circle_of_septa, "septum.deep_transverse.ends", "in a circle"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_description(good: Document, name: str) -> None:
    spoil, key, what = BAD[name]
    document = copy.deepcopy(good)
    spoil(document)
    with pytest.raises(DescriptionError) as caught:
        lay_out(parse_description(document, file="calf.toml"))
    assert isinstance(caught.value, CaseError)
    assert [(problem.where, problem.key) for problem in caught.value.problems] == [("calf.toml", key)]
    assert what in caught.value.problems[0].what


def test_all_problems_of_a_file_at_once(good: Document) -> None:
    document = copy.deepcopy(good)
    document["vein"]["peroneal_1"]["area"] = "5.6 mm2"
    document["vein"]["peroneal_2"]["ratio"] = 0.5
    document["region"]["soleus"]["compartment"] = "calf"
    with pytest.raises(DescriptionError) as caught:
        parse_description(document)
    assert len(caught.value.problems) == 3


def test_unknown_section_names_those_that_exist() -> None:
    with pytest.raises(DescriptionError, match=r"did you mean 'mid_calf'\?"):
        load_description("midcalf")
    with pytest.raises(DescriptionError, match="no such section description"):
        load_description("elsewhere/leg.toml")


def test_description_is_in_metres(good: Document) -> None:
    calf = load_description("mid_calf")
    assert calf.veins[0].area == pytest.approx(1e-6 * good["vein"]["posterior_tibial_1"]["area"])
    a, b = calf.veins[0].semi_axes
    assert np.pi * a * b == pytest.approx(calf.veins[0].area)
    assert a / b == pytest.approx(calf.veins[0].ratio)
    assert girth_of(calf) == pytest.approx(0.355, abs=0.005)  # 355 ± 21 mm measured in men


def test_content_is_what_mechanics_depend_on(good: Document) -> None:
    """Sources, titles and the file's place leave it as it is; any number changes it."""
    first = parse_description(good, file="here.toml").content()
    document = copy.deepcopy(good)
    document["title"] = "another"
    document["vein"]["peroneal_1"]["source"] = "another"
    assert parse_description(document, file="there.toml").content() == first
    document["vein"]["peroneal_1"]["wall"] = 0.31
    assert parse_description(document).content() != first
    assert json.loads(json.dumps(first)) == first
    stress_free = parse_description(document).content()
    document["vein"]["peroneal_1"]["posture"] = "standing"
    assert parse_description(document).content() != stress_free


def test_tight_neighbours_share_the_room(good: Document) -> None:
    """Two veins whose walls are 1.55 mm apart: 1.2 mm for both sheaths, .6 mm each, and the clearance of .35 mm between them."""
    document = copy.deepcopy(good)
    for name, x in (("peroneal_1", 22.0), ("peroneal_2", 22.0 + 2 * 1.335 + 2 * 0.3 + 1.55)):
        document["vein"][name].update(centre=[x, -30.0], ratio=1.0, area=np.pi * 1.335**2)
    fitted = {fit.vein.name: fit.sheath for fit in lay_out(parse_description(document)).veins}
    assert fitted["peroneal_1"] == pytest.approx(0.6e-3, abs=0.005e-3)
    assert fitted["peroneal_2"] == pytest.approx(fitted["peroneal_1"])


def test_centripetal_curve_goes_through_its_points_and_closes() -> None:
    points = np.array([[0.0, 0.0], [3.0, 0.5], [4.0, 3.0], [1.0, 5.0]])
    curve = catmull_rom(points, closed=True, samples=10)
    assert len(curve) == 40
    assert area(curve) > 0.0
    for point in points:
        assert np.min(np.linalg.norm(curve - point, axis=1)) < 1e-12
    assert area(catmull_rom(points[::-1], closed=True)) == pytest.approx(area(catmull_rom(points, closed=True)))


def test_circle_is_met_at_fourth_order_between_chords() -> None:
    """Through n points of the unit circle the curve's area tends to π as 1/n⁴ (third-order tangents)."""
    errors = []
    for n in (12, 24):
        t = 2.0 * np.pi * np.arange(n) / n
        errors.append(np.pi - area(catmull_rom(np.stack([np.cos(t), np.sin(t)], axis=1), closed=True, samples=400)))
    assert abs(errors[0] / errors[1]) == pytest.approx(16.0, rel=0.15)


def test_tape_bridges_hollows() -> None:
    square = np.array([[0.0, 0.0], [1.0, 0.0], [0.5, 0.3], [1.0, 1.0], [0.0, 1.0]])
    assert hull_length(square) == pytest.approx(4.0)
    assert closed_length(square) > 4.0


def test_checking_a_description_needs_no_heavy_import() -> None:
    code = (
        "import sys; from calfpump.anatomy.section_description import load_description; from calfpump.mesh import lay_out;"
        "lay_out(load_description('mid_calf'));"
        "print([heavy for heavy in ('gmsh', 'matplotlib', 'scipy', 'meshio') if heavy in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_a_border_parts_the_fat_and_the_sole_is_where_it_was_drawn(good: Document) -> None:
    """Two borders across the fat, a mark between them: a region of the sole's pad; the skin between two points is the sole, counter-clockwise."""
    from calfpump.mesh import COARSE, build

    document = copy.deepcopy(good)
    document["border"] = {
        "one": {"ends": ["skin", "fascia"], "points": [[-36.4, -76.7], [-31.5, -72.8]]},
        "two": {"ends": ["fascia", "skin"], "points": [[-18.0, -82.6], [-20.7, -88.5]]},
    }
    document["region"]["pad"] = {"compartment": "sole", "tissue": "pad", "at": [-28.5, -80.5]}
    document["sole"] = {"from": [-36.4, -76.7], "to": [-20.7, -88.5]}
    mesh = build(parse_description(document), resolution=COARSE)
    assert mesh.tissue_of("pad") == "pad" and mesh.tissue_of("fat") == "fat" and mesh.tissue_of("soleus") == "muscle"
    ends = mesh.points[mesh.curve_facets("sole")]
    length = float(np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1).sum())
    assert length == pytest.approx(np.hypot(15.7, 11.8) * 1e-3, rel=0.03), "nearly straight there"
    skin = {frozenset(edge) for edge in mesh.curve_facets("skin").tolist()}
    assert {frozenset(edge) for edge in mesh.curve_facets("sole").tolist()} <= skin
    drawn = build(parse_description(good), resolution=COARSE)
    assert mesh.region_area("pad") + mesh.region_area("fat") == pytest.approx(drawn.region_area("fat"), rel=2e-3)


def test_a_section_says_which_pressure_of_a_hose_it_has(good: Document) -> None:
    """RAL-GZ 387: ankle B, mid-calf C, below the knee D, mid-thigh F; the laws of another point are others."""
    shipped_points = {name: load_description(name).point for name in ("ankle", "lower_calf", "mid_calf", "below_knee", "mid_thigh")}
    assert shipped_points == {"ankle": "B", "lower_calf": "B1", "mid_calf": "C", "below_knee": "D", "mid_thigh": "F"}
    document = copy.deepcopy(good)
    document["point"] = "D"
    assert parse_description(document).content() != parse_description(good).content()
    document["point"] = "E"
    with pytest.raises(DescriptionError, match="point: unknown measuring point of a hose 'E'"):
        parse_description(document)
