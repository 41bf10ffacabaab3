"""States of activation in which a section's laws are computed: which muscle has shortened by how much."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from calfpump.anatomy.muscles import DEEP_SHARE

if TYPE_CHECKING:
    from calfpump.mesh import SectionMesh

#: quality → shortenings ε = 1 − λ of the posterior group and of the anterior and lateral one. The last of each is that of walking at 6 km/h,
#: a f_L ε_iso with a = .45 (soleus) and .28 (tibialis anterior); beyond it a run holds the last state's law.
LEVELS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "coarse": ((0.065, 0.13), (0.08,)),
    "standard": ((0.045, 0.09, 0.13), (0.04, 0.08)),
    "fine": ((0.03, 0.065, 0.10, 0.135), (0.03, 0.055, 0.085)),
}
LEVELS["finest"] = LEVELS["fine"]


@dataclass(frozen=True)
class ActivationState:
    """A contraction: `shortening` ε = 1 − λ by compartment or muscle region, silent ones left out."""

    name: str
    shortening: dict[str, float]


def activation_states(quality: str) -> tuple[ActivationState, ...]:
    """Rest, the posterior group at two to four levels, the anterior and lateral one at one to three."""
    posterior, anterior = LEVELS[quality]
    states = [ActivationState("rest", {})]
    for e in posterior:
        shortening = {"soleus": e, "gastrocnemius": e, "deep_posterior": round(DEEP_SHARE * e, 5)}
        states.append(ActivationState(f"posterior {e:g}", shortening))
    states += [ActivationState(f"anterior {e:g}", {"anterior": e, "lateral": e}) for e in anterior]
    return tuple(states)


def by_region(mesh: SectionMesh, shortening: Mapping[str, float]) -> dict[str, float]:
    """Shortening of every muscle region: its own, else its compartment's; silent ones and tissues that are no muscle left out."""
    own = {region: shortening.get(region, shortening.get(compartment, 0.0)) for region, compartment in mesh.compartments.items()}
    return {region: e for region, e in own.items() if e > 0.0 and mesh.tissue_of(region) == "muscle"}
