"""[section]: the cross-section of the calf and the kind of law its veins get."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, StrictStr, ValidationInfo, field_validator, model_validator

from calfpump.case.fields import Pressure, Quantity, Table, key, problem
from calfpump.case.shipped import descriptions

#: Endings of images and meshes, which need a description beside them.
OWN = (".png", ".nii", ".gz", ".msh", ".vtu", ".vtk", ".xdmf", ".inp", ".mesh", ".med", ".csv", ".bdf", ".h5")


def named_files(description: Path) -> list[Path]:
    """The files that a section description names (image, mesh, its data; lists of points), in the order in which they stand there."""
    import tomllib

    found: list[Path] = []

    def look(value: Any) -> None:
        if isinstance(value, dict):
            for name, entry in value.items():
                if name in ("file", "points") and isinstance(entry, str):
                    path = (description.parent / Path(entry).expanduser()).resolve()
                    found.extend(p for p in (path, path.with_suffix(".h5") if path.suffix == ".xdmf" else path) if p.is_file() and p not in found)
                else:
                    look(entry)

    try:
        look(tomllib.loads(description.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return []
    return found


Shortening = Annotated[float, Quantity("fraction", "1", low=0, high=0.3)]


class Section(Table):
    """The cross-section whose mechanics gives the laws of the calf's veins."""

    description: StrictStr = key(
        "mid_calf",
        "a section that comes with calfpump, or the path of a .toml next to the case file: outlines, a labelled image, a mesh (docs/own_section.md)",
    )
    law: Literal["finite-element", "algebraic"] = key(
        "finite-element",
        "laws of the calf's veins: computed from the section, or K[(A/A0)^m - (A/A0)^n]",
        "algebraic: Müller & Toro 2014, IJNMBE 30:681",
    )

    sole_pressure: Annotated[float, Quantity("pressure", "kPa", low=0, high=500)] = key(
        "0 kPa", "pressure of the ground on a section that has a sole", "mid-foot, walking: 80 to 120 kPa, textbook"
    )

    shortening: dict[str, Shortening] = Field(
        default={}, description="for tubelaw: muscles, or compartments, contracted by this share of their length; others stay silent"
    )
    muscle_pressure: dict[str, Pressure] = Field(
        default={}, description="for tubelaw: muscles, or compartments, contracted until this is the pressure inside them"
    )

    @property
    def contracts(self) -> bool:
        """Is a contraction asked for?"""
        return bool(self.shortening or self.muscle_pressure)

    @field_validator("description")
    @classmethod
    def _found(cls, value: str, info: ValidationInfo) -> str:
        """A shipped name stays a name; a path becomes absolute, relative to the case file's folder."""
        from difflib import get_close_matches

        shipped = descriptions()
        if value in shipped:
            return value
        if value.endswith(".toml"):
            folder = (info.context or {}).get("folder", Path())
            path = (Path(folder) / Path(value).expanduser()).resolve()
            if path.is_file():
                return str(path)
            raise problem(f"there is no file {path}")
        if Path(value).suffix.lower() in OWN or "/" in value:
            raise problem(f'"{value}" is no .toml: write one that names the image or mesh and says what is what (docs/own_section.md)')
        close = get_close_matches(value, shipped, n=1)
        meant = f'; did you mean "{close[0]}"?' if close else ""
        raise problem(f'no section is called "{value}" (there are: {", ".join(shipped)}; or the path of a .toml){meant}')

    @model_validator(mode="after")
    def _one_way(self) -> Section:
        if both := sorted(set(self.shortening) & set(self.muscle_pressure)):
            raise problem(f"{both[0]} is given a shortening and a muscle_pressure; one of them follows from the other")
        return self
