"""The last good state of a section that could go no further, drawn and written to be looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from calfpump.cache import cache
from calfpump.law.section_laws import DeformedSection

MM, MMHG = 1e-3, 133.322387415
#: Pressures beyond these shares of the triangles in muscle and fat have the last colour.
LAST = (2.0, 98.0)


def picture(state: DeformedSection) -> Path:
    """Draw the deformed section (.png), and write it for ParaView (.vtu), into the folder ``failed`` beside the laws that are kept; returns the drawing."""
    import meshio

    folder = cache() / "failed"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ("-".join(f"{state.section} {state.label}".replace(",", "").split()) + ".png")
    points = np.column_stack([state.points, np.zeros(len(state.points))])
    data = {"region": [np.asarray(state.region, dtype=np.int32)]} | {name: [np.asarray(v)] for name, v in state.fields.items()}
    meshio.Mesh(points, [("triangle", np.asarray(state.triangles))], cell_data=data).write(path.with_suffix(".vtu"))
    _draw(state, path)
    return path


def _draw(state: DeformedSection, path: Path) -> None:
    """In-plane pressure of the tissue, the veins' outlines, and their blood's pressures."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import LineCollection
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10.0, 10.0), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    x, y = np.asarray(state.points).T / MM
    pressure = np.asarray(state.fields["pressure [Pa]"]) / MMHG
    walls = [tag for name, tag in state.regions.items() if name.startswith(("wall_", "sheath_"))]
    low, high = np.percentile(pressure[~np.isin(state.region, walls)], LAST)
    tissue = axes.tripcolor(x, y, np.asarray(state.triangles), pressure, cmap="cividis", vmin=low, vmax=max(high, low + 1.0))
    sides = np.sort(np.concatenate([np.asarray(state.triangles)[:, pair] for pair in ([0, 1], [1, 2], [2, 0])]), axis=1)
    regions = np.tile(np.asarray(state.region), 3)
    edges, which, times = np.unique(sides, axis=0, return_inverse=True, return_counts=True)
    least, most = np.full(len(edges), np.iinfo(np.int64).max), np.full(len(edges), np.iinfo(np.int64).min)
    np.minimum.at(least, which.ravel(), regions)
    np.maximum.at(most, which.ravel(), regions)
    borders = edges[(times == 1) | (least != most)]
    axes.add_collection(LineCollection(list(np.asarray(state.points)[borders] / MM), colors="black", linewidths=0.4))
    for vein, outline in state.lumens.items():
        middle = np.asarray(outline).mean(axis=0) / MM
        text = f"{vein.replace('_', ' ')}\n{state.pressure[vein] / MMHG:.0f} mmHg"
        axes.annotate(text, middle, xytext=(0, 12), textcoords="offset points", ha="center", fontsize=6, color="white", bbox={"color": "#00000088", "pad": 1.0})
    figure.colorbar(tissue, ax=axes, label="pressure in the tissue, mmHg", shrink=0.7)
    axes.set_title(f"{state.section}: {state.label}; mm", fontsize=10)
    axes.set_aspect("equal")
    figure.savefig(path)
