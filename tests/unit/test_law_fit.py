"""Three-parameter laws fitted to tables."""

from __future__ import annotations

import numpy as np
import pytest

from calfpump.law.fit import fit


@pytest.mark.parametrize(("K", "m", "n"), [(300.0, 10.0, -1.5), (2000.0, 0.5, -0.3), (50.0, 18.0, -2.2)])
def test_fit_gives_back_its_own_law(K: float, m: float, n: float) -> None:
    """K to 1 %, both exponents to .01, nothing left over: the grid has narrowed to that."""
    alpha = np.geomspace(0.05, 1.6, 40)
    p = K * (alpha**m - alpha**n)
    found = fit(alpha, p)
    assert found.K == pytest.approx(K, rel=0.01)
    assert (found.m, found.n) == (pytest.approx(m, rel=0.01), pytest.approx(n, rel=0.01))
    assert found.rms < 0.003 * np.abs(p).max() and found.worst >= found.rms


def test_misfit_is_told() -> None:
    """A law with a plateau, which no K, m, n has: the misfit says so, and is that of the law returned."""
    alpha = np.linspace(0.1, 2.0, 30)
    p = np.where(alpha < 0.5, 4000.0 * (alpha - 0.5), np.where(alpha > 1.5, 9000.0 * (alpha - 1.5), 5.0 * alpha))
    found = fit(alpha, p)
    assert found.worst == pytest.approx(np.abs(found.pressure(alpha) - p).max(), rel=1e-9)
    assert found.worst > 100.0
