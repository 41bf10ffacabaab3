"""Small strains: at rest the equations' tangent is linear elasticity with Lamé's constants (μ, κ), compressible to incompressible."""

from __future__ import annotations

import numpy as np
import pytest
from oracles import lame
from section_meshes import circles, layered, linear_answer, quadrilateral, symmetric_pins

from calfpump.section import compat
from calfpump.section.system import System
from calfpump.section.units import Units

SI = Units(1.0, 1.0)


def constants(E: float, nu: float) -> tuple[float, float]:
    """μ and 1/κ, κ = Lamé's λ: ν = κ/(2(κ + μ))."""
    return E / (2.0 * (1.0 + nu)), (1.0 + nu) * (1.0 - 2.0 * nu) / (E * nu)


def pressed(radii: np.ndarray, regions: list[str], mu: dict[str, float], inverse_kappa: dict[str, float], p: float, n: int) -> tuple[System, np.ndarray]:
    """Linear answer of a tube under the pressure `p` in its bore."""
    curves = circles(radii, n)
    system = System(layered(curves, regions), mu=mu, inverse_kappa=inverse_kappa, pins=symmetric_pins(curves), units=SI)
    return system, linear_answer(system, -p * system.gradients(system.domain.X)[:, 0])


def outward(system: System, w: np.ndarray, radius: float) -> float:
    """Mean radial displacement of the corners at `radius`."""
    X = system.domain.X
    r = np.linalg.norm(X, axis=1)
    nodes = np.flatnonzero(np.abs(r - radius) < 1e-9 * radius)
    return float(np.mean(np.einsum("ki,ki->k", system.domain.displacement(w)[nodes], X[nodes]) / radius))


@pytest.mark.parametrize(
    ("B", "E", "nu", "published"), [(2.0, 1.0, 0.3, 0.01906667), (2.0, 1.0, 0.49, 0.0199660), (2.0, 1.0, 0.499, 0.01999666), (1.4, 3.0, 0.42, None)]
)
def test_lame_cylinder(row, B: float, E: float, nu: float, published: float | None) -> None:
    """A tube A = 1, B of Young's modulus E under p = .01: u(A) within .2 %, of order 2 in the straight sides."""
    exact = lame.bore(1.0, B, E, nu, 0.01)
    if published:
        assert exact == pytest.approx(published, abs=1e-8)
    mu, inverse_kappa = constants(E, nu)
    found = []
    for n, layers in ((16, 4), (32, 8), (64, 16)):
        system, w = pressed(np.linspace(1.0, B, layers + 1), ["muscle"], {"muscle": mu}, {"muscle": inverse_kappa}, 0.01, n)
        found.append(outward(system, w, 1.0))
    orders = np.log2(np.abs(np.array(found[:-1]) - exact) / np.abs(np.array(found[1:]) - exact))
    row(f"Lamé tube B/A = {B:g}, E = {E:g}, ν = {nu:g}, p = .01", "u(A)", exact, found[-1], 2e-3, rate=(float(orders.min()), 1.8), source="Lamé 1852")


@pytest.mark.parametrize(
    ("radii", "mu", "published"), [((1.0, 1.2, 3.0), (10.0, 1.0), (0.1374046, 0.1145038, 0.1603053)), ((1.0, 1.5, 2.0), (1.0, 7.0), None)]
)
def test_two_incompressible_layers(row, radii: tuple[float, ...], mu: tuple[float, ...], published: tuple[float, ...] | None) -> None:
    """Displacements of bore and interface, and the pressure that the inner layer hands to the outer: its nodal forces."""
    (bore, between, _), (_, handed, _) = lame.layers(radii, mu, 1.0)
    if published:
        assert (bore, between, handed) == pytest.approx(published, abs=1e-7)
    names = ("inner", "outer")
    found = []
    for n, layers in ((24, 3), (48, 6), (96, 12)):
        r = np.concatenate([np.linspace(radii[0], radii[1], layers + 1), np.geomspace(radii[1], radii[2], layers + 1)[1:]])
        regions = ["inner"] * layers + ["outer"] * layers
        moduli, none = dict(zip(names, mu)), dict.fromkeys(names, 0.0)
        system, w = pressed(r, regions, moduli, none, 1.0, n)
        alone, _ = pressed(r, regions, {**moduli, "inner": 0.0}, none, 0.0, n)
        found.append((outward(system, w, radii[0]), outward(system, w, radii[1]), on_outer_layer(alone, w, radii[1])))
    errors = np.abs(np.array(found) - (bore, between, handed))
    orders = np.log2(errors[:-1] / errors[1:]).min(axis=0)
    what = f"two layers A, B, D = {', '.join(f'{x:g}' for x in radii)}, μ = {mu[0]:g}, {mu[1]:g}, p = 1"
    for quantity, exact, computed, order in zip(("u(A)", "u(B)", "pressure at B"), (bore, between, handed), found[-1], orders):
        row(what, quantity, exact, computed, 3e-3, rate=(float(order), 1.7), source="Lamé 1852")


