"""The leg's veins from the foot to the heart, coloured by pressure, as broad as they are open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from calfpump.report.style import GREY, INK, MMHG, STAGE_COLOURS, drawing, words
from calfpump.results.series import SeriesData, VesselSeries

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Lane of a vessel, from medial (-1) to lateral (1), by the beginning of its name; the first that fits counts.
LANES = (
    ("great_saphenous", -0.95), ("small_saphenous", 0.95), ("gastrocnemius_medial", -0.55), ("gastrocnemius_lateral", 0.55),
    ("soleal_medial", -0.32), ("soleal_outlet_medial", -0.20), ("soleal_lateral", 0.36), ("soleal_outlet_lateral", 0.26),
    ("posterior_tibial", -0.08), ("peroneal", 0.16), ("anterior_tibial", 0.74), ("plantar", -0.15), ("dorsal_foot", 0.45),
    ("deep_femoral", 0.40), ("popliteal", 0.0), ("femoral", 0.0),
)  # fmt: skip
GROUP_LANES = {"superficial": -0.95, "muscle": 0.5, "deep": 0.1}
WIDTH = 0.8  # points of line per mm of diameter of all parallel veins together


@dataclass(frozen=True)
class Moment:
    """An instant that is drawn."""

    title: str
    time: float


def moments(series: SeriesData) -> list[Moment]:
    """Quiet standing (else the last rest) before the first exercise, that exercise's hardest squeeze, and 1 s after its end."""
    exercises = [b for b in series.protocol if _exercise(b.label)]
    begin = exercises[0].t0 if exercises else float(series.time[-1])
    rests = [b for b in series.protocol if not _exercise(b.label) and b.t1 <= begin + 1e-6]
    quiet = [b for b in rests if b.label.startswith("stand")] or rests
    chosen = [Moment(f"{b.label}, t = {b.t1:.0f} s", b.t1) for b in quiet[-1:]]
    for band in exercises[:1]:
        squeezed = _squeezed(series, band.t0, band.t1)
        after = min(band.t1 + 1.0, float(series.time[-1]))
        chosen.append(Moment(f"{band.label}, contraction, t = {squeezed:.1f} s", squeezed))
        chosen.append(Moment(f"after {band.label}, t = {after:.0f} s", after))
    return chosen or [Moment(f"t = {series.time[-1]:.0f} s", float(series.time[-1]))]


def _exercise(label: str) -> bool:
    return label.startswith(("tiptoe", "walk"))


def _squeezed(series: SeriesData, t0: float, t1: float) -> float:
    """When the mean pressure of the muscle compartments is highest in the second half of [t0, t1]."""
    during = np.flatnonzero((series.time >= (t0 + t1) / 2) & (series.time <= t1))
    if not series.compartments or not during.size:
        return (t0 + t1) / 2
    pressure = np.mean([c.p[during] for c in series.compartments.values()], axis=0)
    return float(series.time[during[np.argmax(pressure)]])


def lane(name: str, group: str) -> float:
    """Where a vessel is drawn between medial (-1) and lateral (1)."""
    return next((x for stem, x in LANES if name.startswith(stem)), GROUP_LANES.get(group, 0.0))


def places(vessels: Mapping[str, VesselSeries]) -> dict[str, tuple[float, float]]:
    """Place (lane, height [m]) of every node: the mean over its vessels' ends, perforators left out, wide vessels counting most."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    for name, v in vessels.items():
        low, high = ends(v)
        for node, z in ((v.distal, low), (v.proximal, high)):
            # A trunk keeps its lane; a node that only a perforator knows stays where its own end is.
            weight = 1e-12 if v.group == "perforator" or "perforator" in name else v.A0 * v.n
            weight *= 4.0 if lane(name, v.group) == 0.0 else 1.0
            found.setdefault(node, []).append((weight, lane(name, v.group), z))
    return {node: tuple(np.average(np.array(rows)[:, 1:], axis=0, weights=np.array(rows)[:, 0])) for node, rows in found.items()}


def ends(v: VesselSeries) -> tuple[float, float]:
    """Heights of a vessel's distal and proximal end [m], half a cell beyond its outer cells."""
    if v.height.size < 2:
        return float(v.height[0]), float(v.height[-1])
    return float(1.5 * v.height[0] - 0.5 * v.height[1]), float(1.5 * v.height[-1] - 0.5 * v.height[-2])


