"""How well shaped a mesh's triangles are, and where the worst one is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from calfpump.anatomy.section_description import MM
from calfpump.mesh.section_mesh import Floats, SectionMesh

LEAST_ANGLE = np.radians(12.0)
"""Below this angle [rad] a mesh is refused."""


@dataclass(frozen=True)
class Quality:
    """Smallest angle [rad], shape q = 4√3 A/Σl² (1 equilateral, 0 flat), and the worst triangle's region and centre [m]."""

    cells: int
    min_angle: float
    min_shape: float
    mean_shape: float
    region: str
    centre: tuple[float, float]

    def __str__(self) -> str:
        x, y = self.centre[0] / MM, self.centre[1] / MM
        return (
            f"{self.cells} triangles, shape {self.mean_shape:.2f} on average, {self.min_shape:.2f} at worst; smallest angle "
            f"{np.degrees(self.min_angle):.1f}° in {self.region} at ({x:.1f}, {y:.1f}) mm"
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
        region=names[int(mesh.cell_tags[worst])], centre=(float(centre[0]), float(centre[1])),
    )
