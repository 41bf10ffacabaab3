"""An elastic ring under external pressure, from round through buckling into contact with itself.

Two oracles: the inextensible elastica with a lumen that touches at its half gap h/2, and the same ring with its wall's stretch, shear and finite
bending (`oracles.rod`), which a neo-Hookean wall of h/R = .1 departs from the elastica by.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from oracles import rod
from oracles.elastica import Point, Ring
from section_rings import ALMOST_ROUND, Collapsed, Wall, collapse, march_area, pressure, ring

from calfpump.section.equilibrium import Equilibrium, Pressure
from calfpump.section.errors import SectionError
from calfpump.section.march import March
from calfpump.section.relaxation import Relaxation
from calfpump.section.stability import examine

THIN = Wall()

#: Ring of h/R = .05, the table of Tadjbakhsh & Odeh's ring with a lumen that touches at a half gap of h/2 (integrated twice, independently).
TABLE = {
    0.95: 3.08, 0.9: 3.17, 0.8: 3.36, 0.7: 3.58, 0.6: 3.84, 0.5: 4.14, 0.4: 4.49, 0.3: 4.91, 0.24: 6.908, 0.22: 8.485, 0.2: 9.949,
    0.18: 11.543, 0.16: 13.619, 0.14: 16.415, 0.12: 20.34, 0.1: 26.18, 0.08: 35.55, 0.06: 52.5,
}  # fmt: skip
#: Where a ring of finite elements stops on its way.
STATIONS = (
    0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.27, 0.26, 0.25, 0.24, 0.23, 0.22, 0.2, 0.18, 0.16, 0.14, 0.13, 0.12, 0.11, 0.1, 0.09,
    0.08, 0.073, 0.066, 0.06,
)  # fmt: skip
#: The table for h → 0: free, point contact, line contact.
SLENDER = {
    0.9941: 3.01, 0.94283: 3.1, 0.83978: 3.3, 0.74952: 3.5, 0.56639: 4.0, 0.42685: 4.5, 0.31701: 5.0, 0.27934: 5.2, 0.26828: 5.5, 0.26287: 6.0,
    0.25157: 7.0, 0.23961: 8.0, 0.22705: 9.0, 0.18959: 12.0, 0.16338: 15.0, 0.13487: 20.0, 0.10292: 30.0, 0.07322: 50.0,
}  # fmt: skip
SOURCE = "Tadjbakhsh & Odeh 1967; Flaherty, Keller & Rubinow 1972"


@pytest.fixture(scope="module")
def thin() -> dict[float, Collapsed]:
    """The ring of h/R = .05 at all stations."""
    return collapse(Wall(ratio=ALMOST_ROUND), STATIONS, 128, 2)


def bounds(alpha: float) -> float:
    """What is asked of P: 2 % before the walls meet, 4 % after."""
    return 0.02 if alpha >= 0.3 else 0.04


def test_elastica_gives_the_published_states() -> None:
    """The oracle itself: finite thickness to the digits tabulated, the classical slender ring in its three regimes, and what follows from them."""
    for point, expected in zip(Ring(0.05).march(list(TABLE)), TABLE.values(), strict=True):
        assert point.pressure == pytest.approx(expected, rel=2e-3)
        assert point.contact == ("free" if point.alpha > 0.26 else "point" if point.alpha > 0.19 else "line")
    for point, expected in zip(Ring().march(list(SLENDER)), SLENDER.values(), strict=True):
        assert point.pressure == pytest.approx(expected, rel=2e-3)
    *_, low = Ring().march([0.05])
    assert low.pressure * 0.05**1.5 == pytest.approx(0.991, rel=5e-3), "the similar shapes of line contact"


def test_rod_is_the_elastica_when_thin() -> None:
    """The rod with a deformable wall differs from the elastica as (h/R)²."""
    alphas = [0.8, 0.5, 0.2]
    apart = []
    for thickness in (0.04, 0.02):
        thin, thick = Ring(thickness).march(alphas), rod.march(Ring(thickness), alphas)
        apart.append([abs(b.pressure / a.pressure - 1.0) for a, b in zip(thin, thick)])
    assert max(apart[1]) < 2e-3
    assert apart[0][-1] / apart[1][-1] > 3.0


def test_ring_through_buckling_and_contact(row, picture, thin: dict[float, Collapsed]) -> None:
    """P(α) of the ring of h/R = .05, μ = 20 kPa: 2 % from α = .95 to .30 and 4 % in point and line contact down to .06, of the elastica.

    The elastica's wall neither stretches nor thins, of which some per cent remain at the end."""
    alphas = [alpha for alpha in TABLE if alpha not in (0.26,)]
    points = Ring(0.05).march(alphas)
    for point in points:
        row("ring, h/R = .05, against the elastica", f"P at α = {point.alpha:g}", point.pressure, thin[point.alpha].P, bounds(point.alpha), source=SOURCE)
    draw_law(picture("ring_law", "P(α) of the ring of h/R = .05: finite elements (dots) on the elastica of finite thickness and the slender one"), thin)


