"""Which folder a run may write, so that nothing finished is ever lost.

======================================  =====================  ==========================================
the folder                              without ``force``      with ``force``
======================================  =====================  ==========================================
is new or empty                         written                written
holds this case, done                   `ResultComplete`       built aside, then exchanged
holds this case, interrupted            gone on with           begun again in place
holds this case, failed                 begun again in place   begun again in place
holds another case                      `ResultDiffers`        built aside, then exchanged
holds files that are no result          `ResultDiffers`        `ResultDiffers`
is being written                        `ResultBusy`           `ResultBusy`
======================================  =====================  ==========================================
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from calfpump.results import record as records
from calfpump.results.errors import ResultBusy, ResultComplete, ResultDiffers
from calfpump.results.holder import live
from calfpump.results.result import Result

#: folder in which an unfinished run is kept
CHECKPOINT = "checkpoint"
CLAIM_STALE = 60.0  # s; a claim lasts milliseconds


@dataclass(frozen=True)
class Place:
    """Where the run writes now (``work``), where it will be found (``final``), whether it made the folder, whether it goes on from a checkpoint."""

    work: Path
    final: Path
    created: bool
    resumes: bool = False

    @property
    def aside(self) -> bool:
        """Whether finished results stand at the final place until this run is done."""
        return self.work != self.final

    def settle(self, status: str) -> Path:
        """Move what was built aside to where it belongs; returns the folder in which it is found."""
        if not self.aside:
            return self.final
        if status == "done":
            exchange(self.work, self.final)
            return self.final
        if status == "interrupted":
            shutil.rmtree(self.work, ignore_errors=True)
            return self.final
        failed = self.final.with_name(self.final.name + "-failed")
        shutil.rmtree(failed, ignore_errors=True)
        os.replace(self.work, failed)
        return failed


def claim(folder: Path, digest: str, force: bool, record: dict[str, object]) -> Place:
    """Decide by the table above and write the "running" ``record``, against all other processes at once."""
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        _recover(folder)
        place = _decide(folder, digest, force)
        if place.work.exists():
            _empty(place.work, keep=(CHECKPOINT,) if place.resumes else ())
        place.work.mkdir(exist_ok=True)
        records.write(place.work, record)
    return place


def _decide(folder: Path, digest: str, force: bool) -> Place:
    if not folder.exists():
        return Place(folder, folder, created=True)
    if not folder.is_dir():
        raise ResultDiffers(folder, "is a file", "choose another folder with -o")
    held = records.read(folder)
    if held is None:
        if any(folder.iterdir()):
            raise ResultDiffers(folder, "holds files that are no result of calfpump", "choose another folder with -o")
        return Place(folder, folder, created=False)
    result = Result(folder)
    if result.status == "running":
        raise _busy(folder, held)
    same = held.get("digest") == digest
    if same and result.status != "done":
        return Place(folder, folder, created=False, resumes=result.status == "interrupted" and not force)
    if not force:
        if same:
            raise ResultComplete(result)
        raise ResultDiffers(folder, f"holds another case ('{held.get('title')}', {result.status})", "choose another folder with -o, or replace it with --force")
    aside = folder.with_name(f".{folder.name}.new")
    other = records.read(aside)
    if other is not None and other.get("status") == "running" and live(aside):
        raise _busy(folder, other)
    return Place(aside, folder, created=True)


def _busy(folder: Path, held: dict[str, object]) -> ResultBusy:
    holder = held.get("holder")
    known = holder if isinstance(holder, dict) else {}
    return ResultBusy(folder, str(known.get("host", "another machine")), int(known.get("pid", 0)))


def exchange(new: Path, final: Path) -> None:
    """Put ``new`` at ``final``; what stood there is gone only when ``new`` is in its place."""
    old = final.with_name(f".{final.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    os.replace(final, old)
    os.replace(new, final)
    shutil.rmtree(old, ignore_errors=True)


def _recover(folder: Path) -> None:
    """Undo an exchange that was cut off between its two renames."""
    old = folder.with_name(f".{folder.name}.old")
    if old.exists() and not folder.exists():
        os.replace(old, folder)


def _empty(folder: Path, keep: tuple[str, ...] = ()) -> None:
    """Clear an unfinished result but for what is named; its record goes last, so that the folder stays recognisable throughout."""
    for path in sorted(folder.iterdir(), key=lambda p: p.name == records.NAME):
        if path.name in keep:
            continue
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink()


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Create-exclusive, held for the milliseconds of a decision; works on network file systems."""
    path = folder.with_name(f".{folder.name}.claim")
    while True:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > CLAIM_STALE:
                    path.unlink()
                    continue
            time.sleep(0.02)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
