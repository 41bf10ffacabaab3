"""Templates into pages, and numbers into words."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import Any

from calfpump.results import Quantity
from calfpump.results.record import write_text

TEMPLATES = Path(__file__).parent / "templates"


def page(template: str, path: Path, **content: Any) -> Path:
    """Render a template with the common style to ``path``, replaced in one step."""
    from jinja2 import Environment, FileSystemLoader
    from markupsafe import Markup

    from calfpump import __version__

    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    style = Markup((TEMPLATES / "style.css").read_text(encoding="utf-8"))
    write_text(path, environment.get_template(template).render(style=style, version=__version__, **content))
    return path


def number(value: float, digits: int = 3) -> str:
    """A number as people write it: three digits, no needless exponent, a true minus sign, "–" for none."""
    if not math.isfinite(value):
        return "–"
    if value == 0:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if size < -4 or size > 6:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}·10{str(int(exponent)).translate(_RAISED)}".replace("-", "−")
    return f"{value:.{max(0, digits - 1 - size)}f}".replace("-", "−")


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def header(name: str) -> tuple[str, str]:
    """``"net return [mL/min]"`` → ("net return", "mL/min"); a pure number has no unit."""
    match = re.fullmatch(r"(.*?)\s*\[(.*)\]", name)
    if match is None:
        return name, ""
    return match[1], "" if match[2] == "1" else match[2]


def shown(rows: list[Quantity]) -> list[dict[str, str]]:
    """Summary rows for a page."""
    return [{"quantity": q.quantity, "value": number(q.value), "unit": "" if q.unit == "1" else q.unit} for q in rows]
