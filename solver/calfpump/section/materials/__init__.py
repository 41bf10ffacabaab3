"""Strain energies ψ of the tissues, one law a file; stress and tangent come by differentiation."""
