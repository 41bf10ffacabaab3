"""The scheme of a network of one's own: vessels, valves, beds and boundaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from calfpump.report.network_places import MOST, POINTS, Places, paths, places
from calfpump.report.network_symbols import SIZE, arrow, handle, marker
from calfpump.report.style import GREY, INK, MMHG, drawing, words
from calfpump.results.series import SeriesData

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from calfpump.case.network import Network

WIDTH = 1.4  # points per mm of diameter
BROADEST = 12.0
SHEET = (8.2, 5.0)  # inch, of the nodes' places
LANE = (1.5, 2.2)  # inch at most between lanes: one above the other, side by side
LEAST = (2.1, 1.1)  # inch, half of the least drawing
NAMED = 40  # vessels or nodes up to which names are written
POINT = 1.0 / 72.0
LETTER, LINE = 0.078, 0.17  # inch, of the letters of names
SYMBOL = 0.24  # inch from a node to its symbol's middle


def scheme(series: SeriesData, network: Network | None = None) -> Figure:
    """The network, coloured by the blood pressure at the end of the run; widths are the diameters. ``network`` gives valves, beds and boundaries."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    vessels = series.vessels
    upright = any(np.ptp(v.height) > 0 for v in vessels.values())
    found = places(vessels, upright)
    nodes, per_metre, zero = _on_sheet(found, upright)
    lines = paths({name: (v.distal, v.proximal) for name, v in vessels.items()}, nodes)
    p = np.concatenate([v.p[-1].copy() for v in vessels.values()]) / MMHG
    low, high = float(p.min()), float(p.max())
    scale = ScalarMappable(Normalize(low, max(high, low + 1.0)), "viridis")
    outward = _outward(nodes, lines, vessels)
    points = np.concatenate([*lines.values(), np.array(list(nodes.values()))])
    middle, half = 0.5 * (points.max(axis=0) + points.min(axis=0)), np.maximum(0.5 * np.ptp(points, axis=0) + 0.65, LEAST)
    with drawing(float(2 * half[0] + 1.9), float(2 * half[1] + 0.6)) as figure:
        axis = figure.subplots()
        widths = _vessels(axis, vessels, lines, scale, network)
        used, blocks = _symbols(axis, network, nodes, lines, outward)
        axis.plot(*np.array(list(nodes.values())).T, "o", color="white", markeredgecolor=INK, markersize=5 if len(nodes) <= MOST else 2, zorder=5)
        taken = [*blocks, *((x, y, 0.12, 0.12) for x, y in nodes.values())]
        taken += [(*point, widths[name] * POINT, widths[name] * POINT) for name, line in lines.items() for point in line[::2]]
        if len(nodes) <= NAMED:
            for node, at in nodes.items():
                _name(axis, words(node), [(at, r * turned, GREY) for r in (0.16, 2 * SYMBOL) for turned in _round(outward[node])], taken, 9.0)
        if len(vessels) <= NAMED:
            for name, line in lines.items():
                _name(axis, words(name), list(_beside(line, widths[name] * POINT / 2)), taken, 10.0)
        axis.set_aspect("equal")
        axis.set_xlim(middle[0] - half[0], middle[0] + half[0])
        axis.set_ylim(middle[1] - half[1], middle[1] + half[1])
        axis.set_xticks([])
        axis.grid(visible=False)
        axis.spines["bottom"].set_visible(False)
        if upright:
            _heights(axis, [z for _, z in found.values()], per_metre, zero)
        else:
            axis.set_yticks([])
            axis.spines["left"].set_visible(False)
        bar = figure.colorbar(scale, ax=axis, shrink=0.8, pad=0.02, aspect=28)
        bar.set_label("blood pressure\nat the end [mmHg]")
        if used:
            figure.legend(handles=[handle(kind, INK) for kind in used], loc="outside lower center", ncols=len(used))
    return figure


def _on_sheet(found: Places, upright: bool) -> tuple[Places, float, float]:
    """Places in inches; inches per metre of the axis that has a length, and its zero."""
    at = np.array(list(found.values()))
    lanes, along = (at[:, 0], at[:, 1]) if upright else (at[:, 1], at[:, 0])
    across, longest = SHEET if upright else SHEET[::-1]
    step = min(LANE[upright], across / max(float(np.ptp(lanes)), 1e-9))
    per_metre, zero = longest / max(float(np.ptp(along)), 1e-9), float(along.min())
    sheet = [(step * (u - float(lanes.min())), per_metre * (s - zero)) for u, s in zip(lanes, along, strict=True)]
    return {node: (a, b) if upright else (b, a) for node, (a, b) in zip(found, sheet, strict=True)}, per_metre, zero


def _heights(axis: Any, z: list[float], per_metre: float, zero: float) -> None:
    from matplotlib.ticker import MaxNLocator

    ticks = [tick for tick in MaxNLocator(6).tick_values(min(z), max(z)) if min(z) - 1e-9 <= tick <= max(z) + 1e-9]
    axis.set_yticks([per_metre * (tick - zero) for tick in ticks], [f"{tick:.3g}" for tick in ticks])
    axis.set_ylabel("height [m]")


