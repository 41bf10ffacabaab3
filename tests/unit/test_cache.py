"""One home for what is kept: laws, compiled kernels, and what `doctor` says of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from calfpump import cache, doctor
from calfpump.flow import compiled
from calfpump.law import store


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
