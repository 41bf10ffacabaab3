"""A run's folder while it is written."""

from __future__ import annotations

import contextlib
import csv
import shutil
import time
import traceback
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calfpump.case.errors import CalfpumpError, CaseError
from calfpump.results import record as records
from calfpump.results.errors import ResultComplete
from calfpump.results.holder import Heartbeat
from calfpump.results.place import CHECKPOINT, Place, claim
from calfpump.results.result import Quantity

if TYPE_CHECKING:
    import pandas as pd

    from calfpump.case import Case
    from calfpump.results.series import DeformedState, SeriesData, VeinLaw

RESULTS = Path("results")


class RunFolder:
    """What a run writes with. ``folder`` is where its files go now; after the run, where they are found."""

    def __init__(self, place: Place, record: dict[str, Any]) -> None:
        self.folder = place.work
        self.record = record

    @property
    def sections(self) -> Path:
        """sections/, made when first asked for."""
        folder = self.folder / "sections"
        folder.mkdir(exist_ok=True)
        return folder

    @property
    def checkpoint(self) -> Path:
        """checkpoint/, in which an unfinished run is kept; gone when the run is done."""
        return self.folder / CHECKPOINT

    def timing(self, what: str, seconds: float) -> None:
        """Note the wall time of a part of the run."""
        self.record["timings [s]"][what] = round(seconds, 3)

    def note(self, what: str, value: Any) -> None:
        """Note anything else of interest in the record (must be JSON)."""
        self.record["notes"][what] = value

    def hash(self, what: str, value: str) -> None:
        """Note the hash of an input ("laws mid_calf")."""
        self.record["hashes"][what] = value

    def write_summary(self, rows: Iterable[Quantity | tuple[str, float, str]]) -> None:
        """summary.csv; the first rows are the ones that pages and closing lines show."""
        with open(self.folder / "summary.csv", "w", newline="", encoding="utf-8") as file:
            lines = csv.writer(file)
            lines.writerow(("quantity", "value", "unit"))
            for row in rows:
                name, value, unit = (row.quantity, row.value, row.unit) if isinstance(row, Quantity) else row
                lines.writerow((name, repr(float(value)), unit))

    def write_stages(self, stages: pd.DataFrame) -> None:
        """stages.csv: first column ``stage``, every other header with its unit."""
        self._table("stages.csv", stages)

    def write_cycles(self, cycles: pd.DataFrame) -> None:
        """cycles.csv: one row per stage and cycle."""
        self._table("cycles.csv", cycles)

    def write_probes(self, probes: pd.DataFrame) -> None:
        """probes.csv: one row per output time."""
        self._table("probes.csv", probes, "time [s]")

    def write_tracers(self, tracers: pd.DataFrame) -> None:
        """tracers.csv: one row per output time."""
        self._table("tracers.csv", tracers, "time [s]")

    def write_profiles(self, profiles: pd.DataFrame) -> None:
        """profiles.csv: one row per named time and cell."""
        self._table("profiles.csv", profiles, "time [s]")

    def _table(self, name: str, table: pd.DataFrame, first: str = "stage") -> None:
        check_headers(name, [str(column) for column in table.columns], [str(kind) for kind in table.dtypes], first)
        table.to_csv(self.folder / name, index=False)

    def write_series(self, series: SeriesData) -> None:
        """series.h5."""
        from calfpump.results.hdf5 import write_series

        write_series(self.folder / "series.h5", series)

    def write_section(self, state: DeformedState) -> Path:
        """A deformed section, sections/<section>-<k>.vtu."""
        from calfpump.results.sections import write_section

        return write_section(self.sections, state)

    def write_laws(self, section: str, veins: Mapping[str, VeinLaw]) -> Path:
        """The laws of a section's veins, sections/<section>-veins.csv."""
        from calfpump.results.sections import write_laws

        return write_laws(self.sections, section, veins)


def check_headers(name: str, columns: list[str], kinds: list[str], first: str = "stage") -> None:
    """Raise ValueError unless the first column is ``first`` and every number has its unit in its header."""
    bare = [c for c, kind in zip(columns, kinds, strict=True) if kind.startswith("float") and not c.rstrip().endswith("]")]
    if not columns or columns[0] != first:
        raise ValueError(f"{name}: the first column must be '{first}', not {columns[:1]}")
    if bare:
        raise ValueError(f"{name}: columns without a unit in their header: {', '.join(bare)}")


@contextlib.contextmanager
def open_run(case: Case, out: str | Path | None = None, force: bool = False) -> Iterator[RunFolder]:
    """The folder of a run of ``case``: claimed, recorded as running, and closed as done, failed or interrupted.

    ``out`` defaults to ``results/<slug>-<8 hex>``. What stands there decides (see :mod:`calfpump.results.place`).

    Raises
    ------
    ResultComplete
        Nothing to do; carries the result.
    ResultDiffers, ResultBusy
        The folder holds something else, or another process writes it.
    """
    from calfpump.case import resolved_toml
    from calfpump.physics import PHYSICS
    from calfpump.results.identity import digest, folder_name

    started = time.perf_counter()
    key = digest(case)
    record = records.begin(case.title, key, PHYSICS)
    place = claim(Path(out) if out is not None else RESULTS / folder_name(case), key, force, record)
    run = RunFolder(place, record)

    def close(status: str, reason: str) -> None:
        records.write(place.work, records.end(record, status, reason, time.perf_counter() - started))
        run.folder = place.settle(status)

    try:
        with Heartbeat(place.work / records.NAME):
            records.write_text(place.work / "case.toml", resolved_toml(case, _Inputs(place.work / "inputs")))
            yield run
    except CaseError:
        _withdraw(place)
        raise
    except (KeyboardInterrupt, SystemExit, GeneratorExit) as error:
        close("interrupted", type(error).__name__)
        raise
    except BaseException as error:
        _explain(place.work, error)
        shutil.rmtree(run.checkpoint, ignore_errors=True)
        close("failed", str(error) or type(error).__name__)
        raise
    else:
        shutil.rmtree(run.checkpoint, ignore_errors=True)
        close("done", "")


class _Inputs:
    """Keeps the CSV files of a case beside its resolved text: path in the folder for each."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.kept: dict[str, str] = {}

    def __call__(self, source: Any) -> str:
        name, count = Path(source.file).name, 1
        while self.kept.setdefault(name, source.text) != source.text:
            count += 1
            name = f"{Path(source.file).stem}-{count}{Path(source.file).suffix}"
        self.folder.mkdir(exist_ok=True)
        records.write_text(self.folder / name, source.text)
        return f"{self.folder.name}/{name}"


def _withdraw(place: Place) -> None:
    """Bad input leaves nothing behind."""
    if place.created:
        shutil.rmtree(place.work, ignore_errors=True)
    else:
        (place.work / "case.toml").unlink(missing_ok=True)
        (place.work / records.NAME).unlink(missing_ok=True)
        shutil.rmtree(place.work / "inputs", ignore_errors=True)


def _explain(folder: Path, error: BaseException) -> None:
    """failure.txt: the paragraph of a failed solve; for an error nobody foresaw, where in the code it was."""
    text = f"{error}\n"
    if not isinstance(error, CalfpumpError):
        text = f"{type(error).__name__}: {error}\n\n" + "".join(traceback.format_exception(error))
    (folder / "failure.txt").write_text(text, encoding="utf-8")


__all__ = ["ResultComplete", "RunFolder", "open_run"]