#: thickness, axis ratio, μ [Pa], triangles round, layers
SHAPES = {
    "h/R = .05": (0.05, ALMOST_ROUND, 2e4, 128, 2),
    "h/R = .1, μ = 300 kPa": (0.1, ALMOST_ROUND, 3e5, 96, 2),
    "h/R = .08, axes 1.25 : 1, μ = 7 kPa": (0.08, 1.25, 7e3, 96, 2),
}
MORE_SHAPES = {
    "h/R = .03": (0.03, ALMOST_ROUND, 2e4, 192, 2),
    "h/R = .15": (0.15, ALMOST_ROUND, 2e4, 96, 3),
    "h/R = .05, axes 1.1 : 1": (0.05, 1.1, 2e4, 160, 2),
    "h/R = .05, axes 1.5 : 1": (0.05, 1.5, 2e4, 160, 2),
    "h/R = .05, axes 2 : 1": (0.05, 2.0, 2e4, 160, 2),
    "h/R = .1, axes 1.5 : 1": (0.1, 1.5, 2e4, 128, 2),
    "h/R = .1, axes 3 : 1, μ = 1 MPa": (0.1, 3.0, 1e6, 128, 2),
    "h/R = .06, axes 1.75 : 1": (0.06, 1.75, 5e4, 160, 2),
}
SEEN = (0.9, 0.7, 0.5, 0.3, 0.22, 0.14, 0.1, 0.08, 0.06)


def against_the_rod(row, name: str, found: dict[float, Collapsed], shape: tuple[float, float, float, int, int]) -> None:
    oracle = Ring(shape[0], 1.0 if shape[1] == ALMOST_ROUND else shape[1])
    for point in rod.march(oracle, [alpha for alpha in SEEN if alpha in found]):
        row(f"ring, {name}", f"P at α = {point.alpha:g}", point.pressure, found[point.alpha].P, bounds(point.alpha), source="Reissner 1972; Rivlin 1949")


def test_thin_ring_against_the_rod(row, picture, thin: dict[float, Collapsed]) -> None:
    """P(α) of a ring whose wall stretches, shears and bends as a neo-Hookean one: 2 % to α = .30, 4 % to .06."""
    name, shape = next(iter(SHAPES.items()))
    against_the_rod(row, name, thin, shape)
    draw_shapes(picture("ring_shapes", "The ring of h/R = .05: wall by finite elements, mid-line of the oracle (dashed)"), thin, Ring(0.05))


@pytest.mark.parametrize("name", list(SHAPES)[1:])
def test_ring_of_other_thickness_and_shape(row, name: str) -> None:
    """P(α) of a ring whose wall stretches, shears and bends as a neo-Hookean one: 2 % to α = .30, 4 % to .06."""
    thickness, ratio, mu, n, layers = SHAPES[name]
    against_the_rod(row, name, collapse(Wall(thickness, ratio, mu), STATIONS, n, layers), SHAPES[name])


@pytest.mark.study
@pytest.mark.parametrize("name", list(MORE_SHAPES))
def test_more_rings(row, picture, name: str) -> None:
    """P(α) of a ring whose wall stretches, shears and bends as a neo-Hookean one: 2 % to α = .30, 4 % to .06.

    The thickest, h/R = .15, is followed to .073: then the inner faces of its folds are so tight that Newton does not settle on this mesh."""
    thickness, ratio, mu, n, layers = MORE_SHAPES[name]
    found = collapse(Wall(thickness, ratio, mu), tuple(alpha for alpha in STATIONS if thickness < 0.15 or alpha > 0.07), n, layers)
    against_the_rod(row, name, found, MORE_SHAPES[name])
    if ratio in (1.5, 3.0):
        file = f"ring_{thickness:g}_{ratio:g}".replace(".", "")
        draw_shapes(picture(file, f"Ring, {name}: wall by finite elements, mid-line of the oracle (dashed)"), found, Ring(thickness, ratio))


#: Initially elliptical rings, h → 0: axis ratio → P and α of the mid-line's area.
ELLIPSES = {
    1.1: {0.5: 0.99851, 1.0: 0.99578, 1.5: 0.98999, 2.0: 0.97472, 2.5: 0.92309, 3.0: 0.78797, 3.5: 0.62109},
    1.5: {0.5: 0.97447, 1.0: 0.93215, 1.5: 0.86157, 2.0: 0.75394, 2.5: 0.61952, 3.0: 0.48324, 3.5: 0.36149},
    2.0: {0.5: 0.93218, 1.0: 0.83413, 1.5: 0.70458, 2.0: 0.55717, 2.5: 0.41272, 3.0: 0.28451},
}
#: Just above the area where the walls of h → 0 first touch, and P there.
FIRST_CONTACT = {1.1: (0.27324, 4.93506), 1.5: (0.27882, 3.89317), 2.0: (0.28404, 3.00202)}


