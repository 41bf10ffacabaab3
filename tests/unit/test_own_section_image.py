"""A labelled image of the user's own: how true its borders are, and what is refused, each with one message."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from own_sections import as_png, image_description, labels

from calfpump.anatomy.section_description import MM, DescriptionError, load_description
from calfpump.cli import main
from calfpump.mesh import COARSE, SectionMesh, build, lay_out, quality
from calfpump.mesh.curve import distances
from calfpump.mesh.image import lay_out_image


@pytest.fixture(scope="module")
def original() -> SectionMesh:
    return build(load_description("mid_calf"), resolution=COARSE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("image")
    as_png("mid_calf", place)
    return place


@pytest.fixture(scope="module")
def mesh(folder: Path) -> SectionMesh:
    return build(load_description(folder / "image.toml"), resolution=COARSE)


def test_regions_of_an_image_are_those_of_the_section(mesh: SectionMesh, original: SectionMesh) -> None:
    """At .3 mm a voxel: areas within 1 %, girth within .1 %, the same curves, veins and compartments, sound elements."""
    assert mesh.compartments == original.compartments
    assert set(mesh.curves) == set(original.curves)
    for region in mesh.compartments:
        assert mesh.region_area(region) == pytest.approx(original.region_area(region), rel=0.01), region
    assert mesh.girth == pytest.approx(original.girth, rel=1e-3)
    assert [(v.name, v.region, v.compartment) for v in mesh.veins] == [(v.name, v.region, v.compartment) for v in original.veins]
    assert all(mesh.lumen_area(v.name) == pytest.approx(v.area, rel=1e-9) for v in original.veins)
    assert np.degrees(quality(mesh).min_angle) > 15.0
    assert len(mesh.triangles) == pytest.approx(len(original.triangles), rel=0.1)


def test_borders_lie_where_they_were_drawn(folder: Path) -> None:
    """The outlines that were turned into pixels come back within half a voxel (a voxel at corners), smooth: as long as they were within .5 %."""
    description = load_description(folder / "image.toml")
    found = lay_out_image(description)  # type: ignore[arg-type]
    drawn = lay_out(load_description("mid_calf"))
    _, _, low = labels("mid_calf", 0.3 * MM)
    for curve in ("skin", "fascia", "septum", "bone_tibia", "bone_fibula"):
        one = [arc.points for arc in drawn.arcs if arc.curve == curve]
        two = [arc.points + low for arc in found.arcs if arc.curve == curve]
        far = np.concatenate([np.min([distances(p[::5], q, closed=False)[0] for q in one], axis=0) for p in two])
        assert np.percentile(far, 90.0) < 0.15 * MM, curve
        assert far.max() < 0.6 * MM, curve
        length = [sum(float(np.linalg.norm(np.diff(p, axis=0), axis=1).sum()) for p in points) for points in (one, two)]
        assert length[1] == pytest.approx(length[0], rel=5e-3 if curve in ("skin", "bone_tibia") else 0.03), curve


def test_error_of_the_borders_falls_with_the_voxel(tmp_path: Path, original: SectionMesh) -> None:
    """Median distance from the skin that was drawn: half the voxel, half the distance or less."""
    drawn = next(arc.points for arc in lay_out(load_description("mid_calf")).arcs if arc.curve == "skin")
    medians = []
    for voxel in (0.8, 0.4):
        path = as_png("mid_calf", tmp_path, voxel)
        found = lay_out_image(load_description(path))  # type: ignore[arg-type]
        _, _, low = labels("mid_calf", voxel * MM)
        skin = np.vstack([arc.points for arc in found.arcs if arc.curve == "skin"]) + low
        medians.append(float(np.median(distances(skin[::3], drawn, closed=False)[0])))
    assert medians[0] < 0.1 * MM
    assert medians[1] < 0.6 * medians[0]


def test_nifti_slice_is_the_same_section(folder: Path, tmp_path: Path, mesh: SectionMesh) -> None:
    """The same labels as slice 1 of a volume stored leftwards and backwards, voxel size from its header."""
    nibabel = pytest.importorskip("nibabel")
    image, value, low = labels("mid_calf", 0.3 * MM)
    volume = np.zeros((image.shape[1], image.shape[0], 3), dtype=np.uint8)
    volume[:, :, 1] = image.T[::-1, ::-1]
    nibabel.save(nibabel.Nifti1Image(volume, np.diag([-0.3, -0.3, 5.0, 1.0])), tmp_path / "leg.nii.gz")
    path = tmp_path / "leg.toml"
    path.write_text(image_description("mid_calf", value, low, "leg.nii.gz", "slice = 1"), encoding="utf-8")
    again = build(load_description(path), resolution=COARSE)
    assert again.girth == pytest.approx(mesh.girth, rel=1e-6), "NIfTI holds the voxel size in single precision"
    for region in mesh.compartments:
        assert again.region_area(region) == pytest.approx(mesh.region_area(region), rel=1e-3), region
    path.write_text(image_description("mid_calf", value, low, "leg.nii.gz", ""), encoding="utf-8")
    with pytest.raises(DescriptionError, match=r"image.slice: is needed: leg.nii.gz holds 3 slices"):
        build(load_description(path))


def test_a_vein_that_is_a_label_becomes_an_ellipse_of_its_area(folder: Path, tmp_path: Path, original: SectionMesh) -> None:
    """The great saphenous vein drawn into the image as a label: area within 3 %, place within half a voxel."""
    from PIL import Image

    vein = next(vein for vein in original.veins if vein.name == "soleal_medial")
    image, _, low = labels("mid_calf", 0.3 * MM)
    rows, columns = np.indices(image.shape)
    local = np.stack([columns, rows], axis=2) * 0.3 * MM + 0.15 * MM + low - np.asarray(vein.centre)
    c, s = np.cos(vein.angle), np.sin(vein.angle)
    a, b = np.sqrt(vein.area * vein.ratio / np.pi), np.sqrt(vein.area / (np.pi * vein.ratio))
    image[((local @ [c, s]) / a) ** 2 + ((local @ [-s, c]) / b) ** 2 < 1.0] = 50
    Image.fromarray(image[::-1]).save(tmp_path / "leg.png")
    text = (folder / "image.toml").read_text(encoding="utf-8")
    start = text.index("[vein.soleal_medial]")
    end = text.index("[vein.", start + 1)
    text = text[:start] + '[label.50]\nvein = "soleal_medial"\n\n[vein.soleal_medial]\nposture = "supine"\n\n' + text[end:]
    (tmp_path / "leg.toml").write_text(text, encoding="utf-8")
    description = load_description(tmp_path / "leg.toml")
    found = next(v for v in build(description).veins if v.name == "soleal_medial")
    assert found.region == "soleus"
    assert found.area == pytest.approx(vein.area, rel=0.03)
    assert found.ratio == pytest.approx(vein.ratio, rel=0.05)
    assert np.linalg.norm(np.asarray(found.centre) + low - np.asarray(vein.centre)) < 0.15 * MM
    assert found.wall == pytest.approx(0.3 * MM), "a deep vein's, as none was given"
    assert found.posture == "supine"
    free = next(v for v in build(description, A0={"soleal_medial": 0.8 * found.area}).veins if v.name == "soleal_medial")
    assert (free.area, free.centre, free.posture) == (0.8 * found.area, found.centre, "")


def test_ragged_borders_are_smoothed(tmp_path: Path, original: SectionMesh) -> None:
    """A fifth of all pixels take their neighbour's label, as a segmentation by hand might: areas within 1 %, elements as sound, few more of them."""
    from PIL import Image

    path = as_png("mid_calf", tmp_path, 0.5)
    image = np.asarray(Image.open(tmp_path / "leg.png")).copy()
    ragged = np.random.default_rng(1).random(image.shape) < 0.2
    image[ragged] = np.roll(image, 1, axis=1)[ragged]
    Image.fromarray(image).save(tmp_path / "leg.png")
    mesh = build(load_description(path), resolution=COARSE)
    for region in mesh.compartments:
        assert mesh.region_area(region) == pytest.approx(original.region_area(region), rel=0.01), region
    assert np.degrees(quality(mesh).min_angle) > 15.0
    assert len(mesh.triangles) < 1.1 * len(original.triangles)


