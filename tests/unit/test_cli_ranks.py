"""The command line on several MPI ranks: how it tells that it is one of them, starts them, and refuses what makes no sense there."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from calfpump import cli
from calfpump.ranks import ranks

CASE = str(Path(__file__).parents[2] / "cases" / "quickstart.toml")


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """No mpirun round the tests."""
    for name in ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "PMI_SIZE", "PMI_RANK"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(("size", "rank"), [("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"), ("PMI_SIZE", "PMI_RANK")])
def test_ranks_are_told_from_the_surroundings(size: str, rank: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ranks() == (1, 0)
    monkeypatch.setenv(size, "4")
    monkeypatch.setenv(rank, "3")
    assert ranks() == (4, 3)


def test_command_becomes_mpirun_with_the_same_command(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(os, "cpu_count", lambda: 4)

    def replaced(file: str, command: list[str]) -> None:
        started.append(command)
        raise SystemExit(0)

    monkeypatch.setattr(os, "execvp", replaced)
    monkeypatch.setattr(os, "environ", dict(os.environ))
    command = ["tubelaw", CASE, "--ranks", "3"]
    with pytest.raises(SystemExit):
        cli.main(command)
    assert started == [["mpirun", "-n", "3", sys.executable, "-m", "calfpump", *command]]


def test_more_ranks_than_cores_are_refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 4)
    assert cli.main(["tubelaw", CASE, "--ranks", "9"]) == 2
    assert "9 ranks" in (said := capsys.readouterr().err) and "4 cores" in said


def test_batch_is_refused_on_ranks(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("OMPI_COMM_WORLD_SIZE", "2")
    assert cli._main(["batch", CASE]) == 2
    assert "--workers" in capsys.readouterr().err
