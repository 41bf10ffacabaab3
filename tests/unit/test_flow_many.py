"""Many cases in one call."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from calfpump.flow import (
    Compartment,
    FlowBoundary,
    FlowError,
    Network,
    NetworkError,
    PressureBoundary,
    Series,
    Signals,
    Valve,
    Vessel,
    rest_state,
    simulate,
    simulate_many,
)
from calfpump.law import AlgebraicLaw, CompartmentLaw


def case(seed: int) -> tuple[Network, Signals]:
    """A vein with a valve in a muscle that contracts, two veins beside one another after it; closed forms and tables, every number another."""
    rng = np.random.default_rng(seed)
    laws = [AlgebraicLaw.from_speed(2e-5 * rng.uniform(0.5, 1.5), rng.uniform(1.0, 2.0), 1060.0) for _ in range(3)]
    vessels = [
        Vessel("calf", "ankle", "knee", 0.3, laws[0].to_table() if seed % 2 else laws[0], cells=int(rng.integers(8, 20)), compartment="muscle"),
        Vessel("deep", "knee", "groin", 0.4, laws[1], cells=10),
        Vessel("skin", "knee", "groin", 0.45, laws[2].to_table(), cells=10),
    ]
    p_c = np.array([[0.0, 500.0, 1500.0], [8000.0, 9000.0, 11000.0]])
    muscle = Compartment("muscle", CompartmentLaw("muscle", np.array([0.0, 0.15]), np.array([0.0, 1.0, 2.0]), p_c), "shortening")
    network = Network(vessels, [Valve("calf", 0.7)], (), [muscle], [FlowBoundary("ankle", "inflow"), PressureBoundary("groin", "p")])
    t = np.linspace(0.0, 0.5, 51)
    return network, Signals(t, {"inflow": 1e-6 * rng.uniform(0.5, 2.0), "p": 800.0, "shortening": 0.1 * np.sin(2 * np.pi * t) ** 2})


def test_64_cases_in_one_call_are_64_single_calls() -> None:
    """Bit for bit, in order, whatever the number of threads."""
    cases = [case(k) for k in range(64)]
    told: list[int] = []
    many = simulate_many(cases, t_end=0.3, output_interval=0.1, workers=5, progress=told.append)
    assert told == list(range(1, 65))
    for (network, signals), series in zip(cases, many, strict=True):
        alone = simulate(network, signals, t_end=0.3, output_interval=0.1)
        assert isinstance(series, Series)
        assert series.steps == alone.steps
        for field in dataclasses.fields(Series):
            values = getattr(alone, field.name)
            if isinstance(values, np.ndarray):
                assert np.array_equal(getattr(series, field.name), values), field.name
    assert len({series.A.tobytes() for series in many if isinstance(series, Series)}) == 64


def test_a_failed_case_leaves_the_others() -> None:
    cases = [case(k) for k in range(3)]
    starts = [rest_state(*c) for c in cases]
    A = starts[1].A.copy()
    A[0] = np.nan
    starts[1] = starts[1].with_cells(A=A)
    many = simulate_many(cases, t_end=0.05, initial=starts)
    assert isinstance(many[0], Series)
    assert isinstance(many[1], FlowError)
    assert "vessel 'calf'" in str(many[1])
    assert isinstance(many[2], Series)


def test_problems_of_all_cases_at_once() -> None:
    bad = Network([Vessel("v", "a", "b", -1.0, AlgebraicLaw.from_speed(2e-5, 1.0, 1060.0))])
    with pytest.raises(NetworkError) as caught:
        simulate_many([case(0), (bad, Signals.constant()), (bad, Signals.constant())], workers=0)
    assert [text.split(":")[0] for text in caught.value.problems] == ["workers must be at least 1, not 0", "case 2", "case 3"]
