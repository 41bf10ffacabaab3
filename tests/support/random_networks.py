"""Random networks of the flow solver, each from its seed: everything that a user can put together, and worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from calfpump.flow import (
    Bed,
    Compartment,
    FlowBoundary,
    Fluid,
    Network,
    PressureBoundary,
    ReflectionFree,
    Resistance,
    Series,
    Signals,
    Valve,
    Vessel,
    Windkessel,
)
from calfpump.law import AlgebraicLaw, CompartmentLaw, TubeLaw

MMHG = 133.322
END = 1.5
SEGMENTS = 2


@dataclass(frozen=True)
class Problem:
    """What `simulate` is called with."""

    network: Network
    signals: Signals
    fluid: Fluid
    options: dict[str, Any]
    start_total: float


def between(rng: np.random.Generator, low: float, high: float) -> float:
    """Log-uniform."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def random_law(rng: np.random.Generator) -> AlgebraicLaw | TubeLaw:
    """Veins and arteries in closed form, odd exponents, tables of one to four activation states, smooth or ragged."""
    A0, c0 = between(rng, 2e-7, 3e-4), between(rng, 0.3, 6.0)
    kind = rng.integers(5)
    if kind == 0:
        return AlgebraicLaw.from_speed(A0, c0, 1060.0)
    if kind == 1:
        return AlgebraicLaw(A0, 2.0 * 1060.0 * c0**2, 0.5, 0.0)
    if kind == 2:
        return AlgebraicLaw.from_speed(A0, c0, 1060.0, float(rng.uniform(0.3, 20.0)), -float(rng.uniform(0.0, 2.0)))
    states = int(rng.integers(1, 5))
    s = np.concatenate([[0.0], np.cumsum(rng.uniform(0.01, 0.1, states))])[:states]
    if kind == 3:
        base = AlgebraicLaw.from_speed(A0, c0, 1060.0).to_table()
        alpha, f0 = base.alpha, base.f[0]
    else:
        n = int(rng.integers(4, 40))
        alpha = np.sort(rng.uniform(0.05, 2.5, n)) + 1e-3 * np.arange(n)
        f0 = np.cumsum(np.exp(rng.normal(0.0, 2.0, n)) * np.diff(alpha, prepend=0.0)) * 1060.0 * c0**2
        f0 -= np.interp(1.0, alpha, f0)
    f = np.stack([f0 * (1.0 + 4.0 * x) + 3e4 * x * alpha for x in s])
    G = np.broadcast_to((alpha * A0) ** 2 / (8.0 * np.pi) * rng.uniform(0.05, 1.0, alpha.size), f.shape)
    return TubeLaw("random", A0, alpha, s, f, G.copy(), np.tile(alpha[[0, -1]], (states, 1)))


def jumpy(rng: np.random.Generator, t: np.ndarray, low: float, high: float) -> np.ndarray:
    """Constant, sinusoidal, or thrown from value to value within 10 ms."""
    kind = rng.integers(3)
    if kind == 0:
        return np.full(t.size, rng.uniform(low, high))
    if kind == 1:
        return low + (high - low) * (0.5 + 0.5 * np.sin(2.0 * np.pi * (rng.uniform(0.2, 3.0) * t + rng.uniform())))
    return rng.uniform(low, high, 8)[np.minimum((t / END * 8).astype(int), 7)]


