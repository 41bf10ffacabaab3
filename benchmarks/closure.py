"""Question: does a vein's own law p − p_c = f(α; s) hold whatever the other veins are filled with?

For several veins of the mid-calf the lumen area is marched with all other veins at 10 mmHg, then at 60 mmHg, at rest and at the strongest
posterior contraction. Printed and written as CSV: by how much the vein's pressure p moves, by how much p − p_c moves with the compartment's
pressure read in the same state, and the worst departure of p from what the flow uses, p_c(s, ΣA/ΣA0) + f(α; s).

    python3 benchmarks/closure.py [--quality coarse] [--out closure.csv] [--only rest] [--set KEY=VALUE]
    python3 benchmarks/closure.py --of posterior_tibial_1      which of the others move it: its neighbour, those of its compartment, or all
"""

from __future__ import annotations

import argparse
import csv
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from calfpump.case import load_case
from calfpump.coupling.section import laws_of_section, section_mesh
from calfpump.law import SectionLaws
from calfpump.section import measure
from calfpump.section.equilibrium import Area, Control, Pressure, State
from calfpump.section.errors import SectionError
from calfpump.section.job import GRIDS, MMHG, Job
from calfpump.section.march import March
from calfpump.section.states import activation_states
from calfpump.section.tissues import coefficients
from calfpump.section.trace import Trace

OTHERS = (10.0, 60.0)  # mmHg
VEINS = ("soleal_medial", "gastrocnemius_medial", "posterior_tibial_1", "peroneal_1", "anterior_tibial_1", "great_saphenous")
LEAST, MOST = 0.1, 1.42


def start(trace: Trace, others: float) -> dict[str, float]:
    """Veins above the pressure of the others emptied together until each has come down past it, then those below filled; the area ratio [1] where
    each was parked. Those that the tables' last area left short of it are in ``trace.stuck``."""
    system, equilibrium = trace.system, trace.equilibrium
    parked = dict.fromkeys(system.veins, 1.0)
    moving: set[str] = set()
    trace.stuck = {}

    def controls(alpha: float) -> Mapping[str, Control]:
        return {v: Area((alpha if v in moving else parked[v]) * a) for v, a in zip(system.veins, trace.A0, strict=True)}

    for ratios, emptying in ((trace.job.grid.down, True), (trace.job.grid.up, False)):
        pressures = zip(system.veins, equilibrium.pressures(), strict=True)
        moving |= {v for v, now in pressures if parked[v] == 1.0 and (now > others) == emptying}
        march = March(equilibrium, 1.0, controls, name="area march", relax=True)
        for alpha in ratios:
            if not moving:
                break
            march.to(alpha)
            for v, now in zip(system.veins, equilibrium.pressures(), strict=True):
                if v in moving and (now <= others) == emptying:
                    parked[v] = alpha
            moving -= {v for v in moving if parked[v] == alpha}
        parked |= dict.fromkeys(moving, alpha)
        for v in moving:
            trace.stuck[v] = alpha * trace.A0[system.veins.index(v)]
        moving.clear()
    return parked


def equalise(trace: Trace, parked: Mapping[str, float], others: float) -> State:
    """All veins brought from where they were parked to the one pressure; those that the tables' last area left short of it stay there."""
    equilibrium, system = trace.equilibrium, trace.system
    begin = dict(zip(system.veins, equilibrium.pressures().copy(), strict=True))
    for v in trace.stuck:
        print(f"  {v}: {begin[v] / MMHG:.0f} mmHg at its last area, α = {parked[v]:g}; held there", flush=True)

    def controls(t: float) -> Mapping[str, Control]:
        return {v: Area(trace.stuck[v]) if v in trace.stuck else Pressure(float(p + t * (others - p))) for v, p in begin.items()}

    march = March(equilibrium, 0.0, controls, name="pressure", relax=True)
    for t in (0.25, 0.5, 0.75, 1.0):
        march.to(t)
    return equilibrium.state


def law(trace: Trace, vein: str, others: Mapping[str, float], begin: State) -> dict[float, tuple[float, float, float]]:
    """α → (p, p_c, ΣA/ΣA0 of the compartment) of one vein, the others at their pressures; pressures in Pa."""
    equilibrium, system = trace.equilibrium, trace.system
    k = system.veins.index(vein)
    space = trace.names[trace.compartment[k]]
    mates = trace.compartment == trace.compartment[k]
    found: dict[float, tuple[float, float, float]] = {}
    equilibrium.restore(begin)
    here = float(equilibrium.areas()[k] / trace.A0[k])

    def controls(alpha: float) -> Mapping[str, Control]:
        held = {v: Area(a) for v, a in trace.stuck.items()}
        return {v: Area(alpha * trace.A0[k]) if v == vein else held.get(v, Pressure(others[v])) for v in system.veins}

    ratios = sorted({a for a in (*trace.job.grid.down, 1.0, *trace.job.grid.up) if LEAST <= a <= MOST})
    for part in ([a for a in ratios if a > here], [a for a in reversed(ratios) if a <= here]):
        equilibrium.restore(begin)
        march = March(equilibrium, here, controls, name=f"area march of {vein}", relax=True)
        for alpha in part:
            try:
                march.to(alpha)
            except SectionError as problem:
                print(f"  {vein}: ended at {march.history[-1][0]:.3g}: {problem.reason}", flush=True)
                break
            areas = equilibrium.areas()
            pressure = measure.compartment_pressures(equilibrium, trace.job.mesh, (space,))[0]
            found[alpha] = (float(equilibrium.pressures()[k]), float(pressure), float(areas[mates].sum() / trace.A0[mates].sum()))
    return found


