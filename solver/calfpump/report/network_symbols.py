"""Symbols of a network's drawing: valves, beds and boundaries, as fluid and electrical schemes have them."""

from __future__ import annotations

from functools import cache
from math import atan2
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.lines import Line2D

#: kind → (what the legend says, strokes of points; the node is on their left, a vessel's end on a valve's right)
STROKES: dict[str, tuple[str, tuple[tuple[tuple[float, float], ...], ...]]] = {
    "valve": ("valve, opens this way", (((-0.7, -0.8), (-0.7, 0.8), (0.6, 0.0), (-0.7, -0.8)), ((0.7, -0.8), (0.7, 0.8)))),
    "bed": (
        "capillary bed",
        (((-1, 0), (-0.6, 0.65), (0.6, 0.65), (1, 0), (0.6, -0.65), (-0.6, -0.65), (-1, 0)), ((-1, 0), (1, 0)), ((-0.8, 0.33), (0.8, 0.33)),
         ((-0.8, -0.33), (0.8, -0.33))),
    ),
    "flow": ("flow in", (((1, 0), (-0.9, 0)), ((-0.2, 0.6), (-0.9, 0), (-0.2, -0.6)))),
    "pressure": ("pressure", (((-1, 0), (-0.2, 0)), ((0.9, 0.8), (-0.2, 0.8), (-0.2, -0.8), (0.9, -0.8)), ((0.4, 0.8), (0.4, -0.8)))),
    "resistance": ("resistance", (((-1, 0), (-0.7, 0), (-0.5, 0.6), (-0.2, -0.6), (0.1, 0.6), (0.4, -0.6), (0.6, 0), (1, 0)),)),
    "windkessel": ("Windkessel", (((-1, 0), (-0.2, 0)), ((-0.2, 0.8), (-0.2, -0.8)), ((0.2, 0.8), (0.2, -0.8)), ((0.2, 0), (1, 0)))),
    "reflection-free": (
        "reflection-free", (((-0.8, 0.8), (-0.5, 0), (-0.8, -0.8)), ((-0.2, 0.8), (0.1, 0), (-0.2, -0.8)), ((0.4, 0.8), (0.7, 0), (0.4, -0.8))),
    ),
    "closed": ("closed", (((-1, 0), (0, 0)), ((0, 0.8), (0, -0.8)))),
}  # fmt: skip
SIZE = 17.0  # points


@cache
def _path(kind: str) -> Any:
    from matplotlib.path import Path

    strokes = STROKES[kind][1]
    frame = ((-1.0, -1.0), (1.0, 1.0))  # all are scaled alike
    points = [p for stroke in strokes for p in stroke] + [frame[0], frame[1]]
    codes = [code for stroke in strokes for code in (Path.MOVETO, *[Path.LINETO] * (len(stroke) - 1))] + [Path.MOVETO] * 2
    return Path(points, codes)


def marker(kind: str, towards: tuple[float, float] = (1.0, 0.0)) -> Any:
    """The symbol, turned: its right lies ``towards``."""
    return _turned(_path(kind), towards)


def arrow(towards: tuple[float, float]) -> Any:
    """A head of an arrow ``towards``."""
    return _turned(">", towards)


def _turned(symbol: Any, towards: tuple[float, float]) -> Any:
    from matplotlib.markers import MarkerStyle
    from matplotlib.transforms import Affine2D

    return MarkerStyle(symbol, transform=Affine2D().rotate(atan2(towards[1], towards[0])))


def handle(kind: str, colour: str) -> Line2D:
    """Its entry in a legend."""
    from matplotlib.lines import Line2D

    return Line2D(
        [], [], linestyle="", marker=marker(kind, (-1.0, 0.0) if kind == "flow" else (1.0, 0.0)), markersize=0.8 * SIZE,
        markerfacecolor="white" if kind == "valve" else "none", markeredgecolor=colour, markeredgewidth=1.1, label=STROKES[kind][0],
    )  # fmt: skip
