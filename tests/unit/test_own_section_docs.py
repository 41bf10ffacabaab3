"""The three worked examples of docs/own_section.md mesh as they stand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from calfpump.anatomy.section_description import load_description
from calfpump.case import load_case
from calfpump.mesh import COARSE, build, quality

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "own_section"


@pytest.mark.parametrize(("name", "girth", "veins"), [("outlines", 0.219, 7), ("image", 0.355, 6), ("mesh", 0.219, 7)])
def test_worked_example(name: str, girth: float, veins: int) -> None:
    case = load_case(EXAMPLES / f"case_{name}.toml")
    mesh = build(load_description(case.section.description), resolution=COARSE)
    assert mesh.name.endswith(f"from_{name}")
    assert mesh.girth == pytest.approx(girth, abs=0.001)
    assert len(mesh.veins) == veins
    assert np.degrees(quality(mesh).min_angle) > 15.0
    assert {"skin", "fascia", "septum", "bone_tibia", "bone_fibula"} <= set(mesh.curves)


def test_the_page_quotes_the_examples() -> None:
    """What stands in a block of the page with a name of an example stands in that example."""
    page = (EXAMPLES.parent / "own_section.md").read_text(encoding="utf-8")
    for name, entries in {
        "image": ("voxel = [0.5, 0.5]", "[label.2]", 'bone = "tibia"', 'vein = "soleal_medial"', "centre = [21.4, 81.5]", "diameter = 3.19"),
        "mesh": ('unit = "mm"', 'data = "region"', "names = 2", "at = [-1.0, 0.0]", "wall = 11", "sheath = 18"),
        "outlines": ('points = "skin.csv"', 'ends = ["tibia", "fibula"]', "centre = [-20.4, 4.0]"),
    }.items():
        example = (EXAMPLES / f"{name}.toml").read_text(encoding="utf-8")
        for entry in entries:
            assert entry in page and entry in example, (name, entry)
