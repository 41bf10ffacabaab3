"""sections/: deformed leg sections for ParaView, and the laws of their veins.

``<section>-<k>.vtu`` holds one state (cell data ``region`` and the state's fields), ``sections.json`` the names: regions, labels, lumen
outlines and pressures. ``<section>-veins.csv`` has one row per vein, activation and area ratio; ``computed``
is 1 within the range that finite elements have reached and 0 where the law is extended.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calfpump.results.series import LawCurves, SectionState

if TYPE_CHECKING:
    from calfpump.results.series import DeformedState, VeinLaw

LAW_COLUMNS = ("vein", "own muscle's shortening [1]", "A/A0 [1]", "A [m^2]", "p - p_c [Pa]", "G [m^4]", "computed [1]")


def write_section(folder: Path, state: DeformedState) -> Path:
    """Add one state to ``folder``; returns its VTU file. States of one section are numbered in the order of writing."""
    import meshio
    import numpy as np

    folder.mkdir(exist_ok=True)
    index = _index(folder)
    path = folder / f"{state.section}-{sum(row['section'] == state.section for row in index)}.vtu"
    points = np.column_stack([state.points, np.zeros(len(state.points))])
    data: dict[str, Any] = {"region": [np.asarray(state.region, dtype=np.int32)]}
    data |= {name: [np.asarray(values)] for name, values in state.fields.items()}
    meshio.Mesh(points, [("triangle", np.asarray(state.triangles))], cell_data=data).write(path)
    index.append(
        {
            "file": path.name,
            "section": state.section,
            "label": state.label,
            "regions": {name: int(tag) for name, tag in state.regions.items()},
            "pressure [Pa]": {name: float(p) for name, p in state.pressure.items()},
            "lumens [m]": {name: np.asarray(outline).tolist() for name, outline in state.lumens.items()},
        }
    )
    (folder / "sections.json").write_text(json.dumps(index, indent=1), encoding="utf-8")
    return path


def _index(folder: Path) -> list[dict[str, Any]]:
    path = folder / "sections.json"
    if not path.is_file():
        return []
    rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return rows


def read_sections(folder: Path) -> list[SectionState]:
    """All states in ``folder``, in the order of writing; empty if there are none."""
    index = _index(folder)
    if not index:
        return []
    import meshio
    import numpy as np

    states = []
    for row in index:
        mesh = meshio.read(folder / row["file"])
        data = {name: values[0] for name, values in mesh.cell_data.items()}
        states.append(
            SectionState(
                section=row["section"],
                label=row["label"],
                points=mesh.points[:, :2],
                triangles=mesh.cells_dict["triangle"],
                region=data.pop("region"),
                regions=row["regions"],
                lumens={name: np.asarray(outline) for name, outline in row["lumens [m]"].items()},
                pressure=row["pressure [Pa]"],
                fields=data,
            )
        )
    return states


def write_laws(folder: Path, section: str, veins: Mapping[str, VeinLaw]) -> Path:
    """Write the laws of a section's veins as one tidy CSV; returns the file."""
    folder.mkdir(exist_ok=True)
    path = folder / f"{section}-veins.csv"
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(LAW_COLUMNS)
        for name, law in veins.items():
            for k, s in enumerate(law.s):
                low, high = (law.alpha[0], law.alpha[-1]) if law.alpha_fe is None else law.alpha_fe[k]
                for i, alpha in enumerate(law.alpha):
                    values = (s, alpha, alpha * law.A0, law.f[k, i], law.G[k, i], low <= alpha <= high)
                    rows.writerow([name, *(repr(float(v)) for v in values)])
    return path


def read_laws(folder: Path) -> dict[str, dict[str, LawCurves]]:
    """Section → vein → law, from every ``*-veins.csv`` in ``folder``."""
    return {path.name.removesuffix("-veins.csv"): _read_veins(path) for path in sorted(folder.glob("*-veins.csv"))}


def _read_veins(path: Path) -> dict[str, LawCurves]:
    import numpy as np

    rows: dict[str, list[list[float]]] = {}
    with open(path, newline="", encoding="utf-8") as file:
        for name, *numbers in list(csv.reader(file))[1:]:
            rows.setdefault(name, []).append([float(v) for v in numbers])
    laws = {}
    for name, values in rows.items():
        table = np.asarray(values)
        s = np.array(list(dict.fromkeys(table[:, 0])))
        s_, alpha, A, f, G, computed = table.T.reshape(6, len(s), -1)
        reached = np.array([[a[c > 0].min(), a[c > 0].max()] if c.any() else [np.nan, np.nan] for a, c in zip(alpha, computed, strict=True)])
        laws[name] = LawCurves(A0=float(A[0, -1] / alpha[0, -1]), alpha=alpha[0], s=s_[:, 0], f=f, G=G, alpha_fe=reached)
    return laws
