"""Laws of a section: area of each vein against its pressure over the compartment's, and the compartments' own pressure."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from calfpump.report.style import GREY, LINES, MMHG, drawing, words
from calfpump.results.series import VeinLaw

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from calfpump.results.series import DeformedState

SHOWN = (-80.0, 80.0)  # mmHg


class CompartmentTable(Protocol):
    """What is needed of :class:`calfpump.law.CompartmentLaw`."""

    @property
    def s(self) -> Any: ...
    @property
    def ratio(self) -> Any: ...
    @property
    def p_c(self) -> Any: ...


class Laws(Protocol):
    """What is needed of :class:`calfpump.law.SectionLaws`."""

    @property
    def section(self) -> str: ...
    @property
    def veins(self) -> Mapping[str, VeinLaw]: ...
    @property
    def compartments(self) -> Mapping[str, CompartmentTable]: ...


def tube_laws(veins: Mapping[str, VeinLaw]) -> Figure:
    """A/A0 against p − p_c, one small plot per vein, one line per shortening of its own muscle; dashed: beyond what was computed."""
    from matplotlib.lines import Line2D

    columns = min(4, len(veins))
    rows = -(-len(veins) // columns)
    with drawing(10.5, 1.9 * rows + 0.5) as figure:
        grid = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False)
        colours = shortening_colours(veins)
        for axis, (name, law) in zip(grid.ravel(), veins.items(), strict=False):
            _law(axis, law, colours)
            axis.set_title(words(name), fontsize=8.5, fontweight="normal")
        for axis in grid.ravel()[len(veins) :]:
            axis.set_axis_off()
        top = max(float(np.interp(SHOWN[1] * MMHG, law.f[0], law.alpha)) for law in veins.values())
        grid[0, 0].set_xlim(*SHOWN)
        grid[0, 0].set_ylim(0, 1.08 * top)
        for axis in grid[:, 0]:
            axis.set_ylabel("A/A₀")
        for axis in grid[-1, :]:
            axis.set_xlabel("p − p_c [mmHg]")
        keys = [Line2D([], [], color=colour, label=f"{100 * s:.0f} %") for s, colour in colours.items()]
        figure.legend(handles=keys, loc="outside lower center", ncols=min(10, len(keys)), title="shortening of the vein's own muscle")
    return figure


def shortening_colours(veins: Mapping[str, VeinLaw]) -> dict[float, Any]:
    """One colour per shortening that occurs, the same for all veins, in increasing order."""
    from matplotlib import colormaps

    levels = sorted({round(float(s), 4) for law in veins.values() for s in law.s})
    return {s: colormaps["plasma"](0.85 * s / max(levels[-1], 1e-9)) for s in levels}


def _law(axis: Any, law: VeinLaw, colours: Mapping[float, Any]) -> None:
    axis.axvline(0, color=GREY, linewidth=0.5)
    axis.axhline(1, color=GREY, linewidth=0.5)
    for k, s in enumerate(law.s):
        colour, p = colours[round(float(s), 4)], law.f[k] / MMHG
        if law.alpha_fe is None:
            axis.plot(p, law.alpha, color=colour)
            continue
        inside = (law.alpha >= law.alpha_fe[k, 0]) & (law.alpha <= law.alpha_fe[k, 1])
        axis.plot(p, law.alpha, color=colour, linestyle=(0, (3, 2)), linewidth=0.8)
        axis.plot(p[inside], law.alpha[inside], color=colour)


def compartment_laws(compartments: Mapping[str, CompartmentTable]) -> Figure:
    """p_c against the shortening of the muscle, at the stress-free volume of its veins and around it."""
    with drawing(7.0, 3.2) as figure:
        axis = figure.subplots()
        for colour, (name, law) in zip(LINES * 3, compartments.items(), strict=False):
            middle = int(np.argmin(np.abs(law.ratio - 1.0)))
            axis.plot(100 * law.s, law.p_c[:, middle] / MMHG, color=colour, marker="o", markersize=3, label=words(name))
            low, high = law.p_c.min(axis=1) / MMHG, law.p_c.max(axis=1) / MMHG
            axis.fill_between(100 * law.s, low, high, color=colour, alpha=0.12, linewidth=0)
        axis.set_xlabel("shortening of the muscle [%]")
        axis.set_ylabel("pressure in the compartment [mmHg]")
        axis.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
        axis.set_title("line: veins at their stress-free area; shade: veins from empty to full", fontsize=8.5, fontweight="normal")
    return figure


def plot_laws(laws: Laws, folder: str | Path) -> list[Path]:
    """Write the plots of a section's laws as PNG into ``folder``: tube laws, compartments, deformed sections; returns the files."""
    from calfpump.report.section_plots import sections, veins

    folder = Path(folder)
    figures = {f"{laws.section}-tube-laws": tube_laws(laws.veins)}
    if laws.compartments:
        figures[f"{laws.section}-compartments"] = compartment_laws(laws.compartments)
    states: tuple[DeformedState, ...] = tuple(getattr(laws, "pictures", ()))
    if states:
        figures[f"{laws.section}-sections"] = sections(states)
        figures[f"{laws.section}-veins"] = veins(states, {name: law.A0 for name, law in laws.veins.items()})
    written = []
    for name, figure in figures.items():
        path = folder / f"{name}.png"
        figure.savefig(path, dpi=150)
        written.append(path)
    return written
