"""First buckling of round tubes by the inertia of the factored tangent, against the incremental boundary-value problem.

The round state is walked along by the area of its bore; where the number of unstable modes rises from none, by bisection, lies the critical pressure.
"""

from __future__ import annotations

import numpy as np
import pytest
from oracles.bifurcation import Tube, lined_hole, ring
from section_meshes import circles, deform, layered, symmetric_pins

from calfpump.section.equilibrium import Area, Equilibrium
from calfpump.section.stability import examine
from calfpump.section.system import System

MU = 2e3
MM = 1e-3
#: p_cr/μ of tubes of h/R, two lobes.
TUBES = {0.05: 1.25156e-4, 0.1: 1.00499e-3, 0.2: 8.15896e-3, 0.3: 2.81915e-2, 0.5: 0.138988}


def section(tube: Tube, layers: tuple[int, ...], n: int, graded: bool = False) -> Equilibrium:
    """The tube in millimetres, `layers` of triangles in each of its own."""
    space = np.geomspace if graded else np.linspace
    parts = [space(a, b, k + 1) for a, b, k in zip(tube.radii[:-1], tube.radii[1:], layers)]
    curves = circles(MM * np.concatenate([parts[0], *(part[1:] for part in parts[1:])]), n)
    regions = [f"layer{i}" for i, k in enumerate(layers) for _ in range(k)]
    mu = {f"layer{i}": MU * m for i, m in enumerate(tube.mu)}
    return Equilibrium(System(layered(curves, regions), mu=mu, inverse_kappa=dict.fromkeys(mu, 0.0), pins=symmetric_pins(curves)))


def unstable(equilibrium: Equilibrium, tube: Tube, alpha: float) -> int:
    """Number of unstable modes of the round state at area ratio α, which is solved for from its exact displacements."""
    system = equilibrium.system
    a2 = (tube.radii[0] * MM / system.units.length) ** 2

    def round_state(X: np.ndarray) -> np.ndarray:
        return X * (np.sqrt(1.0 + (alpha - 1.0) * a2 / np.einsum("ki,ki->k", X, X)) - 1.0)[:, None]

    moving = system.domain.u_dofs
    equilibrium.w[moving] = deform(system.domain, round_state)[moving]
    controls = {"vein": Area(alpha * float(system.A0[0]) * system.units.area)}
    outcome = equilibrium.solve(controls, step_limit=1.0)
    assert outcome.converged, outcome.reason
    x = system.domain.places(equilibrium.w)[system.lumens[0][:, 0]]
    lobes = np.abs(np.fft.rfft(np.hypot(x[:, 0], x[:, 1])))[1 : len(x) // 2] / len(x)  # the triangles' own pattern has n/2
    assert lobes.max() < 1e-6 * system.radius, "the tube has left the round branch"
    return examine(equilibrium, controls).unstable


def critical(equilibrium: Equilibrium, tube: Tube, alpha: float) -> tuple[float, float]:
    """Area ratio and (p_out − p_in)/μ where the first mode goes, sought around `alpha` to 2e-4 of 1 − α."""
    for part in (0.3, 0.6, 0.8):
        assert unstable(equilibrium, tube, 1.0 - part * (1.0 - alpha)) == 0
    stable, lost = 1.0 - 0.8 * (1.0 - alpha), 1.0 - min(1.2 * (1.0 - alpha), 0.5 + 0.5 * (1.0 - alpha))
    assert unstable(equilibrium, tube, lost) > 0
    while stable - lost > 2e-4 * (1.0 - alpha):
        middle = 0.5 * (stable + lost)
        if unstable(equilibrium, tube, middle):
            lost = middle
        else:
            stable = middle
    return stable, float(-equilibrium.pressures()[0]) / MU


def falling(tube: Tube, alpha: float, meshes: tuple[tuple[int, tuple[int, ...]], ...]) -> tuple[float, float]:
    """p_cr/μ on the last of the meshes (n, layers), and the least order at which the error falls."""
    exact = float(tube.pressure(alpha))
    found = [critical(section(tube, layers, n, graded=len(layers) > 1), tube, alpha)[1] for n, layers in meshes]
    errors = np.abs(np.array(found) / exact - 1.0)
    return found[-1], float(np.log2(errors[:-1] / errors[1:]).min())


def thick_tube(row, thickness: float, meshes: tuple[tuple[int, tuple[int, ...]], ...], tolerance: float, order: float) -> float:
    """One row; p_cr/μ of finite elements."""
    tube = ring(thickness)
    lobes, alpha = tube.first((2, 3))
    exact = float(tube.pressure(alpha))
    assert lobes == 2
    if thickness in TUBES:
        assert exact == pytest.approx(TUBES[thickness], rel=1e-5)
    computed, measured = falling(tube, alpha, meshes)
    row(f"thick tube, h/R = {thickness:g}", "p_cr/μ", exact, computed, tolerance, rate=(measured, order), source="Haughton & Ogden 1979")
    return computed


@pytest.mark.parametrize("thickness", [0.1, 0.15, 0.3, 0.5])
def test_thick_tube_buckles_where_it_should(row, thickness: float) -> None:
    """p_cr/μ of an incompressible neo-Hookean tube under pressure outside, two lobes first: within 2.5 % with 48 triangles round and two through the wall."""
    thick_tube(row, thickness, ((24, (1,)), (48, (2,))), 0.025, 2.0)


@pytest.mark.study
def test_thick_tubes_on_finer_meshes(row, picture) -> None:
    """p_cr/μ of an incompressible neo-Hookean tube under pressure outside, two lobes first: three meshes, the last within .3 %."""
    meshes = ((24, (1,)), (48, (2,)), (96, (4,)))
    found = {thickness: thick_tube(row, thickness, meshes, 3e-3, 2.0) for thickness in sorted([*TUBES, 0.15, 0.4])}
    draw(picture("thick_tubes", "First buckling of thick tubes: finite elements (dots) on the incremental problem, beside Lévy's thin ring"), found)


def draw(file: object, found: dict[float, float]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.6, 3.8), layout="constrained")
    axes = figure.subplots()
    thickness = np.linspace(0.04, 0.6, 24)
    tubes = [ring(float(h)) for h in thickness]
    exact = np.array([float(tube.pressure(tube.critical(2))) for tube in tubes])
    axes.axhline(1.0, linestyle="--", color="#a0a0a0", label="Lévy's thin ring")
    axes.plot(thickness, exact / thickness**3, color="#1f4e79", label="incremental problem, n = 2")
    axes.plot(list(found), [p / h**3 for h, p in found.items()], "o", color="#c8442c", label="finite elements, by inertia")
    axes.set(xlabel="$h/R$", ylabel="$p_{cr}$ over μ$(h/R)^3$", xlim=(0.0, 0.62))
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=150)


