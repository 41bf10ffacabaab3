"""Where the two worlds meet: laws of the section into the flow of the leg, and `run` over both."""

from calfpump.coupling.run import run
from calfpump.coupling.section import mesh, tubelaw

__all__ = ["mesh", "run", "tubelaw"]
