"""Proximal relaxation: from where Newton fails, or lands on an unstable branch, to a stable state under the same control.

Each pseudo-step adds ½η|u − u_old|² to the energy (backward Euler of a viscous creep) and is accepted only if Newton converged, the
state is stable with η and the walls moved little; then η falls, else it rises, and after that stays for a while above the η that was refused: falling
at once by as much, it would swing between the two. A small smooth random kick of the lumens in the first step leaves the unstable branch.
Where the walls have come to rest, or η is gone, η = 0 is tried: no physics is changed. Accepting pseudo-steps that are unstable would converge to the
unstable state. Settles lobes and folds of round veins in stiff beds (measured: independent of the kick, no hysteresis).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calfpump.section.curves import Floats, loop_nodes
from calfpump.section.equilibrium import Control, Equilibrium, State
from calfpump.section.stability import examine


@dataclass(frozen=True)
class RelaxationSettings:
    """`eta` [1/length² of stress, working units] to begin with, `floor` where it counts as gone (parts of `eta`), wall motion allowed
    in a pseudo-step and size of the kick (parts of the mean radius), and the number of pseudo-steps before giving up."""

    eta: float = 2.0
    floor: float = 1e-3
    motion: float = 0.35
    kick: float = 1e-3
    steps: int = 60
    seed: int = 1


def relax(equilibrium: Equilibrium, controls: Mapping[str, Control], settings: RelaxationSettings) -> str:
    """Relax to a stable equilibrium; empty text on success, else the reason, with the state undefined."""
    system = equilibrium.system
    radius = system.radius
    eta, gone, highest = settings.eta, settings.floor * settings.eta, 1e4 * settings.eta
    refused, early, reason = 0.0, np.inf, ""
    try:
        for step in range(settings.steps):
            start = equilibrium.state
            system.anchor = start.w + (_kick(equilibrium, settings) if step == 0 else 0.0)
            system.eta = eta
            outcome = equilibrium.solve(controls, step_limit=0.25)
            moved = _moved(equilibrium, start)
            if not outcome.converged or moved > settings.motion * radius or not examine(equilibrium, controls, drift=0.02).stable:
                equilibrium.restore(start)
                refused, eta = eta, 3.0 * eta
                gone = max(gone, settings.floor * refused)
                if eta > highest:
                    return "relaxation found no stable path"
                continue
            if (eta < gone and moved < 0.025 * radius) or (moved < 0.005 * radius and eta < early):
                reason = _released(equilibrium, controls, farthest=np.inf if eta < gone else settings.motion * radius)
                if not reason:
                    return ""
                early = 0.1 * eta
            if moved < 0.3 * settings.motion * radius:
                # an unstable mode grows by 1/(1 − |λ|/η): fast only just above the η that was refused
                eta = max(0.35 * eta, float(np.sqrt(eta * refused)))
                refused *= 0.3
    finally:
        system.eta = 0.0
    return reason or f"relaxation did not settle in {settings.steps} steps"


def _released(equilibrium: Equilibrium, controls: Mapping[str, Control], *, farthest: float) -> str:
    """Solve without η; the reason if that ends nowhere, too far or on an unstable branch, after which the state is that of before."""
    start = equilibrium.state
    equilibrium.system.eta = 0.0
    outcome = equilibrium.solve(controls, step_limit=0.25)
    reason = f"after relaxation {outcome.reason}" if not outcome.converged else ""
    if not reason and _moved(equilibrium, start) > farthest:
        reason = "relaxation ended far from where it seemed to settle"
    if not reason and not examine(equilibrium, controls).stable:
        reason = "relaxation ended on an unstable branch"
    if reason:
        equilibrium.restore(start)
    return reason


def _moved(equilibrium: Equilibrium, start: State) -> float:
    """Largest motion of the lumens' walls since `start`."""
    walls = np.concatenate([loop_nodes(lumen) for lumen in equilibrium.system.lumens])
    return float(np.abs(equilibrium.system.domain.displacement(equilibrium.w - start.w)[walls]).max())


def _kick(equilibrium: Equilibrium, settings: RelaxationSettings) -> Floats:
    """Smooth random motion of the lumens along their radii: five Fourier modes."""
    system = equilibrium.system
    random = np.random.default_rng(settings.seed)
    kick = np.zeros(len(equilibrium.w))
    for lumen in system.lumens:
        nodes = loop_nodes(lumen)
        outward = system.domain.X[nodes] - system.domain.X[nodes].mean(axis=0)
        outward /= np.linalg.norm(outward, axis=1)[:, None]
        angle = 2.0 * np.pi * np.arange(len(nodes)) / len(nodes)
        modes = [random.standard_normal() * np.cos(k * angle + random.uniform(0.0, 2.0 * np.pi)) for k in range(1, 6)]
        system.domain.add(kick, nodes, settings.kick * system.radius * np.sum(modes, axis=0)[:, None] * outward)
    return system.domain.share(kick)
