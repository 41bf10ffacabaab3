"""The drawing of a network of one's own: nothing lies on anything else, whatever the network."""

from __future__ import annotations

from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest

from calfpump.report.network_places import CLEAR, POINTS, paths, places
from calfpump.report.network_scheme import _on_sheet, scheme
from calfpump.results.series import SeriesData, VesselSeries

LEG = {"deep": ("ankle", "knee"), "popliteal": ("knee", "groin"), "saphenous": ("skin", "groin"), "perforator": ("skin", "ankle")}
NETWORKS = {
    "perforator": (LEG, {"ankle": 0.0, "skin": 0.0, "knee": 0.4, "groin": 0.8}),
    "there and back": ({"up": "ab", "on": "bc", "down": "cd", "home": "de", "past": "ac", "twin": "ab"}, {"a": 0, "b": 0.4, "c": 0.8, "d": 0.4, "e": 0}),
    "level then up": ({"one": "ab", "two": "bc", "riser": "cd"}, {"a": 0, "b": 0, "c": 0, "d": 0.3}),
    "loop": ({"ab": "ab", "ac": "ca", "bd": "bd", "cd": "cd", "bc": "bc", "out": "de"}, {}),
    "chain": ({f"v{k}": "abcdefgh"[k : k + 2] for k in range(7)}, {}),
    "parallel": ({"one": "ab", "two": "ab", "three": "ba"}, {}),
    "bifurcation": ({"parent": "ab", "left": "bc", "right": "bd"}, {}),
    "ring": ({"ring": "aa"}, {}),
    "ring at an end": ({"tube": "ab", "ring": "bb"}, {}),
    "islands": ({"one": "ab", "two": "cd"}, {"a": 0, "b": 1, "c": 0, "d": 1}),
}  # fmt: skip


def vessels(ends: dict, z: dict) -> dict[str, VesselSeries]:
    found = {}
    for name, (a, b) in ends.items():
        length = max(abs(z.get(a, 0) - z.get(b, 0)), 0.1)
        x = (np.arange(4) + 0.5) * length / 4
        field = np.full((1, 4), 1e-5)
        height = z.get(a, 0.0) + (z.get(b, 0.0) - z.get(a, 0.0)) * x / length
        found[name] = VesselSeries(x=x, A=field, Q=field, p=field * 1e8, wall_shear=field, height=height, A0=1e-5, distal=a, proximal=b)
    return found


@pytest.mark.parametrize(("ends", "z"), NETWORKS.values(), ids=NETWORKS)
def test_no_node_and_no_vessel_lies_on_another(ends: dict, z: dict) -> None:
    some = vessels(ends, z)
    found = places(some, upright=bool(z))
    if z:
        assert {node: height for node, (_, height) in found.items()} == pytest.approx(z)
    sheet, _, _ = _on_sheet(found, bool(z))
    assert all(np.hypot(*np.subtract(a, b)) > 2 * CLEAR for a, b in combinations(sheet.values(), 2))
    lines = paths({name: (v.distal, v.proximal) for name, v in some.items()}, sheet)
    for (name, line), (_, other) in combinations(lines.items(), 2):
        third = line[POINTS // 3 : -(POINTS // 3)]
        assert np.sqrt(((third[:, None] - other[None]) ** 2).sum(axis=2)).min() > 0.05, name
    for name, line in lines.items():
        assert line[0] == pytest.approx(sheet[some[name].distal]) and line[-1] == pytest.approx(sheet[some[name].proximal])


def test_a_chain_and_a_tree_are_straight() -> None:
    for name in ("chain", "bifurcation"):
        some = vessels(*NETWORKS[name])
        sheet, _, _ = _on_sheet(places(some, upright=False), upright=False)
        for v, line in zip(some.values(), paths({n: (v.distal, v.proximal) for n, v in some.items()}, sheet).values(), strict=True):
            assert line[POINTS // 2] == pytest.approx(np.mean([sheet[v.distal], sheet[v.proximal]], axis=0))
    assert len({y for _, y in places(vessels(*NETWORKS["chain"]), upright=False).values()}) == 1


def test_names_keep_apart_and_every_symbol_is_explained() -> None:
    ends, z = NETWORKS["perforator"]
    network = SimpleNamespace(
        valve=[SimpleNamespace(vessel="perforator", at=0.5), SimpleNamespace(vessel="deep", at=0.5)], bed=[SimpleNamespace(node="ankle")],
        boundary=[SimpleNamespace(kind="flow", node="ankle"), SimpleNamespace(kind="pressure", node="groin"), SimpleNamespace(kind="closed", node="skin")],
    )  # fmt: skip
    some = vessels(ends, z)
    figure = scheme(SeriesData(time=np.zeros(1), vessels=some), network)  # type: ignore[arg-type]
    figure.canvas.draw()
    texts = figure.axes[0].texts
    assert {text.get_text() for text in texts} == {*ends, *z}
    assert all(text.get_fontsize() >= 9 for text in texts)
    boxes = {text.get_text(): text.get_window_extent() for text in texts}
    assert [(a, b) for a, b in combinations(boxes, 2) if boxes[a].overlaps(boxes[b])] == []
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["valve, opens this way", "flow in", "pressure", "closed", "capillary bed"]
