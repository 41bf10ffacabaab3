"""How fine a section is meshed: four presets, and the rule by which elements grow away from the veins."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from calfpump.anatomy.section_description import MM, Points
from calfpump.mesh.curve import Floats


@dataclass(frozen=True)
class Resolution:
    """Edge lengths [m] and counts that steer the mesh.

    ``lumen_edges`` round each lumen (a multiple of 4); ``wall_layers`` of elements through each wall at least, where that does not make
    them flat; ``sheath`` and ``growth``: growth of the edge length per length away from a vein, in its sheath and beyond; ``boundary`` longest
    edge on fascia, septa and bones; ``skin`` on the skin; ``interior`` anywhere; ``turn`` (rad) of a curve's direction per edge.
    """

    name: str
    lumen_edges: int
    wall_layers: int
    sheath: float
    growth: float
    boundary: float
    skin: float
    interior: float
    turn: float

    def finer(self, factor: float) -> Resolution:
        """Edge lengths over ``factor`` everywhere, counts times it."""
        return Resolution(
            f"{self.name}, {factor:g} times finer", 4 * round(self.lumen_edges * factor / 4), round(self.wall_layers * factor), self.sheath / factor,
            self.growth / factor, self.boundary / factor, self.skin / factor, self.interior / factor, self.turn / factor,
        )  # fmt: skip


COARSE = Resolution("coarse", 24, 1, 0.50, 0.50, 5.0 * MM, 6.0 * MM, 8.0 * MM, 0.7)
STANDARD = Resolution("standard", 48, 2, 0.50, 0.50, 2.4 * MM, 4.2 * MM, 5.0 * MM, 0.33)
FINE = Resolution("fine", 96, 4, 0.15, 0.40, 1.8 * MM, 3.0 * MM, 3.5 * MM, 0.25)
#: For soft walls that fold in firm muscle, where 96 edges can miss a twice finer mesh by more than 1 mmHg (docs/theory.md).
FINEST = replace(FINE, name="finest", lumen_edges=144)
RESOLUTIONS = {preset.name: preset for preset in (COARSE, STANDARD, FINE, FINEST)}


class SizeField:
    """Edge length wanted at a point: h(x) = min over sources of h_i + growth · |x − x_i|, at most ``cap``."""

    def __init__(self, points: Points, sizes: Floats, growth: float, cap: float) -> None:
        self.points, self.sizes, self.growth, self.cap = points, sizes, growth, cap

    def at(self, x: Points) -> Floats:
        """Wanted edge lengths [m] at points (k, 2)."""
        far = np.sqrt((x[:, None, 0] - self.points[:, 0]) ** 2 + (x[:, None, 1] - self.points[:, 1]) ** 2)
        return np.asarray(np.minimum(np.min(self.sizes + self.growth * far, axis=1, initial=np.inf), self.cap))


def graded(points: Points, sizes: Floats, growth: float) -> Floats:
    """Wanted lengths lowered so that they grow by no more than ``growth`` per distance between any two points."""
    field = SizeField(points, sizes, growth, np.inf)
    return np.concatenate([field.at(part) for part in np.array_split(points, 1 + len(points) // 500)])


def bend_limited(points: Points, cap: float, turn: float) -> Floats:
    """Wanted lengths along a dense polyline: at most ``turn`` (rad) of its direction per edge, from ``cap``/3 to ``cap``."""
    edge = np.diff(points, axis=0)
    length = np.linalg.norm(edge, axis=1)
    bend = np.zeros(len(points))
    cross = edge[:-1, 0] * edge[1:, 1] - edge[:-1, 1] * edge[1:, 0]
    bend[1:-1] = np.abs(np.arctan2(cross, np.sum(edge[:-1] * edge[1:], axis=1))) / (0.5 * (length[:-1] + length[1:]))
    return np.clip(turn / np.maximum(bend, 1e-9), cap / 3.0, cap)


def spaced(points: Points, sizes: Floats, least: int) -> Points:
    """New nodes along a dense polyline (n, 2), ends kept, so that each edge has the length wanted where it lies.

    ``sizes`` (n,) m is the length wanted at each point. The number of edges is ∫ ds/h rounded, at least ``least``.
    """
    step = np.linalg.norm(np.diff(points, axis=0), axis=1)
    count = np.concatenate([[0.0], np.cumsum(step * 0.5 * (1.0 / sizes[1:] + 1.0 / sizes[:-1]))])
    edges = max(least, round(count[-1]))
    at = np.linspace(0.0, count[-1], edges + 1)
    nodes = np.stack([np.interp(at, count, points[:, 0]), np.interp(at, count, points[:, 1])], axis=1)
    nodes[0], nodes[-1] = points[0], points[-1]
    return nodes
