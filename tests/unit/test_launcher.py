"""The launcher's choices, with a Python, a bubblewrap and a root that only say what they were asked."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import ctrl_c
import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
TOOLS = ("awk", "cat", "cmp", "cut", "find", "grep", "id", "ls", "mkdir", "mv", "readlink", "rm", "sed", "sh", "sleep", "touch", "uname")

PYTHON = """#!/bin/sh
case $1 in
    *probe.py) echo probed >>"{log}"; echo "{lacks}"; [ -z "{lacks}" ] ;;
    *) printf '%s\\n' "{name}" "$PYTHONPATH" "$@" ;;
esac
"""


class Checkout:
    """A copy of the launcher in a folder with a space in its name, and a PATH that holds nothing else of the machine."""

    def __init__(self, folder: Path) -> None:
        self.here = folder / "a checkout"
        self.bin = folder / "bin"
        self.log = folder / "log"
        self.environment = self.here / ".environment"
        self.here.mkdir()
        self.bin.mkdir()
        shutil.copy(REPOSITORY / "calfpump", self.here)
        shutil.copytree(REPOSITORY / "environment", self.here / "environment")
        for tool in TOOLS:
            found = shutil.which(tool)
            assert found is not None
            (self.bin / tool).symlink_to(found)

    def script(self, path: Path, text: str) -> Path:
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
        return path

    def python(self, name: str, lacks: str = "") -> Path:
        return self.script(self.bin / name, PYTHON.format(log=self.log, lacks=lacks, name=name))

    def root(self) -> None:
        """An environment made before, and a bubblewrap that prints its arguments instead of entering it."""
        (self.environment / "root").mkdir(parents=True)
        (self.environment / "door").write_text("bwrap\n", encoding="utf-8")
        shutil.copy(self.here / "environment" / "run.txt", self.environment / "made")
        self.script(self.bin / "bwrap", "#!/bin/sh\nprintf '%s\\n' entered \"$@\"\n")

    def run(self, *arguments: str, cwd: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": str(self.bin), "HOME": str(self.here), **variables}
        return subprocess.run(
            [self.here / "calfpump", *arguments], env=environ, cwd=cwd, capture_output=True, text=True, timeout=60, check=False, preexec_fn=ctrl_c.heed
        )

    def shell(self, script: str) -> subprocess.Popen[str]:
        """A shell with the launcher's functions."""
        preamble = (
            'say() { echo "$*"; }; fail() { echo "$*"; exit 4; }; here=$PWD environment=$PWD/.environment\n'
            ". environment/enter.sh; . environment/make.sh\n"
        )
        return subprocess.Popen(["sh", "-c", preamble + script], cwd=self.here, env={"PATH": str(self.bin)}, stdout=subprocess.PIPE, text=True)


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_the_named_python_comes_first(checkout: Checkout) -> None:
    checkout.python("python3")
    checkout.python("mine")
    done = checkout.run("run", "my leg.toml", "--set", "title=a b", CALFPUMP_PYTHON="mine")
    assert done.stdout.splitlines() == ["mine", f"{checkout.here}/solver", "-m", "calfpump", "run", "my leg.toml", "--set", "title=a b"]


def test_a_named_python_that_lacks_something_is_refused(checkout: Checkout) -> None:
    checkout.python("python3")
    checkout.python("mine", lacks="dolfinx, numba")
    done = checkout.run("--help", CALFPUMP_PYTHON="mine")
    assert (done.returncode, done.stdout) == (4, "")
    assert "CALFPUMP_PYTHON (mine)" in done.stderr
    assert "dolfinx, numba" in done.stderr


def test_a_complete_python3_is_asked_once(checkout: Checkout) -> None:
    checkout.python("python3")
    checkout.root()
    for _ in range(3):
        assert checkout.run("--help").stdout.startswith("python3\n")
    assert checkout.log.read_text() == "probed\n"
    checkout.run("doctor")
    assert checkout.log.read_text() == "probed\nprobed\n"


def test_the_root_made_before_serves_where_python3_lacks_something(checkout: Checkout, tmp_path: Path) -> None:
    checkout.python("python3", lacks="dolfinx")
    checkout.root()
    elsewhere = tmp_path / "my cases"
    elsewhere.mkdir()
    for _ in range(2):
        lines = checkout.run("run", "my leg.toml", cwd=elsewhere).stdout.splitlines()
        assert lines[0] == "entered"
        assert lines[-10:] == ["--chdir", str(elsewhere), "--", "env", "--default-signal=INT", "python3", "-m", "calfpump", "run", "my leg.toml"]
        assert str(checkout.environment / "root" / "usr") in lines
    assert checkout.log.read_text() == "probed\n", "a no is remembered as long as there is a root"


