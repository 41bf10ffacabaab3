"""What is read off a solved section: compartment pressures, girth, mean hose pressure, lumen conductances, deformed pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from calfpump.law.section_laws import DeformedSection
from calfpump.section import curves
from calfpump.section.conductance import conductance, fine_outline
from calfpump.section.curves import Floats
from calfpump.section.equilibrium import Equilibrium

if TYPE_CHECKING:
    from calfpump.mesh import SectionMesh

#: A lumen's outline has a dent where it lies behind its hull by more, parts of its length over 2π.
DENT = 0.05
#: A P2 triangle drawn as four straight ones: nodes 0 1 2, then the middles opposite to them.
_QUARTERS = np.array([[0, 5, 4], [5, 1, 3], [4, 3, 2], [3, 4, 5]])


def compartment_pressures(equilibrium: Equilibrium, mesh: SectionMesh, names: tuple[str, ...]) -> Floats:
    """Mean in-plane pressure [Pa] of each compartment's, or region's, tissue over its deformed area.

    In-plane, because that is what presses on a vein running along the leg; with soft muscle it differs from −tr σ/3 by less than the shear modulus.
    """
    system = equilibrium.system
    pressure, area = system.bulk.cell_fields(equilibrium.w)
    means = []
    for name in names:
        regions = [region for region, compartment in mesh.compartments.items() if name in (compartment, region)]
        cells = np.concatenate([system.domain.regions[region] for region in regions])
        force, size = system.domain.ranks.sum(np.array([pressure[cells] @ area[cells], area[cells].sum()]))
        means.append(float(force / size) * system.units.stress)
    return np.array(means)


def girth(equilibrium: Equilibrium) -> float:
    """What a tape round the skin reads [m]: its convex hull, pads included, if a sliding hose is on, else its length."""
    system = equilibrium.system
    x = system.domain.places(equilibrium.w)
    assert system.skin is not None
    length = system.hull.length(x) if system.hull is not None else float(curves.lengths(x, system.skin).sum())
    return length * system.units.length


def hose_tension(equilibrium: Equilibrium) -> float:
    """Tension [N/m] of a sliding hose, mean tension of a bonded one, 0 without."""
    system = equilibrium.system
    if system.hull is not None:
        return float(equilibrium.multipliers[-1]) * system.units.tension
    if system.bonded is None:
        return 0.0
    x = system.domain.places(equilibrium.w)
    size = curves.lengths(x, system.bonded.nodes)
    return float(system.bonded.tensions(x) @ size / size.sum()) * system.units.tension


def hose_pressure(equilibrium: Equilibrium) -> float:
    """Mean pressure p = 2πT/L [Pa] of a hose round the girth L (Laplace), or the uniform one."""
    tension = hose_tension(equilibrium)
    return 2.0 * np.pi * tension / girth(equilibrium) if tension else equilibrium.system.skin_pressure * equilibrium.system.units.stress


@dataclass(frozen=True)
class Lumens:
    """Of every lumen now: `conductances` G (n,) [m⁴], transverse and antero-posterior `diameters` (n, 2) [m], whether its walls are `touching` (n,), its
    `dents` (n,), and the least `gaps` (n,) [m] between opposite walls, infinite where none are near one another."""

    conductances: Floats
    diameters: Floats
    touching: NDArray[np.bool_]
    dents: NDArray[np.int64]
    gaps: Floats


def lumens(equilibrium: Equilibrium) -> Lumens:
    """The lumens of the present state."""
    system = equilibrium.system
    x = system.domain.places(equilibrium.w)
    outlines = [fine_outline(x, lumen) for lumen in system.lumens]
    G = np.array([conductance(outline) for outline in outlines]) * system.units.length**4
    diameters = np.array([np.ptp(outline, axis=0) for outline in outlines]).reshape(-1, 2) * system.units.length
    gaps = np.array([contact.least_gap(x) for contact in system.contacts] or [np.inf] * len(outlines)) * system.units.length
    return Lumens(G, diameters, gaps < 0.0, np.array([dents(outline) for outline in outlines], dtype=np.int64), gaps)


def dents(outline: Floats) -> int:
    """Dents of a closed outline (n, 2), places where it stays behind its convex hull by more than `DENT`: 0 of a round or oval lumen, 1 of a bean, 2 of a
    flattened one or an S, n of one with n lobes."""
    corners = np.sort(ConvexHull(outline).vertices)
    deep = DENT * float(np.linalg.norm(np.roll(outline, -1, axis=0) - outline, axis=1).sum()) / (2.0 * np.pi)
    found = 0
    for first, last in zip(corners, np.append(corners[1:], corners[0] + len(outline)), strict=True):
        between = outline[np.arange(first, last + 1) % len(outline)]
        along = (between[-1] - between[0]) / np.linalg.norm(between[-1] - between[0])
        across = (between - between[0]) @ np.array([-along[1], along[0]])
        found += np.abs(across).max() > deep
    return int(found)


def deformed(equilibrium: Equilibrium, mesh: SectionMesh, label: str) -> DeformedSection:
    """The section as it lies now, to be drawn: that of all ranks, one beside the other, whole on every rank."""
    system, domain = equilibrium.system, equilibrium.system.domain
    x = domain.places(equilibrium.w) * system.units.length
    used, triangles = np.unique(domain.cell_nodes[:, _QUARTERS].reshape(-1, 3), return_inverse=True)
    tags = np.zeros(len(domain.cell_of), dtype=np.int64)
    for region, cells in domain.regions.items():
        tags[cells] = mesh.regions[region]
    pressure, _ = system.bulk.cell_fields(equilibrium.w)
    parts = domain.ranks.joined((x[used], triangles.reshape(-1, 3), tags, pressure))
    points, triangles, tags, pressure = (np.concatenate(part) for part in zip(*_shifted(parts), strict=True))
    return DeformedSection(
        section=mesh.name,
        label=label,
        points=points,
        triangles=triangles.astype(np.int32),
        region=np.repeat(tags, 4),
        regions=dict(mesh.regions),
        lumens={vein: fine_outline(x, lumen) for vein, lumen in zip(system.veins, system.lumens, strict=True)},
        pressure={vein: float(p) for vein, p in zip(system.veins, equilibrium.pressures(), strict=True)},
        fields={"pressure [Pa]": np.repeat(pressure * system.units.stress, 4)},
    )


def _shifted(parts: list[Any]) -> list[Any]:
    """The triangles of each rank's part numbered on from those before it."""
    before = np.cumsum([0] + [len(points) for points, *_ in parts])
    return [(points, triangles + shift, *more) for (points, triangles, *more), shift in zip(parts, before, strict=False)]
