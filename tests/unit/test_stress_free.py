"""A case whose veins were measured in a posture: the mesh that its laws are computed on, found once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest

from calfpump.case import load_case
from calfpump.case.shipped import shipped
from calfpump.coupling.section import check_section, law_inputs, section_mesh
from calfpump.mesh import SectionMesh
from calfpump.section import stress_free
from calfpump.section.stress_free import Measured


@pytest.fixture
def case(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """An ankle whose great saphenous vein was 3.6 mm wide in standing."""
    monkeypatch.setenv("CALFPUMP_CACHE", str(tmp_path / "cache"))
    text = (shipped("meshes") / "ankle.toml").read_text(encoding="utf-8")
    head, _, rest = text.partition("[vein.great_saphenous]")
    before, _, after = rest.partition("area = ")
    text = f'{head}[vein.great_saphenous]{before}diameter = 3.6\nposture = "standing"\n{after.partition(chr(10))[2]}'
    (tmp_path / "ankle.toml").write_text(text, encoding="utf-8")
    file = tmp_path / "case.toml"
    file.write_text(
        'schema = 1\ntitle = "ankle"\n[section]\ndescription = "ankle.toml"\n[numerics]\nquality = "coarse"\n[[protocol]]\ndo = "stand"\nfor = "1 s"\n',
        encoding="utf-8",
    )
    return load_case(file)


def test_stress_free_sizes_are_found_once(case, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Mapping[str, Measured]] = []

    def found(build: Callable[[Mapping[str, float]], SectionMesh], measured: Mapping[str, Measured], *rest: object) -> dict[str, float]:
        asked.append(measured)
        return {"great_saphenous": 8e-6}

    monkeypatch.setattr(stress_free, "stress_free_areas", found)
    check_section(case)
    assert asked == [], "a check computes nothing long"
    mesh = section_mesh(case)
    again = section_mesh(case)
    assert len(asked) == 1 and list(asked[0]) == ["great_saphenous"]
    assert asked[0]["great_saphenous"].posture == "standing" and asked[0]["great_saphenous"].diameter == pytest.approx(3.6e-3)
    for built in (mesh, again):
        vein = next(v for v in built.veins if v.name == "great_saphenous")
        assert (vein.area, vein.posture) == (8e-6, "")
        assert built.lumen_area("great_saphenous") == pytest.approx(8e-6, rel=1e-12)
    assert np.array_equal(mesh.points, again.points)


def test_posture_is_part_of_what_a_law_is_known_by(case) -> None:
    assert "standing" in str(law_inputs(case)["section"])
