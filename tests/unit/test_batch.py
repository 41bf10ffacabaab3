"""The scheduler of batches, with workers that compute nothing (tests/support/fake_worker.py)."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import ctrl_c
import pytest

from calfpump.batch import batch
from calfpump.batch.face import law_jobs
from calfpump.batch.plan import plan
from calfpump.case import CaseError

FAKE = (sys.executable, str(Path(__file__).parents[1] / "support" / "fake_worker.py"))
CASE = """\
schema = 1
title = "t"
[section]
law = "{law}"
[[protocol]]
do = "stand"
for = "1 s"
[sweep]
"subject.stature" = [{statures}]
"""


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "log"
    path.touch()
    monkeypatch.setenv("FAKE_LOG", str(path))
    return path


def sweep(folder: Path, *statures: str, law: str = "algebraic", more: str = "") -> Path:
    path = folder / "sweep.toml"
    path.write_text(CASE.format(law=law, statures=", ".join(f'"{s} m"' for s in statures)) + more, encoding="utf-8")
    return path


def table(folder: Path) -> list[dict[str, str]]:
    with (folder / "cases.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_all_cases_are_run_and_told(tmp_path: Path, log: Path) -> None:
    done = batch(sweep(tmp_path, "1.5", "1.34", "1.7"), out=tmp_path / "out", workers=2, command=FAKE)
    assert done.exit_code == 0
    rows = table(done.folder)
    assert [(row["case"], row["subject.stature"], row["status"], row["ankle pressure [mmHg]"]) for row in rows] == [
        (f"stature={s}", s, "done", "84.5") for s in ("1.5 m", "1.34 m", "1.7 m")
    ]
    assert all((done.folder / row["folder"] / "record.json").is_file() for row in rows)
    document = json.loads((done.folder / "batch.json").read_text(encoding="utf-8"))
    assert document["status"] == "done"
    assert [case["values"] for case in document["cases"]] == [{"subject.stature": s} for s in ("1.5 m", "1.34 m", "1.7 m")]
    assert len({line.split()[0] for line in log.read_text().splitlines()}) <= 2  # workers live on


def test_a_second_run_redoes_nothing_complete(tmp_path: Path, log: Path) -> None:
    path = sweep(tmp_path, "1.5", "1.33")
    first = batch(path, out=tmp_path / "out", workers=1, command=FAKE)
    assert (first.exit_code, [row.status for row in first.rows]) == (3, ["done", "failed"])
    log.write_text("")
    sweep(tmp_path, "1.5", "1.6")
    second = batch(path, out=tmp_path / "out", workers=1, command=FAKE)
    assert [line.split(" ", 1)[1] for line in log.read_text().splitlines()] == ["run stature=1.6 m 1.6 m"]
    assert [row.status for row in second.rows] == ["done", "done"]


@pytest.mark.parametrize(
    ("stature", "status", "reason"),
    [("1.31", "crashed", "SIGSEGV"), ("1.32", "timeout", "longer than 4 s"), ("1.33", "failed", "flow failed at 3 s")],
)
def test_a_bad_case_costs_itself_only(tmp_path: Path, log: Path, stature: str, status: str, reason: str) -> None:
    path = sweep(tmp_path, "1.5", stature, "1.6", "1.7")
    done = batch(path, out=tmp_path / "out", workers=1, timeout="4 s" if stature == "1.32" else None, command=FAKE)
    assert [row.status for row in done.rows] == ["done", status, "done", "done"]
    assert reason in done.rows[1].reason
    assert (done.exit_code, [row["status"] for row in table(done.folder)]) == (3, ["done", status, "done", "done"])


def test_laws_come_first_each_once_and_a_failed_one_fails_its_cases(tmp_path: Path, log: Path) -> None:
    path = sweep(tmp_path, "1.5", "1.6", law="finite-element", more='"tissue.muscle_mu" = ["1 kPa", "3 kPa"]\n')
    assert [[entry.number for entry in law.entries] for law in law_jobs(plan(path).mine)] == [[1, 3], [2, 4]]
    done = batch(path, out=tmp_path / "out", workers=1, command=FAKE)
    assert [line.split()[1] for line in log.read_text().splitlines()] == ["law", "law", "run", "run"]
    assert [row.status for row in done.rows] == ["done", "failed", "done", "failed"]
    assert done.rows[1].reason == "its laws: no equilibrium"


def test_shards_share_the_cases_out(tmp_path: Path, log: Path) -> None:
    path = sweep(tmp_path, "1.5", "1.6", "1.7", "1.8", "1.9")
    first = batch(path, out=tmp_path / "out", workers=1, shard="1/2", command=FAKE)
    assert [row.status for row in first.rows] == ["done", "waiting", "done", "waiting", "done"]
    second = batch(path, out=tmp_path / "out", workers=1, shard="2/2", command=FAKE)
    assert [row.status for row in second.rows] == ["done"] * 5
    assert len(log.read_text().splitlines()) == 5


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"shard": "3/2"}, "--shard 3/2: K/N with K from 1 to N"),
        ({"timeout": "30"}, '--timeout 30: a duration needs a unit; write "30 min"'),
        ({"overrides": ["a=1"]}, "--set a=1"),
    ],
)
def test_bad_input_writes_nothing(tmp_path: Path, arguments: dict[str, str], said: str) -> None:
    with pytest.raises(CaseError, match="") as error:
        batch(sweep(tmp_path, "1.5"), out=tmp_path / "out", **arguments)  # type: ignore[arg-type]
    assert str(error.value).startswith(said)
    assert not (tmp_path / "out").exists()


def test_ctrl_c_stops_at_once_and_the_rest_goes_on_later(tmp_path: Path, log: Path) -> None:
    path = sweep(tmp_path, "1.5", "1.32", "1.6")
    code = f"from calfpump.batch import batch\nbatch({str(path)!r}, out={str(tmp_path / 'out')!r}, workers=1, command={FAKE!r})"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stderr=subprocess.PIPE, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, preexec_fn=ctrl_c.heed
    )
    deadline = time.monotonic() + 30
    while "1.32" not in log.read_text() and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert b"KeyboardInterrupt" in errors
    assert [row["status"] for row in table(tmp_path / "out")] == ["done", "waiting", "waiting"]
    hanging = next(int(line.split()[0]) for line in log.read_text().splitlines() if "1.32" in line)
    with pytest.raises(ProcessLookupError):
        os.kill(hanging, 0)
    log.write_text("")
    sweep(tmp_path, "1.5", "1.6")
    assert batch(path, out=tmp_path / "out", workers=1, command=FAKE).exit_code == 0
    assert len(log.read_text().splitlines()) == 1
