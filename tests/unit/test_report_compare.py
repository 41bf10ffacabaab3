"""Cases side by side: the right numbers under the right headers, and what is missing named."""

from __future__ import annotations

import contextlib
import csv
import json
import re

import pytest
from results_data import a_case, fill

from calfpump.report import compare, comparison_table
from calfpump.report.batch_files import read_batch
from calfpump.report.compare_plots import axis_places, stage_values
from calfpump.results import folder_name, open_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three hoses done, one timed out and left an unfinished folder."""
    place = tmp_path_factory.mktemp("batch")
    cases = []
    for k, grade in enumerate(("none", "I", "II", "IV")):
        case = a_case(place, "hose grades", None if grade == "none" else grade)
        row = {"case": f"hose.class={grade}", "values": {"hose.class": grade}, "folder": folder_name(case), "status": "done", "reason": ""}
        cases.append(row)
        if grade == "IV":
            row |= {"status": "timeout", "reason": "took longer than 30 min"}
            with contextlib.suppress(KeyboardInterrupt), open_run(case, place / folder_name(case)):
                raise KeyboardInterrupt
            continue
        with open_run(case, place / folder_name(case)) as run:
            fill(run, 50.0 + 5 * k, dt=0.5)
    (place / "batch.json").write_text(json.dumps({"schema": 1, "file": "cases/hose_grades.toml", "status": "failed", "cases": cases}))
    return place


def test_csv_has_one_tidy_row_per_case(folder):
    compare(folder)
    with open(folder / "compare.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["hose.class"] for row in rows] == ["none", "I", "II", "IV"]
    assert [row["fall of ankle pressure tiptoe [mmHg]"] for row in rows] == ["50.0", "55.0", "60.0", ""]
    assert [row["status"] for row in rows] == ["done", "done", "done", "timeout"]
    assert float(rows[0]["ejection fraction EF [1]"]) == 1 / 3


def test_page_shows_numbers_changes_and_what_is_missing(folder):
    html = compare(folder).read_text(encoding="utf-8")
    assert html.count("data:image/svg+xml") == 3
    assert not re.search(r'(src|href)="(http|//)', html)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))
    assert "3 of 4 cases compared over hose.class" in text
    assert "fall of ankle pressure tiptoe mmHg 50.0 55.0 +10 % 60.0 +20 %" in text
    assert "took longer than 30 min" in text


def test_terminal_table_is_aligned(folder):
    lines = comparison_table(folder).splitlines()
    assert lines[0].split() == ["hose.class", "none", "I", "II"]
    assert lines[3].split()[-3:] == ["50.0", "55.0", "60.0"]
    assert len({len(line) for line in lines[2:7]}) == 1
    assert lines[-1] == "IV: timeout (took longer than 30 min)"


def test_many_cases_go_down_the_page(folder, tmp_path):
    rows = json.loads((folder / "batch.json").read_text())["cases"][:3]
    many = [row | {"case": f"{k}", "values": {"x": k}, "folder": str(folder / row["folder"])} for k in range(4) for row in rows]
    for k, row in enumerate(many):
        row["values"] = {"x": k}
    (tmp_path / "batch.json").write_text(json.dumps({"file": "many.toml", "cases": many}))
    lines = comparison_table(tmp_path).splitlines()
    assert len(lines) == 2 + 12
    assert compare(tmp_path).read_text(encoding="utf-8").count("<tr>") >= 13


def test_a_folder_without_plan_compares_what_it_holds(folder, tmp_path):
    (tmp_path / "a").symlink_to(next(p.parent for p in folder.glob("*/record.json")))
    assert [m.label for m in read_batch(tmp_path).members] == ["hose grades"]
    compare(tmp_path)
    with pytest.raises(FileNotFoundError, match="no results"):
        read_batch(tmp_path / "a")


def test_stage_values_come_from_the_named_column(folder):
    values = stage_values(read_batch(folder).done[0], "net return")
    assert values["stand", "soleus"] == 63.0
    assert values["tiptoe", "soleus"] == pytest.approx(6.3 * 60 * 50 / 55)


def test_axis_is_numeric_only_where_units_agree():
    assert axis_places(["28 mmHg", "9 mmHg"]) == ([28.0, 9.0], None)
    assert axis_places([3, 1.5]) == ([3.0, 1.5], None)
    assert axis_places(["none", "II", "none"]) == ([0.0, 1.0, 0.0], ["none", "II"])
    assert axis_places(["1 m", "1 cm"]) == ([0.0, 1.0], ["1 m", "1 cm"])
