"""Laws of a section of the user's own: those of the section that it was made from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from own_sections import as_mesh, as_png

from calfpump.anatomy.section_description import load_description
from calfpump.case.tissue import Tissue
from calfpump.mesh import COARSE, SectionMesh, build
from calfpump.section.job import MMHG, Curves, Grid, Job
from calfpump.section.states import ActivationState
from calfpump.section.tissues import coefficients
from calfpump.section.trace import Trace

FEW = Grid(down=(0.75, 0.5, 0.3), up=(1.2,))


def few_points(mesh: SectionMesh) -> Curves:
    """The laws of a mesh at rest at a few area ratios."""
    trace = Trace(Job(mesh, coefficients(mesh, Tissue()), None, ActivationState("rest", {}), FEW), lambda line: None)
    trace.wear()
    return trace.run()


@pytest.fixture(scope="module")
def original() -> Curves:
    return few_points(build(load_description("mid_calf"), resolution=COARSE))


def test_laws_of_a_mesh_that_was_written_and_read_again(original: Curves, tmp_path: Path) -> None:
    """VTU in mm, regions by number, curves found: the same pressures to round-off (measured 3e-11 mmHg)."""
    again = few_points(build(load_description(as_mesh("mid_calf", tmp_path, ".vtu"))))
    assert again.veins == original.veins
    assert np.array_equal(again.alpha, original.alpha)
    assert np.abs(again.pressures - original.pressures).max() < 1e-6 * MMHG
    assert np.abs(again.compartments - original.compartments).max() < 1e-6 * MMHG


def test_laws_of_a_section_that_was_an_image(original: Curves, tmp_path: Path) -> None:
    """Pixels of .3 mm: another mesh, borders off by a tenth of a millimetre, the same veins: pressures within .1 mmHg (measured .04)."""
    again = few_points(build(load_description(as_png("mid_calf", tmp_path)), resolution=COARSE))
    assert again.veins == original.veins
    far = np.abs(again.pressures - original.pressures) / MMHG
    assert far.max() < 0.1, dict(zip(original.veins, far.max(axis=0).round(3), strict=True))
