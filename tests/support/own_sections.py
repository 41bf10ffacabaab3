"""A shipped section as a user would have it: a labelled image, or another program's mesh, with the description beside it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from calfpump.anatomy.section_description import MM, load_description
from calfpump.mesh import COARSE, build, lay_out, write
from calfpump.mesh.curve import catmull_rom, inside

HEAD = 'schema = 1\nname = "mine"\ntitle = "my calf"\nsource = "a test"\n'


def labels(name: str, voxel: float) -> tuple[np.ndarray, dict[str, int], np.ndarray]:
    """A shipped section's labels at ``voxel`` [m], row 0 lowest; name of each region and bone → its label; the lower left corner [m]."""
    image, value, low = _labels(name, voxel)
    return image.copy(), value, low


@cache
def _labels(name: str, voxel: float, margin: float = 3.0 * MM) -> tuple[np.ndarray, dict[str, int], np.ndarray]:
    description = load_description(name)
    layout = lay_out(description)
    skin = catmull_rom(description.skin.points, closed=True)
    low = skin.min(axis=0) - margin
    columns, rows = np.ceil((np.ptp(skin, axis=0) + 2.0 * margin) / voxel).astype(int)
    x, y = low[0] + voxel * (np.arange(columns) + 0.5), low[1] + voxel * (np.arange(rows) + 0.5)
    points = np.stack(np.meshgrid(x, y), axis=2).reshape(-1, 2)
    image = np.zeros(len(points), dtype=np.uint8)
    names = ["fat", *(region.name for region in description.regions), *(f"bone_{bone.name}" for bone in description.bones)]
    value = {name: k for k, name in enumerate(names, start=1)}

    def within(polygon: np.ndarray) -> np.ndarray:
        found = np.all((points >= polygon.min(axis=0)) & (points <= polygon.max(axis=0)), axis=1)
        near = points[found]
        found[found] = np.concatenate([inside(part, polygon[::2]) for part in np.array_split(near, 1 + len(near) // 2000)])
        return found

    for face, region in zip(layout.faces, layout.regions, strict=True):
        mask = within(face.polygon)
        for hole in face.hole_polygons:
            mask &= ~within(hole)
        image[mask] = value[region]
    for bone in description.bones:
        image[within(catmull_rom(bone.points, closed=True))] = value[f"bone_{bone.name}"]
    return image.reshape(rows, columns), value, low


def image_description(name: str, value: dict[str, int], low: np.ndarray, file: str, voxel: str) -> str:
    """The TOML beside an image of a shipped section: its labels, and its veins by place and size."""
    description = load_description(name)
    text = HEAD + f'\n[image]\nfile = "{file}"\n{voxel}\n'
    for part, number in value.items():
        kind, called = ("bone", part.removeprefix("bone_")) if part.startswith("bone_") else ("region", part)
        text += f'\n[label.{number}]\n{kind} = "{called}"\n'
        if kind == "region":
            text += f'\n[region.{called}]\ncompartment = "{description.compartment_of(called)}"\n'
    for vein in description.veins:
        centre = (np.asarray(vein.centre) - low) / MM
        text += (
            f'\n[vein.{vein.name}]\nregion = "{vein.region}"\ncentre = [{centre[0]:.4f}, {centre[1]:.4f}]\narea = {vein.area / MM**2}\n'
            f"ratio = {vein.ratio}\nangle = {np.degrees(vein.angle):.6f}\nwall = {vein.wall / MM}\nsheath = {vein.sheath / MM}\n"
        )
    return text


def as_png(name: str, folder: Path, voxel: float = 0.3) -> Path:
    """A section as PNG of ``voxel`` mm with its description; returns the description's path."""
    from PIL import Image

    image, value, low = labels(name, voxel * MM)
    Image.fromarray(image[::-1]).save(folder / "leg.png")
    path = folder / "image.toml"
    path.write_text(image_description(name, value, low, "leg.png", f"voxel = [{voxel}, {voxel}]"), encoding="utf-8")
    return path


def as_mesh(name: str, folder: Path, ending: str = ".msh") -> Path:
    """A section's own mesh, exported, with a description that only names what lies where; returns the description's path."""
    mesh = build(load_description(name), resolution=COARSE)
    write(mesh, folder)
    file = f"{name}.msh"
    if ending != ".msh":
        import meshio

        (folder / f"{name}{ending}").unlink(missing_ok=True)
        points: Any = np.pad(mesh.points / MM, ((0, 0), (0, 1)))
        cells = [("triangle", mesh.triangles)]
        meshio.Mesh(points, cells, cell_data={"region": [mesh.cell_tags]}).write(folder / f"{name}{ending}")
        file = f"{name}{ending}"
    text = HEAD + f'\n[mesh]\nfile = "{file}"\nunit = "{"m" if ending == ".msh" else "mm"}"\n'
    for region, compartment in mesh.compartments.items():
        names = "" if ending == ".msh" else f"names = [{mesh.regions[region]}]\n"
        text += f'\n[region.{region}]\ncompartment = "{compartment}"\n{names}'
    if ending != ".msh":
        for vein in mesh.veins:
            text += f'\n[vein.{vein.name}]\nwall = {mesh.regions[f"wall_{vein.name}"]}\nsheath = {mesh.regions[f"sheath_{vein.name}"]}\n'
        for bone in load_description(name).bones:
            x, y = catmull_rom(bone.points, closed=True).mean(axis=0) / MM
            text += f"\n[bone.{bone.name}]\nat = [{x:.2f}, {y:.2f}]\n"
    path = folder / f"mesh{ending.replace('.', '_')}.toml"
    path.write_text(text, encoding="utf-8")
    return path
