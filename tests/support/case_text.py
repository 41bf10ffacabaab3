"""The least case as text, written into a folder, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path

import pytest

from calfpump.case import CaseError, load_case

MINIMAL = 'schema = 1\ntitle = "t"\n[[protocol]]\ndo = "stand"\nfor = "60 s"\n'


def written(folder: Path, text: str) -> Path:
    path = folder / "case.toml"
    path.write_text(text, encoding="utf-8")
    return path


def problems(path: Path, *overrides: str) -> list[str]:
    with pytest.raises(CaseError) as error:
        load_case(path, overrides)
    return [str(problem).replace(str(path), "FILE") for problem in error.value.problems]
