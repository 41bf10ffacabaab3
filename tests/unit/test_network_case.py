"""[network] of a case: what it becomes, the way back to text, and every way to get it wrong."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from network_text import BED, GOOD, HEAD, IN, OUT, VALVE, VESSEL, vessel, written

from calfpump.case import CaseError, case_hash, load_case, resolved_toml
from calfpump.case.network import BOUNDARIES, PARTS, Network
from calfpump.case.shipped import shipped
from calfpump.case.template import network_template
from calfpump.case.units import quantity
from calfpump.coupling.network import build, sampled
from calfpump.flow import FlowBoundary, Resistance, Windkessel
from calfpump.law import AlgebraicLaw, TubeLaw

LOAD = '[[network.boundary]]\nkind = "resistance"\nnode = "b"\nR = "1 mmHg·s/mL"\n'
INTO = IN.replace('"a"', '"c"')
SHUT = '[[network.boundary]]\nkind = "closed"\nnode = "e"\n'
#: two vessels joined to no others, with a shut end
ISLAND = vessel("i", "c", "d") + vessel("j", "d", "e") + SHUT
FORK = HEAD + VESSEL + vessel("w", "b", "c") + SHUT.replace("closed", "reflection-free").replace('"e"', '"b"') + IN + OUT.replace('"b"', '"c"')


def problems(path: Path, *overrides: str) -> list[str]:
    with pytest.raises(CaseError) as error:
        build(load_case(path, overrides))
    return [str(problem).replace(str(path), "FILE") for problem in error.value.problems]


def test_the_template_has_every_key_and_loads(tmp_path: Path) -> None:
    text = network_template()
    built = build(load_case(written(tmp_path, text)))
    assert len(built.pieces["aorta"]) > 1  # a cone
    lines = text.splitlines()
    for model in (Network, *PARTS.values()):
        for name, field in model.model_fields.items():
            key = field.alias or name
            assert any(line.removeprefix("#: ").startswith((f"{key} = ", f"[[network.{key}]]", f"[network.{key}.")) for line in lines), key
    for row in BOUNDARIES:
        for name in row.model_fields:
            assert f"{name} (" in text or name == "kind"


@pytest.mark.parametrize("path", sorted((shipped("cases") / "networks").glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_networks_load_and_come_back(path: Path, tmp_path: Path) -> None:
    case = load_case(path)
    again = load_case(written(tmp_path, resolved_toml(case)))
    assert again == case
    assert case_hash(again) == case_hash(case)
    build(case)


def test_what_a_network_becomes(tmp_path: Path) -> None:
    text = HEAD + (
        'profile = 9\nheights = {a = "0 cm", b = "20 cm", c = "30 cm"}\nposture = 0.5\n[network.law.vein]\nm = 10\nn = -1.5\nK = "100 Pa"\n'
        '[[network.vessel]]\nname = "v"\nfrom = "a"\nto = "b"\nlength = "10 cm"\nlaw = "vein"\nA0 = "20 mm²"\nn_parallel = 2\n'
        '[[network.vessel]]\nname = "w"\nfrom = "b"\nto = "c"\nlength = "10 cm"\nE = "400 kPa"\nh = "1 mm"\nradius = "10 mm"\n'
        'reference_pressure = "10 kPa"\nexternal = "1 kPa"\n'
        + IN
        + '[[network.boundary]]\nkind = "windkessel"\nnode = "c"\nC = "1 mL/mmHg"\nR2 = "1 mmHg·s/mL"\n'
        + '[[network.boundary]]\nkind = "resistance"\nnode = "b"\nR = "2 mmHg·s/mL"\npressure = {mean = "3 mmHg", amplitude = "1 mmHg", rate = "2 Hz"}\n'
    )
    built = build(load_case(written(tmp_path, text)))
    v, w = built.network.vessels
    assert isinstance(v.law, AlgebraicLaw)
    assert (v.law.A0, v.law.K, v.law.m, v.law.n) == pytest.approx((20e-6, 100.0, 10.0, -1.5))
    assert v.n_parallel == 2
    assert v.height == ((0.0,), (0.2,))
    assert isinstance(w.law, AlgebraicLaw)
    assert w.law.K == pytest.approx(4 / 3 * 400e3 * 1e-3 / 10e-3)  # E h/((1 − ν²) R)
    assert built.signals.values[str(w.external)] == pytest.approx(11e3)
    flow, windkessel, resistance = built.network.boundaries
    assert isinstance(flow, FlowBoundary) and isinstance(windkessel, Windkessel) and isinstance(resistance, Resistance)
    assert windkessel.C == pytest.approx(quantity("1 mL/mmHg", "compliance"))
    assert windkessel.R1 == 0.0
    assert built.signals("resistance at b", 0.125) == pytest.approx(quantity("4 mmHg", "pressure"))
    assert built.signals.posture is not None
    assert np.all(built.signals.posture == 0.5)
    assert built.fluid.profile == 9


def test_a_tabulated_law(tmp_path: Path) -> None:
    alpha = np.linspace(0.2, 2.0, 30)
    law = AlgebraicLaw(1e-5, 100.0, 10.0, -1.5)
    rows = "".join(f"{p!r},{a * 10!r}\n" for p, a in zip(law.pressure(alpha).tolist(), alpha.tolist(), strict=True))
    (tmp_path / "law.csv").write_text("p [Pa],A [mm²]\n" + rows, encoding="utf-8")
    text = GOOD.replace('radius = "3 mm"\nspeed = "5 m/s"\n', 'table = "law.csv"\n')
    made = build(load_case(written(tmp_path, text))).network.vessels[0].law
    assert isinstance(made, TubeLaw)
    assert made.A0 == pytest.approx(1e-5, rel=2e-3)  # where p = 0, between two rows
    assert made.G[0] == pytest.approx((made.alpha * made.A0) ** 2 / (8 * np.pi))


def test_files_count_by_their_content(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("t [ms]; Q [mL/s]\n0; 1\n500; 2\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("# the same\nt [s],other [mL/s],Q [mL/min]\n0,7,60\n0.5,7,120\n", encoding="utf-8")
    texts = [GOOD.replace('"5 mL/s"', f'{{file = "{name}.csv", column = "Q", period = "1 s"}}') for name in "ab"]
    a, b = (load_case(written(tmp_path, text)) for text in texts)
    assert a == b
    assert case_hash(a) == case_hash(b)
    t, y = sampled(a.network.boundary[0].value, 2.0)  # type: ignore[union-attr]
    assert np.interp([0.0, 0.25, 0.75, 1.0, 1.25], t, y) * 1e6 == pytest.approx([1, 1.5, 1.5, 1, 1.5])


def test_a_signal_whose_ends_differ_jumps_back_once_a_period(tmp_path: Path) -> None:
    (tmp_path / "saw.csv").write_text("t [s],Q [mL/s]\n0,0\n1,2\n", encoding="utf-8")
    case = load_case(written(tmp_path, GOOD.replace('"5 mL/s"', '{file = "saw.csv", period = "1 s"}')))
    t, y = sampled(case.network.boundary[0].value, 3.0)  # type: ignore[union-attr]
    assert np.all(np.diff(t) > 0)
    assert np.interp([0.5, 1.5, 2.5], t, y) * 1e6 == pytest.approx([1, 1, 1], rel=1e-5)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace('to = "b"', 'to = "bb"', 1), "FILE:8: network.vessel[1].to: the vessel 'v' ends nowhere: node 'bb' has no other vessel and no"),
        (GOOD + VESSEL, "FILE:21: network.vessel[2].name: 'v' is the name of vessel[1] already"),
        (GOOD.replace('speed = "5 m/s"', 'law = "vain"'), "FILE:11: network.vessel[1].law: there is no law 'vain'; add [network.law.vain]"),
        (GOOD + '[[network.valve]]\nvessel = "w"\nat = 0.5\n', "FILE:21: network.valve[1].vessel: there is no vessel 'w'; there are v"),
        (GOOD + '[[network.probe]]\nname = "p"\nvessel = "v"\nx = "11 cm"\n', "FILE:23: network.probe[1].x: lies beyond the vessel's 10 cm"),
        (GOOD + '[[network.probe]]\nname = "p"\nvessel = "v"\n', "FILE:20: network.probe[1]: give either at = 0.5"),
        (HEAD + VESSEL + IN + OUT.replace('"pressure"', '"closed"').replace('value = "5 mmHg"\n', ""), "FILE:14: network.boundary[1].node: the flows put 5 mL"),
        (GOOD.replace('speed = "5 m/s"\n', ""), "FILE:5: network.vessel[1]: vessel 'v': has no stiffness: give K, speed, or E with h"),
        (GOOD.replace('speed = "5 m/s"\n', 'E = "4 kPa"\n'), "FILE:5: network.vessel[1]: vessel 'v': has no stiffness: give h, the wall's thickness"),
        (GOOD.replace('radius = "3 mm"\n', ""), "FILE:5: network.vessel[1]: vessel 'v': has no size: give radius, diameter or A0"),
        (GOOD.replace('radius = "3 mm"\n', 'radius = "3 mm"\nA0 = "1 mm²"\n'), "FILE:5: network.vessel[1]: vessel 'v': give one of radius, A0"),
        (GOOD.replace('speed = "5 m/s"\n', 'speed = "5 m/s"\nm = -1\n'), "FILE:5: network.vessel[1]: vessel 'v': a law needs m ≥ 0 ≥ n and m > n"),
        (GOOD.replace('speed = "5 m/s"\n', 'E = "1 kPa"\nh = "1 mm"\nm = 2\n'), "FILE:5: network.vessel[1]: vessel 'v': E and h give K for m = 0.5"),
        (GOOD.replace('radius = "3 mm"\n', 'diameter = "3 mm"\nradius_to = "1 mm"\n'), "FILE:5: network.vessel[1]: vessel 'v': radius_to needs radius"),
        (GOOD + "[numerics]\ncfl = 0.9\n", "FILE:21: numerics.cfl: must be at most 0.5, not 0.9"),
        (GOOD.replace('"5 mL/s"', "5"), 'FILE:15: network.boundary[1].value: a flow needs a unit; write "5 mL/s"'),
        (GOOD.replace('"5 mL/s"', '"5 mmHg"'), 'FILE:15: network.boundary[1].value: "5 mmHg" is a pressure; a flow is expected'),
        (GOOD.replace('kind = "flow"', 'kind = "flo"'), 'FILE:12: network.boundary[1]: kind = "flo" is not one of "flow", "pressure"'),
        (GOOD.replace('kind = "flow"\n', ""), 'FILE:12: network.boundary[1]: a row needs kind = "flow", "pressure"'),
        (GOOD.replace("value", "valeu", 1), "FILE:15: network.boundary[1].valeu: unknown key; did you mean value?"),
        (GOOD + OUT, "FILE:22: network.boundary[3].node: node 'b' has a boundary already: boundary[2]"),
        (GOOD + '[hose]\nstandard = "RAL"\nclass = "II"\n', "FILE:20: hose: a case with [network] has no leg: take it out"),
        (GOOD + '[flow]\nright_atrial_pressure = "3 mmHg"\n', "FILE:21: flow.right_atrial_pressure: acts on a leg; a case with [network] has none"),
        (GOOD.replace('time = "1 s"\n', 'time = "1 s"\nheights = {a = "1 cm"}\n'), "FILE:5: network.heights: gravity acts where heights are given, and"),
        (GOOD.replace('time = "1 s"\n', 'time = "1 s"\nprofiles = ["2 s"]\n'), "FILE:5: network.profiles[1]: lies beyond the network's time of 1 s"),
        (GOOD + ISLAND + INTO, "FILE:39: network.boundary[4].node: vessels 'i', 'j' are joined to no other vessel: the flows put 5 mL in, and no way out"),
        (GOOD + ISLAND + BED, "FILE:39: network.bed[1].node: vessels 'i', 'j' are joined to no other vessel: what the beds let"),
        (GOOD.replace("to =", "cells = 2\nto =") + 2 * VALVE, "FILE:25: network.valve[2].vessel: vessel 'v' has 2 cells, 1 face between them and 2 valves"),
        (GOOD.replace("to =", "cells = 1\nto =") + VALVE, "FILE:22: network.valve[1].vessel: vessel 'v' has 1 cell, 0 faces between them and 1 valve"),
        (FORK, "FILE:20: network.boundary[1].kind: waves can leave for ever at the end of one vessel, and 2 vessel ends meet at"),
        (GOOD + BED.replace('"bed"', '"b"').replace('"c"', '"a"') + LOAD, "FILE:21: network.bed[1].name: 'b' is a node with a resistance or Windkessel"),
        (GOOD.replace('time = "1 s"\n', 'time = "1 s"\nposture = 0.5\n'), "FILE:5: network.posture: has no effect without network.heights"),
        (GOOD + '[numerics]\ncfl = "fast"\n', "FILE:21: numerics.cfl: 'fast' is not a number; write one such as 0.5"),
        (GOOD + '[numerics]\ncfl = "0.4 mm"\n', 'FILE:21: numerics.cfl: "0.4 mm" is a length; a fraction is expected, such as 0.4'),
        ('schema = 1\ntitle = "t"\n', "FILE: protocol: is missing"),
    ],
)
def test_one_clear_message(tmp_path: Path, text: str, said: str) -> None:
    found = [problem for problem in problems(written(tmp_path, text)) if problem.startswith(said)]
    assert len(found) == 1, problems(written(tmp_path, text))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("t [s],Q [mL/s]\n0,1\n1,nan\n2,\n3,1\n", "in.csv:3: Q is nan, a gap: fill it or leave its line out (and 1 more such line)"),
        ("t [s],Q [mL/s]\n0,1\n1,\n", "in.csv:3: Q is a gap: fill it or leave its line out"),
        ("t [s],Q [mL/s]\n0,1\n0.5,x\n", "in.csv:3: Q is 'x', which is not a number"),
        ("t [s],Q [mL/s]\n0,1\n0.5,2\n0.4,3\n", "in.csv:4: t does not rise: 0.4 after 0.5"),
        ("t [s],Q [mL/s]\n0,1\n0.5,2,3\n", "in.csv:3: has 3 values for 2 columns"),
        ("t [s],Qin [mL/s]\n0,1\n1,1\n", "in.csv:1: there is no column 'Q'; did you mean 'Qin'?"),
        ("t,Q [mL/s]\n0,1\n1,1\n", "in.csv:1: the column 't' has no unit; write it in brackets, such as t [s]"),
        ("t [s],Q [mmHg]\n0,1\n1,1\n", "in.csv:1: Q [mmHg] is a pressure; a flow is expected, such as [mL/s]"),
        ("t [s],Q [furlong]\n0,1\n1,1\n", "in.csv:1: Q: unknown unit 'furlong'"),
        ("t [s],Q [mL/s]\n0,1\n", "in.csv: needs at least two rows of numbers"),
        ("", "in.csv: is empty; its first line names the columns"),
        (None, "there is no file"),
    ],
)
def test_what_is_said_of_an_inflow_file(tmp_path: Path, rows: str | None, said: str) -> None:
    if rows is not None:
        (tmp_path / "in.csv").write_text(rows, encoding="utf-8")
    found = problems(written(tmp_path, GOOD.replace('"5 mL/s"', '{file = "in.csv", column = "Q"}')))
    assert len(found) == 1
    assert found[0].startswith(f"FILE:15: network.boundary[1].value: {said}")


def test_a_period_shorter_than_its_file(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("t [s],Q [mL/s]\n0,1\n2,1\n", encoding="utf-8")
    text = GOOD.replace('"5 mL/s"', '{file = "in.csv", period = "1 s"}')
    assert "spans 2 s, which does not fit into a period of 1 s" in problems(written(tmp_path, text))[0]
    assert 'a duration needs a unit; write "1 s"' in problems(written(tmp_path, text.replace('"1 s"}', "1}")))[0]


def test_problems_of_every_sort_are_told_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('"10 cm"', "10").replace('kind = "pressure"', 'kind = "presure"') + '[[network.valve]]\nvessel = "w"\nat = 0.5\n'
    assert [problem.split(": ")[1] for problem in problems(written(tmp_path, text))] == [
        "network.vessel[1].length", "network.boundary[2]", "network.valve[1].vessel"
    ]  # fmt: skip


def test_the_command_refuses_and_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    from calfpump.cli import main

    monkeypatch.chdir(tmp_path)
    path = written(tmp_path, GOOD.replace('speed = "5 m/s"\n', ""))
    before = sorted(tmp_path.iterdir())
    assert main(["run", str(path)]) == 2
    assert main(["check", str(path)]) == 2
    assert main(["mesh", str(written(tmp_path, GOOD))]) == 2
    assert sorted(tmp_path.iterdir()) == before
    assert "has no stiffness" in capsys.readouterr().err


def test_a_case_that_is_refused_has_no_opening(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where its file is wrong nor where only the flow solver finds that it is."""
    import calfpump.coupling.network as built
    from calfpump.cli import main
    from calfpump.flow import NetworkError

    monkeypatch.chdir(tmp_path)
    assert main(["run", str(written(tmp_path, FORK))]) == 2
    assert capsys.readouterr().out == ""

    def refuse(*_: object) -> None:
        raise NetworkError(["no"])

    monkeypatch.setattr(built, "check", refuse)
    assert main(["run", str(written(tmp_path, GOOD))]) == 2
    assert capsys.readouterr().out == ""


