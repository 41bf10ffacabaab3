"""Whether a network and its signals can be solved: every problem found, one sentence each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np

from calfpump.flow.error import NetworkError
from calfpump.flow.network import Fluid, Load, Network, ReflectionFree, Resistance, Vessel, Windkessel
from calfpump.flow.signals import Signals


def check(network: Network, signals: Signals, fluid: Fluid) -> None:
    """Raise `NetworkError` with all problems of the network and its signals."""
    problems = [
        *_names(network), *_vessels(network, signals), *_places(network, signals), *_boundaries(network), *_tracers(network, signals),
        *_signals(network, signals), *_fluid(fluid)
    ]  # fmt: skip
    if problems:
        raise NetworkError(problems)


def _names(network: Network) -> Iterator[str]:
    if not network.vessels:
        yield "the network has no vessels"
    for kind, parts in (("vessels", network.vessels), ("beds", network.beds), ("compartments", network.compartments), ("tracers", network.tracers)):
        for name, count in Counter(part.name for part in parts).items():
            if count > 1:
                yield f"{count} {kind} are named '{name}'"
    loaded = Counter(load.node for load in network.loads)
    for node, count in Counter(b.node for b in network.boundaries if not isinstance(b, Load)).items():
        if count > 1:
            yield f"node '{node}' has {count} boundaries, and can have one, beside a resistance or Windkessel"
    for node, count in loaded.items():
        if count > 1:
            yield f"node '{node}' has {count} loads, and can have one resistance or Windkessel"
        if any(bed.name == node for bed in network.beds):
            yield f"a bed and a node with a load are both named '{node}'"


def _vessels(network: Network, signals: Signals) -> Iterator[str]:
    compartments = {c.name for c in network.compartments}
    for v in network.vessels:
        if not (v.length > 0 and v.n_parallel > 0 and v.law.A0 > 0):
            yield f"vessel '{v.name}' needs length, n_parallel and A0 > 0, not {v.length:g} m, {v.n_parallel:g}, {v.law.A0:g} m²"
        if not v.wall_viscosity >= 0.0:
            yield f"vessel '{v.name}' needs wall_viscosity ≥ 0, not {v.wall_viscosity:g} Pa s m"
        if v.cells is not None and v.cells < 1:
            yield f"vessel '{v.name}' has {v.cells} cells"
        if v.compartment is not None and v.compartment not in compartments:
            yield f"vessel '{v.name}' lies in the unknown compartment '{v.compartment}'"
        yield from _heights(f"vessel '{v.name}'", v.height, signals)
    for n, bed in enumerate(network.beds):
        if not (bed.compliance > 0 and bed.V0 > 0 and bed.R_out > 0):
            yield f"bed '{bed.name}' needs compliance, V0 and R_out > 0, not {bed.compliance:g}, {bed.V0:g}, {bed.R_out:g}"
        if bed.compartment is not None and bed.compartment not in compartments:
            yield f"bed '{bed.name}' (number {n + 1}) lies in the unknown compartment '{bed.compartment}'"
        yield from _heights(f"bed '{bed.name}'", (bed.height, bed.arterial_height), signals)


def _heights(owner: str, heights: Iterable[tuple[float, ...]], signals: Signals) -> Iterator[str]:
    segments = 0 if signals.posture is None else signals.posture.shape[1]
    wrong = [len(height) for height in heights if any(height) and len(height) != segments]
    if wrong:
        yield f"{owner} has heights along {wrong[0]} segments, the posture signal has {segments}"


def _places(network: Network, signals: Signals) -> Iterator[str]:
    vessels: dict[str, Vessel] = {v.name: v for v in network.vessels}
    nodes = {node for v in network.vessels for node in (v.distal, v.proximal)}
    for valve in network.valves:
        if valve.vessel not in vessels:
            yield f"a valve sits in the unknown vessel '{valve.vessel}'"
        elif vessels[valve.vessel].cells == 1:
            yield f"vessel '{valve.vessel}' has one cell and no face for its valve"
        if not (0.0 <= valve.at <= 1.0 and 0.0 <= valve.leak <= 1.0 and 0.0 < valve.opening <= 1.0):
            yield f"a valve of '{valve.vessel}' needs at and leak in 0..1, opening in 0..1, not {valve.at:g}, {valve.leak:g}, {valve.opening:g}"
    for bed in network.beds:
        if bed.node not in nodes:
            yield f"bed '{bed.name}' drains into node '{bed.node}', where no vessel ends"
    for boundary in network.boundaries:
        if boundary.node not in nodes:
            yield f"there is a boundary at node '{boundary.node}', where no vessel ends"
    yield from _node_heights(network)


def _node_heights(network: Network) -> Iterator[str]:
    """All vessel ends of a node lie at one height: gravity would drive a flow for ever."""
    first: dict[str, tuple[str, tuple[float, ...]]] = {}
    for v in network.vessels:
        for node, height in ((v.distal, v.height[0]), (v.proximal, v.height[1])):
            owner, known = first.setdefault(node, (v.name, height))
            width = max(len(known), len(height))
            here, there = (np.pad(np.asarray(h, float), (0, width - len(h))) for h in (known, height))
            if not np.allclose(here, there, rtol=0.0, atol=1e-6):
                yield f"node '{node}' lies at {known} in vessel '{owner}' and at {height} in vessel '{v.name}'"


def _boundaries(network: Network) -> Iterator[str]:
    ends = Counter(node for v in network.vessels for node in (v.distal, v.proximal))
    for b in network.boundaries:
        if isinstance(b, Windkessel):
            if not (b.R1 >= 0 and b.C > 0 and b.R2 > 0):
                yield f"the Windkessel at node '{b.node}' needs R1 ≥ 0, C > 0 and R2 > 0, not {b.R1:g}, {b.C:g}, {b.R2:g}"
        elif isinstance(b, Resistance):
            if not b.R > 0:
                yield f"the resistance at node '{b.node}' must be positive, not {b.R:g}"
        elif isinstance(b, ReflectionFree) and ends[b.node] > 1:
            yield f"node '{b.node}' is reflection-free, but {ends[b.node]} vessel ends meet there"


def _tracers(network: Network, signals: Signals) -> Iterator[str]:
    vessels, beds = {v.name for v in network.vessels}, {bed.name for bed in network.beds}
    entrances = beds | {node for v in network.vessels for node in (v.distal, v.proximal)}
    for tracer in network.tracers:
        for kind, names, known in (("vessel", tracer.vessels, vessels), ("bed", tracer.beds, beds), ("node or bed", tracer.inflow, entrances)):
            for name in names:
                if name not in known:
                    yield f"tracer '{tracer.name}' marks the unknown {kind} '{name}'"
        if tracer.at is None and not tracer.inflow:
            yield f"tracer '{tracer.name}' marks nothing: it needs a time to mark its vessels at, or an inflow"
        if tracer.at is not None and not np.isfinite(tracer.at):
            yield f"tracer '{tracer.name}' is to be marked at {tracer.at:g} s"
        for name in tracer.inflow.values():
            share = np.asarray(signals.values.get(name, 0.0), float)
            if np.any((share < 0.0) | (share > 1.0)):
                yield f"signal '{name}' of tracer '{tracer.name}' is a share of the blood and must lie within 0..1"


def _signals(network: Network, signals: Signals) -> Iterator[str]:
    wanted: list[tuple[str, str | None]] = [(f"vessel '{v.name}'", v.external) for v in network.vessels]
    for c in network.compartments:
        wanted += [(f"compartment '{c.name}'", c.activation), (f"compartment '{c.name}'", c.external)]
    for bed in network.beds:
        wanted.append((f"bed '{bed.name}'", bed.resistance))
        if isinstance(bed.arterial_pressure, str):
            wanted.append((f"bed '{bed.name}'", bed.arterial_pressure))
    wanted += [(f"the boundary at node '{b.node}'", b.signal) for b in network.boundaries]
    wanted += [(f"tracer '{k.name}'", name) for k in network.tracers for name in k.inflow.values()]
    for owner, name in wanted:
        if name is not None and name not in signals.values:
            yield f"{owner} needs the signal '{name}', which is not given"
    if signals.t.size < 2 or np.any(np.diff(signals.t) <= 0) or not np.all(np.isfinite(signals.t)):
        yield "the times of the signals must be finite, increasing and at least two"
        return
    for name, value in signals.values.items():
        values = np.asarray(value, float)
        if values.ndim and values.shape != signals.t.shape:
            yield f"signal '{name}' has {values.size} samples for {signals.t.size} times"
        elif not np.all(np.isfinite(values)):
            bad = int(np.argmin(np.isfinite(np.atleast_1d(values))))
            yield f"signal '{name}' is not finite at t = {signals.t[bad]:g} s"
    for bed in network.beds:
        if bed.resistance in signals.values and np.any(np.asarray(signals.values[bed.resistance]) <= 0):
            yield f"the resistance of bed '{bed.name}' must be positive"
    if signals.posture is not None and (signals.posture.ndim != 2 or signals.posture.shape[0] != signals.t.size or not np.all(np.isfinite(signals.posture))):
        yield f"the posture must be finite, of shape ({signals.t.size}, segments), not {signals.posture.shape}"


def _fluid(fluid: Fluid) -> Iterator[str]:
    if not (fluid.density > 0 and fluid.viscosity >= 0):
        yield f"the fluid needs density > 0 and viscosity ≥ 0, not {fluid.density:g} kg/m³, {fluid.viscosity:g} Pa s"
    if not (fluid.gravity >= 0 and fluid.profile > 0):
        yield f"the fluid needs gravity ≥ 0 and an exponent of its profile > 0, not {fluid.gravity:g} m/s², {fluid.profile:g}"
