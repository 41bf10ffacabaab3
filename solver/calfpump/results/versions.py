"""Versions of everything a run's numbers rest on, found without importing any of it."""

from __future__ import annotations

import platform
import shutil
import subprocess
from importlib import metadata
from pathlib import Path

LIBRARIES = (
    "fenics-dolfinx", "fenics-ufl", "fenics-ffcx", "fenics-basix", "petsc4py", "mpi4py", "gmsh", "numba", "numpy", "scipy", "pandas", "h5py",
    "pydantic", "meshio", "matplotlib",
)  # fmt: skip


def versions() -> dict[str, dict[str, str]]:
    """``python`` libraries, ``debian`` packages where dpkg knows them, and the ``system``."""
    return {"python": _libraries(), "debian": _debian(), "system": _system()}


def _libraries() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in ("calfpump", *LIBRARIES):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    if "calfpump" not in found:
        from calfpump import __version__

        found["calfpump"] = __version__
    return found


def _debian() -> dict[str, str]:
    """Packages whose names carry a version are matched by their stem, so that the next release is found too."""
    if shutil.which("dpkg-query") is None:
        return {}
    patterns = ("*dolfinx*", "libpetsc-real*", "libmumps-5*", "libopenmpi*", "libgmsh*", "python3-numba", "python3-petsc4py-real")
    query = ["dpkg-query", "-W", "-f=${Package} ${Version} ${db:Status-Status}\n", *patterns]
    answer = subprocess.run(query, capture_output=True, text=True, check=False).stdout
    rows = [line.split() for line in answer.splitlines()]
    return {row[0]: row[1] for row in rows if len(row) == 3 and row[2] == "installed"}


def _system() -> dict[str, str]:
    found = {"machine": platform.machine(), "kernel": platform.release()}
    release = Path("/etc/os-release")
    if release.is_file():
        keys = dict(line.split("=", 1) for line in release.read_text(encoding="utf-8").splitlines() if "=" in line)
        found["distribution"] = keys.get("PRETTY_NAME", "").strip('"')
    cpu = Path("/proc/cpuinfo")
    if cpu.is_file():
        names = [line.split(":", 1)[1].strip() for line in cpu.read_text(encoding="utf-8").splitlines() if line.startswith("model name")]
        found |= {"processor": names[0]} if names else {}
    return found
