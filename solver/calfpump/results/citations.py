"""The papers that a run rests on: for its model the table below, for its numbers what the case's keys say of themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calfpump.case import Case

#: cases with [network] have no leg: what they rest on is marked
NETWORK = ("always", "network")
ALWAYS, FE, HOSE, TIPTOE, WALK = ("always",), ("finite-element",), ("hose",), ("tiptoe",), ("walk",)


@dataclass(frozen=True)
class Citation:
    """A work, what of it is used, and the runs that use it."""

    work: str
    gives: str
    when: tuple[str, ...] = ALWAYS


TABLE = (
    Citation("Drillis & Contini 1966, Body Segment Parameters, New York University, report 1166-03", "heights along the leg as fractions of the stature"),
    Citation("Sun & Zhang 1990", "which veins have valves"),
    Citation("Moore et al. 2011", "number of femoral and popliteal valves"),
    Citation("White et al. 1996", "plantar veins of the foot"),
    Citation("Aragão et al. 2017", "drainage of the soleal sinuses"),
    Citation("Jeanneret et al. 2005", "size of the medial gastrocnemius vein in standing"),
    Citation("Ludbrook 1966, Aspects of Venous Function in the Lower Limbs", "volumes of the pumps"),
    Citation("Christopoulos et al. 1987, J Vasc Surg 5:148", "plethysmographic volumes and indices (VV, VFI, EV, EF, RV, RVF)"),
    Citation("Fukunaga et al. 1992, J Orthop Res 10:926", "muscle volumes, by which the calf's blood flow is shared"),
    Citation("Müller & Toro 2014, Int J Numer Meth Biomed Engng 30:681", "tube law of veins outside the section", NETWORK),
    Citation("Mynard et al. 2012, Int J Numer Meth Biomed Engng 28:626", "dynamics of the valves; leak of incompetent ones", NETWORK),
    Citation("Lurie et al. 2003, J Vasc Surg 38:955", "opening and closing times of venous valves"),
    Citation("Taber & Perucchio 2000, J Elasticity 61:165; Nardinocchi & Teresi 2007, J Elasticity 88:27", "contraction as active strain", FE),
    Citation("Crouzeix & Raviart 1973, RAIRO 7(R3):33", "conforming element with discontinuous pressure", FE),
    Citation("Baratta et al. 2023, DOLFINx, doi 10.5281/zenodo.10447666", "finite elements", FE),
    Citation("Alnæs et al. 2014, ACM Trans Math Softw 40:9", "the form language of the residual and its tangent", FE),
    Citation("Amestoy et al. 2001, SIAM J Matrix Anal Appl 23:15", "factorisation with inertia (MUMPS)", FE),
    Citation("Geuzaine & Remacle 2009, Int J Numer Meth Engng 79:1309", "mesh of the section (Gmsh)", FE),
    Citation("Flaherty, Keller & Rubinow 1972, SIAM J Appl Math 23:446", "similarity law of the flattened tube beyond the computed range", FE),
    Citation("Fritsch & Carlson 1980, SIAM J Numer Anal 17:238", "monotone cubic tables of the laws", FE),
    Citation("Downie et al. 2007", "shapes of the calf's veins in section", FE),
    Citation("RAL-GZ 387; CEN/TS 15831; BS 6612; ASQUAL", "pressures of the classes of compression hose", HOSE),
    Citation("Maganaris et al. 1998, J Physiol 512:603", "swelling of the calf's muscles in contraction", TIPTOE),
    Citation("Ballard et al. 1998, J Appl Physiol 84:1976", "intramuscular pressure against ankle torque", TIPTOE + WALK),
    Citation("Fujisawa et al. 2015", "activation of the calf in tiptoe", TIPTOE),
    Citation("Schwartz, Rozumalski & Trost 2008, J Biomech 41:1639", "joint angles, forces and activations of walking", WALK),
    Citation("Santuz et al. 2019, iScience, doi 10.1016/j.isci.2019.100796", "activations of walking", WALK),
    Citation("Thelen 2003, J Biomech Eng 125:70; Rajagopal et al. 2016, IEEE Trans Biomed Eng 63:2068", "force–length factors of the muscles", WALK),
    Citation("Lam, Pitrou & Seibert 2015 (Numba), LLVM-HPC, doi 10.1145/2833157.2833162", "compiled flow kernels", NETWORK),
    Citation("Formaggia, Lamponi & Quarteroni 2003, J Eng Math 47:251", "tube law of arteries, m = 1/2, n = 0", ("network",)),
    Citation("Toro & Siviglia 2013, Commun Comput Phys 13:361", "waves of blood in vessels whose properties jump", ("network",)),
)


def citations(case: Case) -> list[Citation]:
    """The works that a run of this case uses, each once."""
    if case.network is not None:
        return [c for c in TABLE if "network" in c.when]
    traits = {*ALWAYS, case.section.law, *(row.do for row in case.protocol), *(HOSE if case.hose is not None else ())}
    return [c for c in TABLE if traits & set(c.when)]


def numbers(case: Case) -> list[tuple[str, str]]:
    """(key, source) for every number of the case that still has the value the source was given for."""
    return list(_sources(case, ""))


def _sources(table: Any, path: str) -> Iterator[tuple[str, str]]:
    from pydantic import BaseModel

    from calfpump.case.fields import Quantity
    from calfpump.case.tissue import PRESETS, Tissue

    for name, field in type(table).model_fields.items():
        value, here = getattr(table, name), f"{path}{field.alias or name}"
        extra = field.json_schema_extra
        kind = next((item for item in field.metadata if isinstance(item, Quantity)), None)
        if isinstance(table, Tissue) and name in PRESETS[table.preset] and kind is not None:
            text, source = PRESETS[table.preset][name]
            if value == kind.read(text):
                yield f"{here} = {text}", source
        elif isinstance(value, BaseModel):
            yield from _sources(value, here + ".")
        elif isinstance(extra, dict) and "source" in extra and value not in (None, {}):
            text = kind.toml(value) if kind else str(value)
            if kind is None or (field.default is not None and value == kind.read(field.default)):
                yield f"{here} = {text}", str(extra["source"])


def cite(source: str | Path) -> str:
    """The list as text, for a result folder or a case file.

    Raises CaseError where ``source`` is neither.
    """
    from calfpump.case import load_case

    path = Path(source)
    case = load_case(path / "case.toml" if path.is_dir() else path)
    lines = [f"{case.title}: what this run rests on", "", "Model"]
    lines += [f"  {c.work}\n      {c.gives}" for c in citations(case)]
    lines += ["", "Numbers at their sourced values (all others are the case's own)"]
    lines += [f"  {key}\n      {where}" for key, where in numbers(case)]
    return "\n".join(lines)
