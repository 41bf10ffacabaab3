"""What is wrong with a [network] as a whole: names, places, walls, ways in and out. One sentence each, at its line.

Names are checked on what the file holds, whether or not its quantities can be read, so that all problems are told at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any

from calfpump.case.errors import Problem
from calfpump.case.locate import Path as KeyPath
from calfpump.case.network import Network, Vessel, Wall, merged
from calfpump.case.origin import Origin
from calfpump.case.units import count

Found = Iterator[tuple[KeyPath, str]]
#: a network without any of these has no way out for what flows in
OUTLETS = ("pressure", "resistance", "windkessel", "reflection-free")
#: keys of other tables that act on a leg only
IDLE = {"flow": ("right_atrial_pressure", "arterial_pressure", "inflow_factor"), "numerics": ("coupling",), "output": ("vtu", "washout")}
LEG_TABLES = ("protocol", "subject", "section", "tissue", "hose", "cuff", "impairment")


def of_names(data: dict[str, Any], origin: Origin) -> list[Problem]:
    """Problems that the raw values of a case show: unknown, double and missing names, ends that lead nowhere."""
    raw = data.get("network")
    if not isinstance(raw, dict):
        return []
    found: list[tuple[KeyPath, str]] = [((name,), "a case with [network] has no leg: take it out") for name in LEG_TABLES if name in data]
    found += [((table, key), "acts on a leg; a case with [network] has none") for table, keys in IDLE.items() for key in keys if key in _table(data, table)]
    found += [*_doubles(raw), *_references(raw), *_ends(raw), *_reflection_free(raw)]
    return [origin.problem(path, what) for path, what in found]


def _table(data: dict[str, Any], name: str) -> dict[str, Any]:
    table = data.get(name)
    return table if isinstance(table, dict) else {}


def of_values(network: Network, origin: Origin) -> list[Problem]:
    """Problems of a network whose keys and names are good: walls, heights, flows without a way out, valves without a face, probes off their vessel."""
    found = [*_walls(network), *_heights(network), *_outflow(network), *_faces(network), *_probes(network)]
    return [origin.problem(path, what) for path, what in found]


def rows(raw: dict[str, Any], part: str) -> list[tuple[KeyPath, dict[str, Any]]]:
    """The rows of a part of the raw network that are tables, each with its path."""
    value = raw.get(part)
    return [(("network", part, k), row) for k, row in enumerate(value) if isinstance(row, dict)] if isinstance(value, list) else []


def _named(raw: dict[str, Any], part: str) -> list[str]:
    return [row["name"] for _, row in rows(raw, part) if isinstance(row.get("name"), str)]


def _doubles(raw: dict[str, Any]) -> Found:
    for part in ("vessel", "compartment", "bed", "probe", "tracer"):
        first: dict[str, int] = {}
        for path, row in rows(raw, part):
            name = row.get("name")
            if not isinstance(name, str):
                continue
            if not name.strip() or "/" in name:
                yield (*path, "name"), "must not be empty or hold a slash"
            if name in first:
                yield (*path, "name"), f"'{name}' is the name of {part}[{first[name] + 1}] already"
            first.setdefault(name, int(path[-1]))
    for kinds, what in ((("flow", "pressure", "reflection-free", "closed"), "boundary"), (("resistance", "windkessel"), "resistance or Windkessel")):
        taken: dict[str, int] = {}
        for path, row in rows(raw, "boundary"):
            node = row.get("node")
            if row.get("kind") in kinds and isinstance(node, str):
                if node in taken:
                    yield (*path, "node"), f"node '{node}' has a {what} already: boundary[{taken[node] + 1}]"
                taken.setdefault(node, int(path[-1]))
    loads = {row.get("node") for _, row in rows(raw, "boundary") if row.get("kind") in ("resistance", "windkessel")}
    for path, row in rows(raw, "bed"):
        if isinstance(row.get("name"), str) and row["name"] in loads:
            yield (*path, "name"), f"'{row['name']}' is a node with a resistance or Windkessel: name the bed otherwise"


def _references(raw: dict[str, Any]) -> Found:
    laws = list(raw["law"]) if isinstance(raw.get("law"), dict) else []
    vessels, spaces, nodes = _named(raw, "vessel"), _named(raw, "compartment"), _nodes(raw)
    asked = [
        ("vessel", "law", laws, "law", "; add [network.law.{}]"), ("vessel", "compartment", spaces, "compartment", ""),
        ("bed", "compartment", spaces, "compartment", ""), ("valve", "vessel", vessels, "vessel", ""), ("probe", "vessel", vessels, "vessel", ""),
        ("bed", "node", nodes, "node", ""), ("boundary", "node", nodes, "node", ""),
    ]  # fmt: skip
    for part, key, known, noun, remedy in asked:
        for path, row in rows(raw, part):
            name = row.get(key)
            if isinstance(name, str) and name not in known:
                yield (*path, key), f"there is no {noun} '{name}'{_meant(name, known) or remedy.format(name)}"
    beds = _named(raw, "bed")
    for path, row in rows(raw, "tracer"):
        for key, known, noun in (("vessels", vessels, "vessel"), ("beds", beds, "bed"), ("inflow", [*nodes, *beds], "node or bed")):
            value = row.get(key)
            for name in value if isinstance(value, list | dict) else ():
                if isinstance(name, str) and name not in known:
                    yield (*path, key), f"there is no {noun} '{name}'{_meant(name, known)}"
    if isinstance(raw.get("heights"), dict):
        for node in raw["heights"]:
            if node not in nodes:
                yield ("network", "heights", node), f"there is no node '{node}'{_meant(node, nodes)}"


def _meant(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; there are {', '.join(dict.fromkeys(known))}" if 0 < len(known) <= 12 else ""


def _nodes(raw: dict[str, Any]) -> list[str]:
    return list(dict.fromkeys(row[side] for _, row in rows(raw, "vessel") for side in ("from", "to") if isinstance(row.get(side), str)))


def _ends(raw: dict[str, Any]) -> Found:
    """Every node joins at least two ends, or has a bed or a boundary."""
    ends: dict[str, list[KeyPath]] = {}
    names: dict[str, str] = {}
    for path, row in rows(raw, "vessel"):
        for side in ("from", "to"):
            if isinstance(row.get(side), str):
                ends.setdefault(row[side], []).append((*path, side))
                names.setdefault(row[side], str(row.get("name")))
    held = {row.get("node") for part in ("bed", "boundary") for _, row in rows(raw, part)}
    for node, paths in ends.items():
        if len(paths) == 1 and node not in held:
            close = get_close_matches(node, [other for other in ends if other != node], n=1, cutoff=0.75)
            meant = f"; did you mean node '{close[0]}'?" if close else f'; give it a [[network.boundary]] node = "{node}" (kind = "closed" if it is shut)'
            yield paths[0], f"the vessel '{names[node]}' ends nowhere: node '{node}' has no other vessel and no boundary{meant}"


def _reflection_free(raw: dict[str, Any]) -> Found:
    """Only one vessel end meets a reflection-free boundary."""
    ends = [row.get(side) for _, row in rows(raw, "vessel") for side in ("from", "to")]
    for path, row in rows(raw, "boundary"):
        if row.get("kind") == "reflection-free" and (number := ends.count(row.get("node"))) > 1:
            yield (*path, "kind"), f"waves can leave for ever at the end of one vessel, and {number} vessel ends meet at node '{row.get('node')}'"


def _walls(network: Network) -> Found:
    for name, law in network.law.items():
        for what in _conflicts(law):
            yield ("network", "law", name), what
    for k, vessel in enumerate(network.vessel):
        path: KeyPath = ("network", "vessel", k)
        wrong = list(_conflicts(vessel))
        if not wrong and (vessel.law is None or not list(_conflicts(network.law[vessel.law]))):
            wrong = list(_lacks(merged(network, vessel)))
        wrong += _cone(vessel.radius_to, vessel.radius, "radius") + _cone(vessel.diameter_to, vessel.diameter, "diameter")
        if vessel.table is None and merged(network, vessel).table and (vessel.radius_to or vessel.diameter_to):
            wrong.append("a tabulated law has one A0 and makes no cone")
        for what in wrong:
            yield path, f"vessel '{vessel.name}': {what}"


def _cone(end: float | None, begin: float | None, noun: str) -> list[str]:
    return [f"{noun}_to needs {noun} beside it"] if end is not None and begin is None else []


def _conflicts(wall: Wall) -> Iterator[str]:
    """Keys that exclude each other."""
    sizes = [name for name in ("radius", "diameter", "A0") if getattr(wall, name) is not None]
    if len(sizes) > 1:
        yield f"give one of {', '.join(sizes)}"
    stiff = [name for name in ("K", "speed", "E", "table") if getattr(wall, name) is not None]
    if len(stiff) > 1:
        yield f"give one of {', '.join(stiff)}"
    if wall.table is not None and (wall.m is not None or wall.n is not None):
        yield "a table has no exponents m, n"
    if wall.table is not None and wall.reference_pressure is not None:
        yield "a table holds its pressures itself; take reference_pressure out"


def exponents(wall: Wall) -> tuple[float, float]:
    """m and n, those of an artery where they are not given."""
    return (0.5 if wall.m is None else wall.m), (0.0 if wall.n is None else wall.n)


def _lacks(wall: Wall) -> Iterator[str]:
    """What a law still lacks, or whose keys make none."""
    if wall.table is not None:
        if A0_of(wall) is None and not wall.table.p[0] <= 0.0 <= wall.table.p[-1]:
            yield f"{Path(wall.table.file).name} does not reach p = 0, where A is A0; give radius, diameter or A0"
        return
    if wall.radius is None and wall.diameter is None and wall.A0 is None:
        yield "has no size: give radius, diameter or A0, here or in its law"
    if wall.K is None and wall.speed is None and (wall.E is None or wall.h is None):
        missing = "h, the wall's thickness" if wall.E is not None else "E, the wall's modulus" if wall.h is not None else ""
        yield f"has no stiffness: give {missing or 'K, speed, or E with h, here or in its law'}"
    m, n = exponents(wall)
    if not (m >= 0 >= n and m > n):
        yield f"a law needs m ≥ 0 ≥ n and m > n, not m = {m:g}, n = {n:g}"
    elif wall.E is not None and (m, n) not in ((0.5, 0.0), (10.0, -1.5)):
        yield f"E and h give K for m = 0.5, n = 0 and for m = 10, n = −1.5 only; give K or speed for m = {m:g}, n = {n:g}"


def A0_of(wall: Wall) -> float | None:
    """Stress-free area [m²] of whichever size is given."""
    from math import pi

    radius = wall.radius if wall.radius is not None else wall.diameter / 2 if wall.diameter is not None else None
    return wall.A0 if radius is None else pi * radius**2


def _heights(network: Network) -> Found:
    nodes = dict.fromkeys(node for v in network.vessel for node in (v.from_, v.to))
    missing = [node for node in nodes if node not in network.heights]
    if network.heights and missing:
        yield ("network", "heights"), f"gravity acts where heights are given, and then on every node; missing: {', '.join(missing)}"
    for k, bed in enumerate(network.bed):
        if bed.arterial_height is not None and not network.heights:
            yield ("network", "bed", k, "arterial_height"), "has no effect without network.heights"
    if not network.heights and network.posture.identity() != 1.0:
        yield ("network", "posture"), "has no effect without network.heights"


def components(network: Network) -> list[list[Vessel]]:
    """The vessels of each part that is joined at nodes, parts and vessels in the order of the file."""
    part: dict[str, str] = {}

    def of(node: str) -> str:
        while part.setdefault(node, node) != node:
            node = part[node]
        return node

    for v in network.vessel:
        part[of(v.to)] = of(v.from_)
    found: dict[str, list[Vessel]] = {}
    for v in network.vessel:
        found.setdefault(of(v.from_), []).append(v)
    return list(found.values())


def _outflow(network: Network) -> Found:
    """In every part that is joined, flow that enters must find a way out, or room."""
    parts = components(network)
    for vessels in parts:
        nodes = {node for v in vessels for node in (v.from_, v.to)}
        if any(b.kind in OUTLETS and b.node in nodes for b in network.boundary):
            continue
        own = "" if len(parts) == 1 else f"{_listed([v.name for v in vessels])} joined to no other vessel: "
        flows = [(k, b.value) for k, b in enumerate(network.boundary) if b.kind == "flow" and b.node in nodes]
        beds = [k for k, bed in enumerate(network.bed) if bed.node in nodes]
        room = sum(v.length * v.n_parallel * _size(merged(network, v)) for v in vessels)
        net = sum(integral(flow.t, flow.y, flow.period, network.time) for _, flow in flows)
        if beds:
            yield ("network", "bed", beds[0], "node"), f"{own}what the beds let in has no way out: add a boundary of kind {', '.join(OUTLETS)}"
        elif room > 0.0 and abs(net) > 0.5 * room:
            way = "in, and no way out" if net > 0 else "out, and no way in"
            yield ("network", "boundary", flows[0][0], "node"), (
                f"{own}the flows put {abs(net) * 1e6:.3g} mL {way}, with {room * 1e6:.3g} mL of vessels: no boundary gives a pressure; "
                f"add one of kind {', '.join(OUTLETS)}"
            )


def _listed(names: list[str]) -> str:
    """``vessel 'a' is``, ``vessels 'a', 'b' are``; the first four of more."""
    shown = ", ".join(f"'{name}'" for name in names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
    return f"vessel {shown} is" if len(names) == 1 else f"vessels {shown} are"


def _size(wall: Wall) -> float:
    """Stress-free area [m²]; 0 where there is none."""
    size = A0_of(wall)
    if size is None and wall.table is not None:
        size = _at(tuple(wall.table.p), tuple(wall.table.A), 0.0)
    return size or 0.0


def _faces(network: Network) -> Found:
    """Each valve sits on a face between two cells (cones get as many as they need)."""
    for v in network.vessel:
        rows_of = [k for k, valve in enumerate(network.valve) if valve.vessel == v.name]
        if v.cells is not None and v.radius_to is None and v.diameter_to is None and len(rows_of) >= v.cells:
            yield ("network", "valve", rows_of[v.cells - 1], "vessel"), (
                f"vessel '{v.name}' has {count(v.cells, 'cell')}, {count(v.cells - 1, 'face')} between them and {count(len(rows_of), 'valve')}: "
                f"give it cells = {len(rows_of) + 1} or more"
            )


def integral(t: tuple[float, ...], y: tuple[float, ...], period: float | None, end: float) -> float:
    """∫ y dt over 0 … end of samples that are linear between, constant beyond or repeated."""
    if len(t) == 1:
        return y[0] * end
    if period is not None:
        once = sum(0.5 * (a + b) * (v - u) for (u, a), (v, b) in pairwise(zip(t, y, strict=True))) + 0.5 * (y[0] + y[-1]) * (period - (t[-1] - t[0]))
        return once * end / period
    times = sorted({0.0, end, *(u for u in t if 0.0 < u < end)})
    return sum(0.5 * (_at(t, y, u) + _at(t, y, v)) * (v - u) for u, v in pairwise(times))


def _at(t: tuple[float, ...], y: tuple[float, ...], at: float) -> float:
    from bisect import bisect_right

    k = bisect_right(t, at)
    if k == 0 or k == len(t):
        return y[0] if k == 0 else y[-1]
    return y[k - 1] + (at - t[k - 1]) / (t[k] - t[k - 1]) * (y[k] - y[k - 1])


def _probes(network: Network) -> Found:
    vessels = {v.name: v for v in network.vessel}
    for k, probe in enumerate(network.probe):
        length = vessels[probe.vessel].length
        if probe.x is not None and probe.x > length:
            yield ("network", "probe", k, "x"), f"lies beyond the vessel's {100 * length:g} cm"
    for k, tracer in enumerate(network.tracer):
        if tracer.at is not None and tracer.at > network.time:
            yield ("network", "tracer", k, "at"), f"lies beyond the network's time of {network.time:g} s"
    for k, time in enumerate(network.profiles):
        if time > network.time:
            yield ("network", "profiles", k), f"lies beyond the network's time of {network.time:g} s"