Spoil = Callable[[np.ndarray], None]


def hole(image: np.ndarray) -> None:
    image[160:170, 150:160] = 0


def cut_off(image: np.ndarray) -> None:
    image[0:20, 150:160] = 1


def second_leg(image: np.ndarray) -> None:
    image[2:30, 2:30] = 1


def unknown(image: np.ndarray) -> None:
    image[200:204, 160:164] = 77


def no_fibula(image: np.ndarray) -> None:
    image[image == image.max()] = image.max() - 3


WRONG_PIXELS: dict[str, tuple[Spoil, str, str]] = {
    "hole in the leg": (hole, "image.background", "100 pixels of background lie inside the leg around"),
    "cut off by the edge": (cut_off, "image.file", "is cut off by the edge"),
    "two legs": (second_leg, "image.file", "2 separate pieces"),
    "unknown label": (unknown, "label", "the value 77 (16 pixels, around ("),
    "label without pixels": (no_fibula, "label.9", "no pixel of the image has this value"),
}


@pytest.mark.parametrize("name", WRONG_PIXELS)
def test_wrong_pixels(folder: Path, tmp_path: Path, name: str) -> None:
    from PIL import Image

    spoil, key, words = WRONG_PIXELS[name]
    image = np.asarray(Image.open(folder / "leg.png"))[::-1].copy()
    spoil(image)
    Image.fromarray(image[::-1]).save(tmp_path / "leg.png")
    shutil.copy(folder / "image.toml", tmp_path)
    with pytest.raises(DescriptionError) as caught:
        build(load_description(tmp_path / "image.toml"))
    assert [problem.key for problem in caught.value.problems] == [key]
    assert words in caught.value.problems[0].what


