"""A free vein, its wall alone, against the tube law measured on a dog's vena cava (Moreno et al. 1970, Circ Res 27:1069)."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import least_squares
from section_meshes import layered, parallel_ellipses, symmetric_pins
from validation_page import Measurement

from calfpump.case.tissue import Tissue
from calfpump.section.equilibrium import Area, Equilibrium
from calfpump.section.errors import SectionError
from calfpump.section.march import March
from calfpump.section.system import System
from calfpump.section.tissues import PENALTY

MMHG = 133.322
#: Transmural pressure [mmHg] and A/A0 from −11 to +15 mmHg.
MORENO = np.array([
    (-11, 0.058), (-7.36, 0.140), (-5.23, 0.248), (-2.49, 0.534), (-1.03, 0.750), (0.16, 0.998), (1.56, 1.32), (3.62, 2.02), (5.71, 2.90),
    (8.97, 3.38), (14.9, 3.72),
])  # fmt: skip
#: The set that comes nearest, fitted once to these points (a calibration): flat when free of stress, lumen 7 : 1, wall .45 of the lumen's radius
#: (perimeter/2π), E 123 kPa at low strain, stiffening .1.
RATIO, WALL, MU, STIFFENING = 7.0, 0.45, 41e3, 0.1
EMPTYING = (0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.35, 0.3, 0.25, 0.2, 0.17, 0.15, 0.13, 0.115, 0.1, 0.09, 0.08, 0.07, 0.06, 0.05)
FILLING = (1.1, 1.2, 1.3, 1.5, 1.7, 2.0, 2.3, 2.6, 2.9, 3.2)


def free_vein() -> tuple[np.ndarray, np.ndarray]:
    """A/A0 and pressure [Pa] of the wall alone, without surroundings."""
    R = 2.5e-3
    curves = R * parallel_ellipses(RATIO, np.linspace(0.0, WALL, 3), 64)
    system = System(
        layered(curves, ["wall_vein"]), mu={"wall_vein": MU}, inverse_kappa={"wall_vein": 0.0}, stiffening={"wall_vein": STIFFENING},
        penalty={"vein": PENALTY * 4.0 * MU / R}, pins=symmetric_pins(curves),
    )  # fmt: skip
    equilibrium = Equilibrium(system)
    A0 = float(system.A0[0]) * system.units.area
    found = {1.0: 0.0}
    rest = equilibrium.state
    for ratios in (EMPTYING, FILLING):
        equilibrium.restore(rest)
        march = March(equilibrium, 1.0, lambda alpha: {"vein": Area(alpha * A0)}, name="free vein")
        for alpha in ratios:
            try:
                march.to(alpha)
            except SectionError:
                break
            found[alpha] = float(equilibrium.pressures()[0])
    alpha = np.array(sorted(found))
    return alpha, np.array([found[a] for a in alpha])


#: Of 120 sets (axis ratio 1.05 to 10, wall .1 to 1.2 R, stiffening 0 to 8) the best is within −36 and +53 % of A/A0.
NO_RING = (
    "no homogeneous wall of ring shape does it: a round one begins to collapse at 3 K_p and touches at 5.2 K_p, while the measured law falls from "
    "1 mmHg to 5"
)
#: Where the best misses, mmHg.
MISSED = (-11, -5.23, 5.71, 8.97, 14.9)


def test_free_vein_follows_moreno(measured) -> None:
    """Area of a vein's wall alone over its transmural pressure: A/A0 within ± 25 % at every measured point from −11 to +15 mmHg, with one set of parameters
    fitted to these points: lumen 7 : 1 when free of stress, a wall of .45 radii, 123 kPa at low strain."""
    alpha, p = free_vein()
    found = np.interp(MORENO[:, 0] * MMHG, p, alpha)
    measured(*(
        Measurement("free vein", f"A/A0 at {mmhg:g} mmHg", f"{seen:g}", here, 0.75 * seen, 1.25 * seen, source="Moreno et al. 1970, Circ Res 27:1069",
                    role="calibration", known=NO_RING if mmhg in MISSED else "")
        for (mmhg, seen), here in zip(MORENO, found, strict=True)
    ))  # fmt: skip


def test_free_vein_has_the_scale_of_moreno() -> None:
    """The same vein within a factor 1.6 everywhere, and within 5 % where it leaves its resting shape, −1 to +2 mmHg."""
    alpha, p = free_vein()
    found = np.interp(MORENO[:, 0] * MMHG, p, alpha) / MORENO[:, 1]
    assert np.all((found < 1.6) & (found > 1.0 / 1.6))
    near = (MORENO[:, 0] > -1.1) & (MORENO[:, 0] < 2.0)
    assert found[near] == pytest.approx(1.0, abs=0.05)


#: Transmural pressure [mmHg] and A/A0 where the vein is round and its wall stretched.
DISTENDED = np.array([(8.97, 3.38), (14.9, 3.72), (27.3, 4.05)])


def distension(stiffening: float) -> np.ndarray:
    """Pressure over Moreno's at the distended points, of p = (μh/R)(1 − λ⁻⁴) exp β(λ − 1/λ)², λ² = A/A_round: a thin round wall in plane strain,
    with its μh/R and the area A_round ≥ A0 at which it is unstretched fitted."""

    def misses(x: np.ndarray) -> np.ndarray:
        square = DISTENDED[:, 1] / (1.0 + np.exp(x[0]))
        p = x[1] + np.log(np.maximum(1.0 - square**-2, 1e-6)) + stiffening * (square + 1.0 / square - 2.0)
        return np.asarray(p - np.log(DISTENDED[:, 0]))

    fits = [least_squares(misses, [np.log(start), 1.0]) for start in (0.3, 0.8, 1.2, 1.6, 1.9, 2.2)]
    return np.asarray(np.exp(min(fits, key=lambda fit: fit.cost).fun))


def test_the_default_wall_stiffens_within_what_moreno_measured() -> None:
    """The distension leaves a range: pressures within 5 % with β of 2 to 6, in which the default lies; a wall of constant modulus misses by more than
    15 %, β = 8 by more than 10 %."""
    for beta in (2.0, Tissue().wall_stiffening, 6.0):
        assert distension(beta) == pytest.approx(1.0, abs=0.05)
    assert np.abs(distension(0.0) - 1.0).max() > 0.15
    assert np.abs(distension(8.0) - 1.0).max() > 0.10
