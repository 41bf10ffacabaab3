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
            axis.set_aspect("equal")
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


def draw(axis: Any, state: DeformedState, window: Any = None) -> None:
    """One state: tissues by colour, borders of the regions, lumens filled with blood, bones pale.

    With a ``window`` (a patch that clips) it is drawn enlarged, with its mesh. Each colour is one compound path: thousands of single
    triangles cost seconds. Limits are the caller's.
    """
    points = state.points / MM
    outer, inner = edges(state.triangles, state.region)
    if window is None:
        skin = max(loops(outer), key=lambda ring: float(np.ptp(points[ring], axis=0).max()))
        _fill(axis, [points[skin]], 0, facecolor=BONE)
    by_colour: dict[str, list[int]] = {}
    names = {tag: name for name, tag in state.regions.items()}
    for tag in np.unique(state.region):
        by_colour.setdefault(region_colour(names.get(int(tag), "")), []).append(int(tag))
    mesh = {} if window is None else {"edgecolor": "#00000022", "linewidth": 0.15}
    for colour, tags in by_colour.items():
        _fill(axis, points[state.triangles[np.isin(state.region, tags)]], 1, window, facecolor=colour, **mesh)
    _fill(axis, points[inner], 2, window, edgecolor="#7a3b2e", linewidth=0.4)
    _fill(axis, [np.asarray(outline) / MM for outline in state.lumens.values()], 3, window, facecolor=BLOOD)
    _fill(axis, points[outer], 4, window, edgecolor=INK, linewidth=0.7)


def _fill(axis: Any, polygons: Any, zorder: float, clip: Any = None, **look: Any) -> None:
    """Polygons (n, k, 2) as one artist; edges for k = 2; a list may mix lengths."""
    from matplotlib.patches import PathPatch
    from matplotlib.path import Path

    if len(polygons) == 0:
        return
    corners, codes = [], []
    for some in [np.asarray(polygon)[None] for polygon in polygons] if isinstance(polygons, list) else [polygons]:
        size = some.shape[1]
        closed = size > 2
        corners.append((np.concatenate([some, some[:, :1]], axis=1) if closed else some).reshape(-1, 2))
        codes.append(np.tile([Path.MOVETO] + [Path.LINETO] * (size - 1) + [Path.CLOSEPOLY] * closed, len(some)))
    path = Path(np.concatenate(corners), np.concatenate(codes))
    patch = axis.add_artist(PathPatch(path, zorder=zorder, **{"facecolor": "none", "edgecolor": "none", "linewidth": 0.0, **look}))
    if clip is not None:
        patch.set_clip_path(clip)


def veins(states: Sequence[DeformedState], rest_area: Mapping[str, float] | None = None) -> Figure:
    """Every vein enlarged, one row per state, with the area of its lumen relative to the stress-free one (else to the first state)."""
    from matplotlib.patches import Rectangle

    names = list(states[0].lumens)
    base = {name: (rest_area or {}).get(name) or polygon_area(states[0].lumens[name]) for name in names}
    half = 0.62 * max(float(np.ptp(s.lumens[name], axis=0).max()) for s in states for name in names) / MM + 1.0
    across, down = 2.12 * half, 2.6 * half
    width = 0.6 + max(0.83 * len(names), 1.2)
    scale = (width - 0.35) / (across * len(names))  # inches per mm
    with drawing(width, scale * down * len(states) + 0.55) as figure:
        axis = figure.subplots()
        axis.set_axis_off()
        axis.set_aspect("equal")
        for k, state in enumerate(states):
            for j, name in enumerate(names):
                outline = np.asarray(state.lumens[name])
                middle = (outline.min(axis=0) + outline.max(axis=0)) / 2
                x, y = across * j, -down * k
                window = axis.add_artist(Rectangle((x - half, y - half), 2 * half, 2 * half, facecolor="none", edgecolor=GREY, linewidth=0.8, zorder=5))
                draw(axis, _part(state, np.abs(state.points - middle).max(axis=1) < 2 * half * MM, np.array([x, y]) * MM - middle), window)
                ratio = f"A/A₀ = {polygon_area(outline) / base[name]:.2f}"
                axis.text(x, y - 1.06 * half, ratio, ha="center", va="top", fontsize=7.5)
                if k == 0:
                    axis.text(x, y + 1.12 * half, words(name).replace(" ", "\n", 1), ha="center", va="bottom", fontsize=7.5)
            axis.text(-1.15 * half, -down * k, _wrapped(state.label), rotation=90, ha="right", va="center", multialignment="center", fontsize=7.5)
        bottom = -down * (len(states) - 1) - 1.75 * half
        axis.text(across * (len(names) - 0.5) - 0.06 * half, bottom, f"each window {2 * half:.0f} mm wide", ha="right", fontsize=7, color=GREY)
        axis.set_xlim(-1.9 * half, across * (len(names) - 1) + 1.05 * half)
        axis.set_ylim(bottom, 1.9 * half)
    return figure


def _part(state: DeformedState, near: Any, shift: Any) -> SectionState:
    """The triangles that touch the marked points, and the lumens, moved by ``shift`` [m]: what a window shows."""
    kept = near[state.triangles].any(axis=1)
    lumens = {name: np.asarray(outline) + shift for name, outline in state.lumens.items() if np.any(near)}
    return SectionState(
        state.section, state.label, state.points + shift, state.triangles[kept], np.asarray(state.region)[kept], state.regions, lumens
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
