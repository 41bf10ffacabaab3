"""Finds meshes/ and cases/ in a checkout and in an installed wheel (where they lie in ``calfpump/shipped/``)."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


def shipped(folder: str) -> Path:
    """The folder ``meshes`` or ``cases`` that comes with calfpump.

    Raises `FileNotFoundError` if the installation lacks it.
    """
    for candidate in (_PACKAGE / "shipped" / folder, _PACKAGE.parent.parent / folder):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"calfpump's folder {folder}/ is missing next to {_PACKAGE}")


def descriptions() -> list[str]:
    """Names of the section descriptions in meshes/."""
    return sorted(path.stem for path in shipped("meshes").glob("*.toml"))


def case_files() -> list[str]:
    """Names of the case files in cases/."""
    return sorted(path.stem for path in shipped("cases").glob("*.toml"))
