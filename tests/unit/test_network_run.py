"""[network] run as a user does: series, valves, summary and page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from network_text import BED, GOOD, HEAD, IN, OUT, VALVE, VESSEL, vessel, written

from calfpump.case import load_case


def test_the_first_network_of_the_docs(tmp_path: Path) -> None:
    """It runs, balances, settles, and its page shows the network."""
    import calfpump
    from calfpump.report import report
    from calfpump.results import cite

    docs = Path(__file__).parents[2] / "docs" / "flow.md"
    text = docs.read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    result = calfpump.run(load_case(written(tmp_path, text), ["numerics.cell_length=20 mm"]), out=tmp_path / "out")
    assert result.value("imbalance of volume over the larger of throughput and volume") < 1e-12
    assert result.value("mean flow at wrist (last period)") == pytest.approx(5.0, rel=0.02)
    assert 0.0 < result.value("pressure at wrist: largest change from the period before") < 2.0
    page = report(result.folder).read_text(encoding="utf-8")
    assert "network scheme" in page and "The leg" not in page
    assert "Formaggia" in cite(result.folder)
    assert result.case == load_case(tmp_path / "case.toml", ["numerics.cell_length=20 mm"])


def test_results_keep_their_series(tmp_path: Path) -> None:
    """The folder has the CSV file that the case was read with: it loads although the original is gone."""
    import calfpump

    (tmp_path / "q.csv").write_text("t [s],Q [mL/s]\n0,1\n0.02,2\n0.04,1\n", encoding="utf-8")
    text = GOOD.replace('"5 mL/s"', '{file = "q.csv", period = "0.05 s"}').replace('time = "1 s"', 'time = "0.1 s"\nprofiles = ["0.033 s"]')
    case = load_case(written(tmp_path, text))
    result = calfpump.run(case, out=tmp_path / "out")
    (tmp_path / "q.csv").unlink()
    assert result.case == case
    assert (result.folder / "inputs" / "q.csv").is_file()
    profile = result.profiles
    assert set(profile["time [s]"]) == {0.033}
    assert len(profile) == 10
    again = calfpump.run(result.case, out=tmp_path / "out")  # complete: nothing is computed
    assert again.record["started"] == result.record["started"]


def test_every_part_runs_and_balances(tmp_path: Path) -> None:
    """Bed, compartment with elastance, tilt, parallel vessels, valve, tabulated law, cone, closed end, all kinds of boundaries at once."""
    import calfpump

    (tmp_path / "tilt.csv").write_text("t [s],tilt [1]\n0,0\n0.3,1\n", encoding="utf-8")
    rows = "".join(f"{1000 * (a - 1)!r},{20 * a!r}\n" for a in np.linspace(0.5, 2.0, 16).tolist())
    (tmp_path / "law.csv").write_text("p [Pa],A [mm²]\n" + rows, encoding="utf-8")
    vein = 'm = 10\nn = -1.5\nspeed = "1 m/s"\n'
    text = HEAD.replace("1 s", "0.6 s") + (
        'posture = {file = "tilt.csv"}\nheights = {a = "0 cm", b = "10 cm", c = "20 cm", d = "20 cm", e = "30 cm", f = "5 cm"}\n'
        '[[network.compartment]]\nname = "calf"\npressure = {mean = "10 mmHg", amplitude = "10 mmHg", rate = "2 Hz"}\nelastance = "2 mmHg/mL"\n'
        + "".join(
            f'[[network.vessel]]\nname = "{name}"\nfrom = "{a}"\nto = "{b}"\nlength = "10 cm"\n{wall}'
            for name, a, b, wall in (
                ("in", "a", "b", 'radius = "3 mm"\nradius_to = "2.8 mm"\n' + vein),
                ("calf", "b", "c", 'radius = "3 mm"\nn_parallel = 2\ncompartment = "calf"\n' + vein),
                ("table", "b", "d", 'table = "law.csv"\n'),
                ("out", "c", "e", 'radius = "3 mm"\n' + vein),
                ("blind", "b", "f", 'radius = "3 mm"\n' + vein),
            )
        )
        + '[[network.valve]]\nvessel = "out"\nat = 0.2\nleak = 0.1\n[[network.valve]]\nvessel = "in"\nat = 0.9\n'
        + '[[network.bed]]\nname = "muscle"\nnode = "b"\narterial_pressure = "93 mmHg"\nresistance = "90 mmHg·s/mL"\nR_out = "5 mmHg·s/mL"\n'
        + 'C = "0.2 mL/mmHg"\nV0 = "5 mL"\ncompartment = "calf"\narterial_height = "120 cm"\n'
        + '[[network.boundary]]\nkind = "reflection-free"\nnode = "a"\npressure = "6 mmHg"\n'
        + '[[network.boundary]]\nkind = "resistance"\nnode = "d"\nR = "5 mmHg·s/mL"\n'
        + '[[network.boundary]]\nkind = "closed"\nnode = "f"\n[[network.boundary]]\nkind = "pressure"\nnode = "e"\nvalue = "3 mmHg"\n'
        + '[[network.boundary]]\nkind = "windkessel"\nnode = "c"\nC = "0.1 mL/mmHg"\nR2 = "20 mmHg·s/mL"\n'
    )
    result = calfpump.run(load_case(written(tmp_path, text)), out=tmp_path / "out")
    assert result.value("imbalance of volume over the larger of throughput and volume") < 1e-12
    assert list(result.series.valves) == ["out at 0.2", "in at 0.9"]  # as in the file
    assert set(result.series.vessels) == {"in", "calf", "table", "out", "blind"}
    assert set(result.series.reservoirs) == {"muscle", "c", "d"}
    assert result.series.vessels["in"].x.size == 10  # a cone's pieces joined
    assert sorted(path.name for path in (result.folder / "inputs").iterdir()) == ["law.csv", "tilt.csv"]


def test_valves_leave_their_opening_and_volumes(tmp_path: Path) -> None:
    """In series.h5, the summary and the page: a shut valve lets nothing back, one that leaks does, and forward less backward is what flowed."""
    import calfpump
    from calfpump.report import report

    swing = OUT.replace('"b"', '"c"').replace('"5 mmHg"', '{mean = "5 mmHg", amplitude = "4 mmHg", rate = "2 Hz"}')
    fast, leak = VALVE + 'k_open = "30 1/Pa/s"\nk_close = "30 1/Pa/s"\n', VALVE.replace('"v"', '"w"') + "leak = 1.0\n"
    text = (HEAD + VESSEL + vessel("w", "a", "c") + fast + fast + leak + IN + OUT + swing).replace('"1 s"', '"1.5 s"')
    result = calfpump.run(load_case(written(tmp_path, text)), out=tmp_path / "out")
    series = result.series
    assert [(name, valve.vessel, valve.at) for name, valve in series.valves.items()] == [
        ("v at 0.5", "v", 0.5), ("v at 0.5 (2)", "v", 0.5), ("w at 0.5", "w", 0.5),
    ]  # fmt: skip
    begin = np.searchsorted(series.time, 1.0 - 1e-9)  # the last period
    for name, valve in series.valves.items():
        assert valve.zeta.min() >= 0.0 and valve.zeta.max() <= 1.0
        assert np.all(np.diff(valve.forward) >= 0.0) and np.all(np.diff(valve.backward) >= 0.0)
        for way, volume in (("forward", valve.forward), ("backward", valve.backward)):
            value = result.value(f"volume {way} through the valve {name} (last period)")
            assert value == pytest.approx((volume[-1] - volume[begin]) * 1e6, rel=1e-9, abs=1e-12)
    shut, _, open_ = series.valves.values()
    assert np.ptp(shut.zeta) > 0.5
    assert shut.backward[-1] < 0.1 * open_.backward[-1]
    flow = series.vessels["w"].Q[:, 4:6].mean(axis=1)
    assert (open_.forward - open_.backward)[-1] == pytest.approx(np.trapezoid(flow, series.time), rel=0.05)
    page = report(result.folder).read_text(encoding="utf-8")
    assert 'id="valves"' in page and "<td>v at 0.5 (2)</td>" in page and "over the last period" in page


def test_the_last_period_is_that_of_whatever_repeats(tmp_path: Path) -> None:
    from calfpump.coupling.network_tables import window

    sine = '{mean = "93 mmHg", amplitude = "9 mmHg", rate = "4 Hz"}'
    bed = BED.replace('"c"', '"a"')
    cases = {
        GOOD: (0.0, ""),
        GOOD + bed: (0.0, ""),
        GOOD + bed.replace('"93 mmHg"', sine): (0.75, " (last period)"),
        GOOD + bed.replace('"90 mmHg·s/mL"', sine.replace("mmHg", "mmHg·s/mL").replace("4 Hz", "2 Hz")): (0.5, " (last period)"),
        GOOD.replace('"1 s"', '"1 s"\nheights = {a = "0 m", b = "1 cm"}\nposture = {mean = 0.5, amplitude = 0.1, rate = "5 Hz"}'): (0.8, " (last period)"),
    }
    for text, (begin, when) in cases.items():
        network = load_case(written(tmp_path, text)).network
        assert network is not None
        assert window(network) == (pytest.approx(begin), when)


def test_a_sweep_over_a_network(tmp_path: Path) -> None:
    from calfpump.batch.face import law_jobs
    from calfpump.batch.plan import plan

    text = GOOD + '[sweep]\n"network.boundary[2].value" = ["5 mmHg", "10 mmHg"]\n'
    entries = plan(written(tmp_path, text), out=tmp_path / "batch").entries
    assert len({entry.folder for entry in entries}) == 2
    assert law_jobs(entries) == []
