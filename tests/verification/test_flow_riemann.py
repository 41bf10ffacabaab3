"""Exact Riemann problems: star states, with and without jumps of A0, K and p_ext, closed-form and tabulated laws; rates of convergence."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from oracles.riemann import Law, Side, law, solve
from oracles.riemann_run import run

RHO = 1050.0
SOURCE = "Toro & Siviglia 2013; Brook, Falle & Pedley 1999"


def artery(alpha: float, u: float = 0.0, A0: float = 3.14e-4, K: float = 58725.0, p_ext: float = 0.0) -> Side:
    return Side(alpha * A0, u, law(A0, K, 0.5, 0.0), p_ext, RHO)


def vein(alpha: float, u: float = 0.0, A0: float = 6.28e-5, K: float = 33.3, p_ext: float = 0.0) -> Side:
    return Side(alpha * A0, u, law(A0, K, 10.0, -1.5), p_ext, RHO)


def odd(alpha: float, u: float = 0.0, A0: float = 3e-5, K: float = 900.0, p_ext: float = 0.0) -> Side:
    """Exponents of no closed form in the solver: it makes a table of the algebraic law itself."""
    return Side(alpha * A0, u, law(A0, K, 3.0, -0.8), p_ext, RHO)


def table(alpha: float, u: float = 0.0, A0: float = 3e-5, stiffer: float = 1.0) -> Side:
    """A law that is no power of α, so that the solver has it as a table only: soft near α = 1, stiff above, flattening below."""
    return Side(alpha * A0, u, Law(A0, tuple((stiffer * K, m) for K, m in ((150.0, 3.0), (60.0, 8.0), (-60.0, -0.3), (-150.0, -1.5)))), 0.0, RHO)


# Star states published with the reference values of this project (exact to the digits given).
KNOWN = {
    "artery": (artery(1.6), artery(1.05), 4.0912179e-4, 1.1906825),
    "vein": (vein(1.2, 0.3), vein(0.8), 7.5122925e-5, 0.3044216),
    "symmetric": (vein(0.6, -0.05), vein(0.6, 0.05), 3.2523599e-5, 0.0),
}
# States of our own: collapse, critical flow, jumps of each property and of all.
OWN = {
    "collapsed": (vein(0.15), vein(0.08)),
    "closing": (vein(0.5, 0.15), vein(0.5, -0.15)),
    "transcritical": (vein(1.4), vein(0.15)),
    "supercritical": (vein(0.3, 1.6), vein(0.25, 1.35)),
    "torn apart": (vein(0.5, -0.3), vein(0.5, 0.3)),
    "jump of p_ext": (vein(1.1), vein(0.9, p_ext=80.0)),
    "jump of K": (vein(1.15), vein(0.95, K=90.0)),
    "jump of A0": (vein(1.1, 0.02), vein(0.9, A0=4e-5)),
    "jump of all": (vein(1.1, 0.02), vein(0.9, A0=4e-5, K=80.0, p_ext=60.0)),
    "artery, jump of all": (artery(1.3), artery(1.0, A0=2e-4, K=90000.0, p_ext=2000.0)),
    "odd exponents": (odd(1.2, 0.1), odd(0.6)),
    "odd exponents, jump of all": (odd(1.1, 0.02), odd(0.9, A0=2e-5, K=2000.0, p_ext=300.0)),
    "choked by a jump of A0": (vein(1.2, 0.2), vein(0.3, 0.2, A0=3e-5)),
    "choked by a jump of A0, K": (vein(1.1, 0.1), vein(0.1, 0.2, A0=4e-5, K=20.0)),
}
TABLES = {
    "own law": (table(1.2, 0.1), table(0.5)),
    "own law, collapsed": (table(0.3), table(0.12)),
    "own law, jump": (table(1.1, 0.02), table(0.9, A0=2e-5, stiffer=1.5)),
    "own law against a vein's": (table(1.1), vein(0.9, A0=4e-5, p_ext=20.0)),
}
CASES = [(name, tabulated) for name in [*KNOWN, *OWN] for tabulated in (False, True)] + [(name, True) for name in TABLES]
ALL = KNOWN | OWN | TABLES


@pytest.mark.parametrize("name", KNOWN)
def test_oracle_gives_the_known_star_states(name: str) -> None:
    """The exact solver against the published states."""
    left, right, A, u = KNOWN[name]
    exact = solve(left, right)
    assert exact.star[0] == pytest.approx(A, rel=2e-8)
    assert exact.star[1] == pytest.approx(u, abs=1e-7)


def test_oracle_meets_its_own_equations() -> None:
    """The choked contact keeps flow and head and is sonic behind; a supercritical one keeps both."""
    for left, right in (OWN["choked by a jump of A0"], OWN["choked by a jump of A0, K"], (vein(0.3, 1.6), vein(0.25, 1.6, A0=5e-5))):
        exact = solve(left, right)
        A1, u1 = exact.at_left
        inlet = exact.inlet
        assert inlet is not None
        assert inlet.A * inlet.u == pytest.approx(A1 * u1, rel=1e-8)
        assert right.head(inlet.A, inlet.u) == pytest.approx(left.head(A1, u1), rel=1e-7, abs=1e-6)
        assert inlet.u >= right.c(inlet.A) * (1.0 - 1e-9)


@pytest.mark.parametrize(("name", "tabulated"), CASES, ids=[f"{name}-{'table' if tabulated else 'closed form'}" for name, tabulated in CASES])
def test_star_states(name: str, tabulated: bool, row: Callable[..., None]) -> None:
    """Constant states between the waves, at 2000 cells: A* within 3e-4, u* within 3e-4 of the wave speed."""
    left, right = ALL[name][:2]
    of = f"{name}, {'table' if tabulated else 'closed form'}"
    for k, (exact, A, u) in enumerate(run(left, right, 2000, tabulated).stars()):
        side = left if exact.end <= 0.0 else right
        place = "" if k == 0 and exact.end > 0.0 and exact.begin < 0.0 else (" left" if exact.end <= 0.0 else " right")
        row("Star states of Riemann problems", f"{of}: A*{place}", exact.A, A, 3e-4, "m²", source=SOURCE)
        row("Star states of Riemann problems", f"{of}: u*{place}", exact.u, u, 3e-4 * side.c(exact.A), "m/s", source=SOURCE, relative=False)


#: their fans and shocks are so weak that 400 cells hold each in a few: there the order is still on its way from 2/3, that of a linear jump, to 1
NARROW = ("symmetric", "supercritical", "jump of p_ext")
#: veins that are nearly dry or torn apart: order .8 from 200 cells on, .95 from 800
DRY = ("collapsed", "transcritical", "torn apart")
#: of a star state: below it, the error falls faster or slower as signs change
SMALL = 1e-6


@pytest.mark.parametrize("name", ALL)
def test_star_states_converge(name: str, row: Callable[..., None]) -> None:
    """The mean of every constant state over its middle half, from 250 to 2000 cells (1000 to 8000 where waves are weak): order .9 or more, or exact to 1e-6."""
    left, right = ALL[name][:2]
    cells = (1000, 8000) if name in NARROW else (250, 2000)
    coarse, fine = (run(left, right, n).plateau_errors() for n in cells)
    for k, (before, after) in enumerate(zip(coarse, fine, strict=True)):
        errors = max(before), max(after)
        rate = None if errors[1] < SMALL else (float(np.log(errors[0] / errors[1]) / np.log(8.0)), 0.9)
        place = f" {k + 1}" if len(fine) > 1 else ""
        quantity = f"{name}, state{place}: larger of |A/A* − 1|, |u − u*|/c at {cells[1]} cells"
        row("Convergence of star states", quantity, 0.0, errors[1], 3e-4, "", rate, SOURCE, False)


@pytest.mark.parametrize("name", ["artery", "vein", *DRY, "jump of all", "own law, jump"])
def test_first_order_in_L1(name: str, row: Callable[..., None]) -> None:
    """Mean error of A from 200 to 1600 cells, from 800 to 3200 where veins are nearly dry: first order where there are shocks."""
    left, right = ALL[name][:2]
    cells = (800, 3200) if name in DRY else (200, 1600)
    coarse, fine = (run(left, right, n).L1() for n in cells)
    order = float(np.log(coarse / fine) / np.log(cells[1] / cells[0]))
    row("Convergence of Riemann problems", f"{name}: mean |A − exact|/A at {cells[1]} cells", 0.0, fine, 5e-3, rate=(order, 0.9), relative=False)


@pytest.mark.study
@pytest.mark.parametrize("name", [*KNOWN, *OWN, *TABLES])
def test_order_of_every_problem(name: str, row: Callable[..., None]) -> None:
    """Mean error of A of all problems, from 400 to 3200 cells; from 800 where veins are nearly dry, from 1600 to 12 800 where waves are weak and narrow."""
    left, right = ALL[name][:2]
    cells = (1600, 12800) if name in NARROW else ((800, 3200) if name in DRY else (400, 3200))
    coarse, fine = (run(left, right, n).L1() for n in cells)
    order = float(np.log(coarse / fine) / np.log(cells[1] / cells[0]))
    quantity = f"{name}: mean |A − exact|/A at {cells[1]} cells"
    row("Convergence of Riemann problems", quantity, 0.0, fine, 3e-3, rate=(order, 0.9), relative=False)
