"""A section shared out over MPI ranks, and a march killed and begun again, give the answers of one undisturbed process, through contact."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import small_states
import two_veins

from calfpump.section import farm
from calfpump.section.march import March

SUPPORT = Path(two_veins.__file__).parent


def on_ranks(n: int, result: Path, script: str = "two_veins.py") -> dict[str, np.ndarray]:
    """What a script of tests/support finds on n ranks."""
    surroundings = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join([str(SUPPORT), *sys.path])}
    done = subprocess.run(
        ["mpirun", "-n", str(n), "--oversubscribe", "--mca", "btl", "self,sm", "--mca", "mpi_yield_when_idle", "0",
         sys.executable, str(SUPPORT / script), str(result)],
        env=surroundings, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    with np.load(result) as file:
        return dict(file)


@pytest.fixture(scope="module")
def alone() -> dict[str, np.ndarray]:
    """The march in this process."""
    return two_veins.march()


@pytest.mark.mpi
@pytest.mark.parametrize("n", [2, pytest.param(4, marks=pytest.mark.study)])
def test_ranks_agree_with_one_process(n: int, alone: dict[str, np.ndarray], tmp_path: Path) -> None:
    """Two veins in a hose, one muscle contracted, emptied to α = .16: pressures of veins and compartments, areas and hose tension at every α to
    1e-8, the same inertia and the same pairs in contact."""
    shared = on_ranks(n, tmp_path / "shared.npz")
    assert shared["ranks"] == n
    assert alone["ranks"] == 1
    assert alone["rows"][-1, -1] > 0
    assert shared["rows"] == pytest.approx(alone["rows"], rel=1e-8)
    assert np.array_equal(shared["rows"][:, -3:], alone["rows"][:, -3:])
    assert shared["whole"] == pytest.approx(alone["whole"], rel=1e-8, abs=1e-7)
    assert np.array_equal(shared["triangles"], alone["triangles"])


@pytest.mark.mpi
def test_states_of_activation_on_two_ranks(tmp_path: Path) -> None:
    """Rank 0 hands out the states of a small section, rank 1 helps; a section that fails does so on both, is told once, and both go home."""
    shared = on_ranks(2, tmp_path / "shared.npz", "small_states.py")
    alone = farm.solve(small_states.jobs(), 1, lambda line: None)
    assert shared["table"] == pytest.approx(small_states.table(alone), rel=1e-8, abs=1e-7)
    assert list(shared["triangles"]) == [len(picture.triangles) for c in alone for picture in c.pictures]
    assert [line for line in shared["said"] if "done" in line] == ["rest: done (1 of 2 states)", "contracted: done (2 of 2 states)"]
    assert "no modulus" in str(shared["failure"])


def test_killed_march_goes_on_with_the_same_numbers(alone: dict[str, np.ndarray], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed at its fourth step, while that is written: begun again, the march solves from there and ends where the undisturbed one does."""
    replace, solved = os.replace, []

    def killed(source: Path, target: Path) -> None:
        if target.name.startswith("0003"):
            raise KeyboardInterrupt
        replace(source, target)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        two_veins.march(keep=tmp_path / "steps")
    monkeypatch.undo()
    to = March._to
    monkeypatch.setattr(March, "_to", lambda march, target: solved.append(target) or to(march, target))
    again = two_veins.march(keep=tmp_path / "steps")
    assert solved == list(two_veins.ALPHAS[3:])
    assert again["rows"] == pytest.approx(alone["rows"], rel=1e-9)
    assert again["whole"] == pytest.approx(alone["whole"], rel=1e-9, abs=1e-8)
