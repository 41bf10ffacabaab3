"""A mesh of the user's own: what comes back in, and what is refused, each with one message."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from own_sections import as_mesh

from calfpump.anatomy.section_description import DescriptionError, load_description
from calfpump.cli import main
from calfpump.mesh import COARSE, SectionMesh, build


@pytest.fixture(scope="module")
def original() -> SectionMesh:
    return build(load_description("mid_calf"), resolution=COARSE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("own")
    for ending in (".msh", ".vtu"):
        as_mesh("mid_calf", place, ending)
    return place


def edges(mesh: SectionMesh, curve: str) -> set[tuple[tuple[float, float], ...]]:
    """A curve's edges by the places of their ends, to 1 nm."""
    ends = np.round(mesh.points[mesh.curve_facets(curve)] * 1e9).astype(int)
    return {tuple(sorted((int(x), int(y)) for x, y in edge)) for edge in ends}


@pytest.mark.parametrize("description", ["mesh_msh.toml", "mesh_vtu.toml"])
def test_our_own_mesh_comes_back(folder: Path, original: SectionMesh, description: str) -> None:
    """From Gmsh's format with names, and from VTU in mm with numbers only, whose curves come from the regions' borders alone."""
    mesh = build(load_description(folder / description))
    assert len(mesh.triangles) == len(original.triangles)
    assert mesh.girth == pytest.approx(original.girth, rel=1e-3), "of the polygon, not of the curve drawn"
    for region in original.regions:
        assert mesh.region_area(region) == pytest.approx(original.region_area(region), rel=1e-9), region
    assert set(mesh.curves) == set(original.curves)
    for curve in original.curves:
        assert edges(mesh, curve) == edges(original, curve), curve
    assert mesh.compartments == original.compartments
    for mine, theirs in zip(mesh.veins, original.veins, strict=True):
        assert (mine.name, mine.region, mine.compartment) == (theirs.name, theirs.region, theirs.compartment)
        assert mine.area == pytest.approx(theirs.area, rel=1e-9)
        assert mine.ratio == pytest.approx(theirs.ratio, rel=1e-6)
        assert mine.centre == pytest.approx(theirs.centre, abs=1e-9)
        assert mine.wall == pytest.approx(theirs.wall, rel=0.02), "a polygon of 24 corners has a longer wall than its ellipse"
        assert mine.sheath == pytest.approx(theirs.sheath, rel=0.05)


def test_bones_and_lumens_that_are_meshed_become_holes(folder: Path, original: SectionMesh, tmp_path: Path) -> None:
    import meshio

    fan = []
    points = [*original.points]
    for curve in ("bone_fibula", "lumen_great_saphenous"):
        loop = original.closed_curve(curve)
        points.append(original.points[loop].mean(axis=0))
        fan.append(np.array([(len(points) - 1, a, b) for a, b in zip(loop, np.roll(loop, -1), strict=True)]))
    triangles = np.vstack([original.triangles, *fan])
    tags = np.concatenate([original.cell_tags, np.full(len(fan[0]), 90), np.full(len(fan[1]), 91)])
    meshio.Mesh(np.pad(np.asarray(points) * 1e3, ((0, 0), (0, 1))), [("triangle", triangles)], cell_data={"region": [tags]}).write(tmp_path / "mid_calf.vtu")
    text = (folder / "mesh_vtu.toml").read_text(encoding="utf-8")
    text = re.sub(r"\[bone.fibula\]\nat = .*\n", "[bone.fibula]\nnames = 90\n", text)
    text = text.replace("[vein.great_saphenous]\n", "[vein.great_saphenous]\nlumen = 91\n")
    (tmp_path / "leg.toml").write_text(text, encoding="utf-8")
    mesh = build(load_description(tmp_path / "leg.toml"))
    assert len(mesh.triangles) == len(original.triangles)
    assert edges(mesh, "bone_fibula") == edges(original, "bone_fibula")
    assert mesh.lumen_area("great_saphenous") == pytest.approx(original.lumen_area("great_saphenous"), rel=1e-9)


def swap(old: str, new: str) -> Callable[[str], str]:
    def changed(text: str) -> str:
        assert old in text
        return text.replace(old, new, 1)

    return changed


