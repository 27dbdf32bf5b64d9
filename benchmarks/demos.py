"""The demo of every preset, as `train NAME --demo --budget 60` runs it, and one table of them.

    python -m benchmarks.demos [NAME ...]

takes more than an hour for all. Each row is kept in build/demos as soon as it is there, so that a
run that was stopped goes on; a row that was measured beside other load is marked, and measured
again by the next run. The table goes into docs/training.md.
"""

import argparse
import json
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil

import cnnviz
from cnnviz.training.plan import BUDGET

ROOT = Path(__file__).parents[1]
KEPT, DOCS = ROOT / "build" / "demos", ROOT / "docs" / "training.md"
BEGIN, END = "<!-- demos -->", "<!-- end of demos -->"
OTHERS = 0.15  # share of the cores that something else may use
LONGEST, ENOUGH = 90, 0.5  # seconds of the command, and test accuracy
NEAR = (0.67, 1.5)  # seconds predicted / taken


def measured(name: str) -> dict:
    """Run one demo in a process of its own; how long it took, and how busy the machine was."""
    command = [sys.executable, "-m", "cnnviz", "train", name, "--demo", "--json"]
    before, start = _busy(), time.perf_counter()
    run = psutil.Popen(
        [*command, "--budget", str(BUDGET)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    own = 0.0
    while run.poll() is None:
        try:
            own = sum(run.cpu_times()[:2])
        except psutil.Error:
            break
        time.sleep(0.1)
    output, said = run.communicate()
    seconds = time.perf_counter() - start
    others = max(0.0, _busy() - before - own) / seconds / psutil.cpu_count()
    row = {"name": name, "command_seconds": seconds, "others": others}
    if run.returncode:
        return {**row, "error": said.strip().splitlines()[-1]}
    return {**row, **json.loads(output)}


def _busy() -> float:
    """Seconds that all cores have worked, together."""
    times = psutil.cpu_times()
    return sum(times) - times.idle - times.iowait


def line(row: dict) -> str:
    """A row of the table."""
    if "error" in row:
        return f"| {row['name']} | {row['error']} |||||||"
    trained = [
        f"{change['what']} {_shown(change['to'])}"
        for change in row["changes"]
        if change["what"] in row["trained"]["knobs"]
    ]
    recipe = row["recipe"]
    ratio = row["predicted_seconds"] / row["seconds"]
    marks = " *" if row["others"] > OTHERS else ""
    return (
        f"| {row['name']}{marks} | {', '.join(trained) or 'as it is'} "
        f"| {recipe['epochs']} × {recipe['images'] or 'all'} "
        f"| {row['predicted_seconds']:.0f} s | {row['seconds']:.0f} s | {ratio:.2f} "
        f"| {row['command_seconds']:.0f} s | {100 * row['test_accuracy']:.1f} % |"
    )


def _shown(value: object) -> str:
    return "-".join(map(str, value)) if isinstance(value, list) else f"{value}"


def table(rows: list[dict]) -> str:
    """All rows, and how many of them are as they should be."""
    done = [row for row in rows if "error" not in row]
    near = [row for row in done if NEAR[0] <= row["predicted_seconds"] / row["seconds"] <= NEAR[1]]
    learnt = [row for row in done if row["test_accuracy"] >= ENOUGH]
    in_time = [row for row in done if row["command_seconds"] <= LONGEST]
    short = ", ".join(row["name"] for row in done if row["test_accuracy"] < ENOUGH)
    head = (
        "| preset | trained with | epochs × images | predicted | taken | ratio | command | test |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    )
    summary = (
        f"{len(in_time)} of {len(rows)} commands end within {LONGEST} s, {len(learnt)} reach "
        f"{ENOUGH:.2f}{f' (not {short})' if short else ''}, and {len(near)} take what was "
        f"predicted, within {NEAR[0]} to {NEAR[1]}. "
        "A * marks a row that was measured beside other load."
    )
    return "\n".join((*head, *map(line, rows), "", summary))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", default=cnnviz.presets())
    KEPT.mkdir(parents=True, exist_ok=True)
    for name in parser.parse_args().names:
        path = KEPT / f"{name}.json"
        row = json.loads(path.read_text()) if path.exists() else None
        if row is None or "error" in row or row["others"] > OTHERS:
            row = measured(name)
            path.write_text(json.dumps(row))
        print(line(row), flush=True)
    rows = [
        json.loads((KEPT / f"{name}.json").read_text())
        for name in cnnviz.presets()
        if (KEPT / f"{name}.json").exists()
    ]
    text = DOCS.read_text(encoding="utf-8")
    block = f"{BEGIN}\n{table(rows)}\n{END}"
    pattern = f"{re.escape(BEGIN)}.*{re.escape(END)}"
    DOCS.write_text(re.sub(pattern, lambda _: block, text, flags=re.S), encoding="utf-8")


if __name__ == "__main__":
    main()
