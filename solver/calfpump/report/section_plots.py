"""Leg sections: the whole, state beside state, and each vein enlarged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from calfpump.report.style import BLOOD, BONE, GREY, INK, MM, MMHG, drawing, region_colour, words
from calfpump.results.series import SectionState

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from calfpump.results.series import DeformedState


def polygon_area(outline: Any) -> float:
    """Area of a closed polygon (k, 2)."""
    x, y = np.asarray(outline).T
    return float(abs(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) / 2)


def edges(triangles: Any, region: Any) -> tuple[Any, Any]:
    """Edges (k, 2) on the boundary of the mesh, and those between two regions."""
    pairs = np.sort(np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]]), axis=1)
    tags = np.tile(np.asarray(region), 3)
    order = np.lexsort((pairs[:, 1], pairs[:, 0]))
    pairs, tags = pairs[order], tags[order]
    twin = np.all(pairs[1:] == pairs[:-1], axis=1)
    single = np.concatenate([[True], ~twin]) & np.concatenate([~twin, [True]])
    return pairs[single], pairs[:-1][twin & (tags[1:] != tags[:-1])]


def loops(boundary: Any) -> list[list[int]]:
    """Boundary edges (k, 2) as chains of nodes; every edge is walked once, so that loops which touch in a node end too."""
    pairs: list[tuple[int, int]] = [(int(a), int(b)) for a, b in np.asarray(boundary)]
    at: dict[int, set[int]] = {}
    for k, (a, b) in enumerate(pairs):
        at.setdefault(a, set()).add(k)
        at.setdefault(b, set()).add(k)
    found = []
    for k, (first, here) in enumerate(pairs):
        if k not in at[first]:
            continue
        chain, edge = [first], k
        while True:
            for node in pairs[edge]:
                at[node].discard(edge)
            chain.append(here)
            if here == first or not at[here]:
                break
            edge = min(at[here])
            a, b = pairs[edge]
            here = b if a == here else a
        found.append(chain)
    return found


def sections(states: Sequence[DeformedState]) -> Figure:
    """The states of one section side by side, on one scale, with their regions named."""
    from matplotlib.patches import Patch

    low = np.min([s.points.min(axis=0) for s in states], axis=0) / MM
    high = np.max([s.points.max(axis=0) for s in states], axis=0) / MM
    columns = min(len(states), 3)
    rows = -(-len(states) // columns)
    size = 10.5 / columns
    with drawing(10.5, rows * size * float((high[1] - low[1]) / (high[0] - low[0])) + 1.0) as figure:
        grid = figure.subplots(rows, columns, squeeze=False).ravel()
        for axis, state in zip(grid, states, strict=False):
            draw(axis, state)
            axis.set_title(state.label, fontsize=9, fontweight="normal")
            axis.set_xlim(low[0] - 2, high[0] + 2)
            axis.set_ylim(low[1] - 6, high[1] + 2)
            axis.plot([low[0], low[0] + 20], [low[1] - 3] * 2, color=INK, linewidth=2)
            axis.text(low[0] + 22, low[1] - 3, "20 mm", va="center", fontsize=8)
        for axis in grid:
            axis.set_axis_off()
        names = [n for n in states[0].regions if not n.startswith(("wall", "sheath"))]
        keys = [Patch(color=region_colour(n), label=words(n)) for n in names]
        keys += [Patch(color=BLOOD, label="vein"), Patch(facecolor=BONE, edgecolor=GREY, label="bone")]
        figure.legend(handles=keys, loc="outside lower center", ncols=5)
    return figure


def draw(axis: Any, state: DeformedState, whole: bool = True) -> None:
    """One state: tissues by colour, borders of the regions, lumens filled with blood, bones pale; enlarged ones with the mesh."""
    from matplotlib.collections import LineCollection, PolyCollection

    points = state.points / MM
    outer, inner = edges(state.triangles, state.region)
    if whole:
        skin = max(loops(outer), key=lambda ring: float(np.ptp(points[ring], axis=0).max()))
        axis.fill(*points[skin].T, color=BONE, zorder=0)
    names = {tag: name for name, tag in state.regions.items()}
    colours = [region_colour(names.get(int(tag), "")) for tag in state.region]
    edge = "face" if whole else "#00000022"
    axis.add_collection(PolyCollection(list(points[state.triangles]), facecolors=colours, edgecolors=edge, linewidths=0.15, zorder=1))
    axis.add_collection(LineCollection(list(points[inner]), colors="#7a3b2e", linewidths=0.4, zorder=2))
    for outline in state.lumens.values():
        axis.fill(*(np.asarray(outline) / MM).T, color=BLOOD, zorder=3, linewidth=0)
    axis.add_collection(LineCollection(list(points[outer]), colors=INK, linewidths=0.7, zorder=4))
    axis.set_aspect("equal")


def veins(states: Sequence[DeformedState], rest_area: Mapping[str, float] | None = None) -> Figure:
    """Every vein enlarged, one row per state, with the area of its lumen relative to the stress-free one (else to the first state)."""
    names = list(states[0].lumens)
    base = {name: (rest_area or {}).get(name) or polygon_area(states[0].lumens[name]) for name in names}
    half = 0.62 * max(float(np.ptp(s.lumens[name], axis=0).max()) for s in states for name in names) / MM + 1.0
    with drawing(0.6 + max(0.83 * len(names), 1.2), 1.15 * len(states) + 0.5) as figure:
        grid = figure.subplots(len(states), len(names), squeeze=False)
        for row, state in zip(grid, states, strict=True):
            for axis, name in zip(row, names, strict=True):
                outline = np.asarray(state.lumens[name])
                middle = (outline.min(axis=0) + outline.max(axis=0)) / 2 / MM
                near = np.abs(state.points / MM - middle).max(axis=1) < 2 * half
                draw(axis, _part(state, near), whole=False)
                axis.set_xlim(middle[0] - half, middle[0] + half)
                axis.set_ylim(middle[1] - half, middle[1] + half)
                axis.set_xticks([])
                axis.set_yticks([])
                axis.grid(visible=False)
                axis.set_xlabel(f"A/A₀ = {polygon_area(outline) / base[name]:.2f}", fontsize=7.5, labelpad=2)
                for side in axis.spines.values():
                    side.set_visible(True)
            row[0].set_ylabel(_wrapped(state.label), fontsize=7.5)
        for axis, name in zip(grid[0], names, strict=True):
            axis.set_title(words(name).replace(" ", "\n", 1), fontsize=7.5, fontweight="normal", loc="center")
        figure.supxlabel(f"each window {2 * half:.0f} mm wide", ha="right", x=0.99, fontsize=7, color=GREY)
    return figure


def _part(state: DeformedState, near: Any) -> SectionState:
    """The triangles that touch the marked points: what a window shows."""
    kept = near[state.triangles].any(axis=1)
    return SectionState(
        state.section, state.label, state.points, state.triangles[kept], np.asarray(state.region)[kept], state.regions, state.lumens
    )


def _wrapped(text: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, 18))


def pressure_line(state: DeformedState) -> str:
    """The veins' pressures in words: "60 mmHg in all veins", or least to largest."""
    values = sorted(p / MMHG for p in state.pressure.values())
    if not values:
        return ""
    low, high = (f"{v:.0f}".replace("-", "−") for v in (values[0], values[-1]))
    return f"{low} mmHg in all veins" if low == high else f"{low} to {high} mmHg in the veins"
