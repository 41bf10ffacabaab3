"""Where a network's nodes and vessels are drawn: no two nodes at one place, no vessel on another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from heapq import heappop, heappush
from typing import Any

import numpy as np

from calfpump.results.series import VesselSeries

Place = tuple[float, float]
Places = dict[str, Place]
#: share of the drawing's extent within which two nodes count as at one place
NEAR = 0.04
#: least drawn length of a vessel over that of the longest, where there are no heights
LEAST = 0.15
#: bends of a vessel [inch], in the order in which they are tried
BENDS = (0.0, 0.45, -0.45, 0.9, -0.9, 1.35, -1.35, 1.8, -1.8)
#: directions of a ring's middle from its node, in turns
TURNS = (0.0, 0.5, 0.25, 0.75, 0.125, 0.375, 0.625, 0.875)
RING = 0.45  # inch, radius
#: distance [inch] that the middle of a vessel keeps from nodes and other vessels
CLEAR = 0.12
#: in larger networks nothing is tried
MOST = 120
POINTS = 41


def places(vessels: Mapping[str, VesselSeries], upright: bool) -> Places:
    """(lane, height) of every node where ``upright``, else (distance along the shortest way from the first node, −lane).

    The shortest ways make a tree: each way that leads no further has a lane, a fork the mean of its branches'. A node whose place is taken, or
    to which its lane would lead over another node or vessel, goes into a new lane with all behind it.
    """
    ends: dict[str, list[tuple[str, float]]] = {}
    z: dict[str, float] = {}
    longest = max(float(v.x[-1] + v.x[0]) for v in vessels.values())
    for v in vessels.values():
        length = max(float(v.x[-1] + v.x[0]), LEAST * longest)
        ends.setdefault(v.distal, []).append((v.proximal, length))
        ends.setdefault(v.proximal, []).append((v.distal, length))
        slope = (v.height[-1] - v.height[0]) / max(float(v.x[-1] - v.x[0]), 1e-12) if v.x.size > 1 else 0.0
        z[v.distal], z[v.proximal] = float(v.height[0] - slope * v.x[0]), float(v.height[-1] + slope * v.x[0])
    above, depth = _shortest(ends)
    along = z if upright else depth
    lane = _apart(above, _lanes(above), along)
    return {node: (lane[node], z[node]) if upright else (depth[node], -lane[node]) for node in ends}


def _shortest(ends: Mapping[str, list[tuple[str, float]]]) -> tuple[dict[str, str | None], dict[str, float]]:
    """Node → the one before it on the shortest way from the first of its part, in the order of the ways' lengths; and that length."""
    above: dict[str, str | None] = {}
    depth: dict[str, float] = {}
    for root in ends:
        queue: list[tuple[float, int, str, str | None]] = [(0.0, 0, root, None)] if root not in above else []
        count = 0
        while queue:
            way, _, node, before = heappop(queue)
            if node in above:
                continue
            above[node], depth[node] = before, way
            for other, length in ends[node]:
                if other not in above:
                    count += 1
                    heappush(queue, (way + length, count, other, node))
    return above, depth


def _lanes(above: Mapping[str, str | None]) -> dict[str, float]:
    """Lane of every node: 0, 1, … for those that end a way, else the middle of the outermost branches'."""
    below: dict[str | None, list[str]] = {}
    for node, before in above.items():
        below.setdefault(before, []).append(node)
    lane: dict[str, float] = {}
    count = 0
    stack = [(node, False) for node in reversed(below.get(None, []))]
    while stack:
        node, done = stack.pop()
        branches = below.get(node, [])
        if done:
            lane[node] = 0.5 * (lane[branches[0]] + lane[branches[-1]])
        elif branches:
            stack += [(node, True), *((branch, False) for branch in reversed(branches))]
        else:
            lane[node] = float(count)
            count += 1
    return lane


def _apart(above: Mapping[str, str | None], lane: Mapping[str, float], along: Mapping[str, float]) -> dict[str, float]:
    """The lanes, with new ones for the nodes that would lie on others or on a vessel of the tree."""
    near = NEAR * max(float(np.ptp(list(along.values()))), 1e-9)
    found: dict[str, float] = {}
    nodes: dict[float, list[float]] = {}
    spans: dict[float, list[tuple[float, float]]] = {}
    for node, before in above.items():
        here = round(lane[node] + (found[before] - lane[before] if before is not None else 0.0), 6)
        s = along[node]
        begin = along[before] if before is not None and found[before] == here else s
        low, high = min(begin, s) + near, max(begin, s) - near
        taken, passed = nodes.get(here, []), spans.get(here, [])
        if any(abs(other - s) < near or low < other < high for other in taken) or any(a < max(s, high) and b > min(s, low) for a, b in passed):
            here, low, high = float(np.floor(max([*lane.values(), *found.values()]))) + 1.0, s, s
        found[node] = here
        nodes.setdefault(here, []).append(s)
        if low < high:
            spans.setdefault(here, []).append((low, high))
    return found


def paths(ends: Mapping[str, tuple[str, str]], nodes: Mapping[str, Place]) -> dict[str, Any]:
    """Line (POINTS, 2) of every vessel, ``ends``: name → its two nodes; places in inches: straight, or bent as little as keeps it off all else.

    The straight ones come first, so that of two vessels between the same nodes the later one gives way.
    """
    at = np.array(list(nodes.values()))
    names = list(nodes)
    found: dict[str, Any] = {}
    for name, (a, b) in ends.items():
        tries: Sequence[float] = TURNS if a == b else BENDS
        if len(ends) > MOST and a != b:
            tries = tries[:1]
        others = at[[k for k, node in enumerate(names) if node not in (a, b)]]
        drawn = np.concatenate([others, *(line[4:-4] for line in found.values())]) if found or len(others) else np.zeros((0, 2))
        lines = [_line(nodes[a], nodes[b], value) for value in tries]
        room = [_room(line, drawn) if len(lines) > 1 else CLEAR for line in lines]
        found[name] = lines[next((k for k, r in enumerate(room) if r >= CLEAR), int(np.argmax(room)))]
    return found


def _room(line: Any, drawn: Any) -> float:
    """Least distance [inch] between the middle third of a line and what is drawn."""
    third = line[POINTS // 3 : -(POINTS // 3)]
    return float(np.sqrt(((third[:, None] - drawn[None]) ** 2).sum(axis=2).min())) if len(drawn) else np.inf


def _line(a: Place, b: Place, value: float) -> Any:
    """From a to b with a bend [inch]; from a node to itself a circle in the direction ``value`` [turns]."""
    s = np.linspace(0.0, 1.0, POINTS)[:, None]
    start, end = np.asarray(a, float), np.asarray(b, float)
    if a == b:
        angle = 2 * np.pi * (value + 0.5 + s)
        centre = start + RING * np.array([np.cos(2 * np.pi * value), np.sin(2 * np.pi * value)])
        return centre + RING * np.concatenate([np.cos(angle), np.sin(angle)], axis=1)
    along = end - start
    across = np.array([-along[1], along[0]]) / max(float(np.hypot(*along)), 1e-9)
    return start + s * along + value * 4 * s * (1 - s) * across