SSV = '[vein.small_saphenous]\nregion = "fat"\ncentre = ['
WRONG_TEXT: dict[str, tuple[str, str, str, str]] = {
    "no voxel size": ("voxel = [0.3, 0.3]\n", "", "image.voxel", "is needed for a PNG"),
    "voxel without meaning": ("voxel = [0.3, 0.3]", 'voxel = "fine"', "image.voxel", "must be the size of a voxel in mm"),
    "label of an unknown region": ('[label.2]\nregion = "soleus"', '[label.2]\nregion = "soleos"', "label.2.region", "did you mean 'soleus'?"),
    "label without meaning": ('[label.2]\nregion = "soleus"', "[label.2]", "label.2", "needs one of region"),
    "vein outside the leg": (SSV, SSV + "-9", "vein.small_saphenous.centre", "lies in the space outside the leg"),
    "vein in another region": (
        '[vein.peroneal_1]\nregion = "deep_posterior"', '[vein.peroneal_1]\nregion = "soleus"', "vein.peroneal_1.centre", "lies in deep_posterior",
    ),
    "unknown key": ("[image]", "[image]\nvoxels = 3", "image.voxels", "did you mean 'voxel'?"),
    "not an image's ending": ('file = "leg.png"', 'file = "leg.dcm"', "image.file", "is none of .png, .nii, .nii.gz"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_TEXT)
def test_wrong_description_of_an_image(folder: Path, tmp_path: Path, name: str) -> None:
    old, new, key, words = WRONG_TEXT[name]
    text = (folder / "image.toml").read_text(encoding="utf-8")
    assert old in text
    shutil.copy(folder / "leg.png", tmp_path)
    (tmp_path / "image.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DescriptionError) as caught:
        build(load_description(tmp_path / "image.toml"))
    assert [problem.key for problem in caught.value.problems] == [key]
    assert words in caught.value.problems[0].what
    assert str(tmp_path / "image.toml") in caught.value.problems[0].where


def test_an_unreadable_image(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "image.toml", tmp_path)
    (tmp_path / "leg.png").write_bytes(b"\x89PNG and no more")
    with pytest.raises(DescriptionError, match=r"image.file: .*leg.png cannot be read as an image"):
        build(load_description(tmp_path / "image.toml"))
    text = (folder / "image.toml").read_text(encoding="utf-8").replace("leg.png", "leg.nii")
    (tmp_path / "nifti.toml").write_text(text, encoding="utf-8")
    (tmp_path / "leg.nii").write_bytes(b"nothing")
    with pytest.raises(DescriptionError, match=r"image.file: .*leg.nii cannot be read as NIfTI"):
        build(load_description(tmp_path / "nifti.toml"))


def test_another_image_is_another_case(folder: Path, tmp_path: Path) -> None:
    """The hash that names results sees the pixels, not only the description beside them."""
    from PIL import Image

    from calfpump.case import load_case
    from calfpump.case.write import case_hash

    for name in ("leg.png", "image.toml"):
        shutil.copy(folder / name, tmp_path)
    case = tmp_path / "case.toml"
    case.write_text('schema = 1\ntitle = "mine"\n[section]\ndescription = "image.toml"\n[[protocol]]\ndo = "stand"\nfor = "1 s"\n', encoding="utf-8")
    first = case_hash(load_case(case)), load_description(tmp_path / "image.toml").content()
    image = np.asarray(Image.open(tmp_path / "leg.png")).copy()
    image[150, 150] = 1
    Image.fromarray(image).save(tmp_path / "leg.png")
    second = case_hash(load_case(case)), load_description(tmp_path / "image.toml").content()
    assert first[0] != second[0]
    assert first[1] != second[1]


def test_naming_the_image_itself_says_what_to_write(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = tmp_path / "case.toml"
    case.write_text(f'schema = 1\ntitle = "mine"\n[section]\ndescription = "{folder / "leg.png"}"\n[[protocol]]\ndo = "stand"\nfor = "1 s"\n', encoding="utf-8")
    assert main(["check", str(case)]) == 2
    assert "is no .toml: write one that names the image or mesh" in capsys.readouterr().err


def test_pixels_that_meet_at_a_corner_alone_are_joined() -> None:
    """A chequerboard of two labels inside a third: no two by two pixels are left whose diagonals are both of one part, crossed."""
    from calfpump.mesh.labels import _unpinched

    image = np.ones((40, 40), dtype=np.int64)
    image[10:30, 10:30] = 2 + (np.indices((20, 20)).sum(axis=0) % 2)
    found = _unpinched(image)
    a, b, c, d = found[:-1, :-1], found[:-1, 1:], found[1:, :-1], found[1:, 1:]
    assert not np.any((a == d) & (b != a) & (c != a))
    assert not np.any((b == c) & (a != b) & (d != b))
    assert np.all(found[:8] == 1)


def test_a_section_without_veins_is_refused(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (folder / "image.toml").read_text(encoding="utf-8")
    (tmp_path / "image.toml").write_text(text[: text.index("[vein.")], encoding="utf-8")
    shutil.copy(folder / "leg.png", tmp_path)
    case = tmp_path / "case.toml"
    case.write_text('schema = 1\ntitle = "mine"\n[section]\ndescription = "image.toml"\n[[protocol]]\ndo = "stand"\nfor = "1 s"\n', encoding="utf-8")
    assert main(["check", str(case)]) == 2
    assert "image.toml: vein: the section has no vein, and so no law" in capsys.readouterr().err


def test_outlines_from_csv(tmp_path: Path, original: SectionMesh) -> None:
    """The skin's points in a file of their own give the same mesh; a line that is no numbers is named."""
    from calfpump.case.shipped import shipped

    text = (shipped("meshes") / "mid_calf.toml").read_text(encoding="utf-8")
    start = text.index("[skin]\npoints = [") + len("[skin]\n")
    end = text.index("]\n\n", start) + 2
    rows = text[start:end].replace("points = [", "").replace("], [", "\n").replace("[", "").replace("],", "").replace("]", "")
    lines = ["x [mm],y [mm]", *(line.strip().rstrip(",") for line in rows.splitlines() if line.strip())]
    (tmp_path / "skin.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "calf.toml").write_text(text[:start] + 'points = "skin.csv"\n' + text[end:], encoding="utf-8")
    again = build(load_description(tmp_path / "calf.toml"), resolution=COARSE)
    assert np.array_equal(again.points, original.points)
    (tmp_path / "skin.csv").write_text("\n".join([*lines[:4], "12.0;3.0", *lines[4:]]), encoding="utf-8")
    with pytest.raises(DescriptionError, match=r"skin.csv:5: skin.points: must be two numbers x, y in mm, not 12.0;3.0"):
        load_description(tmp_path / "calf.toml")
    (tmp_path / "skin.csv").unlink()
    with pytest.raises(DescriptionError, match=r"skin.points: cannot read .*skin.csv: No such file"):
        load_description(tmp_path / "calf.toml")
