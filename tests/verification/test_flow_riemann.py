"""Exact Riemann problems: star states, with and without jumps of A0, K and p_ext, closed-form and tabulated laws; rates of convergence."""

from __future__ import annotations

import numpy as np
import pytest
from oracles.riemann import Side, solve
from oracles.riemann_run import run

RHO = 1050.0


def artery(alpha: float, u: float = 0.0, A0: float = 3.14e-4, K: float = 58725.0, p_ext: float = 0.0) -> Side:
    return Side(alpha * A0, u, A0, K, 0.5, 0.0, p_ext, RHO)


def vein(alpha: float, u: float = 0.0, A0: float = 6.28e-5, K: float = 33.3, p_ext: float = 0.0) -> Side:
    return Side(alpha * A0, u, A0, K, 10.0, -1.5, p_ext, RHO)


# Star states published with the reference values of this project (exact to the digits given).
KNOWN = {
    "artery": (artery(1.6), artery(1.05), 4.0912179e-4, 1.1906825),
    "vein": (vein(1.2, 0.3), vein(0.8), 7.5122925e-5, 0.3044216),
    "symmetric": (vein(0.6, -0.05), vein(0.6, 0.05), 3.2523599e-5, 0.0),
}
# States of our own: collapse, near-critical, jumps of each property and of all.
OWN = {
    "collapsed": (vein(0.15), vein(0.08)),
    "closing": (vein(0.5, 0.15), vein(0.5, -0.15)),
    "jump of p_ext": (vein(1.1), vein(0.9, p_ext=80.0)),
    "jump of K": (vein(1.15), vein(0.95, K=90.0)),
    "jump of A0": (vein(1.1, 0.02), vein(0.9, A0=4e-5)),
    "jump of all": (vein(1.1, 0.02), vein(0.9, A0=4e-5, K=80.0, p_ext=60.0)),
    "artery, jump of all": (artery(1.3), artery(1.0, A0=2e-4, K=90000.0, p_ext=2000.0)),
}


@pytest.mark.parametrize("name", KNOWN)
def test_oracle_gives_the_known_star_states(name: str) -> None:
    left, right, A, u = KNOWN[name]
    exact = solve(left, right)
    assert exact.A_left == pytest.approx(A, rel=2e-8)
    assert exact.u_left == pytest.approx(u, abs=1e-7)


@pytest.mark.parametrize("tabulated", [False, True], ids=["closed form", "table"])
@pytest.mark.parametrize("name", [*KNOWN, *OWN])
def test_star_states(name: str, tabulated: bool) -> None:
    """Within 3e-4 at 2000 cells; velocities relative to the wave speed."""
    left, right = (KNOWN | OWN)[name][:2]
    computed = run(left, right, 2000, tabulated)
    exact = computed.exact
    A1, u1, A2, u2 = computed.star()
    c = min(left.c(exact.A_left), right.c(exact.A_right))
    assert A1 == pytest.approx(exact.A_left, rel=3e-4)
    assert A2 == pytest.approx(exact.A_right, rel=3e-4)
    assert u1 == pytest.approx(exact.u_left, abs=3e-4 * c)
    assert u2 == pytest.approx(exact.u_right, abs=3e-4 * c)


@pytest.mark.parametrize("name", ["artery", "vein", "jump of all"])
def test_first_order_in_L1_with_shocks(name: str) -> None:
    left, right = (KNOWN | OWN)[name][:2]
    coarse, fine = (run(left, right, n).L1() for n in (200, 1600))
    assert np.log(coarse / fine) / np.log(8.0) >= 0.9
