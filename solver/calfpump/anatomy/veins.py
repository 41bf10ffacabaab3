"""The numbers of the leg's veins, each with its source.

Sources: [A] ADAN venous network (lengths, radii); [W] White 1996 (plantar veins); [R] Aragão 2017 (soleal drainage); [J] Jeanneret
2005 (gastrocnemius veins); [S] Sun & Zhang 1990 and [M] Moore 2011 (valves); [L] Ludbrook 1966 (pump volumes); [C] Christopoulos
1987 (plethysmographic volumes). Where none is named the number is an assumption, chosen so that the volumes of the groups at the
stress-free area add up to what plethysmography finds; such numbers are never validation targets.
"""

from __future__ import annotations

from dataclasses import dataclass

MM2 = 1e-6
ML = 1e-6
MMHG = 133.322

REFERENCE_STATURE = 1.75

SEGMENTS = ("foot", "shank", "thigh", "trunk")
# Height of each segment's upper end as a fraction of the stature (Drillis & Contini 1966, as tabled by Winter).
SEGMENT_TOP = {"foot": 0.039, "shank": 0.285, "thigh": 0.530, "trunk": 1.0}

# Height of each node above the sole in standing, as a fraction of the stature; right atrium at the fourth intercostal space.
NODE_HEIGHT = {
    "toe": 0.010, "dorsum": 0.039, "ankle": 0.039, "gaiter": 0.100, "calf": 0.200, "knee_low": 0.270, "knee": 0.285,
    "adductor": 0.360, "thigh": 0.430, "femoral_confluence": 0.480, "groin": 0.505, "iliac": 0.565, "caval": 0.600,
    "atrium": 0.720,
    "peroneal_calf": 0.200, "anterior_calf": 0.200,
    "soleal_medial_end": 0.100, "soleal_medial_hilum": 0.195, "soleal_lateral_end": 0.100, "soleal_lateral_hilum": 0.195,
    "gastrocnemius_medial_end": 0.170, "gastrocnemius_lateral_end": 0.170, "deep_femoral_end": 0.350,
    "saphenous_gaiter": 0.105, "saphenous_calf": 0.205, "saphenous_knee": 0.290, "saphenous_thigh": 0.435,
    "small_saphenous_calf": 0.205,
}  # fmt: skip


@dataclass(frozen=True)
class VesselRow:
    """One line of the table: lengths [m] at the reference stature, A0 [m²] of one vein, n in parallel."""

    name: str
    distal: str
    proximal: str
    length: float
    A0: float
    n: float
    compartment: str | None = None
    section_veins: tuple[str, ...] = ()
    keeps_volume: bool = False


def _row(name: str, distal: str, proximal: str, length: float, A0_mm2: float, n: float, compartment: str | None = None,
         section_veins: tuple[str, ...] = (), keeps_volume: bool = False) -> VesselRow:  # fmt: skip
    return VesselRow(name, distal, proximal, length, A0_mm2 * MM2, n, compartment, section_veins, keeps_volume)


_PT = ("posterior_tibial_1", "posterior_tibial_2")
_PER = ("peroneal_1", "peroneal_2")
_AT = ("anterior_tibial_1", "anterior_tibial_2")

