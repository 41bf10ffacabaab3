"""One home for what is kept: laws, compiled kernels, and what `doctor` says of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from calfpump import cache, doctor, load_case
from calfpump.case.shipped import shipped
from calfpump.coupling.section import law_inputs
from calfpump.flow import compiled
from calfpump.law import store
from calfpump.mesh import RESOLUTIONS
from calfpump.section.job import GRIDS


def test_everything_lies_where_the_cache_is_said_to_be(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setenv("CALFPUMP_CACHE", str(tmp_path))
    assert store.folder() == tmp_path / "laws"
    assert Path(compiled.cache_folder.__wrapped__()).parent == cache.kernels() == tmp_path / "kernels"
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "elsewhere"))
    assert cache.kernels() == tmp_path / "elsewhere"
    said = doctor._caches()
    assert said["laws"].startswith(f"{tmp_path / 'laws'} ") and said["kernels (numba)"].startswith(f"{tmp_path / 'elsewhere'} ")


def test_without_a_word_of_the_user_it_lies_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.delenv("CALFPUMP_CACHE", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert cache.kernels() == tmp_path / ".cache" / "calfpump" / "kernels"


def test_a_law_is_known_by_the_mesh_and_the_area_ratios_of_its_quality(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not by the quality's name: a preset that changes makes no old law pass for a new one."""
    case = load_case(shipped("cases") / "quickstart.toml")
    keys = {store.key(law_inputs(case))}
    for presets, change in ((RESOLUTIONS, {"lumen_edges": 28}), (GRIDS, {"up": (1.1, 1.5)})):
        monkeypatch.setitem(presets, "coarse", replace(presets["coarse"], **change))
        keys.add(store.key(law_inputs(case)))
    assert len(keys) == 3
