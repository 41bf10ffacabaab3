"""A result is its folder: everything is read from the files, when it is asked for."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

    from calfpump.case import Case
    from calfpump.results.series import LawCurves, SectionState, SeriesData


@dataclass(frozen=True)
class Quantity:
    """One line of summary.csv. The first lines are the ones that matter: pages and closing lines show those."""

    quantity: str
    value: float
    unit: str


class Result:
    """A run's folder, read lazily.

    ``folder``; ``record`` (status, reason, versions, hashes, timings); ``case`` (resolved); ``summary`` list of `Quantity`; ``stages`` and
    ``cycles`` DataFrames; ``series``; ``sections`` and ``laws`` of the leg sections.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder).absolute()

    def __repr__(self) -> str:
        return f"Result({str(self.folder)!r}, {self.status})"

    @cached_property
    def record(self) -> dict[str, Any]:
        """record.json."""
        record: dict[str, Any] = json.loads((self.folder / "record.json").read_text(encoding="utf-8"))
        return record

    @property
    def status(self) -> str:
        """ "done", "failed", "interrupted" or "running"; a "running" record whose process is gone counts as interrupted."""
        from calfpump.results.holder import live

        status = str(self.record["status"])
        return "interrupted" if status == "running" and not live(self.folder) else status

    @property
    def slug(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @cached_property
    def case(self) -> Case:
        """The resolved case."""
        from calfpump.case import load_case

        return load_case(self.folder / "case.toml")

    @cached_property
    def summary(self) -> list[Quantity]:
        """summary.csv."""
        with open(self.folder / "summary.csv", newline="", encoding="utf-8") as file:
            return [Quantity(row["quantity"], float(row["value"]), row["unit"]) for row in csv.DictReader(file)]

    def value(self, quantity: str) -> float:
        """Value of one summary quantity, in the unit that summary.csv states.

        Raises
        ------
        KeyError
            No such quantity; the message lists those there are.
        """
        found = {row.quantity: row.value for row in self.summary}
        if quantity not in found:
            raise KeyError(f"no quantity '{quantity}' in {self.folder / 'summary.csv'}; it has {', '.join(found)}")
        return found[quantity]

    @cached_property
    def stages(self) -> pd.DataFrame:
        """stages.csv: one row per pump stage, units in the headers."""
        return self._table("stages.csv")

    @cached_property
    def cycles(self) -> pd.DataFrame:
        """cycles.csv: one row per stage and cycle, units in the headers."""
        return self._table("cycles.csv")

    @cached_property
    def probes(self) -> pd.DataFrame:
        """probes.csv of a case with [network]: one row per output time, units in the headers."""
        return self._table("probes.csv")

    @cached_property
    def tracers(self) -> pd.DataFrame:
        """tracers.csv of a case that marks blood: one row per output time, units in the headers."""
        return self._table("tracers.csv")

    @cached_property
    def profiles(self) -> pd.DataFrame:
        """profiles.csv of a case with [network]: one row per named time and cell."""
        return self._table("profiles.csv")

    def _table(self, name: str) -> pd.DataFrame:
        import pandas as pd

        return pd.read_csv(self.folder / name, float_precision="round_trip")

    @cached_property
    def series(self) -> SeriesData:
        """series.h5; in memory, but for the vessels of a long run, which are read one by one as they are asked for."""
        from calfpump.results.hdf5 import read_series

        return read_series(self.folder / "series.h5")

    @cached_property
    def sections(self) -> list[SectionState]:
        """The deformed leg sections that were written."""
        from calfpump.results.sections import read_sections

        return read_sections(self.folder / "sections")

    @cached_property
    def laws(self) -> dict[str, dict[str, LawCurves]]:
        """Section → vein → its law."""
        from calfpump.results.sections import read_laws

        return read_laws(self.folder / "sections")


def load(folder: str | Path) -> Result:
    """The result in ``folder``.

    Raises
    ------
    FileNotFoundError
        The folder holds no record.json.
    """
    folder = Path(folder)
    if not (folder / "record.json").is_file():
        raise FileNotFoundError(f"{folder} is not a result folder: it has no record.json")
    return Result(folder)
