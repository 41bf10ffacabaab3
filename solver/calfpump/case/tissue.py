"""[tissue]: stiffness of the section's tissues.

Shear moduli μ are of incompressible neo-Hookean matter; membranes (skin, fascia, septum) carry tension only, with E·t per width.
"""

from __future__ import annotations

from typing import Literal

from pydantic import model_validator

from calfpump.case.fields import Modulus, StiffModulus, Table, Thickness, by_preset, key

#: preset → key → (value as a file writes it, source and caveat)
PRESETS: dict[str, dict[str, tuple[str, str]]] = {
    "soft": {
        "muscle_mu": ("1 kPa", "MR elastography of the buttock at 50 Hz; .7 kPa in Wang 2013; the literature spans .7 to 26 kPa"),
        "fat_mu": ("0.75 kPa", "MR elastography of the buttock at 50 Hz"),
        "pad_mu": ("5 kPa", "heel pad, Ogden μ 1.08 kPa and α 9.78 (Chokhandre 2012, J Biomech Eng 134:031002): same stress at 30 % compression"),
        "capsule_mu": ("100 kPa", "joint capsule across its fibres: order of magnitude, assumption"),
        "skin_mu": ("100 kPa", "order of magnitude, assumption; membrane E = 3 μ"),
        "skin_thickness": ("1.5 mm", "1.2 to 2 mm, textbook"),
        "sheath_mu": ("0.15 kPa", "loose tissue around a vein: assumption, a sweep axis"),
        "wall_E": ("240 kPa", "low-strain modulus of a vein's wall, 20 to 1000 kPa: assumption, a sweep axis"),
        "fascia_E": ("30 MPa", "transverse modulus of deep fascia, .6 to 42 MPa in the literature: calibrated to the soleus pressure in walking"),
        "fascia_thickness": ("0.92 mm", "crural fascia, measured"),
        "septum_E": ("10 MPa", "as the fascia: assumption"),
        "septum_thickness": ("0.5 mm", "assumption"),
    },
    "stiff": {
        "muscle_mu": ("5.5 kPa", "Affagard 2015, thigh in vivo, 3.5 to 7.5 kPa"),
        "fat_mu": ("1.5 kPa", "twice the soft value: assumption"),
        "pad_mu": ("13 kPa", "heel pad as in soft, the same stress at 40 % compression"),
        "capsule_mu": ("100 kPa", "joint capsule across its fibres: order of magnitude, assumption"),
        "skin_mu": ("100 kPa", "order of magnitude, assumption; membrane E = 3 μ"),
        "skin_thickness": ("1.5 mm", "1.2 to 2 mm, textbook"),
        "sheath_mu": ("0.5 kPa", "loose tissue around a vein: assumption, a sweep axis"),
        "wall_E": ("240 kPa", "low-strain modulus of a vein's wall, 20 to 1000 kPa: assumption, a sweep axis"),
        "fascia_E": ("40 MPa", "upper end of .6 to 42 MPa: assumption"),
        "fascia_thickness": ("0.92 mm", "crural fascia, measured"),
        "septum_E": ("20 MPa", "as the fascia: assumption"),
        "septum_thickness": ("0.5 mm", "assumption"),
    },
}


class Tissue(Table):
    """Stiffness of the section's tissues: a preset, and any value of it replaced."""

    preset: Literal["soft", "stiff"] = key("soft", 'a relaxed calf ("soft") or a firm one ("stiff")')
    muscle_mu: Modulus = by_preset("shear modulus of muscle")
    fat_mu: Modulus = by_preset("shear modulus of subcutaneous fat")
    pad_mu: Modulus = by_preset("shear modulus of the sole's fat pad")
    capsule_mu: Modulus = by_preset("shear modulus of joint capsules and ligaments")
    skin_mu: Modulus = by_preset("shear modulus of skin")
    skin_thickness: Thickness = by_preset("thickness of skin")
    sheath_mu: Modulus = by_preset("shear modulus of the loose sheath around each vein")
    wall_E: Modulus = by_preset("Young's modulus of the veins' walls (incompressible: μ = E/3)")
    fascia_E: StiffModulus = by_preset("transverse Young's modulus of the crural fascia")
    fascia_thickness: Thickness = by_preset("thickness of the crural fascia")
    septum_E: StiffModulus = by_preset("Young's modulus of the intermuscular septa")
    septum_thickness: Thickness = by_preset("thickness of the septa")

    @model_validator(mode="after")
    def _fill(self) -> Tissue:
        from calfpump.case.units import quantity

        for name, (text, _) in PRESETS[self.preset].items():
            if getattr(self, name) is None:
                dimension = "length" if name.endswith("thickness") else "pressure"
                object.__setattr__(self, name, quantity(text, dimension))
        return self
