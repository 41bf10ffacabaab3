"""Papers of a run, and the folders of meshes and laws."""

from __future__ import annotations

import pytest
from results_data import a_case

from calfpump.case import CaseError
from calfpump.results import ResultDiffers, cite, open_run, output_folder
from calfpump.results.citations import citations, numbers


def test_papers_follow_what_the_case_uses(tmp_path):
    plain, hose = a_case(tmp_path), a_case(tmp_path, hose="II")
    works = {c.work for c in citations(plain)}
    assert "Mynard et al. 2012, Int J Numer Meth Biomed Engng 28:626" in works
    assert any(work.startswith("Crouzeix & Raviart 1973") for work in works)
    assert not any(work.startswith("Schwartz") for work in works)  # nobody walks
    assert {c.work for c in citations(hose)} - works == {"RAL-GZ 387; CEN/TS 15831; BS 6612; ASQUAL"}
    algebraic = plain.model_copy(update={"section": plain.section.model_copy(update={"law": "algebraic"})})
    assert not any(c.work.startswith("Crouzeix") for c in citations(algebraic))


def test_a_changed_number_loses_its_source(tmp_path):
    case = a_case(tmp_path)
    assert "tissue.fascia_thickness = 0.92 mm" in dict(numbers(case))
    softer = case.model_copy(update={"tissue": case.tissue.model_copy(update={"fascia_thickness": 0.5e-3})})
    assert not any(key.startswith("tissue.fascia_thickness") for key, _ in numbers(softer))
    assert any(key.startswith("flow.density") and "Boileau" in source for key, source in numbers(case))


def test_cite_reads_results_and_case_files(tmp_path):
    with open_run(a_case(tmp_path), tmp_path / "out"):
        pass
    assert cite(tmp_path / "out") == cite(tmp_path / "case.toml")
    assert cite(tmp_path / "out").startswith("Ten tiptoes: what this run rests on")
    with pytest.raises(CaseError):
        cite(tmp_path / "nothing.toml")


def test_output_folders_are_written_again_but_never_over_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    case, other = a_case(tmp_path), a_case(tmp_path, hose="II")
    folder = output_folder(case, None, "mesh")
    assert folder.parent == tmp_path / "results"
    assert folder.name.startswith("mesh-ten-tiptoes-")
    (folder / "mid_calf.msh").write_text("mesh")
    assert output_folder(case, None, "mesh") == folder
    with pytest.raises(ResultDiffers, match="--force"):
        output_folder(other, folder, "mesh")
    assert output_folder(other, folder, "mesh", force=True) == folder
    with open_run(case, tmp_path / "run"):
        pass
    with pytest.raises(ResultDiffers):
        output_folder(case, tmp_path / "run", "mesh", force=True)
