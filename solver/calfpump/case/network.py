"""[network]: a flow network of its own instead of the leg: vessels, laws, valves, beds, boundaries, probes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictStr, field_validator, model_validator

from calfpump.case.fields import Count, Duration, Fraction, Quantity, Table, key, problem
from calfpump.case.law_table import LawTable, TableFile
from calfpump.case.signal import InTime, Signal

Length = Annotated[float, Quantity("length", "mm", above=0)]
Height = Annotated[float, Quantity("length", "cm")]
Resistance = Annotated[float, Quantity("resistance", "mmHg·s/mL", above=0)]
Compliance = Annotated[float, Quantity("compliance", "mL/mmHg", above=0)]
AnyPressure = Annotated[float, Quantity("pressure", "mmHg")]
Exponent = Annotated[float, Quantity("fraction", "1", low=-20, high=20)]
PressureInTime = Annotated[Signal, InTime("pressure", "mmHg")]
FlowInTime = Annotated[Signal, InTime("flow", "mL/s")]
ShareInTime = Annotated[Signal, InTime("fraction", "1", low=0, high=1)]
NODE = "where vessels with the same name of an end meet"


class Wall(Table):
    """Size and stiffness of a vessel: p = p_ext + K[(A/A0)^m − (A/A0)^n]."""

    radius: Length | None = key(None, "inner radius at reference_pressure (one of radius, diameter, A0)")
    diameter: Length | None = key(None, "the same as a diameter")
    A0: Annotated[float, Quantity("area", "mm²", above=0)] | None = key(None, "the same as the lumen's area")
    reference_pressure: AnyPressure | None = key(None, "transmural pressure at which the lumen has this size, by default 0 (not with table)")
    m: Exponent | None = key(None, "upper exponent; 0.5 for an artery (default), 10 for a vein", "Formaggia et al. 2003; Müller & Toro 2014, IJNMBE 30:681")
    n: Exponent | None = key(None, "lower exponent; 0 for an artery (default), −1.5 for a vein")
    K: Annotated[float, Quantity("pressure", "Pa", above=0)] | None = key(None, "stiffness (one of K, speed, or E with h)")
    speed: Annotated[float, Quantity("speed", "m/s", above=0)] | None = key(None, "pulse-wave speed c0 at A0: K = ρ c0²/(m − n)")
    E: Annotated[float, Quantity("pressure", "kPa", above=0)] | None = key(
        None, "Young's modulus of the wall, ν = 1/2: K = 4/3 E h/R (m = 0.5, n = 0); K = E (h/R)³/9 (m = 10, n = −1.5)", "as m"
    )
    h: Annotated[float, Quantity("length", "mm", above=0)] | None = key(None, "thickness of the wall")
    table: Annotated[LawTable, TableFile()] | None = key(
        None, "instead of m, n, K: a CSV file with columns p [mmHg], A [mm²] of one vessel, and G [mm⁴] if it is no circle"
    )
    wall_viscosity: Annotated[float, Quantity("wall viscosity", "Pa·s·m", low=0)] | None = key(
        None, "Γ of a viscoelastic wall: p has Γ/(A0 √A) ∂A/∂t more; Γ = 2/3 √π φ h for a wall of viscosity φ", "Alastruey et al. 2011, J Biomech 44:2250"
    )


class Law(Wall):
    """A law that vessels name; a vessel may replace any of its keys."""


class Vessel(Wall):
    """A vessel, or n_parallel equal ones; x and Q > 0 run `from` one node `to` another."""

    name: StrictStr = key(..., "what results call it")
    from_: StrictStr = key(..., f"node of its begin: {NODE}", alias="from")
    to: StrictStr = key(..., "node of its end; the node of its begin makes a ring")
    length: Annotated[float, Quantity("length", "cm", above=0)] = key(..., "length")
    law: StrictStr | None = key(None, "name of a [network.law]")
    radius_to: Length | None = key(None, "a cone: radius at its end (with radius)")
    diameter_to: Length | None = key(None, "a cone: diameter at its end (with diameter)")
    n_parallel: Count = key(1, "number of equal vessels side by side")
    cells: Count | None = key(None, "number of cells, instead of numerics.cell_length")
    external: PressureInTime | None = key(None, "pressure outside: a number, or in time")
    compartment: StrictStr | None = key(None, "name of the [[network.compartment]] that it lies in")


class Valve(Table):
    """A valve that opens towards the vessel's end."""

    vessel: StrictStr = key(..., "name of its vessel")
    at: Fraction = key(..., "place along the vessel, 0 begin, 1 end")
    leak: Fraction = key(0.0, "share of the open valve's area that stays open backwards", "Mynard et al. 2012, IJNMBE 28:626")
    opening: Annotated[float, Quantity("fraction", "1", above=0, high=1)] = key(0.65, "share of the lumen that it opens", "Lurie et al. 2003")
    k_open: Annotated[float, Quantity("rate per pressure", "1/Pa/s", above=0)] = key("0.3 1/Pa/s", "rate of opening", "assumption: 1 mmHg opens in 25 ms")
    k_close: Annotated[float, Quantity("rate per pressure", "1/Pa/s", above=0)] = key("0.3 1/Pa/s", "rate of closure", "assumption, as k_open")
    dp_open: AnyPressure = key("0 mmHg", "pressure difference above which it opens")
    dp_close: AnyPressure = key("0 mmHg", "pressure difference below which it closes")
    length: Annotated[float, Quantity("length", "mm", above=0)] | None = key(None, "length of the orifice's column of blood; by default its diameter")


