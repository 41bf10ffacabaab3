"""run, batch, compare as a user calls them, on the smallest real case: algebraic laws, a moment of standing and a tiptoe."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import ctrl_c
import pytest

from calfpump.results.result import Result

CASE = """\
schema = 1
title = "tiny"
[section]
law = "algebraic"
[numerics]
quality = "coarse"
[[protocol]]
do = "stand"
for = "{stand}"
[[protocol]]
do = "tiptoe"
times = 1
rate = "2 Hz"
"""
SWEEP = '[sweep]\n"hose.class" = ["none", "II"]\n[hose]\nstandard = "RAL"\n'


def calfpump(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "calfpump", *arguments]
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, check=False)


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a batch of two hoses, done."""
    folder = tmp_path_factory.mktemp("batch")
    (folder / "tiny.toml").write_text(CASE.format(stand="0.4 s") + SWEEP, encoding="utf-8")
    done = calfpump(folder, "batch", "tiny.toml")
    assert done.returncode == 0, done.stderr
    assert done.stdout == "results/tiny/cases.csv\n"
    assert "[2/2]" in done.stderr
    return folder


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "results/tiny/cases.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_a_batch_gives_a_row_and_a_folder_for_each_case(batch: Path) -> None:
    rows = table(batch)
    assert [(row["case"], row["status"]) for row in rows] == [("class=none", "done"), ("class=II", "done")]
    for row in rows:
        folder = batch / "results/tiny" / row["folder"]
        assert {"case.toml", "record.json", "summary.csv", "stages.csv", "cycles.csv", "series.h5", "report.html"} <= {path.name for path in folder.iterdir()}
        # the table repeats what the folder says
        line = f"ankle pressure standing,{row['ankle pressure standing [mmHg]']},mmHg"
        assert line in (folder / "summary.csv").read_text().splitlines()


def test_a_second_batch_computes_nothing(batch: Path) -> None:
    stamps = {path: path.stat().st_mtime_ns for path in (batch / "results/tiny").glob("*/*")}
    again = calfpump(batch, "batch", "tiny.toml")
    assert again.returncode == 0
    assert again.stderr.count("complete already") == 2
    assert {path: path.stat().st_mtime_ns for path in (batch / "results/tiny").glob("*/*")} == stamps


def test_one_case_of_the_batch_alone_gives_the_same_numbers(batch: Path) -> None:
    folder = batch / "results/tiny" / table(batch)[0]["folder"]
    alone = calfpump(batch, "run", str(folder / "case.toml"), "-o", "alone")
    assert alone.returncode == 0, alone.stderr
    ours, theirs = (list(csv.DictReader((place / "stages.csv").open(newline="", encoding="utf-8"))) for place in (batch / "alone", folder))
    assert len(ours) == len(theirs) > 0
    for one, other in zip(ours, theirs, strict=True):  # to round-off: vectorised sums depend on where arrays lie in memory
        for key in one:
            assert one[key] == other[key] or float(one[key]) == pytest.approx(float(other[key]), rel=1e-9, abs=1e-9), key
    assert (batch / "alone/case.toml").read_text() == (folder / "case.toml").read_text()
    again = calfpump(batch, "run", str(folder / "case.toml"), "-o", "alone")
    assert "complete already" in again.stdout
    different = calfpump(batch, "run", str(folder / "case.toml"), "-o", "alone", "--set", "subject.stature=1.6 m")
    assert (different.returncode, "holds another case" in different.stderr) == (2, True)


def test_compare_sets_the_cases_side_by_side(batch: Path) -> None:
    done = calfpump(batch, "compare", "results/tiny")
    assert done.returncode == 0, done.stderr
    table, page = done.stdout.strip().rsplit("\n", 1)
    assert "fall of ankle pressure tiptoe [mmHg]" in table
    text = (batch / page).read_text(encoding="utf-8")
    assert "ankle pressure standing" in text
    assert "II" in text


def test_ctrl_c_leaves_a_batch_that_goes_on(tmp_path: Path) -> None:
    (tmp_path / "tiny.toml").write_text(CASE.format(stand="60 min") + SWEEP, encoding="utf-8")
    command = [sys.executable, "-m", "calfpump", "batch", "tiny.toml", "--workers", "1"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True, preexec_fn=ctrl_c.heed
    )
    records: list[Path] = []
    deadline = time.monotonic() + 60
    while not records and time.monotonic() < deadline:
        time.sleep(0.1)
        records = list(tmp_path.glob("results/tiny/*/record.json"))
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert Result(records[0].parent).status == "interrupted"
    assert [row["status"] for row in table(tmp_path)] == ["interrupted", "waiting"]
    (tmp_path / "tiny.toml").write_text(CASE.format(stand="0.4 s") + SWEEP, encoding="utf-8")
    assert calfpump(tmp_path, "batch", "tiny.toml").returncode == 0
