"""A worker of a batch that computes nothing: the swept stature says what happens to the case.

Behaviour by stature [m]: 1.31 crash, 1.32 hang, 1.33 failure, 1.34 a line in halves, else done. Every job is noted in $FAKE_LOG with the process.
"""

import json
import os
import signal
import sys
import time
import tomllib
from pathlib import Path


def answer(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def main() -> None:
    for line in sys.stdin:
        job = json.loads(line)
        case = tomllib.loads(job["case"])
        stature = case["subject"]["stature"]
        with open(os.environ["FAKE_LOG"], "a", encoding="utf-8") as log:
            log.write(f"{os.getpid()} {job['do']} {job['name']} {stature}\n")
        answer(json.dumps({"progress": "flow half way"}) + "\n")
        if job["do"] == "run":
            try:
                behave(stature)
            except RuntimeError as error:
                answer(json.dumps({"status": "failed", "reason": str(error)}) + "\n")
                continue
            keep(job, case)
        elif case["tissue"]["muscle_mu"] == "3 kPa":
            answer(json.dumps({"status": "failed", "reason": "no equilibrium"}) + "\n")
            continue
        answer(json.dumps({"status": "done", "reason": ""}) + "\n")


def behave(stature: str) -> None:
    if stature == "1.31 m":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif stature == "1.32 m":
        time.sleep(1000)
    elif stature == "1.33 m":
        raise RuntimeError("flow failed at 3 s")
    elif stature == "1.34 m":
        answer('{"progress": "half')
        time.sleep(0.05)
        answer(' a line"}\n')


def keep(job: dict[str, str], case: dict[str, object]) -> None:
    folder = Path(job["folder"])
    folder.mkdir(parents=True)
    from calfpump.case import load_case
    from calfpump.results import digest

    (folder / "case.toml").write_text(job["case"], encoding="utf-8")
    key = digest(load_case(folder / "case.toml"))
    (folder / "record.json").write_text(json.dumps({"status": "done", "digest": key, "timings [s]": {"total": 1.5}, "reason": ""}), encoding="utf-8")
    (folder / "summary.csv").write_text("quantity,value,unit\nankle pressure,84.5,mmHg\n", encoding="utf-8")


if __name__ == "__main__":
    main()
