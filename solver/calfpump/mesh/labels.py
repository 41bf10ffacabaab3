"""A labelled image as an array of parts: read, turned the right way up, veins taken out, specks given to their neighbours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from calfpump.anatomy.own_section import ImageSection, Label, default_wall
from calfpump.anatomy.section_description import MM, Vein

Image = NDArray[np.integer[Any]]
OUTSIDE = Label("outside", "")


@dataclass(frozen=True, eq=False)
class Parts:
    """``image`` (rows, columns) holds indices into ``parts``; row 0 is the lowest, voxels are ``voxel`` (x, y) m, the lower left corner
    of the image is the origin. Part 0 is the outside, and surrounds everything."""

    image: Image
    parts: tuple[Label, ...]
    voxel: tuple[float, float]
    veins: tuple[Vein, ...]


def read_parts(section: ImageSection) -> Parts:
    """The image of a description, checked; raises `DescriptionError`."""
    values, voxel = _read_nifti(section) if section.path.name.endswith((".nii", ".nii.gz")) else _read_png(section)
    if section.mirror:
        values = values[:, ::-1]
    voxel = section.voxel or voxel
    assert voxel is not None  # a PNG's is mandatory
    image, parts = _parts(section, values, voxel)
    image, veins = _take_out_veins(section, image, parts, voxel)
    kept = [k for k, part in enumerate(parts) if part.kind != "vein"]
    number = np.zeros(len(parts), dtype=np.int64)
    number[kept] = np.arange(len(kept))
    image = _without_specks(number[image], section.speck / (voxel[0] * voxel[1]))
    _whole(section, image, voxel)
    return Parts(np.pad(_unpinched(image), 1), tuple(parts[k] for k in kept), voxel, veins)


def _read_png(section: ImageSection) -> tuple[NDArray[Any], None]:
    """Grey or palette values as texts of numbers, colours as ``#rrggbb``; transparent pixels are background."""
    from PIL import Image as pillow

    try:
        with pillow.open(section.path) as file:
            if file.mode in ("1", "L", "P", "I", "I;16"):
                return np.asarray(file).astype(np.int64).astype(str)[::-1], None
            colours = np.asarray(file.convert("RGBA")).astype(np.int64)[::-1]
    except (OSError, ValueError, SyntaxError) as error:
        raise section.problem("image.file", f"{section.path} cannot be read as an image: {error}") from None
    code = (colours[..., 0] << 16) + (colours[..., 1] << 8) + colours[..., 2]
    unique, inverse = np.unique(code, return_inverse=True)
    texts = np.array([f"#{int(value):06x}" for value in unique], dtype="U16")[inverse.reshape(code.shape)]
    texts[colours[..., 3] == 0] = section.background
    return texts, None


def _read_nifti(section: ImageSection) -> tuple[NDArray[Any], tuple[float, float]]:
    """One axial slice, x to the right and y to the front whatever the file's own axes are."""
    import nibabel

    try:
        volume: Any = nibabel.as_closest_canonical(nibabel.load(section.path))
        data, zooms = np.asarray(volume.dataobj), volume.header.get_zooms()
    except (OSError, ValueError, EOFError, nibabel.filebasedimages.ImageFileError) as error:
        raise section.problem("image.file", f"{section.path} cannot be read as NIfTI: {error}") from None
    data = data.reshape(data.shape[:2] + (-1,))
    if section.slice is None and data.shape[2] > 1:
        raise section.problem("image.slice", f"is needed: {section.path.name} holds {data.shape[2]} slices (0 to {data.shape[2] - 1}, from the feet)")
    k = section.slice or 0
    if k >= data.shape[2]:
        raise section.problem("image.slice", f"{k} is not from 0 to {data.shape[2] - 1}, the slices of {section.path.name}")
    plane = data[:, :, k].T
    if not np.all(np.isfinite(plane)) or np.any(plane != np.round(plane)):
        raise section.problem("image.file", f"{section.path.name} holds values that are no whole numbers: labels are needed, not a picture")
    return plane.astype(np.int64).astype(str), (float(zooms[0]) * MM, float(zooms[1]) * MM)


def _parts(section: ImageSection, values: NDArray[Any], voxel: tuple[float, float]) -> tuple[Image, list[Label]]:
    """Indices of the parts; labels that mean the same are one part."""
    known = {value.lower(): label for value, label in section.labels.items()}
    parts = [OUTSIDE]
    index = {section.background: 0}
    for value, label in known.items():
        same = next((k for k, part in enumerate(parts) if (part.kind, part.name) == (label.kind, label.name)), None)
        index[value] = len(parts) if same is None else same
        if same is None:
            parts.append(label)
    unique, inverse = np.unique(values, return_inverse=True)
    inverse = inverse.reshape(values.shape)
    for k, value in enumerate(unique.tolist()):
        if value not in index:
            here = np.argwhere(inverse == k)
            where = f"{len(here)} pixels, around {_place(here.mean(axis=0), voxel)}"
            raise section.problem("label", f"the image holds the value {value} ({where}), which no label explains")
    for value, label in section.labels.items():
        if value.lower() not in unique:
            raise section.problem(f"label.{value}", f"no pixel of the image has this value, which should be the {label.kind} {label.name}")
    return np.array([index[value] for value in unique.tolist()], dtype=np.int64)[inverse], parts


