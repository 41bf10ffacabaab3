"""States carried onto another mesh: what both meshes can hold comes over exactly, and an equilibrium settles where it was."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from carried import Carrier, Follower, carried, march, settle, settled
from numpy.typing import NDArray
from random_calf import MMHG
from section_meshes import deform, layered, parallel_ellipses
from section_rings import R, Wall, march_area, pressure, ring

from calfpump.anatomy.section_description import load_description
from calfpump.case.tissue import Tissue
from calfpump.mesh import COARSE, SectionMesh, build
from calfpump.section.domain import Domain
from calfpump.section.equilibrium import Area, State
from calfpump.section.job import GRIDS, Job
from calfpump.section.stability import inertia
from calfpump.section.states import ActivationState
from calfpump.section.tissues import coefficients
from calfpump.section.units import Units

Floats = NDArray[np.float64]
WALL = Wall(0.1, 2.0)
#: Part of the radius by which nodes of a rough state are off.
ROUGH = 0.002


def squares(n: int, layers: int) -> SectionMesh:
    """Two tissues between squares of half sides 1, 2 and 3 mm, `layers` in each, n edges on each side."""
    side = np.linspace(-1.0, 1.0, n + 1)[:-1]
    one = np.ones(n)
    around = np.concatenate([np.stack(part, axis=1) for part in ((side, -one), (one, side), (-side, one), (-one, -side))])
    half = 1e-3 * np.linspace(1.0, 3.0, 2 * layers + 1)
    return layered(half[:, None, None] * around, ["inner"] * layers + ["outer"] * layers)


def bend(x: Floats) -> Floats:
    """A quadratic field."""
    return 0.01 * np.stack([x[:, 0] ** 2 - x[:, 0] * x[:, 1] + x[:, 1], x[:, 1] ** 2 + 2.0 * x[:, 0] + 3.0], axis=1)


def state(mesh: SectionMesh, domain: Domain) -> Floats:
    """The quadratic field, and a mean stress that is linear in each tissue and jumps between them; unknowns by cell."""
    values = domain.whole(deform(domain, bend))
    corners = domain.points[np.sort(mesh.triangles, axis=1)]
    outer = (np.asarray(mesh.cell_tags) == mesh.regions["outer"])[:, None]
    values[:, 14:] = np.where(outer, 7.0 - corners[:, :, 1], 1.0 + 2.0 * corners[:, :, 0] + corners[:, :, 1])
    return values


def test_quadratic_displacements_and_linear_mean_stresses_come_over_exactly() -> None:
    source, target = squares(4, 2), squares(7, 3)
    of, onto = Domain(source, Units()), Domain(target, Units())
    there = Carrier(source, of, target, onto)(state(source, of))
    np.testing.assert_allclose(there, state(target, onto), atol=1e-11)


def test_any_state_comes_over_unchanged_onto_its_own_mesh() -> None:
    mesh = squares(4, 2)
    domain = Domain(mesh, Units())
    values = domain.whole(np.random.default_rng(1).standard_normal(domain.n_dofs))
    np.testing.assert_allclose(Carrier(mesh, domain, mesh, domain)(values), values, atol=1e-11)


def oval(n: int) -> SectionMesh:
    """The mesh of the ring below."""
    return layered(R * parallel_ellipses(WALL.ratio, np.linspace(-0.5, 0.5, 3) * WALL.thickness, n), ["wall_vein"])


@pytest.mark.parametrize(("n", "most"), [(32, 1e-6), (64, 0.01)])
def test_a_flattened_ring_settles_next_to_where_it_was(n: int, most: float) -> None:
    """At the same pressure on its own mesh; on a finer one within what the mesh costs."""
    here, there = ring(WALL, 32, 2), ring(WALL, n, 2)
    march_area(here, 1.0).to(0.5)
    of, onto = here.system.domain, there.system.domain
    w = onto.part(Carrier(oval(32), of, oval(n), onto)(of.whole(here.w)))
    there.restore(State(w, here.multipliers.copy()))
    assert settle(there, {"vein": Area(0.5 * float(there.system.A0[0]) * there.system.units.area)}) == ""
    assert pressure(there, WALL) == pytest.approx(pressure(here, WALL), rel=most)
    assert there.effort.iterations <= 8


def test_a_rough_state_settles_where_it_was_smooth() -> None:
    """Displacements and mean stresses disturbed from triangle to triangle, so that the energy is not convex."""
    found = ring(WALL, 32, 2)
    march_area(found, 1.0).to(0.5)
    smooth, domain = found.state, found.system.domain
    rng = np.random.default_rng(1)
    w = domain.whole(smooth.w)
    w[:, :14] += ROUGH * found.system.radius * rng.standard_normal((len(w), 14))
    w[:, 14:] += 20.0 * float(found.system.bulk.mu.x.array[0]) * rng.standard_normal((len(w), 3))
    found.restore(State(domain.part(w), smooth.multipliers))
    controls = {"vein": Area(0.5 * float(found.system.A0[0]) * found.system.units.area)}
    found.refactor(controls)
    assert inertia(found).unstable > 10
    expected = found.pressures()[0]
    before = found.effort.iterations
    assert settle(found, controls) == ""
    assert found.pressures()[0] == pytest.approx(expected, rel=1e-6)
    assert found.effort.iterations - before <= 20


@pytest.fixture(scope="module")
def calf() -> tuple[Job, Job]:
    """A calf with one vein on a coarse and on a twice finer mesh."""
    section = load_description("mid_calf")
    section = replace(section, veins=tuple(vein for vein in section.veins if vein.name == "soleal_lateral"))
    grid = replace(GRIDS["coarse"], down=(0.9, 0.6, 0.4), up=(1.3,))
    coarse, fine = (build(section, resolution=resolution) for resolution in (COARSE, COARSE.finer(2)))
    here, there = (Job(mesh, coefficients(mesh, Tissue()), None, ActivationState("rest", {}), grid) for mesh in (coarse, fine))
    return here, there


def test_states_of_a_march_are_found_on_a_finer_mesh(calf: tuple[Job, Job]) -> None:
    """Each once, emptying and then filling, at the same area ratios; p − p_c moves by what the coarse mesh costs."""
    here, there = calf
    marched = march(here)
    follower = Follower(marched, there)
    A0 = float(follower.trace.A0[0])
    for alpha in (0.9, 0.6, 0.4):
        found = follower.to(alpha)
        assert found.reason == "" and found.veins == ("soleal_lateral",)
        assert follower.equilibrium.areas()[0] == pytest.approx(alpha * A0, rel=1e-6)
        assert 0.0 < abs(found.here[0] - found.there[0]) < 0.5 * MMHG
    again, missing = settled(marched, there)
    assert missing == []
    found = list(carried(again, there, there))
    assert [state.alpha for state in found] == [0.9, 0.6, 0.4, 1.3]
    assert all(abs(state.here[0] - state.there[0]) < 1e-4 * MMHG for state in found)


def test_a_state_that_is_not_next_to_one_on_the_other_mesh_is_compared_the_other_way(calf: tuple[Job, Job]) -> None:
    """Pressures 5 mmHg off, as of another shape: what is compared is what both meshes have, each at its own place."""
    here, there = calf
    marched = march(here)
    row = int(np.flatnonzero(marched.curves.alpha == 0.4)[0])
    right = {state.alpha: state for state in carried(marched, here, there)}
    assert not any(state.returned for state in right.values())
    marched.curves.pressures[row] += 5.0 * MMHG
    found = {state.alpha: state for state in carried(marched, here, there)}
    assert [alpha for alpha, state in found.items() if state.returned] == [0.4]
    assert found[0.4].returned == pytest.approx(right[0.4].off + 5.0 * MMHG, rel=0.05)
    for side in ("here", "there"):
        assert getattr(found[0.4], side)[0] == pytest.approx(getattr(right[0.4], side)[0], abs=1e-3 * MMHG)
    assert abs(right[0.4].here[0] - right[0.4].there[0]) > 0.01 * MMHG
