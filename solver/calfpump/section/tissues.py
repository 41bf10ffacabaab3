"""From the tissue moduli of a case to the coefficients of a section's equations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from calfpump.case.tissue import Tissue
    from calfpump.mesh import SectionMesh


@dataclass(frozen=True)
class Coefficients:
    """Arguments of :class:`~calfpump.section.system.System`: `mu` [Pa], `inverse_kappa` [1/Pa] by region, `membranes` E t [N/m] by
    curve, `penalty` [Pa/m] of self-contact by vein; and `eta` [Pa/m²] with which a relaxation begins."""

    mu: dict[str, float]
    inverse_kappa: dict[str, float]
    membranes: dict[str, float]
    penalty: dict[str, float]
    eta: float


#: Contact penalty in units of E′/R (plane-strain modulus of the wall over the mean radius of the lumen): 1 to 6 is right (measured).
PENALTY = 3.0
#: Floor of the penalty [Pa/m]: walls of soft veins overlap by less than 30 µm under 150 mmHg.
LEAST_PENALTY = 7e8


def coefficients(mesh: SectionMesh, tissue: Tissue) -> Coefficients:
    """Incompressible tissues (1/κ = 0), walls of μ = E/3, skin a membrane of E t = 3 μ t."""
    moduli = {"muscle": tissue.muscle_mu, "fat": tissue.fat_mu, "pad": tissue.pad_mu, "capsule": tissue.capsule_mu}
    mu = {}
    for region in mesh.regions:
        if region.startswith("wall_"):
            mu[region] = tissue.wall_E / 3.0
        elif region.startswith("sheath_"):
            mu[region] = tissue.sheath_mu
        else:
            mu[region] = moduli[mesh.tissue_of(region)]
    radius = {vein.name: (vein.area / 3.141592653589793) ** 0.5 for vein in mesh.veins}
    plane = tissue.wall_E * 4.0 / 3.0
    # pressure that flattens a ring, K = E′h³/12R³, over wall thickness and radius: the body force that would hold it
    ring = sorted(plane * (vein.wall / radius[vein.name]) ** 3 / 12.0 / (vein.wall * radius[vein.name]) for vein in mesh.veins)
    return Coefficients(
        mu=mu,
        inverse_kappa=dict.fromkeys(mesh.regions, 0.0),
        membranes={
            "skin": 3.0 * tissue.skin_mu * tissue.skin_thickness,
            "fascia": tissue.fascia_E * tissue.fascia_thickness,
            "septum": tissue.septum_E * tissue.septum_thickness,
        },
        penalty={name: max(PENALTY * plane / r, LEAST_PENALTY) for name, r in radius.items()},
        eta=10.0 * ring[len(ring) // 2],
    )
