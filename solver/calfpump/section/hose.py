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

from calfpump.section.curves import GAUSS_WEIGHTS, SLOPES, Floats, Ints


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

    Where neighbouring corners both lie on the hull the quadratic edge itself counts; a hollow is spanned by a straight chord between
    its corners. Which corners belong to the hull is frozen between calls of `search`, as contact pairs are. `offset` (n, 2), if given, is added
    to the node places: the thickness of pads.
    """

    def __init__(self, chain: Ints, offset: Floats | float = 0.0) -> None:
        self.chain = chain
        self.offset = offset
        self.edges = chain
        self.spans: Ints = np.zeros((0, 2), dtype=np.int64)

    def search(self, x: Floats) -> bool:
        """Find the hull at places `x`; True when it changed."""
        corners, x = self.chain[:, 0], x + self.offset
        hull = np.sort(_convex_hull(x[corners]))
        following = np.roll(hull, -1)
        neighbours = (following - hull) % len(corners) == 1
        edges = self.chain[hull[neighbours]]
        spans = np.stack([corners[hull[~neighbours]], corners[following[~neighbours]]], axis=1)
        changed = not (np.array_equal(edges, self.edges) and np.array_equal(spans, self.spans))
        self.edges, self.spans = edges, spans
        return changed

    def length(self, x: Floats) -> float:
        """Length in the units of `x`."""
        x = x + self.offset
        y = np.einsum("gi,kid->kgd", SLOPES, x[self.edges])
        chord = x[self.spans[:, 1]] - x[self.spans[:, 0]]
        return float((np.linalg.norm(y, axis=2) @ GAUSS_WEIGHTS).sum() + np.linalg.norm(chord, axis=1).sum())

    def gradient(self, x: Floats) -> list[tuple[Ints, Floats]]:
        """Derivative by node places: (nodes (k, q), values (k, q, 2)) of the edges and of the chords."""
        x = x + self.offset
        y = np.einsum("gi,kid->kgd", SLOPES, x[self.edges])
        t = y / np.linalg.norm(y, axis=2)[:, :, None]
        chord = x[self.spans[:, 1]] - x[self.spans[:, 0]]
        c = chord / np.linalg.norm(chord, axis=1)[:, None]
        on_edges = np.einsum("g,gi,kgd->kid", GAUSS_WEIGHTS, SLOPES, t)
        return [(self.edges, on_edges), (self.spans, np.stack([-c, c], axis=1))]

    def hessian(self, x: Floats) -> list[tuple[Ints, Floats]]:
        """Second derivative: (nodes (k, q), values (k, 2q, 2q)) of the edges and of the chords."""
        x = x + self.offset
        y = np.einsum("gi,kid->kgd", SLOPES, x[self.edges])
        core = _across(y) * GAUSS_WEIGHTS[None, :, None, None]
        H = np.einsum("gi,kgde,gj->kidje", SLOPES, core, SLOPES).reshape(-1, 6, 6)
        M = _across(x[self.spans[:, 1]] - x[self.spans[:, 0]])
        C = np.concatenate([np.concatenate([M, -M], axis=2), np.concatenate([-M, M], axis=2)], axis=1)
        return [(self.edges, H), (self.spans, C)]


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
    """Indices of the corners of the convex hull (Andrew 1979, monotone chain); points nearly on a hull side are kept."""
    order = np.lexsort((p[:, 1], p[:, 0]))
    slack = -1e-9 * float(np.ptp(p[:, 0]) * np.ptp(p[:, 1]))

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
