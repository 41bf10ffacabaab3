"""Gmsh switched on quietly for one model and off again, in any thread, without disturbing a caller's own session."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def gmsh_model(name: str) -> Iterator[Any]:
    """The `gmsh` module with a fresh current model called ``name``, removed at the end.

    `interruptible=False` leaves the signal handlers alone, which only the main thread may set.
    """
    import gmsh

    ours = not gmsh.isInitialized()
    if ours:
        gmsh.initialize(readConfigFiles=False, interruptible=False)
    gmsh.option.setNumber("General.Terminal", 0)
    before = "" if ours else gmsh.model.getCurrent()
    gmsh.model.add(name)
    try:
        yield gmsh
    finally:
        gmsh.model.remove()
        if ours:
            gmsh.finalize()
        elif before:
            gmsh.model.setCurrent(before)