def test_verify_and_validate_make_no_environment_for_their_help_and_need_no_more_where_pytest_is(checkout: Checkout) -> None:
    checkout.root()
    shutil.copy(checkout.here / "environment" / "test.txt", checkout.environment / "tested")
    for arguments in (["verify", "--quick"], ["verify", "--help"], ["validate"], ["validate", "--help"]):
        said = checkout.run(*arguments).stdout.splitlines()
        assert said[0] == "entered" and said[-len(arguments) - 3 :] == ["/usr/bin/python3", "-m", "calfpump", *arguments]


def test_ctrl_c_ends_the_command_and_the_launcher_waits_for_its_last_words(checkout: Checkout) -> None:
    checkout.python("python3", lacks="dolfinx")
    checkout.root()
    for tool in ("env", "bash"):
        (checkout.bin / tool).symlink_to(str(shutil.which(tool)))
    checkout.script(checkout.bin / "bwrap", f"#!/bin/sh\nPATH={checkout.bin}\nwhile [ \"$1\" != -- ]; do shift; done; shift; \"$@\"\n")
    checkout.script(checkout.bin / "python3", "#!/usr/bin/env bash\ntrap 'sleep .5; echo last words; exit 130' INT\necho begun\nsleep 20 & wait\n")
    for ignored in (False, True):  # a shell's background job is not to be interrupted
        (checkout.environment / "pythons").write_text(f"no {checkout.bin}/python3\n", encoding="utf-8")
        process = subprocess.Popen(
            [checkout.here / "calfpump", "run"], env={"PATH": str(checkout.bin)}, stdout=subprocess.PIPE, text=True, start_new_session=True,
            preexec_fn=ctrl_c.disregard if ignored else ctrl_c.heed,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        os.killpg(process.pid, signal.SIGINT)
        if ignored:
            time.sleep(0.3)
            assert process.poll() is None
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
        else:
            assert process.stdout.read() == "last words\n"
            assert process.wait(timeout=30) == 130


def test_without_python_and_apt_one_sentence_names_the_ways_out(checkout: Checkout) -> None:
    checkout.python("python3", lacks="dolfinx")
    done = checkout.run("run", "leg.toml")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.count("\n") == 1
    assert "conda" in done.stderr
    assert "Apptainer" in done.stderr


def test_an_unwritable_place_is_named(checkout: Checkout) -> None:
    checkout.python("python3", lacks="dolfinx")
    for tool in ("apt-get", "dpkg-deb", "tar", "xargs"):
        checkout.script(checkout.bin / tool, "#!/bin/sh\nexit 1\n")
    done = checkout.run("--help", CALFPUMP_ENVIRONMENT="/proc/nowhere")
    assert done.returncode == 4
    assert "cannot write /proc/nowhere" in done.stderr


def test_a_lock_whose_launch_died_is_taken_over(checkout: Checkout) -> None:
    checkout.environment.mkdir()
    dead = subprocess.run(["sh", "-c", "echo $$"], capture_output=True, text=True, check=True).stdout.strip()
    lock = checkout.environment / "lock"
    lock.write_text(f"{dead} 12345 {os.uname().nodename}\n", encoding="utf-8")
    out, _ = checkout.shell("begin_making; cat .environment/lock; echo $$").communicate(timeout=30)
    holder, own = out.splitlines()
    assert holder.split()[0] == own
    assert not lock.exists(), "given back at the end"


def test_a_second_launch_waits_for_the_first(checkout: Checkout) -> None:
    checkout.environment.mkdir()
    lock = checkout.environment / "lock"
    first = checkout.shell("begin_making; echo held; sleep 2; end_making")
    deadline = time.monotonic() + 30
    while not lock.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    second = checkout.shell("begin_making; echo mine")
    assert second.communicate(timeout=30)[0].splitlines() == [
        f"another launch (process {first.pid}) is making the environment; waiting for it.",
        "mine",
    ]
    assert first.communicate(timeout=30)[0] == "held\n"
    assert not lock.exists()


def test_package_lists_say_each_thing_once() -> None:
    def names(file: str) -> list[str]:
        return [line for line in (REPOSITORY / "environment" / file).read_text().splitlines() if line and not line.startswith("#")]

    every = names("run.txt") + names("test.txt") + names("left-out.txt")
    assert sorted(every) == sorted(set(every))
    assert all("==" in line for line in names("test-venv.txt"))
