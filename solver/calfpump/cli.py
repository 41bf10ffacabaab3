"""The verbs, nothing else: each a few lines over the Python face, with its imports inside.

Exit codes: 0 done, 1 unexpected error, 2 bad input, 3 did not converge, 4 environment, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from calfpump import __version__
from calfpump.ranks import ranks

if TYPE_CHECKING:
    from calfpump.case import Case

Verb = Callable[[argparse.Namespace], int]


def new(args: argparse.Namespace) -> int:
    """write a commented case file with every key"""
    from calfpump.case import CaseError, Problem
    from calfpump.case.template import network_template, template

    path = Path(args.file)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write((network_template if args.network else template)(args.title or path.stem.replace("_", " ")))
    except FileExistsError:
        raise CaseError([Problem(str(path), "", "exists already; nothing was written")]) from None
    except OSError as error:
        raise CaseError([Problem(str(path), "", f"cannot be written: {error.strerror}")]) from None
    print(f"{path}: a case to edit; then: calfpump check {path}")
    return 0


def check(args: argparse.Namespace) -> int:
    """read case files and list all their problems"""
    from calfpump.case import CaseError, expand

    problems = []
    for path in args.case:
        try:
            cases = expand(path, args.set)
            _check_leg(cases)
        except CaseError as error:
            problems += error.problems
            continue
        print(f"{path}: good" + (f", a sweep of {len(cases)} cases" if len(cases) > 1 else ""))
    if problems:
        raise CaseError(problems)
    return 0


def _check_leg(cases: Sequence[tuple[str, object, Case]]) -> None:
    """Raise CaseError where a case names a vein that the leg lacks, a muscle that its section lacks, or a section of its own that can't be meshed;
    what needs these is loaded only then."""
    for _, _, case in cases:
        if case.network is not None:
            from calfpump.coupling.network import build

            build(case)
            continue
        if case.section.description.endswith(".toml") or case.section.contracts:
            from calfpump.coupling.section import check_section

            check_section(case)
        if case.impairment.valve_leak:
            from calfpump.coupling.run import checked_leg

            checked_leg(case)


def mesh(args: argparse.Namespace) -> int:
    """mesh the section of a case: .msh, .vtu, a labelled picture"""
    from calfpump.case import load_case
    from calfpump.terminal import Progress

    case = load_case(args.case, args.set)
    from calfpump.coupling import mesh as write

    with Progress() as progress:
        folder = write(case, out=args.out, force=args.force, progress=progress)
    print(folder)
    return 0


def tubelaw(args: argparse.Namespace) -> int:
    """compute the laws of the section's veins: tables, plots, deformed sections"""
    from calfpump.case import load_case
    from calfpump.terminal import Progress

    case = load_case(args.case, args.set)
    from calfpump.coupling import tubelaw as write

    lines: list[str] = []
    with Progress() as progress:
        folder = write(case, out=args.out, force=args.force, progress=progress, tell=lines.append)
    print("\n".join([*lines, str(folder)]))
    return 0


def run(args: argparse.Namespace) -> int:
    """solve cases; each into its folder under results/"""
    from calfpump.case import CaseError, Problem, expand

    if args.out and len(args.case) > 1:
        raise CaseError([Problem("-o", "", "names one folder, but there are several cases")])
    problems, cases = [], []
    for path in args.case:
        try:
            found = expand(path, args.set)
            cases.append(found[0][2])
            if len(found) > 1:
                problems.append(Problem(path, "sweep", f"holds {len(found)} cases; run them with: calfpump batch {path}"))
        except CaseError as error:
            problems += error.problems
    if problems:
        raise CaseError(problems)
    from calfpump.terminal import solve_and_report

    for case in cases:
        solve_and_report(case, args.out, args.force)
    return 0


def batch(args: argparse.Namespace) -> int:
    """run every case of a sweep on all cores; stopped and started again, it goes on"""
    if ranks()[0] > 1:
        from calfpump.case import CaseError, Problem

        raise CaseError([Problem("batch", "", "starts processes of its own: leave mpirun out, and use --workers and --shard")])
    from calfpump.batch import batch as sweep

    done = sweep(args.case, args.set, out=args.out, workers=args.workers, shard=args.shard, timeout=args.timeout, force=args.force, show=True)
    print(done.folder / "cases.csv")
    return done.exit_code


def compare(args: argparse.Namespace) -> int:
    """set the cases of a batch side by side: table, plots, one HTML page"""
    from calfpump.report import compare as page
    from calfpump.report import comparison_table

    folder = _holding(args.folder, "batch.json", "*/record.json")
    print(comparison_table(folder))
    print(page(folder))
    return 0


def report(args: argparse.Namespace) -> int:
    """write the HTML page of a result"""
    from calfpump.report import report as page

    print(page(_holding(args.folder, "record.json")))
    return 0


def _holding(folder: str, *files: str) -> Path:
    """The folder, if one of `files` lies in it; else CaseError."""
    from calfpump.case import CaseError, Problem

    path = Path(folder)
    if not path.is_dir():
        raise CaseError([Problem(folder, "", "there is no such folder")])
    if not any(found for pattern in files for found in path.glob(pattern)):
        what = "a batch; for the page of one result use: calfpump report" if len(files) > 1 else "a result; for those of a batch use: calfpump compare"
        raise CaseError([Problem(folder, "", f"is not the folder of {what}")])
    return path


