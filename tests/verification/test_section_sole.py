"""The ground's pressure on a sole: the force carried, and the exact compression of a block."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.optimize import brentq

from calfpump.mesh import SectionMesh
from calfpump.section.equilibrium import Equilibrium
from calfpump.section.system import System

MU = 5e3


def block(width: float, height: float, n: int) -> SectionMesh:
    """A rectangle of 2n by n squares cut in two; its lower edge is the sole, its outline the skin."""
    x, y = np.meshgrid(np.linspace(0.0, width, 2 * n + 1), np.linspace(0.0, height, n + 1))
    points = np.stack([x.ravel(), y.ravel()], axis=1)
    number = np.arange(len(points)).reshape(n + 1, 2 * n + 1)
    a, b, c, d = number[:-1, :-1].ravel(), number[:-1, 1:].ravel(), number[1:, 1:].ravel(), number[1:, :-1].ravel()
    loop = np.concatenate([number[0], number[1:, -1], number[-1, -2::-1], number[-2:0:-1, 0]])
    skin = np.stack([loop, np.roll(loop, -1)], axis=1)
    sole = skin[: 2 * n][:, ::-1]  # whichever way its edges run
    triangles = np.concatenate([np.stack([a, b, c], axis=1), np.stack([a, c, d], axis=1)])
    return SectionMesh(
        name="block", resolution="test", girth=2.0 * (width + height), points=points, triangles=triangles.astype(np.int32),
        cell_tags=np.ones(len(triangles), dtype=np.int32), facets=np.concatenate([skin, sole]).astype(np.int32),
        facet_tags=np.repeat([1, 2], [len(skin), len(sole)]).astype(np.int32), regions={"pad": 1}, curves={"skin": 1, "sole": 2},
        compartments={"pad": "sole"}, veins=(),
    )  # fmt: skip


@pytest.mark.parametrize("pressure", [1e3, 10e3, 40e3])
def test_block_on_its_sole_is_compressed_as_the_closed_form_says(pressure: float, row: Callable[..., None]) -> None:
    """Incompressible neo-Hookean block in plane strain, top free to slide, sides free: nominal stress μ(λ − λ⁻³) = −p, to Newton's tolerance at any load."""
    width, height, n = 0.04, 0.02, 4
    mesh = block(width, height, n)
    top = np.flatnonzero(mesh.points[:, 1] > height - 1e-9)
    system = System(mesh, mu={"pad": MU}, inverse_kappa={"pad": 0.0}, pins=[(int(k), 1) for k in top] + [(int(top[n]), 0)])
    system.held = np.union1d(system.held, system.domain.dofs[np.abs(system.domain.X[:, 1] - system.domain.points[:, 1].max()) < 1e-9, 1])
    system.bulk.hold(system.held)
    equilibrium = Equilibrium(system)
    for part in (0.1, 0.3, 0.6, 1.0):
        system.sole_pressure = part * pressure / system.units.stress
        assert equilibrium.solve({}, iterations=40).converged
    stretch = brentq(lambda s: MU * (s - s**-3) + pressure, 0.05, 1.0)
    x = system.domain.places(equilibrium.w) * system.units.length
    sole = np.unique(system.domain.edges("sole"))
    assert np.ptp(x[sole, 1]) < 1e-9
    row(f"Block on its sole, p/μ = {pressure / MU:g}", "height over unloaded height", stretch, 1.0 - x[sole, 1].mean() / height, 1e-6)
    assert np.ptp(x[:, 0]) == pytest.approx(width / stretch, rel=1e-6)


def test_the_force_carried_is_pressure_times_width(row: Callable[..., None]) -> None:
    """Of the foot, whose sole is curved: the nodal loads sum to p times the sole's width, whatever the mesh."""
    from calfpump.anatomy.section_description import load_description
    from calfpump.mesh import COARSE, build

    mesh = build(load_description("mid_foot"), resolution=COARSE)
    mu = dict.fromkeys(mesh.regions, 1e3)
    system = System(mesh, mu=mu, inverse_kappa=dict.fromkeys(mesh.regions, 0.0))
    zero = np.zeros(system.domain.n_dofs)
    bare = system.residual(zero, np.zeros(system.n_multipliers))
    system.sole_pressure = 1.0
    load = bare - system.residual(zero, np.zeros(system.n_multipliers))
    dofs = system.domain.dofs
    ends = mesh.points[np.ravel(mesh.curve_facets("sole"))][:, 0]
    carried = load[dofs[:, 1]].sum() * system.units.length
    row("Mid-foot on its sole", "force over pressure", np.ptp(ends) * 1e3, carried * 1e3, 1e-12, unit="mm")
    assert np.ptp(ends) == pytest.approx(0.069, abs=1e-4), "from (−29.1, 3.8) to (39.9, 3.2) mm"
    assert np.abs(load[dofs[:, 0]]).max() == 0.0
