"""From the tissue moduli of a case to the coefficients of a section's equations."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calfpump.case.tissue import Tissue
    from calfpump.mesh import SectionMesh


@dataclass(frozen=True)
class Coefficients:
    """Arguments of :class:`~calfpump.section.system.System`: `mu` [Pa], `inverse_kappa` [1/Pa], `c01`, `c11` [Pa] and `stiffening` [1] by region,
    `membranes` E t [N/m] and their `toe` strain by curve, `penalty` [Pa/m] of self-contact by vein."""

    mu: dict[str, float]
    inverse_kappa: dict[str, float]
    membranes: dict[str, float]
    penalty: dict[str, float]
    c01: dict[str, float] = field(default_factory=dict)
    c11: dict[str, float] = field(default_factory=dict)
    stiffening: dict[str, float] = field(default_factory=dict)
    toe: dict[str, float] = field(default_factory=dict)

    def of_system(self) -> dict[str, Any]:
        """The keywords with which a `System` is made."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


#: Contact penalty in units of E′/R (plane-strain modulus of the wall over the mean radius of the lumen).
PENALTY = 3.0
#: Floor of the penalty [Pa/m], which rules for walls softer than 230 kPa: walls overlap by less than 30 µm under 150 mmHg. Twice as much moves p of the
#: mid-calf's deep veins at rest by .01 mmHg down to α = .13 and .2 (of −16) to .06, of the saphenous veins by .14 and 1.1 (of −41) (measured).
LEAST_PENALTY = 7e8


def inverse_bulk_modulus(mu: float, nu: float, c01: float = 0.0, c11: float = 0.0) -> float:
    """1/κ [1/Pa] of the pressure unknown for Poisson's ratio ν at low strain: κ = 2μν/(1 − 2ν) − 4C₀₁ − 16C₁₁ (first Lamé constant); 0 for ν = ½.

    Raises
    ------
    ValueError
        The constants alone resist a change of volume more than ν says.
    """
    if nu >= 0.5:
        return 0.0
    kappa = 2.0 * mu * nu / (1.0 - 2.0 * nu) - 4.0 * c01 - 16.0 * c11
    if kappa <= 0.0:
        raise ValueError(f"Poisson's ratio {nu:g} is less than C01 and C11 allow with a shear modulus of {mu / 1e3:g} kPa")
    return 1.0 / kappa


def coefficients(mesh: SectionMesh, tissue: Tissue) -> Coefficients:
    """Walls of μ = E/3 at low strain; skin a membrane of E t = 3 μ t; incompressible (1/κ = 0) where Poisson's ratio is ½."""
    kind = {region: _kind(region, mesh) for region in mesh.regions}
    mu = {
        "wall": tissue.wall_E / 3.0, "sheath": tissue.sheath_mu, "fat": tissue.fat_mu, "muscle": tissue.muscle_mu,
        "pad": tissue.pad_mu, "capsule": tissue.capsule_mu,
    }  # fmt: skip
    nu = {"wall": tissue.wall_poisson, "sheath": tissue.sheath_poisson, "fat": tissue.fat_poisson, "muscle": tissue.muscle_poisson}
    mixed = {"muscle": (tissue.muscle_C01, tissue.muscle_C11)}
    radius = {vein.name: (vein.area / 3.141592653589793) ** 0.5 for vein in mesh.veins}
    plane = tissue.wall_E * 4.0 / 3.0
    return Coefficients(
        mu={region: mu[k] for region, k in kind.items()},
        inverse_kappa={region: inverse_bulk_modulus(mu[k], nu.get(k, 0.5), *mixed.get(k, (0.0, 0.0))) for region, k in kind.items()},
        membranes={
            "skin": 3.0 * tissue.skin_mu * tissue.skin_thickness,
            "fascia": tissue.fascia_E * tissue.fascia_thickness,
            "septum": tissue.septum_E * tissue.septum_thickness,
        },
        penalty={name: max(PENALTY * plane / r, LEAST_PENALTY) for name, r in radius.items()},
        c01={region: tissue.muscle_C01 for region, k in kind.items() if k == "muscle"},
        c11={region: tissue.muscle_C11 for region, k in kind.items() if k == "muscle"},
        stiffening={region: tissue.wall_stiffening for region, k in kind.items() if k == "wall"},
        toe={"fascia": tissue.fascia_toe, "septum": tissue.septum_toe},
    )


def _kind(region: str, mesh: SectionMesh) -> str:
    return region.partition("_")[0] if region.startswith(("wall_", "sheath_")) else mesh.tissue_of(region)
