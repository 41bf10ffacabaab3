"""Laws as the kernel sees them: exact primitives, monotone, extended beyond what is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calfpump.law import AlgebraicLaw, TubeLaw
from calfpump.law.kernel_table import LEAST_SLOPE, ROWS, TAIL_R, kernel_table, monotone_slopes, reservoir_table

# Moreno et al. 1970, Circ Res 27:1069: a free vein, p [mmHg] and A/A0.
MORENO_P = 133.322 * np.array([-16.8, -11, -7.36, -5.23, -2.49, -1.03, 0.16, 1.56, 3.62, 5.71, 8.97, 14.9, 27.3])
MORENO_ALPHA = np.array([0.004, 0.058, 0.140, 0.248, 0.534, 0.750, 0.998, 1.32, 2.02, 2.90, 3.38, 3.72, 4.05])


def tube_law(alpha: np.ndarray, f: np.ndarray) -> TubeLaw:
    G = (alpha * 1e-5) ** 2 / (8 * np.pi)
    return TubeLaw("law", 1e-5, alpha, np.zeros(1), f[None], G[None], np.array([[alpha[0], alpha[-1]]]))


def at(table, alpha: np.ndarray, state: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """ψ and b of a kernel table, evaluated as its docstring says, independently of the kernels."""
    h = 1.0 / table.inv_h
    r = np.sqrt(alpha)
    k = np.minimum((r / h).astype(int), ROWS - 1)
    t = r / h - k
    c = table.rows[state][k]
    psi = c[:, 0] + t * (c[:, 1] + t * (c[:, 2] + t * c[:, 3]))
    nodes, weights = np.polynomial.legendre.leggauss(6)
    tau = 0.5 * t[:, None] * (1.0 + nodes)
    slope = c[:, 1, None] + tau * (2 * c[:, 2, None] + 3 * tau * c[:, 3, None])
    b = c[:, 4] + 0.5 * t * (weights * h**2 * (k[:, None] + tau) ** 2 * slope).sum(axis=1)
    psi_tail, b_tail, C = table.tail[state]
    low = r < TAIL_R
    return np.where(low, psi_tail + C * (TAIL_R**-3 - r**-3), psi), np.where(low, b_tail + 3 * C * (1 / TAIL_R - 1 / r), b)


def test_moreno_is_met_at_its_points_and_monotone_between() -> None:
    table = kernel_table(tube_law(MORENO_ALPHA, MORENO_P))
    inside = MORENO_ALPHA > TAIL_R**2
    # between the rows' knots the cubic differs from the data's own by its curvature: 1e-3 mmHg
    assert at(table, MORENO_ALPHA)[0][inside] == pytest.approx(MORENO_P[inside], abs=0.15)
    fine = np.geomspace(1e-4, 20.0, 20000)
    assert np.all(np.diff(at(table, fine)[0]) > 0)


def test_extensions() -> None:
    """Below: α ∝ (p₀ − p)^(−2/3), that is dψ/dα ∝ α^(−5/2). Above: a straight line."""
    table = kernel_table(tube_law(np.linspace(0.3, 2.0, 40), 1000.0 * (np.linspace(0.3, 2.0, 40) - 1.0)))
    a = np.array([0.001, 0.01, 0.1, 0.2])
    slope = (at(table, a * 1.0001)[0] - at(table, a * 0.9999)[0]) / (2e-4 * a)
    assert slope * a**2.5 / (slope[-1] * a[-1] ** 2.5) == pytest.approx(1.0, rel=1e-3)
    above = at(table, np.array([3.0, 4.0, 5.0, 9.0]))[0]
    assert above == pytest.approx([2000.0, 3000.0, 4000.0, 8000.0], rel=1e-8)


@pytest.mark.parametrize(("m", "n"), [(0.3, 0.0), (0.5, -1.5), (20.0, -0.5)])
def test_every_algebraic_law_rises_for_ever(m: float, n: float) -> None:
    """√α-like laws bend down in the table's variable r: what goes on beyond the last row must not."""
    table = kernel_table(AlgebraicLaw(1e-5, 1000.0, m, n))
    assert np.all(np.diff(at(table, np.geomspace(1e-6, 1e6, 4000))[0]) > 0)


