"""From computed curves to laws: the rising envelope, the extensions, the axes of the states, the compartments."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from calfpump.law import SectionLaws
from calfpump.law.envelope import rising
from calfpump.section.job import Curves
from calfpump.section.states import ActivationState, activation_states
from calfpump.section.tables import LEAST_RISE, compartment_law, lumen_shape, tube_law

A0 = {"inner": 1e-5, "outer": 2e-5}
STATES = (ActivationState("rest", {}), ActivationState("half", {"soleus": 0.1}), ActivationState("full", {"soleus": 0.2}))


def curves(state: ActivationState, alpha: np.ndarray, reached: tuple[float, float] | None = None) -> Curves:
    """Two veins with p − p_c = 100 (α − 1.5/α) and p_c = 5e5 s² + 2000 (α − 1), the outer one in fat without any pressure."""
    s = state.shortening.get("soleus", 0.0)
    space = 5e5 * s**2 + 2000.0 * (alpha - 1.0)
    f = 100.0 * (alpha - 1.5 / alpha)
    areas = alpha[:, None] * np.array([A0["inner"], A0["outer"]])
    part = np.linspace(0.0, 1.0, 5) if s else np.zeros(1)
    ramp = np.stack([5e5 * (part * s) ** 2, 0.0 * part], axis=1)
    low, high = reached or (alpha[0], alpha[-1])
    return Curves(
        veins=("inner", "outer"), names=("soleus", "subcutaneous"), alpha=alpha, areas=areas,
        pressures=np.stack([f + space, f], axis=1), conductances=areas**2 / (8.0 * np.pi),
        diameters=np.stack([0.02 * np.ones_like(areas), areas / 0.02], axis=2), touching=areas < 0.3 * areas[-1],
        dents=np.where(areas < 0.5 * areas[-1], 2, 0), gaps=areas / 0.02 - 1e-4,
        compartments=np.stack([space, 0.0 * space], axis=1),
        ramp=part, ramp_pressures=ramp, reached=np.array([[low, high], [alpha[0], alpha[-1]]]), girth=0.35, hose_pressure=0.0,
    )  # fmt: skip


ALPHA = np.array([0.1, 0.2, 0.4, 0.7, 1.0, 1.5])


def test_rising_leaves_a_rising_law_alone() -> None:
    f = np.array([-5.0, -1.0, 3.0, 9.0])
    envelope, moved = rising(f, 0.5)
    assert np.array_equal(envelope, f) and not moved.any()


def test_rising_halves_a_snap() -> None:
    """A fall from 10 to 4 becomes the level that halves it, and only there."""
    f = np.array([0.0, 10.0, 4.0, 20.0])
    envelope, moved = rising(f, 0.1)
    assert np.all(np.diff(envelope) >= 0.1 - 1e-12)
    assert envelope[1:3].mean() == pytest.approx(7.0)
    assert moved.tolist() == [False, True, True, False]


def test_tube_law_gives_back_its_own_part() -> None:
    """f is p less the compartment's pressure, whatever the contraction; one row for rest and each state of the own muscle."""
    law, snaps = tube_law("inner", "soleus", A0["inner"], STATES, [curves(state, ALPHA) for state in STATES])
    assert law.s.tolist() == [0.0, 0.1, 0.2]
    assert law.f == pytest.approx(np.tile(100.0 * (law.alpha - 1.5 / law.alpha), (3, 1)), rel=1e-12)
    assert law.G == pytest.approx(np.tile((law.alpha * A0["inner"]) ** 2 / (8.0 * np.pi), (3, 1)), rel=1e-12)
    assert not snaps
    silent, _ = tube_law("outer", "subcutaneous", A0["outer"], STATES, [curves(state, ALPHA) for state in STATES])
    assert silent.s.tolist() == [0.0]


def test_extension_follows_a_flattened_tube_below_and_the_tangent_above() -> None:
    """A state that stopped at α = .4 and 1.0: below α ∝ p^(−2/3), above the last slope; the table says what was computed, and rises."""
    short = [curves(STATES[0], ALPHA), curves(STATES[1], ALPHA, (0.4, 1.0)), curves(STATES[2], ALPHA)]
    law, _ = tube_law("inner", "soleus", A0["inner"], STATES, short)
    f = law.f[1]
    assert law.alpha_fe[1].tolist() == [0.4, 1.0]
    assert f[0] / f[2] == pytest.approx((0.4 / 0.1) ** 1.5)
    assert f[5] - f[4] == pytest.approx((f[4] - f[3]) / 0.3 * 0.5)
    assert np.all(np.diff(law.f, axis=1) >= LEAST_RISE)


