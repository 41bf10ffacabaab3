"""A contraction by target: the secant gives back the shortening whose pressure it was given; muscles of one compartment apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from oracles.cylinder import wrapped_disc
from section_meshes import circles, layered

from calfpump.case import load_case
from calfpump.case.tissue import Tissue
from calfpump.section.contraction import contract
from calfpump.section.errors import SectionError
from calfpump.section.states import by_region

CASE = Path(__file__).parents[2] / "cases" / "quickstart.toml"
MMHG = 133.322


def leg():
    """Two muscles of one compartment, one in the other, within a fascia and fat; a rigid bone in the middle."""
    c = circles(40e-3 * np.array([0.15, 0.35, 0.6, 0.8, 1.0, 1.15]), 48)
    return layered(
        c, ["inner", "inner", "outer", "outer", "fat"], names={0: "bone_tibia", 4: "fascia", -1: "skin"},
        compartments={"inner": "soleus", "outer": "soleus", "fat": "subcutaneous"},
    )  # fmt: skip


def test_target_gives_back_the_shortening() -> None:
    """The pressure of an inner muscle shortened by 6 % beside an outer one of 4 %, asked for as a target: .06 and .04 again, within .2 %."""
    mesh, tissue = leg(), load_case(CASE).tissue
    by_strain = contract(mesh, tissue, None, {"inner": 0.06, "outer": 0.04}, {})
    wanted = {name: by_strain.pressure[name][1] for name in ("inner", "outer")}
    assert by_strain.girth[1] > by_strain.girth[0] + 1e-4
    by_pressure = contract(mesh, tissue, None, {}, wanted)
    assert by_pressure.shortening == pytest.approx({"inner": 0.06, "outer": 0.04}, rel=3e-3)
    assert by_pressure.girth[1] == pytest.approx(by_strain.girth[1], rel=1e-5)


def test_whole_compartment_presses_as_the_closed_form() -> None:
    """Soleus 8 % shortened round its bone, free outside: (1/λ − 1) of the tissue's area widens the fascia, P = E t (λ_f − 1 − τ/2)/(λ_f R₀), within 2 %."""
    tissue = Tissue()
    found = contract(leg(), tissue, None, {"soleus": 0.08}, {})
    R = 40e-3 * np.sqrt(np.sin(2 * np.pi / 48) / (2 * np.pi / 48))
    grown = np.sqrt(1.0 + (1.0 / 0.92 - 1.0) * (1.0 - 0.15**2))
    exact = wrapped_disc(tissue.fascia_E * tissue.fascia_thickness, R, grown, tissue.fascia_toe)
    skin = found.pressure["subcutaneous"][1]
    assert found.pressure["soleus"][1] - skin == pytest.approx(exact, rel=0.02)


def test_pressure_that_no_shortening_gives_is_refused() -> None:
    with pytest.raises(SectionError, match="were not met: outer"):
        contract(leg(), Tissue(fascia_E="1 MPa"), None, {}, {"outer": 3000 * MMHG})


def test_a_region_goes_before_its_compartment() -> None:
    assert by_region(leg(), {"soleus": 0.05, "inner": 0.1}) == {"inner": 0.1, "outer": 0.05}
    assert by_region(leg(), {"subcutaneous": 0.05}) == {}
