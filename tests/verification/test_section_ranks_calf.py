"""The calf's laws do not depend on the number of processes that share the section, nor on whether they were killed on the way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import calf_state
import numpy as np
import pytest

from calfpump.law import SectionLaws
from calfpump.section.job import GRIDS, MMHG
from calfpump.section.wearing import HOSE_STEPS

pytestmark = [pytest.mark.study, pytest.mark.mpi]
Found = dict[str, np.ndarray]
CASE = Path(__file__).resolve().parents[2] / "cases" / "quickstart.toml"
LOWER_CALF = "section.description=lower_calf"  # the same by half the time
MPIRUN = ("mpirun", "--oversubscribe", "--mca", "btl", "self,sm", "--mca", "mpi_yield_when_idle", "1", "-n")


def start(command: Sequence[str], **more: str) -> subprocess.Popen[str]:
    """A command in a process group of its own, that it may be killed whole."""
    path = os.pathsep.join([str(Path(calf_state.__file__).parent), *sys.path])
    here = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path, **more}
    return subprocess.Popen([*command], env=here, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)


def finish(process: subprocess.Popen[str]) -> None:
    """Wait for its end, which must be a good one."""
    said, _ = process.communicate()
    assert process.returncode == 0, said


def session(leader: int) -> list[int]:
    """The processes of a session: mpirun gives its ranks groups of their own."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            kind, _, _, of = stat.read_text(errors="replace").rpartition(")")[2].split()[:4]
            found += [int(stat.parent.name)] if int(of) == leader and kind != "Z" else []
    return found


