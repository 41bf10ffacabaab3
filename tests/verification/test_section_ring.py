"""An elastic ring under external pressure, from round through buckling into contact with itself, against the elastica.

The wall is incompressible neo-Hookean in plane strain, E = 3μ and ν = ½, so K_p = E h³/(12(1 − ν²)R³) = μ(h/R)³/3. The pressure inside is a
result of the lumen area prescribed; outside there is none, which for an incompressible wall is the same as −p outside and none within.
"""

from __future__ import annotations

import numpy as np
import pytest
from oracles.elastica import Ring
from section_meshes import circles, deform, layered, parallel_ellipses, symmetric_pins

from calfpump.section.equilibrium import Area, Equilibrium, Pressure
from calfpump.section.errors import SectionError
from calfpump.section.march import March
from calfpump.section.relaxation import RelaxationSettings
from calfpump.section.stability import examine
from calfpump.section.system import System
from calfpump.section.tissues import PENALTY

R = 2.5e-3
MU = 2e4
THIN = 0.05
K_P = MU * THIN**3 / 3.0
#: Creep stiffness with which a relaxation begins, parts of K_p/(hR).
ETA = 10.0

#: Ring of h/R = .05, the table of Tadjbakhsh & Odeh's ring with a lumen that touches at a half gap of h/2 (integrated twice, independently).
TABLE = {
    0.95: 3.08, 0.9: 3.17, 0.8: 3.36, 0.7: 3.58, 0.6: 3.84, 0.5: 4.14, 0.4: 4.49, 0.3: 4.91, 0.24: 6.908, 0.22: 8.485, 0.2: 9.949,
    0.18: 11.543, 0.16: 13.619, 0.14: 16.415, 0.12: 20.34, 0.1: 26.18, 0.08: 35.55, 0.06: 52.5,
}  # fmt: skip
#: Where the ring of finite elements stops on its way.
STATIONS = (
    0.98, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.27, 0.26, 0.25, 0.24, 0.23, 0.22, 0.2, 0.18, 0.16, 0.14, 0.13, 0.12, 0.11, 0.1, 0.09,
    0.08, 0.073, 0.066, 0.06,
)  # fmt: skip
#: The table for h → 0: free, point contact, line contact.
SLENDER = {0.9941: 3.01, 0.74952: 3.5, 0.42685: 4.5, 0.27934: 5.2, 0.26287: 6.0, 0.22705: 9.0, 0.18959: 12.0, 0.10292: 30.0, 0.07322: 50.0}
#: Elliptical ring of axis ratio 1.5, h → 0.
ELLIPSE = {0.97447: 0.5, 0.93215: 1.0, 0.86157: 1.5, 0.75394: 2.0, 0.61952: 2.5, 0.48324: 3.0, 0.36149: 3.5}


def ring(thickness: float = THIN, n: int = 64, layers: int = 1, ratio: float = 1.0) -> Equilibrium:
    """A ring at rest, held against rigid motion alone."""
    offsets = np.linspace(-0.5 * thickness, 0.5 * thickness, layers + 1)
    curves = R * (circles(1.0 + offsets, n) if ratio == 1.0 else parallel_ellipses(ratio, offsets, n))
    mesh = layered(curves, ["wall_vein"])
    system = System(
        mesh, mu={"wall_vein": MU}, inverse_kappa={"wall_vein": 0.0}, penalty={"vein": PENALTY * 4.0 * MU / R}, pins=symmetric_pins(curves)
    )
    return Equilibrium(system)


def march_area(equilibrium: Equilibrium, start: float) -> March:
    A0 = float(equilibrium.system.A0[0]) * equilibrium.system.units.area
    return March(equilibrium, start, lambda alpha: {"vein": Area(alpha * A0)}, name="ring")


def flatten(equilibrium: Equilibrium, a: float) -> None:
    """First guess: the mode cos 2φ, inextensible to second order, which flattens the ring across y; normals stay normal."""
    r = R / equilibrium.system.units.length

    def move(X: np.ndarray) -> np.ndarray:
        phi, offset = np.arctan2(X[:, 1], X[:, 0]), np.hypot(X[:, 0], X[:, 1]) / r - 1.0
        radial, tangential = 1.0 + a * np.cos(2.0 * phi) - 0.5625 * a * a, -0.5 * a * np.sin(2.0 * phi) + 0.140625 * a * a * np.sin(4.0 * phi)
        slope, growth = -2.0 * a * np.sin(2.0 * phi), -a * np.cos(2.0 * phi) + 0.5625 * a * a * np.cos(4.0 * phi)
        er, et = np.stack([np.cos(phi), np.sin(phi)]), np.stack([-np.sin(phi), np.cos(phi)])
        t = (slope - tangential) * er + (radial + growth) * et
        normal = np.stack([t[1], -t[0]]) / np.linalg.norm(t, axis=0)
        return r * (radial * er + tangential * et + offset * normal).T - X

    equilibrium.w[:] = deform(equilibrium.system.domain, move)


def pressure(equilibrium: Equilibrium) -> float:
    """P = (p_ext − p_int)/K_p."""
    return float(-equilibrium.pressures()[0] / K_P)


@pytest.fixture(scope="module")
def collapse() -> dict[float, tuple[float, int]]:
    """P and number of touching pairs at the area ratios of the table, all of them stable. The ellipticity of .1 % alone gives the buckle a
    direction: in a perfect ring it turns freely, a mode of no stiffness."""
    equilibrium = ring(ratio=1.001, n=96)
    flatten(equilibrium, 0.1)
    found = {}
    march = march_area(equilibrium, 0.9842)
    for alpha in STATIONS:
        march.to(alpha)
        found[alpha] = (pressure(equilibrium), equilibrium.system.touching)
    return found