@pytest.mark.parametrize("ratio", list(ELLIPSES))
def test_elastica_of_an_ellipse(ratio: float) -> None:
    """The oracle gives the published states of initially elliptical rings, and their first contact."""
    alphas = list(ELLIPSES[ratio].values())
    for point, P in zip(Ring(ratio=ratio).march(alphas), ELLIPSES[ratio], strict=True):
        assert point.pressure == pytest.approx(P, rel=2e-3, abs=2e-4) and point.contact == "free"
    touch, P = FIRST_CONTACT[ratio]
    above, below = Ring(ratio=ratio).march([touch + 5e-4, touch - 5e-4])
    assert (above.contact, below.contact) == ("free", "point")
    assert above.pressure < P + 2e-3 and below.pressure > P - 2e-3


def slender_states(row, ratio: float, thickness: float, states: dict[float, float], n: int) -> None:
    """P of a thin ring at the mid-line area ratios of the table for h → 0: A_lumen = A_mid − 2πd + πd²."""
    equilibrium = ring(wall := Wall(thickness, ratio), n)
    oracle = Ring(thickness, ratio)
    middle = np.pi * ratio * oracle.half_axis**2
    march = march_area(equilibrium, 1.0)
    for P, alpha in states.items():
        march.to(oracle.lumen(alpha * middle) / oracle.lumen0)
        row(f"slender elliptical ring, axes {ratio:g} : 1", f"P at α = {alpha:g}", P, pressure(equilibrium, wall), 0.02, source=SOURCE)


@pytest.mark.parametrize("ratio", [1.5, 2.0])
def test_elliptical_ring_flattens_without_bifurcation(row, ratio: float) -> None:
    """A ring that is an ellipse free of stress, h/R = .02, at areas within its mid-line, against h → 0; stable all along."""
    slender_states(row, ratio, 0.02, {P: alpha for P, alpha in ELLIPSES[ratio].items() if P in (1.0, 2.0, 2.5)}, 96)


@pytest.mark.study
@pytest.mark.parametrize("ratio", list(ELLIPSES))
def test_elliptical_rings_state_by_state(row, ratio: float) -> None:
    """A ring that is an ellipse free of stress, h/R = .02, at areas within its mid-line, against h → 0; stable all along."""
    slender_states(row, ratio, 0.02, {P: alpha for P, alpha in ELLIPSES[ratio].items() if alpha > 0.3 and (ratio > 1.1 or P >= 1.0)}, 192)


def test_error_of_the_ring_falls_with_the_mesh(row) -> None:
    """P at α = .6, h/R = .1, axes 1.3 : 1, on three meshes: order of the successive differences, and the rod's P."""
    wall = Wall(0.1, 1.3)
    P = np.array([collapse(wall, (0.9, 0.75, 0.6), n, layers)[0.6].P for n, layers in ((32, 1), (64, 2), (128, 4))])
    order = float(np.log2(abs(P[1] - P[0]) / abs(P[2] - P[1])))
    (exact,) = rod.march(Ring(0.1, 1.3), [0.6])
    row("ring, h/R = .1, axes 1.3 : 1, three meshes", "P at α = 0.6", exact.pressure, P[2], 0.01, rate=(order, 1.8))


def test_ring_touches_when_the_elastica_does(thin: dict[float, Collapsed]) -> None:
    """Opposite walls meet at α = .26068: no contact at .27, contact at .25."""
    assert thin[0.27].touching == 0
    assert thin[0.25].touching > 0


@pytest.fixture(scope="module")
def perfect() -> Equilibrium:
    return ring(THIN)


@pytest.mark.parametrize(("P", "modes"), [(2.9, 0), (3.5, 2), (7.7, 2), (8.5, 4), (15.5, 6)])
def test_round_branch_counts_its_unstable_modes(row, perfect: Equilibrium, P: float, modes: int) -> None:
    """The perfect ring kept round buckles into n lobes at P = n² − 1 (Lévy 1884); each n adds a pair of modes to the inertia: unstable at 3.5."""
    equilibrium = perfect
    equilibrium.w[:] = 0.0
    controls = at_pressure(P)
    assert equilibrium.solve(controls).converged
    x = equilibrium.system.domain.places(equilibrium.w)[equilibrium.system.lumens[0][:, 0]]
    assert np.ptp(np.hypot(x[:, 0], x[:, 1])) < 1e-3 * equilibrium.system.radius, "the ring has left the round branch"
    row("perfect ring kept round", f"unstable modes at P = {P:g}", modes, examine(equilibrium, controls).unstable, 0.0, relative=False, source="Lévy 1884")


