"""Claims of the course, tried by short trainings; a file for each group of subjects.

A new experiment is declared in one of those files, or a new one, and named here.
"""

from cnnviz.experiments import batch_norm, depth, images, layers, residual
from cnnviz.experiments.experiment import Experiment
from cnnviz.knobs import Problem, SpecError
from cnnviz.text import Text, nearest

EXPERIMENTS: dict[str, Experiment] = {
    experiment.name: experiment
    for experiment in (
        depth.DEGRADATION,
        depth.SIGNAL,
        residual.IDENTITY,
        residual.WITHOUT_A_BLOCK,
        residual.ORDER,
        batch_norm.LEARNING_RATE,
        batch_norm.SMALL_BATCHES,
        layers.ACTIVATION,
        layers.POOLING,
        layers.LRN,
        layers.HEAD,
        layers.DROPOUT,
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