def on_outer_layer(alone: System, w: np.ndarray, radius: float) -> float:
    """Pressure at `radius`: the nodal forces there of the outer layer's triangles, per length of their polygon."""
    domain = alone.domain
    outer_only = w.copy()
    space, parent = compat.collapse(domain.space.sub(1))
    pressure = parent[np.asarray(space.dofmap.list)]
    outer_only[pressure[domain.regions["inner"]]] = 0.0
    alone.fill_tangent(np.zeros(domain.n_dofs), np.zeros(alone.n_multipliers))
    vector, force = alone.matrix.createVecs()
    vector.array[:] = outer_only
    alone.matrix.mult(vector, force)
    r = np.linalg.norm(domain.X, axis=1)
    corners = np.flatnonzero(np.abs(r - radius) < 1e-9 * radius)
    side = 2.0 * radius * np.sin(np.pi / len(corners))
    on_side = np.flatnonzero((np.abs(r - radius * np.cos(np.pi / len(corners))) < 1e-9 * radius) | (np.abs(r - radius) < 1e-9 * radius))
    forces = force.array[domain.dofs[on_side]]
    return float(np.einsum("ki,ki->", forces, domain.X[on_side] / r[on_side, None]) / (len(corners) * side))


COOK = {1.0 / 3.0: (21.525, 22.61), 0.4999: (18.51, 19.43)}


@pytest.mark.parametrize("nu", list(COOK))
def test_cook_membrane(row, nu: float) -> None:
    """Cook's membrane (1974), plane strain, E = 1: deflections at (48, 52) and (48, 60) under F = 1 along the right edge.

    Converged values of mixed and enhanced elements; the order is that of successive differences."""
    mu, inverse_kappa = constants(1.0, nu)
    found = []
    for n in (8, 16, 32):
        lines = 0.5 - 0.5 * np.cos(np.pi * np.arange(n + 1) / n)  # fine towards the corners
        mesh = quadrilateral([(0, 0), (48, 44), (48, 60), (0, 44)], lines, {"left": "clamp", "right": "edge"})
        system = System(mesh, mu={"muscle": mu}, inverse_kappa={"muscle": inverse_kappa}, fixed=["clamp"], units=SI)
        domain = system.domain
        load = np.zeros(domain.n_dofs)
        np.add.at(load, domain.dofs[domain.edges("edge"), 1], np.outer(np.diff(lines), [1.0, 4.0, 1.0]) / 6.0)
        u = domain.displacement(linear_answer(system, load))
        found.append([float(u[np.argmin(np.linalg.norm(domain.X - place, axis=1)), 1]) for place in ((48.0, 52.0), (48.0, 60.0))])
    steps = np.abs(np.diff(np.array(found), axis=0))
    orders = np.log2(steps[:-1] / steps[1:]).min(axis=0)
    for place, exact, computed, order in zip(("(48, 52)", "(48, 60)"), COOK[nu], found[-1], orders):
        row(f"Cook's membrane, ν = {nu:.4g}", f"u_y{place}", exact, computed, 0.01, relative=False, rate=(float(order), 1.8), source="Cook 1974")
