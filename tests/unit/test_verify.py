"""`calfpump verify` and `validate`: rows gathered from tests, their pages, exit codes."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from calfpump import verification
from calfpump.cli import main

REPOSITORY = Path(__file__).resolve().parents[2]

TESTS = '''
import pytest

def test_good(row, picture):
    """What is looked at."""
    row("good problem", "q", 2.0, 2.0001, 1e-3, "m", rate=(1.97, 1.8), source="Somebody 1999")
    row("good problem", "nothing", 0.0, 1e-14, 1e-12, relative=False)
    picture("curve", "The curve.").write_bytes(b"")

@pytest.mark.study
@pytest.mark.parametrize("computed", [1.2, float("nan")])
def test_bad(row, computed):
    row("bad problem", "q", 1.0, computed, 0.1)

@pytest.mark.xfail(reason="is known to be off by a third", strict=True)
def test_known(row):
    row("known problem", "order", 1.0, 1.0, 0.1, rate=(1.2, 1.8))

def test_yes():
    """Holds or not."""
'''


MEASURED = '''
import pytest
from validation_page import Measurement

def test_inside(measured):
    """What was measured."""
    measured(Measurement("a vein", "width", "2.0 ± .5", 2.2, 1.5, 2.5, "mm", "cases/quickstart.toml", "Somebody 1999", "calibration"))

@pytest.mark.study
def test_known(measured):
    measured(Measurement("a vein", "loss", "> 3", 2.0, low=3.0, known="walls are too stiff"), Measurement("a leg", "volume", "1 to 2", 1.5, 1.0, 2.0))
'''


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a few small tests of verification and validation."""
    here = tmp_path / "checkout"
    shutil.copytree(REPOSITORY / "tests" / "support", here / "tests" / "support")
    for shelf in ("verification", "validation"):
        (here / "tests" / shelf).mkdir()
        shutil.copy(REPOSITORY / "tests" / shelf / "conftest.py", here / "tests" / shelf)
    (here / "docs").mkdir()
    shutil.copy(REPOSITORY / "tests" / "conftest.py", here / "tests")
    shutil.copy(REPOSITORY / "pyproject.toml", here)
    (here / "tests" / "verification" / "test_flow_small.py").write_text(TESTS, encoding="utf-8")
    (here / "tests" / "validation" / "test_small.py").write_text(MEASURED, encoding="utf-8")
    monkeypatch.setattr(verification, "CHECKOUT", here)
    return here


def test_the_page_holds_every_row_even_of_failing_tests(checkout: Path) -> None:
    assert main(["verify"]) == 3
    text = (checkout / "docs" / "verification.md").read_text(encoding="utf-8")
    assert "5 rows of 3 problems. **3 rows are outside" in text
    assert "| q [m] | 2 | 2.0001 | 5.0e-05 | 1.0e-03 | 1.97 (1.8) | yes | Somebody 1999 |" in text
    assert "What is looked at." in text and "![The curve.](verification/curve.png)" in text
    assert "| q | 1 | 1.2 | 2.0e-01 | 1.0e-01 | **no** |" in text and "| q | 1 | nan |" in text
    assert "1.20 (1.8) | **no**: is known to be off by a third" in text
    assert "- Holds or not." in text
    assert (checkout / "docs" / "verification" / "curve.png").is_file()


def test_quick_leaves_the_studies_out(checkout: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    file = checkout / "tests" / "verification" / "test_flow_small.py"
    file.write_text(TESTS.partition("@pytest.mark.xfail")[0], encoding="utf-8")
    monkeypatch.chdir(checkout)
    assert main(["verify", "--quick", "-o", "page.md"]) == 0
    assert "2 rows of 1 problems. All are inside. Quick" in (checkout / "page.md").read_text(encoding="utf-8")
    assert capfd.readouterr().out.splitlines()[-1] == str(checkout / "page.md")


def test_measurements_stand_beside_what_is_computed(checkout: Path) -> None:
    assert main(["validate"]) == 0
    text = (checkout / "docs" / "validation.md").read_text(encoding="utf-8")
    assert "Inside: target 1 of 2, order 0 of 0, calibration 1 of 1, shown 0 of 0." in text
    vein, leg = text.partition("## A vein\n")[2].split("## A leg\n")
    assert "What was measured." in vein and "Walls are too stiff." in vein and "Walls are too stiff." not in leg
    assert "| width [mm] | 2.0 ± .5 | 1.5 to 2.5 | 2.2 | yes | calibration | [quickstart](../cases/quickstart.toml) | Somebody 1999 |" in vein
    assert "| loss | > 3 | ≥ 3 | 2 | **no** | target |" in vein and "| volume | 1 to 2 | 1 to 2 | 1.5 | yes | target |" in leg


@pytest.mark.parametrize(("change", "to"), [("2.2, 1.5", "2.6, 1.5"), ("2.0, low=3.0", "4.0, low=3.0"), ("1.5, 1.0", "2.5, 1.0")])
def test_a_measurement_that_is_newly_outside_or_inside_is_told(checkout: Path, change: str, to: str) -> None:
    file = checkout / "tests" / "validation" / "test_small.py"
    file.write_text(MEASURED.replace(change, to), encoding="utf-8")
    assert main(["validate", "-o", str(checkout / "page.md")]) == 3
    text = (checkout / "page.md").read_text(encoding="utf-8")
    assert "Tests that failed:" in text and "[quickstart](cases/quickstart.toml)" in text


def test_an_ordinary_test_run_leaves_no_page_and_no_picture(checkout: Path) -> None:
    """Of all tests, as `./calfpump test` runs them."""
    done = subprocess.run([sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"], cwd=checkout, capture_output=True, text=True, check=False)
    assert "3 passed, 3 deselected, 1 xfailed" in done.stdout
    assert list((checkout / "docs").iterdir()) == []


def test_what_is_missing_is_told_in_one_sentence(checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "-o", "nowhere/page.md"]) == 2
    assert "there is no folder" in capsys.readouterr().err
    monkeypatch.setattr(verification, "find_spec", lambda name: None)
    assert main(["verify"]) == 4
    assert capsys.readouterr().err.startswith("pytest is missing here")
    monkeypatch.setattr(verification, "CHECKOUT", checkout / "docs")
    assert main(["verify"]) == 4
    assert "tests of the source checkout" in capsys.readouterr().err


def test_a_page_in_no_folder_is_refused_before_any_test(checkout: Path) -> None:
    """By pytest's own option, as by the verb's."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--page", "nowhere/page.md"]
    done = subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert done.stderr == f"ERROR: --page: there is no folder {checkout / 'nowhere'}\n\n"
    assert done.stdout == ""
