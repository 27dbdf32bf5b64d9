"""An experiment within a budget: fewer images for all arms, and then fewer epochs.

Each arm is tried for a few steps first, and what the trials take is of the budget, too.
"""

import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from cnnviz.experiments.experiment import Arm, Experiment
from cnnviz.experiments.runner import is_result, one_thread
from cnnviz.text import Text
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Epoch, Event, Phase, Started, Step
from cnnviz.training.probes import PROBES
from cnnviz.training.worker import failure, run_job

# Shares of the images that a budget may leave, so that equal machines take the same one.
SHARES = (1.0, 0.75, 0.5, 0.375, 0.25, 0.1875, 0.125, 0.0625, 0.03125, 0.015625)
LEAST_OF_EPOCH = 0.125  # share of an epoch's images; below it there are fewer epochs
TRIED_STEPS = 4  # that an arm is timed with; the first is slow, and left out
MARGIN = 1.2  # by which a training may take longer than its trial lets expect


@dataclass(frozen=True)
class Cost:
    """Seconds of an arm on this machine, from a trial.

    Args:
        start: before the first step, that one included.
        step: one of the others.
        evaluation: after an epoch.
        probe: what is measured beside the training.
    """

    start: float
    step: float
    evaluation: float
    probe: float

    def of(self, arm: Arm) -> float:
        """Seconds of the whole arm, with its own numbers of images and epochs."""
        recipe = arm.recipe
        epoch = recipe.images / recipe.batch_size * self.step + self.evaluation
        return MARGIN * (self.start + recipe.epochs * epoch + self.probe)


def fitted(experiment: Experiment, seeds: int, budget: float) -> Experiment:
    """The experiment with as many images as the seconds allow, the same share for all arms.

    Raises:
        TrainingError: even the smallest share takes longer.
    """
    began = time.perf_counter()
    with one_thread():
        costs = {arm.name: _cost(arm) for arm in experiment.arms}
    tried = time.perf_counter() - began
    for share in SHARES:
        arms = tuple(shortened(arm, share) for arm in experiment.arms)
        takes = tried + seeds * sum(costs[arm.name].of(arm) for arm in arms)
        if takes <= budget:
            return experiment if share == 1 else replace(experiment, arms=arms)
    message = Text(
        "budget is {budget:g} s; {name} takes at least {least:.0f} s with {seeds} "
        "seed{seeds:|s} on this machine. Take at least that, or fewer seeds.",
        "budget 为 {budget:g} 秒；在本机上，{name} 用 {seeds} 个随机种子至少需要 {least:.0f} 秒。"
        "请增大 budget，或减少种子数。",
    )
    values = {"budget": budget, "name": experiment.name, "least": takes + 1, "seeds": seeds}
    raise TrainingError(message.format(**values), code="budget")


def shortened(arm: Arm, share: float) -> Arm:
    """The arm with a share of its images: fewer an epoch, in whole batches, and then epochs."""
    recipe = arm.recipe
    batches = max(1, round(max(share, LEAST_OF_EPOCH) * recipe.images / recipe.batch_size))
    epochs = max(1, round(min(1.0, share / LEAST_OF_EPOCH) * recipe.epochs))
    return replace(arm, recipe=recipe.turn(images=batches * recipe.batch_size, epochs=epochs))


def _cost(arm: Arm) -> Cost:
    """Try a few steps of an arm, and a part of an evaluation."""
    recipe = arm.recipe.turn(epochs=1, images=TRIED_STEPS * arm.recipe.batch_size)
    request = replace(arm.request(0), recipe=recipe, probe="")
    began, tested = time.perf_counter(), 0
    steps: list[tuple[int, float]] = []  # number and time of those that are reported
    evaluated, share = 0.0, 1.0
    with tempfile.TemporaryDirectory() as folder:
        for event in _until_diverged(run_job(request, Path(folder))):
            if isinstance(event, Started):
                tested = event.test_images
            elif isinstance(event, Step):
                steps.append((event.step, time.perf_counter()))
            elif isinstance(event, Phase) and event.phase == "evaluation" and event.done:
                evaluated, share = time.perf_counter(), event.done / event.total
                break
            elif isinstance(event, Epoch):
                evaluated = time.perf_counter()
                break
    if not evaluated:  # it diverged at once, and will again
        return Cost(time.perf_counter() - began, 0.0, 0.0, 0.0)
    (_, first), (count, last) = steps[0], steps[-1]
    evaluation = (evaluated - last) / share
    forwards = PROBES[arm.probe].forwards if arm.probe else 0
    step = (last - first) / max(1, count - 1)
    return Cost(first - began, step, evaluation, evaluation * forwards / tested)


def _until_diverged(events: Iterator[Event]) -> Iterator[Event]:
    """The events of a job up to where its training diverges, if it does."""
    try:
        yield from events
    except TrainingError as error:
        if not is_result(failure(error)):
            raise
