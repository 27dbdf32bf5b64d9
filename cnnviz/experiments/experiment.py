"""An experiment: a claim of the course, the trainings that try it, and the rule that decides.

An experiment is declared once; from that come the command, the page, the documentation and the
tests. Its arms are trained with the same seeds, so that each sees the same images in the same
order. For example, `degradation` trains a plain network of 20 layers, one of 56, and a residual
one of 56, and its claim holds where the plain one of 56 has the larger training loss.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import fsum, inf, isnan, nan

from cnnviz.experiments.outcome import Outcome
from cnnviz.families import Spec
from cnnviz.text import Text
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request

DATA = "fashion-mnist-6k"
Figures = Mapping[str, float]  # by the name of an arm, or of what a probe looked at
Outcomes = Mapping[str, Mapping[int, Outcome]]  # by the arm's name and the seed


@dataclass(frozen=True)
class Arm:
    """One network of an experiment and how it is trained.

    Args:
        name: short and stable: "plain-56".
        title: what sets it apart from the other arms, for the legend, recipe too.
        preset: the one that the network was made from.
        probe: measured beside the training; see `cnnviz.training.probes`.
    """

    name: str
    title: Text
    preset: str
    spec: Spec
    recipe: Recipe
    data: str = DATA
    probe: str = ""

    def request(self, seed: int, device: str = "cpu") -> Request:
        """The training job of a seed."""
        recipe = self.recipe.turn(seed=seed)
        return Request(self.preset, self.spec, recipe, self.data, device, self.probe)


@dataclass(frozen=True)
class Measure:
    """The figure that is compared.

    Args:
        of: reads it off an outcome.
        form: how it is written, for `format`: ".3f", ".1%", ".1e".
        larger: whether a larger figure is the better one.
    """

    title: Text
    of: Callable[[Outcome], float]
    form: str
    larger: bool

    def written(self, value: float) -> str:
        if value == inf or isnan(value):
            return "∞" if value == inf else "–"
        return format(value, self.form).replace("%", " %")


def probed(read: Callable[[Figures], float]) -> Callable[[Outcome], float]:
    """A figure that is read off what a probe has found; nan where training diverged before it."""
    return lambda outcome: read(outcome.probed) if outcome.probed else nan


TRAIN_LOSS = Measure(
    Text("training loss", "训练损失"), lambda outcome: outcome.train_loss, ".3f", False
)
TRAIN_ACCURACY = Measure(
    Text("training accuracy", "训练准确率"), lambda outcome: outcome.train_accuracy, ".1%", True
)
TEST_ACCURACY = Measure(
    Text("test accuracy", "测试准确率"), lambda outcome: outcome.test_accuracy, ".1%", True
)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """A claim and how it is tried.

    Args:
        name: begins with the subject: "batch-norm-small-batches".
        source: where the course makes the claim, and who found it.
        question: what is to be predicted, with `options`, of which `claimed` follows from the
            claim.
        holds: whether the claim holds for the figures of one seed; `rule` says it in words.
        why: the explanation, whatever came out.
        limits: what this small experiment cannot show.
        part: the images whose curves are shown first, "train" or "test".
        accuracy: for which the time to reach it is told.
    """

    name: str
    title: Text
    claim: Text
    source: Text
    question: Text
    options: tuple[Text, ...]
    claimed: int
    arms: tuple[Arm, ...]
    measure: Measure
    holds: Callable[[Figures], bool]
    rule: Text
    why: Text
    limits: Text
    part: str = "test"
    accuracy: float = 0.6

    def arm(self, name: str) -> Arm:
        return next(arm for arm in self.arms if arm.name == name)


@dataclass(frozen=True)
class Verdict:
    """What came out.

    Args:
        holds: True or False where all seeds agree; None where they do not, or none is complete.
        by_seed: whether the claim holds, for each seed of which all arms have a figure.
        measured: the mean over those seeds of each arm's figure; of the seeds that an arm has,
            where no seed is complete.
    """

    holds: bool | None
    by_seed: Mapping[int, bool]
    measured: Mapping[str, float]


def verdict(experiment: Experiment, outcomes: Outcomes) -> Verdict:
    """Judge the claim seed by seed.

    An outcome that was cut short counts as missing, and so does one that diverged before its figure
    was measured: a claim neither holds nor fails by a number that there is not.
    """
    figures = {
        arm.name: {
            seed: experiment.measure.of(outcome)
            for seed, outcome in outcomes.get(arm.name, {}).items()
            if outcome.is_whole
        }
        for arm in experiment.arms
    }
    seeds = sorted(
        seed
        for seed in set.intersection(*(set(found) for found in figures.values()))
        if not any(isnan(found[seed]) for found in figures.values())
    )
    by_seed = {
        seed: experiment.holds({name: found[seed] for name, found in figures.items()})
        for seed in seeds
    }
    said = set(by_seed.values())
    measured = {
        name: mean(found[seed] for seed in (seeds or found))
        for name, found in figures.items()
        if found
    }
    return Verdict(said.pop() if len(said) == 1 else None, by_seed, measured)


def mean(values: Iterable[float]) -> float:
    """The mean of at least one value; infinite if one is."""
    found = list(values)
    return inf if inf in found else fsum(found) / len(found)
