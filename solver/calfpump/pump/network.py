"""The leg as a flow network: vessels with their laws, valves, venular reservoirs, compartments and the right atrium."""

from __future__ import annotations

from collections.abc import Mapping

from calfpump.anatomy.leg import Leg
from calfpump.anatomy.muscles import RESTING_PRESSURE as MUSCLES
from calfpump.case import Case
from calfpump.flow import Bed, Compartment, Network, PressureBoundary, Tracer, Valve, Vessel
from calfpump.law import AlgebraicLaw, CompartmentLaw, TubeLaw

MINIMUM_CELLS = 2


def leg_network(case: Case, leg: Leg, laws: Mapping[str, TubeLaw | AlgebraicLaw], compartments: Mapping[str, CompartmentLaw]) -> Network:
    """The flow network of ``leg`` with the law of each vessel and the pressure law of each muscle compartment.

    Compartments without a law pass on their external pressure only (foot, thigh, skin).
    """
    heights = {node: tuple(float(h) for h in climbed) for node, climbed in leg.height.items()}
    valved = [valve.vessel for valve in leg.valves]
    vessels = []
    for v in leg.vessels:
        cells = max(MINIMUM_CELLS, valved.count(v.name) + 1, round(v.length / case.numerics.cell_length))
        height = (heights[v.distal], heights[v.proximal])
        vessels.append(Vessel(v.name, v.distal, v.proximal, v.length, laws[v.name], n_parallel=v.n, cells=cells, height=height, compartment=v.compartment))
    names = sorted({v.compartment for v in leg.vessels if v.compartment} | {bed.compartment for bed in leg.beds})
    spaces = [
        Compartment(
            name,
            law=compartments.get(name),
            activation=f"shortening.{name}" if name in MUSCLES else None,
            external=f"pressure.{name}",
        )
        for name in names
    ]
    beds = [
        Bed(bed.name, bed.node, bed.compartment, compliance=bed.compliance, V0=bed.V0, R_out=bed.R_out, resistance=f"resistance.{bed.name}",
            arterial_pressure=case.flow.arterial_pressure, height=heights[bed.node], arterial_height=heights["atrium"])
        for bed in leg.beds
    ]  # fmt: skip
    washed = [Tracer(stage.name, stage.vessels, stage.beds, case.output.washout) for stage in leg.stages if case.output.washout is not None]
    return Network(
        vessels=vessels, valves=_valves(case, leg), beds=beds, compartments=spaces, boundaries=[PressureBoundary("atrium", "right_atrium")], tracers=washed
    )


def _valves(case: Case, leg: Leg) -> list[Valve]:
    if case.impairment.valves == "absent":
        return []
    leak = case.impairment.valve_leak
    return [Valve(v.vessel, at=v.at, leak=leak.get(v.vessel, 0.0)) for v in leg.valves]