def path(name: str, v: VesselSeries, nodes: Mapping[str, tuple[float, float]], n: int = 41) -> Any:
    """The drawn line (n, 2): from node to node, in its own lane between them."""
    s = np.linspace(0.0, 1.0, n)
    (x0, z0), (x1, z1) = nodes[v.distal], nodes[v.proximal]
    straight = x0 + (x1 - x0) * s
    short = "perforator" in name or abs(z1 - z0) < 0.03
    own = np.zeros_like(s) if short else 1.0 - np.abs(2.0 * s - 1.0) ** 8
    return np.stack([straight + (lane(name, v.group) - straight) * own, z0 + (z1 - z0) * s], axis=1)


def leg_scheme(series: SeriesData, chosen: Sequence[Moment] | None = None) -> Figure:
    """One drawing per moment, side by side, with one colour scale."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.lines import Line2D

    chosen = list(chosen or moments(series))
    at = [int(np.argmin(np.abs(series.time - m.time))) for m in chosen]
    pressures = np.concatenate([v.p[k].copy() for v in series.vessels.values() for k in at]) / MMHG
    low, high = np.floor(min(0.0, float(np.percentile(pressures, 2))) / 10) * 10, np.ceil(float(np.percentile(pressures, 99)) / 10) * 10
    scale = ScalarMappable(Normalize(low, max(high, low + 10)), "viridis")
    nodes = places(series.vessels)
    with drawing(3.4 * len(chosen) + 1.2, 7.6) as figure:
        axes = np.atleast_1d(figure.subplots(1, len(chosen), sharey=True))
        for axis, moment, k in zip(axes, chosen, at, strict=True):
            _draw(axis, series.vessels, nodes, k, scale)
            axis.set_title(moment.title)
        axes[0].set_ylabel("height above the sole, standing [m]")
        bar = figure.colorbar(scale, ax=list(axes), shrink=0.55, pad=0.02, aspect=28, extend="both")
        bar.set_label("blood pressure [mmHg]")
        present = {v.stage for v in series.vessels.values()}
        keys = [Line2D([], [], color=c, linewidth=7, alpha=0.35, label=s) for s, c in STAGE_COLOURS.items() if s in present]
        title = "stages of the pump (shade behind the veins); line width: diameter of the open lumen"
        figure.legend(handles=keys, loc="outside lower center", ncols=6, title=title)
    return figure


def _draw(axis: Any, vessels: Mapping[str, VesselSeries], nodes: Mapping[str, tuple[float, float]], k: int, scale: Any) -> None:
    from matplotlib.collections import LineCollection

    for name, v in vessels.items():
        line = path(name, v, nodes)
        share = np.linspace(0.0, 1.0, len(line) - 1)
        cells = (np.arange(v.x.size) + 0.5) / v.x.size
        p = np.interp(share, cells, v.p[k]) / MMHG
        diameter = 2e3 * np.sqrt(np.maximum(np.interp(share, cells, v.A[k]), 0.0) * v.n / np.pi)
        segments = np.stack([line[:-1], line[1:]], axis=1)
        width = np.clip(WIDTH * diameter, 0.5, 11.0)
        if v.stage in STAGE_COLOURS:
            axis.plot(*line.T, color=STAGE_COLOURS[v.stage], linewidth=float(width.max()) + 8.0, alpha=0.22, solid_capstyle="round", zorder=1)
        axis.add_collection(LineCollection(list(segments), colors="white", linewidths=width + 1.2, zorder=2, capstyle="round"))
        axis.add_collection(LineCollection(list(segments), colors=scale.to_rgba(p), linewidths=width, zorder=3, capstyle="round"))
    for node, (_, z) in nodes.items():
        if node in ("ankle", "knee", "groin", "atrium"):
            axis.annotate(words(node), (-1.3, z), fontsize=8, color=GREY, va="center", ha="left")
            axis.plot([-1.02, 1.25], [z, z], color=GREY, linewidth=0.5, linestyle=(0, (2, 3)), zorder=0)
    axis.set_xlim(-1.35, 1.3)
    axis.set_xticks([-0.95, 0.0, 0.95], ["medial", "deep", "lateral"], color=INK)
    axis.tick_params(length=0)
    axis.grid(visible=False)
    for side in ("left", "bottom"):
        axis.spines[side].set_visible(False)
