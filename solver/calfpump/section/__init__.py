"""The leg's cross-section in finite elements: from a section mesh to the tube laws of its veins. The only package that imports dolfinx."""
