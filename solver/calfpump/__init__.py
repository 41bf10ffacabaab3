"""calfpump: venous return of the leg's muscle pump, from the section's mechanics to the flow.

The Python face is four functions, imported when they are first used::

    from calfpump import load_case, run, batch, compare

    result = run(load_case("cases/quickstart.toml"))
    result.stages                                   # a DataFrame, one row per pump stage
    compare(batch("cases/hose_grades.toml").folder) # the page that sets the hoses side by side
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from calfpump.batch.face import batch as batch
    from calfpump.case import load_case as load_case
    from calfpump.coupling.run import run as run
    from calfpump.report import compare as compare

__version__ = "0.1.0"
__all__ = ["__version__", "batch", "compare", "load_case", "run"]

_HOME = {
    "load_case": "calfpump.case",
    "run": "calfpump.coupling",
    "batch": "calfpump.batch",
    "compare": "calfpump.report",
}


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'calfpump' has no attribute {name!r}")
    from importlib import import_module

    home = import_module(_HOME[name])
    # `calfpump.batch` is a package that can be called: importing it has bound the name already.
    return home if name == "batch" else getattr(home, name)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(__all__))
