"""The leg's cross-section in finite elements: from a section mesh to the tube laws of its veins. The only package that imports dolfinx."""

from __future__ import annotations

from calfpump.section.characterise import characterise
from calfpump.section.errors import SectionError
from calfpump.section.states import ActivationState, activation_states

__all__ = ["ActivationState", "SectionError", "activation_states", "characterise"]
