"""Question: what gives the deep posterior compartment of the calf its pressure when the soleus contracts?

The posterior group shortens by 9 %. Varied one at a time: the deep flexors' own share of the shortening, the septum's stiffness, the muscles'
compressibility. Printed: pressures of soleus, deep posterior and anterior compartment, their ratio.

    python3 benchmarks/deep_compartment.py
"""

from __future__ import annotations

from pathlib import Path

from calfpump.case import load_case
from calfpump.coupling.section import section_mesh
from calfpump.section.contraction import contract
from calfpump.section.job import MMHG

CASE = Path(__file__).parents[1] / "cases" / "quickstart.toml"
SHORTENING = 0.09
#: share of the deep flexors, changes of the case
VARIANTS: tuple[tuple[float, tuple[str, ...]], ...] = (
    (0.25, ()), (0.0, ()), (0.5, ()), (1.0, ()), (0.0, ("tissue.septum_E=0.1 MPa",)), (0.0, ("tissue.septum_E=40 MPa",)),
    (0.0, ("tissue.muscle_poisson=0.49",)), (0.0, ("tissue.fascia_E=10 MPa",)),
)  # fmt: skip


def main() -> None:
    mesh = section_mesh(load_case(CASE))
    for share, changes in VARIANTS:
        case = load_case(CASE, changes)
        shortening = {"soleus": SHORTENING, "gastrocnemius": SHORTENING} | ({"deep_posterior": share * SHORTENING} if share else {})
        found = contract(mesh, case.tissue, None, shortening, {}, quality="coarse")
        p = {name: found.pressure[name][1] / MMHG for name in ("soleus", "deep_posterior", "anterior")}
        told = "  ".join(f"{name} {value:6.1f}" for name, value in p.items())
        print(f"share {share:4.2f}  {' '.join(changes) or 'as shipped':28s}  {told} mmHg  deep/soleus {p['deep_posterior'] / p['soleus']:.2f}", flush=True)


if __name__ == "__main__":
    main()
