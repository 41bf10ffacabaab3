"""Nothing finished is lost; nothing is computed twice; every end leaves a true record."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from results_data import a_case

from calfpump.case import CaseError, Problem, SolveError
from calfpump.results import ResultBusy, ResultComplete, ResultDiffers, folder_name, load, open_run
from calfpump.results.identity import slug


def record(folder):
    return json.loads((folder / "record.json").read_text())


def finish(case, out, value=1.0, force=False):
    with open_run(case, out, force) as run:
        run.write_summary([("x", value, "1")])
    return run


def test_folder_is_named_by_title_and_content(tmp_path, monkeypatch):
    plain, hose = a_case(tmp_path), a_case(tmp_path, hose="II")
    assert folder_name(plain).startswith("ten-tiptoes-")
    assert len(folder_name(plain)) == len("ten-tiptoes-") + 8
    assert folder_name(plain) != folder_name(hose)
    assert slug("Stützklasse II / Gehen") == "stutzklasse-ii-gehen"
    before = folder_name(plain)
    monkeypatch.setattr("calfpump.results.identity.PHYSICS", 999)
    assert folder_name(plain) != before
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    assert finish(plain, None).folder == tmp_path / "results" / before


def test_running_record_becomes_done(tmp_path):
    with open_run(a_case(tmp_path), tmp_path / "out") as run:
        during = record(run.folder)
        assert during["status"] == "running"
        assert load(run.folder).status == "running"
        assert during["holder"]["pid"] == os.getpid()
        assert during["versions"]["python"]["numpy"]
        run.timing("flow", 1.23456)
        run.hash("laws", "abc")
        run.note("worst interpolation error [1]", 1e-3)
    after = record(run.folder)
    assert after["status"] == "done"
    assert after["timings [s]"]["flow"] == 1.235
    assert after["timings [s]"]["total"] >= 0
    assert after["hashes"]["laws"] == "abc"
    assert after["notes"]
    assert after["peak memory [MiB]"] > 1


def test_complete_is_reused_and_another_case_refused(tmp_path):
    out = tmp_path / "out"
    finish(a_case(tmp_path), out)
    with pytest.raises(ResultComplete) as reuse, open_run(a_case(tmp_path), out):
        pytest.fail("computed again")
    assert reuse.value.result.value("x") == 1.0
    with pytest.raises(ResultDiffers, match="--force"), open_run(a_case(tmp_path, hose="II"), out):
        pytest.fail("written over")
    assert load(out).value("x") == 1.0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case.toml", "out"]


def test_foreign_files_are_never_touched(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    with pytest.raises(ResultDiffers), open_run(a_case(tmp_path), out, force=True):
        pytest.fail("written over")
    assert [p.name for p in out.iterdir()] == ["thesis.txt"]


def test_force_keeps_the_old_until_the_new_is_done(tmp_path):
    out, case = tmp_path / "out", a_case(tmp_path)
    finish(case, out, 1.0)
    with open_run(case, out, force=True) as run:
        run.write_summary([("x", 2.0, "1")])
        assert load(out).status == "done"
        assert load(out).value("x") == 1.0
    assert run.folder == out
    assert load(out).value("x") == 2.0
    with pytest.raises(SolveError), open_run(case, out, force=True) as run:
        raise SolveError("equilibrium", "alpha .3", "contact cycles")
    assert load(out).value("x") == 2.0
    assert load(run.folder).status == "failed"
    assert run.folder != out
    with pytest.raises(KeyboardInterrupt), open_run(case, out, force=True) as run:
        raise KeyboardInterrupt
    assert load(out).value("x") == 2.0
    assert sorted(p.name for p in tmp_path.iterdir()) == ["case.toml", "out", "out-failed"]


def test_an_exchange_cut_in_two_is_undone(tmp_path):
    out, case = tmp_path / "out", a_case(tmp_path)
    finish(case, out)
    out.rename(tmp_path / ".out.old")
    with pytest.raises(ResultComplete), open_run(case, out):
        pytest.fail("lost the finished result")


def test_failure_leaves_a_paragraph_and_is_begun_again(tmp_path):
    out, case = tmp_path / "out", a_case(tmp_path)
    with pytest.raises(SolveError), open_run(case, out):
        raise SolveError("equilibrium", "alpha .3", "contact pairs cycle", hint="a finer mesh")
    assert load(out).status == "failed"
    assert "contact pairs cycle" in record(out)["reason"]
    assert (out / "failure.txt").read_text().startswith("equilibrium failed at alpha .3: contact pairs cycle.")
    finish(case, out, 3.0)
    assert load(out).status == "done"
    assert not (out / "failure.txt").exists()


def test_unforeseen_error_names_its_place(tmp_path):
    with pytest.raises(ZeroDivisionError), open_run(a_case(tmp_path), tmp_path / "out"):
        1 / 0  # noqa: B018
    text = (tmp_path / "out" / "failure.txt").read_text()
    assert text.startswith("ZeroDivisionError: division by zero")
    assert __file__ in text


def test_interrupted_says_so(tmp_path):
    with pytest.raises(KeyboardInterrupt), open_run(a_case(tmp_path), tmp_path / "out"):
        raise KeyboardInterrupt
    assert record(tmp_path / "out")["status"] == "interrupted"


def test_bad_input_leaves_nothing(tmp_path):
    with pytest.raises(CaseError), open_run(a_case(tmp_path), tmp_path / "out"):
        raise CaseError([Problem("case.toml:3", "impairment.valve_leak.x", "no such vessel")])
    assert [p.name for p in tmp_path.iterdir()] == ["case.toml"]


HOLD = """
import sys, time
from calfpump.case import load_case
from calfpump.results import open_run
with open_run(load_case(sys.argv[1]), sys.argv[2]) as run:
    print("open", flush=True)
    time.sleep(60)
"""


def test_a_living_holder_is_respected_and_a_dead_one_is_not(tmp_path):
    case, out = a_case(tmp_path), tmp_path / "out"
    holder = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path / "case.toml"), str(out)], stdout=subprocess.PIPE, text=True)
    try:
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(ResultBusy, match=str(holder.pid)), open_run(case, out, force=True):
            pytest.fail("two processes in one folder")
        assert load(out).status == "running"
    finally:
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert record(out)["status"] == "running"
    assert load(out).status == "interrupted"
    assert finish(case, out).folder == out
    assert load(out).status == "done"


def test_a_holder_elsewhere_counts_while_it_renews_its_record(tmp_path):
    out, case = tmp_path / "out", a_case(tmp_path)
    with open_run(case, out) as run:
        there = run.record | {"holder": {"host": "node17", "pid": 1, "namespace": "", "started_ticks": 1}}
    (out / "record.json").write_text(json.dumps(there))
    assert load(out).status == "running"
    long_ago = time.time() - 3600
    os.utime(out / "record.json", (long_ago, long_ago))
    assert load(out).status == "interrupted"
