"""Which law each vein of the leg follows, and which pressure its compartment has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.anatomy.leg import Leg, LegVessel
from calfpump.anatomy.muscles import DEEP_SHARE
from calfpump.case import Case
from calfpump.law import AlgebraicLaw, CompartmentLaw, SectionLaws, TubeLaw

Array = NDArray[np.floating[Any]]

# Pulse-wave speed at the stress-free area: 3 m/s up to .8 mm radius, 1 m/s from 8 mm on, linear between; exponents 10 and −1.5
# (Müller & Toro 2014, IJNMBE 30:681).
M, N = 10.0, -1.5
C0_RADII, C0_SPEEDS = (0.8e-3, 8.0e-3), (3.0, 1.0)

# Radius and fascial stiffness of the calf as one disc within its fascia, for the compartment pressure of the algebraic law.
CALF_RADIUS = 0.0455
SHORTENING_AXIS = np.array([0.0, 0.01, 0.02, 0.04, 0.06, 0.09, 0.12, 0.16, 0.20, 0.25, 0.30])
# Of the soleus pressure, in the deep posterior compartment: starting value of the 0D study, where the full pressure shut the outflow.
DEEP_PRESSURE = 0.5
MUSCLES = ("soleus", "gastrocnemius", "deep_posterior", "anterior", "lateral")


@dataclass(frozen=True)
class LegLaws:
    """The law of each vessel by its name, and of each muscle compartment."""

    vessels: Mapping[str, TubeLaw | AlgebraicLaw]
    compartments: Mapping[str, CompartmentLaw]


def algebraic_law(vessel: LegVessel, density: float) -> AlgebraicLaw:
    """p = K[(A/A0)^10 − (A/A0)^−1.5] with K = ρ c0²/(m − n) (Müller & Toro 2014)."""
    radius = np.sqrt(vessel.A0 / np.pi)
    c0 = float(np.interp(radius, C0_RADII, C0_SPEEDS))
    return AlgebraicLaw(A0=vessel.A0, K=density * c0**2 / (M - N), m=M, n=N)


def membrane_compartment(name: str, fascia_Et: float, offset: float = 0.0) -> CompartmentLaw:
    """Pressure of a muscle that shortens inside its fascia, taken as a disc of radius R0 in a membrane ring of energy ½Et⟨λ−1⟩₊².

    p_c = Et(λ − 1)/(λ R0), λ = (1 − ε)^(−1/2): the closed form against which the finite-element section is verified. The veins'
    own volume does not enter. ``fascia_Et`` [N/m]; ``offset`` [Pa] pressure of a hose.
    """
    p = fascia_Et / CALF_RADIUS * (1.0 - np.sqrt(1.0 - SHORTENING_AXIS)) + offset
    return CompartmentLaw(name=name, s=SHORTENING_AXIS, ratio=np.array([0.0, 4.0]), p_c=np.repeat(p[:, None], 2, axis=1))


def algebraic_laws(case: Case, leg: Leg) -> LegLaws:
    """Every vein on the algebraic law, every muscle compartment on the membrane's closed form, the hose a uniform pressure."""
    Et = case.tissue.fascia_E * case.tissue.fascia_thickness
    hose = case.hose.pressure["C"] if case.hose is not None else 0.0
    vessels = {v.name: algebraic_law(v, case.flow.density) for v in leg.vessels}
    compartments = {m: membrane_compartment(m, Et, hose) for m in MUSCLES}
    deep = compartments["deep_posterior"]
    half = hose + DEEP_PRESSURE * (deep.p_c - hose)
    compartments["deep_posterior"] = CompartmentLaw(deep.name, DEEP_SHARE * deep.s, deep.ratio, half)
    skin = CompartmentLaw(name="subcutaneous", s=np.array([0.0, 1.0]), ratio=np.array([0.0, 4.0]), p_c=np.full((2, 2), hose))
    return LegLaws(vessels, compartments | {"subcutaneous": skin})


def section_laws(case: Case, leg: Leg, laws: SectionLaws) -> LegLaws:
    """The calf's veins on the section's finite-element laws, all others on the algebraic law."""
    vessels: dict[str, TubeLaw | AlgebraicLaw] = {}
    for v in leg.vessels:
        own = [laws.veins[name] for name in v.section_veins if name in laws.veins]
        vessels[v.name] = mean_law(v.name, v.A0, own) if own else algebraic_law(v, case.flow.density)
    return LegLaws(vessels, dict(laws.compartments))


def mean_law(name: str, A0: float, laws: list[TubeLaw]) -> TubeLaw:
    """One law for veins in parallel that share their pressure: f and G averaged at equal α on the first one's grid.

    G, the conductance [m⁴] of each lumen, is scaled from its own A0 to the mean one (G ∝ A²).
    """
    first = laws[0]
    f = np.mean([_at(law.alpha, law.f, first.alpha) for law in laws], axis=0)
    G = np.mean([np.exp(_at(law.alpha, np.log(law.G), first.alpha)) * (A0 / law.A0) ** 2 for law in laws], axis=0)
    computed = np.stack([np.max([law.alpha_fe[:, 0] for law in laws], axis=0), np.min([law.alpha_fe[:, 1] for law in laws], axis=0)], axis=1)
    return TubeLaw(name=name, A0=A0, alpha=first.alpha, s=first.s, f=f, G=G, alpha_fe=computed)


def _at(alpha: Array, rows: Array, wanted: Array) -> Array:
    return np.stack([np.interp(wanted, alpha, row) for row in rows])
