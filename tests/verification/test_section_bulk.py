"""Tissues, membranes, hose and contraction in round sections with closed forms, in plane strain and incompressible.

Meshes are polygons of n sides: areas and radii below are those of the polygon, what is left is an error of order 1/n².
"""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from dolfinx import fem
from oracles.cylinder import inflation, shortened_tube, wrapped_disc
from section_meshes import circles, deform, layered, symmetric_pins
from section_rings import Wall, march_area, ring

from calfpump.section import compat, measure
from calfpump.section.equilibrium import Area, Control, Equilibrium, NewtonSettings, Pressure
from calfpump.section.hose import HullLength
from calfpump.section.stability import examine
from calfpump.section.system import System
from calfpump.section.units import Units

MU = 2e3
MM = 1e-3


def tube(radii: np.ndarray, n: int, units: Units | None = None, pins: bool = True, **changes: object) -> Equilibrium:
    """A tube of one tissue, radii in metres, its bore the vein."""
    curves = circles(radii, n)
    mesh = layered(curves, ["muscle"], compartments={"muscle": "muscle"})
    return Equilibrium(
        System(mesh, mu={"muscle": MU}, inverse_kappa={"muscle": 0.0}, pins=symmetric_pins(curves) if pins else (), units=units, **changes)
    )


def at_area(equilibrium: Equilibrium, alphas: list[float], step_limit: float = 1.0) -> float:
    """Pressure in the bore at the last of the area ratios, visited in turn."""
    A0 = float(equilibrium.system.A0[0]) * equilibrium.system.units.area
    for alpha in alphas:
        outcome = equilibrium.solve({"vein": Area(alpha * A0)}, step_limit=step_limit)
        assert outcome.converged, outcome.reason
    return float(equilibrium.pressures()[0])


@pytest.mark.parametrize(
    ("ratio", "stretch", "published"),
    [(1.5, 0.9, -0.132416), (1.5, 1.1, 0.094789), (1.5, 1.5, 0.283755), (2.0, 2.0, 0.574054), (3.0, 0.75, None), (1.2, 1.7, None)],
)
def test_neo_hookean_cylinder(row, ratio: float, stretch: float, published: float | None) -> None:
    """Plane-strain tube under inner pressure: p/μ of the closed form within .3 %."""
    if published:
        assert inflation(stretch, ratio) == pytest.approx(published, abs=1e-6)
    equilibrium = tube(10 * MM * np.geomspace(1.0, ratio, 5), 48)
    alphas = list(np.linspace(1.0, stretch**2, 2 + int(abs(stretch**2 - 1.0) / 0.5))[1:])
    computed = at_area(equilibrium, alphas) / MU
    row(f"neo-Hookean tube, B/A = {ratio:g}", f"p/μ at λ_a = {stretch:g}", inflation(stretch, ratio), computed, 3e-3, source="Green & Zerna 1954")


HOLE = {0.8: 0.23657, 0.5: 0.84657, 0.3: 1.76865, 1.25: -0.21157, 2.0: -0.59657}


@pytest.fixture(scope="module")
def hole() -> Equilibrium:
    """A hole in a medium that ends at 20 radii."""
    return tube(2 * MM * np.geomspace(1.0, 20.0, 15), 32)


def test_closed_form_of_the_hole() -> None:
    """(p∞ − p_i)/μ = (1/α − 1 − ln α)/2 in an infinite medium: the limit of the tube's formula, and the published figures."""
    for alpha, published in HOLE.items():
        assert (1.0 / alpha - 1.0 - np.log(alpha)) / 2.0 == pytest.approx(published, abs=1e-5)
        assert -inflation(np.sqrt(alpha), 1e6) == pytest.approx(published, abs=1e-5)


