"""The mid-calf mesh: what is where, how big it is, and that every curve is tagged and closed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from calfpump.anatomy.section_description import SectionDescription, load_description
from calfpump.case.shipped import descriptions
from calfpump.mesh import COARSE, FINE, FINEST, STANDARD, SectionMesh, build, lay_out, picture, quality, write
from calfpump.mesh.curve import area

VEINS = {
    "posterior_tibial_1": "deep_posterior", "posterior_tibial_2": "deep_posterior", "peroneal_1": "deep_posterior",
    "peroneal_2": "deep_posterior", "anterior_tibial_1": "anterior", "anterior_tibial_2": "anterior", "soleal_medial": "soleus",
    "soleal_lateral": "soleus", "gastrocnemius_medial": "gastrocnemius", "gastrocnemius_lateral": "gastrocnemius",
    "great_saphenous": "subcutaneous", "small_saphenous": "subcutaneous",
}


@pytest.fixture(scope="module")
def description() -> SectionDescription:
    return load_description("mid_calf")


@pytest.fixture(scope="module")
def meshes(description: SectionDescription) -> dict[str, SectionMesh]:
    return {resolution.name: build(description, resolution=resolution) for resolution in (COARSE, STANDARD, FINE, FINEST)}


@pytest.fixture(scope="module")
def coarse(meshes: dict[str, SectionMesh]) -> SectionMesh:
    return meshes["coarse"]


def inside_triangles(mesh: SectionMesh, x: np.ndarray) -> np.ndarray:
    """Indices of the triangles that hold a point, by its three barycentric coordinates."""
    a, b, c = (mesh.points[mesh.triangles[:, k]] for k in range(3))
    cross = lambda u, v: u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]  # noqa: E731
    return np.nonzero((cross(b - a, x - a) > 0) & (cross(c - b, x - b) > 0) & (cross(a - c, x - c) > 0))[0]


def test_veins_and_their_compartments(coarse: SectionMesh) -> None:
    assert {vein.name: vein.compartment for vein in coarse.veins} == VEINS


def test_each_vein_is_a_hole_in_its_wall_in_its_sheath_in_its_region(coarse: SectionMesh) -> None:
    """Walking outwards along the short axis one meets nothing, wall, sheath and the vein's own region, where described."""
    names = {tag: name for name, tag in coarse.regions.items()}
    for vein in coarse.veins:
        short = np.sqrt(vein.area / (np.pi * vein.ratio))
        direction = np.array([-np.sin(vein.angle), np.cos(vein.angle)])
        for distance, expected in (
            (0.0, []), (0.9 * short, []), (short + 0.5 * vein.wall, [f"wall_{vein.name}"]),
            (short + vein.wall + 0.5 * vein.sheath, [f"sheath_{vein.name}"]),
            (short + vein.wall + vein.sheath + 0.2e-3, [vein.region]),
        ):
            found = inside_triangles(coarse, np.asarray(vein.centre) + distance * direction)
            assert [names[int(coarse.cell_tags[k])] for k in found] == expected, (vein.name, distance)


def test_lumens_have_the_described_area_at_every_resolution(meshes: dict[str, SectionMesh]) -> None:
    for mesh in meshes.values():
        for vein in mesh.veins:
            assert mesh.lumen_area(vein.name) == pytest.approx(vein.area, rel=1e-12)


def layers(mesh: SectionMesh, vein: str) -> float:
    """Triangles of a wall over twice its lumen's edges."""
    edges = np.sum(mesh.facet_tags == mesh.curves[f"lumen_{vein}"])
    return float(np.sum(mesh.cell_tags == mesh.regions[f"wall_{vein}"]) / (2 * edges))


def test_layers_through_the_walls(description: SectionDescription, meshes: dict[str, SectionMesh]) -> None:
    """As many as ask for elements as thick as long, else those of the quality, but not where that would make them flat."""
    found = {name: {vein.name: layers(mesh, vein.name) for vein in mesh.veins} for name, mesh in meshes.items()}
    assert set(found["coarse"].values()) == {1.0}
    assert found["standard"]["soleal_medial"] == found["standard"]["great_saphenous"] == 2.0
    assert found["fine"]["soleal_medial"] == 4.0
    assert found["fine"]["small_saphenous"] == 5.0
    thin = replace(description, veins=tuple(replace(vein, wall=0.12e-3) if vein.name == "soleal_medial" else vein for vein in description.veins))
    assert layers(build(thin, resolution=STANDARD), "soleal_medial") == 1.0


