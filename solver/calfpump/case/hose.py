"""[hose]: a compression stocking by standard and class, or by its pressures at the measuring points.

Points: B ankle, B1 above it, C maximum calf, D below the knee, F mid-thigh, G upper thigh (RAL-GZ 387).
A class stands for the midpoint of its range at B, an open range for one mmHg inside its limit, on the girth for which the hose was knitted.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictStr, model_validator

from calfpump.case.fields import Pressure, Quantity, Table, by_preset, key, problem
from calfpump.case.units import UNITS, quantity

#: Pressure at the ankle [mmHg] of each standard's classes: the range (low, high), None where it is open.
STANDARDS: dict[str, dict[str, tuple[float, float | None]]] = {
    "RAL": {"I": (18, 21), "II": (23, 32), "III": (34, 46), "IV": (49, None)},  # RAL-GZ 387
    "CEN": {"A": (10, 14), "I": (15, 21), "II": (23, 32), "III": (34, 46), "IV": (49, None)},  # CEN/TS 15831, ENV 12718
    "BS": {"I": (14, 17), "II": (18, 24), "III": (25, 35)},  # BS 6612, Drug Tariff
    "ASQUAL": {"I": (10, 15), "II": (15, 20), "III": (20, 36), "IV": (36, None)},  # France
    "USA": {"I": (15, 20), "II": (20, 30), "III": (30, 40), "IV": (40, 50)},  # by habit
}

Point = Literal["B", "B1", "C", "D", "F", "G"]
MMHG = UNITS["mmHg"].factor

#: Default profile, share of the pressure at B; C / B1 = .72 was measured, D, F and G are assumptions inside the standards' residuals.
PROFILE: dict[Point, float] = {"B": 1.0, "B1": 0.90, "C": 0.72, "D": 0.65, "F": 0.50, "G": 0.40}
#: fabric → (rise of pressure with girth, source)
STIFFNESS = {
    "elastic": ("5 mmHg/cm", "5 to 6 mmHg/cm measured at C"),
    "inelastic": ("40 mmHg/cm", "about eight times an elastic stocking's: assumption, a sweep axis"),
}
KNEE: tuple[Point, ...] = ("B", "B1", "C", "D")


Angle = Annotated[float, Quantity("angle", "°", low=-360, high=360)]


class Pad(Table):
    """A pad under the hose: thickest in its middle, thinning out as a squared cosine."""

    angle: Angle = key(..., "direction of its middle from the middle of the section, against the x axis (the outer side of a right leg), 90° in front")
    width: Annotated[float, Quantity("length", "mm", low=5, high=300)] = key("60 mm", "along the skin")
    height: Annotated[float, Quantity("length", "mm", above=0, high=50)] = key("10 mm", "thickness in the middle")


class Arc(Table):
    """A part of the skin that is pressed on, as by one of two plates."""

    angle: Angle = key(..., "direction of its middle, as for a pad")
    width: Annotated[float, Quantity("angle", "°", above=0, high=360)] = key("60 °", "seen from the middle of the section")


class Hose(Table):
    """A compression stocking; without this table, or with class "none", the leg wears none."""

    standard: Literal["RAL", "CEN", "BS", "ASQUAL", "USA", "none"] | None = key(
        None, "the standard whose classes are meant", "RAL-GZ 387; CEN/TS 15831; BS 6612; ASQUAL; USA by habit"
    )
    class_: Literal["A", "I", "II", "III", "IV", "none"] | None = key(None, "class of the standard; resolved into `pressure`", alias="class")
    pressure: dict[Point, Pressure] = Field(
        default={}, description="instead of a class: pressure at the points B, B1, C, D, F, G; missing points follow the default profile"
    )
    length: Literal["knee", "thigh"] = key("knee", "how far up the hose goes")
    mode: Literal["sliding", "bonded", "uniform"] = key(
        "sliding",
        "sliding: one tension all round, pressure from curvature; bonded: the fabric sticks to the skin; uniform: one pressure all round, or on `arcs`",
    )
    fabric: Literal["elastic", "inelastic"] = key("elastic", "an elastic stocking, or a short-stretch (inelastic) bandage; sets the stiffness")
    stiffness: Annotated[float, Quantity("pressure per length", "mmHg/cm", above=0, high=1000)] = by_preset("rise of pressure with girth at C")
    pads: tuple[Pad, ...] = Field(default=(), description="pads under a sliding hose, which raise curvature and so pressure")
    arcs: tuple[Arc, ...] = Field(default=(), description="where a uniform pressure presses: one- or two-sided compression (Dai 1999); without them all round")
    name: StrictStr = key("", "what reports call it; by default standard and class")

    @property
    def worn(self) -> bool:
        """Whether there is a hose at all."""
        return "none" not in (self.standard, self.class_)

    @model_validator(mode="after")
    def _resolve(self) -> Hose:
        if "stiffness" not in self.model_fields_set:
            object.__setattr__(self, "stiffness", quantity(STIFFNESS[self.fabric][0], "pressure per length"))
        if not self.worn:
            return self
        if what := self._ambiguity():
            raise problem(what)
        given, name = dict(self.pressure), self.name
        if self.standard and self.class_:
            if self.class_ not in STANDARDS[self.standard]:
                raise problem(f"{self.standard} has no class {self.class_} (it has {', '.join(STANDARDS[self.standard])})")
            given = {"B": ankle_pressure(self.standard, self.class_)}
            name = name or f"{self.standard} {self.class_}"
        if self.length == "knee" and (above := [point for point in given if point not in KNEE]):
            raise problem(f'a hose that ends at the knee has no pressure at {" and ".join(above)}; length = "thigh" is meant?')
        points = KNEE if self.length == "knee" else tuple(PROFILE)
        first = next(point for point in PROFILE if point in given)
        full = given[first] / MMHG / PROFILE[first]
        for attribute, value in (
            ("pressure", {point: given.get(point, round(full * PROFILE[point], 6) * MMHG) for point in points}),
            ("name", name or f"{given[first] / MMHG:.0f} mmHg"),
            ("standard", None),
            ("class_", None),
        ):
            object.__setattr__(self, attribute, value)
        return self

    def _ambiguity(self) -> str:
        if self.pressure and (self.class_ or self.standard):
            return "give either standard and class, or pressure, not both"
        if self.class_ and not self.standard:
            return f'a class is ambiguous without its standard; add standard = "RAL" (or one of {", ".join(STANDARDS)})'
        if self.arcs and self.mode != "uniform":
            return 'arcs are pressed on by mode = "uniform" only'
        if self.pads and self.mode != "sliding":
            return 'pads raise the pressure of a fabric that slides: mode = "sliding"'
        if not self.pressure and not self.class_:
            return 'give a standard and a class (standard = "RAL", class = "II") or a pressure (pressure = {B = "28 mmHg"})'
        return ""


def ankle_pressure(standard: str, grade: str) -> float:
    """Pressure at B [Pa] for which a class stands: the midpoint of its range, or one mmHg above an open limit."""
    low, high = STANDARDS[standard][grade]
    return MMHG * ((low + high) / 2 if high is not None else low + 1)
