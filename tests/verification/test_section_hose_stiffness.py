"""A hose's static stiffness: from a catalogue's mmHg per cm to the fabric, and back out of the section."""

from __future__ import annotations

import numpy as np
import pytest
from section_meshes import circles, layered, symmetric_pins

from calfpump.section import hose, measure
from calfpump.section.equilibrium import Equilibrium
from calfpump.section.system import System

MMHG = 133.322


def test_fabric_stiffness_follows_from_the_catalogue() -> None:
    """k = 250 N/m per mmHg/cm at 355 mm girth within 10 % (the pressure's own term apart), and dp/dL = 2πk/(L L₀) − p/L gives the catalogue's figure."""
    p, stiffness, girth = 20 * MMHG, 5 * MMHG / 0.01, 0.355
    k = hose.fabric_stiffness(p, stiffness, girth)
    slack = hose.rest_girth(p * girth / (2 * np.pi), k, girth)
    assert 2 * np.pi * k / (girth * slack) - p / girth == pytest.approx(stiffness, rel=1e-9)
    assert hose.fabric_stiffness(0.0, MMHG / 0.01, girth) == pytest.approx(250.0, rel=0.1)


def test_pressure_rises_with_girth_as_the_catalogue_says() -> None:
    """A calf of muscle swells under a hose of 20 mmHg and 5 mmHg/cm: the rise of p = 2πT/L over that of L is dp/dL within 1 %."""
    curves = circles(56.5e-3 * np.array([0.25, 0.5, 0.75, 1.0]), 48)
    mesh = layered(curves, ["muscle"], core="muscle")
    system = System(mesh, mu={"muscle": 1e3}, inverse_kappa={"muscle": 0.0}, pins=symmetric_pins(curves))
    equilibrium = Equilibrium(system)
    p, stiffness, bare = 20 * MMHG, 5 * MMHG / 0.01, measure.girth(equilibrium)
    k = hose.fabric_stiffness(p, stiffness, bare)
    system.wear(hose.rest_girth(p * bare / (2 * np.pi), k, bare), k)
    girths, pressures = [], []
    for shortening in (0.0, 0.01, 0.02):
        system.bulk.contract({"muscle": shortening})
        assert equilibrium.solve({}, iterations=25).converged
        girths.append(measure.girth(equilibrium))
        pressures.append(2 * np.pi * measure.hose_tension(equilibrium) / girths[-1])
    assert pressures[0] == pytest.approx(p, rel=0.01), "less a little that the polygon loses as it gets rounder"
    assert (pressures[2] - pressures[0]) / (girths[2] - girths[0]) == pytest.approx(stiffness, rel=0.01)
