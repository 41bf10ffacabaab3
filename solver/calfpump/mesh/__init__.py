"""Meshes of leg sections: description → planar map → tagged triangles.

The only package that imports Gmsh, and only when it meshes.
"""

from calfpump.mesh.builder import build
from calfpump.mesh.layout import girth_of, lay_out
from calfpump.mesh.picture import picture
from calfpump.mesh.quality import Quality, quality
from calfpump.mesh.resolution import COARSE, FINE, FINEST, RESOLUTIONS, STANDARD, Resolution
from calfpump.mesh.section_mesh import SectionMesh, VeinSpec
from calfpump.mesh.write import write

__all__ = [
    "COARSE", "FINE", "FINEST", "RESOLUTIONS", "STANDARD", "Quality", "Resolution", "SectionMesh", "VeinSpec", "build", "girth_of",
    "lay_out", "picture", "quality", "write",
]
