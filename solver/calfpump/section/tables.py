"""From the computed curves of all activation states to the laws that the flow reads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from calfpump.law.compartment import CompartmentLaw
from calfpump.law.envelope import rising
from calfpump.law.lumen_shape import LumenShape
from calfpump.law.tube_law import TubeLaw
from calfpump.section.curves import Floats
from calfpump.section.job import MMHG, Curves
from calfpump.section.states import ActivationState

#: Least rise [Pa] of p − p_c between neighbouring points of a law.
LEAST_RISE = 1.0
#: Ratio of areas between which a compartment without veins is tabulated: no dependence.
ANY_RATIO = np.array([0.0, 4.0])


def axis(name: str, states: Sequence[ActivationState]) -> list[int]:
    """Indices of the states on the axis of a compartment's own shortening: rest, then those in which its muscle contracts."""
    own = sorted((state.shortening[name], k) for k, state in enumerate(states) if state.shortening.get(name, 0.0) > 0.0)
    rest = next(k for k, state in enumerate(states) if not state.shortening)
    return [rest] + [k for _, k in own]


def tube_law(vein: str, compartment: str, A0: float, states: Sequence[ActivationState], curves: Sequence[Curves]) -> tuple[TubeLaw, list[str]]:
    """p − p_c and G of one vein over α, one row for each state of its own muscle; and the places where it snaps."""
    chosen = axis(compartment, states)
    alpha = np.unique(np.concatenate([curves[k].alpha for k in chosen]))
    f, G, reached, snaps = [], [], [], []
    for k in chosen:
        c = curves[k]
        v, space = c.veins.index(vein), c.names.index(compartment)
        inside = (c.alpha >= c.reached[v, 0] - 1e-12) & (c.alpha <= c.reached[v, 1] + 1e-12)
        computed = (c.pressures[:, v] - c.compartments[:, space])[inside]
        own, moved = rising(computed, LEAST_RISE)
        if np.any(moved):
            a, off = c.alpha[inside][moved], float(np.abs(own - computed).max()) / MMHG
            snaps.append(f"{vein}, {states[k].name}: snaps between α = {a.min():.3g} and {a.max():.3g}; the law rises there, up to {off:.2g} mmHg off")
        f.append(_extended(alpha, c.alpha[inside], own))
        G.append(_conductance(alpha, c.alpha[inside], c.conductances[inside, v]))
        reached.append(c.reached[v])
    s = np.array([states[k].shortening.get(compartment, 0.0) for k in chosen])
    return TubeLaw(vein, A0, alpha, s, np.array(f), np.array(G), np.array(reached)), snaps


def _extended(alpha: Floats, known: Floats, f: Floats) -> Floats:
    """f on `alpha`: between the points computed linear, below them α ∝ p^(−2/3) (flattened tube), above them the last tangent."""
    inside = np.interp(alpha, known, f)
    low = f[0] * (known[0] / alpha) ** 1.5 if f[0] < 0.0 else f[0] + (alpha - known[0]) * (f[1] - f[0]) / (known[1] - known[0])
    high = f[-1] + (alpha - known[-1]) * (f[-1] - f[-2]) / (known[-1] - known[-2])
    return np.where(alpha < known[0], low, np.where(alpha > known[-1], high, inside))


def _conductance(alpha: Floats, known: Floats, G: Floats) -> Floats:
    """G on `alpha`: the shape factor G/A² is interpolated, and constant beyond the points computed."""
    return np.asarray(np.interp(alpha, known, G / known**2) * alpha**2)


def lumen_shape(vein: str, rest: Curves) -> LumenShape:
    """Diameters and shape of one vein over its blood pressure at rest, where they were computed."""
    v = rest.veins.index(vein)
    inside = (rest.alpha >= rest.reached[v, 0] - 1e-12) & (rest.alpha <= rest.reached[v, 1] + 1e-12)
    width, depth = rest.diameters[inside, v].T
    shapes = (found[inside, v] for found in (rest.touching, rest.dents, rest.gaps))
    return LumenShape(rest.alpha[inside], rest.pressures[inside, v], depth, width, *shapes)


def compartment_law(name: str, states: Sequence[ActivationState], curves: Sequence[Curves], A0: Mapping[str, float], inside: Sequence[str]) -> CompartmentLaw:
    """p_c over own shortening and filling of the compartment's veins `inside`.

    The filling comes from the marches of the few states; between them, the contraction of the strongest state at veins' A0 gives a finer axis.
    """
    chosen = axis(name, states)
    space = curves[chosen[0]].names.index(name)
    ratio = np.unique(np.concatenate([_ratio(curves[k], A0, inside) for k in chosen])) if inside else ANY_RATIO
    s = np.array([states[k].shortening.get(name, 0.0) for k in chosen])
    rows = np.array([_filling(curves[k], space, ratio, A0, inside) for k in chosen])
    if len(chosen) == 1:
        return CompartmentLaw(name, s, ratio, rows)
    strongest = curves[chosen[-1]]
    fine = np.unique(np.round(np.concatenate([s, strongest.ramp * s[-1]]), 9))
    at_A0 = np.interp(fine, strongest.ramp * s[-1], strongest.ramp_pressures[:, space])
    change = rows - np.array([np.interp(1.0, ratio, row) for row in rows])[:, None]
    between = np.array([np.interp(fine, s, column) for column in change.T]).T
    return CompartmentLaw(name, fine, ratio, at_A0[:, None] + between)


def _ratio(c: Curves, A0: Mapping[str, float], inside: Sequence[str]) -> Floats:
    columns = [c.veins.index(vein) for vein in inside]
    return np.asarray(np.round(c.areas[:, columns].sum(axis=1) / sum(A0[vein] for vein in inside), 6))


def _filling(c: Curves, space: int, ratio: Floats, A0: Mapping[str, float], inside: Sequence[str]) -> Floats:
    if not inside:
        return np.full(len(ratio), float(np.interp(1.0, c.alpha, c.compartments[:, space])))
    own, first = np.unique(_ratio(c, A0, inside), return_index=True)
    return np.asarray(np.interp(ratio, own, c.compartments[first, space]))
