"""The mesh of a case's section with its veins stress free: sizes that were measured in a posture are found once, then kept."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from calfpump.case import Case
from calfpump.law import store

if TYPE_CHECKING:
    from calfpump.anatomy.own_section import Description
    from calfpump.mesh import SectionMesh


def with_stress_free_veins(case: Case, description: Description, drawn: SectionMesh, progress: Callable[[str], None] | None) -> SectionMesh:
    """The section meshed anew with the stress-free areas of those veins of `drawn` that have a posture; `drawn` itself if none has.

    Raises
    ------
    SolveError
        A size cannot be met.
    """
    if not any(vein.posture for vein in drawn.veins):
        return drawn
    from calfpump.mesh import RESOLUTIONS, build
    from calfpump.section.stress_free import Measured, stress_free_areas

    measured = {vein.name: Measured(vein.posture, vein.area) for vein in drawn.veins if vein.posture}
    resolution = RESOLUTIONS[case.numerics.quality]
    inputs = {"stress-free areas of": description.content(), "tissue": case.tissue.model_dump(), "quality": case.numerics.quality}
    path = store.folder() / f"{store.key(inputs)}.areas.json"
    try:
        A0 = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        A0 = stress_free_areas(lambda A0: build(description, resolution=resolution, A0=A0), measured, case.tissue, progress)
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(f".{os.getpid()}")
        aside.write_text(json.dumps(A0), encoding="utf-8")
        os.replace(aside, path)
    return build(description, resolution=resolution, A0=A0)
