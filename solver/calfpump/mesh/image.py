"""From a labelled image to a planar map: each border between two parts is one curve, so that neighbours share it point by point.

Pixels' edges between two labels form a graph; its nodes are the corners at which three or more parts meet. Between two nodes a border is the
line through the middles of its pixels' edges (what marching squares finds), smoothed along its length with its ends kept.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping

import numpy as np

from calfpump.anatomy.own_section import ImageSection, Label
from calfpump.anatomy.section_description import MM, OUTER, Points, Region
from calfpump.mesh.curve import area, catmull_rom, crossings, hull_length
from calfpump.mesh.faces import Arc, faces_of
from calfpump.mesh.labels import OUTSIDE, Image, Parts, read_parts
from calfpump.mesh.layout import Layout, place
from calfpump.mesh.vein_fit import fit_veins, resized

SMOOTH, SPACING, SHORTEST = 2.0, 5.0, 3.0
"""Default σ of the filter and spacing of the points kept, and the shortest border that is not shrunk to a point, in voxels."""
SAMPLES = 8
"""Samples between two points of a border, which lie much closer than those of a drawn outline."""

Corner = tuple[int, int]


def lay_out_image(section: ImageSection, A0: Mapping[str, float] | None = None) -> Layout:
    """The map of an image, its veins with the areas ``A0`` [m²] where these are given; raises `DescriptionError` where it holds no leg that can be meshed."""
    from dataclasses import replace

    found = read_parts(section)
    section = replace(section, veins=resized(found.veins, A0))
    nodes, borders = _borders(found)
    regions = {region.name: region for region in section.regions}
    voxel = min(found.voxel)
    sigma = SMOOTH * voxel if section.smooth is None else section.smooth
    spacing = section.spacing or SPACING * voxel
    at, borders = _contracted(nodes, borders, SHORTEST * voxel)
    arcs, sides = [], []
    for a, b, points, left, right in borders:
        sides.append((found.parts[left], found.parts[right]))
        curve = _curve(section, *sides[-1], regions, points)
        arcs.append(Arc(curve, a, b, _smooth(points, a == b, sigma, spacing)))
    _check_crossings(section, arcs)
    faces, names = [], []
    for face in faces_of(arcs):
        arc, forwards = face.outer[0]
        inner = sides[arc][0 if forwards else 1]
        if inner.kind == "region":
            faces.append(face)
            names.append(inner.name)
    kept = [not all(side.kind == "bone" for side in pair) for pair in sides]
    number = np.cumsum(kept) - 1
    faces = [
        replace(face, outer=tuple((int(number[k]), f) for k, f in face.outer), holes=tuple(tuple((int(number[k]), f) for k, f in h) for h in face.holes))
        for face in faces
    ]
    arcs = [arc for arc, keep in zip(arcs, kept, strict=True) if keep]
    girth = hull_length(np.vstack([arc.points for arc in arcs if arc.curve == "skin"]))
    return Layout(section, girth, at, arcs, faces, names, fit_veins(section, arcs, faces, names))


Border = tuple[int, int, Points, int, int]
"""Start and end node, points (n, 2) m with both ends, parts to the left and to the right."""


def _borders(found: Parts) -> tuple[Points, list[Border]]:
    """Nodes (m, 2) m and all borders of an image."""
    image, scale = found.image, np.asarray(found.voxel)
    beside: dict[Corner, list[Corner]] = {}
    rows, columns = np.nonzero(image[:, 1:] != image[:, :-1])
    upright = [((int(r), int(c) + 1), (int(r) + 1, int(c) + 1)) for r, c in zip(rows, columns, strict=True)]
    rows, columns = np.nonzero(image[1:] != image[:-1])
    level = [((int(r) + 1, int(c)), (int(r) + 1, int(c) + 1)) for r, c in zip(rows, columns, strict=True)]
    for p, q in (*upright, *level):
        beside.setdefault(p, []).append(q)
        beside.setdefault(q, []).append(p)
    number = {corner: k for k, corner in enumerate(c for c, others in beside.items() if len(others) != 2)}
    places = [_xy(corner, scale) for corner in number]
    left: set[tuple[Corner, Corner]] = {(p, q) for p, others in beside.items() for q in others}
    borders: list[Border] = []

    def trace(begin: Corner, step: Corner) -> None:
        path = [begin, step]
        while path[-1] not in number and path[-1] != begin:
            path.append(next(c for c in beside[path[-1]] if c != path[-2]))
        left.difference_update(itertools.pairwise(path))
        left.difference_update(itertools.pairwise(path[::-1]))
        corners = np.array([_xy(corner, scale) for corner in path])
        middles = 0.5 * (corners[1:] + corners[:-1])
        if begin not in number:
            number[begin] = len(places)
            places.append(middles[0])
            points = np.vstack([middles, middles[:1]])
        else:
            points = np.vstack([corners[:1], middles, corners[-1:]])
        borders.append((number[begin], number[path[-1]], points, *_sides(image, begin, step)))

    for begin in list(number):
        for step in beside[begin]:
            if (begin, step) in left:
                trace(begin, step)
    while left:
        trace(*min(left))
    return np.asarray(places), borders


def _xy(corner: Corner, scale: Points) -> Points:
    """Place [m] of a corner of the padded image; the lower left corner of the image itself is the origin."""
    return np.array([corner[1] - 1.0, corner[0] - 1.0]) * scale


def _sides(image: Image, p: Corner, q: Corner) -> tuple[int, int]:
    """Parts to the left and to the right of the step from corner p to corner q."""
    (r, c), (s, _) = min(p, q), max(p, q)
    one, other = (image[r, c - 1], image[r, c]) if s > r else (image[r, c], image[r - 1, c])
    return (int(one), int(other)) if p < q else (int(other), int(one))


def _contracted(nodes: Points, borders: list[Border], shortest: float) -> tuple[Points, list[Border]]:
    """Borders between two nodes closer than ``shortest`` shrunk to one node: they would only make small elements."""
    to = np.arange(len(nodes))
    places = nodes.copy()
    kept = []
    for border in sorted(borders, key=lambda b: float(np.sum(np.linalg.norm(np.diff(b[2], axis=0), axis=1)))):
        a, b = _root(to, border[0]), _root(to, border[1])
        short = float(np.sum(np.linalg.norm(np.diff(border[2], axis=0), axis=1))) < shortest
        if short and a != b:
            places[a] = 0.5 * (places[a] + places[b])
            to[b] = a
        elif not (short and border[0] != border[1]):
            kept.append(border)
    moved = []
    for start, end, points, left, right in kept:
        a, b = _root(to, start), _root(to, end)
        points = points.copy()
        points[0], points[-1] = places[a], places[b]
        moved.append((a, b, points, left, right))
    return places, moved


def _root(to: Image, node: int) -> int:
    while to[node] != node:
        node = int(to[node])
    return node


def _smooth(points: Points, closed: bool, sigma: float, spacing: float) -> Points:
    """A border filtered by a Gaussian of ``sigma`` m along its length, ends kept, as a dense curve through points ``spacing`` m apart."""
    from scipy.ndimage import gaussian_filter1d

    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    step = min(0.25 * spacing, length[-1] / 8.0)
    n = max(8, round(length[-1] / step))
    even = np.stack([np.interp(np.linspace(0.0, length[-1], n + 1), length, points[:, k]) for k in range(2)], axis=1)
    width = sigma * n / length[-1]
    if width > 0.0 and closed:
        even[:-1] = gaussian_filter1d(even[:-1], width, axis=0, mode="wrap")
        even[-1] = even[0]
    elif width > 0.0:
        pad = int(4.0 * width) + 1
        even = gaussian_filter1d(np.pad(even, ((pad, pad), (0, 0)), mode="reflect", reflect_type="odd"), width, axis=0)[pad:-pad]
    length = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(even, axis=0), axis=1))])
    count = max(8 if closed else 1, round(length[-1] / spacing))
    at = np.linspace(0.0, length[-1], count + 1)
    kept = np.stack([np.interp(at, length, even[:, k]) for k in range(2)], axis=1)
    if not closed:
        kept[0], kept[-1] = points[0], points[-1]
        return catmull_rom(kept, closed=False, samples=SAMPLES)
    curve = catmull_rom(kept[:-1], closed=True, samples=SAMPLES)
    if area(kept[:-1]) < 0.0:
        curve = np.vstack([curve[:1], curve[:0:-1]])
    return np.vstack([curve, curve[:1]])


def _curve(section: ImageSection, left: Label, right: Label, regions: dict[str, Region], points: Points) -> str:
    """What a border between two parts is."""
    kinds = {left.kind: left, right.kind: right}
    if OUTSIDE.kind in kinds:
        if "bone" in kinds:
            raise section.problem("image.file", f"the bone {kinds['bone'].name} reaches the skin at {place(points[len(points) // 2])}; leave a region between")
        return "skin"
    if "bone" in kinds:
        return f"bone_{kinds['bone'].name}"
    return between(regions[left.name], regions[right.name])


def between(one: Region, other: Region) -> str:
    """The curve between two regions: the fascia parts what is under the skin from the rest, septa part muscles from their neighbours."""
    outer = [region.compartment in OUTER for region in (one, other)]
    if all(outer) or not any(outer):
        return "septum" if "muscle" in (one.tissue, other.tissue) and not all(outer) else "border"
    return "fascia"


def _check_crossings(section: ImageSection, arcs: list[Arc]) -> None:
    """Smoothing must not push borders across one another."""
    low, high = (np.array([getattr(arc.points, end)(axis=0) for arc in arcs]) for end in ("min", "max"))
    for i, j in itertools.combinations(range(len(arcs)), 2):
        if np.any(low[i] > high[j]) or np.any(low[j] > high[i]):
            continue
        ends = arcs[i].points[[0, -1]]
        for point in crossings(arcs[i].points, False, arcs[j].points, False)[2]:
            if np.min(np.linalg.norm(ends - point, axis=1)) > 0.02 * MM:
                names = f"{arcs[i].curve} and {arcs[j].curve}"
                raise section.problem("image.smooth", f"{names} cross at {place(point)}: the tissue there is too thin; smooth less, or draw it thicker")
