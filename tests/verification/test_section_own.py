"""Laws of a section of the user's own: those of the section that it was made from."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from own_sections import as_mesh, as_png

from calfpump.anatomy.section_description import load_description
from calfpump.case.tissue import Tissue
from calfpump.mesh import COARSE, SectionMesh, build
from calfpump.section.job import GRIDS, MMHG, Curves, Grid, Job
from calfpump.section.states import ActivationState
from calfpump.section.tissues import coefficients
from calfpump.section.trace import Trace

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "own_section"
FEW = Grid(down=(0.7, 0.4), up=(1.15,))


def few_points(mesh: SectionMesh) -> Curves:
    """The laws of a mesh at rest at a few area ratios."""
    trace = Trace(Job(mesh, coefficients(mesh, Tissue()), None, ActivationState("rest", {}), FEW), lambda line: None)
    trace.wear()
    return trace.run()


@pytest.fixture(scope="module")
def original() -> Curves:
    return few_points(build(load_description("mid_calf"), resolution=COARSE))


def test_laws_of_a_mesh_that_was_written_and_read_again(original: Curves, tmp_path: Path, row: Callable[..., None]) -> None:
    """VTU in mm, regions by number, curves found: the same pressures to round-off (measured 3e-11 mmHg)."""
    again = few_points(build(load_description(as_mesh("mid_calf", tmp_path, ".vtu"))))
    assert again.veins == original.veins
    assert np.array_equal(again.alpha, original.alpha)
    far = float(np.abs(again.pressures - original.pressures).max()) / MMHG
    row("Mid-calf, its mesh exported and imported", "largest difference of a vein's pressure", 0.0, far, 1e-6, unit="mmHg", relative=False)
    assert np.abs(again.compartments - original.compartments).max() < 1e-6 * MMHG


def test_laws_of_a_section_that_was_an_image(original: Curves, tmp_path: Path, row: Callable[..., None]) -> None:
    """Pixels of .3 mm: another mesh, borders off by a tenth of a millimetre, the same veins: pressures within .1 mmHg."""
    again = few_points(build(load_description(as_png("mid_calf", tmp_path)), resolution=COARSE))
    assert again.veins == original.veins
    far = float(np.abs(again.pressures - original.pressures).max()) / MMHG
    row("Mid-calf, as pixels of .3 mm and back", "largest difference of a vein's pressure", 0.0, far, 0.1, unit="mmHg", relative=False)


@pytest.mark.parametrize("kind", ["image", "mesh"])
def test_an_image_and_a_mesh_become_laws(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An ankle as labelled pixels and the imported one of docs/own_section.md by the verb a user types, at rest, from α = .29 to 1.26."""
    monkeypatch.setattr(importlib.import_module("calfpump.section.characterise"), "activation_states", lambda quality: (ActivationState("rest", {}),))
    monkeypatch.setitem(GRIDS, "coarse", replace(GRIDS["coarse"], down=GRIDS["coarse"].down[:9], up=GRIDS["coarse"].up[:3]))
    case = EXAMPLES / "case_mesh.toml"
    if kind == "image":
        as_png("ankle", tmp_path)
        case = tmp_path / "case.toml"
        case.write_text((EXAMPLES / "case_image.toml").read_text(encoding="utf-8"), encoding="utf-8")
    runs_through_tubelaw(case, kind, tmp_path, monkeypatch)


@pytest.mark.study
@pytest.mark.parametrize("kind", ["outlines", "image", "mesh"])
def test_worked_examples_run_through_tubelaw(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The three examples of docs/own_section.md, by the verb a user types, all states and area ratios of the quality "coarse"."""
    runs_through_tubelaw(EXAMPLES / f"case_{kind}.toml", kind, tmp_path, monkeypatch)


def runs_through_tubelaw(case: Path, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every vein's law is there and rises, from α = .3 or less to 1.25 or more."""
    from calfpump.cli import main
    from calfpump.law import SectionLaws

    monkeypatch.setenv("CALFPUMP_CACHE", str(tmp_path / "cache"))
    mesh = build(load_description(case.with_name(f"{kind}.toml")), resolution=COARSE)
    assert main(["tubelaw", str(case), "-o", str(tmp_path / "laws")]) == 0
    laws = SectionLaws.load(next((tmp_path / "laws").glob("*.npz")))
    assert set(laws.veins) == {vein.name for vein in mesh.veins}
    assert set(laws.compartments) == set(mesh.compartments.values())
    for law in laws.veins.values():
        assert np.all(law.alpha_fe[:, 0] <= 0.3) and np.all(law.alpha_fe[:, 1] >= 1.25), law.name
        assert np.all(np.diff(law.f, axis=1) > 0.0), law.name
