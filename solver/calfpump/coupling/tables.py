"""From the solvers' arrays to what a result folder holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calfpump.anatomy.leg import Leg
from calfpump.anatomy.muscles import DEEP_SHARE, EPSILON_ISO, RESTING_PRESSURE
from calfpump.case import Case
from calfpump.case.units import unit
from calfpump.coupling import tracer_tables
from calfpump.flow import Series, Signals
from calfpump.pump import indices
from calfpump.pump.protocol import Episode
from calfpump.pump.stages import StageCycle, StageSeries
from calfpump.results import series as kept

if TYPE_CHECKING:
    import pandas as pd

    from calfpump.law import SectionLaws
    from calfpump.results import RunFolder

Array = NDArray[np.floating[Any]]

ML, MIN = 1e-6, 60.0
#: Named places of the leg at which pressures are kept: site -> node.
SITES = {"ankle": "dorsum", "posterior tibial vein": "ankle", "knee": "knee", "groin": "groin"}
CALF_STAGES = ("soleus", "gastrocnemius")
CALF_SKIN_VESSELS = ("great_saphenous_calf", "great_saphenous_knee", "small_saphenous_low", "small_saphenous_high")
CALF_SKIN_BEDS = ("calf_skin_medial", "calf_skin_posterior")
#: Unit in which each dimension is shown.
SHOWN = {"pressure": "mmHg", "volume": "mL", "flow": "mL/s", "duration": "s", "fraction": "%", "speed": "m/s"}


def _group(name: str, compartment: str | None) -> str:
    if "perforator" in name:
        return "perforator"
    if "saphenous" in name or name == "dorsal_foot":
        return "superficial"
    if name.startswith(("soleal", "gastrocnemius", "deep_femoral")):
        return "muscle"
    return "deep" if compartment else "conduit"


def series_data(leg: Leg, drive: Signals, series: Series, stages: tuple[StageSeries, ...], rows: tuple[Episode, ...]) -> kept.SeriesData:
    """Everything in time that is kept."""
    stage_of = {name: parts.name for parts in leg.stages for name in (*parts.vessels, *parts.beds)}
    vessels = {}
    for v in leg.vessels:
        cells, x = series.cells(v.name), series.x(v.name)
        low, high = leg.elevation(v.distal), leg.elevation(v.proximal)
        A: Array = series.A[:, cells] if v.n == 1 else np.divide(series.A[:, cells], v.n)
        vessels[v.name] = kept.VesselSeries(
            x=x, A=A, Q=series.Q[:, cells], p=series.p[:, cells], wall_shear=series.wall_shear[:, cells], height=low + (high - low) * x / v.length, A0=v.A0,
            n=v.n, stage=stage_of.get(v.name, ""), group=_group(v.name, v.compartment), compartment=v.compartment or "", distal=v.distal,
            proximal=v.proximal,
        )  # fmt: skip
    reservoirs = {
        bed.name: kept.ReservoirSeries(series.bed_volume(bed.name), series.bed_pressure(bed.name), stage_of.get(bed.name, ""), bed.compartment)
        for bed in leg.beds
    }
    compartments = {}
    for m in RESTING_PRESSURE:
        if m in series.compartments:
            activation: Array = np.divide(np.interp(series.t, drive.t, drive.values[f"shortening.{m}"]), _full(m))
            compartments[m] = kept.CompartmentSeries(series.compartment_pressure(m), activation)
    return kept.SeriesData(
        time=series.t,
        vessels=vessels,
        reservoirs=reservoirs,
        compartments=compartments,
        sites={site: series.node_pressure(node) for site, node in SITES.items()},
        stages={s.name: kept.StageSeries(s.V, s.Q("arterial") + s.Q("distal") + s.Q("perforator"), s.Q("proximal")) for s in stages},
        protocol=tuple(kept.Band(row.label, row.begin, row.end) for row in rows),
    )


def _full(muscle: str) -> float:
    """Shortening at maximal contraction: activation in a record is the effective one, a f_L."""
    return EPSILON_ISO * (DEEP_SHARE if muscle == "deep_posterior" else 1.0)


def calf_volume(leg: Leg, series: Series, stages: tuple[StageSeries, ...]) -> Array:
    """Venous volume of the calf [m³], what air plethysmography would see: deep and muscle veins, skin veins, venules."""
    parts = [s.V for s in stages if s.name in CALF_STAGES]
    parts += [series.volume(name) for name in CALF_SKIN_VESSELS] + [series.bed_volume(name) for name in CALF_SKIN_BEDS]
    V: Array = np.sum(parts, axis=0)
    return V


def summary(
    case: Case, leg: Leg, series: Series, stages: tuple[StageSeries, ...], cycles: list[StageCycle], rows: tuple[Episode, ...]
) -> list[tuple[str, float, str]]:
    """The numbers that matter, in the units they are read in."""
    t = series.t
    found = indices.pressure_indices(case, leg, rows, t, series.node_pressure(SITES["ankle"]))
    found += indices.volume_indices(rows, t, calf_volume(leg, series, stages))
    lines = [(index.name, index.value / unit(SHOWN[index.dimension]).factor, SHOWN[index.dimension]) for index in found]
    for row in rows:
        returned = [c for c in cycles if c.episode == row.label and c.stage == "groin"]
        seconds = sum(c.end - c.begin for c in returned)
        lines.append((f"venous return {row.label}", sum(c.proximal for c in returned) / seconds / ML * MIN, "mL/min"))
    parts = [series.volume(v.name) for v in leg.vessels] + [series.bed_volume(b.name) for b in leg.beds]
    total: Array = np.sum(parts, axis=0)
    for row in rows:
        if not row.exercise:
            lines.append((f"venous volume of the leg {row.label}", indices.plateau(t, total, row) / ML, "mL"))
    lines += tracer_tables.lines(series, _stage_parts(leg))
    lines.append(("largest imbalance of a stage", max(c.imbalance for c in cycles), "1"))
    return lines


def washout_table(leg: Leg, series: Series) -> pd.DataFrame:
    """tracers.csv: where the blood of every stage, marked at one time, is in time."""
    return tracer_tables.table(series, _stage_parts(leg), {})


def _stage_parts(leg: Leg) -> dict[str, tracer_tables.Parts]:
    return {stage.name: (stage.vessels, stage.beds) for stage in leg.stages}


def cycle_table(cycles: list[StageCycle]) -> pd.DataFrame:
    """cycles.csv: every stage and cycle."""
    import pandas as pd

    return pd.DataFrame([_line(c) for c in cycles])


def stage_table(cycles: list[StageCycle], rows: tuple[Episode, ...]) -> pd.DataFrame:
    """stages.csv: every stage and row of the protocol, volumes and work per cycle, flows as means over the row."""
    import pandas as pd

    table = pd.DataFrame([_line(c) for c in cycles])
    mean = table.drop(columns=["cycle", "begin [s]", "end [s]"]).groupby(["activity", "stage"], sort=False).mean()
    counts = table.groupby(["activity", "stage"], sort=False)["cycle"].count().rename("cycles")
    order = [(row.label, stage) for stage in kept.STAGES for row in rows]
    joined = mean.join(counts).loc[[key for key in order if key in mean.index]].reset_index()
    columns = ["stage", "activity", "cycles", *[c for c in joined.columns if c not in ("stage", "activity", "cycles")]]
    return joined[columns]


def _line(c: StageCycle) -> dict[str, object]:
    seconds = c.end - c.begin
    return {
        "stage": c.stage, "activity": c.episode, "cycle": c.cycle, "begin [s]": c.begin, "end [s]": c.end,
        "net return [mL/min]": c.net_return / ML * MIN, "stroke volume [mL]": c.stroke / ML, "reflux [mL]": c.reflux / ML,
        "ejection fraction [%]": 100 * c.ejection_fraction, "arterial inflow [mL]": c.arterial / ML, "distal inflow [mL]": c.distal / ML,
        "perforator inflow [mL]": c.perforator_in / ML, "proximal outflow [mL]": c.proximal / ML,
        "perforator outflow [mL]": c.perforator_out / ML, "volume change [mL]": c.dV / ML, "volume at begin [mL]": c.V_begin / ML,
        "largest volume [mL]": c.V_max / ML, "least volume [mL]": c.V_min / ML, "wall work [mJ]": 1e3 * c.work,
        "mean inflow [mL/min]": c.inflow / seconds / ML * MIN, "imbalance [1]": c.imbalance,
    }  # fmt: skip


def write_section(folder: RunFolder, laws: SectionLaws) -> None:
    """The laws and deformed sections of a run into its folder."""
    laws.save(folder.sections / f"{laws.section}.npz")
    folder.write_laws(laws.section, laws.veins)
    for state in laws.pictures:
        folder.write_section(state)


def hose_summary(laws: SectionLaws) -> list[tuple[str, float, str]]:
    """What the hose does at the section, as lines of the summary: pressures at rest, standing, contracted, and what they rise by."""
    lines = []
    for name, value in laws.provenance.get("hose results", {}).items():
        what, _, unit = name.partition(" [")
        lines.append((f"hose at {laws.section}: {what}", float(value), unit.rstrip("]")))
    return lines
