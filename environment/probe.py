"""Exit 0 if this Python has what calfpump needs; else print what is missing and exit 1. Imports none of it."""

import sys
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec

NEEDED = ("dolfinx", "gmsh", "h5py", "jinja2", "matplotlib", "meshio", "mpi4py", "nibabel", "numba", "numpy", "pandas", "petsc4py", "pydantic", "scipy")


def dolfinx_version() -> tuple[int, ...]:
    for name in ("fenics-dolfinx", "dolfinx"):
        try:
            return tuple(int(part) for part in version(name).split(".")[:2])
        except (PackageNotFoundError, ValueError):
            continue
    return ()


missing = [name for name in NEEDED if find_spec(name) is None]
if "dolfinx" not in missing and dolfinx_version() < (0, 9):
    missing.append("dolfinx 0.9 or newer")
if sys.version_info < (3, 11):
    missing.append("Python 3.11 or newer")
print(", ".join(missing))
sys.exit(1 if missing else 0)
