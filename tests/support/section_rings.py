"""Rings of finite elements, driven by the area of their lumen. The pressure inside is a result; outside there is none, which for an incompressible
wall is the same as −p outside and none within."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from section_meshes import circles, deform, layered, parallel_ellipses, symmetric_pins

from calfpump.section.conductance import fine_outline
from calfpump.section.curves import Floats
from calfpump.section.equilibrium import Area, Equilibrium, NewtonSettings
from calfpump.section.march import March
from calfpump.section.system import System
from calfpump.section.tissues import PENALTY

R = 2.5e-3
#: A perfect ring buckles in any direction; this ellipticity gives it one.
ALMOST_ROUND = 1.001


@dataclass(frozen=True)
class Wall:
    """Incompressible neo-Hookean wall, h/R = `thickness`, stress-free axis ratio, E = 3μ and ν = ½: K_p = E h³/(12(1 − ν²)R³) = μ(h/R)³/3."""

    thickness: float = 0.05
    ratio: float = 1.0
    mu: float = 2e4

    @property
    def stiffness(self) -> float:
        """K_p [Pa]."""
        return self.mu * self.thickness**3 / 3.0


def ring(wall: Wall, n: int = 64, layers: int = 1, settings: NewtonSettings | None = None) -> Equilibrium:
    """A ring at rest, held against rigid motion alone, with contact."""
    offsets = np.linspace(-0.5 * wall.thickness, 0.5 * wall.thickness, layers + 1)
    curves = R * (circles(1.0 + offsets, n) if wall.ratio == 1.0 else parallel_ellipses(wall.ratio, offsets, n))
    system = System(
        layered(curves, ["wall_vein"]), mu={"wall_vein": wall.mu}, inverse_kappa={"wall_vein": 0.0},
        penalty={"vein": PENALTY * 4.0 * wall.mu / R}, pins=symmetric_pins(curves),
    )  # fmt: skip
    return Equilibrium(system, settings)


def march_area(equilibrium: Equilibrium, start: float) -> March:
    """March of the lumen's area ratio."""
    A0 = float(equilibrium.system.A0[0]) * equilibrium.system.units.area
    return March(equilibrium, start, lambda alpha: {"vein": Area(alpha * A0)}, name="ring", bisections=5)


def flatten(equilibrium: Equilibrium, a: float) -> None:
    """First guess: the mode cos 2φ, inextensible to second order, which flattens the ring across y; normals stay normal."""
    r = R / equilibrium.system.units.length

    def move(X: Floats) -> Floats:
        phi, offset = np.arctan2(X[:, 1], X[:, 0]), np.hypot(X[:, 0], X[:, 1]) / r - 1.0
        radial, tangential = 1.0 + a * np.cos(2.0 * phi) - 0.5625 * a * a, -0.5 * a * np.sin(2.0 * phi) + 0.140625 * a * a * np.sin(4.0 * phi)
        slope, growth = -2.0 * a * np.sin(2.0 * phi), -a * np.cos(2.0 * phi) + 0.5625 * a * a * np.cos(4.0 * phi)
        er, et = np.stack([np.cos(phi), np.sin(phi)]), np.stack([-np.sin(phi), np.cos(phi)])
        t = (slope - tangential) * er + (radial + growth) * et
        normal = np.stack([t[1], -t[0]]) / np.linalg.norm(t, axis=0)
        return np.asarray(r * (radial * er + tangential * et + offset * normal).T - X)

    equilibrium.w[:] = deform(equilibrium.system.domain, move)


def pressure(equilibrium: Equilibrium, wall: Wall) -> float:
    """P = (p_ext − p_int)/K_p."""
    return float(-equilibrium.pressures()[0] / wall.stiffness)


@dataclass(frozen=True)
class Collapsed:
    """One state on the way: P, pairs of walls in touch, outlines (k, 2) of lumen and outside in units of R."""

    P: float
    touching: int
    lumen: Floats
    outside: Floats


def collapse(wall: Wall, stations: tuple[float, ...], n: int, layers: int) -> dict[float, Collapsed]:
    """The ring emptied through the area ratios `stations`, every state stable; `wall.ratio` > 1 gives the buckle its direction."""
    equilibrium = ring(wall, n, layers)
    if wall.ratio == ALMOST_ROUND:
        flatten(equilibrium, 0.1)
    march = march_area(equilibrium, 0.9842 if wall.ratio == ALMOST_ROUND else 1.0)
    system, found = equilibrium.system, {}
    for alpha in stations:
        march.to(alpha)
        x = system.domain.places(equilibrium.w) * system.units.length / R
        assert system.skin is not None
        found[alpha] = Collapsed(pressure(equilibrium, wall), system.touching, fine_outline(x, system.lumens[0]), fine_outline(x, system.skin))
    return found
