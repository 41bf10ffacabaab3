"""[sweep]: grids, zips, and problems of single values."""

from pathlib import Path

import pytest

from calfpump.case import CaseError, expand, load_case

BASE = 'schema = 1\ntitle = "t"\n[hose]\nstandard = "RAL"\n[[protocol]]\ndo = "stand"\nfor = "60 s"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "case.toml"
    path.write_text(BASE + text, encoding="utf-8")
    return path


def problems(path: Path) -> list[str]:
    with pytest.raises(CaseError) as error:
        expand(path)
    return [str(problem).replace(str(path), "FILE") for problem in error.value.problems]


def test_a_grid_takes_every_combination(tmp_path: Path) -> None:
    path = written(tmp_path, '[sweep]\n"hose.class" = ["none", "I", "II"]\ntissue.preset = ["soft", "stiff"]\n')
    cases = expand(path)
    assert [label for label, _, _ in cases][:3] == ["class=none, preset=soft", "class=none, preset=stiff", "class=I, preset=soft"]
    assert [(c.hose.name if c.hose else "", c.tissue.preset) for _, _, c in cases][2:4] == [("RAL I", "soft"), ("RAL I", "stiff")]
    assert cases[3][1] == {"hose.class": "I", "tissue.preset": "stiff"}
    assert cases[3][2].title == "t: class=I, preset=stiff"


def test_a_zip_goes_side_by_side(tmp_path: Path) -> None:
    path = written(tmp_path, '[sweep]\nmode = "zip"\n"hose.class" = ["I", "II"]\n"protocol[1].for" = ["10 s", "20 s"]\n')
    assert [case.protocol[0].duration for _, _, case in expand(path)] == [10.0, 20.0]


def test_whole_tables_can_be_swept(tmp_path: Path) -> None:
    path = written(tmp_path, "[sweep]\nhose = [{pressure = {B = '20 mmHg'}}, {standard = 'BS', class = 'I'}]\n")
    assert [case.hose.name for _, _, case in expand(path) if case.hose] == ["20 mmHg", "BS I"]


def test_a_file_without_a_sweep_is_one_case(tmp_path: Path) -> None:
    path = written(tmp_path, "")
    assert [(label, values) for label, values, _ in expand(path, ["hose.class=I"])] == [("", {})]
    assert load_case(path, ["hose.class=I"]) == expand(path, ["hose.class=I"])[0][2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"hose.class" = ["I", "V"]', ['FILE:9: sweep hose.class = "V": "V" is not one of']),
        ('"hose.clas" = ["I"]', ['FILE:9: sweep hose.clas = "I": unknown key; did you mean class?']),
        ('"hose.class" = "I"', ["FILE:9: sweep.\"hose.class\": a list of values is expected, such as [\"I\"]"]),
        ('"hose.class" = ["I", "I"]', ['FILE:9: sweep."hose.class": holds a value twice']),
        ('mode = "zipp"\n"hose.class" = ["I"]', ['FILE:9: sweep.mode: "grid" or "zip" is expected, not "zipp"; did you mean "zip"?'] ),
        ("", ["FILE:8: sweep: is empty", "FILE:3: hose: give"]),
        ('mode = "zip"\nhose.class = ["I"]\nsubject.mass = ["60 kg", "70 kg"]', ['FILE:8: sweep: mode "zip" needs lists of one length'] ),
        ('hose.class = ["I"]\nsubject.mass = ["60 kg", 70]', ['FILE:10: sweep subject.mass = 70: a mass needs a unit; write "70 kg"']),
        ('hose.class = ["I"]\nx.y = [1]\nz = [2]', ["FILE:10: sweep x.y = 1: x: unknown key", "FILE:11: sweep z = 2: unknown key"]),
    ],
)
def test_problems_of_a_sweep_have_their_lines(tmp_path: Path, text: str, said: list[str]) -> None:
    found = problems(written(tmp_path, f"[sweep]\n{text}\n"))
    assert len(found) == len(said)
    for problem, start in zip(found, said, strict=True):
        assert problem.startswith(start)


def test_problems_of_values_over_several_lines(tmp_path: Path) -> None:
    path = written(tmp_path, '[sweep]\n"hose.class" = [\n  "I",\n  "VI",\n  "II",\n  "VII",\n]\n')
    assert [problem.split(": ")[0] for problem in problems(path)] == ["FILE:11", "FILE:13"]