def random_problem(seed: int) -> Problem:
    """A network of 2 to 10 nodes, connected or not, with loops, and its signals over `END` seconds."""
    rng = np.random.default_rng([seed, 1])
    nodes = [f"n{k}" for k in range(int(rng.integers(2, 11)))]
    tall = between(rng, 0.01, 1.5)
    height = {node: tuple(float(z) for z in rng.uniform(-tall, tall, SEGMENTS)) for node in nodes}
    pairs = [(k, int(rng.integers(0, k))) for k in range(1, len(nodes))]
    pairs += [tuple(int(n) for n in rng.choice(len(nodes), 2, replace=False)) for _ in range(int(rng.integers(0, len(nodes))))]
    t = np.arange(0.0, END + 0.01, 0.01)
    values: dict[str, Any] = {"violent": MMHG * jumpy(rng, t, -100.0, 300.0), "mild": MMHG * jumpy(rng, t, -10.0, 60.0)}
    values |= {"activation": jumpy(rng, t, 0.0, 0.2), "R": np.exp(jumpy(rng, t, np.log(1e7), np.log(1e11)))}
    vessels, valves = [], []
    for k, (a, b) in enumerate(pairs):
        if rng.random() < 0.5:
            a, b = b, a
        ends = (height[nodes[a]], height[nodes[b]])
        compartment = (None, "muscle", "stiff")[int(rng.integers(3))]
        external = (None, None, "violent", "mild")[int(rng.integers(4))]
        cells = int(rng.integers(1, 30)) if rng.random() < 0.3 else None
        many = float(rng.choice([1.0, 1.0, 2.0, 3.5]))
        vessel = Vessel(f"v{k}", nodes[a], nodes[b], between(rng, 0.01, 0.5), random_law(rng), many, cells, ends, compartment, external)
        vessels.append(vessel)
        most = (cells - 1 if cells is not None else 2) if rng.random() < 0.6 else 0
        for _ in range(min(most, int(rng.integers(0, 3)))):
            valves.append(
                Valve(
                    vessel.name, float(rng.uniform()), float(rng.choice([0.0, 0.0, 0.1, 1.0])), float(rng.uniform(0.05, 1.0)), between(rng, 0.01, 5.0),
                    between(rng, 0.01, 5.0), float(rng.choice([0.0, 200.0])), float(rng.choice([0.0, -100.0])),
                )
            )  # fmt: skip
    beds = [
        Bed(
            f"bed{k}", str(rng.choice(nodes)), (None, "muscle")[int(rng.integers(2))], between(rng, 1e-10, 1e-8), between(rng, 1e-7, 1e-5),
            between(rng, 1e6, 1e10), "R", 93.0 * MMHG, height[nodes[0]], height[nodes[-1]], float(rng.choice([0.0, 0.2])),
        )
        for k in range(int(rng.integers(0, 4)))
    ]  # fmt: skip
    filling = np.array([0.3, 0.8, 1.0, 1.3, 2.0])
    p_c = MMHG * np.stack([np.array([0.0, 0.0, 2.0, 5.0, 10.0]), np.linspace(80.0, 200.0, 5)]) * rng.uniform(0.2, 2.0)
    spaces = [
        Compartment("muscle", CompartmentLaw("muscle", np.array([0.0, 0.15]), filling, p_c), "activation"),
        Compartment("stiff", CompartmentLaw("stiff", np.zeros(1), filling, MMHG * np.linspace(-20.0, 150.0, 5)[None]), None, "mild"),
    ]
    boundaries: list[Any] = []
    for k, node in enumerate(nodes):
        kind = rng.integers(9)
        lone = sum(node in (v.distal, v.proximal) for v in vessels) == 1
        if kind == 0 or (k == len(nodes) - 1 and seed % 5):
            boundaries.append(PressureBoundary(node, f"p{k}"))
            values[f"p{k}"] = MMHG * jumpy(rng, t, -30.0, 120.0)
        elif kind == 1:
            boundaries.append(FlowBoundary(node, f"q{k}"))
            values[f"q{k}"] = jumpy(rng, t, -between(rng, 1e-9, 1e-5), between(rng, 1e-8, 3e-5))
        elif kind == 2 and lone:
            boundaries.append(ReflectionFree(node, f"p{k}"))
            values[f"p{k}"] = MMHG * jumpy(rng, t, -30.0, 60.0)
        elif kind == 3:
            boundaries.append(Resistance(node, between(rng, 1e6, 1e11), f"p{k}"))
            values[f"p{k}"] = MMHG * jumpy(rng, t, -30.0, 60.0)
        elif kind == 4:
            boundaries.append(Windkessel(node, float(rng.choice([0.0, between(rng, 1e6, 1e10)])), between(rng, 1e-11, 1e-8), between(rng, 1e7, 1e11), f"p{k}"))
            values[f"p{k}"] = MMHG * jumpy(rng, t, -30.0, 60.0)
    posture = np.column_stack([np.clip(jumpy(rng, t, -1.0, 1.0), -1.0, 1.0) for _ in range(SEGMENTS)])
    fluid = Fluid(1060.0, float(rng.choice([0.0, 4e-3, 5e-2])), profile=float(rng.choice([2.0, 9.0])))
    options = {"cfl": float(rng.uniform(0.1, 0.5)), "cell_length": between(rng, 0.004, 0.03), "output_interval": 0.05}
    network = Network(vessels, valves, beds, spaces, boundaries)
    return Problem(network, Signals(t, values, posture), fluid, options, MMHG * float(rng.uniform(-30.0, 80.0)))


def lost(series: Series) -> tuple[float, float, float]:
    """Largest |volume gained − all that came in|, the throughput (what passed the boundaries, beds and busiest face), the volume [m³]."""
    vessels = sum((series.volume(v) for v in series.vessels), np.zeros_like(series.t))
    V = vessels + series.bed_V.sum(axis=1)
    error = V - V[0] - series.source.sum(axis=1) - series.bed_in.sum(axis=1)
    through = np.abs(np.diff(series.source, axis=0)).sum() + np.abs(np.diff(series.bed_in, axis=0)).sum()
    return float(np.abs(error).max()), float(through + np.abs(series.face_volume).max()), float(np.abs(V).max())
