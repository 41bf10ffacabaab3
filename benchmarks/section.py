"""Where does the time of a section's law go, and how far is a Newton iteration from the bare calls that it can't do without?

    python benchmarks/section.py [--quality coarse] [--points 12]
    python benchmarks/section.py --convergence [--rest]      (minutes of CPU time: the law on this mesh and on one twice as fine)

The mid-calf with its twelve veins, soft tissue, a sliding hose and its calf muscles at full contraction; for the convergence without
the hose. The bare calls are dolfinx's assembly of the same two forms, MUMPS's numerical LDLᵀ of the same matrix and as many
back-substitutions, timed in between in the same run; a Newton iteration is to take at most 1.3 times as long. CPU time of one core.
The noise is by how much the bare calls' median stays behind their best.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

#: Every so many factorisations the bare calls are timed.
EVERY = 5
#: What is watched, by class or module and function; time spent in one is not counted in those that call it.
PARTS = {
    "residual, assembly": [("bulk.Bulk", "add_residual")],
    "tangent, assembly": [("bulk.Bulk", "fill_tangent")],
    "factorisation": [("factor.Factor", "refresh")],
    "back-substitution": [("factor.Factor", "solve")],
    "contact search": [("system.System", "search")],
    "pattern of new contacts": [("system.System", "_widen")],
    "boundary energies": [("system.System", name) for name in ("residual", "fill_tangent", "gradients", "constraints", "areas")],
    "Newton, the rest": [("equilibrium.Equilibrium", name) for name in ("solve", "newton", "refactor")],
    "inertia": [("stability", "inertia")],
    "lumens' shape and G": [("measure", "lumens")],
    "compartment pressures": [("measure", "compartment_pressures")],
}
#: Parts that belong to Newton's iterations.
ITERATION = tuple(PARTS)[:8]


class Stopwatch:
    """CPU seconds and calls by part, each part without those called within it."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self._stack = ["the rest"]
        self._since = time.process_time()

    def _turn(self) -> None:
        now = time.process_time()
        self.seconds[self._stack[-1]] += now - self._since
        self._since = now

    def enter(self, part: str) -> None:
        """Count for `part` from now on."""
        self._turn()
        self._stack.append(part)
        self.calls[part] += 1

    def leave(self) -> None:
        """Count again for what called it."""
        self._turn()
        self._stack.pop()

    def watch(self, owner: Any, name: str, part: str, after: Callable[..., None] | None = None) -> None:
        """Count calls of ``owner.name`` for `part`; `after` is called with its arguments, uncounted."""
        original = getattr(owner, name)

        def watched(*args: Any, **named: Any) -> Any:
            self.enter(part)
            try:
                return original(*args, **named)
            finally:
                self.leave()
                if after is not None:
                    self.enter("bare calls")
                    after(*args)
                    self.leave()

        setattr(owner, name, watched)


class Bare:
    """The bare calls on the present matrix of a system."""

    def __init__(self) -> None:
        self.times: dict[str, list[float]] = defaultdict(list)
        self.columns: dict[int, int] = defaultdict(int)
        self.factorisations = 0
        self._pattern: Any = None
        self.system: Any = None

    def _timed(self, what: str, call: Callable[[], Any]) -> None:
        began = time.process_time()
        call()
        self.times[what].append(time.process_time() - began)

    def solved(self, factor: Any, columns: Any) -> None:
        """A back-substitution has been done."""
        self.columns[columns.shape[1]] += 1

    def refreshed(self, factor: Any, matrix: Any) -> None:
        """A factorisation has been done; now and then do the same by hand."""
        self.factorisations += 1
        if self.system is None or self.factorisations % EVERY:
            return
        from dolfinx.fem import petsc
        from petsc4py import PETSc

        from calfpump.section.factor import Factor

        bulk, rows = self.system.bulk, matrix.getSize()[0]
        if self._pattern is not matrix:
            self._pattern, self.copy, self.blank, self.own = matrix, matrix.duplicate(copy=True), matrix.duplicate(), Factor()
            Factor.refresh.__wrapped__(self.own, self.copy)  # analysis, untimed
        vector = bulk.new_vector()
        self._timed("residual", lambda: petsc.assemble_vector(vector, bulk._residual))

        def tangent() -> None:
            self.blank.zeroEntries()
            petsc.assemble_matrix(self.blank, bulk._tangent, bcs=bulk.held)
            self.blank.assemble()

        self._timed("tangent", tangent)
        matrix.copy(self.copy, structure=PETSc.Mat.Structure.SAME_NONZERO_PATTERN)
        self.own._ksp.setOperators(self.copy)
        self._timed("factorisation", self.own._ksp.setUp)
        handle = self.own._ksp.getPC().getFactorMatrix()
        for count in sorted(self.columns):
            right = PETSc.Mat().createDense((rows, count), array=np.asfortranarray(np.ones((rows, count))), comm=PETSc.COMM_SELF)
            left = right.duplicate()
            self._timed(f"{count} columns", lambda right=right, left=left: handle.matSolve(right, left))

    def total(self, iterations: int, pick: Callable[[list[float]], float]) -> float:
        """CPU seconds of the same number of bare calls: one residual an iteration, a tangent a factorisation."""
        seconds = iterations * pick(self.times["residual"]) + self.factorisations * (pick(self.times["tangent"]) + pick(self.times["factorisation"]))
        return seconds + sum(many * pick(self.times[f"{count} columns"]) for count, many in self.columns.items() if f"{count} columns" in self.times)


