"""Random calves: mid-calf sections whose tissues, walls, girth and fat a seed draws."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from calfpump.anatomy.section_description import DescriptionError, SectionDescription, load_description
from calfpump.case.tissue import Tissue
from calfpump.mesh.curve import catmull_rom, hull_length

MM, KPA, MMHG = 1e-3, 1e3, 133.322387415


@dataclass(frozen=True)
class Calf:
    """What a seed draws, SI."""

    seed: int
    muscle_mu: float
    sheath_mu: float
    wall_E: float
    wall_ratio: float
    k0: float
    girth: float
    fat: float


def draw(seed: int) -> Calf:
    """μ_muscle .7–26 kPa and wall E 20–1000 kPa log-uniform; μ_sheath .1–1 kPa, h/R .08–.3, k0 1.02–2.5, girth 310–420 mm, fat 3–15 mm uniform."""
    r = np.random.default_rng(seed)

    def log_uniform(low: float, high: float) -> float:
        return float(np.exp(r.uniform(np.log(low), np.log(high))))

    return Calf(
        seed,
        log_uniform(0.7, 26.0) * KPA,
        float(r.uniform(0.1, 1.0)) * KPA,
        log_uniform(20.0, 1000.0) * KPA,
        float(r.uniform(0.08, 0.3)),
        float(r.uniform(1.02, 2.5)),
        float(r.uniform(310.0, 420.0)) * MM,
        float(r.uniform(3.0, 15.0)) * MM,
    )


def _girth(points: NDArray[np.float64]) -> float:
    return hull_length(catmull_rom(points, closed=True))


def description(calf: Calf) -> tuple[SectionDescription, list[str]]:
    """The mid-calf section with the calf's girth, fat and veins, and the names of the veins for which there is no room:
    skin veins in thin fat, tibial ones in a thin leg.

    The skin moves along its normals until the fat has the mean thickness asked for: the difference of the two girths over 2π.
    """
    base = load_description("mid_calf")
    skin, inner = np.asarray(base.skin.points), _girth(base.fascia.points)
    along = np.roll(skin, -1, axis=0) - np.roll(skin, 1, axis=0)
    normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.linalg.norm(along, axis=1)[:, None]
    normal *= np.sign(np.sum(normal * (skin - skin.mean(axis=0))))
    offset = 0.0
    for _ in range(20):  # the whole is scaled to the girth afterwards, and the fat with it
        girth = _girth(skin + offset * normal)
        offset += calf.fat * girth / calf.girth - (girth - inner) / (2.0 * np.pi)
    veins = []
    for vein in base.veins:
        R = np.sqrt(vein.area / np.pi)
        x = np.asarray(vein.centre)
        if vein.region == "fat":
            nearest = int(np.argmin(np.linalg.norm(skin - x, axis=1)))
            x = x + 0.5 * offset * normal[nearest]
        # h/R of the mid-wall radius R + h/2
        wall = calf.wall_ratio * R / (1.0 - 0.5 * calf.wall_ratio)
        veins.append(replace(vein, wall=wall, centre=(float(x[0]), float(x[1])), ratio=vein.ratio if vein.region == "fat" else calf.k0))
    drawn = replace(base, skin=replace(base.skin, points=skin + offset * normal), veins=tuple(veins))
    return _with_room(drawn, calf)


def _with_room(drawn: SectionDescription, calf: Calf) -> tuple[SectionDescription, list[str]]:
    from calfpump.mesh.layout import lay_out

    left_out: list[str] = []
    while True:
        try:
            lay_out(drawn, calf.girth)
            return drawn, left_out
        except DescriptionError as error:
            named = [v for v in drawn.veins if f"vein.{v.name}." in error.problems[0].key]
            if not named:
                raise
            left_out.append(named[0].name)
            drawn = replace(drawn, veins=tuple(v for v in drawn.veins if v is not named[0]))


def tissue(calf: Calf, stiffening: float = Tissue().wall_stiffening) -> Tissue:
    """The calf's tissues; its walls stiffen as those of a case do unless told otherwise."""
    return Tissue(
        muscle_mu=f"{calf.muscle_mu / KPA:.6g} kPa", fat_mu=f"{0.75 * calf.muscle_mu / KPA:.6g} kPa",
        sheath_mu=f"{calf.sheath_mu / KPA:.6g} kPa", wall_E=f"{calf.wall_E / KPA:.6g} kPa", wall_stiffening=stiffening,
    )  # fmt: skip
