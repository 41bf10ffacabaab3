"""Laws of a section as tables for users of other codes."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from calfpump.law.fit import fit
from calfpump.law.tube_law import TubeLaw

if TYPE_CHECKING:
    from calfpump.law.section_laws import SectionLaws

MMHG, RHO = 133.322387415, 1060.0
#: Blood pressure [mmHg] of the calf's veins by posture, at which surface pressures that close them are told.
BLOOD = {"lying": 10.0, "sitting": 45.0, "standing": 60.0}
#: Share of the antero-posterior diameter that a vein has lost when it begins to narrow.
NARROWED = 0.1


def export(laws: SectionLaws, folder: Path) -> None:
    """Write ``<section>-veins.csv`` (p − p_c, A, c, G), ``-fits.csv`` (K, m, n and misfit), ``-compartments.csv`` (p_c over shortening and filling),
    ``-states.csv`` (girth, hose and compartment pressures of every state), ``-postures.csv`` (areas standing and supine), ``-shapes.csv`` (diameters at
    rest, dents of the outline, least gap of opposite walls) and ``-closing.csv`` (uniform surface pressures that narrow and close the veins, besides the
    hose's)."""
    head: Sequence[str] = ("vein", "shortening [1]", "A/A0 [1]", "A [mm2]", "p - p_c [mmHg]", "c [m/s]", "G [mm4]", "computed")
    write(folder / f"{laws.section}-veins.csv", head, (row for vein, law in laws.veins.items() for row in _points(vein, law)))
    head = ("vein", "shortening [1]", "A0 [mm2]", "K [mmHg]", "m [1]", "n [1]", "rms misfit [mmHg]", "largest misfit [mmHg]", "from A/A0 [1]", "to A/A0 [1]")
    write(folder / f"{laws.section}-fits.csv", head, (row for vein, law in laws.veins.items() for row in _fits(vein, law)))
    head = ("compartment", "shortening [1]", "veins' A/A0 [1]", "p_c [mmHg]")
    write(folder / f"{laws.section}-compartments.csv", head, (row for name in laws.compartments for row in _spaces(laws, name)))
    head = ("vein", "A/A0 [1]", "p [mmHg]", "antero-posterior diameter [mm]", "transverse diameter [mm]", "walls touch", "dents", "least gap [mm]")
    write(folder / f"{laws.section}-shapes.csv", head, _shapes(laws))
    head = ("vein", *(f"{what} {posture} [mmHg]" for posture in BLOOD for what in ("narrows", "closes")))
    write(folder / f"{laws.section}-closing.csv", head, _closing(laws))
    postures = laws.provenance.get("postures", {})
    states = laws.provenance.get("results of states", {}) | {name: _silent(found) for name, found in postures.items()}
    if states:
        names = list(dict.fromkeys(key for found in states.values() for key in found))
        write(folder / f"{laws.section}-states.csv", ("state", *names), ([s, *(found.get(n, "") for n in names)] for s, found in states.items()))
    if postures:
        head = ("vein", "A0 [mm2]", *(f"{what} {name} [{unit}]" for name in postures for what, unit in (("A", "mm2"), ("diameter", "mm"))))
        write(folder / f"{laws.section}-postures.csv", head, _postures(laws))


def write(path: Path, head: Sequence[str], rows: Iterator[Sequence[object]]) -> None:
    """One CSV file."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(head)
        lines.writerows(rows)


def _points(vein: str, law: TubeLaw) -> Iterator[tuple[str, ...]]:
    """One row per point; the wave speed is c = √(α/ρ df/dα), ρ = 1060 kg/m³."""
    for k, s in enumerate(law.s):
        c = np.sqrt(np.maximum(law.alpha * np.gradient(law.f[k], law.alpha) / RHO, 0.0))
        low, high = law.alpha_fe[k]
        for j, a in enumerate(law.alpha):
            inside = "yes" if low - 1e-9 <= a <= high + 1e-9 else "no"
            point = (f"{a:.5f}", f"{a * law.A0 * 1e6:.5f}", f"{law.f[k, j] / MMHG:.4f}", f"{c[j]:.4f}", f"{law.G[k, j] * 1e12:.6g}")
            yield (vein, f"{s:.4f}", *point, inside)


def _fits(vein: str, law: TubeLaw) -> Iterator[tuple[str, ...]]:
    """K, m, n of p − p_c over the points that were computed."""
    for k, s in enumerate(law.s):
        low, high = law.alpha_fe[k]
        inside = (law.alpha >= low - 1e-9) & (law.alpha <= high + 1e-9)
        if inside.sum() < 4:
            continue
        found = fit(law.alpha[inside], law.f[k, inside])
        numbers = (found.K / MMHG, found.m, found.n, found.rms / MMHG, found.worst / MMHG, low, high)
        yield (vein, f"{s:.4f}", f"{law.A0 * 1e6:.4f}", *(f"{x:.4f}" for x in numbers))


def _spaces(laws: SectionLaws, name: str) -> Iterator[tuple[str, ...]]:
    space = laws.compartments[name]
    for k, s in enumerate(space.s):
        for j, r in enumerate(space.ratio):
            yield name, f"{s:.4f}", f"{r:.4f}", f"{space.p_c[k, j] / MMHG:.4f}"


def _shapes(laws: SectionLaws) -> Iterator[tuple[str, ...]]:
    for name, shape in laws.shapes.items():
        columns = (shape.alpha, shape.p, shape.depth, shape.width, shape.touching, shape.dents, shape.gap)
        for a, p, depth, width, touching, dents, gap in zip(*columns, strict=True):
            size = (f"{a:.5f}", f"{p / MMHG:.4f}", f"{1e3 * depth:.4f}", f"{1e3 * width:.4f}")
            yield name, *size, "yes" if touching else "no", str(dents), f"{1e3 * gap:.4f}" if np.isfinite(gap) else ""


def _silent(posture: Mapping[str, Any]) -> dict[str, float]:
    """A posture, its muscles silent, in the columns of the states."""
    pressures = {f"{name} [mmHg]": p for name, p in posture.get("p [mmHg]", {}).items()}
    return {"girth [mm]": posture["girth [mm]"], "hose [mmHg]": posture["hose [mmHg]"]} | pressures


def _closing(laws: SectionLaws) -> Iterator[tuple[str, ...]]:
    """Of each vein and posture the surface pressures H [mmHg] at which it has narrowed by `NARROWED` and at which its walls touch, besides
    the hose's: below nought where that has done it already. Nothing where it is beyond what was computed."""
    for name, shape in laws.shapes.items():
        found = []
        for mmhg in BLOOD.values():
            p = mmhg * MMHG
            found += [(p - shape.narrowing_pressure(p, NARROWED)) / MMHG, (p - shape.closing_pressure()) / MMHG]
        yield (name, *("" if np.isnan(H) else f"{H:.2f}" for H in found))


def _postures(laws: SectionLaws) -> Iterator[tuple[str, ...]]:
    """Area and equivalent diameter 2√(A/π) of each vein."""
    for vein, law in laws.veins.items():
        areas = [found["A [mm2]"][vein] for found in laws.provenance["postures"].values()]
        yield (vein, f"{law.A0 * 1e6:.4f}", *(f"{x:.4f}" for A in areas for x in (A, 2.0 * np.sqrt(A / np.pi))))
