"""Tells whether this machine can run calfpump: what is there, in which version, and whether it works, by solving one small problem with it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from calfpump.cache import cache, kernels
from calfpump.results.versions import versions


def main() -> int:
    """Print the findings; 0 if all trials came out, 4 (environment) if one did not."""
    for title, rows in (("Environment", _place()), ("Versions", _versions()), ("Machine", _machine()), ("Caches", _caches())):
        print(title)
        for name, value in rows.items():
            print(f"  {name:<22} {value}")
    print("Trials")
    good = [_try(name, trial) for name, trial in TRIALS.items()]
    return 0 if all(good) else 4


def _place() -> dict[str, str]:
    root = os.environ.get("CALFPUMP_INSIDE")
    return {"Python": sys.executable, "taken from": f"the Debian root {root}" if root else "this machine", "calfpump": str(Path(__file__).parent)}


def _versions() -> dict[str, str]:
    found = versions()
    rows = found["python"] | {name: f"{version} (Debian)" for name, version in found["debian"].items() if name not in found["python"]}
    try:
        from mpi4py import MPI

        rows["MPI"] = MPI.Get_library_version().split(",")[0].strip("\0\n ")
    except (ImportError, RuntimeError) as error:
        rows["MPI"] = f"missing: {error}"
    return rows | found["system"]


def _machine() -> dict[str, str]:
    lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    memory = {key: int(value.split()[0]) / 2**20 for key, value in (line.split(":") for line in lines)}
    return {
        "cores": f"{len(os.sched_getaffinity(0))} of {os.cpu_count()}",
        "threads per process": os.environ.get("OMP_NUM_THREADS", "not limited (OMP_NUM_THREADS is not set)"),
        "memory": f"{memory['MemTotal']:.1f} GiB, {memory['MemAvailable']:.1f} free",
    }


def _caches() -> dict[str, str]:
    forms = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "fenics"
    return {"laws": _size(cache() / "laws"), "forms (FFCx)": _size(forms), "kernels (numba)": _size(kernels())}


def _size(folder: Path) -> str:
    if not folder.is_dir():
        return f"{folder} (none yet)"
    files = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return f"{folder} ({len(files)} files, {sum(files) / 1e6:.1f} MB{'' if os.access(folder, os.W_OK) else ', NOT WRITABLE'})"


def _try(name: str, trial: Callable[[], str]) -> bool:
    begin = time.perf_counter()
    try:
        outcome = trial()
    except Exception as error:  # whatever a broken library raises is the finding
        print(f"  {name:<22} FAILED: {type(error).__name__}: {error}")
        return False
    print(f"  {name:<22} {outcome} ({time.perf_counter() - begin:.2f} s)")
    return True


def _solve() -> str:
    """−u″ = 1 on the unit square with u = 0 at x = 0 and x = 1, natural elsewhere: u = x(1 − x)/2, in the space of quadratic elements."""
    import dolfinx
    import numpy as np
    import ufl
    from dolfinx.fem.petsc import LinearProblem
    from mpi4py import MPI

    mesh = dolfinx.mesh.create_unit_square(MPI.COMM_SELF, 8, 8)
    space = dolfinx.fem.functionspace(mesh, ("Lagrange", 2))
    u, v = ufl.TrialFunction(space), ufl.TestFunction(space)
    ends = dolfinx.fem.locate_dofs_geometrical(space, lambda x: np.isclose(x[0] * (1.0 - x[0]), 0.0))
    options = {"ksp_type": "preonly", "pc_type": "cholesky", "pc_factor_mat_solver_type": "mumps"}
    one = dolfinx.fem.Constant(mesh, 1.0)
    form = ufl.inner(ufl.grad(u), ufl.grad(v)) * ufl.dx
    named = {} if dolfinx.__version__.startswith("0.9") else {"petsc_options_prefix": "doctor_"}
    problem = LinearProblem(form, one * v * ufl.dx, bcs=[dolfinx.fem.dirichletbc(0.0, ends, space)], petsc_options=options, **named)
    solution = problem.solve()
    x = space.tabulate_dof_coordinates()[:, 0]
    error = float(np.abs(solution.x.array - x * (1.0 - x) / 2.0).max())
    if error > 1e-12:
        raise ArithmeticError(f"the solution is {error:.1e} off")
    return f"exact solution met to {error:.0e}"


def _compile() -> str:
    import numba
    import numpy as np
    from numpy.typing import NDArray

    @numba.njit(error_model="numpy")
    def dot(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
        total = 0.0
        for i in range(a.size):
            total += a[i] * b[i]
        return total

    n = np.arange(101.0)
    if dot(n, n) != 338350.0:  # n(n + 1)(2n + 1)/6 for n = 100
        raise ArithmeticError("a compiled loop gives a wrong sum")
    return "a compiled loop gives the right sum"


def _mesh() -> str:
    import gmsh

    gmsh.initialize(readConfigFiles=False, interruptible=False)
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.model.occ.addRectangle(0.0, 0.0, 0.0, 1.0, 1.0)
        gmsh.model.occ.synchronize()
        gmsh.model.mesh.generate(2)
        triangles = len(gmsh.model.mesh.getElementsByType(2)[0])
    finally:
        gmsh.finalize()
    if not triangles:
        raise ArithmeticError("a square was meshed with no triangle")
    return f"a square meshed with {triangles} triangles"


def _draw() -> str:
    from io import BytesIO

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2.0, 1.0))
    figure.add_subplot().plot([0.0, 1.0])
    picture = BytesIO()
    FigureCanvasAgg(figure).print_png(picture)
    return f"a picture of {picture.tell()} bytes"


TRIALS = {"gmsh": _mesh, "dolfinx, PETSc, MUMPS": _solve, "numba": _compile, "matplotlib": _draw}
