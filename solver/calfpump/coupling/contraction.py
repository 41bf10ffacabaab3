"""The contraction that a case asks of `tubelaw`: its muscles checked against the section, solved, and told as a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from calfpump.case import Case, CaseError
from calfpump.case.units import unit

if TYPE_CHECKING:
    from calfpump.mesh import SectionMesh
    from calfpump.section.contraction import Contraction


def check_muscles(case: Case) -> None:
    """Raise `CaseError` where the case contracts what is no muscle of its section, or one muscle twice."""
    if not case.section.contracts:
        return
    from difflib import get_close_matches

    from calfpump.anatomy.section_description import load_description

    section = load_description(case.section.description)
    muscles = {region.name: region.compartment for region in section.regions if region.tissue == "muscle"}
    names = list(dict.fromkeys([*muscles, *muscles.values()]))
    problems = []
    for key in ("shortening", "muscle_pressure"):
        for name in getattr(case.section, key):
            path = f"section.{key}.{name}"
            if name not in names:
                close = get_close_matches(name, names, n=1)
                meant = f'; did you mean "{close[0]}"?' if close else ""
                problems.append(case.problem(path, f"the section {section.name} has no such muscle (there are: {', '.join(names)}){meant}"))
            elif name in muscles and muscles[name] != name and muscles[name] in {*case.section.shortening, *case.section.muscle_pressure}:
                problems.append(case.problem(path, f"lies in the compartment {muscles[name]}, which is given too; name either"))
    if problems:
        raise CaseError(problems)


def contraction_of_section(case: Case, mesh: SectionMesh, progress: Callable[[str], None] | None = None) -> Contraction | None:
    """The contraction of [section], or None where none is asked for; raises `SolveError`."""
    if not case.section.contracts:
        return None
    from calfpump.section.characterise import worn_hose
    from calfpump.section.contraction import contract

    return contract(
        mesh, case.tissue, worn_hose(mesh, case.hose), case.section.shortening, case.section.muscle_pressure, quality=case.numerics.quality,
        sole=case.section.sole_pressure, progress=progress,
    )  # fmt: skip


def write_contraction(found: Contraction, folder: Path) -> list[str]:
    """Write ``<section>-contraction.csv``; returns the same as lines for the terminal."""
    from calfpump.law.export import write

    mmhg = unit("mmHg").factor
    head = ("muscle or compartment", "shortening [1]", "pressure at rest [mmHg]", "pressure contracted [mmHg]")
    rows = [(name, f"{found.shortening.get(name, 0.0):.5f}", f"{a / mmhg:.2f}", f"{b / mmhg:.2f}") for name, (a, b) in found.pressure.items()]
    write(folder / f"{found.section}-contraction.csv", head, iter(rows))
    lines = [f"{name:26s} shortened by {100 * float(s):5.2f} %  {a:>7s} -> {b:>7s} mmHg" for name, s, a, b in rows]
    girth = f"girth {1e3 * found.girth[0]:.1f} -> {1e3 * found.girth[1]:.1f} mm"
    return [*lines, girth + (f", hose {found.hose[0] / mmhg:.1f} -> {found.hose[1] / mmhg:.1f} mmHg" if found.hose[0] else "")]