#: name → change of the description's text, the key, words of the message
WRONG: dict[str, tuple[Callable[[str], str], str, str]] = {
    "no unit": (swap('unit = "mm"\n', ""), "mesh.unit", "is needed"),
    "wrong unit": (swap('unit = "mm"', 'unit = "m"'), "mesh.unit", "is the unit right?"),
    "no file": (swap("mid_calf.vtu", "mid_caf.vtu"), "mesh.file", "there is no file"),
    "region missing in the mesh": (
        swap("[region.lateral]", '[region.popliteus]\ncompartment = "lateral"\n\n[region.lateral]'), "region.popliteus", "the mesh has no region popliteus",
    ),
    "region missing in the description": (
        lambda text: re.sub(r'\[region.lateral\]\ncompartment = "lateral"\nnames = \[\d+\]\n', "", text), "region", "is not described",
    ),
    "unknown compartment": (swap('compartment = "soleus"', 'compartment = "solus"'), "region.soleus.compartment", "did you mean 'soleus'?"),
    "bone not named": (lambda text: re.sub(r"\n\[bone.tibia\]\nat = .*\n", "", text), "bone", "say so: [bone.tibia] at ="),
    "wall missing": (lambda text: re.sub(r"(\[vein.peroneal_1\]\nwall = )\d+", r"\g<1>99", text), "region", "is not described"),
    "unknown data": (swap("[mesh]", '[mesh]\ndata = "regio"'), "mesh.data", "did you mean 'region'?"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_wrong_description_of_a_mesh(folder: Path, name: str) -> None:
    change, key, words = WRONG[name]
    path = folder / "wrong.toml"
    path.write_text(change((folder / "mesh_vtu.toml").read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(DescriptionError) as caught:
        build(load_description(path))
    assert [problem.key for problem in caught.value.problems] == [key]
    assert words in caught.value.problems[0].what
    assert caught.value.problems[0].where.startswith(str(path))


def test_a_problem_has_the_line_of_its_entry(folder: Path) -> None:
    path = folder / "line.toml"
    text = (folder / "mesh_vtu.toml").read_text(encoding="utf-8").replace('compartment = "soleus"', 'compartment = "solus"')
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DescriptionError) as caught:
        load_description(path)
    line = 1 + text.splitlines().index('compartment = "solus"')
    assert caught.value.problems[0].where == f"{path}:{line}"


def spoilt(original: SectionMesh, folder: Path, spoil: Callable[[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]) -> Path:
    """The description of a mesh whose points and triangles ``spoil`` has changed."""
    import meshio

    points, triangles = spoil(original.points.copy() * 1e3, original.triangles.copy())
    kept = original.cell_tags[: len(triangles)]
    meshio.Mesh(np.pad(points, ((0, 0), (0, 1))), [("triangle", triangles)], cell_data={"region": [kept]}).write(folder / "spoilt.vtu")
    text = (folder / "mesh_vtu.toml").read_text(encoding="utf-8").replace("mid_calf.vtu", "spoilt.vtu")
    (folder / "spoilt.toml").write_text(text, encoding="utf-8")
    return folder / "spoilt.toml"


def test_an_inverted_element_is_named(folder: Path, original: SectionMesh) -> None:
    """One triangle's free node is pushed across the edge opposite to it; the message has its number, region and place."""
    inner = np.flatnonzero(original.cell_tags == original.regions["lateral"])
    bound = set(original.facets.ravel().tolist())
    number, node = next((int(k), int(n)) for k in inner for n in original.triangles[k] if int(n) not in bound)
    others = [n for n in original.triangles[number] if n != node]
    middle = original.points[others].mean(axis=0) * 1e3

    def push(points: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        points[node] += 1.2 * (middle - points[node])
        return points, triangles

    with pytest.raises(DescriptionError, match=rf"element {number + 1} in lateral at \(.*\) mm is inverted"):
        build(load_description(spoilt(original, folder, push)))


def test_a_degenerate_element_is_named_and_drawn(folder: Path, original: SectionMesh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALFPUMP_CACHE", str(tmp_path))
    inner = np.flatnonzero(original.cell_tags == original.regions["lateral"])
    bound = set(original.facets.ravel().tolist())
    number, node = next((int(k), int(n)) for k in inner for n in original.triangles[k] if int(n) not in bound)
    others = [n for n in original.triangles[number] if n != node]
    middle = original.points[others].mean(axis=0) * 1e3

    def flatten(points: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        points[node] += 0.99 * (middle - points[node])
        return points, triangles

    with pytest.raises(DescriptionError) as caught:
        build(load_description(spoilt(original, folder, flatten)))
    found = re.search(r"element (\d+) in lateral at .* at least 3° are needed.*picture: (.*)\)", str(caught.value))
    assert found is not None
    assert int(found[1]) == number + 1
    assert Path(found[2]).read_bytes().startswith(b"\x89PNG")


def test_regions_that_do_not_share_nodes_are_refused(folder: Path, original: SectionMesh) -> None:
    """A crack: one region's copy of a node on the fascia moved by .2 mm."""
    fascia = int(original.curve_facets("fascia")[5, 0])

    def crack(points: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        points = np.vstack([points, points[fascia] + [0.2, 0.2]])
        outside = (original.cell_tags == original.regions["fat"])[:, None] & (triangles == fascia)
        triangles[outside] = len(points) - 1
        return points, triangles

    with pytest.raises(DescriptionError, match=r"neither lined by a wall nor named|is open or touches itself"):
        build(load_description(spoilt(original, folder, crack)))


def test_regions_that_overlap_are_refused(folder: Path, original: SectionMesh) -> None:
    """A triangle twice, once as fat and once as muscle."""

    def double(points: np.ndarray, triangles: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        triangles[-1] = triangles[0]
        return points, triangles

    with pytest.raises(DescriptionError, match=r"three or more triangles share the edge|is open or touches itself"):
        build(load_description(spoilt(original, folder, double)))


def test_veins_without_a_sheath_and_regions_of_several_names(folder: Path, original: SectionMesh) -> None:
    """The sheaths counted with the regions round them: a list of names makes one region."""
    text = (folder / "mesh_vtu.toml").read_text(encoding="utf-8")
    for region in original.compartments:
        numbers = [original.regions[f"sheath_{vein.name}"] for vein in original.veins if vein.region == region]
        text = text.replace(f"names = [{original.regions[region]}]", f"names = {[original.regions[region], *numbers]}")
    (folder / "bare.toml").write_text(re.sub(r"sheath = \d+\n", "", text), encoding="utf-8")
    mesh = build(load_description(folder / "bare.toml"))
    assert [vein.region for vein in mesh.veins] == [vein.region for vein in original.veins]
    assert all(vein.sheath == 0.0 for vein in mesh.veins)
    sheaths = sum(original.region_area(name) for name in original.regions if name.startswith("sheath_"))
    assert sum(mesh.region_area(name) for name in mesh.compartments) == pytest.approx(sum(original.region_area(n) for n in original.compartments) + sheaths)


def test_a_section_without_a_sole_carries_no_ground(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = tmp_path / "case.toml"
    case.write_text('schema = 1\ntitle = "mine"\n[section]\nsole_pressure = "20 kPa"\n[[protocol]]\ndo = "stand"\nfor = "1 s"\n', encoding="utf-8")
    assert main(["tubelaw", str(case), "-o", str(tmp_path / "out")]) == 2
    assert "case.toml:4: section.sole_pressure: the section mid_calf has no sole" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_no_mesh(folder: Path) -> None:
    (folder / "noise.vtu").write_bytes(b"\x00\x01 no mesh")
    text = (folder / "mesh_vtu.toml").read_text(encoding="utf-8").replace("mid_calf.vtu", "noise.vtu")
    (folder / "noise.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DescriptionError, match=r"mesh.file: .*noise.vtu cannot be read as a mesh"):
        build(load_description(folder / "noise.toml"))


def test_a_refusal_is_one_line_code_2_and_writes_nothing(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = WRONG["region missing in the description"][0]((folder / "mesh_vtu.toml").read_text(encoding="utf-8"))
    (tmp_path / "leg.toml").write_text(text.replace("mid_calf.vtu", str(folder / "mid_calf.vtu")), encoding="utf-8")
    case = tmp_path / "case.toml"
    case.write_text('schema = 1\ntitle = "mine"\n[section]\ndescription = "leg.toml"\n[[protocol]]\ndo = "stand"\nfor = "1 s"\n', encoding="utf-8")
    before = sorted(tmp_path.rglob("*"))
    for verb in ("check", "mesh", "tubelaw", "run"):
        where = [] if verb == "check" else ["-o", str(tmp_path / "out")]
        assert main([verb, str(case), *where]) == 2
        said = capsys.readouterr().err.strip().splitlines()
        assert len(said) == 1 and "leg.toml" in said[0] and "is not described" in said[0], said
    assert sorted(tmp_path.rglob("*")) == before


def test_mesh_verb_on_an_imported_mesh(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = tmp_path / "case.toml"
    case.write_text(
        f'schema = 1\ntitle = "mine"\n[section]\ndescription = "{folder / "mesh_vtu.toml"}"\n[[protocol]]\ndo = "stand"\nfor = "1 s"\n', encoding="utf-8"
    )
    assert main(["check", str(case)]) == 0
    assert main(["mesh", str(case), "-o", str(tmp_path / "out")]) == 0
    capsys.readouterr()
    assert {file.name for file in (tmp_path / "out").iterdir()} >= {"mine.msh", "mine.vtu", "mine.png", "mine-tags.csv"}
