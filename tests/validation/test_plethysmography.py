"""Air plethysmography of the healthy leg (Christopoulos 1987): VV 80-150 mL, VFI < 2 mL/s, EF > 60 %, RVF < 35 %.

The run's baseline is the supine leg; the method's is the elevated one, which holds less, so that the true VV is larger by what lies between.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.slow

SQUEEZED = "computed {}, in part as the deep compartment is pressed as hard as the soleus, so the tibial and peroneal veins close while the sinuses eject"


def test_venous_volume(quickstart):
    assert 80.0 < quickstart.value("venous volume VV") < 150.0


def test_venous_filling_index(quickstart):
    assert quickstart.value("venous filling index VFI") < 2.0


@pytest.mark.xfail(reason=SQUEEZED.format("21 %"))
def test_ejection_fraction_of_one_tiptoe(quickstart):
    assert quickstart.value("ejection fraction EF") > 60.0


@pytest.mark.xfail(reason=SQUEEZED.format("65 %"))
def test_residual_volume_fraction_of_ten_tiptoes(quickstart):
    assert quickstart.value("residual volume fraction RVF") < 35.0
