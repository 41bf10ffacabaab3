"""Self-contact of a vein's lumen: node to segment, penalty, no offset, pairs frozen during Newton.

A node that has crossed a facing segment of the wall by the depth −g > 0 stores ½ · ½ε w g², with w its share of the stress-free wall
length and the second half because either wall's nodes are pushed (two passes). With q = (x₁, x₂, x) the segment's ends and the node,
g = (x₂ − x₁) × (x − x₁)/|x₂ − x₁| is positive inside the lumen. Pairs are searched between solves only: searching in each iteration
cycles for ever (measured). An offset would act as a thicker wall, + 5 to + 26 % in pressure, so there is none.

A thick wall that bends sharply creases on its inside, where it is compressed by more than a third (Hohlfeld & Mahadevan 2011), and the two
sides of a crease are a few segments apart: no distance along the wall tells who may touch. What lies between does: lumen, or walls that
have crossed, but never tissue, which a bulge has between its flanks.
"""

from __future__ import annotations

import numpy as np

from calfpump.section.curves import Floats, Ints

#: Candidates are searched within this part of the mean radius.
REACH = 0.3
#: Walls face one another when the cosine between their normals is below this.
FACING = -0.5
#: Walls further apart along the stress-free wall than this part of the mean radius are opposite ones, nearer ones sides of a crease.
OPPOSITE = 0.4
#: The penalty between the sides of a crease, in parts of that between opposite walls: they press on one another with the wall's modulus, not with
#: the blood's pressure. For a wall of h/R = .36 at α = .086 and 24 to 96 edges, 1 gives p of −50 to −45 mmHg, 4 of −50 to −53, 8 up to 4 % more; 6 and 16
#: could not be marched on some fine meshes (measured: tests/verification/test_section_creases.py).
CREASE = 4.0
#: Segments looked at for a node before it is left without.
TRIALS = 4
#: A node may project this far beyond a segment's ends, in parts of its length.
OVERHANG = 0.25


def _cross_form() -> Floats:
    """Second derivative (6, 6) of (x₂ − x₁) × (x − x₁) by q = (x₁, x₂, x)."""
    H = np.zeros((6, 6))
    for a, b, sign in ((0, 3, 1.0), (1, 2, -1.0), (2, 5, 1.0), (3, 4, -1.0), (4, 1, 1.0), (5, 0, -1.0)):
        H[a, b] += sign
        H[b, a] += sign
    return H


CROSS = _cross_form()


