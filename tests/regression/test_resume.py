"""A run that is killed and started again ends bit for bit as if it had not been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import calfpump
from calfpump.case.shipped import shipped
from calfpump.flow import Checkpoint, FlowBoundary, Fluid, Network, PressureBoundary, Signals, Valve, Vessel, Windkessel, simulate
from calfpump.law import AlgebraicLaw

RUN = "import sys, calfpump; calfpump.run(calfpump.load_case(sys.argv[1], sys.argv[3:]), out=sys.argv[2], checkpoint=0.0)"
#: a short protocol for the leg
LEG = "protocol=[{do = 'stand', for = '4 s'}, {do = 'tiptoe', times = 2}]"
VEIN = AlgebraicLaw.from_speed(2e-5, 1.0, 1060.0)


class StoppedError(Exception):
    pass


def network() -> tuple[Network, Signals]:
    t = np.linspace(0.0, 2.0, 201)
    vessels = [Vessel("v", "a", "b", 0.3, VEIN), Vessel("w", "b", "c", 0.2, VEIN.to_table()), Vessel("u", "b", "d", 0.2, VEIN, external="squeeze")]
    ends = [FlowBoundary("a", "q"), PressureBoundary("c", "p"), Windkessel("d", 1e8, 1e-9, 1e9, "p")]
    signals = Signals(t, {"q": 2e-6 * np.sin(np.pi * t) ** 2, "p": 300.0 * np.cos(t), "squeeze": 2000.0 * np.sin(3 * t) ** 2})
    return Network(vessels, [Valve("v", 0.5)], boundaries=ends), signals


def test_stopped_twice_equals_uninterrupted(tmp_path: Path) -> None:
    net, signals = network()
    whole = simulate(net, signals, Fluid(), 2.0)
    for stop in (0.5, 1.2):

        def stopping(t: float, stop: float = stop) -> None:
            if t > stop:
                raise StoppedError

        with pytest.raises(StoppedError):
            simulate(net, signals, Fluid(), 2.0, progress=stopping, checkpoint=Checkpoint(tmp_path / "kept", 0.0))
    kept = Checkpoint(tmp_path / "kept", 1e9)
    again = simulate(net, signals, Fluid(), 2.0, checkpoint=kept)
    assert len(kept.resumed) == 2
    assert kept.resumed[0] == pytest.approx(0.52)
    for name in ("A", "Q", "p", "face_volume", "face_forward", "bed_V", "bed_p", "bed_in", "bed_out", "p_c", "node_p", "source", "zeta"):
        assert np.array_equal(getattr(again, name), getattr(whole, name)), name
    for name in ("A", "Q", "V", "zeta", "q_valve", "end_total", "end_Q", "head"):
        assert np.array_equal(getattr(again.end, name), getattr(whole.end, name)), name
    assert (again.steps, again.bracketed, again.limited) == (whole.steps, whole.bracketed, whole.limited)


def test_many_samples_are_kept_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run whose samples are files, stopped and gone on with, gives what one in memory gives, and leaves nothing behind."""
    from calfpump.flow import rows

    net, signals = network()
    whole = simulate(net, signals, Fluid(), 2.0)
    monkeypatch.setattr(rows, "LARGE", 2000)
    made = []
    monkeypatch.setattr(rows.mmap, "mmap", lambda *of, make=rows.mmap.mmap: made.append(of) or make(*of))

    def stopping(t: float) -> None:
        if t > 0.7:
            raise StoppedError

    with pytest.raises(StoppedError):
        simulate(net, signals, Fluid(), 2.0, progress=stopping, checkpoint=Checkpoint(tmp_path / "kept", 0.0))
    kept = Checkpoint(tmp_path / "kept", 1e9)
    again = simulate(net, signals, Fluid(), 2.0, checkpoint=kept)
    assert len(kept.resumed) == 1
    assert len(made) >= 8
    for name in ("A", "Q", "p", "wall_shear", "face_volume", "face_forward", "node_p", "source", "zeta"):
        assert np.array_equal(getattr(again, name), getattr(whole, name)), name
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]

    def full(*of: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(rows.os, "posix_fallocate", full)
    assert rows.table((100, 100), tmp_path).shape == (100, 100)


def test_another_run_does_not_take_up_a_checkpoint(tmp_path: Path) -> None:
    net, signals = network()
    simulate(net, signals, Fluid(), 1.0, checkpoint=Checkpoint(tmp_path / "kept", 0.0))
    kept = Checkpoint(tmp_path / "kept", 1e9)
    simulate(net, signals, Fluid(viscosity=5e-3), 1.0, checkpoint=kept)
    assert kept.resumed == []
    assert not (tmp_path / "kept").exists()


@pytest.mark.parametrize("damage", ["state.npz", "rows-0.npz"])
def test_a_damaged_checkpoint_is_none(tmp_path: Path, damage: str) -> None:
    net, signals = network()
    simulate(net, signals, Fluid(), 0.1, checkpoint=Checkpoint(tmp_path / "kept", 0.0))
    path = tmp_path / "kept" / damage
    path.write_bytes(path.read_bytes()[:100])
    kept = Checkpoint(tmp_path / "kept", 1e9)
    simulate(net, signals, Fluid(), 0.1, checkpoint=kept)
    assert kept.resumed == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "sets"),
    [("networks/valve_pump.toml", ["network.time=10 s"]), ("quickstart.toml", [LEG, "section.law=algebraic", "numerics.quality=coarse"])],
)
def test_killed_and_run_again(tmp_path: Path, name: str, sets: list[str]) -> None:
    """kill -9 in the middle of the flow; the same command goes on, says so, and leaves the same files."""
    path = shipped("cases") / name
    case = calfpump.load_case(path, sets)
    whole = calfpump.run(case, out=tmp_path / "whole")
    folder = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", RUN, str(path), str(folder), *sets], env={**os.environ})
    deadline = time.monotonic() + 300
    while not len(list((folder / "checkpoint").glob("rows-*.npz"))) > 20 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    assert process.poll() is None, "the run was over before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "summary.csv").exists()
    again = calfpump.run(case, out=folder)
    assert again.status == "done"
    assert "from the checkpoint at t = " in again.record["notes"]["resumed"]
    assert not (folder / "checkpoint").exists()
    tables = [file.name for file in whole.folder.glob("*.csv")]
    assert "summary.csv" in tables
    for table in tables:
        assert (folder / table).read_bytes() == (whole.folder / table).read_bytes(), table
    for vessel, series in whole.series.vessels.items():
        for field in ("A", "Q", "p"):
            assert np.array_equal(getattr(series, field), getattr(again.series.vessels[vessel], field)), (vessel, field)
