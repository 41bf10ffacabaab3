"""What the figures draw: geometry, peaks, volumes; the pictures themselves are for eyes."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from results_data import MMHG, a_section, some_laws, some_series

from calfpump.anatomy.section_description import load_description
from calfpump.case.shipped import descriptions
from calfpump.report.law_plots import tube_laws
from calfpump.report.leg_scheme import lane, leg_scheme, moments, path, places
from calfpump.report.section_plots import edges, loops, polygon_area, pressure_line, sections, veins
from calfpump.report.style import OTHERS, REGIONS, region_colour
from calfpump.report.time_plots import exercise, thin
from calfpump.report.volumes import volume_table

# A square of 4 triangles round its centre, the left half tagged 1, the right 2.
SQUARE = np.array([[0, 1, 4], [1, 2, 4], [2, 3, 4], [3, 0, 4]])


def test_boundary_and_region_borders():
    outer, inner = edges(SQUARE, np.array([1, 2, 2, 1]))
    assert sorted(map(tuple, outer.tolist())) == [(0, 1), (0, 3), (1, 2), (2, 3)]
    assert sorted(map(tuple, inner.tolist())) == [(1, 4), (3, 4)]
    assert [sorted(set(chain)) for chain in loops(outer)] == [[0, 1, 2, 3]]


def test_loops_that_touch_in_a_node_are_both_walked():
    bow_tie = np.array([[0, 1], [1, 2], [2, 0], [0, 3], [3, 4], [4, 0]])
    assert sorted(sorted(set(chain)) for chain in loops(bow_tie)) == [[0, 1, 2], [0, 3, 4]]


def test_polygon_area_of_an_ellipse():
    a = np.linspace(0, 2 * np.pi, 400, endpoint=False)
    ellipse = np.stack([3e-3 * np.cos(a), 1e-3 * np.sin(a)], axis=1)
    np.testing.assert_allclose(polygon_area(ellipse), np.pi * 3e-6, rtol=1e-4)


def test_thinning_keeps_every_peak():
    t = np.linspace(0, 100, 20001)
    y = np.zeros_like(t)
    y[[3333, 17777]] = 7.0, -9.0
    few, kept = thin(t, y, 200)
    assert few.size <= 400
    assert (kept.max(), kept.min()) == (7.0, -9.0)
    assert np.all(np.diff(few) > 0)


def test_leg_is_drawn_from_node_to_node():
    series = some_series(dt=1.0)
    nodes = places(series.vessels)
    np.testing.assert_allclose(nodes["ankle"][1], 0.039 * 1.75, rtol=1e-9)
    for name, v in series.vessels.items():
        line = path(name, v, nodes)
        np.testing.assert_allclose(line[[0, -1]], [nodes[v.distal], nodes[v.proximal]], atol=1e-12)
    middle = path("great_saphenous_calf", series.vessels["great_saphenous_calf"], nodes)[20]
    np.testing.assert_allclose(middle[0], lane("great_saphenous_calf", "superficial"))


def test_moments_are_standing_squeezed_and_after():
    series = some_series(dt=0.05)
    standing, squeezed, after = moments(series)
    assert (standing.time, after.time) == (30.0, 41.0)
    k = int(np.argmin(np.abs(series.time - squeezed.time)))
    assert series.compartments["soleus"].p[k] > 139 * MMHG
    assert [m.time for m in moments(dataclasses.replace(series, protocol=series.protocol[:1]))] == [30.0]


def test_leg_scheme_has_one_drawing_per_moment_in_the_pressures_colours():
    figure = leg_scheme(some_series(dt=0.25))
    titles = [axis.get_title(loc="left") for axis in figure.axes[:3]]
    assert [title.split(",")[0] for title in titles] == ["stand", "tiptoe", "after tiptoe"]
    low, high = figure.axes[-1].get_ylim()
    assert low <= 3
    assert 84 <= high <= 110


def test_enlarged_part_is_the_exercise():
    assert exercise(some_series(dt=1.0)) == (27.0, 43.0)
    assert exercise(dataclasses.replace(some_series(dt=1.0), protocol=())) is None


def test_volumes_at_rest_add_up():
    series = some_series(dt=0.5)
    headers, rows = volume_table(series)
    assert headers == ["stand [mL]", "stand #2 [mL]"]
    np.testing.assert_allclose(rows[-1][2], np.sum([values for _, _, values in rows[:-1]], axis=0))
    # By hand, plantar and dorsal veins at rest: A n L with the mean of A along the vein.
    rest = (series.time >= 27) & (series.time <= 30)
    by_hand = sum((v.A[rest].mean() * v.n * 0.150) for v in (series.vessels["plantar"], series.vessels["dorsal_foot"])) / 1e-6
    foot = next(values for part, _, values in rows if part == "foot: veins")
    np.testing.assert_allclose(foot[0], by_hand, rtol=1e-6)


def test_veins_carry_their_area_ratio():
    states = [a_section("open", 0.0), a_section("closed", 0.9)]
    figure = veins(states, {name: law.A0 for name, law in some_laws().items()})
    labels = [text.get_text() for axis in figure.axes for text in axis.texts if text.get_text().startswith("A/A₀")]
    # π 2 mm × 2 mm = 12.57 mm² over A0 = 8 mm² = 1.57; a tenth of it closed; the peroneal vein without law counts from its first state.
    assert labels == ["A/A₀ = 1.57", "A/A₀ = 1.00", "A/A₀ = 1.57", "A/A₀ = 0.16", "A/A₀ = 0.10", "A/A₀ = 0.16"]


def test_sections_share_one_scale():
    figure = sections([a_section("open", 0.0), a_section("closed", 0.9)])
    first, second = figure.axes[:2]
    assert first.get_xlim() == second.get_xlim()
    assert first.get_xlim()[0] < -50 < 50 < first.get_xlim()[1]
    assert pressure_line(a_section("open", 0.0)) == "60 mmHg in all veins"


def test_shortening_has_one_colour_in_all_veins():
    laws = some_laws()
    deep = laws["posterior_tibial_1"]
    other = dataclasses.replace(deep, s=np.array([0.0, 0.02]), alpha_fe=np.array([[0.3, 1.5], [0.3, 1.5]]))
    figure = tube_laws(laws | {"soleal_medial": other})
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == ["0 %", "2 %", "6 %"]
    keys = {text: line.get_color() for text, line in zip(labels, figure.legends[0].get_lines(), strict=True)}
    drawn = figure.axes[2].get_lines()
    # Behind each solid line, which ends where nothing was computed, the dashed law goes on.
    solid = [line for line in drawn[2:] if line.get_linestyle() == "-"]
    assert [line.get_color() for line in solid] == [keys["0 %"], keys["2 %"]]
    assert all(line.get_ydata().min() >= 0.3 and line.get_ydata().max() <= 1.5 for line in solid)


@pytest.mark.parametrize("name", descriptions())
def test_every_region_of_a_shipped_section_has_a_colour_of_its_own(name: str):
    regions = [region.name.removesuffix("_medialis") for region in load_description(name).regions if region.name != "gastrocnemius_lateralis"]
    assert all(any(region == stem or region.startswith(stem + "_") for stem in REGIONS) for region in regions)
    assert len({region_colour(region) for region in ["fat", *regions]}) == 1 + len(regions)


def test_a_region_of_ones_own_is_drawn_as_muscle_always_alike():
    assert region_colour("vastus") == region_colour("vastus") in OTHERS
