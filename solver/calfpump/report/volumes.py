"""Where the blood is: volumes of veins and venules in every rest of the protocol, from the series alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from calfpump.report.style import ML, STAGE_COLOURS, drawing
from calfpump.results.series import STAGES, Band, SeriesData

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from calfpump.results.series import Array, VesselSeries

OTHER = "#9aa5b1"
PLATEAU = 0.1  # last part of a row that is averaged


def vessel_volume(v: VesselSeries) -> Array:
    """Volume (nt,) of all parallel veins of a vessel [m³]; its cells are equally long."""
    dx = float(v.x[1] - v.x[0]) if v.x.size > 1 else 2.0 * float(v.x[0])
    total: Array = v.A.sum(axis=1) * dx * v.n
    return total


def rests(series: SeriesData) -> list[Band]:
    """The protocol's rows without exercise."""
    return [band for band in series.protocol if not band.label.startswith(("tiptoe", "walk"))]


def parts(series: SeriesData) -> dict[str, Array]:
    """Volume (nt,) [m³] of each stage's veins, of the superficial veins and all other veins, and of the venules."""
    found: dict[str, Array] = {}
    for name, v in series.vessels.items():
        part = f"{v.stage}: veins" if v.stage else "superficial veins" if v.group == "superficial" or "saphenous" in name else "other veins"
        found[part] = found.get(part, np.zeros_like(series.time)) + vessel_volume(v)
    for r in series.reservoirs.values():
        part = f"{r.stage}: venules" if r.stage else "skin: venules"
        found[part] = found.get(part, np.zeros_like(series.time)) + r.V
    order = [f"{stage}: {what}" for stage in STAGES for what in ("veins", "venules")]
    order += ["superficial veins", "skin: venules", "other veins"]
    return {part: found[part] for part in order if part in found}


def volume_table(series: SeriesData) -> tuple[list[str], list[tuple[str, str, list[float]]]]:
    """Headers (rests) and rows (part, its stage's colour, volumes [mL]), the sum last."""
    bands = rests(series)
    rows = [
        (part, STAGE_COLOURS.get(part.split(":")[0], OTHER), [_plateau(series, V, band) / ML for band in bands]) for part, V in parts(series).items()
    ]
    total = [sum(values[k] for _, _, values in rows) for k in range(len(bands))]
    return [f"{band.label} [mL]" for band in bands], [*rows, ("together", "", total)]


def _plateau(series: SeriesData, y: Array, band: Band) -> float:
    begin = band.t1 - PLATEAU * (band.t1 - band.t0)
    inside = (series.time >= begin) & (series.time <= band.t1)
    return float(np.mean(y[inside])) if inside.any() else float(np.interp(band.t1, series.time, y))


def volume_bars(series: SeriesData) -> Figure:
    """One bar per rest, from foot to groin; venules paler than veins."""
    headers, rows = volume_table(series)
    labels = [band.label for band in rests(series)]
    with drawing(10.5, 0.7 + 0.42 * len(headers)) as figure:
        axis = figure.subplots()
        left = np.zeros(len(headers))
        for part, colour, values in rows[:-1]:
            pale = part.endswith("venules")
            axis.barh(labels, values, left=left, color=colour, alpha=0.45 if pale else 0.95, edgecolor="white", linewidth=0.8, height=0.7)
            for k, value in enumerate(values):
                text = part.split(":")[0].removesuffix(" veins")
                if value > 0.0105 * len(text) * max(rows[-1][2]):
                    style: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7.5, "color": "black" if pale else "white"}
                    axis.text(left[k] + value / 2, k, text, **style)
            left += values
        for k, total in enumerate(rows[-1][2]):
            axis.text(total, k, f" {total:.0f}", va="center", fontsize=8.5)
        axis.invert_yaxis()
        axis.grid(visible=False, axis="y")
        axis.set_xlim(0, 1.06 * max(rows[-1][2]))
        axis.set_xlabel("volume [mL]")
    return figure
