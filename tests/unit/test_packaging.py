"""What a wheel holds, and that the three lists of what calfpump needs agree."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))
NOT_ON_THE_INDEX = {"basix", "dolfinx", "mpi4py", "petsc4py", "ufl"}
COME_ALONG = {"PIL", "markupsafe", "pydantic_core"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """Built without a network from a copy, so that nothing is left in the checkout."""
    copy = tmp_path_factory.mktemp("source")
    for folder in ("solver", "meshes", "cases"):
        shutil.copytree(REPOSITORY / folder, copy / folder, ignore=shutil.ignore_patterns("__pycache__"))
    for file in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(REPOSITORY / file, copy)
    build = "import sys; from setuptools import build_meta; print(build_meta.build_wheel(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", build, str(copy)], cwd=copy, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(copy / done.stdout.split()[-1])


def test_the_wheel_ships_meshes_cases_and_types(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    for folder in ("meshes", "cases"):
        for path in (REPOSITORY / folder).rglob("*.toml"):
            assert f"calfpump/shipped/{path.relative_to(REPOSITORY)}" in names
    for path in (REPOSITORY / "solver").rglob("*"):
        if path.suffix in {".py", ".toml", ".css", ".html", ".typed"}:
            assert str(path.relative_to(REPOSITORY / "solver")) in names
    assert not [name for name in names if name.startswith("tests")]


def test_an_unpacked_wheel_finds_what_it_ships(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    ask = "from calfpump.case.shipped import shipped; print(shipped('meshes')); print(shipped('cases'))"
    done = subprocess.run([sys.executable, "-c", ask], cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(tmp_path / "calfpump" / "shipped" / folder) for folder in ("meshes", "cases")]


def test_the_wheel_has_the_command(wheel: zipfile.ZipFile) -> None:
    entry_points = next(name for name in wheel.namelist() if name.endswith("entry_points.txt"))
    assert "calfpump = calfpump.cli:main" in wheel.read(entry_points).decode()


def test_every_imported_library_is_a_dependency_and_probed() -> None:
    imported = set()
    for path in (REPOSITORY / "solver").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                imported.add(node.module.split(".")[0])
    imported -= {"calfpump", *sys.stdlib_module_names} | COME_ALONG
    dependencies = {re.split(r"[<>=~]", entry)[0] for entry in PROJECT["project"]["dependencies"]}
    assert imported - NOT_ON_THE_INDEX <= dependencies
    probe = (REPOSITORY / "environment" / "probe.py").read_text(encoding="utf-8")
    needed = set(ast.literal_eval(probe.partition("NEEDED = ")[2].partition("\n")[0]))
    assert dependencies <= needed
    assert imported - needed <= {"basix", "ufl"}, "these come with dolfinx"


def test_the_citation_names_this_version() -> None:
    import calfpump

    assert f"version: {calfpump.__version__}\n" in (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
