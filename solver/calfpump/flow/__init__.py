"""1D blood flow in networks of collapsible vessels: data, `simulate`, `Series`. numba is loaded when a run begins.

Example: a vein with a valve, standing, fed by a flow and drained by the right atrium::

    law = AlgebraicLaw.from_speed(A0=2e-5, c0=1.5, density=1060.0)
    vein = Vessel("vein", "ankle", "heart", 1.2, law, height=((0.1,), (1.3,)))
    net = Network([vein], [Valve("vein", at=0.3)], boundaries=[FlowBoundary("ankle", "inflow"), PressureBoundary("heart", "atrium")])
    signals = Signals.constant(posture=(1.0,), inflow=2e-6, atrium=400.0)
    series = simulate(net, signals, Fluid(), t_end=10.0)
    series.p[:, series.cells("vein")], series.through("vein", "proximal")
"""

from calfpump.flow.checkpoint import Checkpoint
from calfpump.flow.error import FlowError, NetworkError
from calfpump.flow.layout import Layout, layout
from calfpump.flow.many import simulate_many
from calfpump.flow.network import (
    Bed,
    Boundary,
    Compartment,
    FlowBoundary,
    Fluid,
    Network,
    PressureBoundary,
    ReflectionFree,
    Resistance,
    Tracer,
    Valve,
    Vessel,
    Windkessel,
)
from calfpump.flow.series import Series
from calfpump.flow.signals import Signals
from calfpump.flow.simulate import rest_state, simulate
from calfpump.flow.state import State

__all__ = [
    "Bed", "Boundary", "Checkpoint", "Compartment", "FlowBoundary", "FlowError", "Fluid", "Layout", "Network", "NetworkError", "PressureBoundary",
    "ReflectionFree", "Resistance", "Series", "Signals", "State", "Tracer", "Valve", "Vessel", "Windkessel", "layout", "rest_state", "simulate",
    "simulate_many",
]  # fmt: skip
