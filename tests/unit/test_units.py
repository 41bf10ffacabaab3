"""Units of case files: against pint, back and forth, and what is said about wrong ones."""

import math

import pint
import pytest
from hypothesis import given
from hypothesis import strategies as st

from calfpump.case.units import DIMENSIONS, UNITS, UnitError, quantity, show, unit

PINT = pint.UnitRegistry()
#: names that pint writes differently
SPELT = {"°": "degree", "%": "percent", "L": "liter", "mL": "milliliter", "1": "dimensionless", "min": "minute", "h": "hour", "g": "gram", "m": "meter"}
BASE = {"[length]": 0, "[mass]": 1, "[time]": 2}


@pytest.mark.parametrize("symbol", UNITS)
def test_every_unit_is_pints(symbol: str) -> None:
    # pint's mmHg and cmH2O are the conventional ones; it knows no dimension of angle.
    theirs = PINT.Quantity(1.0, SPELT.get(symbol, symbol)).to_base_units()
    assert unit(symbol).factor == pytest.approx(theirs.magnitude, rel=2e-6 if symbol in ("mmHg", "cmH2O") else 1e-12)
    exponents = [0, 0, 0]
    for name, power in theirs.dimensionality.items():
        exponents[BASE[name]] = power
    assert unit(symbol).dimension[:3] == tuple(exponents)


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("28 mmHg", "pressure", 28 * 133.322387415),
        ("5 mmHg/cm", "pressure per length", 5 * 133.322387415 / 0.01),
        ("4 mPa·s", "viscosity", 4e-3),
        ("4 mPa s", "viscosity", 4e-3),
        ("0.004 kPa*ms", "viscosity", 4e-3),
        ("1060 kg/m³", "density", 1060.0),
        ("1060 kg/m^3", "density", 1060.0),
        ("1.06 g/mL", "density", 1060.0),
        ("30 1/min", "rate", 0.5),
        ("3.6 km/h", "speed", 1.0),
        ("+1.5e2 mm", "length", 0.15),
        (".35 L/min", "flow", 0.35e-3 / 60),
        ("180 °", "angle", math.pi),
        ("40 %", "fraction", 0.4),
        ("0.4", "fraction", 0.4),
        ("12 cmH2O", "pressure", 12 * 98.0665),
        ("3 cm2", "area", 3e-4),
    ],
)
def test_quantity(text: str, dimension: str, value: float) -> None:
    assert quantity(text, dimension) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize(
    ("text", "dimension", "said"),
    [
        ("28", "pressure", 'a pressure needs a unit; write "28 mmHg"'),
        ("28 kg", "pressure", '"28 kg" is a mass; a pressure is expected, such as "28 mmHg"'),
        ("28 mmhg", "pressure", 'did you mean "28 mmHg"?'),
        ("28 mm Hg", "pressure", 'did you mean "28 mmHg"?'),
        ("60 sec", "duration", 'did you mean "60 s"?'),
        ("5 kmh", "speed", 'did you mean "5 km/h"?'),
        ("much", "length", "'much' is not a number with a unit"),
        ("1,75 m", "length", "unknown unit ',75 m'"),
        ("5 %", "angle", '"5 %" is a fraction; an angle is expected'),
        ("", "length", "is not a number"),
        ("fast", "fraction", "looks like \"1 %\""),
    ],
)
def test_wrong_quantities_propose_the_right_ones(text: str, dimension: str, said: str) -> None:
    with pytest.raises(UnitError) as error:
        quantity(text, dimension)
    assert said in str(error.value)


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12), st.sampled_from(sorted(DIMENSIONS)))
def test_shown_quantities_read_back_exactly(value: float, dimension: str) -> None:
    assert quantity(show(value, DIMENSIONS[dimension].usual), dimension) == value


def test_shown_for_people() -> None:
    assert show(3733.0268, "mmHg", digits=3) == "28 mmHg"
    assert show(60.0, "s") == "60 s"
