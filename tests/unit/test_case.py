"""Case files: defaults, presets, problems with their lines, and the way back to text."""

import tomllib
from pathlib import Path

import pytest
from case_text import MINIMAL, problems, written
from hypothesis import given, settings
from hypothesis import strategies as st

from calfpump.case import Case, case_hash, load_case, resolved_toml
from calfpump.case.locate import lines
from calfpump.case.messages import keys, tables
from calfpump.case.protocol import ROWS
from calfpump.case.shipped import shipped
from calfpump.case.template import readme, template

MMHG = 133.322387415


def test_the_least_case_has_defaults_in_si(tmp_path: Path) -> None:
    case = load_case(written(tmp_path, MINIMAL))
    assert case.subject.stature == 1.75
    assert case.protocol[0].duration == 60.0
    assert case.flow.right_atrial_pressure == pytest.approx(3 * MMHG)
    assert case.tissue.muscle_mu == 1000.0
    assert case.hose is None
    assert case.numerics.cell_length == 0.01


def test_a_case_cannot_be_changed(tmp_path: Path) -> None:
    case = load_case(written(tmp_path, MINIMAL))
    with pytest.raises(ValueError, match="frozen"):
        case.flow.density = 1000.0


def test_five_different_problems_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """\
schema = 1
title = "five"
[subject]
statur = "1.7 m"            # misspelt key
[tissue]
preset = "sofft"            # unknown preset
[flow]
arterial_pressure = 93      # missing unit
[[protocol]]
do = "stand"
for = "60 mmHg"             # wrong unit
[numerics]
cell_length = "-3 mm"       # negative length
"""
    found = problems(written(tmp_path, text))
    assert found == [
        "FILE:4: subject.statur: unknown key; did you mean stature?",
        'FILE:6: tissue.preset: "sofft" is not one of "soft", "stiff", "Wang 2013"; did you mean "soft"?',
        'FILE:8: flow.arterial_pressure: a pressure needs a unit; write "93 mmHg"',
        'FILE:11: protocol[1].for: "60 mmHg" is a pressure; a duration is expected, such as "60 s"',
        "FILE:13: numerics.cell_length: must be at least 0.1 mm, not -3 mm",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[numerics]\nqualty = 'fine'\n", "FILE:7: numerics.qualty: unknown key; did you mean quality?"),
        ("[muscle]\nmu = 1\n", "FILE:6: muscle: unknown key; did you mean tissue.muscle_mu?"),
        ("[xyzzy]\nheel = 1\n", "FILE:6: xyzzy: unknown key; there are schema, title"),
        ("[subject]\nviscosity = '4 mPa·s'\n", "FILE:7: subject.viscosity: unknown key in [subject]; did you mean flow.viscosity?"),
        ("[[protocol]]\ndo = 'walks'\n", 'FILE:6: protocol[2]: do = "walks" is not one of'),
        ("[[protocol]]\nfor = '3 s'\n", "FILE:6: protocol[2]: a row needs do ="),
        ("[[protocol]]\ndo = 'stand'\n", "FILE:6: protocol[2].for: is missing"),
        ("[[protocol]]\ndo = 'tiptoe'\ntimes = 2.5\n", "FILE:8: protocol[2].times: a whole number is expected, not 2.5"),
        ("[[protocol]]\ndo = 'tiptoe'\ntimes = 0\n", "FILE:8: protocol[2].times: must be at least 1, not 0"),
        ("[[protocol]]\ndo = 'stand'\nfor = '6 s'\nrate = '1 Hz'\n", 'FILE:9: protocol[2].rate: unknown key in a row do = "stand", which has for'),
        ("[output]\nvtu = 'yes'\n", 'FILE:7: output.vtu: true or false is expected, not "yes"'),
        ("[hose]\nclass = 'II'\n", 'FILE:6: hose: a class is ambiguous without its standard; add standard = "RAL"'),
        ("[hose]\nstandard = 'BS'\nclass = 'IV'\n", "FILE:6: hose: BS has no class IV (it has I, II, III)"),
        ("[hose]\nstandard = 'RAL'\n", "FILE:6: hose: give a standard and a class"),
        ("[hose]\nstandard = 'RAL'\nclass = 'II'\npressure = {B = '20 mmHg'}\n", "FILE:6: hose: give either standard and class, or pressure"),
        ("[hose]\npressure = {B = '20 mmHg', F = '9 mmHg'}\n", "FILE:6: hose: a hose that ends at the knee has no pressure at F"),
        ("[hose.pressure]\nA = '20 mmHg'\n", 'FILE:7: hose.pressure.A: "A" is not one of "B", "B1"'),
        ("[hose]\npressure = {B = 20}\n", 'FILE:7: hose.pressure.B: a pressure needs a unit; write "20 mmHg"'),
        ("[impairment]\nvalve_leak = {popliteal = 1.5}\n", "FILE:7: impairment.valve_leak.popliteal: must be at most 1, not 1.5"),
        ("[impairment.valve_leak]\npopliteal = '20 mL'\n", 'FILE:7: impairment.valve_leak.popliteal: "20 mL" is a volume'),
        ("[section]\ndescription = 'midcalf'\n", 'FILE:7: section.description: no section is called "midcalf"'),
        ("[section]\ndescription = 'mine.toml'\n", "FILE:7: section.description: there is no file"),
        ("[flow]\ninflow_factor = nan\n", "FILE:7: flow.inflow_factor: a finite number is expected"),
        ("subject = 3\n", "FILE:6: protocol[1].subject: unknown key"),
        ("[tissue]\nwall_E = true\n", 'FILE:7: tissue.wall_E: a pressure is expected, such as "1 kPa"'),
    ],
)
def test_problems_name_line_key_and_remedy(tmp_path: Path, text: str, said: str) -> None:
    found = problems(written(tmp_path, MINIMAL + text))
    assert len(found) == 1
    assert found[0].startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = 'x'\nschema == 1\n", "FILE:2: not valid TOML: "),
        ("title = 'x'\ntitle = 'y'\n", "FILE:2: not valid TOML: cannot overwrite a value"),
        ("title = \"\"\"x\n", "FILE:1: not valid TOML: "),
        ("", "FILE: schema: is missing"),
    ],
)
def test_text_that_is_no_case(tmp_path: Path, text: str, said: str) -> None:
    assert problems(written(tmp_path, text))[0].startswith(said)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    written(tmp_path, MINIMAL)
    assert problems(tmp_path / "cas.toml") == [f"FILE: there is no such file; did you mean {tmp_path / 'case.toml'}?"]
    assert problems(tmp_path) == ["FILE: cannot be read: Is a directory"]
    (tmp_path / "latin.toml").write_bytes('title = "Müller"'.encode("latin-1"))
    assert problems(tmp_path / "latin.toml") == ["FILE: cannot be read: it is not UTF-8 text"]


