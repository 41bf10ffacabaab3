"""All laws of a leg section: one equilibrium march per activation state, in parallel processes, then tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from calfpump.law.section_laws import SectionLaws
from calfpump.section import farm, tables
from calfpump.section.errors import section_error
from calfpump.section.job import GRIDS, MMHG, Curves, Job, WornHose
from calfpump.section.states import ActivationState, activation_states
from calfpump.section.tissues import coefficients

if TYPE_CHECKING:
    from calfpump.case.hose import Hose
    from calfpump.case.tissue import Tissue
    from calfpump.mesh import SectionMesh


def characterise(
    mesh: SectionMesh,
    tissue: Tissue,
    hose: Hose | None,
    states: Sequence[ActivationState] | None = None,
    *,
    quality: str = "standard",
    workers: int = 2,
    progress: Callable[[str], None] | None = None,
    sole: float = 0.0,
) -> SectionLaws:
    """Laws of every vein and compartment of `mesh` under `hose`, over `states` (default: those of the `quality`), with the pressure
    `sole` [Pa] of the ground on its sole.

    States that contract no muscle of this section are left out.

    Raises
    ------
    SectionError
        A state could not be reached; the message says which, why, and what to try.
    """
    began = time.perf_counter()
    tell = progress or (lambda line: None)
    states = tuple(states) if states is not None else activation_states(quality)
    present = set(mesh.compartments.values())
    states = tuple(state for state in states if not state.shortening or present.intersection(state.shortening))
    if all(state.shortening for state in states):
        raise section_error("the section", "its activation states", "none of them is rest")
    worn = _worn(mesh, hose)
    strongest = max(range(len(states)), key=lambda k: max(states[k].shortening.values(), default=0.0))
    jobs = [
        Job(mesh, coefficients(mesh, tissue), worn, state, GRIDS[quality], pictures=not state.shortening or k == strongest, sole=sole)
        for k, state in enumerate(states)
    ]
    curves = farm.solve(jobs, workers, tell)
    return _laws(mesh, states, curves, worn, quality, time.perf_counter() - began)


def _worn(mesh: SectionMesh, hose: Hose | None) -> WornHose | None:
    if hose is None or not hose.worn:
        return None
    at: dict[str, float] = {str(point): p for point, p in hose.pressure.items()}
    pressure = at.get(mesh.point, 0.0)
    return WornHose(pressure, hose.stiffness, hose.mode) if pressure > 0.0 else None


def _laws(
    mesh: SectionMesh, states: Sequence[ActivationState], curves: Sequence[Curves], worn: WornHose | None, quality: str, seconds: float
) -> SectionLaws:
    A0 = {vein.name: vein.area for vein in mesh.veins}
    veins, snaps = {}, []
    for vein in mesh.veins:
        veins[vein.name], found = tables.tube_law(vein.name, vein.compartment, vein.area, states, curves)
        snaps += found
    compartments = {
        name: tables.compartment_law(name, states, curves, A0, [v.name for v in mesh.veins if v.compartment == name])
        for name in dict.fromkeys(mesh.compartments.values())
    }
    rest = next(c for c, state in zip(curves, states, strict=True) if not state.shortening)
    return SectionLaws(
        section=mesh.name, veins=veins, compartments=compartments, shapes={vein: tables.lumen_shape(vein, rest) for vein in veins},
        hose_pressure=rest.hose_pressure, girth=rest.girth,
        provenance={
            "quality": quality, "seconds": round(seconds, 1), "hose": None if worn is None else {"mode": worn.mode, "mmHg": worn.pressure / MMHG},
            "states": [c.about for c in curves], "snaps": snaps,
            "p_c [mmHg] at A0": {
                state.name: {n: round(float(p) / MMHG, 2) for n, p in zip(c.names, c.ramp_pressures[-1], strict=True)}
                for state, c in zip(states, curves, strict=True)
            },
            "closure": "p = p_c(s, ΣA/ΣA0) + f(α; s), all veins at a common α; p_c is the mean in-plane pressure of the compartment's tissue",
        },
        pictures=tuple(picture for c in curves for picture in c.pictures),
    )  # fmt: skip
