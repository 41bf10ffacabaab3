"""What a muscle's activation does to its cross-section: force-length factor, fibre shortening, compartment pressure at rest.

Only fibre force swells a muscle. With a the activation, f_L the force-length factor at the belly length that ankle and knee give,
the muscle shortens by ε = 1 − λ = a f_L ε_iso.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]

MMHG = 133.322

# Fibre shortening at maximal voluntary contraction, .3 (Maganaris 1998: 27-30 % over ankle angles; Narici: soleus 38 -> 27 mm,
# medial gastrocnemius 51 -> 34 mm). One value for all muscles. With it and a fascia of 30 MPa the section's soleus follows 140 mmHg per
# N m/kg of ankle torque (Ballard 1998): the fascia's modulus is the one calibrated number from activation to pressure.
EPSILON_ISO = 0.30

# The deep flexors contract with the triceps surae. Most of their compartment's pressure is pressed upon it through the septum, so the posterior
# group is taken as one: the deep compartment's state is that of this share of the soleus' shortening (in the section it then has 1.26 of the
# soleus' pressure, and 1.22 where the deep flexors are silent: docs/tissues.md).
DEEP_SHARE = 0.25

# Pressure of relaxed muscle, supine (Ballard 1998): soleus 8, tibialis anterior 11 mmHg.
RESTING_PRESSURE = {"soleus": 8 * MMHG, "gastrocnemius": 8 * MMHG, "deep_posterior": 8 * MMHG, "anterior": 11 * MMHG, "lateral": 11 * MMHG}

# Optimal fibre length [mm], Rajagopal 2016.
OPTIMAL_FIBRE = {"soleus": 44.0, "gastrocnemius": 51.0, "anterior": 68.3}
GAMMA = 0.45  # width of the force-length curve, Thelen 2003

# Change of the belly length [mm] from the relaxed neutral ankle: rows ankle -30 … 20°, columns activation; static equilibrium of the
# Rajagopal 2016 muscles with their elastic tendons.
_ANKLE = np.array([-30.0, -20.0, -10.0, 0.0, 10.0, 20.0])
_ACTIVATION = np.array([0.01, 0.1, 0.25, 0.5, 0.75, 1.0])
_BELLY = {
    "soleus": np.array([
        [-22.2, -23.5, -24.8, -26.4, -27.5, -28.3], [-14.6, -16.3, -18.2, -20.4, -21.8, -23.0],
        [-7.0, -8.9, -11.1, -13.7, -15.6, -17.2], [0.0, -1.8, -4.1, -7.0, -9.1, -11.0],
        [6.0, 4.7, 2.7, -0.2, -2.6, -4.9], [10.6, 9.9, 8.6, 6.4, 4.1, 1.7]]),
    "gastrocnemius": np.array([
        [-21.6, -23.8, -26.2, -28.7, -30.3, -31.6], [-14.3, -17.0, -20.1, -23.3, -25.5, -27.1],
        [-6.8, -9.7, -13.1, -16.9, -19.8, -22.1], [0.0, -2.5, -6.0, -10.3, -13.3, -16.0],
        [5.9, 4.2, 1.2, -3.2, -6.8, -10.0], [10.5, 9.4, 7.6, 4.2, 0.5, -3.5]]),
    "anterior": np.array([
        [19.0, 17.9, 16.3, 14.0, 11.8, 9.7], [13.4, 12.0, 10.0, 7.3, 5.1, 3.1], [7.0, 5.4, 3.2, 0.5, -1.6, -3.6],
        [0.0, -1.8, -4.0, -6.5, -8.4, -10.2], [-7.5, -9.2, -11.2, -13.6, -15.5, -17.1],
        [-15.2, -16.7, -18.6, -20.7, -22.3, -23.5]]),
}  # fmt: skip
# Change of the medial gastrocnemius' muscle-tendon length [mm] with knee flexion (Rajagopal 2016).
_KNEE = np.array([0.0, 15.0, 30.0, 45.0, 60.0, 75.0, 90.0, 110.0])
_KNEE_LENGTH = np.array([0.0, -0.7, -3.8, -10.0, -17.3, -25.2, -33.3, -43.4])
# The deep flexors and the peroneal muscles cross the ankle as the soleus does: its curve stands for theirs (an assumption).
_LENGTH_OF = {"soleus": "soleus", "gastrocnemius": "gastrocnemius", "deep_posterior": "soleus", "lateral": "soleus", "anterior": "anterior"}


def force_length(muscle: str, ankle: Array, knee: Array, activation: Array) -> Array:
    """Force-length factor f_L = exp(−(ℓ/ℓ_opt − 1)²/γ) (Thelen 2003), shape of the inputs; angles in degrees, dorsiflexion positive.

    ℓ is the fibre length at the belly length of the table, ℓ = ℓ_opt at the relaxed neutral ankle.
    """
    kind = _LENGTH_OF[muscle]
    theta = np.clip(ankle, _ANKLE[0], _ANKLE[-1])
    a = np.clip(activation, _ACTIVATION[0], _ACTIVATION[-1])
    columns = np.stack([np.interp(theta, _ANKLE, column) for column in _BELLY[kind].T], axis=-1)
    k = np.clip(np.searchsorted(_ACTIVATION, a, side="right") - 1, 0, len(_ACTIVATION) - 2)
    w = (a - _ACTIVATION[k]) / (_ACTIVATION[k + 1] - _ACTIVATION[k])
    low = np.take_along_axis(columns, k[..., None], -1)[..., 0]
    high = np.take_along_axis(columns, k[..., None] + 1, -1)[..., 0]
    belly = low + w * (high - low)
    if kind == "gastrocnemius":
        belly = belly + np.interp(knee, _KNEE, _KNEE_LENGTH)
    strain = belly / OPTIMAL_FIBRE[kind]
    factor: Array = np.exp(-(strain**2) / GAMMA)
    return factor


def shortening(muscle: str, ankle: Array, knee: Array, activation: Array) -> Array:
    """Fibre shortening ε = a f_L ε_iso (dimensionless, shape of the inputs)."""
    result: Array = activation * force_length(muscle, ankle, knee, activation) * EPSILON_ISO
    return result
