"""Why a result folder can't be written: each names the folder and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from calfpump.case.errors import CalfpumpError

if TYPE_CHECKING:
    from calfpump.results.result import Result


class ResultComplete(Exception):
    """The folder already holds this very case, done: nothing to compute. ``result`` is it, ``folder`` its place."""

    def __init__(self, result: Result) -> None:
        self.result = result
        self.folder = result.folder
        super().__init__(f"{result.folder} is complete")


class ResultDiffers(CalfpumpError):
    """The folder holds something else."""

    exit_code = 2

    def __init__(self, folder: Path, what: str, remedy: str) -> None:
        self.folder = folder
        super().__init__(f"{folder} {what}; {remedy}")


class ResultBusy(CalfpumpError):
    """Another process is writing the folder."""

    exit_code = 2

    def __init__(self, folder: Path, host: str, pid: int) -> None:
        self.folder = folder
        super().__init__(f"{folder} is being written by process {pid} on {host}; wait for it, or choose another folder with -o")
