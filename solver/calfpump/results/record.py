"""record.json: what a run was, on what, and how it ended. Always replaced as a whole."""

from __future__ import annotations

import json
import os
import platform
import resource
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from calfpump.results.holder import myself
from calfpump.results.versions import versions

NAME = "record.json"


def begin(title: str, digest: str, physics: int) -> dict[str, Any]:
    """The record of a run that starts now."""
    return {
        "status": "running",
        "reason": "",
        "title": title,
        "digest": digest,
        "physics": physics,
        "started": now(),
        "ended": "",
        "holder": myself(),
        "machine": {"host": platform.node(), "cores": os.cpu_count()},
        "versions": versions(),
        "hashes": {"case": digest},
        "timings [s]": {},
        "notes": {},
    }


def end(record: dict[str, Any], status: str, reason: str, seconds: float) -> dict[str, Any]:
    """``record`` closed: "done", "failed" or "interrupted", with the reason, wall time and peak memory."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    timings = record["timings [s]"] | {"total": round(seconds, 3)}
    return record | {"status": status, "reason": reason, "ended": now(), "timings [s]": timings, "peak memory [MiB]": round(peak, 1)}


def now() -> str:
    """UTC, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def write(folder: Path, record: dict[str, Any]) -> None:
    """Replace the record in one step: a reader sees the old one or the new one."""
    write_text(folder / NAME, json.dumps(record, indent=2, ensure_ascii=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Replace a text file in one step."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    aside.write_text(text, encoding="utf-8")
    os.replace(aside, path)


def read(folder: Path) -> dict[str, Any] | None:
    """The record, or None where there is none that can be read."""
    try:
        record: dict[str, Any] = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return record
