"""Pressures, flows and volumes in time, with the protocol's rows as bands; beside the whole run its exercise, enlarged."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from calfpump.report.style import BANDS, GREY, LINES, ML, MMHG, STAGE_COLOURS, drawing, words
from calfpump.results.series import Band, SeriesData

if TYPE_CHECKING:
    from matplotlib.figure import Figure

POINTS = 900  # kept of a line; twice as many as a page resolves


def thin(t: Any, y: Any, points: int = POINTS) -> tuple[Any, Any]:
    """A line with at most ``2 points`` samples that keeps every peak: least and largest value of each interval, in their order."""
    if t.size <= 2 * points:
        return t, y
    edges = np.linspace(0, t.size, points + 1).astype(int)
    kept = []
    for a, b in pairwise(edges):
        kept += sorted({a + int(np.argmin(y[a:b])), a + int(np.argmax(y[a:b]))})
    return t[kept], y[kept]


def exercise(series: SeriesData) -> tuple[float, float] | None:
    """What is enlarged: the first exercise with 3 s before and after, at most 15 s of it."""
    for band in series.protocol:
        if band.label.startswith(("tiptoe", "walk")):
            return max(float(series.time[0]), band.t0 - 3.0), min(float(series.time[-1]), min(band.t1, band.t0 + 15.0) + 3.0)
    return None


def shade(axis: Any, bands: tuple[Band, ...], named: bool) -> None:
    """Shade the protocol's rows; name them along the top."""
    for band in bands:
        axis.axvspan(band.t0, band.t1, color=BANDS.get(band.label.split(" ")[0], "#f4f4f4"), zorder=0, linewidth=0)
        axis.axvline(band.t0, color=GREY, linewidth=0.4, zorder=0.5)
        if named:
            style = {"ha": "center", "va": "bottom", "fontsize": 8, "color": GREY}
            axis.text((band.t0 + band.t1) / 2, 1.01, band.label, transform=axis.get_xaxis_transform(), **style)


def _columns(figure: Figure, series: SeriesData, rows: int, ratios: list[float] | None = None) -> Any:
    """Axes (rows, 1 or 2): the whole run and its exercise."""
    zoom = exercise(series)
    whole = float(series.time[-1] - series.time[0])
    columns = 2 if zoom and zoom[1] - zoom[0] < 0.7 * whole else 1
    axes = figure.subplots(
        rows, columns, sharex="col", sharey="row", squeeze=False, width_ratios=[1.5, 1.0][:columns], height_ratios=ratios or [1.0] * rows
    )
    for row in range(rows):
        for column in range(columns):
            shade(axes[row, column], series.protocol, named=row == 0 and column == 0)
    for column in range(columns):
        axes[-1, column].set_xlabel("time [s]")
        if column == 1 and zoom:
            axes[0, column].set_xlim(*zoom)
            axes[0, column].text(0, 1.01, "enlarged", transform=axes[0, column].transAxes, va="bottom", fontsize=8, color=GREY)
        else:
            axes[0, column].set_xlim(series.time[0], series.time[-1])
    return axes


def _line(axes: Any, series: SeriesData, y: Any, **options: Any) -> None:
    """Draw ``y`` in every column, thinned to what each column shows."""
    for axis in axes:
        low, high = axis.get_xlim()
        shown = (series.time >= low - 1.0) & (series.time <= high + 1.0)
        axis.plot(*thin(series.time[shown], y[shown]), **options)


def pressures(series: SeriesData) -> Figure:
    """Blood pressure at the named sites, and the pressure in the muscle compartments."""
    rows = 2 if series.compartments else 1
    with drawing(10.5, 2.6 + 2.1 * (rows - 1)) as figure:
        axes = _columns(figure, series, rows, [1.25, 1.0][:rows])
        for colour, (name, p) in zip(LINES * 3, series.sites.items(), strict=False):
            _line(axes[0], series, p / MMHG, color=colour, label=words(name), linewidth=1.6 if name == "ankle" else 1.0)
        axes[0, 0].set_ylabel("blood pressure\n[mmHg]")
        axes[0, -1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        if rows == 2:
            for colour, (name, c) in zip(LINES * 3, series.compartments.items(), strict=False):
                _line(axes[1], series, c.p / MMHG, color=colour, label=words(name), linewidth=1.0)
            axes[1, 0].set_ylabel("pressure in the\nmuscle [mmHg]")
            axes[1, -1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def flows(series: SeriesData) -> Figure:
    """Proximal outflow of every stage, with the inflow as a thin line."""
    with drawing(10.5, 1.15 * len(series.stages) + 0.6) as figure:
        axes = _columns(figure, series, len(series.stages))
        for row, (name, s) in zip(axes, series.stages.items(), strict=True):
            colour = STAGE_COLOURS.get(name, LINES[0])
            _line(row, series, s.Q_in / ML, color=GREY, linewidth=0.7, label="inflow")
            _line(row, series, s.Q_out / ML, color=colour, linewidth=1.1, label="proximal outflow")
            row[0].set_ylabel(f"{words(name)}\n[mL/s]", color=colour)
            for axis in row:
                axis.axhline(0, color=GREY, linewidth=0.5)
        axes[0, -1].legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2)
    return figure


def washout(t: Any, left: Mapping[str, Any]) -> Figure:
    """Marked volumes in time, ``left``: name → (nt,) [mL]."""
    with drawing(10.5, 2.8) as figure:
        axis = figure.subplots()
        for colour, (name, volume) in zip(LINES * (1 + len(left) // len(LINES)), left.items(), strict=False):
            axis.plot(*thin(t, volume), color=STAGE_COLOURS.get(name, colour), label=words(name))
        axis.set_xlim(t[0], t[-1])
        axis.set_ylim(bottom=0.0)
        axis.set_xlabel("time [s]")
        axis.set_ylabel("marked blood [mL]")
        axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def volumes(series: SeriesData) -> Figure:
    """Venous volume of every stage."""
    with drawing(10.5, 2.8) as figure:
        axes = _columns(figure, series, 1)
        for name, s in series.stages.items():
            _line(axes[0], series, s.V / ML, color=STAGE_COLOURS.get(name, LINES[0]), label=words(name))
        axes[0, 0].set_ylabel("venous volume [mL]")
        axes[0, -1].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure
