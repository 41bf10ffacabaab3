"""Exact Riemann problems: star states, with and without jumps of A0, K and p_ext, closed-form and tabulated laws; rates of convergence."""

from __future__ import annotations

from collections.abc import Callable

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


SOURCE = "Toro & Siviglia 2013; Brook, Falle & Pedley 1999"


@pytest.mark.parametrize("tabulated", [False, True], ids=["closed form", "table"])
@pytest.mark.parametrize("name", [*KNOWN, *OWN])
def test_star_states(name: str, tabulated: bool, row: Callable[..., None]) -> None:
    """Riemann problems: star states within 3e-4 at 2000 cells; velocities relative to the wave speed."""
    left, right = (KNOWN | OWN)[name][:2]
    computed = run(left, right, 2000, tabulated)
    exact = computed.exact
    A1, u1, A2, u2 = computed.star()
    c = min(left.c(exact.A_left), right.c(exact.A_right))
    problem, of = "star states of Riemann problems", f"{name}, {'table' if tabulated else 'closed form'}"
    for side, A, u, A_exact, u_exact in (("left", A1, u1, exact.A_left, exact.u_left), ("right", A2, u2, exact.A_right, exact.u_right)):
        row(problem, f"{of}: A* {side}", A_exact, A, 3e-4, "m²", source=SOURCE)
        row(problem, f"{of}: u* {side}", u_exact, u, 3e-4 * c, "m/s", source=SOURCE, relative=False)


@pytest.mark.parametrize("name", ["artery", "vein", "jump of all"])
def test_first_order_in_L1_with_shocks(name: str, row: Callable[..., None]) -> None:
    """Mean error of A of a Riemann problem with a shock, from 200 to 1600 cells."""
    left, right = (KNOWN | OWN)[name][:2]
    coarse, fine = (run(left, right, n).L1() for n in (200, 1600))
    order = float(np.log(coarse / fine) / np.log(8.0))
    row("convergence of Riemann problems", f"{name}: mean |A − exact|/A at 1600 cells", 0.0, fine, 1e-2, rate=(order, 0.9), relative=False)