def test_missing_keys_and_empty_protocol(tmp_path: Path) -> None:
    found = problems(written(tmp_path, "schema = 2\nprotocol = []\n"))
    assert found == ["FILE:1: schema: 2 is not one of 1", "FILE:2: protocol: at least one row is needed", "FILE: title: is missing"]


# --set


def test_overrides_are_checked_like_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, MINIMAL)
    case = load_case(path, ["hose.standard=RAL", "hose.class=III", "protocol[1].for=2 min", "subject.stature = 1.6 m", "output.vtu=false"])
    assert case.hose is not None
    assert case.hose.pressure["B"] == pytest.approx(40 * MMHG)
    assert (case.protocol[0].duration, case.subject.stature, case.output.vtu) == (120.0, 1.6, False)
    assert problems(path, "hose.clas=III") == ["--set hose.clas=III: unknown key; did you mean class?"]
    assert problems(path, "subject.stature=1.6") == ['--set subject.stature=1.6: a length needs a unit; write "1.6 m"']
    assert problems(path, "hose.class=III")[0].startswith("--set hose.class=III: hose: a class is ambiguous")
    assert problems(path, "protocol[2].for=3 s") == ["--set protocol[2].for=3 s: protocol[2].for: protocol has 1 rows, there is no row 2"]
    assert problems(path, "hose") == ["--set hose: key=value is expected, such as hose.class=III"]
    assert problems(path, "a..b=1")[0].startswith("--set a..b=1: 'a..b' is not a dotted key")
    assert problems(path, "title.x=1") == ["--set title.x=1: title.x: title is not a table"]
    assert len(problems(path, "x=1", "y=2", "subject.mass=1")) == 3