def test_a_finer_resolution_halves_every_length() -> None:
    finer = STANDARD.finer(2)
    assert (finer.lumen_edges, finer.wall_layers) == (2 * STANDARD.lumen_edges, 2 * STANDARD.wall_layers)
    for name in ("sheath", "growth", "boundary", "skin", "interior", "turn"):
        assert getattr(finer, name) == pytest.approx(0.5 * getattr(STANDARD, name))


def longest_edge(mesh: SectionMesh, region: str) -> float:
    """The longest edge [m] of a region's triangles."""
    corners = mesh.points[mesh.triangles[mesh.cell_tags == mesh.regions[region]]]
    return float(np.max(np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)))


def test_edges_grow_slowly_through_the_sheaths_of_a_fine_mesh(meshes: dict[str, SectionMesh]) -> None:
    """Soft sheaths in firm muscle are sheared to several times their length."""
    mesh = meshes["fine"]
    assert FINE.sheath < FINE.growth
    for vein in mesh.veins:
        edge = longest_edge(mesh, f"wall_{vein.name}")
        assert longest_edge(mesh, f"sheath_{vein.name}") < edge + 1.5 * FINE.sheath * vein.sheath, vein.name


def test_walls_are_as_thick_as_described(meshes: dict[str, SectionMesh]) -> None:
    """A layer of even thickness t round a convex curve of perimeter P has the area P t + π t²; polygons miss O(1/n²) of it."""
    for mesh in meshes.values():
        for vein in mesh.veins:
            a, b = np.sqrt(vein.area * vein.ratio / np.pi), np.sqrt(vein.area / (np.pi * vein.ratio))
            t = np.linspace(0.0, 2.0 * np.pi, 4001)
            ellipse = np.stack([a * np.cos(t), b * np.sin(t)], axis=1)
            exact = np.sum(np.linalg.norm(np.diff(ellipse, axis=0), axis=1)) * vein.wall + np.pi * vein.wall**2
            n = len(mesh.curve_facets(f"lumen_{vein.name}"))
            assert mesh.region_area(f"wall_{vein.name}") == pytest.approx(exact, rel=20.0 / n**2)


def test_areas_add_up(coarse: SectionMesh) -> None:
    """Regions tile the skin's polygon but for bones and lumens."""
    whole = area(coarse.points[coarse.closed_curve("skin")])
    holes = sum(area(coarse.points[coarse.closed_curve(name)]) for name in coarse.curves if name.startswith(("bone_", "lumen_")))
    assert sum(coarse.region_area(name) for name in coarse.regions) == pytest.approx(whole - holes, rel=1e-12)
    total = sum(coarse.compartment_area(name) for name in set(VEINS.values()) | {"lateral"})
    rings = sum(coarse.region_area(name) for name in coarse.regions if name.startswith(("wall_", "sheath_")))
    assert total + rings == pytest.approx(whole - holes, rel=1e-12)


def test_region_areas_converge_at_second_order(description: SectionDescription, meshes: dict[str, SectionMesh]) -> None:
    """Straight edges cut a smooth outline by O(h²): each halving of h gains about a factor of four."""
    layout = lay_out(description)
    skin = next(arc.points[:-1] for arc in layout.arcs if arc.curve == "skin")
    errors, edges = [], []
    for mesh in (meshes[name] for name in ("coarse", "standard", "fine")):  # finest has the skin of fine
        loop = mesh.points[mesh.closed_curve("skin")]
        errors.append(abs(area(loop) - area(skin)))
        edges.append(len(loop))
    rates = np.diff(np.log(errors)) / -np.diff(np.log(edges))
    assert errors[-1] < 1e-3 * area(skin)
    assert np.all(rates > 1.6), rates


