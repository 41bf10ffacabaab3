"""series.h5: a run in time. SI; every data set carries its unit in the attribute ``units``.

::

    /time
    /vessels/<name>/{x, A, Q, p, wall_shear, height}   attributes A0, n, stage, group, compartment, distal, proximal
    /reservoirs/<name>/{V, p}                   attributes stage, compartment
    /compartments/<name>/{p, activation}
    /valves/<name>/{zeta, forward, backward}    attributes vessel, at (networks of one's own)
    /sites/<name>/p
    /stages/<stage>/{V, Q_in, Q_proximal}
    /protocol                                   label, t0, t1

Fields of vessels are kept in single precision (7 digits), everything else in double.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from calfpump.results.series import Band, CompartmentSeries, ReservoirSeries, SeriesData, StageSeries, ValveSeries, VesselSeries

UNITS = {
    "time": "s", "x": "m", "A": "m^2", "Q": "m^3/s", "p": "Pa", "wall_shear": "Pa", "height": "m", "V": "m^3", "activation": "1",
    "Q_in": "m^3/s", "Q_proximal": "m^3/s", "zeta": "1", "forward": "m^3", "backward": "m^3",
}  # fmt: skip
#: output times that are written together
BLOCK = 1024
#: bytes of fields, in double precision, from which vessels are read one by one
LARGE = 2**28
VALVE = ("zeta", "forward", "backward")
FIELDS = ("A", "Q", "p", "wall_shear")
VESSEL_TEXT = ("stage", "group", "compartment", "distal", "proximal")


def write_series(path: Path, series: SeriesData) -> None:
    """Write ``series`` to ``path``, aside and then renamed. Raises ValueError where a shape does not fit the times."""
    import h5py

    check_shapes(series)
    aside = path.with_name(path.name + ".part")
    # whole chunks are written, each once: a cache of the driver would only hold them in memory
    with h5py.File(aside, "w", rdcc_nbytes=0) as file:
        file.attrs["format"] = "calfpump series 1"
        _put(file, "time", series.time)
        for folder in ("vessels", "reservoirs", "compartments", "valves", "sites", "stages"):
            file.create_group(folder, track_order=True)
        for name, v in series.vessels.items():
            group = file.create_group(f"vessels/{name}")
            for key in ("x", "height"):
                _put(group, key, getattr(v, key))
            group.attrs["A0"], group.attrs["n"] = v.A0, v.n
            for key in VESSEL_TEXT:
                group.attrs[key] = getattr(v, key)
        _put_fields(file, series)
        for name, r in series.reservoirs.items():
            group = file.create_group(f"reservoirs/{name}")
            _put(group, "V", r.V)
            _put(group, "p", r.p)
            group.attrs["stage"], group.attrs["compartment"] = r.stage, r.compartment
        for name, c in series.compartments.items():
            group = file.create_group(f"compartments/{name}")
            _put(group, "p", c.p)
            _put(group, "activation", c.activation)
        for name, valve in series.valves.items():
            group = file.create_group(f"valves/{name}")
            for key in VALVE:
                _put(group, key, getattr(valve, key))
            group.attrs["vessel"], group.attrs["at"] = valve.vessel, valve.at
        for name, p in series.sites.items():
            _put(file.create_group(f"sites/{name}"), "p", p)
        for name, s in series.stages.items():
            group = file.create_group(f"stages/{name}")
            _put(group, "V", s.V)
            _put(group, "Q_in", s.Q_in)
            _put(group, "Q_proximal", s.Q_out)
        _put_protocol(file, series.protocol)
    os.replace(aside, path)


def _put(group: Any, key: str, values: Any) -> None:
    import numpy as np

    group.create_dataset(key, data=np.asarray(values, dtype=np.float64)).attrs["units"] = UNITS[key]


def _put_fields(file: Any, series: SeriesData) -> None:
    """All vessels together, some times after the others: in a long run the fields are not in memory, and are gone through once."""
    nt, made = series.time.shape[0], []
    for name, v in series.vessels.items():
        for key in FIELDS:
            values = getattr(v, key)
            packing: dict[str, Any] = {"chunks": (min(nt, BLOCK), v.x.size), "compression": "gzip", "compression_opts": 1, "shuffle": True}
            data = file[f"vessels/{name}"].create_dataset(key, values.shape, "f4", **(packing if values.size else {}))
            data.attrs["units"] = UNITS[key]
            made.append((data, values))
    for begin in range(0, nt, BLOCK):
        for data, values in made:
            data[begin : begin + BLOCK] = values[begin : begin + BLOCK]


def _put_protocol(file: Any, protocol: tuple[Band, ...]) -> None:
    import h5py
    import numpy as np

    kind = np.dtype([("label", h5py.string_dtype()), ("t0", "f8"), ("t1", "f8")])
    made = file.create_dataset("protocol", data=np.array([(b.label, b.t0, b.t1) for b in protocol], dtype=kind))
    made.attrs["units"] = "s"


def check_shapes(series: SeriesData) -> None:
    """Raise ValueError naming every array that does not fit ``time`` and its vessel's cells."""
    nt = series.time.shape[0]
    wrong = []
    for name, v in series.vessels.items():
        nx = v.x.shape[0]
        wrong += [f"vessels/{name}/{key}" for key in FIELDS if getattr(v, key).shape != (nt, nx)]
        wrong += [f"vessels/{name}/height"] if v.height.shape != (nx,) else []
    for folder, keys in (("reservoirs", ("V", "p")), ("compartments", ("p", "activation")), ("stages", ("V", "Q_in", "Q_out")), ("valves", VALVE)):
        for name, item in getattr(series, folder).items():
            wrong += [f"{folder}/{name}/{key}" for key in keys if getattr(item, key).shape != (nt,)]
    wrong += [f"sites/{name}" for name, p in series.sites.items() if p.shape != (nt,)]
    if wrong:
        raise ValueError(f"arrays that do not fit the {nt} output times: {', '.join(wrong)}")


