"""Run an experiment in this process, with one thread, and keep each arm's outcome.

One thread adds up in one order, so a seed gives the same figures on any machine with the same
torch and the same kind of processor.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import torch

from cnnviz.experiments.experiment import Arm, Experiment, Outcomes
from cnnviz.experiments.outcome import Kept, Outcome, outcome_of
from cnnviz.training.errors import DIVERGED, TrainingError
from cnnviz.training.events import Event, Failed
from cnnviz.training.worker import failure, run_job


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
    with one_thread():
        for seed in range(seeds):
            for arm in experiment.arms:
                yield from train(arm, seed, kept)


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch compute with one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
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
