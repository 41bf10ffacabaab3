"""Pieces of a case file with [network]: a vessel from a to b, its boundaries, and parts to add."""

from __future__ import annotations

from pathlib import Path

HEAD = 'schema = 1\ntitle = "t"\n[network]\ntime = "1 s"\n'
VESSEL = '[[network.vessel]]\nname = "v"\nfrom = "a"\nto = "b"\nlength = "10 cm"\nradius = "3 mm"\nspeed = "5 m/s"\n'
IN = '[[network.boundary]]\nkind = "flow"\nnode = "a"\nvalue = "5 mL/s"\n'
OUT = '[[network.boundary]]\nkind = "pressure"\nnode = "b"\nvalue = "5 mmHg"\n'
GOOD = HEAD + VESSEL + IN + OUT


def vessel(name: str, begin: str, end: str) -> str:
    return VESSEL.replace('"v"', f'"{name}"').replace('from = "a"\nto = "b"', f'from = "{begin}"\nto = "{end}"')


VALVE = '[[network.valve]]\nvessel = "v"\nat = 0.5\n'
BED = (
    '[[network.bed]]\nname = "bed"\nnode = "c"\narterial_pressure = "93 mmHg"\nresistance = "90 mmHg·s/mL"\nR_out = "5 mmHg·s/mL"\n'
    'C = "0.2 mL/mmHg"\nV0 = "5 mL"\n'
)


def written(folder: Path, text: str) -> Path:
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return path
