"""Folders of what is written beside runs: the mesh of a case's section, its laws."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from calfpump.results.errors import ResultDiffers
from calfpump.results.identity import folder_name
from calfpump.results.record import write_text
from calfpump.results.writer import RESULTS

if TYPE_CHECKING:
    from calfpump.case import Case

LABEL = "made.json"


def output_folder(case: Case, out: str | Path | None, what: str, force: bool = False) -> Path:
    """A folder for ``what`` ("mesh", "tubelaw") of a case, by default ``results/<what>-<slug>-<8 hex>``.

    Written again where it holds the same of the same case. Raises ResultDiffers where it holds another case's and ``force`` is not
    given, and always where it holds a run or files of other origin.
    """
    name = folder_name(case)
    folder = (Path(out) if out is not None else RESULTS / f"{what}-{name}").absolute()
    made = {"what": what, "case": name}
    label = folder / LABEL
    if folder.is_file():
        raise ResultDiffers(folder, "is a file", "choose another folder with -o")
    if folder.is_dir() and any(folder.iterdir()):
        held = _held(label)
        if held is None:
            raise ResultDiffers(folder, "holds other files", "choose another folder with -o")
        if held != made and not force:
            raise ResultDiffers(folder, f"holds the {held.get('what')} of {held.get('case')}", "choose another folder with -o, or replace it with --force")
    folder.mkdir(parents=True, exist_ok=True)
    write_text(label, json.dumps(made) + "\n")
    return folder


def _held(label: Path) -> dict[str, str] | None:
    try:
        held: dict[str, str] = json.loads(label.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return held