def _take_out_veins(section: ImageSection, image: Image, parts: list[Label], voxel: tuple[float, float]) -> tuple[Image, tuple[Vein, ...]]:
    """Veins that are labels become ellipses of equal area and second moments; what lies round them closes over their pixels."""
    veins = []
    blood = np.isin(image, [k for k, part in enumerate(parts) if part.kind == "vein"])
    around = _nearest(image, blood | (image == 0))
    regions = {region.name: region for region in section.regions}
    for k, part in enumerate(parts):
        if part.kind != "vein":
            continue
        at = np.argwhere(image == k)
        host = parts[int(np.bincount(around[tuple(at.T)]).argmax())]
        if host.kind != "region":
            raise section.problem(f"vein.{part.name}", f"the vein at {_place(at.mean(axis=0), voxel)} lies beside {host.kind} {host.name}, not in a region")
        xy = (at[:, ::-1] + 0.5) * np.asarray(voxel)
        spread = np.cov(xy.T, bias=True).reshape(2, 2) + np.diag(np.asarray(voxel) ** 2) / 12.0
        size, axes = np.linalg.eigh(spread)
        entry = section.lumens[part.name]
        veins.append(
            replace(
                entry, region=host.name, centre=(float(xy[:, 0].mean()), float(xy[:, 1].mean())), area=len(at) * voxel[0] * voxel[1],
                ratio=min(4.0, float(np.sqrt(size[1] / size[0]))), angle=float(np.arctan2(axes[1, 1], axes[0, 1])),
            )
        )  # fmt: skip
    veins += section.veins
    filled = [vein if vein.wall > 0.0 else replace(vein, wall=default_wall(regions.get(vein.region)) * MM) for vein in veins]
    return np.where(blood, around, image), tuple(filled)


def _nearest(image: Image, unset: NDArray[np.bool_]) -> Image:
    """The image with the pixels that are ``unset`` taken from their nearest neighbours that are not."""
    from scipy.ndimage import distance_transform_edt

    where = distance_transform_edt(unset, return_distances=False, return_indices=True)
    return np.asarray(image[tuple(where)])


def _without_specks(image: Image, least: float) -> Image:
    """Islands of fewer than ``least`` pixels given to their neighbours."""
    from scipy.ndimage import label

    small = np.zeros(image.shape, dtype=bool)
    for part in np.unique(image):
        pieces, count = label(image == part)
        sizes = np.bincount(pieces.ravel(), minlength=count + 1)
        sizes[0] = image.size
        small |= (sizes < least)[pieces]
    return _nearest(image, small) if np.any(small) and not np.all(small) else image


def _unpinched(image: Image) -> Image:
    """No part touches itself across a corner alone."""
    image = image.copy()
    for _ in range(image.size):
        a, b, c, d = image[:-1, :-1], image[:-1, 1:], image[1:, :-1], image[1:, 1:]
        first = np.argwhere((a == d) & (b != a) & (c != a))
        second = np.argwhere((b == c) & (a != b) & (d != b))
        if not len(first) and not len(second):
            break
        if len(first):
            row, column = first[0]
            image[row, column + 1] = image[row, column]
        else:
            row, column = second[0]
            image[row, column] = image[row, column + 1]
    return image


def _whole(section: ImageSection, image: Image, voxel: tuple[float, float]) -> None:
    """One leg, all of it in the image, without holes."""
    from scipy.ndimage import label

    pieces, count = label(image > 0)
    if count != 1:
        sizes = np.bincount(pieces.ravel())[1:]
        listed = ", ".join(f"{size * voxel[0] * voxel[1] / MM**2:.0f}" for size in sizes[:4])
        found = f"{count} separate pieces ({listed} mm²)" if count else "nothing but background"
        raise section.problem("image.file", f"{section.path.name} holds {found}; one leg is needed, the other erased")
    edge = np.concatenate([image[0], image[-1], image[:, 0], image[:, -1]])
    if np.any(edge > 0):
        raise section.problem("image.file", f"the leg is cut off by the edge of {section.path.name} along {np.count_nonzero(edge)} pixels")
    outside, count = label(image == 0)
    if count > 1:
        hole = int(np.argmin(np.bincount(outside.ravel())[1:])) + 1
        at = np.argwhere(outside == hole)
        raise section.problem(
            "image.background", f"{len(at)} pixels of background lie inside the leg around {_place(at.mean(axis=0), voxel)}; give them a label"
        )


def _place(pixel: Any, voxel: tuple[float, float]) -> str:
    """A pixel (row, column) from the lower left in mm, for a message."""
    return f"({(pixel[1] + 0.5) * voxel[0] / MM:.1f}, {(pixel[0] + 0.5) * voxel[1] / MM:.1f}) mm"
