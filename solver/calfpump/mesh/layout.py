"""From a section description to a planar map: curves cut where they meet, faces named by their region, veins fitted in.

Everything that can be wrong with a description's geometry is found here, without Gmsh and in a fraction of a second.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from calfpump.anatomy.own_section import ImageSection
from calfpump.anatomy.section_description import FAT, MM, Outline, Points, SectionDescription, Septum
from calfpump.mesh.curve import Floats, catmull_rom, crossings, distances, hull_length, inside, piece, self_crossing
from calfpump.mesh.faces import Arc, Face, faces_of
from calfpump.mesh.vein_fit import FittedVein, fit_veins, resized

END_REACH = 3.0 * MM
"""How far a septum's end may be drawn from the curve it ends on."""
END_ZONE = 0.05 * MM
"""Within this distance of its ends a septum may touch other curves."""
OPEN = ("septum", "border")
"""Tags of curves that end on others."""


@dataclass(frozen=True, eq=False)
class Layout:
    """A section ready to be meshed: ``regions[k]`` names ``faces[k]`` (no bones among them); ``girth`` m as a tape reads it."""

    description: SectionDescription | ImageSection
    girth: float
    nodes: Points
    arcs: list[Arc]
    faces: list[Face]
    regions: list[str]
    veins: tuple[FittedVein, ...]


def girth_of(description: SectionDescription) -> float:
    """Girth of the skin [m] as drawn: the length of its convex hull."""
    return hull_length(catmull_rom(description.skin.points, closed=True))


def scaled(description: SectionDescription, girth: float | None) -> SectionDescription:
    """The section of a leg with another girth [m]: every outline, septum and centre scaled alike, veins kept at their own size.

    Stress-free areas are a vein's own: a stout calf has more muscle and fat, not wider veins.
    """
    if girth is None:
        return description
    as_drawn = girth_of(description)
    if not 0.5 * as_drawn <= girth <= 2.0 * as_drawn:
        raise description.problem("girth", f"{girth / MM:.0f} mm is not between half and twice the girth drawn, {as_drawn / MM:.0f} mm")
    k = girth / as_drawn

    def grown(outline: Outline) -> Outline:
        return replace(outline, points=outline.points * k)

    return replace(
        description,
        skin=grown(description.skin),
        fascia=grown(description.fascia),
        bones=tuple(grown(bone) for bone in description.bones),
        septa=tuple(replace(septum, points=septum.points * k) for septum in description.septa),
        sole=None if description.sole is None else description.sole * k,
        regions=tuple(replace(region, at=(region.at[0] * k, region.at[1] * k)) for region in description.regions),
        veins=tuple(replace(vein, centre=(vein.centre[0] * k, vein.centre[1] * k)) for vein in description.veins),
    )


def lay_out(description: SectionDescription, girth: float | None = None, A0: Mapping[str, float] | None = None) -> Layout:
    """Cut, name and fit; raises `DescriptionError` where the description contradicts itself.

    ``A0`` [m²] are stress-free areas of veins that the description gives as measured in a posture.
    """
    section = scaled(description, girth)
    section = replace(section, veins=resized(section.veins, A0))
    nodes, arcs = _Map(section).build()
    faces = faces_of(arcs)
    faces, regions = _named(section, arcs, faces)
    return Layout(section, girth_of(section), nodes, arcs, faces, regions, fit_veins(section, arcs, faces, regions))


