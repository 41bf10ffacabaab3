"""Wash-out: where marked blood is in time, and how long it takes to leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from calfpump.flow import Series

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.floating[Any]]

#: names of vessels, names of beds
Parts = tuple[Sequence[str], Sequence[str]]

ML = 1e-6
#: shares of a marked volume whose leaving is timed
GONE = ((0.5, "half"), (0.9, "nine tenths"))


def marked(series: Series, tracer: str, parts: Parts) -> Array:
    """Marked volume [m³] in vessels and beds together, (nt,)."""
    found = [series.marked_volume(tracer, name) for name in parts[0]] + [series.marked_in_bed(tracer, name) for name in parts[1]]
    return np.sum(found, axis=0) if found else np.zeros(series.t.size)


def table(series: Series, places: Mapping[str, Parts], shares: Mapping[str, Mapping[str, Array]]) -> pd.DataFrame:
    """tracers.csv: a row for each output time; per tracer its volume in everything, in each of the ``places``, and its share of
    the blood at each of the points of ``shares`` (tracer → point → (nt,)).
    """  # fmt: skip
    import pandas as pd

    columns: dict[str, Array] = {"time [s]": series.t}
    for tracer in series.layout.network.tracers:
        columns[f"{tracer.name} in all [mL]"] = series.marked_volume(tracer.name) / ML
        columns |= {f"{tracer.name} in {place} [mL]": marked(series, tracer.name, parts) / ML for place, parts in places.items()}
        columns |= {f"{tracer.name} at {point} [1]": share for point, share in shares.get(tracer.name, {}).items()}
    return pd.DataFrame(columns)


def lines(series: Series, home: Mapping[str, Parts]) -> list[tuple[str, float, str]]:
    """Lines of the summary: what was marked of each tracer, what is left of it, and when half and nine tenths of it had left ``home`` (tracer → parts;
    everything for those without). Times count from the marking; what never left so far has no line.
    """  # fmt: skip
    found = []
    for k, tracer in enumerate(series.layout.network.tracers):
        name = tracer.name
        if tracer.at is None:
            found.append((f"{name}: entered, less what has left", float(series.marked_in[-1, k]) / ML, "mL"))
            found.append((f"{name}: in all at the end", float(series.marked_volume(name)[-1]) / ML, "mL"))
            continue
        since = series.t >= tracer.at - 1e-9
        t, V = series.t[since], (marked(series, name, home[name]) if name in home else series.marked_volume(name))[since]
        if not V.size or not V[0] > 0.0:
            continue
        found.append((f"{name}: marked", float(V[0]) / ML, "mL"))
        found.append((f"{name}: left at the end", 100.0 * float(V[-1] / V[0]), "%"))
        found += [(f"{name}: {word} washed out after", when, "s") for share, word in GONE if (when := left_by(t, V, 1.0 - share)) is not None]
    return found


def left_by(t: Array, V: Array, share: float) -> float | None:
    """Time from t[0] until V stays below ``share`` of V[0], linear between the samples; None if it does not."""
    above = np.flatnonzero(V > share * V[0])
    k = int(above[-1])
    if k == t.size - 1:
        return None
    part = (V[k] - share * V[0]) / (V[k] - V[k + 1])
    return float(t[k] + part * (t[k + 1] - t[k]) - t[0])