class SelfContact:
    """Contact within one lumen whose wall nodes, ordered with the lumen to the left, are `loop`; `penalty` ε per depth."""

    def __init__(self, X: Floats, loop: Ints, penalty: float) -> None:
        self.loop = loop
        self.penalty = penalty
        x = X[loop]
        step = np.linalg.norm(np.roll(x, -1, axis=0) - x, axis=1)
        arc = np.concatenate([[0.0], np.cumsum(step)])
        self.radius = float(arc[-1] / (2.0 * np.pi))
        edge = step + np.roll(step, 1)  # at a middle node, its edge's length; at a corner, half of its two edges together
        corner = np.arange(len(loop)) % 2 == 0
        self.share = np.where(corner, edge / 3.0, edge * 2.0 / 3.0)
        apart = np.abs(arc[:-1, None] - 0.5 * (arc[:-1] + arc[1:])[None, :])
        self.opposite = np.minimum(apart, arc[-1] - apart) > OPPOSITE * self.radius
        self.pairs: Ints = np.zeros((0, 3), dtype=np.int64)
        #: The segment each node of the loop is paired with, −1: none.
        self.facing: Ints = np.full(len(loop), -1)
        self._weight: Floats = np.zeros(0)
        self.touching: Ints = np.zeros(0, dtype=np.int64)

    def search(self, x: Floats) -> bool:
        """Pair each node with the nearest facing segment within reach, at node places `x`; True when a pair changed.

        A node keeps its segment as long as it projects on it, or beyond its ends by less than `OVERHANG`: a node opposite a corner would
        change sides with every search, and each side pushes the walls along one another to where the other is nearer.
        """
        p = x[self.loop]
        n = len(p)
        t = np.roll(p, -1, axis=0) - p
        size = np.linalg.norm(t, axis=1)
        normal = np.stack([-t[:, 1], t[:, 0]], axis=1) / size[:, None]
        at_node = normal + np.roll(normal, 1, axis=0)
        at_node /= np.maximum(np.linalg.norm(at_node, axis=1), 1e-30)[:, None]
        r = p[:, None, :] - p[None, :, :]
        along = np.einsum("ijk,jk->ij", r, t) / size**2
        distance = np.linalg.norm(r - np.clip(along, 0.0, 1.0)[:, :, None] * t[None], axis=2)
        possible = (at_node @ normal.T < FACING) & (along > -OVERHANG) & (along < 1.0 + OVERHANG)
        distance = np.where(possible, distance, np.inf)
        every, nearest = np.arange(n), distance.argmin(axis=1)
        old = np.where(self.facing < 0, nearest, self.facing)
        nearest = np.where(distance[every, old] <= distance[every, nearest] + OVERHANG * size[old], old, nearest)
        near = distance[every, nearest] < REACH * self.radius
        asked = np.flatnonzero(near)
        for _ in range(TRIALS):
            segment = nearest[asked]
            foot = p[segment] + np.clip(along[asked, segment], 0.0, 1.0)[:, None] * t[segment]
            asked = asked[_winding(0.5 * (p[asked] + foot), p) == 0]
            if not len(asked):
                break
            distance[asked, nearest[asked]] = np.inf
            nearest[asked] = distance[asked].argmin(axis=1)
            near[asked] = distance[asked, nearest[asked]] < REACH * self.radius
            asked = asked[near[asked]]
        near[asked] = False
        self.facing = np.where(near, nearest, -1)
        node = np.flatnonzero(near)
        segment = nearest[node]
        pairs = np.stack([self.loop[segment], self.loop[(segment + 1) % n], self.loop[node]], axis=1)
        changed = not np.array_equal(pairs, self.pairs)
        stiffness = np.where(self.opposite[node, segment], self.penalty, CREASE * self.penalty)
        self.pairs, self._weight = pairs, 0.5 * stiffness * self.share[node]
        return changed

    def least_gap(self, x: Floats) -> float:
        """Least gap of opposite walls among the frozen pairs, infinite without one; the sides of a crease are not opposite."""
        opposite = self.opposite[np.flatnonzero(self.facing >= 0), self.facing[self.facing >= 0]]
        return float(self.gaps(x)[opposite].min(initial=np.inf))

    def gaps(self, x: Floats) -> Floats:
        """Gap g of every frozen pair, negative where walls overlap."""
        q = x[self.pairs]
        t, r = q[:, 1] - q[:, 0], q[:, 2] - q[:, 0]
        return np.asarray((t[:, 0] * r[:, 1] - t[:, 1] * r[:, 0]) / np.linalg.norm(t, axis=1))

    def gradient(self, x: Floats) -> tuple[Ints, Floats]:
        """Touching pairs (k, 3) and derivative (k, 3, 2) of the contact energy by their places."""
        pairs, depth, weight, slope, _ = self._touching(x)
        return pairs, (weight * depth)[:, None, None] * slope.reshape(-1, 3, 2)

    def hessian(self, x: Floats) -> tuple[Ints, Floats]:
        """Touching pairs (k, 3) and second derivative (k, 6, 6) of the contact energy."""
        pairs, gap, weight, slope, bend = self._touching(x)
        H = weight[:, None, None] * (slope[:, :, None] * slope[:, None, :] + gap[:, None, None] * bend)
        return pairs, H

    def _touching(self, x: Floats) -> tuple[Ints, Floats, Floats, Floats, Floats]:
        """Of the touching pairs: nodes, gap g, weight, ∂g/∂q (k, 6), ∂²g/∂q² (k, 6, 6)."""
        touching = np.flatnonzero(self.gaps(x) < 0.0)
        pairs, self.touching = self.pairs[touching], touching
        q = x[pairs].reshape(-1, 6)
        t, r = q[:, 2:4] - q[:, :2], q[:, 4:] - q[:, :2]
        size = np.linalg.norm(t, axis=1)
        cross = t[:, 0] * r[:, 1] - t[:, 1] * r[:, 0]
        dcross = q @ CROSS
        unit = t / size[:, None]
        dsize = np.concatenate([-unit, unit, np.zeros_like(unit)], axis=1)
        slope = dcross / size[:, None] - (cross / size**2)[:, None] * dsize
        M = (np.eye(2) - unit[:, :, None] * unit[:, None, :]) / size[:, None, None]
        ddsize = np.zeros((len(pairs), 6, 6))
        ddsize[:, :2, :2] = ddsize[:, 2:4, 2:4] = M
        ddsize[:, :2, 2:4] = ddsize[:, 2:4, :2] = -M
        outer = dcross[:, :, None] * dsize[:, None, :]
        bend = (
            CROSS / size[:, None, None]
            - (outer + outer.transpose(0, 2, 1)) / (size**2)[:, None, None]
            + (2.0 * cross / size**3)[:, None, None] * dsize[:, :, None] * dsize[:, None, :]
            - (cross / size**2)[:, None, None] * ddsize
        )
        return pairs, cross / size, self._weight[touching], slope, bend


def _winding(points: Floats, polygon: Floats) -> Ints:
    """How often a closed polygon (n, 2) runs round points (k, 2), counter-clockwise positive: 1 in an open lumen, −1 where its walls have crossed, 0 in
    tissue."""
    here, there = polygon, np.roll(polygon, -1, axis=0)
    y = points[:, 1, None]
    side = (there - here)[:, 0] * (y - here[:, 1]) - (there - here)[:, 1] * (points[:, 0, None] - here[:, 0])
    up, down = (here[:, 1] <= y) & (there[:, 1] > y), (here[:, 1] > y) & (there[:, 1] <= y)
    return np.asarray((up & (side > 0.0)).sum(axis=1) - (down & (side < 0.0)).sum(axis=1))
