"""Generalised plane strain with active shortening.

A muscle whose fibres, running along the leg, shorten to the stretch λ < 1 has the active strain F_a = diag(λ^−½, λ^−½, λ), of unit
volume, and the leg's axial stretch there is λ too. Then the elastic part is F_e = F F_a⁻¹ = √λ F₂ ⊕ 1: the muscle is free of stress
when it has swollen by λ^−½ in the plane, and fascia and hose, which resist, put it under pressure. Silent tissue has λ = 1.

Energies count per unit length of the leg as it is now: of a muscle shortened to λ such a slice holds 1/λ of its stress-free length. So tractions
between a contracted muscle and its silent neighbours balance as true (Cauchy) stresses, which a disc in a membrane ring verifies.
(Active strain: Taber 2000; Nardinocchi & Teresi 2007.)
"""

from __future__ import annotations

from typing import Any

import ufl


def deformation(u: Any) -> Any:
    """In-plane deformation gradient F₂ = I + ∇u."""
    return ufl.Identity(2) + ufl.grad(u)


def elastic_volume(F: Any, stretch: Any) -> Any:
    """J_e = λ det F₂, one for incompressible tissue."""
    return stretch * ufl.det(F)


def first_invariant(F: Any, stretch: Any) -> Any:
    """I₁ of F_eᵀF_e = λ tr(F₂ᵀF₂) + 1."""
    return stretch * ufl.tr(F.T * F) + 1


def second_invariant(F: Any, stretch: Any) -> Any:
    """I₂ of F_eᵀF_e = λ tr(F₂ᵀF₂) + (λ det F₂)²."""
    return stretch * ufl.tr(F.T * F) + elastic_volume(F, stretch) ** 2
