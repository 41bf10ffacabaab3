"""Viscous walls (Kelvin–Voigt; Alastruey et al. 2011, J Biomech 44:2250): p = p_ext + ψ(A) + Γ/(A0 √A) ∂A/∂t.

With ∂A/∂t = −∂Q/∂x the viscous part spreads the flow, ∂Q/∂t = (A/ρ) ∂/∂x (Γ/(A0 √A) ∂Q/∂x): split off and implicit (backward Euler, one
tridiagonal system per vessel), so that no step is limited by it. The ends of a vessel hold the flow of their node, which sees the elastic pressure.
"""

from __future__ import annotations

import numpy as np

from calfpump.flow.compiled import kernel


@kernel
def spread_flow(unknowns, vessels, slots, work, dt):
    """Q and u after the viscous part of the step, in vessels with Γ > 0; edges of the cells are scratch."""
    A, Q, u, mass, upper, rhs = unknowns.A, unknowns.Q, work.u, work.mass, work.r_left, work.r_right
    begin, end, viscosity, inv_dx = vessels.begin, vessels.end, vessels.viscosity, slots.inv_dx
    for v in range(begin.size):
        if viscosity[v] > 0.0:
            b, e = begin[v], end[v]
            scale = dt * viscosity[v] * inv_dx[b] * inv_dx[b]
            # at the ends the face's flow is known, half a cell away
            left = 2.0 / np.sqrt(A[b])
            pivot, before, known = 1.0, 0.0, 2.0 / np.sqrt(A[b]) * mass[b]
            for i in range(b, e):
                last = i == e - 1
                right = 2.0 / np.sqrt(A[i]) if last else 2.0 / (np.sqrt(A[i]) + np.sqrt(A[i + 1]))
                own = scale * A[i]
                source = known + (right * mass[e] if last else 0.0)
                lower = 0.0 if i == b else own * left
                pivot = 1.0 + own * (left + right) - lower * before
                upper[i] = 0.0 if last else own * right / pivot
                rhs[i] = (Q[i] + own * source + (0.0 if i == b else lower * rhs[i - 1])) / pivot
                before, left, known = upper[i], right, 0.0
            q = 0.0
            for i in range(e - 1, b - 1, -1):
                q = rhs[i] + upper[i] * q
                Q[i] = q
                u[i] = q / A[i]
