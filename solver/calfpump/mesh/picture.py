"""A labelled picture of a section mesh."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from calfpump.anatomy.section_description import MM
from calfpump.mesh.quality import quality
from calfpump.mesh.section_mesh import SectionMesh

COLOURS = {
    "subcutaneous": "#f6e3b4", "soleus": "#d98880", "gastrocnemius": "#e6b0aa", "deep_posterior": "#a9cce3",
    "anterior": "#a9dfbf", "thigh": "#d98880", "foot": "#d98880", "popliteal": "#f9e79f", "joint": "#d6dbdf",
    "foot_dorsum": "#edbb99", "sole": "#f0b27a",
    "lateral": "#d2b4de", "wall": "#1f4e79", "sheath": "#fdfefe",
}
LINES = {
    "skin": ("#5d4037", 1.6), "fascia": ("#7b241c", 1.4), "septum": ("#7b241c", 1.0), "bone": ("#424949", 1.2),
    "lumen": ("#0b2545", 0.8), "border": ("#909497", 0.8), "sole": ("#b9770e", 3.0),
}


def picture(mesh: SectionMesh, path: str | Path) -> Path:
    """Draw regions, mesh lines, curves and names to a PNG, with a bar of 20 mm; returns the file."""
    import matplotlib

    matplotlib.use("Agg", force=False)
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import LineCollection, PolyCollection
    from matplotlib.figure import Figure

    points = mesh.points / MM
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.4 * (high[0] - low[0])  # for the veins' names
    wide, tall = high[0] - low[0] + 2.0 * margin, high[1] - low[1] + 12.0
    figure = Figure(figsize=(11.0, 11.0 * tall / wide + 0.6), dpi=100, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    names = {tag: name for name, tag in mesh.regions.items()}
    colour = {tag: COLOURS.get(mesh.compartments.get(name, name.split("_")[0]), "#cccccc") for tag, name in names.items()}
    axes.add_collection(
        PolyCollection(
            list(points[mesh.triangles]), facecolors=[colour[int(tag)] for tag in mesh.cell_tags], edgecolors="#00000038",
            linewidths=0.25,
        )
    )
    for name in mesh.curves:
        line, width = LINES[name.split("_")[0]]
        axes.add_collection(LineCollection(list(points[mesh.curve_facets(name)]), colors=line, linewidths=width))
    for region, compartment in mesh.compartments.items():
        if region != "fat":
            x, y = _label_place(mesh, region) / MM
            text = region if region == compartment else region.replace("_", "\n", 1)
            axes.text(x, y, text, ha="center", va="center", fontsize=9.5, fontstyle="italic", color="#222222")
    for bone in (name for name in mesh.curves if name.startswith("bone_")):
        x, y = points[mesh.curve_facets(bone).ravel()].mean(axis=0)
        axes.text(x, y, bone.removeprefix("bone_").replace("_", "\n"), ha="center", va="center", fontsize=9.5, color="#424949")
    _name_veins(axes, mesh, low, high)
    _ring_worst(axes, mesh)
    axes.plot([low[0], low[0] + 20.0], [low[1] - 3.0] * 2, color="black", linewidth=2.5)
    axes.text(low[0] + 10.0, low[1] - 4.5, "20 mm", ha="center", va="top", fontsize=9)
    axes.set_title(f"{mesh.name}, girth {mesh.girth / MM:.0f} mm, {mesh.resolution}\n{quality(mesh)}", fontsize=10)
    axes.set_xlim(low[0] - margin, high[0] + margin)
    axes.set_ylim(low[1] - 9.0, high[1] + 3.0)
    axes.set_aspect("equal")
    axes.set_axis_off()
    figure.savefig(path)
    return Path(path)


def worst_element(mesh: SectionMesh) -> Path:
    """The neighbourhood of a refused mesh's worst element, drawn beside the laws that are kept; returns the file."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.collections import PolyCollection
    from matplotlib.figure import Figure

    from calfpump.cache import cache

    matplotlib.use("Agg", force=False)
    worst = quality(mesh)
    points, centre = mesh.points / MM, np.asarray(worst.centre) / MM
    half = 6.0 * float(np.max(np.ptp(points[mesh.triangles[worst.worst]], axis=0)))
    names = {tag: name for name, tag in mesh.regions.items()}
    figure = Figure(figsize=(6.0, 6.4), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    near = np.flatnonzero(np.max(np.abs(points[mesh.triangles].mean(axis=1) - centre), axis=1) < 2.0 * half)
    faces = [COLOURS.get(mesh.compartments.get(names[int(t)], names[int(t)].split("_")[0]), "#cccccc") for t in mesh.cell_tags[near]]
    axes.add_collection(PolyCollection(list(points[mesh.triangles[near]]), facecolors=faces, edgecolors="#00000066", linewidths=0.4))
    axes.add_collection(PolyCollection([points[mesh.triangles[worst.worst]]], facecolors="#c0392b", edgecolors="#c0392b", linewidths=1.5))
    axes.set_xlim(centre[0] - half, centre[0] + half)
    axes.set_ylim(centre[1] - half, centre[1] + half)
    axes.set_aspect("equal")
    axes.set_title(f"{mesh.name}: {np.degrees(worst.min_angle):.1f}° in {worst.region}; mm", fontsize=10)
    path = cache() / "failed" / f"{mesh.name}-worst-element.png"
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return path


def _ring_worst(axes: Any, mesh: SectionMesh) -> None:
    """A ring round the triangle with the smallest angle."""
    worst = quality(mesh)
    x, y = np.asarray(worst.centre) / MM
    axes.plot([x], [y], "o", markersize=14, markerfacecolor="none", markeredgecolor="#c0392b", markeredgewidth=1.2)


def _label_place(mesh: SectionMesh, region: str) -> Any:
    """The triangle centre of a region farthest from all its tagged curves: where there is most room for a name."""
    inner = mesh.points[mesh.triangles[mesh.cell_tags == mesh.regions[region]]].mean(axis=1)
    facets = mesh.points[mesh.facets].mean(axis=1)
    stretched = np.array([0.55, 1.0])  # names are wider than high
    far = np.linalg.norm((inner[:, None] - facets[None]) * stretched, axis=2)
    return inner[int(np.argmax(far.min(axis=1)))]


def _name_veins(axes: Any, mesh: SectionMesh, low: Any, high: Any) -> None:
    """Names in two columns beside the section, each led to its vein, in the order of the veins' heights."""
    middle = low[0] + 0.55 * (high[0] - low[0])
    left = [vein for vein in mesh.veins if vein.centre[0] / MM < middle]
    right = [vein for vein in mesh.veins if vein not in left]
    for veins, x, align in ((left, low[0] - 4.0, "right"), (right, high[0] + 4.0, "left")):
        veins = sorted(veins, key=lambda vein: vein.centre[1])
        heights = np.array([vein.centre[1] / MM for vein in veins])
        for _ in range(200):
            gaps = np.diff(heights)
            close = np.maximum(0.0, 5.5 - gaps) * 0.5
            heights[:-1] -= close
            heights[1:] += close
        for vein, y in zip(veins, heights, strict=True):
            centre = vein.centre[0] / MM, vein.centre[1] / MM
            axes.annotate(
                vein.name.replace("_", " "), xy=centre, xytext=(x, y), ha=align, va="center", fontsize=8.5, color="#0b2545",
                arrowprops={"arrowstyle": "-", "color": "#0b2545", "linewidth": 0.6, "shrinkA": 1.0, "shrinkB": 0.0},
            )
