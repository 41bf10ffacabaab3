"""`batch`: every case of a sweep, laws first, each computed once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from calfpump.batch.display import Display
from calfpump.batch.jobs import Job, Outcome
from calfpump.batch.plan import Entry, plan
from calfpump.batch.pool import COMMAND, Pool
from calfpump.batch.table import Row, write
from calfpump.case import CaseError, Problem, resolved_toml
from calfpump.case.units import UnitError, quantity
from calfpump.results import digest
from calfpump.results.record import read

if TYPE_CHECKING:
    import pandas as pd

LAW_PROCESSES = 2  # that the computation of one section's laws starts for its activation states


@dataclass(frozen=True)
class Batch:
    """A batch's folder and the state of its cases."""

    folder: Path
    rows: tuple[Row, ...]

    @property
    def exit_code(self) -> int:
        """0 if nothing failed, else 3."""
        return 3 if any(row.status in ("failed", "crashed", "timeout") for row in self.rows) else 0

    @property
    def table(self) -> pd.DataFrame:
        """cases.csv: one row per case."""
        import pandas as pd

        return pd.read_csv(self.folder / "cases.csv", float_precision="round_trip")


def batch(
    case_path: str | Path,
    overrides: Sequence[str] = (),
    out: str | Path | None = None,
    workers: int | None = None,
    shard: str | None = None,
    timeout: str | None = None,
    force: bool = False,
    show: bool = False,
    command: Sequence[str] = COMMAND,
) -> Batch:
    """Run every case of a sweep in worker processes, the laws that they share first.

    Parameters
    ----------
    overrides : ``key=value``, as after ``--set``.
    out : the batch's folder; by default ``results/<name of the file>``.
    workers : cases at a time; by default one a core.
    shard : ``"2/8"``: only every 8th case, from the 2nd; all shards share one folder.
    timeout : longest time of a case ("30 min").
    show : print what happens.

    Writes ``batch.json`` and ``cases.csv`` after every case. A case whose folder is complete is not computed again; a batch that was stopped
    goes on. Raises `CaseError` before anything is written, and KeyboardInterrupt with all runs recorded as interrupted.
    """
    try:
        limit = None if timeout is None else quantity(timeout, "duration", "min")
    except UnitError as error:
        raise CaseError([Problem(f"--timeout {timeout}", "", str(error))]) from None
    todo = plan(case_path, overrides, out, shard)
    todo.folder.mkdir(parents=True, exist_ok=True)
    kept = [entry for entry in todo.mine if not force and complete(entry)]
    open_entries = [entry for entry in todo.mine if entry not in kept]
    laws = law_jobs(open_entries)
    display = Display(len(laws) + len(todo.mine)) if show else None
    outcomes: dict[str, Outcome] = {}

    def note(outcome: Outcome, name: str) -> None:
        outcomes[name] = outcome
        if display:
            display.end(outcome)

    for entry in kept:
        note(Outcome(entry.label, "kept"), entry.folder.name)
    try:
        with Pool(workers or cores(), todo.folder / "workers.log", command, limit) as pool:
            notice = display.notice if display else _silent
            for outcome in pool.work([law.job for law in laws], notice, LAW_PROCESSES):
                if display:
                    display.end(outcome)
                if not outcome.good:
                    _fail(outcome, laws, note)
            ready = {entry.label: entry for entry in open_entries if entry.folder.name not in outcomes}
            for outcome in pool.work([run_job(entry, force) for entry in ready.values()], notice):
                note(outcome, ready[outcome.name].folder.name)
                write(todo, outcomes)
    finally:
        rows = write(todo, outcomes)
    return Batch(todo.folder, tuple(rows))


@dataclass(frozen=True)
class LawJob:
    """The computation of one section's laws, and the cases that need it."""

    job: Job
    entries: tuple[Entry, ...]


def law_jobs(entries: Sequence[Entry]) -> list[LawJob]:
    """One job for every different section with its tissue, hose and numerics; cases with algebraic laws need none."""
    groups: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.case.network is None and entry.case.section.law == "finite-element":
            shared = entry.case.model_dump_json(include={"section", "tissue", "hose", "numerics"})
            groups.setdefault(shared, []).append(entry)
    return [LawJob(Job(f"laws of {group[0].label}", "law", resolved_toml(group[0].case)), tuple(group)) for group in groups.values()]


def run_job(entry: Entry, force: bool) -> Job:
    """The run of one case into its folder."""
    return Job(entry.label, "run", resolved_toml(entry.case), str(entry.folder.absolute()), force)


def complete(entry: Entry) -> bool:
    """Whether the case's folder holds this very case, done."""
    record = read(entry.folder)
    return record is not None and record.get("status") == "done" and record.get("digest") == digest(entry.case)


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _fail(outcome: Outcome, laws: Sequence[LawJob], note: Callable[[Outcome, str], None]) -> None:
    """The cases of a law that could not be computed fail with it."""
    for entry in next(law.entries for law in laws if law.job.name == outcome.name):
        note(Outcome(entry.label, outcome.status, f"its laws: {outcome.reason}"), entry.folder.name)


def _silent(job: Job, text: str) -> None:
    return None
