"""What a case with [network] leaves in its folder: fields, probes, profiles, and the numbers that matter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calfpump.case import Case
from calfpump.case.network import Network
from calfpump.case.units import UNITS
from calfpump.coupling import tracer_tables
from calfpump.coupling.network import Built
from calfpump.flow import Series
from calfpump.results import series as kept

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.floating[Any]]

ML, MMHG, MM2, CM = 1e-6, UNITS["mmHg"].factor, 1e-6, 1e-2
IMBALANCE = "imbalance of volume over the larger of throughput and volume"
ROUND_OFF = 1e-12  # of what passed a valve forward
QUANTITIES = (("p", "mmHg", MMHG), ("Q", "mL/s", ML), ("A", "mm²", MM2), ("u", "m/s", 1.0), ("wall shear", "Pa", 1.0))


def fields_of(network: Network, built: Built, series: Series) -> dict[str, kept.VesselSeries]:
    """A (of one vessel), Q, p, wall shear of every vessel of the case, a cone's pieces joined."""
    found = {}
    parts = {v.name: v for v in built.network.vessels}
    for v in network.vessel:
        pieces = built.pieces[v.name]
        lengths = np.array([parts[name].length for name in pieces])
        begin = np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
        columns = [series.cells(name) for name in pieces]
        x = np.concatenate([x0 + series.x(name) for x0, name in zip(begin, pieces, strict=True)])
        fields = (series.A, series.Q, series.p, series.wall_shear)
        A, Q, p, shear = (_joined([field[:, c] for c in columns]) for field in fields)
        low, high = network.heights.get(v.from_, 0.0), network.heights.get(v.to, 0.0)
        found[v.name] = kept.VesselSeries(
            x=x, A=A if v.n_parallel == 1 else A / v.n_parallel, Q=Q, p=p, wall_shear=shear, height=low + (high - low) * x / v.length,
            A0=parts[pieces[0]].law.A0, n=v.n_parallel, compartment=v.compartment or "", distal=v.from_, proximal=v.to,
        )  # fmt: skip
    return found


def _joined(parts: list[Array]) -> Array:
    """Side by side; one alone is not copied."""
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)


def series_data(network: Network, built: Built, series: Series, vessels: dict[str, kept.VesselSeries]) -> kept.SeriesData:
    """Everything in time that is kept."""
    reservoirs = {
        name: kept.ReservoirSeries(series.bed_volume(name), series.bed_pressure(name)) for name in built.network.reservoirs
    }  # fmt: skip
    spaces = {c.name: kept.CompartmentSeries(series.compartment_pressure(c.name), np.zeros(series.t.size)) for c in network.compartment}
    sites = {probe.name: probed(vessels[probe.vessel], place(network, k))["p"] for k, probe in enumerate(network.probe)}
    return kept.SeriesData(time=series.t, vessels=vessels, reservoirs=reservoirs, compartments=spaces, sites=sites, valves=valves_of(network, series))


def valves_of(network: Network, series: Series) -> dict[str, kept.ValveSeries]:
    """Opening and volumes of every valve, under the name of its vessel with its place: "calf at 0.5", a second one there "calf at 0.5 (2)"."""
    found: dict[str, kept.ValveSeries] = {}
    for k, valve in enumerate(network.valve):
        name = f"{valve.vessel} at {valve.at:g}"
        again = sum((other.vessel, other.at) == (valve.vessel, valve.at) for other in network.valve[:k])
        forward = series.through_valve(k, forward=True)
        backward = np.maximum.accumulate(forward - series.through_valve(k))
        found[f"{name} ({again + 1})" if again else name] = kept.ValveSeries(
            np.asarray(series.zeta[:, k]), forward, np.where(backward > ROUND_OFF * forward[-1], backward, 0.0), valve.vessel, valve.at
        )
    return found


def place(network: Network, k: int) -> float:
    """Distance of probe k from the begin of its vessel [m]."""
    probe = network.probe[k]
    length = next(v.length for v in network.vessel if v.name == probe.vessel)
    return probe.x if probe.x is not None else float(probe.at or 0.0) * length


def probed(v: kept.VesselSeries, x: float) -> dict[str, Array]:
    """p [Pa], Q [m³/s], A [m²], u [m/s] and wall shear [Pa] at x, linear between the cells' centres, those of the outermost cell beyond."""
    k = int(np.clip(np.searchsorted(v.x, x) - 1, 0, max(v.x.size - 2, 0)))
    last = min(k + 1, v.x.size - 1)
    w = float(np.clip((x - v.x[k]) / (v.x[last] - v.x[k]), 0.0, 1.0)) if last > k else 0.0
    p, Q, A, shear = (field[:, k] + w * (field[:, last] - field[:, k]) for field in (v.p, v.Q, v.A, v.wall_shear))
    return {"p": p, "Q": Q, "A": A, "u": Q / (A * v.n), "wall shear": shear}


def probe_table(network: Network, series: Series, vessels: dict[str, kept.VesselSeries]) -> pd.DataFrame:
    """probes.csv: a row for each output time, five columns for each probe."""
    import pandas as pd

    columns: dict[str, Array] = {"time [s]": series.t}
    for k, probe in enumerate(network.probe):
        values = probed(vessels[probe.vessel], place(network, k))
        columns |= {f"{probe.name} {name} [{unit}]": values[name] / factor for name, unit, factor in QUANTITIES}
    return pd.DataFrame(columns)


