"""What a run gives back: everything in time, by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.flow.layout import Layout
from calfpump.flow.state import State

Array = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Series:
    """Samples at the output times ``t`` (nt,) [s].

    Cells: ``A`` [m²], ``Q`` [m³/s] (totals over parallel vessels), ``p`` [Pa] blood pressure, each (nt, ncell); cell centres ``layout.x``.
    ``wall_shear`` (nt, ncell) [Pa]: the friction ρ (ν/g) u per length of one vessel over its perimeter 2√(π max(A, A0)), which collapse does not
    shorten; 4 μ u/R in a circle. ``p`` has the viscous part of the wall, Γ/(A0 √A) ∂A/∂t of one vessel; ``node_p`` is elastic.
    Cumulated volumes since the start [m³]: ``face_volume`` (nt, ngauge) towards the heart through the faces ``layout.gauges``, and its positive
    part ``face_forward``; ``bed_in``,
    ``bed_out`` (nt, nbed); ``source`` (nt, nnode) from the node's boundary into the network. The boundaries' loads follow the beds, under the
    names of their nodes. ``bed_V``, ``bed_p`` (nt, nbed); ``p_c``
    (nt, ncompartment) [Pa]; ``node_p`` (nt, nnode) [Pa] including ½ρu²; ``zeta`` (nt, nvalve). ``end``: the state to resume from.
    Tracers: ``marked`` (nt, nk, ncell) [m²] share of A, ``marked_bed`` (nt, nk, nbed) [m³], ``marked_in`` (nt, nk) [m³] what has entered through
    boundaries, loads and arteries since the start, less what has left; marking at a time is none of it.

    Balance, to round-off: per vessel ΔV = through(distal) − through(proximal); per bed ΔV = bed_inflow − bed_outflow; per node the volumes
    of all ends, beds and the source sum to zero.
    """

    layout: Layout
    t: Array
    A: Array
    Q: Array
    p: Array
    wall_shear: Array
    face_volume: Array
    face_forward: Array
    bed_V: Array
    bed_p: Array
    bed_in: Array
    bed_out: Array
    p_c: Array
    node_p: Array
    source: Array
    zeta: Array
    marked: Array
    marked_bed: Array
    marked_in: Array
    end: State
    steps: int
    bracketed: int
    limited: int

    @property
    def vessels(self) -> tuple[str, ...]:
        """Names of the vessels, in the order of the flat axis."""
        return tuple(v.name for v in self.layout.network.vessels)

    @property
    def compartments(self) -> tuple[str, ...]:
        """Names of the compartments."""
        return tuple(c.name for c in self.layout.network.compartments)

    def cells(self, vessel: str) -> slice:
        """The vessel's cells on the flat axis, distal to proximal."""
        return self.layout.cell_slice(vessel)

    def x(self, vessel: str) -> Array:
        """Cell centres from the distal end [m]."""
        return self.layout.x[self.cells(vessel)]

    def volume(self, vessel: str) -> Array:
        """Volume of a vessel (all its parallel ones) [m³], (nt,)."""
        dx = self.layout.dx[self.layout.number[vessel]]
        return np.asarray(self.A[:, self.cells(vessel)].sum(axis=1) * dx)

    def through(self, vessel: str, end: str, forward: bool = False) -> Array:
        """Volume that has passed the ``distal`` or ``proximal`` end towards the heart since the start [m³]; ``forward``: its positive part."""
        faces = self.layout.face_slice(vessel)
        return self._face({"distal": faces.start, "proximal": faces.stop - 1}[end], forward)

    def through_valve(self, number: int, forward: bool = False) -> Array:
        """The same for the valve of that number in the network."""
        return self._face(int(self.layout.valve_face[number]), forward)

    def _face(self, face: int, forward: bool) -> Array:
        return np.asarray((self.face_forward if forward else self.face_volume)[:, np.searchsorted(self.layout.gauges, face)])

    def _bed(self, name: str) -> int:
        return self.layout.network.reservoirs.index(name)

    def bed_volume(self, name: str) -> Array:
        """Volume of a bed's venular reservoir [m³]."""
        return np.asarray(self.bed_V[:, self._bed(name)])

    def bed_pressure(self, name: str) -> Array:
        """Pressure of a bed's venular reservoir [Pa]."""
        return np.asarray(self.bed_p[:, self._bed(name)])

    def bed_inflow(self, name: str) -> Array:
        """Arterial volume that has entered a bed since the start [m³]."""
        return np.asarray(self.bed_in[:, self._bed(name)])

    def bed_outflow(self, name: str) -> Array:
        """Volume that a bed has given to its node since the start [m³]."""
        return np.asarray(self.bed_out[:, self._bed(name)])

    def compartment_pressure(self, name: str) -> Array:
        """Pressure p_c of a compartment [Pa]."""
        return np.asarray(self.p_c[:, self.compartments.index(name)])

    def node_pressure(self, name: str) -> Array:
        """Pressure at a node [Pa]."""
        return np.asarray(self.node_p[:, self.layout.nodes.index(name)])

    def node_source(self, name: str) -> Array:
        """Volume that has entered through the boundary at a node since the start [m³]."""
        return np.asarray(self.source[:, self.layout.nodes.index(name)])

    def _tracer(self, name: str) -> int:
        return [tracer.name for tracer in self.layout.network.tracers].index(name)

    def share(self, tracer: str) -> Array:
        """Share φ of the blood of every cell that is marked, (nt, ncell)."""
        return np.asarray(self.marked[:, self._tracer(tracer)] / self.A)

    def marked_volume(self, tracer: str, vessel: str | None = None) -> Array:
        """Marked volume in a vessel (all its parallel ones), or in all vessels and beds [m³], (nt,)."""
        k = self._tracer(tracer)
        if vessel is not None:
            return np.asarray(self.marked[:, k, self.cells(vessel)].sum(axis=1) * self.layout.dx[self.layout.number[vessel]])
        per_cell = np.repeat(self.layout.dx, np.diff(self.layout.first))
        return np.asarray(self.marked[:, k] @ per_cell + self.marked_bed[:, k].sum(axis=1))

    def marked_in_bed(self, tracer: str, name: str) -> Array:
        """Marked volume in a bed's venular reservoir [m³], (nt,)."""
        return np.asarray(self.marked_bed[:, self._tracer(tracer), self._bed(name)])