def verify(args: argparse.Namespace) -> int:
    """solve problems with exact answers and write the page that sets both side by side"""
    from calfpump.verification import verify as compute

    page, code = compute(args.out, quick=args.quick)
    print(page)
    return code


def validate(args: argparse.Namespace) -> int:
    """compute what was measured on legs and write the page that sets both side by side"""
    from calfpump.verification import validate as compute

    page, code = compute(args.out)
    print(page)
    return code


def schema(args: argparse.Namespace) -> int:
    """print the JSON Schema of case files, for editors"""
    from calfpump.case.schema import text

    print(text(), end="")
    return 0


def cite(args: argparse.Namespace) -> int:
    """list the papers that a result or a case rests on"""
    from calfpump.results import cite as papers

    print(papers(Path(args.source)))
    return 0


def doctor(args: argparse.Namespace) -> int:
    """probe the environment and try one solve"""
    from calfpump.doctor import main as probe

    return int(probe() or 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="calfpump", description="Venous return of the leg's muscle pump, from the section's mechanics to the flow.")
    parser.add_argument("--version", action="version", version=f"calfpump {__version__}")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)

    def add(verb: Verb, *names: str) -> argparse.ArgumentParser:
        entry = verbs.add_parser(verb.__name__, help=verb.__doc__, description=(verb.__doc__ or "").capitalize() + ".")
        entry.set_defaults(do=verb)
        if "case" in names or "cases" in names:
            entry.add_argument("case", metavar="CASE", nargs="+" if "cases" in names else None, help="case file (.toml)")
            entry.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="replace a key, e.g. hose.class=III")
        if "out" in names:
            entry.add_argument("-o", "--out", type=Path, metavar="DIR", help="folder for the results")
            entry.add_argument("--force", action="store_true", help="replace what the folder holds")
        return entry

    entry = add(new)
    entry.add_argument("file", metavar="FILE", help="case file to write")
    entry.add_argument("--title", help="title of the case")
    entry.add_argument("--network", action="store_true", help="a flow network of one's own instead of the leg")
    add(check, "cases")
    add(mesh, "case", "out")
    entry = add(tubelaw, "case", "out")
    entry.add_argument("--ranks", type=_count, default=1, metavar="N", help="solve each state of the section on N MPI ranks, for fine meshes")
    add(run, "cases", "out")
    entry = add(batch, "case", "out")
    entry.add_argument("--workers", type=_count, metavar="N", help="cases at a time (default: one a core)")
    entry.add_argument("--shard", metavar="K/N", help="only the K-th of N parts, e.g. 1/8")
    entry.add_argument("--timeout", metavar="TIME", help='longest time of a case, e.g. "30 min"')
    add(compare).add_argument("folder", metavar="FOLDER", help="folder of a batch")
    add(report).add_argument("folder", metavar="FOLDER", help="folder of a result")
    entry = add(verify)
    entry.add_argument("-o", "--out", type=Path, metavar="FILE", help="page to write (default: docs/verification.md of the checkout)")
    entry.add_argument("--quick", action="store_true", help="without the studies that take minutes")
    entry = add(validate)
    entry.add_argument("-o", "--out", type=Path, metavar="FILE", help="page to write (default: docs/validation.md of the checkout)")
    add(schema)
    add(cite).add_argument("source", metavar="SOURCE", help="folder of a result, or a case file")
    add(doctor)
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"a whole number from 1 is expected, not '{text}'")
    return int(text)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; returns the exit code. Under mpirun rank 0 runs it, and the others help with the section's states."""
    size, rank = ranks()
    if size == 1:
        return _main(arguments)
    from calfpump.section import crew

    if rank > 0:
        return crew.follow()
    with crew.led():
        return _main(arguments)


def _start_ranks(count: int, arguments: Sequence[str]) -> int:
    """Become mpirun, which starts the same command on several ranks."""
    from calfpump.case.errors import CaseError, Problem

    cores = os.cpu_count() or 1
    if count > cores:
        raise CaseError([Problem("--ranks", "", f"asks for {count} ranks, but this machine has {cores} cores; ranks that share one wait for each other")])
    # Open MPI counts cores without their threads, and fewer in a container
    os.environ.update({"OMPI_MCA_rmaps_base_oversubscribe": "1", "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe"})
    try:
        os.execvp("mpirun", ["mpirun", "-n", str(count), sys.executable, "-m", "calfpump", *arguments])
    except FileNotFoundError:
        print("mpirun is missing here: install Open MPI or MPICH, or leave --ranks out", file=sys.stderr)
        return 4


def _main(arguments: Sequence[str] | None) -> int:
    args = _parser().parse_args(arguments)
    from calfpump.case.errors import CalfpumpError

    try:
        if getattr(args, "ranks", 1) > 1 and ranks()[0] == 1:
            from calfpump.case import load_case

            load_case(args.case, args.set)  # what is wrong with it is told before mpirun adds words of its own
            return _start_ranks(args.ranks, sys.argv[1:] if arguments is None else arguments)
        return int(args.do(args))
    except CalfpumpError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted; the same command goes on from here", file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of our output went away
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "calfpump":
            raise
        print(f"the library {error.name} is missing here; `calfpump doctor` tells what else is", file=sys.stderr)
        return 4
