"""Result folders: written so that nothing is lost, read without the solver.

    with open_run(case, out=None, force=False) as run:      # raises ResultComplete, ResultDiffers, ResultBusy
        run.write_series(series)                            # series.h5
        run.write_summary([("ankle pressure standing", 84.1, "mmHg"), …])
        run.write_stages(stages)                            # DataFrame, first column `stage`, units in every header
        run.write_cycles(cycles)
        run.write_section(state)                            # sections/<section>-<k>.vtu
        run.write_laws("mid_calf", laws.veins)              # sections/<section>-veins.csv
        run.timing("flow", 3.2)
    result = load(run.folder)
"""

from __future__ import annotations

from calfpump.results.citations import cite
from calfpump.results.errors import ResultBusy, ResultComplete, ResultDiffers
from calfpump.results.identity import digest, folder_name
from calfpump.results.output import output_folder
from calfpump.results.result import Quantity, Result, load
from calfpump.results.series import (
    STAGES,
    Band,
    CompartmentSeries,
    LawCurves,
    ReservoirSeries,
    SectionState,
    SeriesData,
    StageSeries,
    VesselSeries,
)
from calfpump.results.writer import RunFolder, open_run

__all__ = [
    "STAGES", "Band", "CompartmentSeries", "LawCurves", "Quantity", "ReservoirSeries", "Result", "ResultBusy", "ResultComplete", "ResultDiffers",
    "RunFolder", "SectionState", "SeriesData", "StageSeries", "VesselSeries", "cite", "digest", "folder_name", "load", "open_run",
    "output_folder",
]  # fmt: skip