@pytest.mark.parametrize("path", [[0.8], [0.8, 0.65, 0.5], [0.8, 0.65, 0.5, 0.4], [1.25], [1.25, 1.6, 2.0]])
def test_hole_in_a_large_medium(row, hole: Equilibrium, path: list[float]) -> None:
    """Pressure of the hole at area ratio α: within .1 % of the tube's formula for 20 radii, and stable."""
    hole.w[:] = 0.0
    found = -at_area(hole, path) / MU
    exact = -inflation(np.sqrt(path[-1]), 20.0)
    row("hole in a medium to 20 radii", f"(p∞ − p_i)/μ at α = {path[-1]:g}", exact, found, 1e-3, source="Green & Zerna 1954")
    A0 = float(hole.system.A0[0]) * hole.system.units.area
    assert examine(hole, {"vein": Area(path[-1] * A0)}).stable


def test_round_hole_wrinkles_before_a_third_of_its_area(hole: Equilibrium) -> None:
    """A free surface of neo-Hookean tissue compressed in plane strain creases from a stretch of .65 on (Gent & Cho 1999) and wrinkles at about
    .54 (Biot 1963). At α = .3 the hoop stretch is .548: the closed form, 1.76865, is that of an unstable state, and the inertia tells."""
    hole.w[:] = 0.0
    A0 = float(hole.system.A0[0]) * hole.system.units.area
    at_area(hole, [0.8, 0.65, 0.5, 0.4, 0.35, 0.3])
    assert not examine(hole, {"vein": Area(0.3 * A0)}).stable


def test_error_of_the_cylinder_falls_with_the_mesh(row) -> None:
    """Error of p/μ at λ_a = 1.5, B/A = 1.5: of order 2, that of straight sides for circles."""
    exact = inflation(1.5, 1.5)
    found = []
    for n, layers in ((12, 2), (24, 4), (48, 8)):
        equilibrium = tube(10 * MM * np.linspace(1.0, 1.5, layers + 1), n)
        found.append(at_area(equilibrium, [1.6, 2.25]) / MU)
    errors = np.abs(np.array(found) - exact)
    order = float(np.log2(errors[:-1] / errors[1:]).min())
    row("neo-Hookean tube, B/A = 1.5, three meshes", "p/μ at λ_a = 1.5", exact, found[-1], 3e-3, rate=(order, 1.8), source="Green & Zerna 1954")


def disc(radius: float, n: int, membrane: float = 0.0, toe: float = 1e-6, sleeve: float = 0.0) -> tuple[Equilibrium, float]:
    """A disc of muscle in a membrane, and in a sleeve of silent muscle up to the radius `sleeve`; the radius whose circle has its area."""
    radii = list(radius * np.array([0.25, 0.5, 0.75, 1.0])) + list(np.linspace(radius, sleeve, 5)[1:] if sleeve else [])
    curves = circles(radii, n)
    inside = ["muscle"] * 3 + (["silent"] * 4 if sleeve else [])
    mesh = layered(
        curves, inside, core="muscle", names={3: "fascia", -1: "skin"} if sleeve else {-1: "skin"},
        compartments={"muscle": "muscle", "silent": "silent"} if sleeve else {"muscle": "muscle"},
    )  # fmt: skip
    system = System(
        mesh, mu=dict.fromkeys(mesh.regions, MU), inverse_kappa=dict.fromkeys(mesh.regions, 0.0), toe=toe,
        membranes={"fascia" if sleeve else "skin": membrane}, pins=symmetric_pins(curves),
    )  # fmt: skip
    return Equilibrium(system), float(radius * np.sqrt(np.sin(2.0 * np.pi / n) / (2.0 * np.pi / n)))


def contract(equilibrium: Equilibrium, shortening: float, controls: dict[str, Control] | None = None) -> None:
    for part in (0.25, 0.5, 0.75, 1.0):
        equilibrium.system.bulk.contract({"muscle": part * shortening})
        outcome = equilibrium.solve(controls or {}, iterations=25)
        assert outcome.converged, outcome.reason


