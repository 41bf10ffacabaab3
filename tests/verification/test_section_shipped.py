"""Every shipped section's laws at rest, coarse: complete, rising, and in the range of a soft leg."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calfpump.anatomy.section_description import load_description
from calfpump.case.shipped import descriptions
from calfpump.case.tissue import Tissue
from calfpump.law import SectionLaws
from calfpump.mesh import COARSE, SectionMesh, build
from calfpump.section import characterise
from calfpump.section.job import GRIDS
from calfpump.section.states import ActivationState

MMHG = 133.322
REST = [ActivationState("rest", {})]


def laws_at_rest(name: str, sole: float = 0.0) -> tuple[SectionMesh, SectionLaws]:
    """A section's mesh and its laws at rest, pressed from below by ``sole`` [Pa]."""
    mesh = build(load_description(name), resolution=COARSE)
    return mesh, characterise(mesh, Tissue(), None, REST, quality="coarse", workers=1, sole=sole)


def check_laws(mesh: SectionMesh, laws: SectionLaws) -> None:
    """All veins and compartments there; each vein computed from α = .3 or less to 1.25 or more, rising, with conductance rising too."""
    assert set(laws.compartments) == set(mesh.compartments.values())
    assert set(laws.veins) == {vein.name for vein in mesh.veins}
    for vein in mesh.veins:
        law = laws.veins[vein.name]
        assert law.alpha_fe[0, 0] <= 0.3, vein.name
        assert law.alpha_fe[0, 1] >= 1.25, vein.name
        assert np.all(np.diff(law.f[0]) > 0.0), vein.name
        assert np.all(np.diff(law.G[0]) > 0.0), vein.name


def test_laws_of_the_knee_down_to_where_its_veins_are_flat(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the study does with every section and all its points."""
    monkeypatch.setitem(GRIDS, "coarse", replace(GRIDS["coarse"], down=GRIDS["coarse"].down[:9], up=GRIDS["coarse"].up[:3]))
    as_in_a_soft_leg("knee")


@pytest.mark.study
@pytest.mark.parametrize("name", descriptions())
def test_laws_of_a_shipped_section_at_rest(name: str) -> None:
    as_in_a_soft_leg(name)


def as_in_a_soft_leg(name: str) -> None:
    """At A0 nothing presses; collapsed to α = .3 a flat deep vein needs 3 to 15 mmHg, a round saphenous one 10 to 40; snaps there are none."""
    mesh, laws = laws_at_rest(name)
    check_laws(mesh, laws)
    assert laws.provenance["snaps"] == []
    for compartment in laws.compartments.values():
        assert abs(np.interp(1.0, compartment.ratio, compartment.p_c[0])) < 0.5 * MMHG, compartment.name
    for vein in mesh.veins:
        law = laws.veins[vein.name]
        assert abs(np.interp(1.0, law.alpha, law.f[0])) < 0.5 * MMHG, vein.name
        collapse = -np.interp(0.3, law.alpha, law.f[0]) / MMHG
        low, high = (3.0, 15.0) if vein.ratio > 1.2 else (10.0, 40.0)
        assert low < collapse < high, (vein.name, collapse)


@pytest.mark.study
def test_the_ground_empties_the_foot() -> None:
    """20 kPa (150 mmHg) under the mid-foot: plantar muscles carry about as much, the dorsum next to nothing; at 90 mmHg its veins alone are open.

    Bones are narrower than the sole, so that below them more than its mean pressure is carried; the rest is skin and fascia.
    """
    mesh, laws = laws_at_rest("mid_foot", sole=20e3)
    check_laws(mesh, laws)
    p_c = {name: float(np.interp(1.0, law.ratio, law.p_c[0])) for name, law in laws.compartments.items()}
    assert 0.8 < p_c["foot"] / 20e3 < 1.6
    assert p_c["foot_dorsum"] < 0.2 * 20e3 and p_c["subcutaneous"] < 0.1 * 20e3
    filled = {}
    for vein in mesh.veins:
        law = laws.veins[vein.name]
        filled[vein.name] = float(np.interp(90.0 * MMHG - p_c[vein.compartment], law.f[0], law.alpha))
    assert max(alpha for name, alpha in filled.items() if "plantar" in name) < 0.3, filled
    assert min(alpha for name, alpha in filled.items() if "plantar" not in name) > 1.0, filled
