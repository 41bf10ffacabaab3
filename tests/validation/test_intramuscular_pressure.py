"""How much of a garment's pressure on the skin reaches the muscles of a lying leg.

Murthy et al. 1994 (Ann Vasc Surg 8:543): an elastic stocking of 20 mmHg raises the pressure in the soleus from 8 to 25 and in the tibialis anterior from
11 to 28 mmHg, .85 of it; an inelastic wrap of 13 mmHg, .69 of it.
"""

from __future__ import annotations

import numpy as np
import pytest

from calfpump.anatomy.section_description import load_description
from calfpump.case.tissue import Tissue
from calfpump.mesh import COARSE, build
from calfpump.section import measure
from calfpump.section.job import GRIDS, Job, WornHose
from calfpump.section.states import ActivationState
from calfpump.section.tissues import coefficients
from calfpump.section.trace import Trace

MMHG = 133.322387415
PER_CM = MMHG / 0.01


def lying(hose: WornHose | None) -> tuple[dict[str, float], float]:
    """Pressure [Pa] in every compartment and mean of the hose, with 10 mmHg in every vein."""
    mesh = build(load_description("mid_calf"), resolution=COARSE)
    trace = Trace(Job(mesh, coefficients(mesh, Tissue()), hose, ActivationState("rest", {}), GRIDS["coarse"]), lambda line: None)
    trace.wear()
    trace.take({"supine"})
    pressures = measure.compartment_pressures(trace.equilibrium, mesh, trace.names)
    return dict(zip(trace.names, (float(p) for p in pressures), strict=True)), measure.hose_pressure(trace.equilibrium)


@pytest.mark.study
@pytest.mark.xfail(
    reason="incompressible tissue passes the mean pressure on in full (computed 1.09 in the soleus), and the fabric presses harder where the leg is "
    "more curved: 1.32 of its mean in the anterior compartment. In life a part is lost: compressible fat, or blood that leaves the muscle",
    strict=True,
)
@pytest.mark.parametrize(("p", "stiffness", "share"), [(20.0, 5.0, 0.85), (13.0, 40.0, 0.69)], ids=["elastic", "inelastic"])
def test_share_that_reaches_the_muscles(p: float, stiffness: float, share: float) -> None:
    """Within .1 of the measured share in both muscles."""
    bare, _ = lying(None)
    worn, surface = lying(WornHose(p * MMHG, stiffness * PER_CM, "sliding"))
    found = np.array([(worn[muscle] - bare[muscle]) / surface for muscle in ("soleus", "anterior")])
    assert np.abs(found - share).max() < 0.1, f"shares in soleus and anterior compartment: {np.round(found, 2)}"