def at_pressure(P: float) -> dict[str, Pressure]:
    return {"vein": Pressure(-P * THIN.stiffness)}


def test_march_refuses_the_unstable_round_ring() -> None:
    """The perfect ring driven round to P = 3.5, past its buckling at 3, is an equilibrium but must not be reported."""
    march = March(ring(THIN), 0.0, at_pressure, name="ring")
    march.to(2.0)
    with pytest.raises(SectionError, match="unstable"):
        march.to(3.5)


def test_relaxation_ends_on_the_buckled_branch(row) -> None:
    """From the round state at P = 2, at P = 3.5, an almost round ring relaxes to the elastica's state at 3.5."""
    equilibrium = ring(Wall(ratio=ALMOST_ROUND))
    march = March(equilibrium, 0.0, at_pressure, name="ring")
    march.to(2.0)
    relaxed = March(equilibrium, 2.0, at_pressure, name="ring", bisections=0, relax=True)
    reached = relaxed.to(3.5)
    assert reached.how == "relaxed" and reached.stability.stable
    alpha = float(equilibrium.areas()[0] / (equilibrium.system.A0[0] * equilibrium.system.units.area))
    (expected,) = Ring(0.05).march([alpha])
    row("ring relaxed from the round state", f"P of the elastica at the α reached, {alpha:.3f}", expected.pressure, 3.5, 0.01, source=SOURCE)


def test_relaxation_leaves_a_saddle(row) -> None:
    """The perfect ring, in equilibrium though unstable round at P = 3.5, is pushed along its softest mode and descends to the elastica's state."""
    equilibrium = ring(THIN)
    controls = at_pressure(3.5)
    assert equilibrium.solve(controls).converged and examine(equilibrium, controls).unstable == 2
    relaxation = Relaxation(equilibrium, controls)
    assert relaxation.run() == "" and relaxation.shifted
    assert examine(equilibrium, controls, drift=0.01).stable  # as a march asks: the buckle turns in the ring all but freely
    alpha = float(equilibrium.areas()[0] / (equilibrium.system.A0[0] * equilibrium.system.units.area))
    (expected,) = Ring(0.05).march([alpha])
    row("ring relaxed from the saddle", f"P of the elastica at the α reached, {alpha:.3f}", expected.pressure, 3.5, 0.01, source=SOURCE)


def draw_law(file: Path, found: dict[float, Collapsed]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.0, 4.2), layout="constrained")
    axes = figure.subplots()
    alphas = [0.99, 0.97, 0.95, *np.arange(0.92, 0.28, -0.04), 0.275, *np.arange(0.26, 0.055, -0.01)]
    for oracle, colour, label in ((Ring(0.05), "#1f4e79", "elastica, lumen of a wall h/R = .05"), (Ring(), "#a0a0a0", "elastica, h → 0")):
        points: Sequence[Point] = oracle.march(alphas)
        axes.semilogy([p.alpha for p in points], [p.pressure for p in points], color=colour, label=label)
    seen = {alpha: state for alpha, state in found.items() if alpha <= 0.95}
    axes.semilogy(list(seen), [state.P for state in seen.values()], "o", color="#c8442c", markersize=4, label="finite elements, h/R = .05")
    axes.set(xlabel="α = A/A₀", ylabel="P = ($p_{ext}$ − $p_{int}$)/$K_p$", xlim=(0.0, 1.0))
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=150)


def draw_shapes(file: Path, found: dict[float, Collapsed], oracle: Ring) -> None:
    from matplotlib.figure import Figure

    alphas = (0.8, 0.5, 0.3, 0.22, 0.14, 0.06)
    figure = Figure(figsize=(9.0, 3.4), layout="constrained")
    for axes, alpha, (x, y) in zip(figure.subplots(2, 3).flat, alphas, rod.outlines(oracle, alphas), strict=True):
        state = found[alpha]
        middle = state.outside.mean(axis=0)
        for outline, colour in ((state.outside, "#e8b9a8"), (state.lumen, "white")):
            axes.fill(*(outline - middle).T, facecolor=colour, edgecolor="#c8442c", linewidth=0.6)
        for sx in (-1, 1):
            for sy in (-1, 1):
                axes.plot(sx * x, sy * y, "--", color="#1f4e79", linewidth=1.0)
        axes.set(aspect="equal", xlim=(-1.75, 1.75), ylim=(-0.95, 0.95), title=f"α = {alpha:g}, P = {state.P:.2f}")
        axes.title.set_fontsize(9)
        axes.axis("off")
    figure.savefig(file, dpi=150)
