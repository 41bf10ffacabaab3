"""A network of the leg's size and kind: 50 vessels, 400 cells, loops, 30 valves, 8 beds, compartments with activation."""

from __future__ import annotations

import numpy as np

from calfpump.flow import Bed, Compartment, Network, PressureBoundary, Signals, Valve, Vessel
from calfpump.law import AlgebraicLaw, CompartmentLaw, TubeLaw

MMHG = 133.322
#: of contraction and rest [s]: what a step costs differs between them, so that only whole periods are timed
PERIOD = 1.0


def tabulated(A0: float, c0: float, states: int) -> TubeLaw:
    """An algebraic law as a table; with activation the vein gets stiffer."""
    base = AlgebraicLaw.from_speed(A0, c0, 1060.0).to_table()
    s = np.linspace(0.0, 0.15, states) if states > 1 else np.zeros(1)
    f = np.stack([base.f[0] * (1.0 + 2.0 * x) for x in s])
    return TubeLaw("table", A0, base.alpha, s, f, np.repeat(base.G, s.size, axis=0), np.repeat(base.alpha_fe, s.size, axis=0))


def network() -> Network:
    """A ladder: deep, muscle and superficial veins with perforators between them, joined twice, towards the atrium."""
    vessels: list[Vessel] = []
    valves: list[Valve] = []
    rungs = 12

    def z(k: int) -> tuple[float, ...]:
        return (0.1 + 0.1 * k,)

    for k in range(rungs):
        deep = "deep" if k < 6 else None
        vessels.append(Vessel(f"deep_{k}", f"d{k}", f"d{k + 1}", 0.1, tabulated(2e-5, 2.0, 4 if deep else 1), 2.0, 10, (z(k), z(k + 1)), deep))
        vessels.append(Vessel(f"skin_{k}", f"s{k}", f"s{k + 1}", 0.1, tabulated(1e-5, 2.0, 1), 1.0, 10, (z(k), z(k + 1)), "skin"))
        vessels.append(Vessel(f"perforator_{k}", f"s{k}", f"d{k}", 0.02, tabulated(4e-6, 2.0, 1), 2.0, 2, (z(k), z(k))))
        valves += [Valve(f"deep_{k}", 0.5), Valve(f"perforator_{k}", 0.5)]
        if k % 2:
            valves.append(Valve(f"skin_{k}", 0.5))
    for k in range(12):
        vessels.append(Vessel(f"muscle_{k}", f"m{k}", f"d{k // 2 + 1}", 0.1, tabulated(3e-5, 1.5, 4), 3.0, 9, (z(k // 2), z(k // 2 + 1)), "muscle"))
    vessels.append(Vessel("join", f"s{rungs}", f"d{rungs}", 0.04, tabulated(1e-5, 2.0, 1), 1.0, 4, (z(rungs), z(rungs))))
    vessels.append(Vessel("cava", f"d{rungs}", "atrium", 0.2, tabulated(2e-4, 1.0, 1), 1.0, 20, (z(rungs), (1.4,))))
    beds = [
        Bed(f"bed_{k}", f"m{k}", "muscle", 5e-6 / MMHG / 10, 5e-6, 5.0 * MMHG / 1e-6, "R", 93.0 * MMHG, z(k // 2), (1.3,)) for k in range(8)
    ]
    s = np.array([0.0, 0.05, 0.15])
    ratio = np.array([0.0, 1.0, 2.0])
    p_c = MMHG * np.array([[5.0, 8.0, 12.0], [60.0, 70.0, 85.0], [150.0, 170.0, 200.0]])
    spaces = [
        Compartment("muscle", CompartmentLaw("muscle", s, ratio, p_c), "shortening"),
        Compartment("deep", CompartmentLaw("deep", s, ratio, 0.4 * p_c), "shortening"),
        Compartment("skin"),
    ]
    return Network(vessels, valves, beds, spaces, [PressureBoundary("atrium", "atrium")])


def signals(t_end: float) -> Signals:
    """Standing, with a contraction in every period."""
    t = np.arange(0.0, t_end + 0.01, 0.01)
    shortening = 0.12 * np.clip(np.sin(2 * np.pi / PERIOD * t), 0.0, 1.0) * (t > 2.0)
    return Signals(t, {"shortening": shortening, "atrium": 3.0 * MMHG, "R": 90.0 * MMHG / 0.12e-6}, np.ones((t.size, 1)))