def _vessels(axis: Any, vessels: Mapping[str, Any], lines: Mapping[str, Any], scale: Any, network: Network | None) -> dict[str, float]:
    """Draw the vessels with an arrow along x, away from the valves; returns their widths [points]."""
    from matplotlib.collections import LineCollection

    widths = {}
    for name, line in lines.items():
        v = vessels[name]
        parts = np.linspace(0.0, 1.0, POINTS - 1)
        cells = (np.arange(v.x.size) + 0.5) / v.x.size
        width = np.clip(WIDTH * 2e3 * np.sqrt(np.interp(parts, cells, v.A[-1]) * v.n / np.pi), 1.2, BROADEST)
        segments = np.stack([line[:-1], line[1:]], axis=1)
        axis.add_collection(LineCollection(list(segments), colors=scale.to_rgba(np.interp(parts, cells, v.p[-1]) / MMHG), linewidths=width, capstyle="round"))
        widths[name] = float(width.max())
        if len(lines) > MOST:
            continue
        valves = [valve.at for valve in network.valve if valve.vessel == name] if network is not None else []
        share = max((0.62, 0.38, 0.8, 0.2), key=lambda at: min([0.2, *(abs(at - other) for other in valves)]))
        k = int(share * POINTS)
        axis.plot(*line[k], marker=arrow(line[k + 1] - line[k - 1]), markersize=7, markerfacecolor=INK, markeredgecolor="white", markeredgewidth=0.7, zorder=4)
    return widths


def _outward(nodes: Places, lines: Mapping[str, Any], vessels: Mapping[str, Any]) -> dict[str, Any]:
    """Unit vector from every node into the widest gap between its vessels."""
    angles: dict[str, list[float]] = {node: [] for node in nodes}
    for name, line in lines.items():
        for node, a, b in ((vessels[name].distal, line[0], line[3]), (vessels[name].proximal, line[-1], line[-4])):
            angles[node].append(float(np.arctan2(*(b - a)[::-1])))
    found = {}
    for node, some in angles.items():
        some = sorted(some)
        gaps = [(b - a, a) for a, b in zip(some, [*some[1:], some[0] + 2 * np.pi], strict=True)]
        gap, begin = max(gaps)
        found[node] = np.array([np.cos(begin + gap / 2), np.sin(begin + gap / 2)])
    return found


def _symbols(axis: Any, network: Network | None, nodes: Places, lines: Mapping[str, Any], outward: dict[str, Any]) -> tuple[list[str], list[Any]]:
    """Draw valves, beds and boundaries; returns the kinds that there are, and the boxes (x, y, width, height) that they fill."""
    if network is None:
        return [], []
    used: list[str] = []
    boxes = []
    for valve in network.valve:
        line = lines[valve.vessel]
        k = int(np.clip(valve.at * (POINTS - 1), 2, POINTS - 3))
        _draw(axis, "valve", line[k], line[k + 1] - line[k - 1])
        boxes.append((*line[k], SYMBOL, SYMBOL))
        used.append("valve")
    there: dict[str, int] = {}
    for kind, node in [*((b.kind, b.node) for b in network.boundary), *(("bed", bed.node) for bed in network.bed)]:
        turn = (0.0, 0.9, -0.9, 1.8, -1.8)[min(there.get(node, 0), 4)]
        there[node] = there.get(node, 0) + 1
        towards = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ outward[node]
        at = np.asarray(nodes[node]) + SYMBOL * towards
        _draw(axis, kind, at, towards)
        boxes.append((*at, SYMBOL, SYMBOL))
        used.append(kind)
    return list(dict.fromkeys(used)), boxes


def _draw(axis: Any, kind: str, at: Any, towards: Any) -> None:
    axis.plot(*at, marker=marker(kind, towards), markersize=SIZE if kind != "valve" else 0.8 * SIZE,
              markerfacecolor="white" if kind == "valve" else "none", markeredgecolor=INK, markeredgewidth=1.2, zorder=6)  # fmt: skip


def _round(towards: Any) -> list[Any]:
    """A direction and those at growing angles to it."""
    angle = float(np.arctan2(towards[1], towards[0]))
    return [np.array([np.cos(angle + t), np.sin(angle + t)]) for t in (0.0, 0.8, -0.8, 1.6, -1.6, 2.4, -2.4)]


def _beside(line: Any, half: float) -> Any:
    """Places for a vessel's name: near its middle, on either side."""
    for share in (0.5, 0.42, 0.3, 0.7):
        k = int(share * (POINTS - 1))
        along = line[k + 1] - line[k - 1]
        across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9)
        across = across if across[0] > 0.3 or (abs(across[0]) <= 0.3 and across[1] > 0) else -across
        for side in (1.0, -1.0):
            yield line[k], side * (half + 0.07) * across, INK


def _name(axis: Any, text: str, tries: list[tuple[Any, Any, str]], taken: list[Any], size: float) -> None:
    """Write a name at that of the places (point, offset, colour) that covers least, the first of equals."""
    width, height = LETTER * size / 9 * len(text), LINE * size / 9
    boxes = []
    for at, offset, colour in tries:
        h, v = (float(np.sign(c)) if abs(c) > 0.35 * float(np.hypot(*offset)) else 0.0 for c in offset)
        boxes.append((at[0] + offset[0] + h * width / 2, at[1] + offset[1] + v * height / 2, width, height, h, colour))
    x, y, _, _, h, colour = min(boxes, key=lambda box: sum(_covered(box, other) for other in taken))
    taken.append((x, y, width, height))
    side = {-1.0: "right", 0.0: "center", 1.0: "left"}[h]
    axis.text(x - h * width / 2, y, text, fontsize=size, color=colour, ha=side, va="center", zorder=7)


def _covered(a: Any, b: Any) -> float:
    """Common area of two boxes."""
    width, height = ((a[k + 2] + b[k + 2]) / 2 - abs(a[k] - b[k]) for k in (0, 1))
    return float(min(width, a[2], b[2]) * min(height, a[3], b[3])) if width > 0.0 and height > 0.0 else 0.0