def test_snap_is_replaced_and_told() -> None:
    c = curves(STATES[0], ALPHA)
    c.pressures[2, 0] = c.pressures[1, 0] - 500.0
    law, snaps = tube_law("inner", "soleus", A0["inner"], STATES[:1], [c])
    assert np.all(np.diff(law.f, axis=1) > 0.0)
    assert len(snaps) == 1 and "inner" in snaps[0] and "rest" in snaps[0]
    assert "between α = 0.2 and 0.4; " in snaps[0] and "up to 3.4 mmHg off" in snaps[0]  # half of 500 Pa and of the 400 by which p_c rises


def test_remarks_tell_of_snaps_and_of_marches_that_ended_early() -> None:
    states = [{"state": "rest", "ended": []}, {"state": "calf .09", "ended": ["α = 0.31: no step lowers the energy"]}]
    laws = SectionLaws("mid_calf", {}, {}, 0.0, 0.35, provenance={"snaps": ["inner, rest: snaps"], "states": states})
    snap, end = laws.remarks()
    assert snap == "inner, rest: snaps"
    assert end == "mid_calf, calf .09: no equilibrium beyond α = 0.31: no step lowers the energy; the laws are extended from there"
    assert not SectionLaws("mid_calf", {}, {}, 0.0, 0.35).remarks()


def test_compartment_law_holds_filling_and_contraction() -> None:
    """p_c(s, r) at the states as computed; between them the contraction's own curve, 5e5 s², not a straight line."""
    law = compartment_law("soleus", STATES, [curves(state, ALPHA) for state in STATES], A0, ["inner"])
    for s in (0.0, 0.1, 0.2):
        for ratio in ALPHA:
            assert law.pressure(s, ratio) == pytest.approx(5e5 * s**2 + 2000.0 * (ratio - 1.0), abs=1e-6)
    assert law.pressure(0.05, 1.0) == pytest.approx(5e5 * 0.05**2, rel=1e-9)
    empty = compartment_law("subcutaneous", STATES, [curves(state, ALPHA) for state in STATES], A0, [])
    assert empty.pressure(0.0, 0.3) == empty.pressure(0.0, 2.0)


@pytest.mark.parametrize("quality", ["coarse", "standard", "fine", "finest"])
def test_states_begin_with_rest_and_rise(quality: str) -> None:
    states = activation_states(quality)
    assert not states[0].shortening and all(state.shortening for state in states[1:])
    for muscle in ("soleus", "gastrocnemius", "deep_posterior", "anterior", "lateral"):
        own = [state.shortening[muscle] for state in states if muscle in state.shortening]
        assert own and all(a < b for a, b in itertools.pairwise(own)) and own[-1] < 0.35


def test_lumen_shape_closes_and_narrows_where_the_rest_curve_does() -> None:
    rest = curves(STATES[0], ALPHA)
    shape = lumen_shape("inner", rest)
    # by hand: α = .1, .2, .4 are below .3 × 1.5; walls touch first between α = .4 and .7
    assert shape.touching.tolist() == [True, True, True, False, False, False]
    assert shape.dents.tolist() == [2, 2, 2, 2, 0, 0]
    assert shape.gap == pytest.approx(ALPHA * A0["inner"] / 0.02 - 1e-4)
    assert shape.closing_pressure() == pytest.approx(0.5 * (shape.p[2] + shape.p[3]))
    # the depth is A/0.02 m, so a tenth is lost at α = .9 of α = 1, linear between α = .7 and 1
    expected = np.interp(0.9, [0.7, 1.0], shape.p[3:5])
    assert shape.narrowing_pressure(float(shape.p[4]), 0.1) == pytest.approx(expected, abs=2e-3 * float(np.ptp(shape.p)))
    assert np.isnan(lumen_shape("inner", curves(STATES[0], ALPHA[3:])).narrowing_pressure(float(shape.p[4]), 0.9))
