"""[tissue]: stiffness of the section's tissues.

Shear moduli μ are those at low strain, of neo-Hookean matter unless C01, C11 or a stiffening are given; Poisson's ratio 0.5 is exactly
incompressible. Membranes (skin, fascia, septum) carry tension only, with E·t per width.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import model_validator

from calfpump.case.fields import Modulus, Quantity, StiffModulus, Table, Thickness, by_preset, key, problem

#: preset → key → (value as a file writes it, source and caveat)
PRESETS: dict[str, dict[str, tuple[str, str]]] = {
    "soft": {
        "muscle_mu": ("1 kPa", "MR elastography of the buttock at 50 Hz; .7 kPa in Wang 2013; the literature spans .7 to 26 kPa"),
        "muscle_C01": ("0 kPa", "neo-Hookean"),
        "muscle_C11": ("0 kPa", "neo-Hookean"),
        "fat_mu": ("0.75 kPa", "MR elastography of the buttock at 50 Hz"),
        "pad_mu": ("5 kPa", "heel pad, Ogden μ 1.08 kPa and α 9.78 (Chokhandre 2012, J Biomech Eng 134:031002): same stress at 30 % compression"),
        "capsule_mu": ("100 kPa", "joint capsule across its fibres: order of magnitude, assumption"),
        "skin_mu": ("100 kPa", "order of magnitude, assumption; membrane E = 3 μ"),
        "skin_thickness": ("1.5 mm", "1.2 to 2 mm, textbook"),
        "sheath_mu": ("0.4 kPa", "loose tissue around a vein, .1 to 1 kPa by assumption: calibrated with wall_E, a sweep axis"),
        "wall_E": ("50 kPa", "low-strain modulus of a vein's wall, 20 to 1000 kPa: calibrated with sheath_mu to Partsch 2005 (docs/tissues.md), a sweep axis"),
        "fascia_E": ("30 MPa", "transverse modulus of deep fascia, .6 to 42 MPa in the literature: calibrated to the soleus pressure in walking"),
        "fascia_thickness": ("0.92 mm", "crural fascia, measured"),
        "septum_E": ("10 MPa", "as the fascia: assumption"),
        "septum_thickness": ("0.5 mm", "assumption"),
    },
    "stiff": {
        "muscle_mu": ("5.5 kPa", "Affagard 2015, thigh in vivo, 3.5 to 7.5 kPa"),
        "muscle_C01": ("0 kPa", "neo-Hookean"),
        "muscle_C11": ("0 kPa", "neo-Hookean"),
        "fat_mu": ("1.5 kPa", "twice the soft value: assumption"),
        "pad_mu": ("13 kPa", "heel pad as in soft, the same stress at 40 % compression"),
        "capsule_mu": ("100 kPa", "joint capsule across its fibres: order of magnitude, assumption"),
        "skin_mu": ("100 kPa", "order of magnitude, assumption; membrane E = 3 μ"),
        "skin_thickness": ("1.5 mm", "1.2 to 2 mm, textbook"),
        "sheath_mu": ("0.5 kPa", "loose tissue around a vein: assumption, a sweep axis"),
        "wall_E": ("50 kPa", "as soft: assumption, a sweep axis"),
        "fascia_E": ("40 MPa", "upper end of .6 to 42 MPa: assumption"),
        "fascia_thickness": ("0.92 mm", "crural fascia, measured"),
        "septum_E": ("20 MPa", "as the fascia: assumption"),
        "septum_thickness": ("0.5 mm", "assumption"),
    },
}

PRESETS["Wang 2013"] = PRESETS["soft"] | {
    "muscle_mu": ("0.698 kPa", "Wang 2013: 2 (C10 + C01), C10 1310 Pa"),
    "muscle_C01": ("-0.961 kPa", "Wang 2013; negative: only for incompressible muscle"),
    "muscle_C11": ("0.886 kPa", "Wang 2013"),
}

Poisson = Annotated[float, Quantity("fraction", "1", low=0.35, high=0.5)]
Constant = Annotated[float, Quantity("pressure", "kPa", low=-100, high=100)]
Toe = Annotated[float, Quantity("fraction", "1", low=1e-4, high=0.5)]

class Tissue(Table):
    """Stiffness of the section's tissues: a preset, and any value of it replaced."""

    preset: Literal["soft", "stiff", "Wang 2013"] = key(
        "soft", 'a relaxed calf ("soft"), a firm one ("stiff"), or the soft one with Mooney-Rivlin muscle ("Wang 2013")'
    )
    muscle_mu: Modulus = by_preset("shear modulus of muscle at low strain")
    muscle_C01: Constant = by_preset("Mooney-Rivlin constant C01 of muscle, C10 = muscle_mu/2 - C01")
    muscle_C11: Constant = by_preset("constant C11 of muscle, of the term (I1 - 3)(I2 - 3)")
    muscle_poisson: Poisson = key(0.5, "Poisson's ratio of muscle", "0.35 in Avril 2010 with 19 to 26 kPa; 0.5: no volume leaves the muscle")
    fat_poisson: Poisson = key(0.5, "Poisson's ratio of fat")
    sheath_poisson: Poisson = key(
        0.5, "Poisson's ratio of the veins' sheaths", "an assumption that halves or doubles the pressure at which a vein in firm muscle collapses"
    )
    wall_poisson: Poisson = key(0.5, "Poisson's ratio of the veins' walls")
    fat_mu: Modulus = by_preset("shear modulus of subcutaneous fat")
    pad_mu: Modulus = by_preset("shear modulus of the sole's fat pad")
    capsule_mu: Modulus = by_preset("shear modulus of joint capsules and ligaments")
    skin_mu: Modulus = by_preset("shear modulus of skin")
    skin_thickness: Thickness = by_preset("thickness of skin")
    sheath_mu: Modulus = by_preset("shear modulus of the loose sheath around each vein")
    wall_E: Modulus = by_preset("Young's modulus of the veins' walls at low strain (μ = E/3)")
    wall_stiffening: Annotated[float, Quantity("fraction", "1", low=0, high=50)] = key(
        4.0,
        "the wall's modulus grows as exp[wall_stiffening (λ - 1/λ)²] with its stretch λ; 0: neo-Hookean",
        "form: Demiray 1972, J Biomech 5:309; 4: of the 2 to 6 that the distension measured by Moreno 1970, Circ Res 27:1069, allows",
    )
    fascia_E: StiffModulus = by_preset("transverse Young's modulus of the crural fascia")
    fascia_thickness: Thickness = by_preset("thickness of the crural fascia")
    fascia_toe: Toe = key(0.002, "stretch over which the wavy fascia becomes taut", "0.002 keeps the solver smooth; 0.05 and more: real waviness, assumption")
    septum_E: StiffModulus = by_preset("Young's modulus of the intermuscular septa")
    septum_thickness: Thickness = by_preset("thickness of the septa")
    septum_toe: Toe = key(0.002, "stretch over which the septa become taut")

    @model_validator(mode="after")
    def _fill(self) -> Tissue:
        from calfpump.case.units import quantity

        for name, (text, _) in PRESETS[self.preset].items():
            if getattr(self, name) is None:
                dimension = "length" if name.endswith("thickness") else "pressure"
                object.__setattr__(self, name, quantity(text, dimension))
        self._check_mooney_rivlin()
        return self

    def _check_mooney_rivlin(self) -> None:
        if self.muscle_C01 < 0.0 and self.muscle_poisson < 0.5:
            raise problem(
                "muscle_C01 < 0 is unstable where muscle may change its volume (muscle_poisson < 0.5); in incompressible plane strain it is harmless: "
                "use muscle_poisson = 0.5, or muscle_C01 = \"0 kPa\" with the same muscle_mu"
            )
        if self.muscle_C11 < 0.0:
            raise problem("muscle_C11 < 0 makes muscle softer the more it is strained, and unstable; give 0 or more")
        ratio = self.muscle_poisson / max(1.0 - 2.0 * self.muscle_poisson, 1e-12)
        if self.muscle_poisson < 0.5 and 2.0 * self.muscle_mu * ratio <= 4.0 * self.muscle_C01 + 16.0 * self.muscle_C11:
            raise problem("muscle_poisson is less than muscle_C01 and muscle_C11 allow; raise muscle_poisson, or lower the constants")
