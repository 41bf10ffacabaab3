"""Who holds a result folder: the process that writes it, and whether it still lives.

On one machine the process is looked up (its start time guards against a reused number). From another machine, or out of a container
with its own process numbers, it can't be seen: there the record's modification time counts, which the holder renews.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any

RENEWED = 20.0  # s between two renewals
LOST = 300.0  # s without one after which an unseen holder counts as gone


def myself() -> dict[str, Any]:
    """Host, pid and what tells this process from a later one of the same number."""
    return {"host": socket.gethostname(), "pid": os.getpid(), "namespace": _namespace(), "started_ticks": _ticks(os.getpid())}


def live(folder: Path) -> bool:
    """Whether the process named in ``folder``'s record still runs."""
    path = folder / "record.json"
    try:
        holder = json.loads(path.read_text(encoding="utf-8")).get("holder", {})
        age = time.time() - path.stat().st_mtime
    except (OSError, ValueError):
        return False
    here = myself()
    if (holder.get("host"), holder.get("namespace")) != (here["host"], here["namespace"]):
        return age < LOST
    pid = int(holder.get("pid", 0))
    ticks = _ticks(pid)
    return ticks == holder.get("started_ticks") if ticks is not None else _exists(pid)


def _namespace() -> str:
    try:
        return os.readlink("/proc/self/ns/pid")
    except OSError:
        return ""


def _ticks(pid: int) -> int | None:
    """Start of a process in clock ticks since boot; None where /proc does not say."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return int(text.rsplit(")", 1)[1].split()[19])
    except (OSError, IndexError, ValueError):
        return None


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid > 0


class Heartbeat:
    """Renews the modification time of a file while the context lasts."""

    def __init__(self, path: Path, period: float = RENEWED) -> None:
        self._path, self._period, self._done = path, period, threading.Event()
        self._thread = threading.Thread(target=self._beat, name="calfpump-heartbeat", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._done.wait(self._period):
            with contextlib.suppress(OSError):
                os.utime(self._path)