def compare(laws: SectionLaws, state: dict[str, float], vein: str, space: str, low: dict, high: dict) -> dict[str, float]:
    """Largest differences [mmHg] over the area ratios that both marches reached."""
    common = sorted(set(low) & set(high))
    p, c = (np.array([[run[a][i] for a in common] for run in (low, high)]) / MMHG for i in (0, 1))
    s = state.get(space, 0.0)
    table = laws.veins[vein]
    row = int(np.argmin(np.abs(table.s - s)))
    f = np.interp(common, table.alpha, table.f[row])
    used = np.array([[f[i] + laws.compartments[space].pressure(s, run[a][2]) for i, a in enumerate(common)] for run in (low, high)]) / MMHG
    worst = int(np.abs((p - c)[1] - (p - c)[0]).argmax())
    return {
        "from alpha": common[0], "to alpha": common[-1], "worst at alpha": common[worst],
        "p moves [mmHg]": float(np.abs(p[1] - p[0]).max()), "p - p_c moves [mmHg]": float(np.abs((p - c)[1] - (p - c)[0]).max()),
        "law in use, worst error [mmHg]": float(np.abs(used - p).max()),
    }  # fmt: skip


def movers(trace: Trace, vein: str) -> None:
    """Print by how much p − p_c of one vein moves when its neighbour, the veins of its compartment, or all others go from 10 to 60 mmHg."""
    system, equilibrium = trace.system, trace.equilibrium
    specs = {v.name: v for v in trace.job.mesh.veins}
    low, high = (others * MMHG for others in OTHERS)
    begin = equalise(trace, start(trace, low), low)
    apart = {v: float(np.hypot(*np.subtract(specs[v].centre, specs[vein].centre))) for v in system.veins if v != vein}
    neighbour = min(apart, key=apart.__getitem__)
    mates = [v for v in apart if specs[v].compartment == specs[vein].compartment]
    first = dict.fromkeys(system.veins, low)
    base = law(trace, vein, first, begin)
    for what, raised in ((f"{neighbour}, {1e3 * apart[neighbour]:.1f} mm away", [neighbour]), ("those of its compartment", mates), ("all others", list(apart))):
        equilibrium.restore(begin)
        after = first | dict.fromkeys(raised, high)
        march = March(
            equilibrium, 0.0, lambda t, after=after: {v: Area(trace.stuck[v]) if v in trace.stuck else Pressure(low + t * (after[v] - low)) for v in after},
            name="pressure", relax=True,
        )  # fmt: skip
        for t in (0.25, 0.5, 0.75, 1.0):
            march.to(t)
        found = law(trace, vein, after, equilibrium.state)
        common = sorted(set(base) & set(found))
        moved = {a: (found[a][0] - base[a][0], found[a][0] - found[a][1] - base[a][0] + base[a][1]) for a in common}
        worst = max(moved, key=lambda a: abs(moved[a][1]))
        print(f"{what:<36} p - p_c moves {moved[worst][1] / MMHG:+.2f} mmHg (p {moved[worst][0] / MMHG:+.2f}) at α = {worst:g}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quality", default="coarse")
    parser.add_argument("--out", type=Path, default=Path("closure.csv"))
    parser.add_argument("--only", choices=("rest", "contracted"), help="one of the two states")
    parser.add_argument("--of", choices=VEINS, help="which of the others move this vein, at rest")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change a key of the case, for instance tissue.wall_stiffening=0")
    args = parser.parse_args()
    case = load_case(Path(__file__).parents[1] / "cases" / "quickstart.toml", [f"numerics.quality={args.quality}", "hose.class=none", *args.set])
    mesh = section_mesh(case)
    states = activation_states(args.quality)
    strongest = max((s for s in states if "soleus" in s.shortening), key=lambda s: s.shortening["soleus"])
    if args.of:
        trace = Trace(Job(mesh, coefficients(mesh, case.tissue), None, states[0], GRIDS[args.quality]), lambda line: None)
        trace.wear()
        trace._contract()
        movers(trace, args.of)
        return
    laws = laws_of_section(case)
    rows = []
    for state in {None: (states[0], strongest), "rest": states[:1], "contracted": (strongest,)}[args.only]:
        found: dict[float, dict[str, dict[float, tuple[float, float, float]]]] = {}
        for others in OTHERS:
            began = time.process_time()
            trace = Trace(Job(mesh, coefficients(mesh, case.tissue), None, state, GRIDS[args.quality]), lambda line: None)
            trace.wear()
            trace._contract()
            begin = equalise(trace, start(trace, others * MMHG), others * MMHG)
            at = dict.fromkeys(trace.system.veins, others * MMHG)
            found[others] = {vein: law(trace, vein, at, begin) for vein in VEINS}
            print(f"{state.name}, others at {others:g} mmHg: {time.process_time() - began:.0f} s", flush=True)
        for vein in VEINS:
            space = trace.names[trace.compartment[trace.system.veins.index(vein)]]
            row = {"state": state.name, "vein": vein} | compare(laws, state.shortening, vein, space, found[10.0][vein], found[60.0][vein])
            print("  ".join(f"{v:.3g}" if isinstance(v, float) else f"{v:22s}" for v in row.values()), flush=True)
            rows.append(row)
    with open(args.out, "w", newline="", encoding="utf-8") as file:
        lines = csv.DictWriter(file, rows[0].keys())
        lines.writeheader()
        lines.writerows(rows)


if __name__ == "__main__":
    main()