@pytest.mark.parametrize("toe", [1e-6, 2e-3])
def test_contracted_compartment_in_its_fascia(row, toe: float) -> None:
    """A disc R₀ = 40 mm that shortens to λ_z = .9 swells to λ = λ_z^−½ in a membrane E t: P = E t (λ − 1)/(λ R₀) = 11546 Pa = 86.6 mmHg.

    E = 10 MPa, t = .9 mm; within .3 %, with the toe's own loss of strain τ/2; the straight sides cost π²/6n² of the strain."""
    equilibrium, R0 = disc(40 * MM, 128, 1e7 * 0.9 * MM, toe)
    contract(equilibrium, 0.1)
    (P,) = measure.compartment_pressures(equilibrium, _mesh({"muscle": "muscle"}), ("muscle",))
    what = f"contracted compartment in its fascia, toe {toe:g}"
    row(what, "pressure, radius of the polygon's area", wrapped_disc(9e3, R0, 0.9**-0.5, toe), P, 3e-3, unit="Pa")
    if toe < 1e-5:
        row(what, "pressure, R₀ = 40 mm", 11546.0, P, 4e-3, unit="Pa")


def _mesh(compartments: dict[str, str]) -> object:
    """What `measure` wants to know of a mesh."""
    return SimpleNamespace(compartments=compartments)


def test_contracted_core_presses_on_silent_muscle(row) -> None:
    """A core that swells by λ_z^−½ inflates its silent sleeve like a bore: P = μ [ln(λ_a/λ_b) + (λ_b⁻² − λ_a⁻²)/2], the core's true stress."""
    equilibrium, _ = disc(20 * MM, 48, sleeve=40 * MM)
    contract(equilibrium, 0.1)
    names = {"muscle": "muscle", "silent": "silent"}
    P, _ = measure.compartment_pressures(equilibrium, _mesh(names), ("muscle", "silent"))
    row("contracted core in silent muscle", "pressure of the core", MU * inflation(0.9**-0.5, 2.0), P, 5e-3, unit="Pa")


def test_contracted_tube_squeezes_its_bore(row) -> None:
    """λ_z = .9 with the bore held at its area: the true stresses of the swollen muscle, integrated over the wall, within .5 %."""
    A, B = 10 * MM, 25 * MM
    equilibrium = tube(np.geomspace(A, B, 7), 48)
    A0 = float(equilibrium.system.A0[0]) * equilibrium.system.units.area
    contract(equilibrium, 0.1, {"vein": Area(A0)})
    scale = float(np.sqrt(A0 / np.pi)) / A
    exact = shortened_tube(MU, scale * A, scale * B, 0.1, scale * A)
    assert abs(exact) > 0.05 * MU
    row("contracted tube round a bore of constant area", "pressure in the bore", exact, equilibrium.pressures()[0], 5e-3, unit="Pa")


def test_sliding_hose_on_a_disc(row) -> None:
    """Tension T = k (L − L₀)/L₀ of a hose slack at 90 % of the girth, pressure T/r within .2 % (Laplace)."""
    equilibrium, R0 = disc(50 * MM, 64)
    girth = measure.girth(equilibrium)
    k = 600.0
    equilibrium.system.wear(0.9 * girth, k)
    assert equilibrium.solve({}, iterations=25).converged
    (P,) = measure.compartment_pressures(equilibrium, _mesh({"muscle": "muscle"}), ("muscle",))
    tension = measure.hose_tension(equilibrium)
    assert tension == pytest.approx(k * (measure.girth(equilibrium) / (0.9 * girth) - 1.0), rel=1e-8)
    row("sliding hose on a disc", "pressure T/r", tension / R0, P, 2e-3, unit="Pa", source="Laplace")


