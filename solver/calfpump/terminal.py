"""What a person sees of a run: a short opening, progress, and a closing with the timings and the figures that matter."""

from __future__ import annotations

import sys
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from calfpump.case import Case

LOG_EVERY = 5.0  # s between two lines about the same work in a log
FIGURES = 6


class Progress:
    """Calls with a text: one line that is overwritten on a terminal, plain lines with the time in a log."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.live = self.stream.isatty()
        self.begin = monotonic()
        self.work, self.last = "", -LOG_EVERY

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self.live:
            self.stream.write("\r\033[K")
            self.stream.flush()

    def __call__(self, text: str) -> None:
        now = monotonic() - self.begin
        if self.live:
            import shutil

            width = shutil.get_terminal_size().columns - 1
            self.stream.write(f"\r\033[K{f'[{now:5.0f} s] {text}'[:width]}")
        elif (work := text.split(" ", 1)[0]) != self.work or now - self.last >= LOG_EVERY:
            self.work, self.last = work, now
            self.stream.write(f"[{now:5.0f} s] {text}\n")
        else:
            return
        self.stream.flush()


def opening(case: Case) -> str:
    """Three lines on what is about to be solved."""
    if (net := case.network) is not None:
        from calfpump.case.units import count

        parts = ", ".join(count(len(rows), noun) for noun, rows in (("vessel", net.vessel), ("valve", net.valve), ("bed", net.bed)) if rows)
        ends = ", ".join(f"{b.kind} at {b.node}" for b in net.boundary)
        return f"{case.title}\n  a network of {parts}, {case.numerics.quality}, {net.time:g} s\n  {ends or 'no boundaries'}"
    hose = f"hose {case.hose.name}" if case.hose else "no hose"
    rows = ", ".join(row.do for row in case.protocol)
    valves = "" if case.impairment.valves == "competent" else f", valves {case.impairment.valves}"
    return f"{case.title}\n  {hose}{valves}; section {case.section.description}, {case.section.law} laws, {case.numerics.quality}\n  {rows}"


def solve_and_report(case: Case, out: Path | None, force: bool) -> None:
    """Run one case and write its page, telling what is done; a case that is complete already is told as such."""
    from calfpump.coupling import run
    from calfpump.report import report

    begin = monotonic()
    worked = False

    with Progress() as progress:

        def say(text: str) -> None:
            nonlocal worked
            if not worked:  # a case that is refused has no opening
                print(opening(case), flush=True)
            worked = True
            progress(text)

        result = run(case, out=out, force=force, progress=say)
        page = result.folder / "report.html"
        if worked or not page.is_file():
            say("report")
            page = report(result.folder)
    if not worked:
        print(opening(case))
        print("  complete already; --force computes it again")
    for line in result.summary[:FIGURES]:
        print(f"  {line.quantity}: {line.value:.4g} {line.unit}")
    timings = ", ".join(f"{what} {seconds:.1f} s" for what, seconds in result.record["timings [s]"].items() if what != "total")
    print(f"  {monotonic() - begin:.1f} s" + (f" ({timings})" if worked and timings else ""))
    print(f"  {result.folder}\n  {page}")
