"""Kinds of hose, most on round sections: bonded against sliding, inelastic, slack, padded, pressing on arcs."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from section_meshes import circles, layered, symmetric_pins

from calfpump.anatomy.section_description import load_description
from calfpump.case.tissue import Tissue
from calfpump.mesh import COARSE, build
from calfpump.section import curves, hose, measure
from calfpump.section.equilibrium import Area, Equilibrium
from calfpump.section.errors import SectionError
from calfpump.section.job import WornHose
from calfpump.section.relaxation import Relaxation
from calfpump.section.system import System
from calfpump.section.tissues import coefficients
from calfpump.section.wearing import Wearing

MMHG = 133.322
R = 56.5e-3
NAMES = SimpleNamespace(compartments={"muscle": "muscle"})


def calf(n: int = 64, radii: tuple[float, ...] = (0.25, 0.5, 0.75, 1.0), pinned: bool = True) -> Equilibrium:
    c = circles(R * np.array(radii), n)
    mesh = layered(c, ["muscle"], core="muscle", compartments={"muscle": "muscle"})
    return Equilibrium(System(mesh, mu={"muscle": 1e3}, inverse_kappa={"muscle": 0.0}, pins=symmetric_pins(c) if pinned else ()))


def worn(equilibrium: Equilibrium, mode: str, mmhg: float = 20.0, stiffness: float = 5 * MMHG / 0.01, **changes: object) -> Equilibrium:
    Wearing(equilibrium, WornHose(mmhg * MMHG, stiffness, mode, **changes), dict).put_on()
    return equilibrium


@pytest.mark.parametrize("mode", ["sliding", "bonded"])
def test_hose_is_put_on_with_its_nominal_pressure(mode: str) -> None:
    """On a disc p = 2πT/L is the pressure asked for, within .1 %, and the muscle's within .3 %."""
    equilibrium = worn(calf(), mode)
    assert measure.hose_pressure(equilibrium) == pytest.approx(20 * MMHG, rel=1e-3)
    (p,) = measure.compartment_pressures(equilibrium, NAMES, ("muscle",))
    assert p == pytest.approx(20 * MMHG, rel=3e-3)


def test_bonded_is_sliding_on_a_disc() -> None:
    """A contraction of 5 % under either: the same pressure within .3 %, both rising by dp/dL of the fabric."""
    found = {}
    for mode in ("sliding", "bonded"):
        equilibrium = worn(calf(), mode)
        before = measure.hose_pressure(equilibrium), measure.girth(equilibrium)
        for e in (0.02, 0.04, 0.05):
            equilibrium.system.bulk.contract({"muscle": e})
            assert equilibrium.solve({}, iterations=25).converged
        found[mode] = measure.hose_pressure(equilibrium)
        rise = (found[mode] - before[0]) / (measure.girth(equilibrium) - before[1])
        assert rise == pytest.approx(5 * MMHG / 0.01, rel=0.03)
    assert found["bonded"] == pytest.approx(found["sliding"], rel=3e-3)
    assert found["sliding"] > 22 * MMHG


def test_inelastic_bandage_works_more_and_stretches_less() -> None:
    """40 instead of 5 mmHg/cm: in a contraction of 3 % the pressure rises by 40 mmHg per cm of girth, within 3 %."""
    equilibrium = worn(calf(), "sliding", stiffness=40 * MMHG / 0.01)
    before = measure.hose_pressure(equilibrium), measure.girth(equilibrium)
    for e in (0.01, 0.02, 0.03):
        equilibrium.system.bulk.contract({"muscle": e})
        assert equilibrium.solve({}, iterations=25).converged
    rise = measure.hose_pressure(equilibrium) - before[0]
    assert rise / (measure.girth(equilibrium) - before[1]) == pytest.approx(40 * MMHG / 0.01, rel=0.03)
    assert rise > 15 * MMHG


