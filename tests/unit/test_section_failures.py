"""A section that can't be solved says which state, why, what was kept, where to look; a dead process is told from a failed solve."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from section_meshes import circles, layered

from calfpump import section
from calfpump.case import load_case
from calfpump.case.shipped import shipped
from calfpump.cli import main
from calfpump.coupling import section as coupling
from calfpump.law import SectionLaws
from calfpump.mesh import VeinSpec
from calfpump.section import farm
from calfpump.section.errors import SectionError, section_error
from calfpump.section.job import Grid, Job
from calfpump.section.states import ActivationState
from calfpump.section.tissues import Coefficients


def sealed_job() -> Job:
    """A vein in incompressible muscle inside a rigid shell: it can neither empty nor fill."""
    curves = circles(2e-3 * np.array([1.0, 1.3, 2.0, 3.0]), 24)
    mesh = layered(curves, ["wall_vein", "soleus", "soleus"], names={0: "lumen_vein", -2: "skin", -1: "bone_shell"}, compartments={"soleus": "soleus"})
    vein = VeinSpec("vein", "soleus", "soleus", (0.0, 0.0), np.pi * 4e-6, 1.0, 0.0, 6e-4, 0.0, "a test")
    coefficients = Coefficients(
        mu={"wall_vein": 2e4, "soleus": 1e3}, inverse_kappa={"wall_vein": 0.0, "soleus": 0.0}, membranes={}, penalty={"vein": 1e9}
    )
    return Job(replace(mesh, veins=(vein,)), coefficients, None, ActivationState("rest", {}), Grid((0.9,), (1.1,)))


def test_failed_solve_is_told_and_pictured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALFPUMP_CACHE", str(tmp_path))
    with pytest.raises(SectionError) as failure:
        farm.solve([sealed_job()], 1, lambda line: None)
    problem = failure.value
    assert "area march" in problem.solve and "rest" in problem.state and "0.9" in problem.state
    assert problem.reason and "the state at 1" in problem.kept and problem.hint
    assert problem.picture is not None and problem.picture.suffix == ".png"
    assert problem.picture.read_bytes().startswith(b"\x89PNG") and problem.picture.with_suffix(".vtu").is_file()
    assert str(problem.picture) in str(problem)


def test_crashed_process_is_told() -> None:
    with pytest.raises(SectionError, match="its process ended with code"):
        farm.solve([replace(sealed_job(), mesh=None)], 1, lambda line: None)  # type: ignore[arg-type]


@pytest.mark.parametrize("died", [False, True])
def test_steps_of_a_law_that_cannot_be_had_are_thrown_away(died: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of a process that died are kept: the same command goes on from them."""
    monkeypatch.setenv("CALFPUMP_CACHE", str(tmp_path))
    problem = section_error("the section's area march", "0.3", "a test")
    problem.picture = None if died else tmp_path / "last.png"

    def fails(*args: object, keep: Path, **named: object) -> None:
        (keep / "0").mkdir(parents=True)
        raise problem

    monkeypatch.setattr(section, "characterise", fails)
    monkeypatch.setattr(coupling, "section_mesh", lambda *args: None)
    with pytest.raises(SectionError):
        coupling.laws_of_section(load_case(shipped("cases") / "quickstart.toml"))
    assert [path.suffix for path in (tmp_path / "laws").iterdir()] == [".steps"] * died


def test_tubelaw_prints_where_a_law_snaps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    laws = SectionLaws("mid_calf", {}, {}, 0.0, 0.35, provenance={"snaps": ["soleal_medial, rest: snaps between α = 0.1 and 0.2"]})
    monkeypatch.setattr(coupling, "laws_of_section", lambda *args: laws)
    monkeypatch.setattr("calfpump.report.plot_laws", lambda *args: None)
    assert main(["tubelaw", str(shipped("cases") / "quickstart.toml"), "-o", str(tmp_path / "laws")]) == 0
    assert capsys.readouterr().out.splitlines() == ["note: soleal_medial, rest: snaps between α = 0.1 and 0.2", str(tmp_path / "laws")]