def killed(process: subprocess.Popen[str], mark: Path) -> None:
    """Kill (signal 9) a command and all it has started as soon as the file `mark` is there."""
    while not mark.is_file():
        assert process.poll() is None, process.communicate()[0]
        time.sleep(0.02)
    for pid in session(process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    while session(process.pid):
        time.sleep(0.02)


def state(n: int, result: Path, steps: Path) -> list[str]:
    """The command that solves one state on n ranks."""
    return [*([*MPIRUN, str(n)] if n > 1 else []), sys.executable, calf_state.__file__, str(result), str(steps)]


def read(path: Path) -> Found:
    with np.load(path) as file:
        return dict(file)


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Found:
    """One contracted state, undisturbed, in one process."""
    folder = tmp_path_factory.mktemp("alone")
    finish(start(state(1, folder / "found.npz", folder / "steps")))
    return read(folder / "found.npz")


def compare(found: Found, alone: Found, what: str, row: Callable[..., None]) -> None:
    """p of every vein at each α to 1e-8 of itself (of 1 mmHg where it is less), and all else alike."""
    assert all(np.array_equal(found[name], alone[name]) for name in ("alpha", "touching", "dents"))
    assert alone["touching"].any()
    far = float((np.abs(found["p"] - alone["p"]) / np.maximum(np.abs(alone["p"]), MMHG)).max())
    row("Mid-calf in a hose, contracted, through contact", f"p of every vein at each α, {what} against one", 0.0, far, 1e-8, relative=False)
    for name in ("compartments", "areas", "G", "gaps", "hose", "girth", "reached"):
        assert found[name] == pytest.approx(alone[name], rel=1e-8, abs=1e-8 * float(np.abs(alone[name]).max())), name


@pytest.mark.parametrize("n", [2, 4])
def test_ranks_agree_on_the_calf(n: int, alone: Found, tmp_path: Path, row: Callable[..., None]) -> None:
    """Twelve veins, hose put on, muscles contracted, emptied to α = .195: the section shared by two and by four processes."""
    finish(start(state(n, tmp_path / "found.npz", tmp_path / "steps")))
    found = read(tmp_path / "found.npz")
    assert found["ranks"] == n
    compare(found, alone, f"{n} ranks", row)


@pytest.mark.parametrize(("before", "after"), [(1, 1), (2, 1)])
def test_a_killed_state_goes_on(before: int, after: int, alone: Found, tmp_path: Path, row: Callable[..., None]) -> None:
    """Killed with signal 9 in the middle of the emptying, walls in contact; begun again with the same or another number of ranks it solves the rest alone."""
    steps = tmp_path / "steps"
    emptying = len(HOSE_STEPS) + len(GRIDS["coarse"].ramp)
    killed(start(state(before, tmp_path / "found.npz", steps)), steps / f"{emptying + 11:04d}.step")
    had = len(list(steps.glob("*.step")))
    assert not (tmp_path / "found.npz").exists()
    began = {path.name: path.stat().st_mtime_ns for path in steps.glob("*.step")}
    finish(start(state(after, tmp_path / "found.npz", steps)))
    assert all((steps / name).stat().st_mtime_ns == when for name, when in began.items()), "a kept step was solved again"
    assert len(list(steps.glob("*.step"))) > had
    compare(read(tmp_path / "found.npz"), alone, f"killed on {before} rank{'s' * (before > 1)}, gone on with on {after}", row)


def laws(folder: Path) -> SectionLaws:
    return SectionLaws.load(next(folder.glob("*.npz")))


def tubelaw(cache: Path, out: Path, *more: str) -> subprocess.Popen[str]:
    """The laws of the lower calf, by the verb a user types."""
    return start([sys.executable, "-m", "calfpump", "tubelaw", str(CASE), "--set", LOWER_CALF, "-o", str(out), *more], CALFPUMP_CACHE=str(cache))


@pytest.fixture(scope="module")
def law_alone(tmp_path_factory: pytest.TempPathFactory) -> SectionLaws:
    """Undisturbed, a process for each state."""
    folder = tmp_path_factory.mktemp("law")
    finish(tubelaw(folder / "cache", folder / "laws"))
    return laws(folder / "laws")


def compare_laws(found: SectionLaws, alone: SectionLaws, what: str, row: Callable[..., None]) -> None:
    """Every table of every vein and compartment."""
    assert list(found.veins) == list(alone.veins) and list(found.compartments) == list(alone.compartments)
    far = 0.0
    for vein, law in alone.veins.items():
        own = found.veins[vein]
        assert np.array_equal(own.alpha, law.alpha) and np.array_equal(own.s, law.s) and np.array_equal(own.alpha_fe, law.alpha_fe)
        far = max(far, float((np.abs(own.f - law.f) / np.maximum(np.abs(law.f), MMHG)).max()))
        assert own.G == pytest.approx(law.G, rel=1e-8), vein
    for name, space in alone.compartments.items():
        assert found.compartments[name].p_c == pytest.approx(space.p_c, rel=1e-8, abs=1e-8 * MMHG), name
    row("Laws of the lower calf, four states", f"f(α; s) of every vein, {what} against one process for each state", 0.0, far, 1e-8, relative=False)


def test_tubelaw_on_two_ranks(law_alone: SectionLaws, tmp_path: Path, row: Callable[..., None]) -> None:
    """`calfpump tubelaw --ranks 2`, all four states, from the command to the file."""
    finish(tubelaw(tmp_path / "cache", tmp_path / "laws", "--ranks", "2"))
    compare_laws(laws(tmp_path / "laws"), law_alone, "`tubelaw --ranks 2`", row)


def test_tubelaw_killed_and_gone_on_with(law_alone: SectionLaws, tmp_path: Path, row: Callable[..., None]) -> None:
    """`calfpump tubelaw` killed by signal 9 while contracted states are solved; the same command with --ranks 2 goes on, ends alike, and clears up."""
    from calfpump.case import load_case
    from calfpump.coupling.section import law_inputs
    from calfpump.law import store

    kept = tmp_path / "cache" / "laws" / f"{store.key(law_inputs(load_case(CASE, [LOWER_CALF])))}.steps"
    killed(tubelaw(tmp_path / "cache", tmp_path / "laws"), kept / "2" / "0020.step")
    assert not list((tmp_path / "cache" / "laws").glob("*.npz"))
    finish(tubelaw(tmp_path / "cache", tmp_path / "laws", "--ranks", "2", "--force"))
    compare_laws(laws(tmp_path / "laws"), law_alone, "killed, gone on with by `--ranks 2`,", row)
    assert not kept.exists()