VESSELS = (
    # Foot: lateral and medial plantar veins, 1-4 of 4 mm diameter over 75 % of the arch [W]; dorsal arch and its tributaries.
    _row("plantar", "toe", "ankle", 0.150, 16.7, 4, "foot"),
    _row("dorsal_foot", "toe", "dorsum", 0.150, 13.3, 3, "foot_dorsum"),
    # Deep calf veins, paired [A].
    _row("posterior_tibial_low", "ankle", "gaiter", 0.107, 5.6, 2, "deep_posterior", _PT),
    _row("posterior_tibial_mid", "gaiter", "calf", 0.175, 5.6, 2, "deep_posterior", _PT),
    _row("posterior_tibial_high", "calf", "knee_low", 0.123, 5.6, 2, "deep_posterior", _PT),
    _row("peroneal_low", "ankle", "peroneal_calf", 0.282, 5.6, 2, "deep_posterior", _PER),
    _row("peroneal_high", "peroneal_calf", "knee_low", 0.123, 5.6, 2, "deep_posterior", _PER),
    _row("anterior_tibial_low", "dorsum", "anterior_calf", 0.282, 3.6, 2, "anterior", _AT),
    _row("anterior_tibial_high", "anterior_calf", "knee_low", 0.123, 3.6, 2, "anterior", _AT),
    # Soleal sinuses: 30 mL together at A0, valveless, drained by 7-38 short branches [R].
    _row("soleal_medial", "soleal_medial_end", "soleal_medial_hilum", 0.166, 12.9, 7, "soleus", ("soleal_medial",), True),
    _row("soleal_lateral", "soleal_lateral_end", "soleal_lateral_hilum", 0.166, 12.9, 7, "soleus", ("soleal_lateral",), True),
    _row("soleal_outlet_medial", "soleal_medial_hilum", "calf", 0.040, 10.0, 6, "deep_posterior"),
    _row("soleal_outlet_lateral", "soleal_lateral_hilum", "peroneal_calf", 0.040, 10.0, 6, "deep_posterior"),
    # Gastrocnemius veins: 16 mL together at A0; the trunk is 4.5 mm wide in standing [J].
    _row("gastrocnemius_medial", "gastrocnemius_medial_end", "knee", 0.200, 10.0, 4, "gastrocnemius",
         ("gastrocnemius_medial",), True),
    _row("gastrocnemius_lateral", "gastrocnemius_lateral_end", "knee", 0.200, 10.0, 4, "gastrocnemius",
         ("gastrocnemius_lateral",), True),
    # Conduits [A]: popliteal to vena cava.
    _row("popliteal_low", "knee_low", "knee", 0.030, 38.0, 1, "popliteal"),
    _row("popliteal", "knee", "adductor", 0.131, 38.0, 1, "popliteal"),
    _row("femoral_low", "adductor", "thigh", 0.123, 60.0, 1, "thigh"),
    _row("femoral_high", "thigh", "femoral_confluence", 0.088, 60.0, 1, "thigh"),
    _row("deep_femoral", "deep_femoral_end", "femoral_confluence", 0.230, 40.0, 2.7, "thigh"),
    _row("common_femoral", "femoral_confluence", "groin", 0.050, 95.0, 1, None),
    _row("external_iliac", "groin", "iliac", 0.106, 110.0, 1, None),
    _row("common_iliac", "iliac", "caval", 0.062, 110.0, 1, None),
    _row("vena_cava", "caval", "atrium", 0.221, 220.0, 1, None),
    # Superficial trunks; their tributaries are part of the subcutaneous venules.
    _row("great_saphenous_ankle", "dorsum", "saphenous_gaiter", 0.116, 8.0, 1, "subcutaneous", ("great_saphenous",)),
    _row("great_saphenous_calf", "saphenous_gaiter", "saphenous_calf", 0.175, 8.0, 1, "subcutaneous", ("great_saphenous",)),
    _row("great_saphenous_knee", "saphenous_calf", "saphenous_knee", 0.149, 8.0, 1, "subcutaneous", ("great_saphenous",)),
    _row("great_saphenous_thigh_low", "saphenous_knee", "saphenous_thigh", 0.254, 8.0, 1, "thigh_skin"),
    _row("great_saphenous_thigh_high", "saphenous_thigh", "groin", 0.123, 8.0, 1, "thigh_skin"),
    _row("small_saphenous_low", "dorsum", "small_saphenous_calf", 0.290, 5.0, 1, "subcutaneous", ("small_saphenous",)),
    _row("small_saphenous_high", "small_saphenous_calf", "knee", 0.140, 5.0, 1, "subcutaneous", ("small_saphenous",)),
    # Perforators, superficial to deep, with their subfascial course: 9-11 a calf, 1.5 mm wide, 9 mmHg s/mL each by Poiseuille's law.
    _row("cockett_perforators", "saphenous_gaiter", "gaiter", 0.040, 1.85, 3, None),
    _row("paratibial_perforators", "saphenous_calf", "calf", 0.040, 1.85, 3, None),
    _row("lateral_perforators", "small_saphenous_calf", "peroneal_calf", 0.040, 1.85, 3, None),
    _row("boyd_perforator", "saphenous_knee", "knee", 0.040, 1.85, 1, None),
    _row("hunterian_perforator", "saphenous_thigh", "thigh", 0.040, 1.85, 1, None),
)

# Places of the valves along each vessel, 0 distal, 1 proximal. Presence by segment [S], numbers [M]: all deep calf veins, the
# popliteal, femoral, deep femoral and common femoral veins; none in sinuses, common iliac veins and vena cava.
VALVES: dict[str, tuple[float, ...]] = {
    "plantar": (1.0,),
    "dorsal_foot": (1.0,),
    "posterior_tibial_low": (0.5, 1.0),
    "posterior_tibial_mid": (0.33, 0.67, 1.0),
    "posterior_tibial_high": (0.33, 0.67, 1.0),
    "peroneal_low": (0.2, 0.4, 0.6, 0.8, 1.0),
    "peroneal_high": (0.33, 0.67, 1.0),
    "anterior_tibial_low": (0.2, 0.4, 0.6, 0.8, 1.0),
    "anterior_tibial_high": (0.33, 0.67, 1.0),
    "soleal_outlet_medial": (0.5,),
    "soleal_outlet_lateral": (0.5,),
    "gastrocnemius_medial": (1.0,),
    "gastrocnemius_lateral": (1.0,),
    "popliteal": (0.5, 1.0),
    "femoral_low": (0.5, 1.0),
    "femoral_high": (0.9,),
    "deep_femoral": (1.0,),
    "common_femoral": (0.5,),
    "great_saphenous_ankle": (0.5, 1.0),
    "great_saphenous_calf": (0.33, 0.67, 1.0),
    "great_saphenous_knee": (0.5, 1.0),
    "great_saphenous_thigh_low": (0.33, 0.67, 1.0),
    "great_saphenous_thigh_high": (0.5, 1.0),
    "small_saphenous_low": (0.25, 0.5, 0.75, 1.0),
    "small_saphenous_high": (0.33, 0.67, 1.0),
    "cockett_perforators": (0.5,),
    "paratibial_perforators": (0.5,),
    "lateral_perforators": (0.5,),
    "boyd_perforator": (0.5,),
    "hunterian_perforator": (0.5,),
}