def test_hose_goes_slack_rather_than_push() -> None:
    """A fabric whose slack girth is 1 % larger than the leg's, forced on: no tension, no pressure; taut again when it is made smaller."""
    equilibrium = calf()
    bare = measure.girth(equilibrium)
    system = equilibrium.system
    system.wear(1.01 * bare, 500.0)
    assert equilibrium.solve({}).converged
    assert system.slack and measure.hose_tension(equilibrium) == 0.0
    system.wear(0.9 * bare, 500.0)
    assert equilibrium.solve({}, iterations=25).converged
    assert not system.slack
    assert measure.hose_tension(equilibrium) == pytest.approx(500.0 * (measure.girth(equilibrium) / (0.9 * bare) - 1.0), rel=1e-8)


def test_pad_gives_the_contour_its_shape() -> None:
    """Height cos²(πd/w) along the normal: the contour's length grows by ∫ h ds/R = h w/2R, less the bending of the outline, within 2 %."""
    equilibrium = calf(n=256)
    skin = equilibrium.system.closed_skin()
    X = equilibrium.system.domain.X
    h, w = 0.5, 60.0  # mm
    offset = hose.pad_offsets(X, skin, [(0.5 * np.pi, w, h)])
    top = int(np.argmax(np.linalg.norm(offset, axis=1)))
    assert offset[top] == pytest.approx([0.0, h], abs=1e-3) and X[top] == pytest.approx([0.0, 1e3 * R], abs=1.0)
    longer = curves.lengths(X + offset, skin).sum() - curves.lengths(X, skin).sum()
    slope = 0.5 * (np.pi * h / w) ** 2 * w / 2  # ½∫h′² ds
    assert longer == pytest.approx(h * w / 2 / (1e3 * R) + slope, rel=0.02)


def test_pad_raises_the_pressure_under_it() -> None:
    """T κ of the padded contour: the nodal forces under 10 mm in the middle of a pad exceed those of the round leg by 1 + R h ½(2π/w)² sin x/x,
    x = 2π · 5 mm/w, within 2 %."""
    equilibrium = calf(n=256)
    skin, X = equilibrium.system.closed_skin(), equilibrium.system.domain.X
    h, w = 0.5, 60.0
    hull = hose.HullLength(skin, hose.pad_offsets(X, skin, [(0.5 * np.pi, w, h)]))
    force = np.zeros_like(X)
    np.add.at(force, skin, hull.gradient(X))
    near = {side: (side * X[:, 1] > 0.0) & (np.abs(X[:, 0]) < 5.0) for side in (1, -1)}
    pressed = {side: np.linalg.norm(force[nodes].sum(axis=0)) for side, nodes in near.items()}
    x = 2.0 * np.pi * 5.0 / w
    expected = 1.0 + 1e3 * R * h * 0.5 * (2.0 * np.pi / w) ** 2 * np.sin(x) / x
    assert pressed[1] / pressed[-1] == pytest.approx(expected, rel=0.02)


def test_skin_that_a_pad_folds_over_itself_is_refused() -> None:
    """A narrow, high pad presses a crease into soft muscle, whose sides would pass through each other."""
    with pytest.raises(SectionError, match="folds over itself at x = 0, y = ") as failure:
        worn(calf(n=128), "sliding", 30.0, pads=((0.5 * np.pi, 40e-3, 10e-3),))
    assert "sliding hose" in failure.value.solve
    assert "wider pad" in failure.value.hint
    assert "the state at 0" in failure.value.kept


