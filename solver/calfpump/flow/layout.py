"""Network → flat arrays, and the way back: names, slices, cell centres."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.flow.error import NetworkError
from calfpump.flow.network import Network, Vessel

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Layout:
    """Where everything of a network lies on the flat axes.

    Cells of vessel v: first[v] … first[v+1]; its faces, from distal to proximal: first[v]+v … first[v+1]+v+1. ``x`` (ncell,) cell centres
    from the vessel's distal end [m]; ``dx`` (nv,) [m]; ``valve_face`` (nvalve,) index on the face axis.
    """

    network: Network
    nodes: tuple[str, ...]
    first: NDArray[np.int64]
    dx: Array
    x: Array
    valve_face: NDArray[np.int64]

    @cached_property
    def number(self) -> dict[str, int]:
        """Vessel name → index."""
        return {v.name: k for k, v in enumerate(self.network.vessels)}

    @property
    def cells(self) -> int:
        """Number of cells."""
        return int(self.first[-1])

    @property
    def faces(self) -> int:
        """Number of faces."""
        return int(self.first[-1]) + len(self.network.vessels)

    @cached_property
    def gauges(self) -> NDArray[np.int64]:
        """Faces through which volumes are kept, ascending: the vessels' ends and the valves."""
        ends = self.first + np.arange(self.first.size)
        faces: NDArray[np.int64] = np.unique(np.concatenate([ends[:-1], ends[1:] - 1, self.valve_face]))
        return faces

    def cell_slice(self, vessel: str) -> slice:
        """Cells of the named vessel, distal to proximal."""
        v = self.number[vessel]
        return slice(int(self.first[v]), int(self.first[v + 1]))

    def face_slice(self, vessel: str) -> slice:
        """Faces of the named vessel, distal to proximal."""
        v = self.number[vessel]
        return slice(int(self.first[v]) + v, int(self.first[v + 1]) + v + 1)


def cell_count(vessel: Vessel, cell_length: float, valves: int) -> int:
    """Cells of a vessel: as given, else round(length/cell_length), and enough to have a face for each valve."""
    if vessel.cells is not None:
        return vessel.cells
    return max(1 + valves, 2 if valves else 1, round(vessel.length / cell_length))


def layout(network: Network, cell_length: float) -> Layout:
    """Divide the vessels into cells of about ``cell_length`` [m] and place the valves.

    Raises
    ------
    NetworkError
        More valves in a vessel than it has interior faces.
    """
    names = [v.name for v in network.vessels]
    per_vessel = [[k for k, valve in enumerate(network.valves) if valve.vessel == name] for name in names]
    counts = [cell_count(v, cell_length, len(valves)) for v, valves in zip(network.vessels, per_vessel, strict=True)]
    first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    dx = np.array([v.length / n for v, n in zip(network.vessels, counts, strict=True)])
    x = np.concatenate([(np.arange(n) + 0.5) * d for n, d in zip(counts, dx, strict=True)])
    faces = np.full(len(network.valves), -1, np.int64)
    problems = []
    for v, valves in enumerate(per_vessel):
        free = list(range(1, counts[v]))
        for k in sorted(valves, key=lambda k: network.valves[k].at):
            if not free:
                problems.append(f"vessel '{names[v]}' has {len(valves)} valves but only {counts[v] - 1} interior faces: give it more cells")
                break
            face = min(free, key=lambda f: abs(f / counts[v] - network.valves[k].at))
            free.remove(face)
            faces[k] = first[v] + v + face
    if problems:
        raise NetworkError(problems)
    nodes = tuple(dict.fromkeys(node for v in network.vessels for node in (v.distal, v.proximal)))
    return Layout(network, nodes, first, dx, x, faces)
