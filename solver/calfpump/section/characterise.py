"""All laws of a leg section: one equilibrium march per activation state, in parallel processes, then tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from calfpump.law.section_laws import SectionLaws
from calfpump.section import farm, tables
from calfpump.section.errors import section_error
from calfpump.section.job import GRIDS, MMHG, Curves, Job, Posture, WornHose
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
    keep: Path | None = None,
) -> SectionLaws:
    """Laws of every vein and compartment of `mesh` under `hose`, over `states` (default: those of the `quality`), with the pressure
    `sole` [Pa] of the ground on its sole.

    States that contract no muscle of this section are left out. What is reached on the way is kept in the folder `keep`: the same call, made
    again after a kill, goes on from there and ends with the same numbers. The folder belongs to one set of arguments and may be removed at the end.

    Raises
    ------
    SectionError
        A state could not be reached; the message says which, why, and what to try.
    """
    began = time.perf_counter()
    measured = [f"{vein.name} ({vein.posture})" for vein in mesh.veins if vein.posture]
    if measured:
        raise section_error("the section", "its mesh", f"sizes are those of a posture: {', '.join(measured)}", hint="stress_free_areas, then build with A0")
    tell = progress or (lambda line: None)
    states = tuple(states) if states is not None else activation_states(quality)
    present = set(mesh.compartments.values())
    states = tuple(state for state in states if not state.shortening or present.intersection(state.shortening))
    if all(state.shortening for state in states):
        raise section_error("the section", "its activation states", "none of them is rest")
    worn = worn_hose(mesh, hose)
    strongest = max(range(len(states)), key=lambda k: max(states[k].shortening.values(), default=0.0))
    jobs = [
        Job(
            mesh,
            coefficients(mesh, tissue),
            worn,
            state,
            GRIDS[quality],
            pictures=not state.shortening or k == strongest,
            sole=sole,
            keep=None if keep is None else keep / str(k),
        )
        for k, state in enumerate(states)
    ]
    curves = farm.solve(jobs, workers, tell)
    return _laws(mesh, states, curves, worn, quality, time.perf_counter() - began)


def worn_hose(mesh: SectionMesh, hose: Hose | None) -> WornHose | None:
    """The hose as it is at this section; None where it does not press."""
    if hose is None or not hose.worn:
        return None
    at: dict[str, float] = {str(point): p for point, p in hose.pressure.items()}
    pressure = at.get(mesh.point, 0.0)
    pads = tuple((pad.angle, pad.width, pad.height) for pad in hose.pads)
    arcs = tuple((arc.angle, arc.width) for arc in hose.arcs)
    return WornHose(pressure, hose.stiffness, hose.mode, pads, arcs) if pressure > 0.0 else None


def _laws(mesh: SectionMesh, states: Sequence[ActivationState], curves: Sequence[Curves], worn: WornHose | None, quality: str, seconds: float) -> SectionLaws:
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
            "results of states": {state.name: _state(c) for state, c in zip(states, curves, strict=True)},
            "postures": {name: _posture(found) for name, found in rest.postures.items()},
            "hose results": {} if worn is None else hose_results(rest, curves),
            "p_c [mmHg] at A0": {
                state.name: {n: round(float(p) / MMHG, 2) for n, p in zip(c.names, c.ramp_pressures[-1], strict=True)}
                for state, c in zip(states, curves, strict=True)
            },
            "closure": "p = p_c(s, ΣA/ΣA0) + f(α; s), all veins at a common α; p_c is the mean in-plane pressure of the compartment's tissue",
        },
        pictures=tuple(picture for c in curves for picture in c.pictures),
    )  # fmt: skip


def _state(c: Curves) -> dict[str, float]:
    """Girth, hose and compartment pressures with the veins at A0."""
    assert c.ramp_girth is not None and c.ramp_hose is not None
    found = {"girth [mm]": 1e3 * c.ramp_girth[-1], "girth change [mm]": 1e3 * (c.ramp_girth[-1] - c.ramp_girth[0]), "hose [mmHg]": c.ramp_hose[-1] / MMHG}
    found |= {f"{name} [mmHg]": p / MMHG for name, p in zip(c.names, c.ramp_pressures[-1], strict=True)}
    return {name: round(float(value), 3) for name, value in found.items()}


def _posture(found: Posture) -> dict[str, object]:
    areas = {vein: round(1e6 * A, 5) for vein, A in found.areas.items()}
    pressures = {name: round(p / MMHG, 3) for name, p in found.pressures.items()}
    return {"girth [mm]": round(1e3 * found.girth, 3), "hose [mmHg]": round(found.hose / MMHG, 3), "p [mmHg]": pressures, "A [mm2]": areas}


def hose_results(rest: Curves, curves: Sequence[Curves]) -> dict[str, float]:
    """What a hose's fabric makes of filling and contraction: mean pressures [mmHg] round the section, and their rise per girth.

    Static stiffness index: pressure standing less lying (Partsch 2005), here of the veins' filling from 10 to 60 mmHg with silent muscles;
    working pressure: that of the strongest contraction less rest.
    """
    strongest = max(curves, key=lambda c: 0.0 if c.ramp_hose is None else float(c.ramp_hose[-1]))
    assert strongest.ramp_hose is not None and strongest.ramp_girth is not None
    found = {"rest [mmHg]": rest.hose_pressure / MMHG, "contracted [mmHg]": strongest.ramp_hose[-1] / MMHG}
    rise, wider = strongest.ramp_hose[-1] - strongest.ramp_hose[0], strongest.ramp_girth[-1] - strongest.ramp_girth[0]
    found["working pressure [mmHg]"] = rise / MMHG
    if wider > 1e-5:
        found["stiffness [mmHg/cm]"] = rise / MMHG / (100.0 * wider)
    if {"standing", "supine"} <= set(rest.postures):
        standing, supine = rest.postures["standing"].hose, rest.postures["supine"].hose
        found |= {"supine [mmHg]": supine / MMHG, "standing [mmHg]": standing / MMHG, "static stiffness index [mmHg]": (standing - supine) / MMHG}
    return {name: round(float(value), 3) for name, value in found.items()}