def test_a_preset_chosen_from_outside_must_have_an_effect(tmp_path: Path) -> None:
    path = written(tmp_path, MINIMAL)
    resolved = written(tmp_path, resolved_toml(load_case(path, ["hose.standard=RAL", "hose.class=I"])))
    assert problems(resolved, "tissue.preset=stiff") == [
        "--set tissue.preset=stiff: tissue.preset: has no effect, because the file gives every value of [tissue]"
    ]
    assert "has no effect, because the file gives hose.pressure" in problems(resolved, "hose.class=II")[0]
    assert load_case(resolved, ["hose.class=none"]).hose is None


# the way back to text


@settings(deadline=None)
@given(
    stature=st.floats(1.2, 2.3),
    pressure=st.dictionaries(st.sampled_from(["B", "B1", "C", "D"]), st.floats(0.1, 1e4), min_size=1),
    mu=st.floats(1e-3, 1e9),
    duration=st.floats(1e-6, 1e6),
    leak=st.dictionaries(st.text(max_size=8), st.floats(0, 1), max_size=2),
    title=st.text(min_size=1).filter(lambda t: bool(t.strip())),
    rate=st.floats(0.1, 3),
)
def test_resolved_text_reads_back_to_an_equal_case(tmp_path_factory: pytest.TempPathFactory, **given: object) -> None:
    document = {
        "schema": 1,
        "title": given["title"],
        "subject": {"stature": f"{given['stature']!r} m"},
        "hose": {"pressure": {point: f"{p!r} Pa" for point, p in given["pressure"].items()}},  # type: ignore[attr-defined]
        "tissue": {"muscle_mu": f"{given['mu']!r} Pa"},
        "impairment": {"valve_leak": given["leak"]},
        "protocol": [{"do": "stand", "for": f"{given['duration']!r} s"}, {"do": "tiptoe", "rate": f"{given['rate']!r} Hz"}],
    }
    case = Case.model_validate(document)
    path = tmp_path_factory.getbasetemp() / "resolved.toml"
    path.write_text(resolved_toml(case), encoding="utf-8")
    again = load_case(path)
    assert again == case
    assert case_hash(again) == case_hash(case)
    assert resolved_toml(again) == resolved_toml(case)


def test_the_hash_follows_values_not_spelling_or_place(tmp_path: Path) -> None:
    one = written(tmp_path, MINIMAL)
    (tmp_path / "elsewhere").mkdir()
    other = written(tmp_path / "elsewhere", MINIMAL.replace("60 s", "1 min"))
    assert case_hash(load_case(one)) == case_hash(load_case(other))
    assert case_hash(load_case(one)) != case_hash(load_case(one, ["tissue.wall_E=241 kPa"]))


def test_a_section_file_counts_by_its_content(tmp_path: Path) -> None:
    text = (shipped("meshes") / "mid_calf.toml").read_text(encoding="utf-8")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "mine.toml").write_text(text, encoding="utf-8")
        written(tmp_path / name, MINIMAL + '[section]\ndescription = "mine.toml"\n')
    a, b = (load_case(tmp_path / name / "case.toml") for name in ("a", "b"))
    assert a.section.description == str(tmp_path / "a" / "mine.toml")
    assert case_hash(a) == case_hash(b)
    (tmp_path / "b" / "mine.toml").write_text(text + "# another\n", encoding="utf-8")
    assert case_hash(a) != case_hash(b)


def test_later_stages_place_their_problems_too(tmp_path: Path) -> None:
    case = load_case(written(tmp_path, MINIMAL + "[impairment]\nvalve_leak = {nowhere = 0.3}\n"))
    problem = case.problem("impairment.valve_leak.nowhere", "the leg has no such vein")
    assert str(problem).endswith("case.toml:7: impairment.valve_leak.nowhere: the leg has no such vein")


