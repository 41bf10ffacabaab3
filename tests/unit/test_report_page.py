"""The page of a result: complete in itself, true to the files, also for runs that failed."""

from __future__ import annotations

import re
import shutil
from html.parser import HTMLParser

import pytest
from results_data import a_case, fill

from calfpump.case import SolveError
from calfpump.report import report
from calfpump.results import open_run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("report")
    with open_run(a_case(place), place / "out") as run:
        fill(run, dt=0.2)
        run.hash("laws mid_calf", "0123456789abcdef")
    return run.folder


@pytest.fixture(scope="module")
def html(folder):
    page = report(folder)
    assert page == folder / "report.html"
    return page.read_text(encoding="utf-8")


class Outline(HTMLParser):
    """Which tags are open where, and every address that the page would load."""

    VOID = ("meta", "img", "br", "link", "input")

    def __init__(self):
        super().__init__()
        self.open, self.loads, self.anchors, self.targets = [], [], [], []

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.loads += [attributes[k] for k in ("src", "srcset", "data") if k in attributes] + ([attributes["href"]] if tag == "link" else [])
        if tag == "a":
            self.anchors.append(attributes["href"])
        if "id" in attributes:
            self.targets.append("#" + attributes["id"])
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_page_is_well_formed_and_loads_nothing(html):
    outline = Outline()
    outline.feed(html)
    assert outline.open == []
    assert len(outline.loads) == 8  # leg, pressures, flows, volumes, bars, section, veins, laws
    assert all(address.startswith("data:image/") for address in outline.loads)
    assert set(outline.anchors) <= set(outline.targets)
    style = html[: html.index("</style>")]
    assert "url(" not in style
    assert "@import" not in style


def test_page_tells_what_the_files_say(html):
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", re.sub(r"<style.*?</style>", "", html, flags=re.S)))
    assert "Ten tiptoes done no compression" in text
    assert "ankle pressure standing 84.1 mmHg" in text
    assert "tiptoe: means of 10 cycles" in text
    assert re.search(r"soleus 378 6\.93 0\.630 33\.3", text)
    assert "0123456789abcdef" in text
    assert 'title = "Ten tiptoes"' in text.replace("&#34;", '"')
    assert "Müller &amp; Toro 2014" in html
    assert "superficial veins" in text


def test_round_off_is_shown_as_zero_and_words_stay():
    from calfpump.report.case_page import column_cells

    assert column_cells(["1.5e-16", "2.0", "-0.25"]) == ["0", "2.00", "−0.250"]
    assert column_cells(["3e-15", "nan", "tiptoe"]) == ["3.0·10⁻¹⁵", "–", "tiptoe"]


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (96.5209, "96.5"), (1234.5, "1234"), (-0.00123, "−0.00123"), (1e-13, "1.0·10⁻¹³"), (float("inf"), "–")]
)
def test_numbers_for_people(value, text):
    from calfpump.report.render import number

    assert number(value) == text


def test_failed_run_gets_a_page_with_its_reason(tmp_path):
    with pytest.raises(SolveError), open_run(a_case(tmp_path, title="A <hard> case"), tmp_path / "out"):
        raise SolveError("equilibrium", "alpha .3", "contact pairs cycle", hint="quality = fine")
    html = report(tmp_path / "out").read_text(encoding="utf-8")
    assert "contact pairs cycle" in html
    assert "quality = fine" in html
    assert "A &lt;hard&gt; case" in html
    assert "<hard>" not in html


def test_a_folder_that_is_no_result_is_refused(tmp_path):
    with pytest.raises(FileNotFoundError, match=re.escape("record.json")):
        report(tmp_path)


def test_same_files_give_the_same_page(folder, html, tmp_path):
    again = tmp_path / "moved" / folder.name
    shutil.copytree(folder, again)
    same = report(again).read_text(encoding="utf-8") == html  # not inside the assert: a diff of two long pages takes minutes
    assert same
