"""Laws of the section for the flow: tables of each vein and of each compartment, interpolated, stored, exported."""

from calfpump.law.algebraic import AlgebraicLaw
from calfpump.law.compartment import CompartmentLaw
from calfpump.law.section_laws import SectionLaws
from calfpump.law.tube_law import TubeLaw

__all__ = ["AlgebraicLaw", "CompartmentLaw", "SectionLaws", "TubeLaw"]
