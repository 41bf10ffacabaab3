"""What a run yields in time and in the section: plain data, filled by the coupling, written and read by this package.

SI throughout (m, m², m³, m³/s, Pa, s). ``nt`` output times, ``nx`` cells of one vessel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.floating[Any]]
    Indices = NDArray[np.int64]

#: The stages of the pump, distal to proximal.
STAGES = ("foot", "soleus", "gastrocnemius", "popliteal", "thigh", "groin")


@dataclass(frozen=True)
class VesselSeries:
    """One vessel in time; x runs from its distal to its proximal end, Q > 0 towards the heart.

    ``x`` (nx,) cell centres [m]; ``A`` (nt, nx) lumen area of one vein [m²]; ``Q`` (nt, nx) flow of all its ``n`` parallel veins
    together [m³/s]; ``p`` (nt, nx) blood pressure [Pa]; ``wall_shear`` (nt, nx) shear stress of the blood on the wall [Pa], with the sign of
    Q, NaN in results older than it; ``height`` (nx,) above the sole in standing [m]; ``A0`` [m²] stress-free area of one vein. ``group`` is
    "deep", "muscle", "superficial", "perforator" or "conduit" (for drawings), ``stage`` the pump stage or "". ``distal`` and
    ``proximal`` name the nodes at its ends.
    """

    x: Array
    A: Array
    Q: Array
    p: Array
    wall_shear: Array
    height: Array
    A0: float
    n: float = 1.0
    stage: str = ""
    group: str = ""
    compartment: str = ""
    distal: str = ""
    proximal: str = ""


@dataclass(frozen=True)
class ReservoirSeries:
    """A venular reservoir: volume ``V`` (nt,) [m³], pressure ``p`` (nt,) [Pa]."""

    V: Array
    p: Array
    stage: str = ""
    compartment: str = ""


@dataclass(frozen=True)
class CompartmentSeries:
    """A muscle compartment: its pressure ``p`` (nt,) [Pa] and the ``activation`` (nt,) of its muscle, 0 to 1."""

    p: Array
    activation: Array


@dataclass(frozen=True)
class ValveSeries:
    """A valve: its opening ``zeta`` (nt,), 0 shut (but for its leak) to 1, and the volumes (nt,) [m³] that have passed it since the start, both
    positive: ``forward``, in which it opens, and ``backward``. ``at``: its place along the ``vessel``, 0 to 1."""

    zeta: Array
    forward: Array
    backward: Array
    vessel: str = ""
    at: float = 0.0


@dataclass(frozen=True)
class StageSeries:
    """A pump stage: volume ``V`` (nt,) [m³]; inflow ``Q_in`` and proximal outflow ``Q_out`` (nt,) [m³/s].

    ``Q_in`` is everything that enters: distal veins, perforators and capillary beds.
    """

    V: Array
    Q_in: Array
    Q_out: Array


@dataclass(frozen=True)
class Band:
    """A row of the protocol in time: "stand" from ``t0`` to ``t1`` [s]."""

    label: str
    t0: float
    t1: float


@dataclass(frozen=True)
class SeriesData:
    """A whole run in time. ``time`` (nt,) [s]; ``sites`` maps a named place ("ankle", …) to its blood pressure (nt,) [Pa]."""

    time: Array
    vessels: Mapping[str, VesselSeries]
    reservoirs: Mapping[str, ReservoirSeries] = field(default_factory=dict)
    compartments: Mapping[str, CompartmentSeries] = field(default_factory=dict)
    sites: Mapping[str, Array] = field(default_factory=dict)
    stages: Mapping[str, StageSeries] = field(default_factory=dict)
    protocol: tuple[Band, ...] = ()
    valves: Mapping[str, ValveSeries] = field(default_factory=dict)


@dataclass(frozen=True)
class SectionState:
    """A deformed leg section, to be drawn: corner triangles in the deformed place.

    ``points`` (n, 2) [m]; ``triangles`` (m, 3); ``region`` (m,) tag of each triangle; ``regions`` name → tag ("soleus", "fat",
    "wall_peroneal_1", …); ``lumens`` vein → (k, 2) deformed outline of its lumen [m]; ``pressure`` vein → blood pressure [Pa];
    ``fields`` further values per triangle (m,) by "name [unit]" for the VTU file. ``section`` names the section, ``label`` the state in
    words ("at rest, 60 mmHg").
    """

    section: str
    label: str
    points: Array
    triangles: Indices
    region: Indices
    regions: Mapping[str, int]
    lumens: Mapping[str, Array] = field(default_factory=dict)
    pressure: Mapping[str, float] = field(default_factory=dict)
    fields: Mapping[str, Array] = field(default_factory=dict)


class VeinLaw(Protocol):
    """What is needed of a vein's law (:class:`calfpump.law.TubeLaw` has it): see there."""

    @property
    def A0(self) -> float: ...
    @property
    def alpha(self) -> Array: ...
    @property
    def s(self) -> Array: ...
    @property
    def f(self) -> Array: ...
    @property
    def G(self) -> Array: ...
    @property
    def alpha_fe(self) -> Array | None: ...


class DeformedState(Protocol):
    """What is needed of a deformed section to write and draw it: the members of `SectionState`."""

    @property
    def section(self) -> str: ...
    @property
    def label(self) -> str: ...
    @property
    def points(self) -> Array: ...
    @property
    def triangles(self) -> Indices: ...
    @property
    def region(self) -> Indices: ...
    @property
    def regions(self) -> Mapping[str, int]: ...
    @property
    def lumens(self) -> Mapping[str, Array]: ...
    @property
    def pressure(self) -> Mapping[str, float]: ...
    @property
    def fields(self) -> Mapping[str, Array]: ...


@dataclass(frozen=True)
class LawCurves:
    """A vein's law as it is plotted.

    ``alpha`` (n,); ``s`` (k,) shortening; ``f`` = p − p_c (k, n) [Pa]; ``G`` (k, n) [m⁴]; ``A0`` [m²]; ``alpha_fe`` (k, 2) range of alpha
    that finite elements have computed, None for all of it.
    """

    A0: float
    alpha: Array
    s: Array
    f: Array
    G: Array
    alpha_fe: Array | None = None
