"""Compression hose around the section.

``sliding``: the fabric slides freely, so its tension T is uniform and it spans hollows: energy ½k(L − L₀)²/L₀ with L the length of
the skin's convex hull, pressure p = Tκ (Laplace). T is an unknown, bordered like a vein's pressure: L(u) − L₀ = T L₀/k.
``uniform``: a follower pressure on the skin, or on arcs of it. ``bonded``: a
:class:`~calfpump.section.membranes.Membrane` on the skin, the same energy edge by edge. A pad holds the fabric off the skin: the hull is that
of the skin moved outwards by the pad's thickness, and p = Tκ of that contour reaches the skin under it.

A short-stretch bandage is a large k. Its limit, a girth that can't grow, is none of plane strain: incompressible muscle that shortens must swell.

A catalogue gives the static stiffness dp/dL; for a circle p = 2πT/L, hence dp/dL = 2πk/(L L₀) − p/L.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from calfpump.section.curves import Floats, Ints

#: Points of a skin's edge that the fabric may touch, its far end apart.
SAMPLES = 4
_AT = np.linspace(0.0, 1.0, SAMPLES + 1)
#: N_i there (point, node).
_SHAPES: Floats = np.stack([(1.0 - _AT) * (1.0 - 2.0 * _AT), 4.0 * _AT * (1.0 - _AT), _AT * (2.0 * _AT - 1.0)], axis=1)


def fabric_stiffness(pressure: float, stiffness: float, girth: float) -> float:
    """k [N/m] of a fabric whose pressure rises by `stiffness` [Pa/m] per metre of girth, worn with `pressure` [Pa] at `girth` [m].

    From dp/dL = 2πk/(L L₀) − p/L with T = pL/2π = k(L − L₀)/L₀, i.e. L₀ = L/(1 + T/k) and k = (dp/dL + p/L) L²/2π − T.
    """
    tension = pressure * girth / (2.0 * np.pi)
    k = (stiffness + pressure / girth) * girth**2 / (2.0 * np.pi) - tension
    return float(k)


def rest_girth(tension: float, k: float, girth: float) -> float:
    """Slack girth [m] of a fabric of stiffness `k` [N/m] that has `tension` [N/m] at `girth` [m]."""
    return girth / (1.0 + tension / k)


class HullLength:
    """Length of the convex hull of a closed skin, as a function of node places.

    The hull is that of `SAMPLES` points on each quadratic edge; it spans what is hollow. L = ∫ max_i xᵢ·n(θ) dθ over all directions n is convex in the
    places and has no kink: a point that comes to the hull joins it without force. So the hull is found anew at whatever places it is asked
    for, within Newton's method too; held fast meanwhile, skin that it has left bulges out past it, for nothing presses there. `offset` (n, 2), if given, is
    added to the node places: the thickness of pads.
    """

    def __init__(self, chain: Ints, offset: Floats | float = 0.0) -> None:
        self.chain = chain
        self.offset = offset
        #: Which points the hull has where it was last asked for, in order.
        self.hull: Ints = np.zeros(0, dtype=np.int64)
        self._nodes: Floats = np.zeros((0, 3, 2))
        self._points: Floats = np.zeros((0, 2))

    def _search(self, x: Floats) -> None:
        nodes = (x + self.offset)[self.chain]
        if np.array_equal(nodes, self._nodes):
            return
        self._nodes = nodes
        self._points = np.einsum("si,kid->ksd", _SHAPES[:-1], nodes).reshape(-1, 2)
        self.hull = np.sort(_convex_hull(self._points))

    def length(self, x: Floats) -> float:
        """Length in the units of `x`."""
        return float(np.linalg.norm(self._sides(x), axis=1).sum())

    def gradient(self, x: Floats) -> Floats:
        """Derivative (k, 3, 2) by the places of the nodes of each edge of `chain`."""
        side = self._sides(x)
        t = side / np.linalg.norm(side, axis=1)[:, None]
        pull = np.zeros_like(self._points)
        pull[self.hull] = np.roll(t, 1, axis=0) - t
        return np.asarray(np.einsum("si,ksd->kid", _SHAPES[:-1], pull.reshape(-1, SAMPLES, 2)))

    def hessian(self, x: Floats) -> list[tuple[Ints, Floats]]:
        """Second derivative: (nodes (k, q), values (k, 2q, 2q)) of sides within an edge and of those between edges."""
        core = _across(self._sides(x))
        edges, weights, within = self._ends()
        w = weights[within, 1] - weights[within, 0]
        H = np.zeros((len(self.chain), 3, 2, 3, 2))
        np.add.at(H, edges[within, 0], np.einsum("qi,qde,qj->qidje", w, core[within], w))
        apart = (weights[~within] * np.array([-1.0, 1.0])[:, None]).reshape(-1, 6)
        C = np.einsum("qi,qde,qj->qidje", apart, core[~within], apart)
        return [(self.chain, H.reshape(-1, 6, 6)), (self.chain[edges[~within]].reshape(-1, 6), C.reshape(-1, 12, 12))]

    def spans(self, x: Floats) -> Ints:
        """Nodes (k, 6) of the pairs of edges that sides of the hull join."""
        self._search(x)
        edges, _, within = self._ends()
        return self.chain[edges[~within]].reshape(-1, 6)

    def _sides(self, x: Floats) -> Floats:
        self._search(x)
        corners = self._points[self.hull]
        return np.asarray(np.roll(corners, -1, axis=0) - corners)

    def _ends(self) -> tuple[Ints, Floats, NDArray[np.bool_]]:
        """Of both ends of each side of the hull: edge (k, 2) and weights (k, 2, 3) of its nodes; and whether (k,) the side lies within one edge."""
        following = np.roll(self.hull, -1)
        edges = np.stack([self.hull, following], axis=1) // SAMPLES
        at = np.stack([self.hull, following], axis=1) % SAMPLES
        # the first point of an edge is the last one of the edge before
        last = (at[:, 1] == 0) & (edges[:, 1] == (edges[:, 0] + 1) % len(self.chain))
        edges[last, 1], at[last, 1] = edges[last, 0], SAMPLES
        return edges, _SHAPES[at], edges[:, 0] == edges[:, 1]


def pad_offsets(X: Floats, chain: Ints, pads: Sequence[tuple[float, float, float]]) -> Floats:
    """Displacement (n, 2) of the contour by `pads` (angle, width, height) on the closed skin `chain`, counter-clockwise, at stress-free places `X`.

    Height · cos²(πd/width) along the stress-free outer normal, d the distance along the skin from the node that lies in the pad's direction.
    """
    nodes = chain[:, :2].reshape(-1)
    x = X[nodes]
    ahead, behind = np.roll(x, -1, axis=0), np.roll(x, 1, axis=0)
    tangent = ahead - behind
    normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=1) / np.linalg.norm(tangent, axis=1)[:, None]
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(x, axis=0), axis=1))])
    girth = arc[-1] + float(np.linalg.norm(x[0] - x[-1]))
    direction = directions(x)
    height = np.zeros(len(nodes))
    for angle, width, tall in pads:
        apart = np.abs(arc - arc[np.argmin(np.abs(_turn(direction - angle)))])
        d = np.minimum(apart, girth - apart)
        height += np.where(d < 0.5 * width, tall * np.cos(np.pi * d / width) ** 2, 0.0)
    offset = np.zeros_like(X)
    offset[nodes] = height[:, None] * normal
    return offset


def pressed(X: Floats, chain: Ints, arcs: Sequence[tuple[float, float]]) -> Floats:
    """One for each edge of the skin `chain` whose middle lies in one of the `arcs` (angle, width) [rad], else zero."""
    direction = directions(X[chain[:, 0]], X[chain[:, 1]])
    inside = [np.abs(_turn(direction - angle)) <= 0.5 * width for angle, width in arcs]
    return np.asarray(np.any(inside, axis=0), dtype=np.float64)


def directions(outline: Floats, x: Floats | None = None) -> Floats:
    """Angle [rad] in which the places `x` (default: the outline's own) lie from the middle of the closed `outline`."""
    y = np.roll(outline, -1, axis=0)
    cross = outline[:, 0] * y[:, 1] - y[:, 0] * outline[:, 1]
    middle = ((outline + y) * cross[:, None]).sum(axis=0) / (3.0 * cross.sum())
    d = (outline if x is None else x) - middle
    return np.asarray(np.arctan2(d[:, 1], d[:, 0]))


def _turn(angle: Floats) -> Floats:
    """The same angle within ± π."""
    return np.asarray((angle + np.pi) % (2.0 * np.pi) - np.pi)


def _across(y: Floats) -> Floats:
    """(I − t tᵀ)/|y| for vectors y (…, 2) of direction t: the second derivative of |y|."""
    size = np.linalg.norm(y, axis=-1)[..., None, None]
    t = y[..., :, None] / size
    return np.asarray((np.eye(2) - t * np.swapaxes(t, -1, -2)) / size)


def _convex_hull(p: Floats) -> Ints:
    """Indices of the corners of the convex hull (Andrew 1979, monotone chain); points on a side of it are kept."""
    order = np.lexsort((p[:, 1], p[:, 0]))
    slack = -1e-12 * float(np.ptp(p[:, 0]) * np.ptp(p[:, 1]))

    def half(points: Ints) -> list[int]:
        chain: list[int] = []
        for i in (int(k) for k in points):
            while len(chain) > 1:
                a, b = p[chain[-2]], p[chain[-1]]
                if (b[0] - a[0]) * (p[i, 1] - a[1]) - (b[1] - a[1]) * (p[i, 0] - a[0]) >= slack:
                    break
                chain.pop()
            chain.append(i)
        return chain

    return np.array(half(order)[:-1] + half(order[::-1])[:-1], dtype=np.int64)
