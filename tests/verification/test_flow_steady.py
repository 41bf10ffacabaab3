"""Steady flow down a collapsible vein, with gravity and friction: smooth, and through an elastic jump."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from oracles.falling import Falling
from oracles.riemann import Law, law
from scipy.optimize import brentq

from calfpump.flow import FlowBoundary, Fluid, Network, PressureBoundary, Series, Signals, Vessel, rest_state, simulate
from calfpump.law import AlgebraicLaw

SOURCE = "Brook & Pedley 2002"
Q, LENGTH, A0 = 1e-5, 1.0, 6e-5
RHO, NU = 1060.0, 4e-6


def falling(K: float, p_end: float, g: float = 9.81) -> Falling:
    """Flow down (up where g < 0, level where g = 0) a vein of stiffness K to the pressure p_end at its end."""
    own: Law = law(A0, K, 10.0, -1.5)
    return Falling(own, Q, float(brentq(lambda A: own.psi(A) - p_end, 1e-2 * A0, 4.0 * A0)), LENGTH, RHO, NU, g)


def settled(exact: Falling, K: float, p_end: float, cells: int, guess: Callable[[np.ndarray], np.ndarray], duration: float) -> tuple[np.ndarray, Series]:
    """x along the flow, and the run to its steady state."""
    climb = -exact.g / Fluid().gravity * LENGTH
    ends = ((0.0,), (climb,))
    vein = Vessel("v", "in", "out", LENGTH, AlgebraicLaw(A0, K, 10.0, -1.5), cells=cells, height=ends)
    network = Network([vein], boundaries=[FlowBoundary("in", "q"), PressureBoundary("out", "p")])
    signals, fluid = Signals.constant(posture=(1.0,), q=Q, p=p_end), Fluid(RHO, NU * RHO)
    x = (np.arange(cells) + 0.5) * LENGTH / cells
    start = rest_state(network, signals, fluid, total_pressure=p_end).with_cells(A=guess(x), Q=np.full(cells, Q))
    return x, simulate(network, signals, fluid, duration, initial=start, output_interval=0.5 * duration)


@pytest.mark.parametrize(
    ("way", "K", "p_end", "g", "least"),
    [("level, closing by friction", 100.0, -200.0, 0.0, 1.8), ("up, closing by gravity", 800.0, -3000.0, -9.81, 1.8)],
)
def test_smooth_steady_flow(way: str, K: float, p_end: float, g: float, least: float, row: Callable[..., None]) -> None:
    """(c² − u²) dA/dx = A(g − 8πνQ/A²) in a vein that closes along the flow from 1.2 to .4 A0: friction, gravity, inertia, collapse at once."""
    exact = falling(K, p_end, g)
    errors = []
    for cells in (50, 100, 200):
        x, series = settled(exact, K, p_end, cells, exact.subcritical, 15.0)
        errors.append(float(np.abs(series.A[-1] / exact.subcritical(x) - 1.0).mean()))
    problem, order = "Steady flow in a collapsible vein", float(np.log2(errors[1] / errors[2]))
    row(problem, f"{way}: mean |A/exact − 1| at 100 cells", 0.0, errors[1], 1e-3, source=SOURCE, relative=False)
    row(problem, f"{way}: mean |A/exact − 1| at 200 cells", 0.0, errors[2], 3e-4, "", (order, least), SOURCE, False)


def test_elastic_jump(row: Callable[..., None], picture: Callable[..., Path]) -> None:
    """From u = c at the top through the falling film A = √(8πνQ/g) to an elastic jump that keeps Q²/A + B, and on to the pressure at the foot."""
    K, p_end = 20.0, 2000.0
    exact = falling(K, p_end)
    place = exact.jump()

    def whole(x: np.ndarray) -> np.ndarray:
        return np.where(x < place, exact.supercritical(x), np.nan_to_num(exact.subcritical(x), nan=1.0))

    problem, places, films = "Steady flow in a collapsible vein", [], []
    for cells in (100, 200):
        x, series = settled(exact, K, p_end, cells, whole, 20.0)
        A = series.A[-1]
        between = 0.5 * (exact.film + float(exact.subcritical(np.array([place + 1e-9]))[0]))
        k = int(np.argmax((A > between) & (x > 0.3)))
        places.append(float(x[k - 1] + (between - A[k - 1]) / (A[k] - A[k - 1]) * (x[k] - x[k - 1])))
        films.append(float(np.abs(A / whole(x) - 1.0)[(x > 0.1) & (x < place - 0.06)].max()))
        below = float(np.abs(A / whole(x) - 1.0)[x > place + 0.06].max())
    film = float(A[np.searchsorted(x, 0.7 * place)])
    order = float(np.log2(films[0] / films[1]))
    row(problem, "film above the jump, √(8πνQ/g)", exact.film, film, 2e-3, "m²", source=SOURCE)
    row(problem, "largest |A/exact − 1| from sonic entry to film, 200 cells", 0.0, films[1], 3e-3, "", (order, 1.8), SOURCE, False)
    row(problem, "place of the elastic jump, 100 cells of 10 mm", place, places[0], 0.01, "m", source=SOURCE, relative=False)
    row(problem, "place of the elastic jump, 200 cells of 5 mm", place, places[1], 0.005, "m", source=SOURCE, relative=False)
    row(problem, "largest |A/exact − 1| below the jump, 200 cells", 0.0, below, 1e-2, source=SOURCE, relative=False)
    caption = "Flow down a vein: area from the sonic entry through the film and the elastic jump; points computed, line exact."
    _draw(picture("elastic_jump", caption), x, A, whole)


CUT = 0.4


def cut(exact: Falling, K: float, p_end: float, cells: int, branches: int, whole: Callable[[np.ndarray], np.ndarray]) -> tuple[np.ndarray, list[np.ndarray]]:
    """x, and A of the vein above the node at `CUT` and of each of the equal branches below it that share its area, after 20 s from ``whole``."""
    above = round(cells * CUT)
    x = (np.arange(cells) + 0.5) * LENGTH / cells
    part = AlgebraicLaw(A0 / branches, K, 10.0, -1.5)
    vessels = [Vessel("top", "in", "node", CUT * LENGTH, AlgebraicLaw(A0, K, 10.0, -1.5), cells=above, height=((0.0,), (-CUT * LENGTH,)))]
    names = [f"branch {k}" for k in range(branches)]
    vessels += [Vessel(n, "node", "out", (1.0 - CUT) * LENGTH, part, cells=cells - above, height=((-CUT * LENGTH,), (-LENGTH,))) for n in names]
    network = Network(vessels, boundaries=[FlowBoundary("in", "q"), PressureBoundary("out", "p")])
    signals, fluid = Signals.constant(posture=(1.0,), q=Q, p=p_end), Fluid(RHO, NU * RHO)
    A = np.concatenate([whole(x[:above]), *[whole(x[above:]) / branches] * branches])
    flow = np.concatenate([np.full(above, Q), np.full(branches * (cells - above), Q / branches)])
    start = rest_state(network, signals, fluid, total_pressure=p_end).with_cells(A=A, Q=flow)
    series = simulate(network, signals, fluid, 20.0, initial=start, output_interval=10.0)
    return x, [series.A[-1][:above], *np.split(series.A[-1][above:], branches)]


def test_a_stream_passes_a_node(row: Callable[..., None]) -> None:
    """The falling film, faster than its waves, through a node: the vein cut in two goes on as in one piece, two branches of half its area share it.

    A node that let in no more than sonic flow made a false jump of four times the area behind it.
    """
    K, p_end = 20.0, 2000.0
    exact = falling(K, p_end)
    place = exact.jump()

    def whole(x: np.ndarray) -> np.ndarray:
        return np.where(x < place, exact.supercritical(x), np.nan_to_num(exact.subcritical(x), nan=1.0))

    problem = "Supercritical stream through a node"
    away = []
    for cells in (200, 400):
        x, (top, low) = cut(exact, K, p_end, cells, 1, whole)
        film = (x > 0.1) & (x < place - 0.06)
        away.append(float(np.abs(np.concatenate([top, low]) / whole(x) - 1.0)[film].max()))
    order = float(np.log2(away[0] / away[1]))
    row(problem, "vein cut in two: largest |A/exact − 1| in the film, 400 cells", 0.0, away[1], 2e-3, "", (order, 1.8), "", False)
    x, (top, one, other) = cut(exact, K, p_end, 200, 2, whole)
    thin = float(np.sqrt(8.0 * np.pi * NU * (0.5 * Q) / 9.81))
    k = int(np.searchsorted(x, CUT + 0.2)) - top.size
    row(problem, "two branches: film 20 cm below, √(8πν(Q/2)/g) each", thin, float(one[k]), 5e-3, "m²")
    row(problem, "two branches: share of the area just below, over what arrives", 1.0, float((one[0] + other[0]) / top[-1]), 0.06)


def _draw(path: Path, x: np.ndarray, A: np.ndarray, exact: Callable[[np.ndarray], np.ndarray]) -> None:
    from calfpump.report.style import INK, LINES, drawing

    with drawing(6.4, 2.6) as figure:
        axes = figure.add_subplot()
        fine = np.linspace(0.0, LENGTH, 2000)
        axes.plot(100 * fine, exact(fine) / A0, color=INK, label="exact")
        axes.plot(100 * x[::4], A[::4] / A0, ".", color=LINES[1], label="computed, every fourth cell")
        axes.set(xlabel="way down [cm]", ylabel="A/A0")
        axes.legend()
        figure.savefig(path, dpi=120)
