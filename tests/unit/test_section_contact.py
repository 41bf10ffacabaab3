"""Which segment a node of a collapsed lumen's wall is paired with."""

from __future__ import annotations

import numpy as np

from calfpump.section.contact import OVERHANG, SelfContact

COUNT = 40
ANGLE = 2.0 * np.pi * np.arange(COUNT) / COUNT
ROUND = np.stack([np.cos(ANGLE), np.sin(ANGLE)], axis=1)
#: Half a segment's length in the middle of the flat lumen, where nodes lie opposite corners.
HALF = 0.5 * np.pi / 20
TOP, BOTTOM = COUNT // 4, 3 * COUNT // 4


def slid(by: float) -> np.ndarray:
    """The circle flattened to a fiftieth, its upper wall moved sideways."""
    x = ROUND * np.array([1.0, 0.02])
    x[1 : COUNT // 2, 0] += by
    return x


def segment(contact: SelfContact, node: int) -> int:
    """First node of the segment that the node is paired with."""
    return int(contact.pairs[contact.pairs[:, 2] == node][0, 0])


def test_a_node_opposite_a_corner_keeps_its_segment() -> None:
    """Slid a tenth of a segment to and fro, the upper wall's middle keeps the segments it had; beyond an end by more than `OVERHANG`, it takes the next."""
    contact = SelfContact(ROUND, np.arange(COUNT), 1.0)
    assert contact.search(slid(0.1 * 2.0 * HALF))
    middle = range(TOP - 4, TOP + 5)
    before = [segment(contact, node) for node in middle]
    assert before[4] == BOTTOM
    contact.search(slid(-0.1 * 2.0 * HALF))
    assert [segment(contact, node) for node in middle] == before
    contact.search(slid(-(OVERHANG + 0.1) * 2.0 * HALF))
    assert segment(contact, TOP) == BOTTOM - 1


def test_a_fresh_search_takes_the_nearest() -> None:
    """Without pairs of before, the sign of the slide decides."""
    for sign, expected in ((1, BOTTOM), (-1, BOTTOM - 1)):
        contact = SelfContact(ROUND, np.arange(COUNT), 1.0)
        contact.search(slid(sign * 0.1 * 2.0 * HALF))
        assert segment(contact, TOP) == expected


def test_the_sides_of_a_crease_touch() -> None:
    """A crease whose sides have crossed next to its tip: its nodes are pushed back, though they lie beside one another along the wall."""
    x = ROUND.copy()
    tip = ROUND[0]
    for k, (depth, across) in enumerate(((0.0, 0.0), (0.1, -0.01), (0.2, 0.02))):
        x[k], x[-k] = tip + np.array([0.2 - depth, across]), tip + np.array([0.2 - depth, -across])
    contact = SelfContact(ROUND, np.arange(COUNT), 1.0)
    contact.search(x)
    assert set(contact.pairs[contact.gaps(x) < 0.0][:, 2]) == {1, COUNT - 1}
    pairs, force = contact.gradient(x)
    pushed = {int(node): f[2, 1] for node, f in zip(pairs[:, 2], force, strict=True)}
    assert pushed[1] < 0.0 < pushed[COUNT - 1]  # dΠ/dx: down the energy lies across, back to their own sides


def test_a_bulge_into_the_lumen_touches_nothing() -> None:
    """Six deep folds of a wall whose bulges' flanks face away from one another through the tissue, nearer than walls that touch are looked for."""
    n = 120
    angle = 2.0 * np.pi * np.arange(n) / n
    round_wall = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    contact = SelfContact(round_wall, np.arange(n), 1.0)
    folded = (1.0 + 0.45 * np.cos(6.0 * angle))[:, None] * round_wall
    contact.search(folded)
    assert not np.any(contact.gaps(folded) < 0.0)


def test_only_opposite_walls_close_a_lumen() -> None:
    """A crossed crease at the tip does not; a lumen flattened until its middle has crossed does."""
    x = ROUND.copy()
    for k, (depth, across) in enumerate(((0.0, 0.0), (0.1, -0.01), (0.2, 0.02))):
        x[k], x[-k] = ROUND[0] + np.array([0.2 - depth, across]), ROUND[0] + np.array([0.2 - depth, -across])
    flat = ROUND * np.array([1.0, 0.02])
    flat[TOP - 2 : TOP + 3, 1] -= 0.05
    for places, closed in ((x, False), (flat, True)):
        contact = SelfContact(ROUND, np.arange(COUNT), 1.0)
        contact.search(places)
        assert np.any(contact.gaps(places) < 0.0)
        assert (contact.least_gap(places) < 0.0) is closed