@pytest.mark.parametrize("alpha", [0.01, 0.05, 0.3, 1.0, 1.7])
def test_algebraic_law_in_its_table(alpha: float) -> None:
    """Pressure to 1e-5 of K or relative, primitive b(α) − b(1) = ∫ α dψ in closed form."""
    law = AlgebraicLaw(1e-5, 100.0, 10.0, -1.5)
    psi, b = at(kernel_table(law.to_table()), np.array([alpha, 1.0]))
    exact = 100.0 * ((10 / 11) * (alpha**11 - 1.0) - 3.0 * (alpha**-0.5 - 1.0))
    assert psi[0] == pytest.approx(float(law.pressure(np.array(alpha))), rel=2e-4, abs=1e-2)
    assert b[0] - b[1] == pytest.approx(exact, rel=2e-4, abs=1e-2)


def test_primitive_is_continuous_from_row_to_row() -> None:
    table = kernel_table(tube_law(MORENO_ALPHA, MORENO_P))
    h = 1.0 / table.inv_h
    knots = (np.arange(30, ROWS) * h) ** 2
    below, above = at(table, knots * (1 - 1e-12)), at(table, knots * (1 + 1e-12))
    assert below[0] == pytest.approx(above[0], rel=1e-9, abs=1e-6)
    assert below[1] == pytest.approx(above[1], rel=1e-9, abs=1e-6)


def test_flat_laws_get_the_least_slope() -> None:
    """The envelope over a snap is flat; the kernel's law still rises by LEAST_SLOPE."""
    alpha = np.array([0.2, 0.4, 0.8, 1.0, 1.2])
    f = np.array([-900.0, -500.0, -500.0 + 1e-6, 0.0, 100.0])
    fine = np.linspace(0.41, 0.79, 200)
    psi = at(kernel_table(tube_law(alpha, f)), fine)[0]
    assert np.diff(psi).min() / (fine[1] - fine[0]) >= 0.4 * LEAST_SLOPE


def test_laws_that_fall_or_are_not_finite_are_refused() -> None:
    alpha = np.array([0.2, 0.5, 1.0])
    with pytest.raises(ValueError, match=r"does not rise with alpha near α = 0\.500"):
        kernel_table(tube_law(alpha, np.array([-3.0, 1.0, 0.0])))
    with pytest.raises(ValueError, match="not finite"):
        kernel_table(tube_law(alpha, np.array([-3.0, np.nan, 0.0])))


def test_reservoir_has_constant_compliance_when_filled_and_collapses_when_not() -> None:
    v = np.array([0.5, 0.9999, 1.0001, 2.0, 6.0])
    psi = at(reservoir_table(), v)[0]
    assert psi[2:] == pytest.approx(v[2:] - 1.0, rel=1e-9, abs=1e-7)
    assert psi[0] == pytest.approx((1.0 - 0.5**-1.5) / 1.5, rel=1e-5)
    assert psi[1] == pytest.approx(-1e-4, rel=1e-2)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.floats(0.01, 1.0), st.floats(1e-3, 1e4)), min_size=2, max_size=12))
def test_any_rising_data_give_a_rising_law(steps: list[tuple[float, float]]) -> None:
    alpha = 0.02 + np.cumsum([0.0, *(a for a, _ in steps)])
    f = np.cumsum([-1000.0, *(p for _, p in steps)])
    fine = np.geomspace(1e-3, 2.0 * alpha[-1], 3000)
    assert np.all(np.diff(at(kernel_table(tube_law(alpha, f)), fine)[0]) > 0)
    assert np.all(monotone_slopes(np.sqrt(alpha), f) >= 0)
