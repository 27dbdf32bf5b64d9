"""Run an experiment in this process, with one thread, and keep each arm's outcome.

One thread adds up in one order, so a seed gives the same figures on any machine with the same
torch and the same kind of processor.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from cnnviz.experiments.experiment import Arm, Experiment, Outcomes
from cnnviz.experiments.outcome import Kept, Outcome, outcome_of
from cnnviz.text import Text
from cnnviz.training.errors import DIVERGED, TrainingError
from cnnviz.training.events import Event, Failed, Step
from cnnviz.training.worker import failure, run_job

# Shares of an epoch's images that a budget may leave, so that equal machines take the same one.
SHARES = (1.0, 0.75, 0.5, 0.375, 0.25, 0.1875, 0.125)
TRIED_STEPS = 6  # that an arm is timed with; the first is slow, and left out
OVERHEAD = 1.25  # evaluations, probes and reading, in seconds of training
START = 2.0  # seconds of an arm before its first step


@dataclass(frozen=True)
class Told:
    """What happens while an experiment runs.

    Args:
        event: of the arm under way; None when its outcome was kept from an earlier run.
        outcome: of the arm, once it is over.
    """

    arm: Arm
    seed: int
    event: Event | None = None
    outcome: Outcome | None = None


def run(experiment: Experiment, seeds: int, kept: Kept) -> Iterator[Told]:
    """Train every arm with every seed from 0 on, seed by seed; what is kept is not done again.

    Raises:
        TrainingError: a job is refused or fails for another reason than that training diverged.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        for seed in range(seeds):
            for arm in experiment.arms:
                yield from train(arm, seed, kept)
    finally:
        torch.set_num_threads(threads)


def collected(told: Iterator[Told]) -> Outcomes:
    """The outcomes of a run by arm and seed."""
    found: dict[str, dict[int, Outcome]] = {}
    for one in told:
        if one.outcome:
            found.setdefault(one.arm.name, {})[one.seed] = one.outcome
    return found


def train(arm: Arm, seed: int, kept: Kept, device: str = "cpu") -> Iterator[Told]:
    """Train an arm, or take its outcome from what is kept.

    Raises:
        TrainingError: the job is refused or fails for another reason than that training diverged.
    """
    request = arm.request(seed, device)
    outcome = kept.read(request)
    if outcome is None:
        events: list[Event] = []
        with tempfile.TemporaryDirectory() as folder:
            try:
                for event in run_job(request, Path(folder)):
                    events.append(event)
                    yield Told(arm, seed, event)
            except TrainingError as error:
                failed = failure(error)
                if not is_result(failed):
                    raise
                events.append(failed)
        outcome = outcome_of(events)
        assert outcome is not None, "a job that raises nothing ends with its last event"
        kept.write(request, outcome)
    yield Told(arm, seed, outcome=outcome)


def is_result(failed: Failed) -> bool:
    """Whether a failure is what an experiment may find, and no fault."""
    return failed.code == DIVERGED


def fitted(experiment: Experiment, seeds: int, budget: float) -> Experiment:
    """The experiment with as many images an epoch as the seconds allow, the same share for all.

    Each arm is timed for a few steps on this machine.

    Raises:
        TrainingError: even the smallest share takes longer.
    """
    whole = [_seconds(arm) for arm in experiment.arms]
    for share in SHARES:
        if seeds * sum(START + share * seconds for seconds in whole) <= budget:
            arms = tuple(shortened(arm, share) for arm in experiment.arms)
            return experiment if share == 1 else replace(experiment, arms=arms)
    least = seeds * sum(START + SHARES[-1] * seconds for seconds in whole)
    message = Text(
        "budget is {budget:g} s; {name} takes at least {least:.0f} s with {seeds} seeds on this "
        "machine. Take at least that, or fewer seeds.",
        "budget 为 {budget:g} 秒；在本机上，{name} 用 {seeds} 个随机种子至少需要 {least:.0f} 秒。"
        "请增大 budget，或减少种子数。",
    )
    values = {"budget": budget, "name": experiment.name, "least": least + 1, "seeds": seeds}
    raise TrainingError(message.format(**values), code="budget")


def shortened(arm: Arm, share: float) -> Arm:
    """The arm with a share of its images an epoch, in whole batches."""
    recipe = arm.recipe
    batches = max(1, round(share * recipe.images / recipe.batch_size))
    return replace(arm, recipe=recipe.turn(images=batches * recipe.batch_size))


def _seconds(arm: Arm) -> float:
    """Seconds that an arm takes in all, from a few of its steps."""
    steps = TRIED_STEPS
    recipe = arm.recipe.turn(epochs=1, images=steps * arm.recipe.batch_size)
    request = replace(arm.request(0), recipe=recipe, probe="")
    stamps: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        try:
            for event in run_job(request, Path(folder)):
                if isinstance(event, Step):
                    stamps.append(time.perf_counter())
        except TrainingError as error:
            if not is_result(failure(error)):
                raise
    if len(stamps) < 2:  # it diverged at once, and will again
        return 0.0
    passed = (stamps[-1] - stamps[0]) / (steps - 1)
    return OVERHEAD * passed * arm.recipe.epochs * arm.recipe.images / arm.recipe.batch_size