class _Map:
    """The curves of one section, cut at the nodes where they meet."""

    def __init__(self, section: SectionDescription) -> None:
        self.section = section
        self.curves: dict[str, Points] = {}
        self.nodes: list[Points] = []
        self.marks: dict[str, list[tuple[float, int]]] = {}
        self.sole: tuple[int, int] | None = None
        self.tags = {"skin": "skin", "fascia": "fascia"}
        self.tags |= {bone.name: f"bone_{bone.name}" for bone in section.bones}
        self.tags |= {septum.name: "septum" if septum.membrane else "border" for septum in section.septa}

    def build(self) -> tuple[Points, list[Arc]]:
        for outline in (self.section.skin, self.section.fascia, *self.section.bones):
            self._add(outline, closed=True)
        self._check_outlines()
        for bone in self.section.bones:
            on_fascia, on_bone, points = self._crossings("fascia", bone.name)
            for k in range(len(points)):
                self._mark(points[k], ("fascia", on_fascia[k]), (bone.name, on_bone[k]))
        waiting = list(self.section.septa)
        while waiting:
            ready = [septum for septum in waiting if all(end in self.curves for end in septum.ends)]
            if not ready:
                raise self.section.problem(f"{self._key(waiting[0].name)}.ends", "these septa end on each other in a circle")
            for septum in ready:
                self._add_septum(septum)
                waiting.remove(septum)
        self._check_septa()
        if self.section.sole is not None:
            self._mark_sole(self.section.sole)
        arcs = [arc for name in self.curves for arc in self._cut(name)]
        return np.asarray(self.nodes), arcs

    def _key(self, name: str) -> str:
        tag = self.tags[name]
        return f"{tag}.{name}" if tag in OPEN else tag.replace("bone_", "bone.", 1)

    def _closed(self, name: str) -> bool:
        return self.tags[name] not in OPEN

    def _add(self, outline: Outline, closed: bool) -> None:
        curve = catmull_rom(outline.points, closed)
        self.curves[outline.name] = curve
        self.marks[outline.name] = []
        crossing = self_crossing(curve, closed)
        if crossing is not None:
            raise self.section.problem(self._key(outline.name), f"the outline crosses itself at {place(crossing)}")

    def _crossings(self, a: str, b: str) -> tuple[Floats, Floats, Points]:
        return crossings(self.curves[a], self._closed(a), self.curves[b], self._closed(b))

    def _mark(self, point: Points, *places: tuple[str, float]) -> None:
        for name, at in places:
            self.marks[name].append((float(at), len(self.nodes)))
        self.nodes.append(point)

    def _check_outlines(self) -> None:
        bones = [bone.name for bone in self.section.bones]
        pairs = [("fascia", "skin"), *((bone, "skin") for bone in bones)]
        pairs += [(a, b) for k, a in enumerate(bones) for b in bones[k + 1 :]]
        for a, b in pairs:
            _, _, points = self._crossings(a, b)
            if len(points):
                raise self.section.problem(self._key(a), f"crosses {self._key(b)} at {place(points[0])}")
            if b == "skin" and not inside(self.curves[a][:1], self.curves[b])[0]:
                raise self.section.problem(self._key(a), "lies outside the skin")

    def _add_septum(self, septum: Septum) -> None:
        points = septum.points.copy()
        for row, end in ((0, septum.ends[0]), (-1, septum.ends[1])):
            far, _, foot = distances(points[row][None], self.curves[end], self._closed(end))
            if far[0] > END_REACH:
                raise self.section.problem(
                    f"{self._key(septum.name)}.points",
                    f"its end {place(points[row])} is {far[0] / MM:.1f} mm from {end}, on which it should end",
                )
            points[row] = foot[0]
        self._add(replace(septum, points=points), closed=False)
        for row, end in ((0, septum.ends[0]), (-1, septum.ends[1])):
            _, at, foot = distances(points[row][None], self.curves[end], self._closed(end))
            self._mark(foot[0], (septum.name, 0.0 if row == 0 else len(self.curves[septum.name]) - 1.0), (end, at[0]))

    def _check_septa(self) -> None:
        for septum in self.section.septa:
            ends = self.curves[septum.name][[0, -1]]
            for other in self.curves:
                if other == septum.name:
                    continue
                near = ends if self._closed(other) else np.vstack([ends, self.curves[other][[0, -1]]])
                for point in self._crossings(septum.name, other)[2]:
                    if np.min(np.linalg.norm(near - point, axis=1)) > END_ZONE:
                        raise self.section.problem(self._key(septum.name), f"crosses {self._key(other)} at {place(point)}")

    def _mark_sole(self, sole: Points) -> None:
        """Cut the skin where the sole begins and ends."""
        far, at, foot = distances(sole, self.curves["skin"], closed=True)
        for k, key in enumerate(("from", "to")):
            if far[k] > END_REACH:
                raise self.section.problem(f"sole.{key}", f"{place(sole[k])} is {far[k] / MM:.1f} mm from the skin, on which it should lie")
        ends = []
        for k in range(2):
            near = [node for _, node in self.marks["skin"] if np.linalg.norm(self.nodes[node] - foot[k]) < END_ZONE]
            if not near:
                self._mark(foot[k], ("skin", at[k]))
            ends.append(near[0] if near else len(self.nodes) - 1)
        self.sole = (ends[0], ends[1])

    def _on_sole(self, marks: list[tuple[float, int]]) -> list[bool]:
        """For each arc of the skin, from its mark to the next, whether it is part of the sole."""
        if self.sole is None:
            return [False] * len(marks)
        begin, end = (next(k for k, (_, node) in enumerate(marks) if node == wanted) for wanted in self.sole)
        return [(k - begin) % len(marks) < (end - begin) % len(marks) for k in range(len(marks))]

    def _cut(self, name: str) -> list[Arc]:
        curve, closed, marks = self.curves[name], self._closed(name), sorted(self.marks[name])
        if not marks:
            self._mark(curve[0], (name, 0.0))
            node = len(self.nodes) - 1
            return [Arc(self.tags[name], node, node, np.vstack([curve, curve[:1]]))]
        pairs = list(zip(marks, marks[1:] + marks[:1], strict=True)) if closed else list(itertools.pairwise(marks))
        arcs = [Arc(self.tags[name], a, b, piece(curve, closed, s, t, self.nodes[a], self.nodes[b])) for (s, a), (t, b) in pairs]
        if name == "skin":
            return [replace(arc, sole=sole) for arc, sole in zip(arcs, self._on_sole(marks), strict=True)]
        if name != "fascia":
            return arcs
        bones = [self.curves[bone.name] for bone in self.section.bones]
        middles = [0.5 * (arc.points[len(arc.points) // 2 - 1] + arc.points[len(arc.points) // 2]) for arc in arcs]
        return [arc for arc, at in zip(arcs, middles, strict=True) if not any(inside(at[None], bone)[0] for bone in bones)]


def _named(section: SectionDescription, arcs: list[Arc], faces: list[Face]) -> tuple[list[Face], list[str]]:
    """Every face's region; bones left out."""
    fascia = catmull_rom(section.fascia.points, closed=True)
    bones = [catmull_rom(bone.points, closed=True) for bone in section.bones]
    kept, names = [], []
    unused = {region.name: region for region in section.regions}
    for face in faces:
        inner = face.inner_point()[None]
        if any(inside(inner, bone)[0] for bone in bones):
            continue
        marks = [region.name for region in section.regions if face.contains(np.asarray(region.at))]
        outside = not inside(inner, fascia)[0] or any(arcs[k].curve == "skin" for k, _ in face.outer)
        if outside and not marks:
            kept.append(face)
            names.append(FAT)
            continue
        if len(marks) != 1:
            where = f"the part of the leg around {place(np.mean(face.polygon, axis=0))}"
            raise section.problem(
                "region",
                f"{where} holds the marks of {' and '.join(marks)}: a septum between them is missing or does not close"
                if marks
                else f"{where} holds no region's mark `at`",
            )
        del unused[marks[0]]
        kept.append(face)
        names.append(marks[0])
    for region in unused.values():
        where = place(np.asarray(region.at))
        raise section.problem(f"region.{region.name}.at", f"the mark {where} is outside the leg, or in a bone")
    return kept, names


def place(point: Points) -> str:
    """A point in mm for a message."""
    return f"({point[0] / MM:.1f}, {point[1] / MM:.1f}) mm"