# lines of keys


def test_lines_of_every_kind_of_key() -> None:
    text = '''\
a = 1  # = [ { "
"b.c" = """
x = 1
[not.a.table]
"""
d.e = {f = 1, "g h" = ["]", \'}\', [1, {i = 2}]]}
j = [
  1,  # one ]
  {k = 3, l.m = 4},
]
[n.o]
p = \'\'\'
\'\'\'
q = "a\\"b = ["
[[r]]
s = 1
[[r]]
s = 2
[r.t]
u = 1979-05-27T07:32:00Z
[[r.v]]
w = 3
'''
    document = tomllib.loads(text)
    found = lines(text)
    assert found["a",] == 1
    assert found["b.c",] == 2
    assert found["d", "e", "g h", 2, 1, "i"] == 6
    assert (found["j",], found["j", 0], found["j", 1, "l", "m"]) == (7, 8, 9)
    assert (found["n", "o"], found["n", "o", "q"]) == (11, 14)
    assert (found["r",], found["r", 0, "s"], found["r", 1], found["r", 1, "s"]) == (15, 16, 17, 18)
    assert (found["r", 1, "t", "u"], found["r", 1, "v", 0, "w"]) == (20, 22)
    assert _paths(document) <= set(found)


def _paths(value: object, path: tuple[str | int, ...] = ()) -> set[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return ({path} if path else set()).union(*(_paths(item, (*path, key)) for key, item in items))


@pytest.mark.parametrize("path", sorted(shipped("cases").rglob("*.toml")) + sorted(shipped("meshes").glob("*.toml")), ids=lambda p: p.stem)
def test_every_key_of_the_shipped_files_is_found(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert _paths(tomllib.loads(text)) <= set(lines(text))


# what is made from the tables


def test_readme_and_schema_are_those_of_the_tables() -> None:
    from calfpump.case.schema import text

    hint = "run: python3 -m calfpump.case.generate"
    assert (shipped("cases") / "README.md").read_text(encoding="utf-8") == readme(), hint
    assert (shipped("cases") / "schema" / "case.schema.json").read_text(encoding="utf-8") == text(), hint


def test_the_template_of_the_readme_is_every_default(tmp_path: Path) -> None:
    text = (shipped("cases") / "README.md").read_text(encoding="utf-8").partition("```toml\n")[2].partition("```")[0]
    case = load_case(written(tmp_path, text))
    least = load_case(written(tmp_path, MINIMAL))
    for name in tables():
        assert getattr(case, name) == getattr(least, name)
    document = tomllib.loads(text.replace("\n#: ", "\n"))
    for name, model in tables().items():
        assert set(document[name]) == set(keys(model))
    assert {row["do"] for row in document["protocol"]} == {"supine", "stand", "elevate", "tiptoe", "walk"}
    for row in ROWS:
        for key in keys(row):
            assert f"{key} = " in text


def test_the_template_with_its_keys_set_is_a_sweep(tmp_path: Path) -> None:
    from calfpump.case import expand

    before, hose, after = template("set").partition("#: [hose]")  # the tissue's values would leave its swept preset without effect
    cases = expand(written(tmp_path, before + (hose + after).replace("\n#: pressure", "\n# pressure").replace("\n#: arcs", "\n# arcs").replace("#: ", "")))
    assert len(cases) == 6
    assert cases[-1][2].hose is not None
    assert cases[-1][2].hose.name == "my hose"


def test_the_schema_accepts_the_keys_of_the_model() -> None:
    from calfpump.case.schema import schema

    found = schema()
    assert set(found["properties"]) == {*keys(Case), "sweep"}
    assert found["required"] == ["schema", "title"]
    assert found["anyOf"] == [{"required": ["protocol"]}, {"required": ["network"]}]
    assert set(found["$defs"]["Hose"]["properties"]) == {"standard", "class", "pressure", "length", "mode", "fabric", "stiffness", "pads", "arcs", "name"}