def test_elastica_gives_the_published_states() -> None:
    """The oracle itself: finite thickness to the digits tabulated, and the classical slender ring in its three regimes."""
    for point, expected in zip(Ring(THIN).march(list(TABLE)), TABLE.values(), strict=True):
        assert point.pressure == pytest.approx(expected, rel=2e-3)
        assert point.contact == ("free" if point.alpha > 0.26 else "point" if point.alpha > 0.19 else "line")
    for table, ratio in ((SLENDER, 1.0), (ELLIPSE, 1.5)):
        for point, expected in zip(Ring(ratio=ratio).march(list(table)), table.values(), strict=True):
            assert point.pressure == pytest.approx(expected, rel=2e-3)


def test_ring_through_buckling_and_contact(collapse: dict[float, tuple[float, int]]) -> None:
    """P(α) within 3 % of the elastica of the same thickness from α = .95 to .30, and within 5 % in point and line contact down to .06.

    The elastica is inextensible; the hoop's own compression, 2pR/(E′h) of A₀, is less than a tenth of the tolerance."""
    alphas = [alpha for alpha in collapse if 0.265 < alpha < 0.96 or alpha < 0.255]
    for point in Ring(THIN).march(alphas):
        found, _ = collapse[point.alpha]
        assert found == pytest.approx(point.pressure, rel=0.03 if point.alpha >= 0.3 else 0.05), f"α = {point.alpha}"


def test_ring_touches_when_the_elastica_does(collapse: dict[float, tuple[float, int]]) -> None:
    """Opposite walls meet at α = .26068: no contact at .27, contact at .25."""
    assert collapse[0.27][1] == 0
    assert collapse[0.25][1] > 0


def test_elliptical_ring_flattens_without_bifurcation() -> None:
    """Stress-free ellipse 1.5 : 1, h/R = .05: P(α) within 2 % of the elastica with the natural curvature κ₀(s), α from .93 to .36.

    The areas are those within the mid-line, A_mid = A_lumen + 2πRd − πd²; stable all along."""
    equilibrium = ring(ratio=1.5, n=64)
    oracle = Ring(THIN, 1.5)
    march = march_area(equilibrium, 1.0)
    for point in oracle.march([0.93, 0.84, 0.72, 0.6, 0.48, 0.36]):
        march.to(point.alpha)
        assert pressure(equilibrium) == pytest.approx(point.pressure, rel=0.02), f"α = {point.alpha}"


@pytest.fixture(scope="module")
def perfect() -> Equilibrium:
    return ring()


@pytest.mark.parametrize(("P", "modes"), [(2.9, 0), (3.5, 2), (7.7, 2), (8.5, 4), (15.5, 6)])
def test_round_branch_counts_its_unstable_modes(perfect: Equilibrium, P: float, modes: int) -> None:
    """The perfect ring kept round buckles into n lobes at P = n² − 1 (Lévy 1884); each n adds a pair of modes to the inertia."""
    equilibrium = perfect
    equilibrium.w[:] = 0.0
    controls = {"vein": Pressure(-P * K_P)}
    assert equilibrium.solve(controls).converged
    x = equilibrium.system.domain.places(equilibrium.w)[equilibrium.system.lumens[0][:, 0]]
    assert np.ptp(np.hypot(x[:, 0], x[:, 1])) < 1e-3 * equilibrium.system.radius, "the ring has left the round branch"
    assert examine(equilibrium, controls).unstable == modes


def at_pressure(P: float) -> dict[str, Pressure]:
    return {"vein": Pressure(-P * K_P)}


def test_march_refuses_the_unstable_round_ring() -> None:
    """The perfect ring driven round to P = 3.5, past its buckling at 3, is an equilibrium but must not be reported."""
    march = March(ring(), 0.0, at_pressure, name="ring")
    march.to(2.0)
    with pytest.raises(SectionError, match="unstable"):
        march.to(3.5)


def test_relaxation_ends_on_the_buckled_branch() -> None:
    """From the round state at P = 2, at P = 3.5, an almost round ring relaxes to the elastica's α at 3.5."""
    equilibrium = ring(ratio=1.001)
    march = March(equilibrium, 0.0, at_pressure, name="ring")
    march.to(2.0)
    eta = ETA * K_P / (THIN * R**2) * equilibrium.system.units.length**2 / equilibrium.system.units.stress
    relaxed = March(equilibrium, 2.0, at_pressure, name="ring", bisections=0, relaxation=RelaxationSettings(eta=eta))
    reached = relaxed.to(3.5)
    assert reached.how == "relaxed" and reached.stability.stable
    alpha = float(equilibrium.areas()[0] / (equilibrium.system.A0[0] * equilibrium.system.units.area))
    (expected,) = Ring(THIN).march([alpha])
    assert expected.pressure == pytest.approx(3.5, rel=0.01)


@pytest.mark.parametrize(
    ("thickness", "n", "layers", "critical"), [(0.1, 64, 1, 1.00499e-3), (0.3, 48, 2, 2.81915e-2), (0.5, 48, 3, 0.138988)]
)
def test_thick_tube_bifurcates_where_it_should(thickness: float, n: int, layers: int, critical: float) -> None:
    """First bifurcation (n = 2) of a thick incompressible neo-Hookean tube: stable at .985 of the published p_cr/μ, two modes at 1.015."""
    equilibrium = ring(thickness, n, layers)
    for part, modes in ((0.5, 0), (0.985, 0), (1.015, 2)):
        controls = {"vein": Pressure(-part * critical * MU)}
        assert equilibrium.solve(controls, step_limit=1.0).converged
        assert examine(equilibrium, controls).unstable == modes
