"""A NaN that the checks before a run did not see stops the march."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from calfpump.flow import Compartment, FlowBoundary, FlowError, Network, PressureBoundary, Signals, Vessel, rest_state, simulate
from calfpump.law import AlgebraicLaw, TubeLaw

VEIN = AlgebraicLaw.from_speed(2e-5, 1.0, 1060.0)
TABLE = VEIN.to_table()
KINDS = {
    "artery": AlgebraicLaw(2e-5, 4000.0, 0.5, 0.0),
    "vein": VEIN,
    "table": TABLE,
    "blended table": TubeLaw("two", VEIN.A0, TABLE.alpha, np.array([0.0, 0.1]), np.concatenate([TABLE.f, 2.0 * TABLE.f]), np.repeat(TABLE.G, 2, axis=0),
                             np.repeat(TABLE.alpha_fe, 2, axis=0)),
}  # fmt: skip


@pytest.mark.parametrize("place", ["A", "Q", "flow", "pressure", "outer pressure", "activation", "posture"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_nan_inside_the_march_is_caught(kind: str, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Past the checks before a run, a NaN in a cell, a boundary or what acts from outside stops the march of each kind of law, in the step that meets it."""
    march = sys.modules["calfpump.flow.simulate"]
    muscle = Compartment("muscle", None, "s", "e")
    vessel = Vessel("v", "a", "b", 0.2, KINDS[kind], cells=20, height=((0.0,), (0.1,)), compartment="muscle")
    network = Network([vessel], compartments=[muscle], boundaries=[FlowBoundary("a", "q"), PressureBoundary("b", "p")])
    values = {"q": 1e-6, "p": 0.0, "e": 0.0, "s": 0.05}
    start = rest_state(network, Signals.constant((1.0,), **values))
    simulate(network, Signals.constant((1.0,), **values), t_end=0.02, initial=start)
    monkeypatch.setattr(march, "check", lambda *_: None)
    monkeypatch.setattr(march, "_check_start", lambda *_: None)
    signal = {"flow": "q", "pressure": "p", "outer pressure": "e", "activation": "s"}.get(place)
    signals = Signals.constant((np.nan if place == "posture" else 1.0,), **(values if signal is None else values | {signal: np.nan}))
    if signal is None and place != "posture":
        cells = getattr(start, place).copy()
        cells[7] = np.nan
        start = start.with_cells(**{place: cells})
    with pytest.raises(FlowError, match=r"nan|not finite") as caught:
        simulate(network, signals, t_end=0.02, initial=start)
    assert float(caught.value.state.split()[2]) <= 0.005