@pytest.mark.parametrize(("thickness", "ratio", "published"), [(0.2, 100.0, 1.8724), (0.1, 30.0, None)])
def test_lined_hole_buckles_where_it_should(row, thickness: float, ratio: float, published: float | None) -> None:
    """A stiff wall in a soft medium ten times as wide: p_cr over the medium's μ, by inertia, against the incremental problem of both layers."""
    tube = lined_hole(thickness, ratio)
    lobes, alpha = tube.first((2, 3, 4))
    exact = float(tube.pressure(alpha))
    if published:
        assert lobes == 2 and exact == pytest.approx(published, abs=1e-4)
    computed, order = falling(tube, alpha, ((16, (1, 6)), (32, (2, 12))))
    row(f"lined hole, h/R = {thickness:g}, wall {ratio:g} times stiffer, {lobes} lobes", "p_cr/μ of the medium", exact, computed, 0.015, rate=(order, 2.0))


@pytest.mark.study
def test_where_the_bare_hole_wrinkles(row) -> None:
    """A hole in a medium of 20 radii, emptied: its closed form is that of a stable state down to α = .3143, where six lobes appear, so not at .3.

    The corners of a hole made of straight sides begin a little earlier, the less the more sides there are."""
    tube = Tube((1.0, 20.0), (1.0,))
    lobes, alpha = tube.first((4, 5, 6, 7, 8))
    assert lobes == 6
    found = [critical(section(tube, layers, n, graded=True), tube, alpha)[0] for n, layers in ((32, (12,)), (96, (36,)))]
    order = np.log((found[0] - alpha) / (found[1] - alpha)) / np.log(3.0)
    row("hole in an infinite medium", "α where it wrinkles (6 lobes)", alpha, found[1], 0.03, relative=False, rate=(float(order), 0.5), source="Biot 1963")