# Capillary beds: arterial inflow supine at rest [mL/s] from calf .054 %/s of 2 L (occlusion plethysmography), foot, thigh and pelvis
# by volume; the calf's muscle share .94 mL/s is split by muscle volume (Fukunaga 1992: soleus 489, medial head 245, lateral 140 cm³;
# deep posterior about 200, anterior with lateral about 290).
_BED_ROWS = (
    # name, node, compartment, inflow mL/s, exercising
    ("foot", "toe", "foot_dorsum", 0.27, False),
    ("soleus_medial", "soleal_medial_end", "soleus", 0.169, True),
    ("soleus_lateral", "soleal_lateral_end", "soleus", 0.169, True),
    ("gastrocnemius_medial", "gastrocnemius_medial_end", "gastrocnemius", 0.169, True),
    ("gastrocnemius_lateral", "gastrocnemius_lateral_end", "gastrocnemius", 0.096, True),
    ("deep_posterior", "gaiter", "deep_posterior", 0.138, True),
    ("anterior", "anterior_calf", "anterior", 0.199, True),
    ("calf_skin_medial", "saphenous_calf", "subcutaneous", 0.175, False),
    ("calf_skin_posterior", "small_saphenous_calf", "subcutaneous", 0.175, False),
    ("thigh_muscles", "deep_femoral_end", "thigh", 1.800, True),
    ("thigh_skin", "saphenous_thigh", "thigh_skin", 0.370, False),
    ("pelvis", "iliac", "pelvis", 0.500, False),
)

# Venous compliance of the calf .048 mL/100 mL/mmHg (occlusion plethysmography), of which the named veins give about 60 % in their
# working range; the rest, per mL/s of inflow, is the venules' and tributaries'. The same ratio serves the whole leg.
CALF_VOLUME = 2000 * ML
CALF_COMPLIANCE = 0.048e-2 * CALF_VOLUME / MMHG
VENULE_SHARE = 0.4
CALF_INFLOW = 1.29 * ML
# Outflow resistance 1.73 mmHg min 100 mL/mL (occlusion plethysmography); about half of it lies in the venules.
CALF_OUTFLOW_RESISTANCE = 1.73 * 60 * MMHG / (CALF_VOLUME / 100 / ML) / ML
VENULE_RESISTANCE_SHARE = 0.5
# Volume that venules and tributaries hold at zero transmural pressure, per unit of their compliance [Pa].
UNSTRESSED_PRESSURE = 25 * MMHG


def beds() -> list[tuple[str, str, str, float, float, float, float, bool]]:
    """Rows of :class:`calfpump.anatomy.leg.LegBed`: compliance and resistance are shared in proportion to the inflow."""
    rows = []
    for name, node, compartment, inflow_mL, exercising in _BED_ROWS:
        share = inflow_mL * ML / CALF_INFLOW
        compliance = CALF_COMPLIANCE * VENULE_SHARE * share
        R_out = CALF_OUTFLOW_RESISTANCE * VENULE_RESISTANCE_SHARE / share
        rows.append((name, node, compartment, inflow_mL * ML, compliance, compliance * UNSTRESSED_PRESSURE, R_out, exercising))
    return rows


_CALF_DEEP = (
    "posterior_tibial_low", "posterior_tibial_mid", "posterior_tibial_high", "peroneal_low", "peroneal_high",
    "anterior_tibial_low", "anterior_tibial_high", "soleal_medial", "soleal_lateral", "soleal_outlet_medial", "soleal_outlet_lateral",
)  # fmt: skip

# vessels, beds, distal nodes, proximal nodes, nodes shared with the superficial system. The deep calf veins that cross the
# compartments belong to the soleus, the strongest pump of them.
STAGE_PARTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "foot": (("plantar", "dorsal_foot"), ("foot",), (), ("ankle", "dorsum"), ()),
    "soleus": (_CALF_DEEP, ("soleus_medial", "soleus_lateral", "deep_posterior", "anterior"), ("ankle", "dorsum"), ("knee_low",),
               ("gaiter", "calf", "peroneal_calf")),
    "gastrocnemius": (("gastrocnemius_medial", "gastrocnemius_lateral"), ("gastrocnemius_medial", "gastrocnemius_lateral"), (),
                      ("knee",), ()),
    "popliteal": (("popliteal_low", "popliteal"), (), ("knee_low",), ("adductor",), ("knee",)),
    "thigh": (("femoral_low", "femoral_high", "deep_femoral"), ("thigh_muscles",), ("adductor",), ("femoral_confluence",), ("thigh",)),
    "groin": (("common_femoral", "external_iliac", "common_iliac", "vena_cava"), ("pelvis",), ("femoral_confluence",), ("atrium",), ("groin",)),
}  # fmt: skip