def tracer_table(network: Network, built: Built, series: Series) -> pd.DataFrame:
    """tracers.csv: the marked volumes in everything, in every vessel and bed of the case, and the marked share at the probes."""
    places: dict[str, tracer_tables.Parts] = {name: (pieces, ()) for name, pieces in built.pieces.items()}
    names = {bed.name: f"the bed {bed.name}" if bed.name in places else bed.name for bed in network.bed}
    places |= {names[bed.name]: ((), (bed.name,)) for bed in network.bed}
    shares = {
        tracer.name: {probe.name: _share(network, built, series, tracer.name, k) for k, probe in enumerate(network.probe)} for tracer in network.tracer
    }
    return tracer_tables.table(series, places, shares)


def _share(network: Network, built: Built, series: Series, tracer: str, k: int) -> Array:
    """Share of the blood that is marked in the cell of probe k."""
    x, share = place(network, k), series.share(tracer)
    lengths = {v.name: v.length for v in built.network.vessels}
    for name in (pieces := built.pieces[network.probe[k].vessel]):
        if x <= lengths[name] or name == pieces[-1]:
            cell = int(np.clip(np.searchsorted(series.x(name), x), 0, series.x(name).size - 1))
            return np.asarray(share[:, series.cells(name)][:, cell])
        x -= lengths[name]
    raise AssertionError


def profile_table(network: Network, series: Series, vessels: dict[str, kept.VesselSeries]) -> pd.DataFrame:
    """profiles.csv: every cell of every vessel at the named times."""
    import pandas as pd

    rows = []
    for time in network.profiles:
        k = int(np.argmin(np.abs(series.t - time)))
        for name, v in vessels.items():
            values = {"p": v.p[k], "Q": v.Q[k], "A": v.A[k], "u": v.Q[k] / (v.A[k] * v.n), "wall shear": v.wall_shear[k]}
            shown = {f"{q} [{unit}]": values[q] / factor for q, unit, factor in QUANTITIES}
            rows.append(pd.DataFrame({"time [s]": series.t[k], "vessel": name, "x [cm]": v.x / CM, **shown}))
    return pd.concat(rows, ignore_index=True)


def summary(case: Case, built: Built, series: Series, vessels: dict[str, kept.VesselSeries]) -> list[tuple[str, float, str]]:
    """What the probes saw (over the last period where a signal is repeated), volumes in and out, balance, steps."""
    network = case.network
    assert network is not None
    lines: list[tuple[str, float, str]] = []
    begin, when = window(network)
    late = series.t >= begin - 1e-9
    for k, probe in enumerate(network.probe):
        values = {q: y[late] for q, y in probed(vessels[probe.vessel], place(network, k)).items()}
        mean_flow = float(np.trapezoid(values["Q"], series.t[late])) / max(float(np.ptp(series.t[late])), 1e-300) / ML
        lines += [
            (f"largest pressure at {probe.name}{when}", values["p"].max() / MMHG, "mmHg"),
            (f"least pressure at {probe.name}{when}", values["p"].min() / MMHG, "mmHg"),
            (f"mean flow at {probe.name}{when}", mean_flow, "mL/s"),
        ]
        period = network.time - begin
        if begin >= period > 0.0:
            before = np.interp(series.t[late] - period, series.t, probed(vessels[probe.vessel], place(network, k))["p"])
            lines.append((f"pressure at {probe.name}: largest change from the period before", float(np.abs(values["p"] - before).max()) / MMHG, "mmHg"))
    for name, valve in valves_of(network, series).items():
        for way, v in (("forward", valve.forward), ("backward", valve.backward)):
            passed = float(v[-1] - np.interp(begin, series.t, v))
            lines.append((f"volume {way} through the valve {name}{when}", passed / ML if passed > ROUND_OFF * valve.forward[-1] else 0.0, "mL"))
    V = sum((series.volume(name) for name in series.vessels), np.zeros(series.t.size)) + series.bed_V.sum(axis=1)
    entered = series.source.sum(axis=1) + series.bed_in.sum(axis=1)
    for node, volume in zip(series.layout.nodes, series.source[-1], strict=True):
        if volume != 0.0 and any(b.node == node for b in network.boundary):
            lines.append((f"volume in at {node}", volume / ML, "mL"))
    lines += [(f"volume in behind {name}", volume / ML, "mL") for name, volume in zip(built.network.reservoirs, series.bed_in[-1], strict=True)]
    moved = np.abs(np.diff(series.source, axis=0)).sum() + np.abs(np.diff(series.bed_in, axis=0)).sum()
    larger = max(float(moved), float(np.max(V)))  # at rest nothing moves
    fastest = max(float(np.max(np.abs(v.Q / (v.A * v.n)))) for v in vessels.values())
    least = min(float(np.min(v.A / v.A0)) for v in vessels.values())
    return [
        *lines,
        *tracer_tables.lines(series, {}),
        ("volume at the end", V[-1] / ML, "mL"),
        ("change of volume", (V[-1] - V[0]) / ML, "mL"),
        (IMBALANCE, float(np.abs(V - V[0] - entered).max()) / larger, "1"),
        ("largest velocity", fastest, "m/s"),
        ("least area over the stress-free one", least, "1"),
        ("steps", float(series.steps), "1"),
        ("mean step", 1e3 * (series.t[-1] - series.t[0]) / max(series.steps, 1), "ms"),
        ("steps whose fluxes were limited", float(series.limited), "1"),
    ]


def window(network: Network) -> tuple[float, str]:
    """From when the summary counts: the last period of the slowest signal that is repeated, or the whole run."""
    parts = (*network.boundary, *network.vessel, *network.compartment, *network.bed)
    signals = [getattr(part, name, None) for part in parts for name in ("value", "pressure", "external", "arterial_pressure", "resistance")]
    signals += [network.posture] if network.heights else []
    periods = [s.period for s in signals if s is not None and s.period is not None and s.period <= network.time]
    return (network.time - max(periods), " (last period)") if periods else (0.0, "")