def test_muscle_areas_are_those_of_a_calf(meshes: dict[str, SectionMesh]) -> None:
    """The drawing's muscles sum to 64.2 cm² without the gaps between them; the regions hold the gaps too."""
    regions = [name for name in meshes["fine"].compartments if name != "fat"]
    whole = sum(meshes["fine"].region_area(name) for name in regions) * 1e4
    assert 64.2 < whole < 70.0


def test_boundary_facets_are_all_tagged_once(coarse: SectionMesh) -> None:
    """Edges of one triangle alone are skin, bone or lumen; tagged edges inside are fascia or septum; none is tagged twice."""
    edges = np.sort(np.vstack([coarse.triangles[:, [0, 1]], coarse.triangles[:, [1, 2]], coarse.triangles[:, [2, 0]]]), axis=1)
    unique, count = np.unique(edges, axis=0, return_counts=True)
    outer = {tuple(edge) for edge in unique[count == 1].tolist()}
    inner = {tuple(edge) for edge in unique[count == 2].tolist()}
    assert count.max() == 2
    tagged: dict[str, set[tuple[int, ...]]] = {
        name: {tuple(sorted(edge)) for edge in coarse.curve_facets(name).tolist()} for name in coarse.curves
    }
    assert len(set().union(*tagged.values())) == len(coarse.facets)
    assert set().union(*(tagged[name] for name in tagged if name not in ("fascia", "septum"))) == outer
    assert tagged["fascia"] | tagged["septum"] <= inner


def test_fascia_parts_muscle_from_fat_all_round(coarse: SectionMesh) -> None:
    """Every edge between fat and a muscle region is fascia, every edge between two muscle regions septum, and no other is."""
    owner: dict[tuple[int, int], list[str]] = {}
    names = {tag: name for name, tag in coarse.regions.items()}
    for nodes, tag in zip(coarse.triangles.tolist(), coarse.cell_tags.tolist(), strict=True):
        for a, b in ((0, 1), (1, 2), (2, 0)):
            key = min(nodes[a], nodes[b]), max(nodes[a], nodes[b])
            owner.setdefault(key, []).append(names[tag])
    parted: dict[str, set[tuple[int, int]]] = {"fascia": set(), "septum": set()}
    for edge, sides in owner.items():
        if len(set(sides)) == 2 and all(side in coarse.compartments for side in sides):
            parted["fascia" if "fat" in sides else "septum"].add(edge)
    for curve, expected in parted.items():
        assert {tuple(sorted(edge)) for edge in coarse.curve_facets(curve).tolist()} == expected


def test_fascia_is_closed_by_the_tibia(coarse: SectionMesh) -> None:
    """The fascia is one open line whose two ends lie on the tibia."""
    nodes, uses = np.unique(coarse.curve_facets("fascia"), return_counts=True)
    ends = nodes[uses == 1]
    assert len(ends) == 2
    assert set(ends) <= set(coarse.curve_facets("bone_tibia").ravel())


@pytest.mark.parametrize("name", ["coarse", "standard", "fine", "finest"])
def test_quality(meshes: dict[str, SectionMesh], name: str) -> None:
    found = quality(meshes[name])
    assert np.all(meshes[name].areas() > 0.0)
    assert np.degrees(found.min_angle) > 18.0
    assert found.min_shape > 0.45
    assert found.mean_shape > 0.88


def test_quality_names_the_worst_triangle(coarse: SectionMesh) -> None:
    """A node of a triangle in the lateral compartment pushed to its neighbour's edge makes that one the worst."""
    points = coarse.points.copy()
    inner = coarse.triangles[coarse.cell_tags == coarse.regions["lateral"]]
    free = next(node for node in inner.ravel() if node not in set(coarse.facets.ravel()))
    a, b, c = next(nodes for nodes in inner if free in nodes)
    others = [node for node in (a, b, c) if node != free]
    points[free] += 0.99 * (points[others].mean(axis=0) - points[free])
    bad = SectionMesh(**{**coarse.__dict__, "points": points})
    assert quality(bad).region == "lateral"
    assert np.linalg.norm(np.asarray(quality(bad).centre) - points[free]) < 6e-3


