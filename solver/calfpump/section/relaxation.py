"""Proximal relaxation: from where Newton fails, or lands on an unstable branch, to a stable state under the same control.

Each pseudo-step adds ½η|u − u_old|² to the energy (backward Euler of a viscous creep) and is accepted only if Newton converged, the
state is stable with η and the walls moved little; then η falls, else it rises. A small smooth random kick of the lumens in the first step leaves the
unstable branch. At the end η = 0 exactly: no physics is changed. Accepting pseudo-steps that are unstable would converge to the
unstable state. Settles lobes and folds of round veins in stiff beds (measured: independent of the kick, no hysteresis).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from calfpump.section.curves import Floats, loop_nodes
from calfpump.section.equilibrium import Control, Equilibrium
from calfpump.section.stability import examine


@dataclass(frozen=True)
class RelaxationSettings:
    """`eta` [1/length² of stress, working units] to begin with, `floor` where it counts as gone (parts of `eta`), wall motion allowed
    in a pseudo-step and size of the kick (parts of the mean radius), and the number of pseudo-steps before giving up."""

    eta: float = 2.0
    floor: float = 1e-3
    motion: float = 0.35
    kick: float = 1e-3
    steps: int = 40
    seed: int = 1


def relax(equilibrium: Equilibrium, controls: Mapping[str, Control], settings: RelaxationSettings) -> str:
    """Relax to a stable equilibrium; empty text on success, else the reason, with the state undefined."""
    system = equilibrium.system
    eta, radius = settings.eta, system.radius
    walls = np.concatenate([loop_nodes(lumen) for lumen in system.lumens])
    settled = False
    try:
        for step in range(settings.steps):
            start = equilibrium.state
            system.anchor = start.w + (_kick(equilibrium, settings) if step == 0 else 0.0)
            system.eta = eta
            outcome = equilibrium.solve(controls, step_limit=0.25)
            moved = float(np.abs(system.domain.displacement(equilibrium.w - start.w)[walls]).max())
            if not outcome.converged or moved > settings.motion * radius or not examine(equilibrium, controls, drift=0.02).stable:
                equilibrium.restore(start)
                eta *= 3.0
                if eta > 1e4 * settings.eta:
                    return "relaxation found no stable path"
                continue
            if eta < settings.floor * settings.eta and moved < 0.025 * radius:
                settled = True
                break
            eta *= 0.35 if moved < 0.3 * settings.motion * radius else 1.0
    finally:
        system.eta = 0.0
    if not settled:
        return f"relaxation did not settle in {settings.steps} steps"
    outcome = equilibrium.solve(controls, step_limit=0.25)
    if not outcome.converged:
        return f"after relaxation {outcome.reason}"
    return "" if examine(equilibrium, controls).stable else "relaxation ended on an unstable branch"


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
