"""A section's veins emptied by the solver, without a hose or contraction."""

from __future__ import annotations

from dataclasses import replace

import pytest

from calfpump.case.tissue import Tissue
from calfpump.mesh import SectionMesh
from calfpump.section.job import GRIDS, MMHG, Job
from calfpump.section.states import ActivationState
from calfpump.section.tissues import coefficients
from calfpump.section.trace import Trace


def emptied(mesh: SectionMesh, tissue: Tissue, alpha: float) -> float:
    """Pressure [mmHg] of the first vein at the area ratio `alpha`, all veins at it."""
    grid = replace(GRIDS["coarse"], down=tuple(a for a in GRIDS["coarse"].down if a >= alpha), up=(1.06,))
    trace = Trace(Job(mesh, coefficients(mesh, tissue), None, ActivationState("rest", {}), grid), lambda line: None)
    trace.wear()
    curves = trace.run()
    assert curves.alpha[0] == pytest.approx(alpha)
    return float(curves.pressures[0, 0]) / MMHG
