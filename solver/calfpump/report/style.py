"""How all figures look, and how they get into a page that needs nothing else: as data URIs."""

from __future__ import annotations

import base64
import contextlib
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from matplotlib.figure import Figure

from calfpump.case.units import UNITS

MMHG = UNITS["mmHg"].factor
ML = UNITS["mL"].factor
MM = 1e-3

INK, GREY, PALE = "#1d2733", "#6b7785", "#e8ecf0"
#: One colour per stage of the pump, foot to groin; told apart in grey and by colour-blind eyes.
STAGE_COLOURS = {
    "foot": "#7a5195", "soleus": "#d1495b", "gastrocnemius": "#e58a4e", "popliteal": "#b59a1b", "thigh": "#2e8b74", "groin": "#2a6f97",
}  # fmt: skip
LINES = ("#2a6f97", "#d1495b", "#2e8b74", "#e58a4e", "#7a5195", "#b59a1b", "#5c6b7a", "#9c6644")
BANDS = {"supine": "#eef2f6", "elevate": "#eaf0ea", "stand": "#ffffff", "tiptoe": "#fbeee2", "walk": "#e9f3ee"}
REGIONS = {
    "fat": "#f7e7bd", "soleus": "#d98f86", "gastrocnemius": "#e7b3a6", "deep_posterior": "#b98aa6", "anterior": "#a8c6b4", "lateral": "#c3b6da",
    "wall": "#8a5a44", "sheath": "#fbf3e2", "sole_pad": "#f0cf95", "joint": "#cdd5dc", "capsule": "#9fb0bf", "popliteal_fossa": "#f3dd8e",
    "medial_hamstrings": "#b98aa6", "biceps_femoris": "#a8c6b4", "hamstrings": "#b98aa6", "quadriceps": "#d98f86", "adductors": "#e7b3a6",
    "dorsum": "#a8c6b4", "medial": "#d98f86", "central": "#e7b3a6", "interosseous": "#b98aa6",
}  # fmt: skip
#: Regions of one's own with other names take one of these, by their name.
OTHERS = ("#d98f86", "#e7b3a6", "#b98aa6", "#a8c6b4", "#c3b6da")
BONE, BLOOD = "#f4f1ea", "#27407a"

RC = {
    "font.family": "DejaVu Sans", "font.size": 9, "axes.titlesize": 10, "axes.titleweight": "bold", "axes.titlelocation": "left",
    "axes.edgecolor": GREY, "axes.labelcolor": INK, "text.color": INK, "xtick.color": GREY, "ytick.color": GREY,
    "xtick.labelcolor": INK, "ytick.labelcolor": INK, "axes.spines.top": False, "axes.spines.right": False, "axes.linewidth": 0.7,
    "axes.grid": True, "grid.color": PALE, "grid.linewidth": 0.7, "axes.axisbelow": True, "lines.linewidth": 1.3,
    "legend.frameon": False, "legend.fontsize": 8.5, "figure.facecolor": "white", "savefig.facecolor": "white", "svg.hashsalt": "calfpump",
}  # fmt: skip


@contextlib.contextmanager
def drawing(width: float, height: float, **options: Any) -> Iterator[Figure]:
    """A figure of ``width`` × ``height`` inches in the common look; no global state of matplotlib is touched."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(RC):
        figure = Figure(figsize=(width, height), layout="constrained", **options)
        FigureCanvasAgg(figure)
        yield figure


class Picture(NamedTuple):
    """A figure as a data URI, and its natural width on a page [px]."""

    uri: str
    width: int


def embed(figure: Figure, kind: str = "svg", dpi: int = 150) -> Picture:
    """The figure for a page: "svg" for lines, "png" for fields. The same figure gives the same bytes."""
    import matplotlib

    buffer = io.BytesIO()
    metadata = {"Date": None} if kind == "svg" else {}
    with matplotlib.rc_context(RC):
        figure.savefig(buffer, format=kind, dpi=dpi, metadata=metadata)
    mime = {"svg": "image/svg+xml", "png": "image/png"}[kind]
    uri = f"data:{mime};base64,{base64.b64encode(buffer.getvalue()).decode()}"
    return Picture(uri, round(96 * float(figure.get_figwidth())))


def region_colour(name: str) -> str:
    """Colour of a section's region; walls and sheaths by what they are, both gastrocnemius heads alike."""
    own = OTHERS[sum(name.encode()) % len(OTHERS)]
    return next((colour for stem, colour in REGIONS.items() if name == stem or name.startswith(stem + "_")), own)


def words(name: str) -> str:
    """``great_saphenous_calf`` → "great saphenous calf"."""
    return name.replace("_", " ")
