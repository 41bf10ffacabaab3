"""Air plethysmography of the healthy leg, from the volumes of cases/quickstart.toml."""

from __future__ import annotations

import pytest
from validation_page import Measurement

pytestmark = pytest.mark.slow

SQUEEZED = "in part as the deep compartment is pressed as hard as the soleus, so the tibial and peroneal veins close while the sinuses eject"


def index(quantity: str, measured: str, value: float, unit: str, low: float = float("-inf"), high: float = float("inf"), known: str = "") -> Measurement:
    source = "Christopoulos 1987, J Vasc Surg 5:148"
    return Measurement("air plethysmography", quantity, measured, value, low, high, unit, "cases/quickstart.toml", source, known=known)


def test_venous_volume(quickstart, measured):
    """The baseline here is the lying leg; the method's is the raised one, which holds less, so that the true VV is larger by what lies between."""
    measured(index("venous volume VV", "80–150", quickstart.value("venous volume VV"), "mL", 80.0, 150.0))


def test_venous_filling_index(quickstart, measured):
    measured(index("venous filling index VFI", "< 2", quickstart.value("venous filling index VFI"), "mL/s", high=2.0))


def test_ejected_volume_of_one_tiptoe(quickstart, measured):
    measured(index("ejected volume EV of one tiptoe", "60–150", quickstart.value("ejected volume EV"), "mL", 60.0, 150.0, SQUEEZED))


def test_ejection_fraction_of_one_tiptoe(quickstart, measured):
    measured(index("ejection fraction EF of one tiptoe", "> 60", quickstart.value("ejection fraction EF"), "%", low=60.0, known=SQUEEZED))


def test_residual_volume_fraction_of_ten_tiptoes(quickstart, measured):
    measured(index("residual volume fraction RVF of ten", "< 35", quickstart.value("residual volume fraction RVF"), "%", high=35.0, known=SQUEEZED))
