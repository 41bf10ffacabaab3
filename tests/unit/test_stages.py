"""Stage accounting on a hand-made run whose fluxes are known."""

from __future__ import annotations

import numpy as np
import pytest

from calfpump.pump.activities import lying
from calfpump.pump.protocol import Episode
from calfpump.pump.stages import StageSeries, stage_cycles

T = np.linspace(0.0, 4.0, 401)


def row(*cycles: float) -> Episode:
    return Episode("test", "stand", lying(), cycles[0], cycles[-1], np.array(cycles), True)


def stage() -> StageSeries:
    """Arterial inflow 1 mL/s; proximal outflow 1 + 3 sin(2πt) mL/s, i.e. out and back again in every second."""
    arterial = 1e-6 * T
    proximal = 1e-6 * (T + 3 * (1 - np.cos(2 * np.pi * T)) / (2 * np.pi))
    V = 50e-6 + arterial - proximal
    zero = np.zeros_like(T)
    return StageSeries("soleus", T, V, arterial, zero, zero, proximal, zero)


def test_every_cycle_balances_also_when_its_ends_lie_between_samples():
    cycles = stage_cycles((stage(),), (row(0.0, 0.7137, 1.911, 3.3333),))
    assert len(cycles) == 3
    for c in cycles:
        assert c.inflow - c.outflow == pytest.approx(c.dV, abs=1e-18)
        assert c.imbalance < 1e-12


def test_stroke_and_reflux_are_the_positive_and_negative_parts_of_the_outflow():
    c = stage_cycles((stage(),), (row(0.0, 1.0),))[0]
    # ∫ max(1 + 3 sin 2πt, 0): roots at sin = -1/3
    t1, t2 = (np.pi + np.arcsin(1 / 3)) / (2 * np.pi), (2 * np.pi - np.arcsin(1 / 3)) / (2 * np.pi)

    def integral(a: float, b: float) -> float:
        return (b - a) + 3 * (np.cos(2 * np.pi * a) - np.cos(2 * np.pi * b)) / (2 * np.pi)

    reflux = -integral(t1, t2)
    assert c.reflux * 1e6 == pytest.approx(reflux, rel=2e-3)
    assert c.stroke * 1e6 == pytest.approx(1.0 + reflux, rel=2e-3)
    assert c.stroke - c.reflux == pytest.approx(c.proximal, abs=1e-18)
    assert c.net_return == pytest.approx(1e-6)


def test_ejection_fraction_is_the_emptying_over_the_volume_before_it():
    c = stage_cycles((stage(),), (row(0.0, 1.0),))[0]
    V = stage().V[:101]
    assert c.ejection_fraction == pytest.approx((V[0] - V.min()) / V[0])


def test_missing_flux_is_seen():
    good = stage()
    bad = StageSeries(good.name, good.t, good.V + 1e-9 * T, good.arterial, good.distal, good.perforator, good.proximal, good.work)
    assert stage_cycles((bad,), (row(0.0, 1.0),))[0].imbalance > 1e-5