class Compartment(Table):
    """A closed space around vessels: p_c = pressure + elastance · (their volume − its stress-free value)."""

    name: StrictStr = key(..., "what vessels and beds call it")
    pressure: PressureInTime = key("0 mmHg", "pressure in it: a number, or in time")
    elastance: Annotated[float, Quantity("pressure per volume", "mmHg/mL", low=0)] = key("0 mmHg/mL", "rise of pressure as its vessels fill")


class Bed(Table):
    """A capillary bed: arterial inflow into a reservoir of venules that drains, valved, into a node."""

    name: StrictStr = key(..., "what results call it")
    node: StrictStr = key(..., "node that it drains into")
    arterial_pressure: PressureInTime = key(..., "pressure of its arteries: a number, or in time")
    resistance: Annotated[Signal, InTime("resistance", "mmHg·s/mL", above=0)] = key(..., "from arteries to venules: a number, or in time")
    R_out: Resistance = key(..., "from venules to the node")
    C: Compliance = key(..., "compliance of the filled reservoir")
    V0: Annotated[float, Quantity("volume", "mL", above=0)] = key(..., "stress-free volume of the reservoir")
    leak: Fraction = key(0.0, "share of the outflow's conductance in reverse")
    compartment: StrictStr | None = key(None, "name of the [[network.compartment]] that it lies in")
    arterial_height: Height | None = key(None, "height at which arterial_pressure holds; by default the node's")


class FlowEnd(Table):
    """Flow into the network."""

    kind: Literal["flow"]
    node: StrictStr = key(..., "node")
    value: FlowInTime = key(..., "flow into the network: a number, or in time")


class PressureEnd(Table):
    """Pressure at a node, as a right atrium with breathing: value = {mean = "3 mmHg", amplitude = "2 mmHg", rate = "15 1/min"}."""

    kind: Literal["pressure"]
    node: StrictStr = key(..., "node")
    value: PressureInTime = key(..., "static pressure: a number, or in time")


class ResistanceEnd(Table):
    """A resistance to a pressure."""

    kind: Literal["resistance"]
    node: StrictStr = key(..., "node")
    R: Resistance = key(..., "resistance")
    pressure: PressureInTime = key("0 mmHg", "pressure behind it")


class WindkesselEnd(Table):
    """Three elements: R1, then a compliance C, then R2 to a pressure; R1 = "0 mmHg·s/mL" leaves two."""

    kind: Literal["windkessel"]
    node: StrictStr = key(..., "node")
    R1: Annotated[float, Quantity("resistance", "mmHg·s/mL", low=0)] = key("0 mmHg·s/mL", "proximal resistance")
    C: Compliance = key(..., "compliance")
    R2: Resistance = key(..., "distal resistance")
    pressure: PressureInTime = key("0 mmHg", "pressure behind it")


class ReflectionFreeEnd(Table):
    """An end that waves leave for ever."""

    kind: Literal["reflection-free"]
    node: StrictStr = key(..., "node")
    pressure: PressureInTime = key("0 mmHg", "pressure of rest far outside; what it does in time enters as a wave of half its height")


class ClosedEnd(Table):
    """An end through which nothing flows."""

    kind: Literal["closed"]
    node: StrictStr = key(..., "node")


class Probe(Table):
    """A place at which pressure, flow, area, velocity (these plotted) and wall shear stress are kept in probes.csv."""

    name: StrictStr = key(..., "what results call it")
    vessel: StrictStr = key(..., "name of the vessel")
    at: Fraction | None = key(None, "place along the vessel, 0 begin, 1 end (or x)")
    x: Annotated[float, Quantity("length", "cm", low=0)] | None = key(None, "distance from the vessel's begin")

    @model_validator(mode="after")
    def _one(self) -> Probe:
        if (self.at is None) == (self.x is None):
            raise problem('give either at = 0.5 (share of the length) or x = "5 cm"')
        return self


