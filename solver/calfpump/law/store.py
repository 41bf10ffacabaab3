"""Laws are kept under the hash of everything they depend on, so that each is computed once.

The folder is ``$CALFPUMP_CACHE/laws``, else ``~/.cache/calfpump/laws``. A law is written aside and renamed; two processes that want the
same law agree by a lock file made with create-exclusive (flock is not reliable on cluster file systems).
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from calfpump.cache import cache
from calfpump.law.section_laws import SectionLaws
from calfpump.physics import PHYSICS

POLL = 0.5  # s between looks at another process' lock
FOREIGN_STALE = 6 * 3600.0  # s after which a lock of another host, whose process can't be seen, counts as left behind


def folder() -> Path:
    """Where laws are kept."""
    return cache() / "laws"


def key(inputs: Mapping[str, Any]) -> str:
    """Hash of the inputs of a law (canonical JSON) and of the number that rises when the physics changes."""
    text = json.dumps({"physics": PHYSICS, "inputs": inputs}, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def find(inputs: Mapping[str, Any]) -> SectionLaws | None:
    """The laws kept for these inputs, or None; a file that can't be read counts as none."""
    path = folder() / f"{key(inputs)}.npz"
    if not path.is_file():
        return None
    try:
        return SectionLaws.load(path)
    except (OSError, ValueError, KeyError):
        return None


def get_or_compute(inputs: Mapping[str, Any], compute: Callable[[], SectionLaws], waiting: Callable[[str], None] | None = None) -> SectionLaws:
    """The laws for these inputs: read, or computed, kept and returned. A second process waits for the first and reads; ``waiting`` is told so."""
    known = find(inputs)
    if known is not None:
        return known
    place = folder()
    place.mkdir(parents=True, exist_ok=True)
    name = key(inputs)
    with _lock(place / f"{name}.lock", waiting):
        known = find(inputs)
        if known is not None:
            return known
        laws = compute()
        aside = place / f".{name}.{socket.gethostname()}.{os.getpid()}.npz"
        laws.save(aside)
        os.replace(aside, place / f"{name}.npz")
        return laws


@contextmanager
def _lock(path: Path, waiting: Callable[[str], None] | None) -> Iterator[None]:
    while True:
        try:
            handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        except FileExistsError:
            if _left_behind(path):
                path.unlink(missing_ok=True)
            else:
                if waiting is not None:
                    waiting("laws: another process computes the same, waiting for it")
                time.sleep(POLL)
            continue
        with os.fdopen(handle, "w") as file:
            json.dump({"host": socket.gethostname(), "pid": os.getpid()}, file)
        break
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _left_behind(path: Path) -> bool:
    """Whether the process that made the lock is gone."""
    try:
        age = time.time() - path.stat().st_mtime
        text = path.read_text()
    except FileNotFoundError:
        return False
    try:
        holder = json.loads(text)
    except ValueError:
        return age > 10.0
    if holder["host"] != socket.gethostname():
        return age > FOREIGN_STALE
    try:
        os.kill(int(holder["pid"]), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False
