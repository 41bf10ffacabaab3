"""What a case's stocking makes of the mid-calf at rest, beside the bare one."""

from __future__ import annotations

from dataclasses import asdict

from calfpump import load_case
from calfpump.case.shipped import shipped
from calfpump.coupling.section import law_inputs, section_mesh
from calfpump.law import SectionLaws, store
from calfpump.section import characterise
from calfpump.section.states import ActivationState


def at_rest(case: str) -> SectionLaws:
    """The laws of a shipped ``case`` ("cases/…") at rest: those of `calfpump tubelaw` without their contractions, computed once for all processes."""
    found, rest = load_case(shipped("cases").parent / case), [ActivationState("rest", {})]

    def compute() -> SectionLaws:
        return characterise(section_mesh(found), found.tissue, found.hose, rest, quality=found.numerics.quality, workers=1)

    return store.get_or_compute(law_inputs(found) | {"states": [asdict(state) for state in rest]}, compute)


def areas(laws: SectionLaws, posture: str) -> dict[str, float]:
    """Lumen areas [mm²] "supine" or "standing", by vein."""
    return dict(laws.provenance["postures"][posture]["A [mm2]"])


def area_left(worn: SectionLaws, bare: SectionLaws, posture: str) -> dict[str, float]:
    """Share of its bare area that each vein keeps."""
    without = areas(bare, posture)
    return {vein: A / without[vein] for vein, A in areas(worn, posture).items()}


def share_inside(worn: SectionLaws, bare: SectionLaws) -> dict[str, float]:
    """Of the stocking's mean pressure on the lying leg the share that reaches each compartment."""
    under, without = (laws.provenance["postures"]["supine"] for laws in (worn, bare))
    return {name: (p - without["p [mmHg]"][name]) / under["hose [mmHg]"] for name, p in under["p [mmHg]"].items()}
