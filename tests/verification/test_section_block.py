"""Blocks: a homogeneous state to round-off, a manufactured one with its orders of convergence."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import ufl
from dolfinx import fem
from dolfinx.fem import petsc
from section_meshes import deform, quadrilateral

from calfpump.section import compat
from calfpump.section.equilibrium import Equilibrium
from calfpump.section.factor import Factor
from calfpump.section.stability import examine
from calfpump.section.system import System
from calfpump.section.units import Units

SI = Units(1.0, 1.0)
SQUARE = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)]


def pulled(corners: list[tuple[float, float]], stretch: float, mu: float, **law: Any) -> tuple[float, bool]:
    """F/S of a block between smooth plates that leave it `stretch` times as long, and whether it is stable; from a state 1 % beside the exact one."""
    mesh = quadrilateral(corners, np.linspace(0.0, 1.0, 5), {"left": "left", "right": "right", "bottom": "bottom"})
    held = [("left", 0), ("bottom", 1), ("right", 0)]
    system = System(mesh, mu={"muscle": mu}, inverse_kappa={"muscle": 0.0}, fixed=[], sliding=held, units=SI, **law)
    equilibrium = Equilibrium(system)
    w = deform(system.domain, lambda X: X * (stretch - 1.0, 1.0 / stretch - 1.0))
    moving = np.setdiff1d(system.domain.u_dofs, system.held)
    w[moving] += 0.01 * np.random.default_rng(1).uniform(-1.0, 1.0, len(moving)) * 0.25
    equilibrium.w[:] = w
    for _ in range(2):
        outcome = equilibrium.solve({}, step_limit=1.0, iterations=25)
        assert outcome.converged, outcome.reason
    force = system.bulk.new_vector()
    force.set(0.0)
    system.bulk.add_residual(equilibrium.w, force)
    ends = np.unique(system.domain.edges("right"))
    return float(force.array[system.domain.dofs[ends, 0]].sum()) / corners[2][1], examine(equilibrium, {}).stable


@pytest.mark.parametrize(
    ("stretch", "published"), [(0.9, -0.471742), (0.8, -1.153125), (0.7, -2.215452), (0.5, -7.5), (1.4, None), (2.3, None)]
)
def test_block_between_plates(row, stretch: float, published: float | None) -> None:
    """An incompressible block in plane strain pulled or pressed to the stretch λ: F/S = μ (λ − λ⁻³), homogeneous, to round-off (SSNV187)."""
    exact = stretch - stretch**-3
    if published:
        assert exact == pytest.approx(published, abs=1e-6)
    force, stable = pulled(SQUARE, stretch, 1.0)
    row("block in plane strain, μ = 1", f"F/S at λ = {stretch:g}", exact, force, 1e-9, source="Code_Aster SSNV187")
    assert stable or stretch < 0.75, "pressed so far, the free side buckles"
    if published is None:
        force, _ = pulled([(0.0, 0.0), (3.0, 0.0), (3.0, 0.7), (0.0, 0.7)], stretch, 2600.0)
        row("block in plane strain, 3 × 0.7, μ = 2.6 kPa", f"F/S at λ = {stretch:g}", 2600.0 * exact, force, 1e-9, unit="Pa")


@pytest.mark.parametrize(("stretch", "c01"), [(0.85, 0.3), (1.25, 0.3), (1.6, 0.1), (1.25, -0.2)])
def test_mooney_rivlin_block_is_neo_hookean(row, stretch: float, c01: float) -> None:
    """Mooney–Rivlin with C₁₁ = 0, incompressible in plane strain, I₁ = I₂: the force of the neo-Hookean block of μ = 2(C₁₀ + C₀₁)."""
    found, _ = pulled(SQUARE, stretch, 1.0, c01={"muscle": c01})
    neo, _ = pulled(SQUARE, stretch, 1.0)
    row(f"Mooney–Rivlin block, C₀₁/μ = {c01:g}, C₁₁ = 0", f"F/S at λ = {stretch:g}, of the neo-Hookean", neo, found, 1e-10, source="Rivlin 1948")


def manufactured(n: int, mu: float, inverse_kappa: float) -> tuple[float, float]:
    """L2 errors of u and π on a square of 2n² triangles: three sides moved as the exact field moves them, its traction on the fourth.

    Incompressible: two shears in turn, x = X + .1 sin πY, y = Y + .1 sin πx, so det F = 1; π is free. Else u is a product of sines and
    π = κ (J − 1). Body force −Div P with P = μ(F − F⁻ᵀ) + πJF⁻ᵀ written out here.
    """
    mesh = quadrilateral(SQUARE, np.linspace(0.0, 1.0, n + 1), {"left": "left", "right": "right", "bottom": "bottom", "top": "top"})
    system = System(mesh, mu={"muscle": mu}, inverse_kappa={"muscle": inverse_kappa}, fixed=["left", "bottom", "top"], units=SI)
    domain, space = system.domain, system.domain.space
    X = ufl.SpatialCoordinate(domain.domain)

    def shift(X: Any, sin: Any) -> tuple[Any, Any]:
        if inverse_kappa == 0.0:
            across = 0.1 * sin(np.pi * X[1])
            return across, 0.1 * sin(np.pi * (X[0] + across))
        return 0.1 * sin(2.0 * X[0] + X[1]), 0.08 * sin(X[0] - 2.0 * X[1])

    u = ufl.as_vector(shift(X, ufl.sin))
    F = ufl.Identity(2) + ufl.grad(u)
    J = ufl.det(F)
    tension = ufl.cos(2.0 * X[0]) * ufl.exp(X[1]) if inverse_kappa == 0.0 else (J - 1.0) / inverse_kappa
    inverse = ufl.inv(F).T
    P = mu * (F - inverse) + tension * J * inverse
    v, _ = ufl.TestFunctions(space)
    dx, ds = (ufl.Measure(kind, domain.domain, metadata={"quadrature_degree": 8}) for kind in ("dx", "ds"))
    load = petsc.assemble_vector(compat.compiled(ufl.inner(-ufl.div(P), v) * dx + ufl.inner(P * ufl.FacetNormal(domain.domain), v) * ds))
    f = load.array.copy()
    f[system.held] = 0.0
    w = deform(domain, lambda places: np.stack(shift(places.T, np.sin), axis=1))
    factor = Factor()
    for _ in range(20):
        system.fill_tangent(w, np.zeros(0))
        factor.refresh(system.matrix)
        step = factor.solve((f - system.residual(w, np.zeros(0)))[:, None])[:, 0]
        w += step
        if np.abs(step[domain.u_dofs]).max() < 1e-12:
            break
    else:
        pytest.fail(f"Newton did not converge: {np.abs(step[domain.u_dofs]).max():.1e}")
    solved = fem.Function(space)
    solved.x.array[:] = w
    uh, ph = ufl.split(solved)
    return tuple(float(np.sqrt(fem.assemble_scalar(compat.compiled(form * dx)))) for form in (ufl.inner(uh - u, uh - u), (ph - tension) ** 2))  # type: ignore[return-value]


@pytest.mark.parametrize(("mu", "inverse_kappa", "name"), [(1.0, 0.0, "incompressible"), (1.0, 0.4, "κ/μ = 2.5 (ν = .36)")])
def test_manufactured_solution(row, picture, mu: float, inverse_kappa: float, name: str) -> None:
    """Finite strains of 30 % made from a known field and its body force: L2 errors fall with order 3 (u) and 2 (π)."""
    sizes = np.array([4, 8, 16, 32])
    errors = np.array([manufactured(int(n), mu, inverse_kappa) for n in sizes])
    orders = np.log2(errors[:-1] / errors[1:])
    for k, (quantity, least) in enumerate((("L2 error of u at h = 1/32", 2.8), ("L2 error of π at h = 1/32", 1.8))):
        row(f"manufactured solution, {name}", quantity, 0.0, errors[-1, k], (2e-6, 1e-3)[k], relative=False, rate=(float(orders[1:, k].min()), least))
    draw(picture(f"manufactured_{'compressible' if inverse_kappa else 'incompressible'}", "L2 errors over the size of the triangles"), sizes, errors)


def draw(file: object, sizes: np.ndarray, errors: np.ndarray) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5.0, 3.6), layout="constrained")
    axes = figure.subplots()
    for k, (label, order, colour) in enumerate((("displacement u", 3, "#1f4e79"), ("pressure π", 2, "#c8442c"))):
        axes.loglog(1.0 / sizes, errors[:, k], "o-", color=colour, label=label)
        axes.loglog(1.0 / sizes, 1.6 * errors[-1, k] * (sizes[-1] / sizes) ** order, "--", color=colour, linewidth=0.8, label=f"order {order}")
    axes.set(xlabel="h", ylabel="L2 error")
    axes.set_xticks(1.0 / sizes, [f"1/{n}" for n in sizes], minor=False)
    axes.set_xticks([], minor=True)
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(file, dpi=150)
