"""One vein of a calf emptied and filled again on ever finer meshes: has each area ratio one pressure?

    python benchmarks/folding.py [CALF ...] [--vein soleal_lateral] [--edges 48 96 192] [--stiffening 2 4] [--least 0.077]

CALF is a tissue preset on the mid-calf, or the seed of a random calf (random_calf.py); all veins but the one are left out. A wall that folds into
lobes in firm muscle jumps from one shape to another; where a vein that fills takes another way than the one that emptied, both states are stable,
and which of them a march of areas finds depends on the mesh. How far a state moves when the mesh alone is changed, carried.py tells. The meshes
have that many edges round the lumen, with a layer through the wall for each 24, and are elsewhere those of the standard quality.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace

from carried import Carrier, settle
from random_calf import MMHG, draw
from random_calf import description as drawn
from random_calf import tissue as drawn_tissue
from twice_finer import FROM_ALPHA

from calfpump.anatomy.section_description import SectionDescription, load_description
from calfpump.case.errors import SolveError
from calfpump.case.tissue import PRESETS, Tissue
from calfpump.mesh import STANDARD, build
from calfpump.section.curves import Floats
from calfpump.section.equilibrium import Area, State
from calfpump.section.job import GRIDS, Job
from calfpump.section.march import March
from calfpump.section.measure import compartment_pressures
from calfpump.section.states import ActivationState
from calfpump.section.tissues import coefficients
from calfpump.section.trace import Trace

Law = dict[float, float]


@dataclass
class Branches:
    """p − p_c [mmHg] by α of the vein while it empties and while it fills, with the emptying states (unknowns by cell, multipliers); why the march
    ended, if it did early."""

    trace: Trace
    emptying: Law = field(default_factory=dict)
    filling: Law = field(default_factory=dict)
    states: dict[float, tuple[Floats, Floats]] = field(default_factory=dict)
    ended: str = ""

    def transmural(self) -> float:
        """p − p_c [mmHg] of the present state."""
        p_c = compartment_pressures(self.trace.equilibrium, self.trace.job.mesh, self.trace.names)[self.trace.compartment[0]]
        return float(self.trace.equilibrium.pressures()[0] - p_c) / MMHG

    def carried(self, other: Branches) -> Law:
        """p − p_c of the states of `other` while it empties, settled on this mesh; not of those that find no stable state."""
        equilibrium, there, here = self.trace.equilibrium, other.trace.system.domain, self.trace.system.domain
        carry = Carrier(other.trace.job.mesh, there, self.trace.job.mesh, here)
        settled: Law = {}
        for alpha, (values, multipliers) in other.states.items():
            w = here.part(carry(values))
            w[self.trace.system.held] = 0.0
            equilibrium.restore(State(w, multipliers))
            if not settle(equilibrium, {vein: Area(alpha * float(self.trace.A0[0])) for vein in self.trace.system.veins}):
                settled[alpha] = self.transmural()
        return settled


def calf(name: str, stiffening: float) -> tuple[SectionDescription, Tissue, float | None]:
    """Section, tissue and girth [m] (None: the description's) of a preset or a seed."""
    if name in PRESETS:
        return load_description("mid_calf"), Tissue.model_validate({"preset": name, "wall_stiffening": stiffening}), None
    seed = draw(int(name))
    return drawn(seed)[0], drawn_tissue(seed, stiffening), seed.girth


def branches(name: str, vein: str, edges: int, stiffening: float, least: float) -> Branches:
    """Empty the vein to α = `least` and fill it to its stress-free area."""
    section, tissue, girth = calf(name, stiffening)
    section = replace(section, veins=tuple(v for v in section.veins if v.name == vein))
    resolution = replace(STANDARD, lumen_edges=edges, wall_layers=max(1, edges // 24))
    mesh = build(section, resolution=resolution, girth=girth)
    down = tuple(alpha for alpha in GRIDS["coarse"].down if alpha >= least)
    trace = Trace(Job(mesh, coefficients(mesh, tissue), None, ActivationState("rest", {}), GRIDS["coarse"]), lambda line: None)
    trace.wear()
    equilibrium, A0 = trace.equilibrium, float(trace.A0[0])
    found = Branches(trace)

    def go(law: Law, start: float, ratios: tuple[float, ...]) -> None:
        march = March(equilibrium, start, lambda alpha: {vein: Area(alpha * A0)}, name="area march", relax=True)
        for alpha in ratios:
            march.to(alpha)
            law[alpha] = found.transmural()
            if law is found.emptying:
                found.states[alpha] = trace.system.domain.whole(equilibrium.w), equilibrium.multipliers.copy()

    try:
        go(found.emptying, 1.0, down)
        go(found.filling, down[-1], down[-2::-1])
    except SolveError as error:
        found.ended = f"{error.state}: {error.reason}"
    return found


def furthest(one: Law, other: Law) -> str:
    """The largest difference of two laws from α = .13 on, and where."""
    common = [alpha for alpha in one if alpha in other and alpha >= FROM_ALPHA]
    if not common:
        return "-"
    worst = max(common, key=lambda alpha: abs(one[alpha] - other[alpha]))
    return f"{abs(one[worst] - other[worst]):.2f} at {worst:g}"


def main() -> None:
    """Print, for each calf and stiffening of the wall, how far filling is from emptying and each mesh from the one before."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("calf", nargs="*", default=["63", "153"], help="soft, stiff, or a seed")
    parser.add_argument("--vein", default="soleal_lateral")
    parser.add_argument("--edges", type=int, nargs="+", default=[48, 96, 192], help="round the lumen")
    parser.add_argument("--stiffening", type=float, nargs="+", default=[2.0, 4.0], help="of the wall")
    parser.add_argument("--least", type=float, default=0.077, help="area ratio to empty to")
    options = parser.parse_args()
    head = f"{'calf':>6}{'β':>5}{'edges':>7}{'p - p_c':>16}{'hysteresis':>18}{'emptying':>18}{'filling':>18}{'carried':>18}"
    print(f"{options.vein} alone, mmHg, each at its area ratio: p - p_c emptied, largest hysteresis, largest differences to the mesh before,")
    print(f"and of the states of that mesh carried onto this one\n{head}")
    for name in options.calf:
        for stiffening in options.stiffening:
            before = None
            for edges in options.edges:
                now = branches(name, options.vein, edges, stiffening, options.least)
                emptied = min((alpha, p) for alpha, p in {1.0: 0.0, **now.emptying}.items() if alpha >= FROM_ALPHA)
                line = f"{name:>6}{stiffening:5g}{edges:7}{f'{emptied[1]:.2f} at {emptied[0]:g}':>16}{furthest(now.emptying, now.filling):>18}"
                line += f"{furthest(now.emptying, before.emptying):>18}{furthest(now.filling, before.filling):>18}" if before else ""
                line += f"{furthest(now.carried(before), before.emptying):>18}" if before else ""
                print(f"{line}  {now.ended}".rstrip(), flush=True)
                before = now


if __name__ == "__main__":
    main()
