"""[section]: the cross-section of the calf and the kind of law its veins get."""

from __future__ import annotations

from typing import Literal

from pydantic import StrictStr, ValidationInfo, field_validator

from calfpump.case.fields import Table, key, problem
from calfpump.case.shipped import descriptions


class Section(Table):
    """The cross-section whose mechanics gives the laws of the calf's veins."""

    description: StrictStr = key("mid_calf", "a section that comes with calfpump, or the path of a .toml next to the case file")
    law: Literal["finite-element", "algebraic"] = key(
        "finite-element",
        "laws of the calf's veins: computed from the section, or K[(A/A0)^m - (A/A0)^n]",
        "algebraic: Müller & Toro 2014, IJNMBE 30:681",
    )

    @field_validator("description")
    @classmethod
    def _found(cls, value: str, info: ValidationInfo) -> str:
        """A shipped name stays a name; a path becomes absolute, relative to the case file's folder."""
        from difflib import get_close_matches
        from pathlib import Path

        shipped = descriptions()
        if value in shipped:
            return value
        if value.endswith(".toml"):
            folder = (info.context or {}).get("folder", Path())
            path = (Path(folder) / Path(value).expanduser()).resolve()
            if path.is_file():
                return str(path)
            raise problem(f"there is no file {path}")
        close = get_close_matches(value, shipped, n=1)
        meant = f'; did you mean "{close[0]}"?' if close else ""
        raise problem(f'no section is called "{value}" (there are: {", ".join(shipped)}; or the path of a .toml){meant}')
