"""A network of one's own: what its probes saw, what its valves did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from calfpump.report.style import GREY, INK, LINES, ML, MM, MMHG, drawing, words
from calfpump.report.time_plots import thin
from calfpump.results.series import ValveSeries

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ROWS = (("p", "pressure\n[mmHg]", MMHG), ("Q", "flow\n[mL/s]", ML), ("A", "lumen area\n[mm²]", MM**2), ("u", "velocity\n[m/s]", 1.0))


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


def valves(found: Mapping[str, ValveSeries], t: Any) -> Figure:
    """Opening of every valve in time, one below the other."""
    with drawing(10.5, 0.42 * len(found) + 0.6) as figure:
        axes = np.atleast_1d(figure.subplots(len(found), 1, sharex=True))
        for axis, (name, valve) in zip(axes, found.items(), strict=True):
            when, zeta = thin(t, valve.zeta)
            axis.fill_between(when, zeta, color=LINES[0], alpha=0.35, linewidth=0)
            axis.plot(when, zeta, color=LINES[0], linewidth=0.8)
            axis.set_ylim(0.0, 1.05)
            axis.set_yticks([0, 1], ["shut", "open"], fontsize=7, color=GREY)
            axis.set_ylabel(words(name), rotation=0, ha="right", va="center", labelpad=8, color=INK)
        axes[-1].set_xlabel("time [s]")
        axes[-1].set_xlim(t[0], t[-1])
    return figure
