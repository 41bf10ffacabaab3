"""`run` for a case with [network]: its own vessels instead of the leg."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

from calfpump.case import Case
from calfpump.coupling import network_tables as tables
from calfpump.coupling.network import build
from calfpump.coupling.run import Progress, note_resumed, say_compiling
from calfpump.flow import Checkpoint, rest_state, simulate
from calfpump.results import Result, load, open_run
from calfpump.results.errors import ResultComplete


def run_network(case: Case, out: Path | None, force: bool, say: Progress, checkpoint: float) -> Result:
    """Solve the flow of a network and write its folder; raises CaseError before anything is written, FlowError where the flow fails."""
    network = case.network
    assert network is not None
    built = build(case)
    try:
        with open_run(case, out=out, force=force) as folder:
            begin = perf_counter()
            say_compiling(say)
            start = rest_state(
                built.network, built.signals, built.fluid, total_pressure=built.total_pressure, cell_length=case.numerics.cell_length
            )  # fmt: skip
            kept = Checkpoint(folder.checkpoint, checkpoint)
            series = simulate(
                built.network, built.signals, built.fluid, network.time, cfl=case.numerics.cfl, output_interval=case.output.interval, initial=start,
                progress=lambda t: say(f"flow {t:.3g} of {network.time:g} s"), cell_length=case.numerics.cell_length, also=network.profiles,
                checkpoint=kept,
            )  # fmt: skip
            note_resumed(folder, kept)
            folder.timing("flow", perf_counter() - begin)
            vessels = tables.fields_of(network, built, series)
            folder.write_series(tables.series_data(network, built, series, vessels))
            if network.probe:
                folder.write_probes(tables.probe_table(network, series, vessels))
            if network.tracer:
                folder.write_tracers(tables.tracer_table(network, built, series))
            if network.profiles:
                folder.write_profiles(tables.profile_table(network, series, vessels))
            folder.write_summary(tables.summary(case, built, series, vessels))
        return load(folder.folder)
    except ResultComplete as complete:
        return complete.result
