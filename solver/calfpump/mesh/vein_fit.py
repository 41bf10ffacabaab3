"""Veins as rings, and the room they find: every vein in its own region, clear of bones, fascia, septa and other veins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from calfpump.anatomy.own_section import ImageSection
from calfpump.anatomy.section_description import FAT, MM, Points, SectionDescription, Vein
from calfpump.mesh.curve import distances, inside
from calfpump.mesh.faces import Arc, Face

CLEARANCE = 0.35 * MM
"""Tissue left between a sheath and anything else: less would only make flat elements."""
THINNEST_SHEATH = 0.2 * MM


@dataclass(frozen=True)
class FittedVein:
    """A vein in the face it lies in, with the sheath thickness [m] there is room for."""

    vein: Vein
    face: int
    sheath: float


def resized(veins: Iterable[Vein], A0: Mapping[str, float] | None) -> tuple[Vein, ...]:
    """Veins with the stress-free areas [m²] found for them in place of those measured."""
    A0 = A0 or {}
    return tuple(replace(vein, area=A0[vein.name], posture="") if vein.name in A0 else vein for vein in veins)


def ring(vein: Vein, offset: float, n: int) -> Points:
    """(n, 2) m points of the lumen's ellipse moved outwards by ``offset``, at even steps of the ellipse's parameter.

    The steps are shorter at the tips, which bend most. With offset 0 the polygon has the described area exactly: it is the
    inscribed one of area ½ n a b sin(2π/n), enlarged.
    """
    a, b = vein.semi_axes
    t = 2.0 * np.pi * np.arange(n) / n
    swell = np.sqrt(2.0 * np.pi / (n * np.sin(2.0 * np.pi / n)))
    normal = np.stack([b * np.cos(t), a * np.sin(t)], axis=1)
    normal /= np.linalg.norm(normal, axis=1)[:, None]
    local = swell * np.stack([a * np.cos(t), b * np.sin(t)], axis=1) + offset * normal
    c, s = np.cos(vein.angle), np.sin(vein.angle)
    return np.asarray(np.asarray(vein.centre) + local @ np.array([[c, s], [-s, c]]))


def fit_veins(section: SectionDescription | ImageSection, arcs: list[Arc], faces: list[Face], regions: list[str]) -> tuple[FittedVein, ...]:
    """Each vein's face and sheath thickness; raises `DescriptionError` for a vein that does not fit where it is said to be."""
    hosts = [_face_of(section, vein, arcs, faces, regions) for vein in section.veins]
    sheaths = [min(vein.sheath, _room(section, vein, arcs) - CLEARANCE) for vein in section.veins]
    for i, first in enumerate(section.veins):
        for j, second in enumerate(section.veins[:i]):
            sheaths[i], sheaths[j] = _share(section, first, second, sheaths[i], sheaths[j])
    return tuple(FittedVein(*fit) for fit in zip(section.veins, hosts, sheaths, strict=True))


def _face_of(section: SectionDescription | ImageSection, vein: Vein, arcs: list[Arc], faces: list[Face], regions: list[str]) -> int:
    """The face holding a vein's centre, which must be of the vein's region."""
    for k, face in enumerate(faces):
        if face.contains(np.asarray(vein.centre)):
            if regions[k] != vein.region:
                raise _wrong(section, vein, f"lies in {regions[k]}, not in its own region {vein.region}")
            return k
    skin = np.vstack([arc.points[:-1] for arc in arcs if arc.curve == "skin"])
    where = "a bone" if inside(np.asarray(vein.centre)[None], skin)[0] else "the space outside the leg"
    raise _wrong(section, vein, f"lies in {where}, not in its own region {vein.region}")


def _room(section: SectionDescription | ImageSection, vein: Vein, arcs: list[Arc]) -> float:
    """Distance from the wall's outside to the nearest curve [m], infinite where the whole sheath has room."""
    outside = ring(vein, vein.wall, 96)
    names = {"skin": "the skin", "fascia": "the fascia", "septum": "a septum"}
    room, nearest = np.inf, ""
    enough = vein.semi_axes[0] + vein.wall + vein.sheath + 2.0 * CLEARANCE
    for arc in arcs:
        longest_step = float(np.max(np.linalg.norm(np.diff(arc.points, axis=0), axis=1)))
        if np.min(np.linalg.norm(arc.points - np.asarray(vein.centre), axis=1)) > enough + longest_step:
            continue
        far = distances(arc.points, outside, closed=True)[0]
        far = np.where(inside(arc.points, outside), -far, far)
        nearest_of_arc = min(float(np.min(far)), float(np.min(distances(outside, arc.points, closed=False)[0])))
        if nearest_of_arc < room:
            room, nearest = nearest_of_arc, arc.curve
    nearest = names.get(nearest, nearest.replace("bone_", "bone "))
    if room < 0.0:
        raise _wrong(section, vein, f"its wall touches {nearest}")
    if room < CLEARANCE + THINNEST_SHEATH:
        raise _wrong(section, vein, f"its wall is {room / MM:.2f} mm from {nearest}; {_NEED / MM:.2f} mm are needed")
    return room


_NEED = CLEARANCE + THINNEST_SHEATH


def _share(section: SectionDescription | ImageSection, first: Vein, second: Vein, mine: float, other: float) -> tuple[float, float]:
    """Two neighbours' sheaths, both thinned until they leave the clearance between them; the thinner one gives way last."""
    apart = np.hypot(first.centre[0] - second.centre[0], first.centre[1] - second.centre[1])
    reach = sum(vein.semi_axes[0] + vein.wall for vein in (first, second))
    if apart - reach > mine + other + CLEARANCE:
        return mine, other
    a, b = ring(first, first.wall, 96), ring(second, second.wall, 96)
    gap = float(np.min(distances(a, b, closed=True)[0]))
    if np.any(inside(a, b)) or np.any(inside(b, a)):
        raise _wrong(section, first, f"overlaps {second.name}")
    spare = gap - CLEARANCE
    if spare < 2.0 * THINNEST_SHEATH:
        need = CLEARANCE + 2.0 * THINNEST_SHEATH
        raise _wrong(section, first, f"its wall is {gap / MM:.2f} mm from that of {second.name}; {need / MM:.2f} mm are needed")
    if mine + other <= spare:
        return mine, other
    half = 0.5 * spare
    if mine < half:
        return mine, spare - mine
    return (spare - other, other) if other < half else (half, half)


def _wrong(section: SectionDescription | ImageSection, vein: Vein, what: str) -> Exception:
    where = "outside the fascia" if vein.region == FAT else "inside the fascia"
    centre = f"({vein.centre[0] / MM:.1f}, {vein.centre[1] / MM:.1f}) mm"
    return section.problem(f"vein.{vein.name}.centre", f"the vein at {centre}, meant {where}, {what}")
