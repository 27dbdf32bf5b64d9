"""The experiment on the command line: its progress, its table, and its result as JSON."""

import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import torch
from tqdm import tqdm

from cnnviz.config import config
from cnnviz.experiments.budget import fitted
from cnnviz.experiments.experiment import (
    TEST_ACCURACY,
    Arm,
    Experiment,
    Outcomes,
    Verdict,
    mean,
    verdict,
)
from cnnviz.experiments.outcome import Kept, Outcome, as_json, line_of
from cnnviz.experiments.runner import Told, collected, run
from cnnviz.training.events import Step

FOLDER = "experiments"  # in the data directory
_HOLDS = {True: "holds", False: "does not hold", None: "is undecided: the seeds disagree"}


def kept() -> Kept:
    """The outcomes that the command line keeps in the data directory."""
    return Kept(config().data / FOLDER, torch.__version__)


def experiment(chosen: Experiment, *, seeds: int, budget: float | None, in_json: bool) -> None:
    """Run an experiment; progress goes to standard error, the result to standard output.

    Args:
        budget: seconds into which it is made to fit, with fewer images and epochs for all arms.

    Raises:
        TrainingError: it does not fit into the budget, or a training cannot be done.
        KeyboardInterrupt: with a sentence about what is left.
    """
    if budget is not None and not _is_kept(chosen, seeds):
        chosen = fitted(chosen, seeds, budget)
    try:
        outcomes = collected(_shown(run(chosen, seeds, kept()), chosen, seeds))
    except KeyboardInterrupt:
        message = (
            "Interrupted. Each arm that was over is kept; the same command goes on from there."
        )
        raise KeyboardInterrupt(message) from None
    found = verdict(chosen, outcomes)
    print(line_of(result(chosen, outcomes, found)) if in_json else report(chosen, outcomes, found))


def _is_kept(chosen: Experiment, seeds: int) -> bool:
    store = kept()
    return all(store.read(arm.request(seed)) for arm in chosen.arms for seed in range(seeds))


def _shown(told: Iterator[Told], chosen: Experiment, seeds: int) -> Iterator[Told]:
    """The same, with a bar and a line an arm on standard error."""
    total = seeds * len(chosen.arms)
    with tqdm(total=total, unit="arm", disable=None, file=sys.stderr) as bar:
        for one in told:
            if isinstance(one.event, Step):
                share = one.event.step / one.event.steps
                bar.set_postfix_str(f"{one.arm.name} {share:.0%}", refresh=False)
                bar.update(0)
            if one.outcome:
                figure = chosen.measure.written(chosen.measure.of(one.outcome))
                bar.write(
                    f"{one.arm.name}, seed {one.seed}: {chosen.measure.title.en} {figure}, "
                    f"{one.outcome.seconds:.1f} s{' (diverged)' * one.outcome.is_diverged}",
                    file=sys.stderr,
                )
                bar.update(1)
            yield one


def result(chosen: Experiment, outcomes: Outcomes, found: Verdict) -> dict[str, Any]:
    """The result as JSON has it; a figure that is no number is null."""
    return {
        "experiment": chosen.name,
        "claim": chosen.claim.en,
        "holds": found.holds,
        "holds_by_seed": {str(seed): holds for seed, holds in found.by_seed.items()},
        "rule": chosen.rule.en,
        "measure": chosen.measure.title.en,
        "measured": {name: as_json(value) for name, value in found.measured.items()},
        "arms": [_arm(chosen, arm, outcomes.get(arm.name, {})) for arm in chosen.arms],
        "seconds": sum(one.seconds for by_seed in outcomes.values() for one in by_seed.values()),
    }


def _arm(chosen: Experiment, arm: Arm, by_seed: Mapping[int, Outcome]) -> dict[str, Any]:
    fields = json.loads(arm.request(0).to_json())
    fields["recipe"].pop("seed")
    finals = [outcome.final for outcome in by_seed.values()]
    names = finals[0] if finals else ()
    return {
        "name": arm.name,
        "spec": {name: fields[name] for name in ("preset", "family", "knobs")},
        "recipe": fields["recipe"],
        "data": arm.data,
        "final": {name: as_json(mean(final[name] for final in finals)) for name in names},
        "seeds": {
            str(seed): {
                "measured": as_json(chosen.measure.of(outcome)),
                "final": {name: as_json(value) for name, value in outcome.final.items()},
                "ended_by": "diverged" if outcome.is_diverged else "epochs",
                "probed": {name: as_json(value) for name, value in outcome.probed.items()},
                "seconds": outcome.seconds,
            }
            for seed, outcome in by_seed.items()
        },
    }


def report(chosen: Experiment, outcomes: Outcomes, found: Verdict) -> str:
    """The result for a reader at a terminal."""
    head = ("arm", chosen.measure.title.en, "train", "test", "top-5", "seconds")
    rows = [head, *(_row(chosen, arm, outcomes.get(arm.name, {})) for arm in chosen.arms)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "  ".join(
            [row[0].ljust(widths[0])]
            + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        )
        for row in rows
    ]
    seeds = len(found.by_seed)
    judged = (
        f"{chosen.rule.en}. The claim {_HOLDS[found.holds]} ({seeds} seed{'s' * (seeds != 1)})."
    )
    return "\n".join(
        (f"Claim: {chosen.claim.en}", "", *lines, "", f"It {judged}", chosen.limits.en)
    )


def _row(chosen: Experiment, arm: Arm, by_seed: Mapping[int, Outcome]) -> tuple[str, ...]:
    found = list(by_seed.values())
    if not found:
        return (arm.title.en, *("–" for _ in range(5)))
    final = {name: mean(one.final[name] for one in found) for name in found[0].final}
    return (
        arm.title.en,
        chosen.measure.written(mean(map(chosen.measure.of, found))),
        *(
            TEST_ACCURACY.written(final[name])
            for name in ("train_accuracy", "test_accuracy", "top5_accuracy")
        ),
        f"{sum(one.seconds for one in found):.1f}",
    )
