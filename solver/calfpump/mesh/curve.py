"""Plane curves as dense polylines: centripetal Catmull–Rom sampling, lengths, crossings, nearest points, insides.

A closed polyline (n, 2) does not repeat its first point. A place on a polyline is a number ``i + t``: the fraction t of the way
from point i to the next one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.anatomy.section_description import Points

Floats = NDArray[np.floating[Any]]
SAMPLES = 24
"""Samples between two control points; a 20 mm step of a calf's skin then strays 2 µm from its curve."""


def catmull_rom(points: Points, closed: bool, samples: int = SAMPLES) -> Points:
    """Dense polyline of the centripetal Catmull–Rom curve through ``points`` (knots spaced by the root of the chord).

    Closed curves leave out the repeated point and run counter-clockwise, open ones hold both ends; the phantom points before and
    after an open curve mirror its second and last but one. Source: Yuksel, Schaefer & Keyser 2011, Computer-Aided Design 43:747.
    """
    if closed:
        p = np.vstack([points[-1:], points, points[:2]])
    else:
        p = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    step = np.sqrt(np.linalg.norm(np.diff(p, axis=0), axis=1))
    p0, p1, p2, p3 = p[:-3, None], p[1:-2, None], p[2:-1, None], p[3:, None]
    d0, d1, d2 = step[:-2, None, None], step[1:-1, None, None], step[2:, None, None]
    t = np.linspace(0.0, 1.0, samples, endpoint=False)[None, :, None] * d1
    # Barry-Goldman: three levels of linear interpolation on the knots -d0, 0, d1, d1 + d2.
    a1, a2, a3 = p1 + (p1 - p0) * t / d0, p1 + (p2 - p1) * t / d1, p2 + (p3 - p2) * (t - d1) / d2
    b1, b2 = a1 + (a2 - a1) * (t + d0) / (d0 + d1), a2 + (a3 - a2) * t / (d1 + d2)
    curve = np.ascontiguousarray((b1 + (b2 - b1) * t / d1).reshape(-1, 2))
    if not closed:
        return np.vstack([curve, points[-1:]])
    return curve if area(curve) > 0.0 else np.ascontiguousarray(curve[::-1])


def area(polygon: Points) -> float:
    """Signed area of a closed polyline, positive counter-clockwise."""
    x, y = polygon.T
    return 0.5 * float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))


def closed_length(polygon: Points) -> float:
    """Length of a closed polyline."""
    return float(np.sum(np.linalg.norm(np.roll(polygon, -1, axis=0) - polygon, axis=1)))


def hull_length(points: Points) -> float:
    """Length of the convex hull: what a measuring tape reads."""
    order = np.lexsort((points[:, 1], points[:, 0]))

    def chain(indices: NDArray[np.intp]) -> list[Points]:
        hull: list[Points] = []
        for point in points[indices]:
            while len(hull) > 1 and _cross(hull[-1] - hull[-2], point - hull[-1]) <= 0.0:
                hull.pop()
            hull.append(point)
        return hull[:-1]

    return closed_length(np.asarray(chain(order) + chain(order[::-1])))


def inside(points: Points, polygon: Points) -> NDArray[np.bool_]:
    """For each of ``points`` (k, 2) whether it is inside a closed polyline (crossing number)."""
    a, b = polygon, np.roll(polygon, -1, axis=0)
    x, y = points[:, 0, None], points[:, 1, None]
    straddles = (a[:, 1] > y) != (b[:, 1] > y)
    rise = np.where(b[:, 1] == a[:, 1], 1.0, b[:, 1] - a[:, 1])
    left = x < a[:, 0] + (y - a[:, 1]) / rise * (b[:, 0] - a[:, 0])
    return np.asarray(np.sum(straddles & left, axis=1) % 2 == 1)


def segments(polyline: Points, closed: bool) -> tuple[Points, Points]:
    """Start points and directions of a polyline's segments."""
    ends = np.roll(polyline, -1, axis=0) if closed else polyline[1:]
    starts = polyline if closed else polyline[:-1]
    return starts, ends - starts


def crossings(p: Points, p_closed: bool, q: Points, q_closed: bool) -> tuple[Floats, Floats, Points]:
    """Places on p, places on q and points where two polylines cross, in order along p."""
    (a, u), (b, v) = segments(p, p_closed), segments(q, q_closed)
    low, high = np.minimum(a, a + u), np.maximum(a, a + u)
    i, j = np.nonzero(
        (low[:, None, 0] <= np.maximum(b, b + v)[:, 0]) & (high[:, None, 0] >= np.minimum(b, b + v)[:, 0])
        & (low[:, None, 1] <= np.maximum(b, b + v)[:, 1]) & (high[:, None, 1] >= np.minimum(b, b + v)[:, 1])
    )
    gap, det = b[j] - a[i], _cross(u[i], v[j])
    safe = np.where(det == 0.0, 1.0, det)
    s, t = _cross(gap, v[j]) / safe, _cross(gap, u[i]) / safe
    cross = (det != 0.0) & (s >= 0.0) & (s < 1.0) & (t >= 0.0) & (t < 1.0)
    return (i + s)[cross], (j + t)[cross], (a[i] + s[:, None] * u[i])[cross]


def self_crossing(p: Points, closed: bool) -> Points | None:
    """A point where a polyline crosses itself, if there is one."""
    at, other, points = crossings(p, closed, p, closed)
    apart = np.abs(np.floor(at) - np.floor(other))
    if closed:
        apart = np.minimum(apart, len(p) - apart)
    found = points[apart > 1.5]
    return found[0] if len(found) else None


def distances(points: Points, polyline: Points, closed: bool) -> tuple[Floats, Floats, Points]:
    """Distance of each of ``points`` (k, 2) to a polyline, the place on it, and the nearest point."""
    a, u = segments(polyline, closed)
    to = points[:, None] - a[None]
    t = np.clip(np.sum(to * u, axis=2) / np.sum(u * u, axis=1), 0.0, 1.0)
    foot = a[None] + t[:, :, None] * u[None]
    squared = np.sum((points[:, None] - foot) ** 2, axis=2)
    nearest = np.argmin(squared, axis=1)
    row = np.arange(len(points))
    return np.sqrt(squared[row, nearest]), nearest + t[row, nearest], foot[row, nearest]


def piece(polyline: Points, closed: bool, start: float, end: float, first: Points, last: Points) -> Points:
    """The part of a polyline between two places (going round a closed one where end <= start), from ``first`` to ``last``."""
    n = len(polyline)
    if closed and end <= start:
        end += n
    between = np.arange(int(np.floor(start)) + 1, int(np.ceil(end)))
    inner = polyline[between % n]
    keep = np.minimum(np.linalg.norm(inner - first, axis=1), np.linalg.norm(inner - last, axis=1)) > 1e-9
    return np.vstack([first, inner[keep], last])


def _cross(a: Points, b: Points) -> Floats:
    return np.asarray(a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0])
