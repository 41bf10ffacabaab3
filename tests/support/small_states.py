"""A small section in two states of activation, solved as `tubelaw` solves them: in this process, or under mpirun by all ranks.

mpirun -n 2 python small_states.py RESULT.npz
"""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from section_meshes import circles, layered

from calfpump.mesh import VeinSpec
from calfpump.section.errors import SectionError
from calfpump.section.job import Curves, Grid, Job
from calfpump.section.states import ActivationState
from calfpump.section.tissues import Coefficients

STATES = (ActivationState("rest", {}), ActivationState("contracted", {"soleus": 0.04}))


def jobs() -> list[Job]:
    """A vein in compressible muscle within a rigid shell."""
    curves = circles(2e-3 * np.array([1.0, 1.3, 2.0, 3.0]), 16)
    mesh = layered(curves, ["wall_vein", "soleus", "soleus"], names={0: "lumen_vein", -2: "skin", -1: "bone_shell"}, compartments={"soleus": "soleus"})
    vein = VeinSpec("vein", "soleus", "soleus", (0.0, 0.0), np.pi * 4e-6, 1.0, 0.0, 6e-4, 0.0, "a test")
    coefficients = Coefficients(
        mu={"wall_vein": 2e4, "soleus": 1e3}, inverse_kappa={"wall_vein": 0.0, "soleus": 1e-4}, membranes={}, penalty={"vein": 1e9}
    )
    grid = Grid((0.95, 0.9), (1.05,), ramp=(0.5, 1.0))
    return [Job(replace(mesh, veins=(vein,)), coefficients, None, state, grid, pictures=True) for state in STATES]


def table(curves: list[Curves]) -> NDArray[np.float64]:
    """The numbers of the laws, in units in which all are of order one or more."""
    return np.concatenate([_numbers(c) for c in curves])


def _numbers(c: Curves) -> NDArray[np.float64]:
    return np.concatenate([c.pressures.ravel(), c.compartments.ravel(), 1e6 * c.areas.ravel(), 1e12 * c.conductances.ravel(), [1e3 * c.girth]])


def main(result: str) -> int:
    """As the command line does it: rank 0 leads, the others follow."""
    from calfpump.ranks import ranks
    from calfpump.section import crew, farm

    if ranks()[1] > 0:
        return crew.follow()
    said: list[str] = []
    with crew.led():
        import calfpump.section.trace  # noqa: F401  PETSc, which waits for all ranks, on this one alone, as a mesh with measured veins would load it

        found = farm.solve(jobs(), 1, said.append)
        try:
            farm.solve([replace(job, coefficients=replace(job.coefficients, mu={})) for job in jobs()], 1, said.append)
            failure = ""
        except SectionError as problem:
            failure = str(problem)
    np.savez(result, table=table(found), triangles=[len(picture.triangles) for c in found for picture in c.pictures], said=said, failure=failure)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
