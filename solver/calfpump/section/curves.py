"""Curves of quadratic edges: ordering, enclosed area, stretch.

An edge has nodes a, m, b with x(s) = Σ N_i(s) x_i, 0 ≤ s ≤ 1. Its share of an enclosed area, ½∫(x y′ − y x′)ds = x·C·y, is an
exact quadratic form of the nodes, so area, gradient and Hessian need no quadrature.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]  # what numpy calls the result of arithmetic on float64
Ints = npt.NDArray[np.int64]

#: ½∫(N_i N_j′ − N_j N_i′)ds for the nodes a, m, b.
AREA_FORM: Floats = np.array([[0.0, 4.0, -1.0], [-4.0, 0.0, 4.0], [1.0, -4.0, 0.0]]) / 6.0

GAUSS_POINTS: Floats = 0.5 + 0.5 * np.array([-np.sqrt(0.6), 0.0, np.sqrt(0.6)])
GAUSS_WEIGHTS: Floats = np.array([5.0, 8.0, 5.0]) / 18.0
#: N_i′ at the Gauss points (point, node).
SLOPES: Floats = np.stack([4.0 * GAUSS_POINTS - 3.0, 4.0 - 8.0 * GAUSS_POINTS, 4.0 * GAUSS_POINTS - 1.0], axis=1)


def chains(edges: Ints) -> list[Ints]:
    """Edges (k, 3) sorted by connectivity into closed chains, each turned so that end meets start.

    Raises ValueError when an edge end is not shared by exactly two edges: the curve is open or branches.
    """
    left = {tuple(int(n) for n in edge) for edge in edges}
    at: dict[int, list[tuple[int, ...]]] = {}
    for edge in left:
        at.setdefault(edge[0], []).append(edge)
        at.setdefault(edge[2], []).append(edge)
    if any(len(meeting) != 2 for meeting in at.values()):
        raise ValueError("the curve is open or branches")
    result = []
    for first in (tuple(int(n) for n in edge) for edge in edges):
        if first not in left:
            continue
        left.discard(first)
        chain = [first]
        while chain[-1][2] != chain[0][0]:
            node = chain[-1][2]
            step = next(edge for edge in at[node] if edge in left)
            left.discard(step)
            chain.append(step if step[0] == node else (step[2], step[1], step[0]))
        result.append(np.array(chain, dtype=np.int64))
    return result


def enclosed_area(x: Floats, edges: Ints) -> float:
    """Area to the left of the closed chain `edges` at node places `x`."""
    q = x[edges]
    return float(np.einsum("ki,ij,kj->", q[:, :, 0], AREA_FORM, q[:, :, 1]))


def area_gradient(x: Floats, edges: Ints) -> Floats:
    """Derivative (k, 3, 2) of the enclosed area by the node places of each edge."""
    q = x[edges]
    return np.stack([q[:, :, 1] @ AREA_FORM.T, q[:, :, 0] @ AREA_FORM], axis=2)


def follower(x: Floats, edges: Ints) -> Floats:
    """∫N n ds (k, 3, 2) of each edge, n the normal to the right: what a unit pressure from there does to its nodes.

    `area_gradient` is the same but for ±½ at an edge's two ends, which neighbours cancel.
    """
    q = x[edges]
    B = AREA_FORM + np.diag([-0.5, 0.0, 0.5])
    return np.stack([q[:, :, 1] @ B.T, -(q[:, :, 0] @ B.T)], axis=2)


def area_hessian() -> Floats:
    """Constant second derivative (6, 6) of one edge's area, unknowns ordered node by node."""
    H = np.zeros((3, 2, 3, 2))
    H[:, 0, :, 1] = AREA_FORM
    H[:, 1, :, 0] = AREA_FORM.T
    return H.reshape(6, 6)


def counter_clockwise(x: Floats, chain: Ints) -> Ints:
    """The closed chain turned so that what it encloses lies to its left."""
    return chain if enclosed_area(x, chain) > 0.0 else chain[::-1, ::-1].copy()


def loop_nodes(chain: Ints) -> Ints:
    """Nodes of a closed chain in order: corner, middle, corner, middle, …"""
    return chain[:, :2].reshape(-1)


def lengths(x: Floats, edges: Ints) -> Floats:
    """Arc length (k,) of each edge at node places `x`."""
    y = np.einsum("gi,kid->kgd", SLOPES, x[edges])
    return np.asarray(np.linalg.norm(y, axis=2) @ GAUSS_WEIGHTS)
