"""States of activation in which a section's laws are computed: which muscle has shortened by how much."""

from __future__ import annotations

from dataclasses import dataclass

#: The deep flexors share in a contraction of the triceps surae by this part of its shortening; their compartment then has about the pressure
#: of the soleus, most of it pressed upon it through the septum (measured in the section; a silent one has .9 of it).
DEEP_SHARE = 0.25

#: quality → shortenings ε = 1 − λ of the posterior group and of the anterior and lateral one. With the "soft" fascia .22 gives the soleus about
#: 190 mmHg, the walking pressure (Ballard 1998: 181 ± 69); .14 gives the tibialis anterior 170 mmHg (90 ± 15 in walking).
LEVELS: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "coarse": ((0.11, 0.22), (0.13,)),
    "standard": ((0.07, 0.15, 0.23), (0.07, 0.14)),
    "fine": ((0.06, 0.12, 0.18, 0.24), (0.05, 0.10, 0.15)),
}


@dataclass(frozen=True)
class ActivationState:
    """A contraction: `shortening` ε = 1 − λ by compartment, silent ones left out."""

    name: str
    shortening: dict[str, float]


def activation_states(quality: str) -> tuple[ActivationState, ...]:
    """Rest, the posterior group at two to four levels, the anterior and lateral one at one to three."""
    posterior, anterior = LEVELS[quality]
    states = [ActivationState("rest", {})]
    for e in posterior:
        shortening = {"soleus": e, "gastrocnemius": e, "deep_posterior": DEEP_SHARE * e}
        states.append(ActivationState(f"posterior {e:g}", shortening))
    states += [ActivationState(f"anterior {e:g}", {"anterior": e, "lateral": e}) for e in anterior]
    return tuple(states)