def test_cells_per_resolution(meshes: dict[str, SectionMesh]) -> None:
    cells = {name: len(mesh.triangles) for name, mesh in meshes.items()}
    assert cells["coarse"] <= 4500
    assert 1.5 < cells["standard"] / cells["coarse"] < 2.7
    assert 6.0 < cells["fine"] / cells["coarse"] < 10.0
    assert 1.3 < cells["finest"] / cells["fine"] < 1.8
    assert all(len(meshes["coarse"].curve_facets(f"lumen_{vein}")) == 24 for vein in VEINS)


def test_the_same_description_gives_the_same_mesh(description: SectionDescription, coarse: SectionMesh) -> None:
    again = build(description, resolution=COARSE)
    assert np.array_equal(again.points, coarse.points)
    assert np.array_equal(again.triangles, coarse.triangles)


@pytest.mark.parametrize("name", descriptions())
def test_every_section_that_comes_with_calfpump_builds(name: str) -> None:
    """Sound elements, every vein in its place (else `lay_out` refuses), and a muscle region in every compartment named."""
    section = load_description(name)
    mesh = build(section)
    assert section.name == name
    assert np.degrees(quality(mesh).min_angle) > 18.0
    assert len(mesh.triangles) <= 4500
    assert all(mesh.region_area(region) > 1e-4 for region in mesh.compartments)
    assert all(mesh.lumen_area(vein.name) == pytest.approx(vein.area, rel=1e-12) for vein in mesh.veins)


@pytest.mark.parametrize("girth", [0.30, 0.42])
def test_girth_scales_the_leg_but_not_its_veins(description: SectionDescription, coarse: SectionMesh, girth: float) -> None:
    mesh = build(description, girth=girth)
    k = girth / coarse.girth
    assert mesh.girth == pytest.approx(girth, rel=1e-12)
    whole, as_drawn = (area(m.points[m.closed_curve("skin")]) for m in (mesh, coarse))
    assert whole / as_drawn == pytest.approx(k**2, rel=5e-3)
    for vein, drawn in zip(mesh.veins, coarse.veins, strict=True):
        assert np.allclose(vein.centre, k * np.asarray(drawn.centre))
        assert mesh.lumen_area(vein.name) == pytest.approx(drawn.area, rel=1e-12)
    assert np.degrees(quality(mesh).min_angle) > 15.0


def test_files_read_back(coarse: SectionMesh, tmp_path) -> None:
    """Points, cells and names survive the way through Gmsh's format, cells and tags that through VTU."""
    meshio = pytest.importorskip("meshio")
    msh, vtu, tags = write(coarse, tmp_path / "out")
    back = meshio.read(msh)
    assert np.allclose(back.points[:, :2], coarse.points, atol=1e-15)
    names = {name: tag for name, (tag, dim) in back.field_data.items() if dim == 2}
    assert names == coarse.regions
    assert {name: tag for name, (tag, dim) in back.field_data.items() if dim == 1} == coarse.curves
    cells = {block.type: [] for block in back.cells}
    for block, tag in zip(back.cells, back.cell_data["gmsh:physical"], strict=True):
        cells[block.type].append((block.data, tag))
    triangles = np.vstack([nodes for nodes, _ in cells["triangle"]])
    assert np.array_equal(triangles, coarse.triangles[np.argsort(coarse.cell_tags, kind="stable")])
    assert len(np.vstack([nodes for nodes, _ in cells["line"]])) == len(coarse.facets)
    flat = meshio.read(vtu)
    assert np.array_equal(flat.cell_data_dict["tag"]["triangle"], coarse.cell_tags)
    assert np.array_equal(flat.cell_data_dict["tag"]["line"], coarse.facet_tags)
    assert len(tags.read_text().splitlines()) == 1 + len(coarse.regions) + len(coarse.curves)


def test_picture(coarse: SectionMesh, tmp_path) -> None:
    file = picture(coarse, tmp_path / "calf.png")
    assert file.read_bytes().startswith(b"\x89PNG")
    assert file.stat().st_size > 50_000
