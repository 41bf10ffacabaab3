"""A network of one's own: what its probes saw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from calfpump.report.style import LINES, ML, MM, MMHG, drawing, words
from calfpump.report.time_plots import thin

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
