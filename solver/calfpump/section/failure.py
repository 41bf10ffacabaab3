"""The last good state of a section that could go no further, written to be looked at."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from calfpump.cache import cache
from calfpump.law.section_laws import DeformedSection


def picture(state: DeformedSection) -> Path:
    """Write the deformed section as .vtu into the folder ``failed`` beside the laws that are kept; returns the file."""
    import meshio

    folder = cache() / "failed"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ("-".join(f"{state.section} {state.label}".replace(",", "").split()) + ".vtu")
    points = np.column_stack([state.points, np.zeros(len(state.points))])
    data = {"region": [np.asarray(state.region, dtype=np.int32)]} | {name: [np.asarray(v)] for name, v in state.fields.items()}
    meshio.Mesh(points, [("triangle", np.asarray(state.triangles))], cell_data=data).write(path)
    return path
