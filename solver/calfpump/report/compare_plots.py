"""Cases of a batch side by side: figures against the swept value, ankle pressure in time, return of the stages."""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from calfpump.report.batch_files import Comparison, Member, plain
from calfpump.report.render import header
from calfpump.report.style import GREY, LINES, MMHG, drawing, words
from calfpump.report.time_plots import shade, thin
from calfpump.results.hdf5 import read_site
from calfpump.results.series import STAGES, Band

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PANELS = 12
OVERLAID = 12
RETURN = "net return"


def colours(n: int) -> list[Any]:
    """One colour per case, in order: a sequence that also reads in grey."""
    from matplotlib import colormaps

    return [colormaps["viridis"](x) for x in np.linspace(0.0, 0.88, max(n, 1))]


def number_of(value: Any) -> float | None:
    """The number in a swept value: 3, "28 mmHg"; None for "II" or "none"."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    match = re.fullmatch(r"\s*([-+]?[0-9.]+(?:[eE][-+]?\d+)?)\s*([^\d\s].*)?", value) if isinstance(value, str) else None
    return float(match[1]) if match else None


def axis_places(values: list[Any]) -> tuple[list[float], list[str] | None]:
    """Where swept values stand on an axis: at their numbers if all have one (and one unit), else in order with their names."""
    numbers = [number_of(v) for v in values]
    units = {re.sub(r"^[-+0-9.eE\s]+", "", v) if isinstance(v, str) else "" for v in values}
    if all(n is not None for n in numbers) and len(units) == 1:
        return [float(n) for n in numbers if n is not None], None
    order = list(dict.fromkeys(plain(v) for v in values))
    return [float(order.index(plain(v))) for v in values], order


def groups(batch: Comparison) -> dict[str, list[Member]]:
    """Members that differ in the first axis only, by their other swept values."""
    found: dict[str, list[Member]] = {}
    for m in batch.done:
        rest = ", ".join(f"{key.rpartition('.')[2]} {plain(m.values[key])}" for key in batch.axes[1:] if key in m.values)
        found.setdefault(rest, []).append(m)
    return found


def figures(batch: Comparison) -> Figure | None:
    """Each summary quantity that differs between cases against the first swept key, one line per combination of the others."""
    differing = [q for q in batch.quantities if len({m.summary[q.quantity].value for m in batch.done if q.quantity in m.summary}) > 1][:PANELS]
    if not differing or len(batch.done) < 2:
        return None
    key = batch.axes[0] if batch.axes else ""
    members = batch.done
    places, names = axis_places([m.values.get(key, batch.name(m)) for m in members])
    at = dict(zip([id(m) for m in members], places, strict=True))
    columns = min(4, len(differing))
    rows = -(-len(differing) // columns)
    with drawing(10.5, 1.95 * rows + 0.4) as figure:
        grid = figure.subplots(rows, columns, sharex=True, squeeze=False)
        several = groups(batch)
        for axis, q in zip(grid.ravel(), differing, strict=False):
            for colour, (label, group) in zip(LINES * 9, several.items(), strict=False):
                some = sorted((m for m in group if q.quantity in m.summary), key=lambda m: at[id(m)])
                axis.plot([at[id(m)] for m in some], [m.summary[q.quantity].value for m in some], color=colour, marker="o", markersize=4, label=label)
            unit = "" if q.unit == "1" else f" [{q.unit}]"
            axis.set_title(_wrapped(q.quantity + unit), fontsize=8, fontweight="normal")
            axis.margins(x=0.08, y=0.18)
            if names is not None:
                axis.set_xticks(range(len(names)), names, rotation=30 if max(map(len, names)) > 5 else 0)
        for axis in grid.ravel()[len(differing) :]:
            axis.set_axis_off()
        figure.supxlabel(key or "case", fontsize=9)
        if len(several) > 1:
            handles, labels = grid[0, 0].get_legend_handles_labels()
            figure.legend(handles, labels, loc="outside lower center", ncols=min(4, len(labels)))
    return figure


def _wrapped(text: str) -> str:
    import textwrap

    return "\n".join(textwrap.wrap(text, 30))


def ankle(batch: Comparison) -> Figure | None:
    """Pressure at the ankle in time, the cases over one another."""
    members = [m for m in batch.done if m.result is not None and (m.result.folder / "series.h5").is_file()][:OVERLAID]
    if not members:
        return None
    with drawing(10.5, 3.4) as figure:
        axis = figure.subplots()
        bands: tuple[Band, ...] = ()
        for colour, m in zip(colours(len(members)), members, strict=True):
            assert m.result is not None
            t, p, bands = read_site(m.result.folder / "series.h5", "ankle")
            axis.plot(*thin(t, p / MMHG), color=colour, label=batch.name(m), linewidth=1.1)
        shade(axis, bands, named=True)
        axis.margins(x=0)
        axis.set_xlabel("time [s]")
        axis.set_ylabel("ankle pressure [mmHg]")
        axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), title=", ".join(batch.axes))
    return figure


def returns(batch: Comparison) -> Figure | None:
    """Net return of every stage: one panel per activity, one bar per case."""
    members = batch.done[:OVERLAID]
    tables = [stage_values(m, RETURN) for m in members]
    activities = list(dict.fromkeys(activity for table in tables for activity, _ in table))
    units = {unit for m in members for unit in [_unit(m, RETURN)] if unit}
    if not activities or not members:
        return None
    stages = [s for s in STAGES if any((a, s) in table for table in tables for a in activities)]
    with drawing(10.5, 1.9 * len(activities) + 0.7) as figure:
        axes = figure.subplots(len(activities), 1, sharex=True, squeeze=False)[:, 0]
        width = 0.82 / len(members)
        for axis, activity in zip(axes, activities, strict=True):
            for k, (colour, m, table) in enumerate(zip(colours(len(members)), members, tables, strict=True)):
                places = np.arange(len(stages)) + (k - (len(members) - 1) / 2) * width
                axis.bar(places, [table.get((activity, s), np.nan) for s in stages], width=0.9 * width, color=colour, label=batch.name(m))
            axis.set_title(activity or RETURN, fontsize=9)
            axis.set_ylabel(f"net return [{'/'.join(units)}]")
            axis.axhline(0, color=GREY, linewidth=0.6)
            axis.grid(visible=False, axis="x")
        axes[-1].set_xticks(range(len(stages)), [words(s) for s in stages])
        axes[0].legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), title=", ".join(batch.axes))
    return figure


def stage_values(member: Member, column: str) -> dict[tuple[str, str], float]:
    """(activity, stage) → the value of a column of stages.csv; empty where it has none."""
    found = {}
    for row in _rows(member):
        name = next((c for c in row if header(c)[0] == column), None)
        if name is not None and row[name]:
            found[row.get("activity", ""), row["stage"]] = float(row[name])
    return found


def _unit(member: Member, column: str) -> str:
    return next((header(c)[1] for row in _rows(member)[:1] for c in row if header(c)[0] == column), "")


def _rows(member: Member) -> list[dict[str, str]]:
    if member.result is None or not (member.result.folder / "stages.csv").is_file():
        return []
    with open(member.result.folder / "stages.csv", newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
