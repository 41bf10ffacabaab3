"""`run`: a case in, its result folder out."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import perf_counter

from calfpump.anatomy.leg import Leg, reference_leg
from calfpump.case import Case, CaseError
from calfpump.coupling.laws import LegLaws, algebraic_laws, section_laws
from calfpump.coupling.section import check_section, law_inputs, laws_of_section
from calfpump.flow import Checkpoint, Fluid, Series, Signals, simulate
from calfpump.law import store
from calfpump.pump.network import leg_network
from calfpump.pump.protocol import episodes, signals
from calfpump.pump.stages import stage_cycles, stage_series
from calfpump.results import Result, RunFolder, load, open_run
from calfpump.results.errors import ResultComplete

Progress = Callable[[str], None]

#: seconds of wall time between two checkpoints
CHECKPOINT = 10.0


def run(
    case: Case, out: Path | None = None, *, force: bool = False, progress: Progress | None = None, checkpoint: float = CHECKPOINT
) -> Result:
    """Solve a case: laws of its section, flow of its leg over the protocol, stages and indices, written into a result folder.

    A folder that already holds this very case, complete, is returned as it is unless ``force``; one whose run was stopped is gone on with from
    its last checkpoint, of which there is one every ``checkpoint`` seconds of wall time. A case with [network] has its own flow instead of the leg.

    Raises
    ------
    CaseError
        The case asks for what the leg does not have (a valve leak of an unknown vein).
    SolveError
        A section's equilibrium or the flow failed; the folder keeps the record and a paragraph on it.
    """
    from calfpump.coupling import tables

    say = progress or (lambda text: None)
    if case.network is not None:
        from calfpump.coupling.network_run import run_network

        return run_network(case, out, force, say, checkpoint)
    checked_leg(case)
    check_section(case)
    try:
        with open_run(case, out=out, force=force) as folder:
            begin = perf_counter()
            if case.section.law == "finite-element":
                found = laws_of_section(case, say)
                leg = checked_leg(case, {name: law.A0 for name, law in found.veins.items()})
                laws = section_laws(case, leg, found)
                tables.write_section(folder, found)
                folder.hash(f"laws {found.section}", store.key(law_inputs(case)))
                if remarks := found.remarks():
                    folder.note(f"laws of {found.section}", "; ".join(remarks))
                of_hose = tables.hose_summary(found)
            else:
                leg = checked_leg(case)
                laws, of_hose = algebraic_laws(case, leg), []
            folder.timing("laws", perf_counter() - begin)
            begin = perf_counter()
            rows = episodes(case)
            drive = signals(case, leg, rows)
            kept = Checkpoint(folder.checkpoint, checkpoint)
            series = solve_flow(case, leg, laws, drive, rows[-1].end, say, kept)
            note_resumed(folder, kept)
            folder.timing("flow", perf_counter() - begin)
            stages = stage_series(leg, series)
            cycles = stage_cycles(stages, rows)
            if case.output.washout is not None:
                folder.write_tracers(tables.washout_table(leg, series))
            folder.write_series(tables.series_data(leg, drive, series, stages, rows))
            folder.write_summary(tables.summary(case, leg, series, stages, cycles, rows) + of_hose)
            folder.write_stages(tables.stage_table(cycles, rows))
            folder.write_cycles(tables.cycle_table(cycles))
        return load(folder.folder)
    except ResultComplete as complete:
        return complete.result


def checked_leg(case: Case, section_area: dict[str, float] | None = None) -> Leg:
    """The leg of the case; raises CaseError where the case names a vein that the leg does not have, or a time beyond its protocol."""
    from difflib import get_close_matches

    leg = reference_leg(case.subject.stature, section_area)
    valved = sorted({valve.vessel for valve in leg.valves})
    problems = []
    for name in case.impairment.valve_leak:
        if name not in valved:
            close = get_close_matches(name, valved, n=1)
            meant = f"; did you mean {close[0]}?" if close else f"; veins with valves: {', '.join(valved)}"
            problems.append(case.problem(f"impairment.valve_leak.{name}", f"the leg has no valves in '{name}'{meant}"))
    end = episodes(case)[-1].end
    if case.output.washout is not None and not case.output.washout < end:
        problems.append(case.problem("output.washout", f"lies beyond the protocol, which ends at {end:g} s"))
    if problems:
        raise CaseError(problems)
    return leg


def say_compiling(say: Progress) -> None:
    """Tell of the silent minute before the first step on a machine."""
    from calfpump.flow.kernel_cache import empty

    if empty():
        say("compiling the flow kernels (once, about a minute) ...")


def note_resumed(folder: RunFolder, kept: Checkpoint) -> None:
    """Into the record: from where a stopped run was gone on with."""
    if kept.resumed:
        folder.note("resumed", "from the checkpoint at t = " + ", then ".join(f"{t:g} s" for t in kept.resumed))


def solve_flow(
    case: Case, leg: Leg, laws: LegLaws, drive: Signals, end: float, say: Progress, checkpoint: Checkpoint | None = None
) -> Series:
    """The flow over the whole protocol, begun from the hydrostatic rest of its first posture."""
    network = leg_network(case, leg, laws.vessels, laws.compartments)
    fluid = Fluid(density=case.flow.density, viscosity=case.flow.viscosity)
    say_compiling(say)
    return simulate(
        network, drive, fluid, end, cfl=case.numerics.cfl, output_interval=case.output.interval, progress=lambda t: say(f"flow {t:.0f} of {end:.0f} s"),
        checkpoint=checkpoint,
    )