def read_series(path: Path) -> SeriesData:
    """Read what `write_series` has written."""
    import h5py

    with h5py.File(path, "r") as file:
        return SeriesData(
            time=_get(file, "time"),
            vessels=_vessels(path, file),
            reservoirs={
                name: ReservoirSeries(_get(g, "V"), _get(g, "p"), str(g.attrs["stage"]), str(g.attrs["compartment"]))
                for name, g in file.get("reservoirs", {}).items()
            },
            compartments={name: CompartmentSeries(_get(g, "p"), _get(g, "activation")) for name, g in file.get("compartments", {}).items()},
            sites={name: _get(g, "p") for name, g in file.get("sites", {}).items()},
            stages={name: StageSeries(_get(g, "V"), _get(g, "Q_in"), _get(g, "Q_proximal")) for name, g in file.get("stages", {}).items()},
            protocol=_protocol(file),
            valves={
                name: ValveSeries(_get(g, "zeta"), _get(g, "forward"), _get(g, "backward"), str(g.attrs["vessel"]), float(g.attrs["at"]))
                for name, g in file.get("valves", {}).items()
            },
        )


def _vessels(path: Path, file: Any) -> Mapping[str, VesselSeries]:
    groups = file.get("vessels", {})
    if 8 * sum(group[key].size for group in groups.values() for key in FIELDS if key in group) < LARGE:
        return {name: _vessel(group) for name, group in groups.items()}
    return StoredVessels(path, list(groups))


class StoredVessels(Mapping[str, VesselSeries]):
    """The vessels of a long run: each is read when it is asked for, the last one is kept."""

    def __init__(self, path: Path, names: list[str]) -> None:
        self.path, self.names = path.absolute(), names
        self._last: tuple[str, VesselSeries] | None = None

    def __getitem__(self, name: str) -> VesselSeries:
        import h5py

        if self._last is None or self._last[0] != name:
            if name not in self.names:
                raise KeyError(name)
            self._last = None
            with h5py.File(self.path, "r") as file:
                self._last = (name, _vessel(file[f"vessels/{name}"]))
        return self._last[1]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


def _vessel(group: Any) -> VesselSeries:
    import numpy as np

    values: dict[str, Any] = {key: _get(group, key) for key in ("x", *FIELDS, "height") if key in group}
    values.setdefault("wall_shear", np.full_like(values["A"], np.nan))
    values |= {key: str(group.attrs[key]) for key in VESSEL_TEXT}
    return VesselSeries(**values, A0=float(group.attrs["A0"]), n=float(group.attrs["n"]))


def _get(group: Any, key: str) -> Any:
    import numpy as np

    return np.asarray(group[key][()], dtype=np.float64)


def read_site(path: Path, site: str) -> tuple[Any, Any, tuple[Band, ...]]:
    """Times [s], pressure [Pa] at one named site (the first one where that is missing), and the protocol: without the fields."""
    import h5py

    with h5py.File(path, "r") as file:
        sites = file["sites"]
        name = site if site in sites else next(iter(sites))
        return _get(file, "time"), _get(sites[name], "p"), _protocol(file)


def _protocol(file: Any) -> tuple[Band, ...]:
    return tuple(Band(row["label"].decode(), float(row["t0"]), float(row["t1"])) for row in file["protocol"][()])
