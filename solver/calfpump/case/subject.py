"""[subject]: the person."""

from __future__ import annotations

from typing import Annotated

from calfpump.case.fields import Quantity, Table, key


class Subject(Table):
    """The person: heights of the leg scale with stature, plantar load with mass."""

    stature: Annotated[float, Quantity("length", "m", low=1.2, high=2.3)] = key("1.75 m", "body height", "adult reference")
    mass: Annotated[float, Quantity("mass", "kg", low=30, high=250)] = key("75 kg", "body mass", "adult reference")
