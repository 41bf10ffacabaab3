"""A network of one's own: its scheme, and what its probes saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from calfpump.report.style import GREY, INK, LINES, ML, MM, MMHG, drawing, words
from calfpump.report.time_plots import thin
from calfpump.results.series import SeriesData, VesselSeries

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Places = dict[str, tuple[float, float]]
ROWS = (("p", "pressure\n[mmHg]", MMHG), ("Q", "flow\n[mL/s]", ML), ("A", "lumen area\n[mm²]", MM**2), ("u", "velocity\n[m/s]", 1.0))
WIDTH = 1.4  # points per mm of diameter


def curves(probes: Mapping[str, Mapping[str, Any]], t: Any) -> Figure:
    """p, Q, A, u of every probe in time; ``probes``: name → quantity → (nt,) in SI."""
    with drawing(10.5, 7.2) as figure:
        axes = figure.subplots(len(ROWS), 1, sharex=True)
        for axis, (quantity, label, unit) in zip(axes, ROWS, strict=True):
            for colour, (name, values) in zip(LINES * (1 + len(probes) // len(LINES)), probes.items(), strict=False):
                axis.plot(*thin(t, np.asarray(values[quantity]) / unit), color=colour, label=words(name))
            axis.set_ylabel(label)
        axes[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        axes[-1].set_xlabel("time [s]")
        axes[-1].set_xlim(t[0], t[-1])
    return figure


def places(vessels: Mapping[str, VesselSeries], upright: bool) -> Places:
    """Where the nodes are drawn: along the shortest way from the first node, or at their heights; side by side in the order of a walk."""
    ends: dict[str, list[tuple[str, float]]] = {}
    z: dict[str, float] = {}
    for v in vessels.values():
        length = float(v.x[-1] + v.x[0])
        ends.setdefault(v.distal, []).append((v.proximal, length))
        ends.setdefault(v.proximal, []).append((v.distal, length))
        slope = (v.height[-1] - v.height[0]) / max(float(v.x[-1] - v.x[0]), 1e-12) if v.x.size > 1 else 0.0
        z[v.distal], z[v.proximal] = float(v.height[0] - slope * v.x[0]), float(v.height[-1] + slope * v.x[0])
    depth, order, lane = {}, 0, {}
    for root in ends:
        if root in depth:
            continue
        depth[root] = 0.0
        queue = [root]
        while queue:
            queue.sort(key=lambda node: depth[node])
            node = queue.pop(0)
            for other, length in ends[node]:
                if other not in depth:
                    depth[other] = depth[node] + length
                    queue.append(other)
        stack, seen = [root], set()
        while stack:  # each way that leads no further gets a lane of its own
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            lane[node] = float(order)
            further = [other for other, _ in ends[node] if other not in seen]
            order += not further
            stack += sorted(further, key=lambda other: depth[other])
    return {node: (lane[node], z[node]) if upright else (depth[node], lane[node]) for node in ends}


def scheme(series: SeriesData) -> Figure:
    """The network, coloured by the blood pressure at the end of the run; arrows point along x, widths are the diameters."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.collections import LineCollection
    from matplotlib.colors import Normalize

    vessels = series.vessels
    upright = any(np.ptp(v.height) > 0 for v in vessels.values())
    nodes = places(vessels, upright)
    p = np.concatenate([v.p[-1].copy() for v in vessels.values()]) / MMHG
    low, high = float(p.min()), float(p.max())
    scale = ScalarMappable(Normalize(low, max(high, low + 1.0)), "viridis")
    span = max(float(np.ptp([x for x, _ in nodes.values()])), float(np.ptp([y for _, y in nodes.values()])), 1e-3)
    drawn: dict[frozenset[str], int] = {}
    with drawing(10.5, 6.5 if upright else 4.2) as figure:
        axis = figure.subplots()
        for name, v in vessels.items():
            pair = frozenset((v.distal, v.proximal))
            line = _path(nodes[v.distal], nodes[v.proximal], drawn.get(pair, 0), span)
            drawn[pair] = drawn.get(pair, 0) + 1
            share = np.linspace(0.0, 1.0, len(line) - 1)
            cells = (np.arange(v.x.size) + 0.5) / v.x.size
            diameter = 2e3 * np.sqrt(np.interp(share, cells, v.A[-1]) * v.n / np.pi)
            segments = np.stack([line[:-1], line[1:]], axis=1)
            colours = scale.to_rgba(np.interp(share, cells, v.p[-1]) / MMHG)
            axis.add_collection(LineCollection(list(segments), colors=colours, linewidths=np.clip(WIDTH * diameter, 1.0, 14.0), capstyle="round"))
            middle = len(line) // 2
            axis.annotate("", line[middle + 1], line[middle - 1], arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 0.9})
            if len(vessels) <= 40:
                axis.annotate(words(name), line[middle], xytext=(0, 8), textcoords="offset points", fontsize=8, color=INK, ha="center")
        for node, at in nodes.items():
            axis.plot(*at, "o", color="white", markeredgecolor=INK, markersize=4, zorder=4)
            if len(nodes) <= 40:
                axis.annotate(words(node), at, xytext=(5, -11), textcoords="offset points", fontsize=7.5, color=GREY)
        axis.margins(0.08, 0.2)
        axis.autoscale_view()
        axis.set_xticks([])
        axis.grid(visible=False)
        axis.spines["bottom"].set_visible(False)
        if upright:
            axis.set_ylabel("height [m]")
        else:
            axis.set_yticks([])
            axis.spines["left"].set_visible(False)
        bar = figure.colorbar(scale, ax=axis, shrink=0.8, pad=0.02, aspect=28)
        bar.set_label("blood pressure at the end [mmHg]")
    return figure


def _path(a: tuple[float, float], b: tuple[float, float], number: int, span: float, n: int = 41) -> Any:
    """A line from a to b, bent for the second and further vessels between the same nodes; a circle where both are one."""
    s = np.linspace(0.0, 1.0, n)
    start, end = np.asarray(a, float), np.asarray(b, float)
    if a == b:
        r = 0.25 * span * (1.0 + 0.4 * number)
        angle = 2 * np.pi * s
        return start + r * np.stack([np.sin(angle), 1.0 - np.cos(angle)], axis=1)
    along = end - start
    across = np.array([-along[1], along[0]])
    side = (number + 1) // 2 * (1 if number % 2 else -1)
    return start + s[:, None] * along + (0.25 * side * 4 * s * (1 - s))[:, None] * across
