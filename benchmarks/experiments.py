"""Every experiment, as `experiment NAME` runs it, and one table of them.

    python -m benchmarks.experiments [NAME ...] [--seeds N]

Each arm's outcome is kept in the data directory as soon as it is there, so that a run that was
stopped goes on. The table goes into docs/experiments.md, with every seed that is kept.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

from cnnviz.experiments import EXPERIMENTS, find
from cnnviz.experiments.command import kept
from cnnviz.experiments.experiment import Experiment, Outcomes, Verdict, mean, verdict
from cnnviz.experiments.outcome import Outcome

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs" / "experiments.md"
BEGIN, END = "<!-- experiments -->", "<!-- end of experiments -->"
SEEDS = 10  # that are looked for
HOLDS = {True: "holds", False: "does not hold", None: "undecided"}


def measured(experiment: Experiment) -> Outcomes:
    """The outcomes that are kept, of the seeds that all arms have."""
    store = kept()
    seeds = [
        seed
        for seed in range(SEEDS)
        if all(store.path(arm.request(seed)).exists() for arm in experiment.arms)
    ]
    found: dict[str, dict[int, Outcome]] = {}
    for arm in experiment.arms:
        read = {seed: store.read(arm.request(seed)) for seed in seeds}
        found[arm.name] = {seed: outcome for seed, outcome in read.items() if outcome}
    return found


def table() -> str:
    """Claim, result and figures of every experiment that is measured."""
    lines = [
        "| experiment | claim | result | measured | seconds a seed |",
        "| --- | --- | --- | --- | --- |",
    ]
    for experiment in EXPERIMENTS.values():
        outcomes = measured(experiment)
        found = verdict(experiment, outcomes)
        if found.by_seed:
            lines.append(line(experiment, outcomes, found))
    return "\n".join(lines)


def line(experiment: Experiment, outcomes: Outcomes, found: Verdict) -> str:
    """A row of the table."""
    measure = experiment.measure
    figures = "; ".join(
        f"{arm.title.en} {', '.join(measure.written(measure.of(one)) for one in by_seed.values())}"
        for arm in experiment.arms
        if (by_seed := outcomes[arm.name])
    )
    held, seeds = sum(found.by_seed.values()), len(found.by_seed)
    seconds = sum(mean(one.seconds for one in by_seed.values()) for by_seed in outcomes.values())
    return (
        f"| `{experiment.name}` | {experiment.claim.en} | **{HOLDS[found.holds]}** "
        f"({held} of {seeds} seeds) | {measure.title.en}: {figures} | {seconds:.0f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", default=list(EXPERIMENTS))
    parser.add_argument("--seeds", default="1", metavar="N")
    options = parser.parse_args()
    for name in options.names:
        print(f"{find(name).name}:", flush=True)
        command = [sys.executable, "-m", "cnnviz", "experiment", name, "--seeds", options.seeds]
        subprocess.run(command, cwd=ROOT, check=True)
        text = DOCS.read_text(encoding="utf-8")
        block = f"{BEGIN}\n{table()}\n{END}"
        pattern = f"{re.escape(BEGIN)}.*{re.escape(END)}"
        DOCS.write_text(re.sub(pattern, lambda _: block, text, flags=re.S), encoding="utf-8")  # noqa: B023


if __name__ == "__main__":
    main()