class Tracer(Table):
    """Blood that is marked and followed, in tracers.csv and the summary: what vessels and beds hold at a time, or what enters at nodes and beds."""

    name: StrictStr = key(..., "what results call it")
    at: Annotated[float, Quantity("duration", "s", low=0)] | None = key(None, "time at which the blood of vessels and beds is marked, and no other")
    vessels: tuple[StrictStr, ...] = Field(default=(), description="names of the vessels whose blood is marked")
    beds: tuple[StrictStr, ...] = Field(default=(), description="names of the beds whose venous blood is marked")
    inflow: dict[StrictStr, ShareInTime] = Field(
        default={}, description="node or bed → share that is marked of what enters there, from its boundary or arteries: a number, or in time"
    )

    @model_validator(mode="after")
    def _marks(self) -> Tracer:
        if self.at is None and not self.inflow:
            raise problem('marks nothing: give at = "10 s" with vessels or beds, or inflow = {NODE = 1}')
        if self.at is None and (self.vessels or self.beds):
            raise problem('needs the time at which its vessels and beds are marked: at = "10 s"')
        if self.at is not None and not (self.vessels or self.beds):
            raise problem("needs the vessels or beds whose blood is marked at that time")
        return self


Boundary = Annotated[FlowEnd | PressureEnd | ResistanceEnd | WindkesselEnd | ReflectionFreeEnd | ClosedEnd, Field(discriminator="kind")]
BOUNDARIES: tuple[type[Table], ...] = (FlowEnd, PressureEnd, ResistanceEnd, WindkesselEnd, ReflectionFreeEnd, ClosedEnd)


class Network(Table):
    """A flow network of its own: the case then has no leg, that is no protocol, subject, section, tissue, hose or impairment."""

    time: Duration = key(..., "how long the flow is solved")
    profile: Annotated[float, Quantity("fraction", "1", low=1, high=100)] = key(
        2.0, "exponent ζ of the velocity profile 1 − (r/R)^ζ, friction 2(ζ + 2)πν Q/A; 2 is Poiseuille, 9 blunt", "Smith, Pullan & Hunter 2002"
    )
    initial_pressure: AnyPressure | None = key(
        None, "p + ρgz of the rest from which the flow begins; by default that of the first pressure, reflection-free or load's end, else 0"
    )
    heights: dict[StrictStr, Height] = Field(default={}, description="node → height; needed of every node where gravity is to act")
    posture: Annotated[Signal, InTime("fraction", "1", low=-1, high=1)] = key(1.0, "sine of the tilt: 1 upright, 0 lying; a number, or in time")
    profiles: tuple[Duration, ...] = Field(default=(), description='times at which all vessels are written along x into profiles.csv, such as ["0.1 s"]')
    law: dict[StrictStr, Law] = Field(default={}, description="[network.law.NAME]: laws that vessels name")
    vessel: tuple[Vessel, ...] = Field(description="[[network.vessel]], one for each vessel", json_schema_extra={"minItems": 1})
    valve: tuple[Valve, ...] = Field(default=(), description="[[network.valve]]")
    compartment: tuple[Compartment, ...] = Field(default=(), description="[[network.compartment]]")
    bed: tuple[Bed, ...] = Field(default=(), description="[[network.bed]]")
    boundary: tuple[Boundary, ...] = Field(default=(), description="[[network.boundary]]")
    probe: tuple[Probe, ...] = Field(default=(), description="[[network.probe]]")
    tracer: tuple[Tracer, ...] = Field(default=(), description="[[network.tracer]]")

    @field_validator("vessel", mode="before")
    @classmethod
    def _some(cls, value: object) -> object:
        if value in ([], ()):
            raise problem("at least one vessel is needed")
        return value


#: key of [network] → model of its rows or entries, the boundaries apart
PARTS: dict[str, type[Table]] = {
    "law": Law, "vessel": Vessel, "valve": Valve, "compartment": Compartment, "bed": Bed, "probe": Probe, "tracer": Tracer,
}  # fmt: skip


def merged(network: Network, vessel: Vessel) -> Wall:
    """The wall of a vessel: its law's keys, replaced by its own. Size, stiffness, exponents and table are replaced as groups, E and h singly.

    Only for names that `calfpump.case.network_check` has accepted.
    """
    law = network.law[vessel.law] if vessel.law is not None else Law()
    values = {name: getattr(law, name) for name in Wall.model_fields}
    own = {name: getattr(vessel, name) for name in Wall.model_fields if getattr(vessel, name) is not None}
    for group in (("radius", "diameter", "A0"), ("K", "speed")):
        if any(name in own for name in group):
            values |= dict.fromkeys(group)
    if "K" in own or "speed" in own:
        values |= {"E": None, "h": None, "table": None}
    if "E" in own or "h" in own:
        values |= {"K": None, "speed": None, "table": None}
    if "table" in own:
        values |= dict.fromkeys(("K", "speed", "E", "h", "m", "n"))
    return Wall.model_construct(**(values | own))


class Holder(Table):
    """The one table of a case that is read by itself, under its own key."""

    network: Network