def test_an_island_with_room_or_a_way_out_is_good(tmp_path: Path) -> None:
    out = OUT.replace('"b"', '"e"')
    load_case(written(tmp_path, GOOD + ISLAND + INTO.replace("5 mL/s", "0 mL/s")))
    load_case(written(tmp_path, GOOD + ISLAND.replace(SHUT, out) + INTO))
    load_case(written(tmp_path, GOOD + ISLAND + INTO.replace("5 mL/s", "1 mL/s")))


def test_one_is_no_plural(tmp_path: Path) -> None:
    from calfpump.terminal import opening

    case = load_case(written(tmp_path, GOOD + VALVE + VALVE.replace("0.5", "0.7")))
    assert "a network of 1 vessel, 2 valves, standard" in opening(case)


def test_the_first_run_says_that_it_compiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import calfpump
    from calfpump.flow import kernel_cache

    case = load_case(written(tmp_path, GOOD.replace("1 s", "0.04 s")))
    said: list[str] = []
    calfpump.run(case, out=tmp_path / "warm", progress=lambda text: None)
    if kernel_cache.place() is not None:
        assert not kernel_cache.empty()  # the step kernel of that run is found under its name
    calfpump.run(case, out=tmp_path / "again", progress=said.append)
    assert not any("compiling" in text for text in said)
    monkeypatch.setattr(kernel_cache, "place", lambda: str(tmp_path / "kernels"))
    calfpump.run(case, out=tmp_path / "cold", progress=said.append)
    assert [text for text in said if "compiling" in text] == ["compiling the flow kernels (once, about a minute) ..."]


def test_new_writes_a_network(tmp_path: Path) -> None:
    from calfpump.cli import main

    assert main(["new", "--network", str(tmp_path / "mine.toml")]) == 0
    assert load_case(tmp_path / "mine.toml").title == "mine"


def test_every_table_of_a_case_is_the_legs_or_common() -> None:
    """A new table must be said to be one or the other, lest a network's case takes it in silence."""
    from calfpump.case.messages import tables
    from calfpump.case.network_check import LEG_TABLES

    assert set(tables()) | {"protocol"} == {*LEG_TABLES, "flow", "numerics", "output"}
