"""Sizes measured in a posture: the stress-free ones found for them are those from which the laws are computed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from section_meshes import circles, layered

from calfpump.case.tissue import Tissue
from calfpump.law import SectionLaws
from calfpump.mesh.section_mesh import SectionMesh, VeinSpec
from calfpump.section import ActivationState, characterise
from calfpump.section.errors import SectionError
from calfpump.section.stress_free import TOLERANCE, Measured, stress_free_areas

SOFT = Tissue(fascia_E="1 MPa", wall_stiffening=2.0)
A0 = 4.0e-6 * np.pi


def leg(area: float) -> SectionMesh:
    """A vein of that lumen, wall .3 mm, in the middle of 30 mm of muscle within its fascia, and 5 mm of fat; one edge of muscle is held."""
    a = np.sqrt(area / np.pi)
    curves = circles(np.array([a, a + 0.3e-3, 3.3e-3, 5e-3, 8e-3, 13e-3, 20e-3, 30e-3, 35e-3]), 48)
    curves[:3] *= np.array([1.05, 1.0 / 1.05])
    mesh = layered(
        curves, ["wall_v", "sheath_v", *["muscle"] * 5, "fat"], names={0: "lumen_v", 7: "fascia", -1: "skin"},
        compartments={"muscle": "soleus", "fat": "subcutaneous"},
    )  # fmt: skip
    vein = VeinSpec("v", "muscle", "soleus", (0.0, 0.0), float(mesh.lumen_area("v")), 1.1, 0.0, 0.3e-3, 1e-3, "a test")
    pin = max(mesh.curves.values()) + 1
    edge = np.array([[5 * 48, 5 * 48 + 1]], dtype=np.int32)
    return replace(
        mesh, veins=(vein,), facets=np.concatenate([mesh.facets, edge]), curves=mesh.curves | {"bone_pin": pin},
        facet_tags=np.append(mesh.facet_tags, np.int32(pin)),
    )  # fmt: skip


@pytest.fixture(scope="module")
def laws() -> SectionLaws:
    """Of the vein whose stress-free size is known."""
    return characterise(leg(A0), SOFT, None, (ActivationState("rest", {}),), quality="coarse", workers=1)


@pytest.mark.parametrize("posture", ["standing", "supine"])
def test_the_stress_free_size_comes_back(posture: str, laws: SectionLaws, row: Callable[..., None]) -> None:
    """Filled to 60 (standing) or 10 mmHg (supine), found by the laws' own march; the secant, begun elsewhere, finds the size that this began with."""
    area = 1e-6 * laws.provenance["postures"][posture]["A [mm2]"]["v"]
    known = laws.veins["v"].A0
    assert area > 1.02 * known
    said: list[str] = []
    built: list[float] = []

    def build(sizes: dict[str, float]) -> SectionMesh:
        built.append(sizes["v"])
        return leg(sizes["v"] * A0 / known)  # the polygon's area is a little less than the circle's

    found = stress_free_areas(build, {"v": Measured(posture, area)}, SOFT, said.append)
    assert abs(built[0] / known - 1.0) > 0.01
    assert len(said) == len(built) <= 5
    row(f"Vein measured {posture}, 60 or 10 mmHg", "stress-free area", 1e6 * known, 1e6 * found["v"], 2.0 * TOLERANCE, unit="mm²")


def test_a_size_that_cannot_be_met_is_told() -> None:
    """Here whatever is asked for, the same mesh comes back."""
    with pytest.raises(SectionError, match=r"v, 8\.00 mm standing: .* mm are reached after 8 rounds") as failure:
        stress_free_areas(lambda sizes: leg(A0), {"v": Measured("standing", np.pi * 16e-6)}, SOFT)
    assert "without a posture" in failure.value.hint


def test_a_mesh_of_a_measured_size_has_no_laws() -> None:
    mesh = leg(A0)
    with pytest.raises(SectionError, match=r"sizes are those of a posture: v \(standing\)"):
        characterise(replace(mesh, veins=(replace(mesh.veins[0], posture="standing"),)), SOFT, None)


@pytest.mark.study
def test_an_ankle_measured_by_ultrasound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: Callable[..., None]) -> None:
    """By the verb a user types: the ankle with all diameters given as they are in standing has, at 60 mmHg, these diameters."""
    from calfpump.case.shipped import shipped
    from calfpump.cli import main

    monkeypatch.setenv("CALFPUMP_CACHE", str(tmp_path / "cache"))
    text = (shipped("meshes") / "ankle.toml").read_text(encoding="utf-8")
    sizes = {"posterior_tibial_1": 3.4, "posterior_tibial_2": 3.3, "peroneal_1": 3.1, "anterior_tibial_1": 2.4, "great_saphenous": 3.6, "small_saphenous": 2.9}
    for name, diameter in sizes.items():
        head, _, rest = text.partition(f"[vein.{name}]")
        before, _, after = rest.partition("area = ")
        text = f'{head}[vein.{name}]{before}diameter = {diameter}\nposture = "standing"\n{after.partition(chr(10))[2]}'
    (tmp_path / "ankle.toml").write_text(text, encoding="utf-8")
    case = tmp_path / "case.toml"
    case.write_text(
        'schema = 1\ntitle = "ankle"\n[section]\ndescription = "ankle.toml"\n[numerics]\nquality = "coarse"\n[[protocol]]\ndo = "stand"\nfor = "10 s"\n',
        encoding="utf-8",
    )
    assert main(["tubelaw", str(case), "-o", str(tmp_path / "laws")]) == 0
    laws = SectionLaws.load(next((tmp_path / "laws").glob("*.npz")))
    areas = laws.provenance["postures"]["standing"]["A [mm2]"]
    for name, diameter in sizes.items():
        found = 2.0 * np.sqrt(areas[name] / np.pi)
        row("Ankle, veins measured standing", f"diameter of {name} at 60 mmHg", diameter, found, 2.0 * TOLERANCE, unit="mm")
        assert laws.veins[name].A0 < 1e-6 * areas[name]