@pytest.mark.parametrize("b", [50.0, 35.0])
def test_hose_on_an_ellipse_presses_with_its_curvature(row, b: float) -> None:
    """Nodal forces of the tension T on a rigid ellipse, half axes 60 mm and b: p = T κ, so p_max/p_min = (a/b)³."""
    n = 240
    t = 2.0 * np.pi * np.arange(n) / n
    corners = np.stack([60.0 * np.cos(t), b * np.sin(t)], axis=1)
    x = np.concatenate([corners, 0.5 * (corners + np.roll(corners, -1, axis=0))])
    i = np.arange(n)
    hull = HullLength(np.stack([i, n + i, (i + 1) % n], axis=1))
    force = np.zeros_like(x)
    np.add.at(force, hull.chain, hull.gradient(x))
    side = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1)
    p = np.linalg.norm(force[:n], axis=1) / (0.5 * (side + np.roll(side, 1)))
    row(f"hose on a rigid ellipse, 60 and {b:g} mm", "p_max/p_min", (60.0 / b) ** 3, p[0] / p[n // 4], 5e-3)
    row(f"hose on a rigid ellipse, 60 and {b:g} mm", "p_max/T", 60.0 / b**2, p[0], 5e-3, unit="1/mm")


def test_uniform_hose_shifts_the_law_exactly(row) -> None:
    """Incompressible tissue: p_int(α; H) = p_int(α; 0) + H to round-off."""
    found = {}
    for H in (0.0, 4000.0):
        equilibrium = tube(2 * MM * np.geomspace(1.0, 4.0, 7), 24)
        equilibrium.system.skin_pressure = H / equilibrium.system.units.stress
        for alphas in ([0.8], [0.8, 0.6], [1.3]):
            equilibrium.w[:] = 0.0
            found[H, alphas[-1]] = at_area(equilibrium, alphas)
            found[H, alphas[-1]] = at_area(equilibrium, alphas[-1:])
    for alpha in (0.8, 0.6, 1.3):
        shift = found[4000.0, alpha] - found[0.0, alpha]
        row("uniform hose of 4 kPa on incompressible tissue", f"shift of p at α = {alpha:g}", 4000.0, shift, 1e-8, unit="Pa")


@pytest.mark.parametrize("alpha", [0.8, 1.4])
def test_answer_does_not_depend_on_the_units(row, alpha: float) -> None:
    """The same pressure with the equations scaled in mm and kPa, and in m and Pa."""
    radii = 2 * MM * np.geomspace(1.0, 4.0, 7)
    p, other = (at_area(tube(radii, 24, units), [alpha, alpha]) for units in (None, Units(1.0, 1.0)))
    row("scaled units, m and Pa for mm and kPa", f"p at α = {alpha:g}", p, other, 1e-8, unit="Pa")


EXACT = NewtonSettings(tolerance=1e-11, iterations=25, patience=25)


def test_area_and_pressure_control_agree_through_contact(row) -> None:
    """p(α) of a ring under area control, free and with its walls in contact, then α(p) under pressure control from a state beside it: 1e-8."""
    wall = Wall(ratio=1.2)
    equilibrium = ring(wall, 64, settings=EXACT)
    A0 = float(equilibrium.system.A0[0]) * equilibrium.system.units.area
    march = march_area(equilibrium, 1.0)
    for alpha in (0.9, 0.7, 0.5, 0.3, 0.27, 0.25, 0.2, 0.15):
        march.to(alpha)
        if alpha in (0.7, 0.2, 0.15):
            assert (equilibrium.system.touching > 0) == (alpha < 0.26)
            for _ in range(2):
                assert equilibrium.solve({"vein": Area(alpha * A0)}).converged
            there, p = equilibrium.state, float(equilibrium.pressures()[0])
            assert equilibrium.solve({"vein": Area(alpha * A0 * (1.0 + 1e-3))}).converged
            for _ in range(4):
                assert equilibrium.solve({"vein": Pressure(p)}).converged
            row("pressure control beside area control, ring", f"α at p of α = {alpha:g}", alpha, float(equilibrium.areas()[0]) / A0, 1e-8)
            equilibrium.restore(there)


def test_force_along_the_leg_presses_on_nothing(row) -> None:
    """An active stress S along z, energy ½S (C_zz − 1), has no in-plane force while the length is held: why contraction acts by shortening."""
    import ufl
    from dolfinx.fem import petsc

    domain = tube(2 * MM * np.geomspace(1.0, 3.0, 4), 16).system.domain
    w = fem.Function(domain.space)
    w.x.array[:] = 0.05 * np.random.default_rng(2).standard_normal(domain.n_dofs)
    u, _ = ufl.split(w)
    F = ufl.Identity(2) + ufl.grad(u)
    F3 = ufl.as_matrix([[F[0, 0], F[0, 1], 0.0], [F[1, 0], F[1, 1], 0.0], [0.0, 0.0, 1.0]])
    active, passive = (
        petsc.assemble_vector(compat.compiled(ufl.derivative(energy * ufl.dx(domain.domain, degree=4), w, ufl.TestFunction(domain.space))))
        for energy in (100.0 / 2 * ((F3.T * F3)[2, 2] - 1.0), 1.0 / 2 * (ufl.tr(F3.T * F3) - 3.0))
    )
    assert np.abs(passive.array).max() > 0.0
    row("active stress along z, length held", "largest in-plane force", 0.0, float(np.abs(active.array).max()), 0.0, relative=False)


def test_tangent_is_the_derivative_of_the_residual(row) -> None:
    """Taylor: |r(w + εd, m + εδm) − r − ε (K d + G δm)| falls as ε² with tissue, taut membrane, hose, contact, follower and vein pressure
    all at work; K is symmetric."""
    curves = circles(2 * MM * np.geomspace(1.0, 3.0, 4), 32)
    mesh = layered(curves, ["muscle"])
    system = System(
        mesh, mu={"muscle": MU}, inverse_kappa={"muscle": 1e-5}, membranes={"skin": 5.0}, penalty={"vein": 1e7}, pins=symmetric_pins(curves)
    )
    system.skin_pressure = 0.7
    system.wear(0.8 * mesh.girth, 20.0)
    system.bulk.contract({"muscle": 0.1})
    random = np.random.default_rng(3)

    def squash(X: np.ndarray) -> np.ndarray:
        """The bore flattened until its walls overlap, the outside widened."""
        r2 = np.einsum("ki,ki->k", X, X)
        return X * np.array([0.1, -0.06]) + np.stack([0.0 * r2, -1.0 * X[:, 1] * (4.0 / r2) ** 2], axis=1)

    w = deform(system.domain, squash)
    pressures = np.setdiff1d(np.arange(len(w)), system.domain.u_dofs)
    w[pressures] = random.standard_normal(len(pressures))
    w += 1e-3 * random.standard_normal(len(w))
    w[system.held] = 0.0
    m = np.array([0.9, 0.4])
    assert system.search(w)
    x = system.domain.places(w)
    r, G = system.residual(w, m), system.gradients(x)
    assert system.touching > 0
    system.fill_tangent(w, m)
    assert system.matrix.isSymmetric(1e-9)
    d, dm = random.standard_normal(len(w)), random.standard_normal(2)
    d[system.held] = 0.0
    vector, product = system.matrix.createVecs()
    vector.array[:] = d
    system.matrix.mult(vector, product)
    slope = product.array + G @ dm
    eps = np.array([4e-5, 2e-5, 1e-5])
    left = np.array([np.abs(system.residual(w + e * d, m + e * dm) - r - e * slope) for e in eps])
    first = np.abs(system.residual(w + eps[-1] * d, m + eps[-1] * dm) - r)
    for name, curve in (("skin", system.skin), ("lumen", system.lumens[0])):  # each by itself: the stiff contact would hide an error on the skin
        dofs = np.setdiff1d(system.domain.dofs[curve], system.held)
        error = left[:, dofs].max(axis=1)
        assert error[-1] < 0.05 * first[dofs].max()
        order = float(np.log2(error[:-1] / error[1:]).min())
        row("tangent, residual by Taylor", f"order of the remainder, {name}", 2.0, order, 0.1, relative=False)
