"""How well shaped a mesh's triangles are, and where the worst one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from calfpump.anatomy.section_description import MM
from calfpump.mesh.section_mesh import Floats, Ints, SectionMesh

LEAST_ANGLE = np.radians(12.0)
"""Below this angle [rad] a mesh of ours is refused."""
LEAST_IMPORTED = np.radians(3.0)
"""Below this angle [rad] an imported mesh is refused: its maker may have wanted thin layers."""


@dataclass(frozen=True)
class Quality:
    """Smallest angle [rad], shape q = 4√3 A/Σl² (1 equilateral, 0 flat), and the worst triangle: its number from 0, region and centre [m]."""

    cells: int
    min_angle: float
    min_shape: float
    mean_shape: float
    worst: int
    region: str
    centre: tuple[float, float]

    def __str__(self) -> str:
        x, y = self.centre[0] / MM, self.centre[1] / MM
        return (
            f"{self.cells} triangles, shape {self.mean_shape:.2f} on average, {self.min_shape:.2f} at worst; smallest angle "
            f"{np.degrees(self.min_angle):.1f}° of element {self.worst + 1} in {self.region} at ({x:.1f}, {y:.1f}) mm"
        )


def shapes(mesh: SectionMesh) -> tuple[Floats, Floats]:
    """Smallest angle [rad] and shape q of every triangle."""
    p = mesh.points[mesh.triangles]
    edge = np.stack([p[:, (k + 1) % 3] - p[:, k] for k in range(3)], axis=1)
    length = np.linalg.norm(edge, axis=2)
    cosine = [
        -np.sum(edge[:, k] * edge[:, k - 1], axis=1) / (length[:, k] * length[:, k - 1]) for k in range(3)
    ]
    angle = np.min(np.arccos(np.clip(cosine, -1.0, 1.0)), axis=0)
    return angle, 4.0 * np.sqrt(3.0) * mesh.areas() / np.sum(length**2, axis=1)


def quality(mesh: SectionMesh) -> Quality:
    """The mesh's quality and its worst triangle, the one with the smallest angle."""
    angle, shape = shapes(mesh)
    worst = int(np.argmin(angle))
    names = {tag: name for name, tag in mesh.regions.items()}
    centre = mesh.points[mesh.triangles[worst]].mean(axis=0)
    return Quality(
        cells=len(shape), min_angle=float(angle[worst]), min_shape=float(np.min(shape)), mean_shape=float(np.mean(shape)),
        worst=worst, region=names[int(mesh.cell_tags[worst])], centre=(float(centre[0]), float(centre[1])),
    )


def check(mesh: SectionMesh, problem: Callable[[str, str], Exception], key: str, number: Sequence[int] | Ints | None, least: float) -> None:
    """Refuse a mesh whose worst element has an angle below ``least``: named by its number, region and place, and drawn.

    ``number`` are the elements' numbers in a file of the user's; raises what ``problem`` makes of ``key`` and a sentence.
    """
    worst = quality(mesh)
    if worst.min_angle >= least:
        return
    from calfpump.mesh.picture import worst_element

    named = worst.worst + 1 if number is None else int(number[worst.worst])
    x, y = worst.centre[0] / MM, worst.centre[1] / MM
    raise problem(
        key, f"no sound mesh: the smallest angle of element {named} in {worst.region} at ({x:.1f}, {y:.1f}) mm is {np.degrees(worst.min_angle):.1f}°, "
        f"at least {np.degrees(least):.0f}° are needed; move the curves or veins there apart (picture: {worst_element(mesh)})"
    )  # fmt: skip
