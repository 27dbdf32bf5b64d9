"""Claims of the course, tried by short trainings; a file for each group of subjects.

A new experiment is declared in one of those files, or a new one, and named here.
"""

from cnnviz.experiments import (
    batch_norm,
    batch_norm_place,
    dense,
    depth,
    images,
    inception,
    layers,
    pooling,
    residual,
    surface,
)
from cnnviz.experiments.experiment import Experiment
from cnnviz.knobs import Problem, SpecError
from cnnviz.text import Text, nearest

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        depth.DEGRADATION,
        depth.IDENTITY_LAYERS,
        depth.SIGNAL,
        depth.WIDTH,
        residual.IDENTITY,
        residual.WITHOUT_A_BLOCK,
        residual.ORDER,
        surface.SHORTCUTS,
        dense.OR_RESNET,
        dense.REUSE,
        batch_norm.LEARNING_RATE,
        batch_norm.INITIALISATION,
        batch_norm.SMALL_BATCHES,
        batch_norm_place.BEFORE_OR_AFTER,
        batch_norm_place.OR_DROPOUT,
        layers.ACTIVATION,
        pooling.AVERAGE_OR_MAX,
        pooling.OVERLAPPING,
        layers.LRN,
        layers.HEAD,
        layers.DROPOUT,
        inception.AUXILIARY,
        inception.BRANCHES,
        images.NUMBER,
        images.AUGMENTATION,
        images.SHUFFLED,
    )
}


def find(name: str) -> Experiment:
    """The experiment called `name`.

    Raises:
        SpecError: there is none.
    """
    if name not in EXPERIMENTS:
        message = Text(
            "{name!r} is no experiment; the nearest are {close}.",
            "没有名为 {name!r} 的实验；最接近的有 {close}。",
        )
        close = nearest(name[:60], EXPERIMENTS)
        raise SpecError([Problem.of("experiment", message, name=name[:60], close=close)])
    return EXPERIMENTS[name]
