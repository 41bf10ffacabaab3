"""The mid-calf in a hose, its calf muscles contracted, emptied through contact and filled: one process, or several under mpirun.

    python calf_state.py RESULT.npz FOLDER        mpirun -n 4 python calf_state.py RESULT.npz FOLDER

Its steps are kept in FOLDER; killed and begun again, it goes on from there.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from calfpump.anatomy.section_description import load_description
from calfpump.case.tissue import Tissue
from calfpump.mesh import COARSE, build
from calfpump.section.job import GRIDS, MMHG, Curves, Job, WornHose
from calfpump.section.states import activation_states
from calfpump.section.tissues import coefficients
from calfpump.section.trace import Trace

#: Area ratios of the emptying, to α = .195 with opposite walls in contact from about .25 on, and of the filling.
DOWN, UP = 14, 1


def job(keep: Path) -> Job:
    """A class II hose, the strongest contraction of a coarse law."""
    mesh = build(load_description("mid_calf"), resolution=COARSE)
    grid = replace(GRIDS["coarse"], down=GRIDS["coarse"].down[:DOWN], up=GRIDS["coarse"].up[:UP])
    state = max(activation_states("coarse"), key=lambda s: s.shortening.get("soleus", 0.0))
    worn = WornHose(28.0 * MMHG, 10.0 * MMHG / 0.01, "sliding")
    return Job(mesh, coefficients(mesh, Tissue()), worn, state, grid, keep=keep)


def main(result: str, keep: str) -> None:
    """The curves, written by rank 0."""
    from mpi4py import MPI

    comm = MPI.COMM_WORLD
    trace = Trace(comm.bcast(job(Path(keep)) if comm.rank == 0 else None), lambda line: None, comm)
    trace.wear()
    curves: Curves = trace.run()
    if comm.rank == 0:
        np.savez(
            result, ranks=comm.size, alpha=curves.alpha, p=curves.pressures, compartments=curves.compartments, areas=curves.areas,
            G=curves.conductances, touching=curves.touching, dents=curves.dents,
            gaps=np.nan_to_num(curves.gaps, posinf=0.0), hose=curves.ramp_hose, girth=curves.ramp_girth, reached=curves.reached,
            effort=[trace.equilibrium.effort.iterations, trace.equilibrium.effort.factorisations],
        )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:3])
