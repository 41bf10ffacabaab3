"""What each stage of the pump does per cycle: flows across its faces, volumes, stroke, reflux, work.

A stage is a set of vessels and beds. Blood enters from its arteries and its distal faces, leaves by its proximal faces and passes its
perforator faces either way. With V the stage's volume, over any cycle

    arterial inflow + distal inflow + perforator inflow − proximal outflow = ΔV,

exactly, since both sides are sums of the same fluxes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.anatomy.leg import Leg, StageParts
from calfpump.flow import Series
from calfpump.pump.protocol import Episode

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class StageSeries:
    """One stage in time: volume V [m³] and the cumulated volumes [m³] through its faces since the start, each (nt,).

    ``arterial``, ``distal``, ``perforator`` count inwards, ``proximal`` outwards; ``work`` [J] is the work −∫ p_ext dV that muscle,
    hose and load have done on the stage's veins.
    """

    name: str
    t: Array
    V: Array
    arterial: Array
    distal: Array
    perforator: Array
    proximal: Array
    work: Array

    def Q(self, face: str) -> Array:
        """Flow through a face [m³/s], mean over each sampling interval, shape (nt,) (the first value repeats the second)."""
        rate = np.diff(getattr(self, face)) / np.diff(self.t)
        return np.concatenate([rate[:1], rate])


@dataclass(frozen=True)
class StageCycle:
    """One cycle of one stage. Volumes [m³], times [s], work [J].

    ``stroke`` is the positive, ``reflux`` the negative part of the proximal outflow; ``net_return`` [m³/s] its mean; ``ejection_fraction``
    the largest emptying of the cycle over the largest volume before it.
    """

    stage: str
    episode: str
    cycle: int
    begin: float
    end: float
    arterial: float
    distal: float
    perforator_in: float
    perforator_out: float
    proximal: float
    stroke: float
    reflux: float
    dV: float
    V_begin: float
    V_max: float
    V_min: float
    ejection_fraction: float
    work: float

    @property
    def inflow(self) -> float:
        """All that came in: arterial, distal and perforator inflow [m³]."""
        return self.arterial + self.distal + self.perforator_in

    @property
    def outflow(self) -> float:
        """All that left: proximal and perforator outflow [m³]."""
        return self.proximal + self.perforator_out

    @property
    def net_return(self) -> float:
        """Mean proximal outflow [m³/s]."""
        return self.proximal / (self.end - self.begin)

    @property
    def imbalance(self) -> float:
        """|inflow − outflow − ΔV| over the throughput (dimensionless)."""
        through = abs(self.arterial) + abs(self.distal) + self.perforator_in + self.perforator_out + self.stroke + self.reflux
        return abs(self.inflow - self.outflow - self.dV) / max(through, abs(self.dV), 1e-12)


def stage_series(leg: Leg, series: Series) -> tuple[StageSeries, ...]:
    """All stages of the leg from a run's fluxes."""
    return tuple(_stage(parts, leg, series) for parts in leg.stages)


def _stage(parts: StageParts, leg: Leg, series: Series) -> StageSeries:
    zero = np.zeros_like(series.t)
    across: dict[str, Array] = {}
    V, arterial, work = zero.copy(), zero.copy(), zero.copy()
    for name in parts.vessels:
        vessel = leg.vessel(name)
        across[vessel.distal] = across.get(vessel.distal, zero) + series.through(name, "distal")
        across[vessel.proximal] = across.get(vessel.proximal, zero) - series.through(name, "proximal")
        V += series.volume(name)
        work += _work(series, vessel.compartment, series.volume(name))
    beds = {bed.name: bed for bed in leg.beds}
    for name in parts.beds:
        bed = beds[name]
        across[bed.node] = across.get(bed.node, zero) - series.bed_outflow(name)
        arterial += series.bed_inflow(name)
        V += series.bed_volume(name)
        work += _work(series, bed.compartment, series.bed_volume(name))
    faces = {"distal": zero.copy(), "proximal": zero.copy(), "perforator": zero.copy()}
    for node, volume in across.items():
        # Within the stage inflow and outflow of a node cancel; what round-off leaves counts as crossing between compartments.
        kind = "distal" if node in parts.distal else "proximal" if node in parts.proximal else "perforator"
        faces[kind] += volume
    return StageSeries(parts.name, series.t, V, arterial, faces["distal"], faces["perforator"], -faces["proximal"], work)


def _work(series: Series, compartment: str | None, V: Array) -> Array:
    if compartment is None:
        return np.zeros_like(V)
    p = series.compartment_pressure(compartment)
    return np.concatenate([[0.0], np.cumsum(-0.5 * (p[1:] + p[:-1]) * np.diff(V))])


def _between(t: Array, y: Array, begin: float, end: float) -> tuple[Array, Array]:
    """Samples of y within [begin, end], the ends interpolated: the balance is linear in y, so it survives."""
    inside = (t > begin) & (t < end)
    times = np.concatenate([[begin], t[inside], [end]])
    return times, np.interp(times, t, y)


def stage_cycles(stages: tuple[StageSeries, ...], rows: tuple[Episode, ...]) -> list[StageCycle]:
    """Every stage over every cycle of every episode, in the order of time."""
    cycles = []
    for row in rows:
        for k, (begin, end) in enumerate(zip(row.cycles[:-1], row.cycles[1:], strict=True)):
            cycles += [_cycle(stage, row.label, k + 1, float(begin), float(end)) for stage in stages]
    return cycles


def _cycle(stage: StageSeries, label: str, k: int, begin: float, end: float) -> StageCycle:
    def passed(y: Array) -> Array:
        return np.diff(_between(stage.t, y, begin, end)[1])

    V = _between(stage.t, stage.V, begin, end)[1]
    proximal, perforator = passed(stage.proximal), passed(stage.perforator)
    emptied = np.maximum.accumulate(V) - V
    worst = int(np.argmax(emptied))
    before = float(np.maximum.accumulate(V)[worst])
    return StageCycle(
        stage.name, label, k, begin, end,
        arterial=float(passed(stage.arterial).sum()), distal=float(passed(stage.distal).sum()),
        perforator_in=_part(perforator, +1), perforator_out=_part(perforator, -1),
        proximal=float(proximal.sum()), stroke=_part(proximal, +1), reflux=_part(proximal, -1),
        dV=float(V[-1] - V[0]), V_begin=float(V[0]), V_max=float(V.max()), V_min=float(V.min()),
        ejection_fraction=float(emptied[worst]) / before if before > 0 else 0.0,
        work=float(passed(stage.work).sum()),
    )  # fmt: skip


def _part(steps: Array, sign: int) -> float:
    kept = sign * steps
    return float(kept[kept > 0].sum())
