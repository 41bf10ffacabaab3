"""report.html of one result, from its files."""

from __future__ import annotations

import csv
import math
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calfpump.case.units import count
from calfpump.report.render import header, number, page, shown
from calfpump.report.style import ML, MM, MMHG, STAGE_COLOURS, embed, words
from calfpump.results import Result, cite, load

if TYPE_CHECKING:
    from calfpump.report.style import Picture
    from calfpump.results import SectionState

HEADLINE = 6
#: Columns of stages.csv that are shown at once.
MAIN = (
    "net return", "stroke volume", "reflux", "ejection fraction", "mean inflow", "volume change", "largest volume", "least volume", "wall work",
)  # fmt: skip
ROUND_OFF = 1e-6
VALVES = 24  # drawn at most
PERIOD = " (last period)"
STATES = 3  # of a section are drawn: the first, the last, one between


def report(folder: str | Path) -> Path:
    """Write report.html, which needs no other file, into a result's folder; returns it.

    A failed or interrupted run gets a page with what there is, and its failure in full. Raises FileNotFoundError where ``folder`` is no result.
    """
    result = load(folder)
    content: dict[str, Any] = {"title": result.record["title"], "status": result.status, "described": "", "notes": "", "failure": "", "case": ""}
    content |= _case(result)
    if (result.folder / "failure.txt").is_file():
        content["failure"] = (result.folder / "failure.txt").read_text(encoding="utf-8").strip()
    if (result.folder / "summary.csv").is_file():
        content |= {"headline": shown(result.summary[:HEADLINE]), "summary": shown(result.summary)}
    if (result.folder / "stages.csv").is_file():
        content |= stage_tables(result.folder / "stages.csv")
    network = bool(content["case"]) and result.case.network is not None
    if (result.folder / "series.h5").is_file():
        content |= _network(result) if network else _time(result)
    if (result.folder / "tracers.csv").is_file():
        content["tracers"] = _tracers(result)
    content["sections"] = [] if network else _sections(result)
    content |= provenance(result)
    content["chapters"] = _chapters(content)
    return page("report.html", result.folder / "report.html", **content)


def _case(result: Result) -> dict[str, str]:
    path = result.folder / "case.toml"
    if not path.is_file():
        return {}
    case = result.case
    text = {"notes": case.notes, "case": path.read_text(encoding="utf-8"), "citations": cite(result.folder)}
    if (net := case.network) is not None:
        ends = ", ".join(f"{b.kind} at {b.node}" for b in net.boundary)
        return {"described": f"a network of {count(len(net.vessel), 'vessel')}, {case.numerics.quality}" + (f" · {ends}" if ends else ""), **text}
    hose = f"compression hose {case.hose.name}" if case.hose else "no compression"
    valves = "" if case.impairment.valves == "competent" else f", valves {case.impairment.valves}"
    law = "finite-element laws" if case.section.law == "finite-element" else "algebraic laws"
    described = f"{hose}{valves} · {law}, {case.numerics.quality} · " + ", ".join(row.do for row in case.protocol)
    return {"described": described, **text}


def stage_tables(path: Path) -> dict[str, Any]:
    """stages.csv as ``stages``, one table per activity with the main columns, and as ``stages_full``, one table with all of them."""
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    if not rows:
        return {}
    columns = [c for c in rows[0] if c not in ("stage", "activity", "cycles")]
    main = [c for c in columns if header(c)[0] in MAIN] or columns
    tables = []
    for activity in dict.fromkeys(row.get("activity", "") for row in rows):
        some = [row for row in rows if row.get("activity", "") == activity]
        cycles = some[0].get("cycles", "")
        title = f"{activity}: means of {cycles} cycles" if cycles not in ("", "1") else activity
        tables.append({"title": title, **_stage_table(some, main)})
    return {"stages": tables, "stages_full": _stage_table(rows, list(rows[0])[1:]) if main != columns else None}


def _stage_table(rows: list[dict[str, str]], columns: list[str]) -> dict[str, Any]:
    cells = zip(*(column_cells([row[c] for row in rows]) for c in columns), strict=True)
    lines = [{"name": words(row["stage"]), "colour": STAGE_COLOURS.get(row["stage"], "#9aa5b1"), "cells": some} for row, some in zip(rows, cells, strict=True)]
    return {"headers": [header(c) for c in columns], "rows": lines}


def column_cells(texts: list[str]) -> list[str]:
    """A column of a CSV for people: words as they are, numbers rounded, and 0 what is round-off beside the column's largest."""
    values = [_value(text) for text in texts]
    largest = max((abs(v) for v in values if v is not None and math.isfinite(v)), default=0.0)
    return [text if v is None else number(0.0 if abs(v) < ROUND_OFF * largest else v) for text, v in zip(texts, values, strict=True)]