def instrument() -> tuple[Stopwatch, Bare]:
    """Watch the parts of the section solver from now on."""
    import importlib

    watch, bare = Stopwatch(), Bare()
    for part, functions in PARTS.items():
        for place, name in functions:
            module, _, cls = place.partition(".")
            owner = importlib.import_module(f"calfpump.section.{module}")
            owner = getattr(owner, cls) if cls else owner
            original = getattr(owner, name)
            after = {"refresh": bare.refreshed, "solve": bare.solved}.get(name) if part in ("factorisation", "back-substitution") else None
            watch.watch(owner, name, part, after)
            getattr(owner, name).__wrapped__ = original
    return watch, bare


def job(quality: str, points: int | None, edges: float | None = None, rest: bool = False) -> Any:
    """The mid-calf in full contraction of its calf muscles (or at `rest`), a class II hose on; `edges` refines the quality's mesh by a factor, without
    the hose."""
    from calfpump.anatomy.section_description import load_description
    from calfpump.case.tissue import Tissue
    from calfpump.mesh import RESOLUTIONS, build
    from calfpump.section.job import GRIDS, Job, WornHose
    from calfpump.section.states import activation_states
    from calfpump.section.tissues import coefficients

    resolution = RESOLUTIONS[quality]
    if edges is not None:
        resolution = resolution.finer(edges)
    mesh = build(load_description("mid_calf"), resolution=resolution)
    grid = GRIDS["coarse"]
    if points is not None:
        grid = replace(grid, down=grid.down[:points], up=grid.up[: max(1, points // 4)])
    state = (min if rest else max)(activation_states("coarse"), key=lambda s: s.shortening.get("soleus", 0.0))
    worn = WornHose(28.0 * 133.322, 133.322 * 10.0 / 0.01, "sliding") if edges is None else None
    return Job(mesh, coefficients(mesh, Tissue()), worn, state, grid)


def jit_seconds(cache: str | None) -> float:
    """CPU seconds, compiler included, until the two kernels are there, in a process of its own."""
    code = (
        "import numpy as np, resource as r\n"
        "from calfpump.mesh import SectionMesh\n"
        "from calfpump.section.bulk import Bulk\nfrom calfpump.section.domain import Domain\nfrom calfpump.section.units import Units\n"
        "i, n = np.array([[0, 1, 2]], dtype=np.int32), np.ones(1, dtype=np.int32)\n"
        "m = SectionMesh('one', 'one', 1.0, np.array([[0.0, 0], [1, 0], [0, 1]]) * 1e-3, i, n, i[:, :2], n, {'t': 1}, {'c': 1}, {}, ())\n"
        "d = Domain(m, Units())\n"
        "used = lambda: sum(u.ru_utime + u.ru_stime for u in map(r.getrusage, (r.RUSAGE_SELF, r.RUSAGE_CHILDREN)))\n"
        "a = used(); Bulk(d, {'t': 1.0}, {'t': 0.0}); print(used() - a)\n"
    )
    env = {**os.environ, **({"XDG_CACHE_HOME": cache} if cache else {})}
    return float(subprocess.run([sys.executable, "-c", code], env=env, check=True, capture_output=True, text=True).stdout.split()[-1])


def split(quality: str, points: int | None) -> None:
    """Print the table of one law."""
    with tempfile.TemporaryDirectory() as folder:
        cold, warm = jit_seconds(folder), jit_seconds(folder)
    began = time.process_time()
    task = job(quality, points)
    meshing = time.process_time() - began
    from calfpump.section.trace import Trace

    watch, bare = instrument()
    began = time.process_time()
    trace = Trace(task, lambda line: None)
    setting_up = time.process_time() - began
    bare.system = trace.system
    watch.seconds.clear()
    watch.calls.clear()
    bare.factorisations, bare.columns = 0, defaultdict(int)
    trace.wear()
    trace.run()
    watch.enter("end")
    effort = trace.equilibrium.effort
    sizes = trace.system.describe()
    total = sum(seconds for part, seconds in watch.seconds.items() if part != "bare calls")
    print(f"mid-calf, {quality}: {sizes['cells']} cells, {sizes['unknowns']} unknowns, {sizes['veins']} veins; {task.state.name}")
    print(f"{'':<28}{'CPU s':>8}{'share':>8}{'calls':>8}")
    for what, seconds in (("mesh", meshing), ("kernels compiled, cold", cold), ("kernels compiled, warm", warm), ("set-up", setting_up)):
        print(f"{what:<28}{seconds:>8.2f}")
    for part in (*PARTS, "the rest"):
        print(f"{part:<28}{watch.seconds[part]:>8.2f}{watch.seconds[part] / total:>8.1%}{watch.calls[part] or '':>8}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{'in all':<28}{total:>8.2f}   peak memory {peak:.2f} GB (with the bare calls' second factor)")
    iterations = effort.iterations
    ours = sum(watch.seconds[part] for part in ITERATION)
    limit = bare.total(iterations, lambda v: float(np.median(v)))
    noise = 1.0 - bare.total(iterations, lambda v: float(np.quantile(v, 0.1))) / limit
    print(f"{iterations} Newton iterations, {bare.factorisations} factorisations, back-substitutions {dict(bare.columns)}, {effort.failures} attempts failed")
    for what, values in bare.times.items():
        print(f"  bare {what:<22}{np.median(values) * 1e3:>8.2f} ms")
    each = 1e3 / iterations
    print(f"an iteration {ours * each:.1f} ms, its bare calls {limit * each:.1f} ms: {ours / limit:.3f} times (noise {noise:.0%}, aim 1.3)")


def one(quality: str, points: int | None, finer: float, rest: bool) -> None:
    """One law on a mesh with `finer` times as many edges along each line, as a line of JSON."""
    task = job(quality, points, finer, rest)
    from calfpump.section.errors import SectionError
    from calfpump.section.trace import Trace

    began = time.process_time()
    trace = Trace(task, lambda line: print(f"{time.process_time() - began:8.1f} s {line}", file=sys.stderr, flush=True))
    try:
        trace.wear()
        curves = trace.run()
    except SectionError as problem:
        sys.exit(f"{problem}\n{trace.system.describe()}, {time.process_time() - began:.0f} CPU s")
    seconds, peak = time.process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    found = {"names": list(curves.veins), "alpha": curves.alpha.tolist(), "p": (curves.pressures / 133.322).tolist(), "low": curves.reached[:, 0].tolist()}
    print(json.dumps(found | {"seconds": seconds, "peak": peak, **trace.system.describe()}))


def convergence(quality: str, points: int | None, rest: bool) -> None:
    """Print by how much p(α ≥ .13) moves on a mesh twice as fine; each in a process of its own, whose peak memory counts."""
    laws = []
    for finer in (1.0, 2.0):
        command = [sys.executable, __file__, "--quality", quality, "--finer", str(finer), *(["--points", str(points)] if points else []), *["--rest"] * rest]
        done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)  # what went wrong it says itself
        if done.returncode:
            sys.exit(done.returncode)
        laws.append(json.loads(done.stdout.splitlines()[-1]))
        law = laws[-1]
        print(f"{law['cells']:>7} cells {law['unknowns']:>8} unknowns {law['seconds']:>8.1f} CPU s {law['peak']:>6.2f} GB", flush=True)
    common = [a for a in laws[0]["alpha"] if a >= 0.13 and a in laws[1]["alpha"]]
    coarse, fine = (np.array([law["p"][law["alpha"].index(a)] for a in common]) for law in laws)
    moving = np.array(common)[:, None] >= np.maximum(laws[0]["low"], laws[1]["low"])  # a vein that has stopped stays where it is
    apart = np.where(moving, np.abs(coarse - fine), 0.0)
    print(f"{'vein':<24}{'p moves at most':>16}{'at α':>8}{'p there':>9}{'p less p at A0':>16}   [mmHg]")
    open_ = common.index(1.0)
    for k, name in enumerate(laws[0]["names"]):
        at = int(apart[:, k].argmax())
        shape = np.where(moving[:, k], np.abs((coarse - coarse[open_]) - (fine - fine[open_]))[:, k], 0.0).max()
        print(f"{name:<24}{apart[at, k]:>16.2f}{common[at]:>8g}{fine[at, k]:>9.1f}{shape:>16.2f}")
    print(f"largest difference {apart.max():.2f} mmHg (aim .5; with 75 CPU s and 1.5 GB)")


def main() -> None:
    """Print what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--quality", choices=("coarse", "standard", "fine", "finest"), default="coarse")
    parser.add_argument("--points", type=int, help="area ratios of the emptying (default: all)")
    parser.add_argument("--convergence", action="store_true", help="compare with a mesh twice as fine instead")
    parser.add_argument("--rest", action="store_true", help="convergence: silent muscles instead of full contraction")
    parser.add_argument("--finer", type=float, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.finer:
        one(args.quality, args.points, args.finer, args.rest)
    elif args.convergence:
        convergence(args.quality, args.points, args.rest)
    else:
        split(args.quality, args.points)


if __name__ == "__main__":
    main()
