"""Gmsh switched on quietly for one model and off again, from any thread, without disturbing a caller's own session."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

_ONE_AT_A_TIME = threading.Lock()
"""Gmsh has one state for the whole process."""


@contextmanager
def gmsh_model(name: str, options: Mapping[str, float] | None = None) -> Iterator[Any]:
    """The `gmsh` module with a fresh current model called ``name`` and the options given; both are taken back at the end.

    `interruptible=False` leaves the signal handlers alone, which only the main thread may set.
    """
    import gmsh

    with _ONE_AT_A_TIME:
        ours = not gmsh.isInitialized()
        if ours:
            gmsh.initialize(readConfigFiles=False, interruptible=False)
        options = {"General.Terminal": 0, "General.NumThreads": 1, **(options or {})}
        before = {key: gmsh.option.getNumber(key) for key in options}
        current = "" if ours else gmsh.model.getCurrent()
        for key, value in options.items():
            gmsh.option.setNumber(key, value)
        gmsh.model.add(name)
        try:
            yield gmsh
        finally:
            gmsh.model.remove()
            if ours:
                gmsh.finalize()
            else:
                for key, value in before.items():
                    gmsh.option.setNumber(key, value)
                gmsh.model.setCurrent(current)