def _value(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _time(result: Result) -> dict[str, Any]:
    from calfpump.report import time_plots
    from calfpump.report.leg_scheme import leg_scheme
    from calfpump.report.volumes import volume_bars, volume_table

    series = result.series
    headers, rows = volume_table(series)
    return {
        "leg": embed(leg_scheme(series), "png") if series.vessels else "",
        "pressures": embed(time_plots.pressures(series)),
        "flows": embed(time_plots.flows(series)) if series.stages else "",
        "volumes": embed(time_plots.volumes(series)) if series.stages else "",
        "volume_bars": embed(volume_bars(series)) if series.vessels else "",
        "volume_headers": [header(h) for h in headers],
        "volume_rows": [(part, colour, [number(v) for v in values]) for part, colour, values in rows],
    }


def _network(result: Result) -> dict[str, Any]:
    """Scheme of a network of one's own, and its probes; without probes the middle of its first vessels."""
    from calfpump.report import network_plots
    from calfpump.report.network_scheme import scheme
    from calfpump.report.style import LINES

    series = result.series
    table = result.probes if (result.folder / "probes.csv").is_file() else None
    if table is not None:
        units = {"p": ("mmHg", MMHG), "Q": ("mL/s", ML), "A": ("mm²", MM**2), "u": ("m/s", 1.0)}
        names = [c.removesuffix(" p [mmHg]") for c in table.columns if c.endswith(" p [mmHg]")]
        probes = {name: {q: table[f"{name} {q} [{unit}]"].to_numpy() * factor for q, (unit, factor) in units.items()} for name in names}
        caption = "Pressure, flow, lumen area and velocity at the probes."
    else:
        probes = {}
        for name, v in islice(series.vessels.items(), len(LINES)):
            p, Q, A = (field[:, v.x.size // 2].copy() for field in (v.p, v.Q, v.A))
            probes[name] = {"p": p, "Q": Q, "A": A, "u": Q / (A * v.n)}
        caption = "Pressure, flow, lumen area and velocity in the middle of the vessels; the case has no probes."
    return {
        "scheme": embed(scheme(series, result.case.network), "png"),
        "probes": embed(network_plots.curves(probes, series.time)),
        "probes_caption": caption,
        **_valves(result),
    }


def _valves(result: Result) -> dict[str, Any]:
    """Opening of the valves in time, as many as a page takes, and what passed them as the summary has it."""
    from calfpump.report.network_plots import valves

    series = result.series
    if not series.valves:
        return {}
    values = {line.quantity.removesuffix(PERIOD): number(line.value) for line in result.summary}
    found = [(words(name), [values.get(f"volume {way} through the valve {name}", "–") for way in ("forward", "backward")]) for name in series.valves]
    when = "the last period" if any(line.quantity.endswith(PERIOD) for line in result.summary) else "the whole run"
    return {"valves": embed(valves(dict(islice(series.valves.items(), VALVES)), series.time)), "valve_rows": found, "valve_when": when}


def _tracers(result: Result) -> Picture:
    """What is left of marked blood in time; of a leg, of each stage's blood in that stage."""
    from calfpump.report.time_plots import washout

    table = result.tracers
    stages = result.case.network is None
    names = [c.removesuffix(" in all [mL]") for c in table.columns if c.endswith(" in all [mL]")]
    left = {name: table[f"{name} in {name if stages else 'all'} [mL]"].to_numpy() for name in names}
    return embed(washout(table["time [s]"].to_numpy(), left))


def _sections(result: Result) -> list[dict[str, Any]]:
    from calfpump.report.law_plots import tube_laws
    from calfpump.report.section_plots import pressure_line, sections, veins

    states: dict[str, list[SectionState]] = {}
    for state in result.sections:
        states.setdefault(state.section, []).append(state)
    found = []
    for name in dict.fromkeys([*states, *result.laws]):
        laws = result.laws.get(name, {})
        drawn: dict[str, Any] = {"name": words(name), "laws": embed(tube_laws(laws)) if laws else ""}
        if name in states:
            some = chosen(states[name])
            drawn["whole"] = embed(sections(some), "png")
            drawn["caption"] = "Deformed leg section. " + " ".join(f"{s.label}: {pressure_line(s)}." for s in some if s.pressure)
            drawn["veins"] = embed(veins(some, {vein: law.A0 for vein, law in laws.items()}), "png", dpi=170)
        found.append(drawn)
    return found


def chosen(states: list[SectionState]) -> list[SectionState]:
    """At most `STATES` of a section's states: first, last, and evenly between."""
    if len(states) <= STATES:
        return states
    return [states[round(k * (len(states) - 1) / (STATES - 1))] for k in range(STATES)]


def provenance(result: Result) -> dict[str, Any]:
    """What the record says, as pairs for the page."""
    record = result.record
    timings = ", ".join(f"{what} {seconds:g} s" for what, seconds in record["timings [s]"].items())
    lines = [
        ("folder", result.folder.name), ("started", record["started"]), ("ended", record["ended"] or "–"), ("reason", record["reason"]),
        ("wall time", timings), ("peak memory", f"{record['peak memory [MiB]']:g} MiB" if "peak memory [MiB]" in record else ""),
        ("machine", f"{record['machine']['host']}, {record['machine']['cores']} cores, {record['versions']['system'].get('processor', '')}"),
        ("physics", str(record["physics"])),
    ]  # fmt: skip
    lines += [(f"hash of {what}", value) for what, value in record["hashes"].items()]
    lines += [(what, str(value)) for what, value in record["notes"].items()]
    versions = [(name, value) for group in record["versions"].values() for name, value in group.items()]
    return {"provenance": [(name, value) for name, value in lines if value], "versions": versions}


def _chapters(content: dict[str, Any]) -> list[tuple[str, str]]:
    listed = [("scheme", "network", "network"), ("probes", "probes", "in time"), ("valves", "valves", "valves"), ("leg", "leg", "leg")]
    listed += [("stages", "stages", "stages"), ("pressures", "time", "in time"), ("volume_rows", "volumes", "volumes"), ("tracers", "washout", "wash-out")]
    found = [(anchor, text) for key, anchor, text in listed if content.get(key)]
    found += [(f"section{k + 1}", f"section {section['name']}") for k, section in enumerate(content["sections"])]
    found += [("summary", "all figures")] if content.get("summary") else []
    return [*found, ("provenance", "provenance")]
