"""The section of a case: its mesh, its finite-element laws (computed once, then kept), and what `tubelaw` and `mesh` write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from calfpump.case import Case, CaseError
from calfpump.case.errors import SolveError
from calfpump.coupling.stress_free import with_stress_free_veins
from calfpump.law import SectionLaws, store

if TYPE_CHECKING:
    from calfpump.anatomy.own_section import Description
    from calfpump.mesh import SectionMesh

Progress = Callable[[str], None]


def section_mesh(case: Case, progress: Progress | None = None) -> SectionMesh:
    """The mesh of the case's section at the case's quality, its veins stress free; raises `SolveError` where that can't be had."""
    return with_stress_free_veins(case, *_drawn(case), progress)


def _drawn(case: Case) -> tuple[Description, SectionMesh]:
    """The description, and its mesh with the veins as they are described."""
    from calfpump.anatomy.section_description import load_description
    from calfpump.mesh import RESOLUTIONS, build

    description = load_description(case.section.description)
    built = build(description, resolution=RESOLUTIONS[case.numerics.quality])
    if not built.veins:
        raise description.problem("vein", "the section has no vein, and so no law")
    if case.section.sole_pressure > 0.0 and "sole" not in built.curves:
        raise CaseError([case.problem("section.sole_pressure", f"the section {built.name} has no sole; leave the key out, or take mid_foot")])
    return description, built


def check_section(case: Case) -> None:
    """Raise `CaseError` if the case's section can't be meshed, or has no such muscle: before anything is written or long computed."""
    from calfpump.coupling.contraction import check_muscles

    check_muscles(case)
    own = case.section.description.endswith(".toml") or case.section.sole_pressure > 0.0
    if own and case.section.law == "finite-element":
        _drawn(case)


def law_inputs(case: Case) -> dict[str, Any]:
    """Everything that the section's laws depend on: the key under which they are kept."""
    from dataclasses import asdict

    from calfpump.anatomy.section_description import load_description
    from calfpump.mesh.resolution import RESOLUTIONS
    from calfpump.section.job import GRIDS
    from calfpump.section.states import activation_states

    sole = {"sole": case.section.sole_pressure} if case.section.sole_pressure > 0.0 else {}
    return sole | {
        "section": load_description(case.section.description).content(),
        "tissue": case.tissue.model_dump(),
        "hose": case.hose.model_dump(exclude={"name"}) if case.hose is not None else None,
        "mesh": asdict(RESOLUTIONS[case.numerics.quality]),
        "grid": asdict(GRIDS[case.numerics.quality]),
        "states": [asdict(state) for state in activation_states(case.numerics.quality)],
    }


def laws_of_section(case: Case, progress: Progress | None = None) -> SectionLaws:
    """The finite-element laws of the case's section, from the store or computed now.

    Raises
    ------
    SolveError
        An equilibrium was not found.
    """

    inputs = law_inputs(case)

    def compute() -> SectionLaws:
        import shutil

        from calfpump.section import characterise

        keep = store.folder() / f"{store.key(inputs)}.steps"
        mesh, sole = section_mesh(case, progress), case.section.sole_pressure
        try:
            laws = characterise(mesh, case.tissue, case.hose, quality=case.numerics.quality, progress=progress, sole=sole, keep=keep)
        except SolveError as problem:
            if problem.picture is not None:  # solved as far as it goes; a process that died goes on from its steps
                shutil.rmtree(keep, ignore_errors=True)
            raise
        shutil.rmtree(keep, ignore_errors=True)
        return laws

    return store.get_or_compute(inputs, compute, waiting=progress)


def needs_section(case: Case) -> None:
    """Raise CaseError for a case with [network], which has no section."""
    if case.network is not None:
        raise CaseError([case.problem("network", "a case with [network] has no section; calfpump run solves it")])


def mesh(case: Case, out: Path | None = None, force: bool = False, progress: Progress | None = None) -> Path:
    """Write the section's mesh (.msh, .vtu) and its labelled picture into a folder; returns the folder."""
    needs_section(case)
    from calfpump.mesh import picture, write
    from calfpump.results import output_folder

    drawn = _drawn(case)
    folder = output_folder(case, out, "mesh", force)
    built = with_stress_free_veins(case, *drawn, progress)
    write(built, folder)
    picture(built, folder / f"{built.name}.png")
    return folder


def tubelaw(case: Case, out: Path | None = None, force: bool = False, progress: Progress | None = None, tell: Progress | None = None) -> Path:
    """Write the section's laws (.npz, .csv), their plot and the deformed sections into a folder; returns the folder.

    A contraction asked for in [section] is solved besides, written and told line by line, as is what the laws are not (`SectionLaws.remarks`).
    """
    needs_section(case)
    from dataclasses import replace

    from calfpump.coupling.contraction import contraction_of_section, write_contraction
    from calfpump.report import plot_laws
    from calfpump.results import output_folder

    check_section(case)
    folder = output_folder(case, out, "tubelaw", force)
    laws = laws_of_section(case, progress)
    found = contraction_of_section(case, section_mesh(case), progress) if case.section.contracts else None
    say = tell or (lambda line: None)
    for remark in laws.remarks():
        say(f"note: {remark}")
    if found is not None:
        laws = replace(laws, pictures=(*laws.pictures, found.picture))
        for line in write_contraction(found, folder):
            say(line)
    laws.export(folder)
    plot_laws(laws, folder)
    return folder
