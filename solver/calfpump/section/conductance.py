"""Conductance of a lumen of any shape: G = ∫ w dA with −∇²w = 1 inside and w = 0 on the wall, so that −dp/dx = μ Q / G.

Finite differences on a square grid with the wall cut exactly where each grid line meets it (Shortley & Weller 1938), second order. A circle has
G = A²/8π, an ellipse πa³b³/(4(a² + b²)). The grid follows the hydraulic size 2A/P, so a flattened lumen gets as many cells across as a
round one. Points are inside where the outline winds round them once: walls that overlap by a contact's penetration need no care, and
a lumen pinched into two lobes is solved as it is.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy.sparse
import scipy.sparse.linalg

from calfpump.section.curves import Floats, Ints

#: Cells per hydraulic size 2A/P (a circle's radius, a slit's width): a circle to .2 %, a slit to .1 %.
CELLS = 6
#: At most this many cells along the longer side of a lumen.
MOST = 600


Booleans = npt.NDArray[np.bool_]


def conductance(outline: Floats, cells: int = CELLS) -> float:
    """G [unit⁴] of the closed polygon `outline` (k, 2), counter-clockwise, in any unit of length; 0 for a closed lumen."""
    edge = np.roll(outline, -1, axis=0) - outline
    area = 0.5 * float(np.sum(outline[:, 0] * np.roll(outline[:, 1], -1) - outline[:, 1] * np.roll(outline[:, 0], -1)))
    perimeter = float(np.linalg.norm(edge, axis=1).sum())
    if area <= 1e-6 * perimeter**2:
        return 0.0
    h = max(2.0 * area / perimeter / cells, float(np.ptp(outline, axis=0).max()) / MOST)
    x = _lines(outline[:, 0], h)
    y = _lines(outline[:, 1], h)
    across = _reach(outline, x, y, h)
    up = _reach(outline[::-1, ::-1], y, x, h)
    inside = across.inside & up.inside.T
    left, right, below, above = (np.where(inside, d, h) for d in (across.before, across.after, up.before.T, up.after.T))
    return _solve(inside, left, right, below, above, h)


class _Reach:
    """Of every grid point along its line: whether inside, and the distances to the wall before and after it, at most h."""

    def __init__(self, inside: Booleans, before: Floats, after: Floats) -> None:
        self.inside, self.before, self.after = inside, before, after


def _lines(v: Floats, h: float) -> Floats:
    middle = 0.5 * (v.min() + v.max())
    n = int(np.ceil((v.max() - v.min()) / h)) + 2
    # an offset that is no simple fraction keeps grid lines off the corners of regular outlines
    return np.asarray(middle + h * (np.arange(n) - 0.5 * n + 0.4142))


def _reach(outline: Floats, x: Floats, y: Floats, h: float) -> _Reach:
    """Scan lines y = const across the outline; arrays are (y, x)."""
    a, b = outline, np.roll(outline, -1, axis=0)
    shape = (len(y), len(x))
    inside, before, after = np.zeros(shape, dtype=bool), np.full(shape, h), np.full(shape, h)
    for j, level in enumerate(y):
        crossing = np.flatnonzero((a[:, 1] > level) != (b[:, 1] > level))
        if len(crossing) == 0:
            continue
        p, q = a[crossing], b[crossing]
        at = p[:, 0] + (level - p[:, 1]) / (q[:, 1] - p[:, 1]) * (q[:, 0] - p[:, 0])
        order = np.argsort(at)
        at = at[order]
        winding = np.concatenate([[0], np.cumsum(np.where(q[order, 1] < p[order, 1], 1, -1))])
        place = np.searchsorted(at, x)
        inside[j] = winding[place] == 1
        before[j] = np.where(place > 0, x - at[np.maximum(place - 1, 0)], h)
        after[j] = np.where(place < len(at), at[np.minimum(place, len(at) - 1)] - x, h)
    least = 1e-3 * h
    return _Reach(inside, np.clip(before, least, h), np.clip(after, least, h))


def _solve(inside: Booleans, left: Floats, right: Floats, below: Floats, above: Floats, h: float) -> float:
    n = int(inside.sum())
    if n == 0:
        return 0.0
    number = np.full(inside.shape, -1, dtype=np.int64)
    number[inside] = np.arange(n)
    rows: list[Ints] = []
    columns: list[Ints] = []
    values: list[Floats] = []
    diagonal = np.zeros(n)
    for near, far, axis, shift in ((left, right, 1, 1), (right, left, 1, -1), (below, above, 0, 1), (above, below, 0, -1)):
        weight: Floats = np.asarray(2.0 / (near * (near + far)))[inside]
        neighbour = np.roll(number, shift, axis=axis)[inside]
        diagonal += weight
        linked = (neighbour >= 0) & (near[inside] >= h * (1.0 - 1e-12))
        rows.append(np.flatnonzero(linked))
        columns.append(neighbour[linked])
        values.append(np.negative(weight[linked]))
    rows.append(np.arange(n))
    columns.append(np.arange(n))
    values.append(diagonal)
    K = scipy.sparse.csc_matrix((np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=(n, n))
    w = scipy.sparse.linalg.spsolve(K, np.ones(n))
    return float(w.sum()) * h * h


def fine_outline(x: Floats, chain: Ints, parts: int = 3) -> Floats:
    """The quadratic edges of a closed chain at node places `x` as a polygon, each cut into `parts`."""
    s = np.arange(parts) / parts
    shapes = np.stack([(1 - s) * (1 - 2 * s), 4 * s * (1 - s), s * (2 * s - 1)], axis=1)
    return np.asarray(np.einsum("si,kid->ksd", shapes, x[chain]).reshape(-1, 2))
