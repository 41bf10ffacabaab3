"""How much of a garment's pressure on the skin reaches the muscles of a lying leg, from the laws of cases/compression/murthy_1994_*.toml."""

from __future__ import annotations

import pytest
from stocking_cases import at_rest, share_inside
from validation_page import Measurement

from calfpump.law import SectionLaws

pytestmark = pytest.mark.slow

PASSED_ON = (
    "incompressible tissue passes the mean pressure on in full, and the fabric presses harder where the leg is more curved, as over the anterior "
    "compartment. In life a part is lost: compressible fat, or blood that leaves the muscle"
)


@pytest.mark.parametrize(("garment", "share"), [("elastic", 0.85), ("inelastic", 0.69)])
def test_share_that_reaches_the_muscles(garment: str, share: float, quickstart, measured) -> None:
    """Of the mean pressure on the skin the share by which a muscle's pressure rises, lying: within .1. An elastic stocking of 20 mmHg raised it from 8 to
    25 in the soleus and from 11 to 28 mmHg in the tibialis anterior; an inelastic wrap of 13 mmHg by less of its own."""
    case = f"cases/compression/murthy_1994_{garment}.toml"
    inside = share_inside(at_rest(case), SectionLaws.load(quickstart.folder / "sections" / "mid_calf.npz"))
    measured(*(
        Measurement("pressure under a garment inside the muscles", f"share in the {name}, {garment}", f"{share:g}", inside[muscle],
                    share - 0.1, share + 0.1, case=case, source="Murthy et al. 1994, Ann Vasc Surg 8:543", known=PASSED_ON)
        for name, muscle in (("soleus", "soleus"), ("tibialis anterior", "anterior"))
    ))  # fmt: skip
