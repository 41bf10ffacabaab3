"""What is written is read back, and what can't be read safely is refused when it is written."""

from __future__ import annotations

import csv
import dataclasses

import numpy as np
import pytest
from results_data import a_case, a_section, fill, some_laws, some_series, some_stages

from calfpump.results import load, open_run
from calfpump.results.hdf5 import read_series, write_series
from calfpump.results.sections import read_laws, read_sections, write_laws, write_section


def test_series_come_back_with_units(tmp_path):
    import h5py

    series = some_series(dt=1.0)
    write_series(tmp_path / "series.h5", series)
    back = read_series(tmp_path / "series.h5")
    assert list(back.vessels) == list(series.vessels)
    assert list(back.stages) == list(series.stages)
    for name, v in series.vessels.items():
        w = back.vessels[name]
        assert (w.stage, w.compartment, w.distal, w.n, w.A0) == (v.stage, v.compartment, v.distal, v.n, v.A0)
        np.testing.assert_allclose(w.p, v.p, rtol=1e-6)
    np.testing.assert_array_equal(back.stages["soleus"].Q_out, series.stages["soleus"].Q_out)
    np.testing.assert_array_equal(back.sites["ankle"], series.sites["ankle"])
    assert back.protocol == series.protocol
    bare = []
    with h5py.File(tmp_path / "series.h5") as file:
        file.visititems(lambda name, item: bare.append(name) if isinstance(item, h5py.Dataset) and not item.attrs.get("units") else None)
        assert file["stages/soleus/Q_proximal"].attrs["units"] == "m^3/s"
    assert bare == []


def test_a_misshapen_array_is_named(tmp_path):
    series = some_series(dt=1.0)
    stages = dict(series.stages) | {"thigh": dataclasses.replace(series.stages["thigh"], V=np.zeros(3))}
    with pytest.raises(ValueError, match="stages/thigh/V"):
        write_series(tmp_path / "series.h5", dataclasses.replace(series, stages=stages))
    assert list(tmp_path.iterdir()) == []


def test_sections_and_laws_come_back(tmp_path):
    states = [a_section("open", 0.0), a_section("contracted", 0.9)]
    files = [write_section(tmp_path / "sections", state).name for state in states]
    assert files == ["mid_calf-0.vtu", "mid_calf-1.vtu"]
    for state, back in zip(states, read_sections(tmp_path / "sections"), strict=True):
        assert back.label == state.label
        assert back.regions == state.regions
        assert back.pressure == state.pressure
        np.testing.assert_allclose(back.points, state.points, atol=1e-12)
        np.testing.assert_array_equal(back.region, state.region)
        np.testing.assert_array_equal(back.triangles, state.triangles)
        np.testing.assert_allclose(back.lumens["peroneal_1"], state.lumens["peroneal_1"])
        np.testing.assert_allclose(back.fields["hydrostatic pressure [Pa]"], state.fields["hydrostatic pressure [Pa]"])
    laws = {name: dataclasses.replace(law, alpha_fe=law.alpha[[[3, 20], [5, 25]]]) for name, law in some_laws().items()}
    write_laws(tmp_path / "sections", "mid_calf", laws)
    back = read_laws(tmp_path / "sections")["mid_calf"]
    assert list(back) == list(laws)
    for name, law in laws.items():
        for key in ("s", "alpha", "f", "G", "alpha_fe"):
            np.testing.assert_array_equal(getattr(back[name], key), getattr(law, key))
        np.testing.assert_allclose(back[name].A0, law.A0, rtol=1e-14)


def test_tables_keep_every_digit_and_their_units(tmp_path):
    with open_run(a_case(tmp_path), tmp_path / "out") as run:
        fill(run, dt=1.0)
    result = load(run.folder)
    assert result.status == "done"
    assert list(dict.fromkeys(result.stages["stage"])) == ["foot", "soleus", "gastrocnemius", "popliteal", "thigh", "groin"]
    assert result.stages["ejection fraction [%]"][1] == 100 / 3
    assert result.value("ejection fraction EF") == 1 / 3
    with pytest.raises(KeyError, match="ankle pressure standing"):
        result.value("ankle pressure sitting")
    with open(run.folder / "stages.csv", newline="") as file:
        header = next(csv.reader(file))
    assert header[0] == "stage"
    assert [name for name in header if not name.endswith("]")] == ["stage", "activity", "cycles"]
    assert result.case == a_case(tmp_path)


def test_a_column_without_unit_is_refused(tmp_path):
    with open_run(a_case(tmp_path), tmp_path / "out") as run:
        with pytest.raises(ValueError, match="volume"):
            run.write_stages(some_stages().rename(columns={"reflux [mL]": "volume"}))
        with pytest.raises(ValueError, match="stage"):
            run.write_stages(some_stages().rename(columns={"stage": "part"}))


def test_series_older_than_wall_shear_are_read(tmp_path):
    """A file without the field gives NaN in its place, and all the rest."""
    import h5py

    series = some_series()
    write_series(tmp_path / "series.h5", series)
    name = next(iter(series.vessels))
    with h5py.File(tmp_path / "series.h5", "a") as file:
        del file[f"vessels/{name}/wall_shear"]
    back = read_series(tmp_path / "series.h5").vessels[name]
    assert np.isnan(back.wall_shear).all()
    assert back.wall_shear.shape == back.A.shape


def test_vessels_of_a_long_run_are_read_one_by_one(tmp_path, monkeypatch):
    """Written in blocks of times, read vessel by vessel: the same as all at once."""
    from calfpump.results import hdf5

    series = some_series(dt=0.5)
    write_series(tmp_path / "series.h5", series)
    at_once = read_series(tmp_path / "series.h5").vessels
    monkeypatch.setattr(hdf5, "BLOCK", 7)
    monkeypatch.setattr(hdf5, "LARGE", 1)
    write_series(tmp_path / "blocks.h5", series)
    stored = read_series(tmp_path / "blocks.h5").vessels
    assert isinstance(stored, hdf5.StoredVessels)
    assert list(stored) == list(at_once) and len(stored) == len(at_once)
    for name, v in stored.items():
        for key in ("x", "height", *hdf5.FIELDS):
            assert np.array_equal(getattr(v, key), getattr(at_once[name], key)), (name, key)
    assert "no such vein" not in stored
    with pytest.raises(KeyError):
        stored["no such vein"]