def test_hull_length_is_convex_and_has_no_kink() -> None:
    """From one rough skin to another, points joining and leaving the hull at every step: L has rising slope, its slope sums up to its change, and
    away from a change of the hull its Hessian is that of the slope."""
    n, rng = 30, np.random.default_rng(3)
    ring = np.stack([np.cos(a := np.pi * np.arange(2 * n) / n), 0.8 * np.sin(a)], axis=1)
    i = np.arange(n)
    hull = hose.HullLength(np.stack([2 * i, 2 * i + 1, (2 * i + 2) % (2 * n)], axis=1))
    begin, end = (ring + 0.01 * rng.standard_normal(ring.shape) for _ in range(2))
    d, t = end - begin, np.linspace(0.0, 1.0, 4001)

    def slope(s: float) -> float:
        return float(np.sum(hull.gradient(begin + s * d) * d[hull.chain]))

    slopes, sets = [], []
    for s in t:
        slopes.append(slope(s))
        sets.append(hull.hull.tobytes())
    assert len(set(sets)) > 20, "the hull must change on the way"
    assert np.diff(slopes).min() > -1e-12
    assert np.diff(slopes).max() < 5e-3 * np.ptp(slopes), "no kink"
    assert hull.length(end) - hull.length(begin) == pytest.approx(np.trapezoid(slopes, t), rel=1e-6)
    k = next(k for k in range(1000, len(t)) if sets[k - 1] == sets[k] == sets[k + 1])
    x = begin + t[k] * d
    bent = sum(float(np.einsum("ki,kij,kj->", e := d[nodes].reshape(len(nodes), -1), H, e)) for nodes, H in hull.hessian(x))
    h = 1e-6
    assert bent == pytest.approx((slope(t[k] + h) - slope(t[k] - h)) / (2 * h), rel=1e-5)


def test_sliding_hose_on_a_finely_meshed_skin(monkeypatch: pytest.MonkeyPatch) -> None:
    """Class II round the mid-calf, 2 mm edges on its skin: put on by Newton's method alone, no skin outside of the fabric, none of it folded, and the
    mean pressure is the nominal one. (A hull held fast within Newton's method lets the flat skin on the shin bulge out past it and stalls half way.)"""
    monkeypatch.setattr(Relaxation, "run", lambda self, patience=0.0: "it is not wanted")
    mesh = build(load_description("mid_calf"), resolution=replace(COARSE, skin=2e-3))
    system = System(mesh, **coefficients(mesh, Tissue()).of_system())
    equilibrium = Equilibrium(system)
    held = {vein: Area(float(a)) for vein, a in zip(system.veins, system.A0 * system.units.area, strict=True)}
    hose_worn = WornHose(28 * MMHG, 10 * MMHG / 0.01, "sliding")
    Wearing(equilibrium, hose_worn, lambda: held).put_on()
    assert measure.hose_pressure(equilibrium) == pytest.approx(28 * MMHG, rel=1e-3)
    skin, x = system.closed_skin(), system.domain.places(equilibrium.w)
    assert system.hull is not None
    assert curves.lengths(x, skin).sum() == pytest.approx(system.hull.length(x), rel=1e-4)


def test_two_plates_flatten_a_leg_between_them() -> None:
    """Equal pressure on two opposite arcs balances by itself and squeezes; on all arcs together it is a uniform hose: no motion at all."""
    n = 64
    equilibrium = worn(calf(n), "uniform", 3.0, arcs=((0.0, np.pi / 2), (np.pi, np.pi / 2)))
    x = equilibrium.system.domain.places(equilibrium.w)[equilibrium.system.closed_skin()[:, 0]]
    wide, tall = np.ptp(x, axis=0)
    assert wide < tall - 1.0
    whole = worn(calf(n), "uniform", 3.0, arcs=((0.0, 2 * np.pi),))
    assert np.abs(whole.system.domain.displacement(whole.w)).max() < 1e-9


def test_follower_pressure_on_an_arc_is_its_resultant() -> None:
    """∫n ds of a half circle is its diameter, whatever lies inside; all round it is the derivative of the area."""
    equilibrium = calf(48)
    skin, X = equilibrium.system.closed_skin(), equilibrium.system.domain.X
    forces = curves.follower(X, skin)
    upper = hose.pressed(X, skin, [(0.5 * np.pi, np.pi)])
    total = (upper[:, None, None] * forces).sum(axis=(0, 1))
    assert total == pytest.approx([0.0, 2e3 * R], abs=1e-6)
    a, b = (np.zeros_like(X) for _ in range(2))
    np.add.at(a, skin, forces)
    np.add.at(b, skin, curves.area_gradient(X, skin))
    assert np.abs(a - b).max() < 1e-12
