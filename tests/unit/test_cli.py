"""The command line: exit codes, messages, and how fast it answers."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from calfpump.case.shipped import case_files, shipped
from calfpump.cli import main

BAD = """\
schema = 1
title = "five"
[subject]
statur = "1.7 m"
[tissue]
preset = "sofft"
[flow]
arterial_pressure = 93
[[protocol]]
do = "stand"
for = "60 mmHg"
[numerics]
cell_length = "-3 mm"
"""

HEAVY = ("numpy", "scipy", "pandas", "h5py", "matplotlib", "numba", "dolfinx", "gmsh", "meshio", "pint", "mpi4py", "petsc4py")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("verb", ["check", "run", "batch", "mesh", "tubelaw"])
def test_a_bad_case_is_told_in_full_and_nothing_is_written(here: Path, verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.toml").write_text(BAD, encoding="utf-8")
    assert main([verb, "bad.toml"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert [line.split(": ")[0] for line in err.splitlines()] == [f"bad.toml:{n}" for n in (4, 6, 8, 11, 13)]
    assert [path.name for path in here.iterdir()] == ["bad.toml"]


def test_problems_of_several_files_come_together(capsys: pytest.CaptureFixture[str]) -> None:
    Path("bad.toml").write_text(BAD, encoding="utf-8")
    assert main(["new", "good.toml"]) == 0
    assert main(["check", "good.toml", "bad.toml", "none.toml"]) == 2
    out, err = capsys.readouterr()
    assert "good.toml: good" in out
    assert len(err.splitlines()) == 6


def test_new_writes_a_case_that_checks_and_overwrites_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["new", "my_leg.toml", "--title", 'the "left" leg']) == 0
    assert 'title = "the \\"left\\" leg"' in Path("my_leg.toml").read_text(encoding="utf-8")
    assert main(["check", "my_leg.toml"]) == 0
    assert main(["new", "my_leg.toml"]) == 2
    assert "exists already" in capsys.readouterr().err
    assert main(["new", "no/folder.toml"]) == 2


def test_a_sweep_belongs_to_batch(capsys: pytest.CaptureFixture[str]) -> None:
    path = str(shipped("cases") / "hose_grades.toml")
    assert main(["run", path]) == 2
    assert f"run them with: calfpump batch {path}" in capsys.readouterr().err
    assert main(["run", path, path, "-o", "x"]) == 2


def test_every_shipped_case_checks() -> None:
    files = sorted(shipped("cases").rglob("*.toml"))
    assert {path.stem for path in files} > set(case_files())
    for path in files:
        assert main(["check", str(path)]) == 0


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schema"]) == 0
    assert json.loads(capsys.readouterr().out)["title"] == "calfpump case"


@pytest.mark.parametrize(("verb", "said"), [("compare", "calfpump report"), ("report", "calfpump compare"), ("cite", "there is no such")])
def test_folders_that_hold_no_result(here: Path, verb: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "folder").mkdir()
    assert main([verb, "folder"]) == 2
    assert said in capsys.readouterr().err
    assert main([verb, "nowhere"]) == 2
    assert "there is no such" in capsys.readouterr().err


def test_veins_that_the_leg_does_not_have(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("leak.toml").write_text((shipped("cases") / "quickstart.toml").read_text(encoding="utf-8") + "[impairment.valve_leak]\npoplitael = 0.5\n")
    assert main(["check", "leak.toml"]) == 2
    assert "impairment.valve_leak.poplitael: the leg has no valves in 'poplitael'; did you mean popliteal?" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('shortening = {soleuss = 0.08}', "section.shortening.soleuss: the section mid_calf has no such muscle (there are: "),
        ('muscle_pressure = {tibia = "50 mmHg"}', "section.muscle_pressure.tibia: the section mid_calf has no such muscle (there are: "),
        ('shortening = {gastrocnemius = 0.1, gastrocnemius_medialis = 0.1}', "section.shortening.gastrocnemius_medialis: lies in the compartment gastrocn"),
    ],
)
def test_muscles_that_the_section_does_not_have(here: Path, table: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    case = (shipped("cases") / "quickstart.toml").read_text(encoding="utf-8")
    Path("contracted.toml").write_text(case.replace("[section]\n", f"[section]\n{table}\n"))
    assert main(["check", "contracted.toml"]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--help"], ["check", "quickstart.toml"], ["schema"], ["run", "--help"]])
def test_quick_verbs_load_nothing_heavy(arguments: list[str]) -> None:
    text = (shipped("cases") / "quickstart.toml").read_text(encoding="utf-8")
    Path("quickstart.toml").write_text(text, encoding="utf-8")
    code = f"import sys\nfrom calfpump.cli import main\ntry:\n  main({arguments!r})\nfinally:\n  print('LOADED', *[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env={"PYTHONPATH": ":".join(sys.path)}, check=False)
    assert done.stdout.splitlines()[-1] == "LOADED"


def test_no_traceback_where_a_library_is_missing(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from calfpump.case import schema

    def lacking() -> str:
        raise ModuleNotFoundError("No module named 'dolfinx'", name="dolfinx")

    monkeypatch.setattr(schema, "text", lacking)
    assert main(["schema"]) == 4
    assert "the library dolfinx is missing" in capsys.readouterr().err


def test_interruption_is_130(monkeypatch: pytest.MonkeyPatch) -> None:
    from calfpump.case import schema

    def stopped() -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(schema, "text", stopped)
    assert main(["schema"]) == 130


def test_the_python_face_is_lazy_and_complete() -> None:
    code = """
import sys, calfpump
assert 'pydantic' not in sys.modules
from calfpump import batch, load_case
assert callable(batch) and callable(load_case)
import calfpump.batch.plan
from calfpump import batch
assert callable(batch)
"""
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})
