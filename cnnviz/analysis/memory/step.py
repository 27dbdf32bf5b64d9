"""How much memory a training step needs: four parts, for any batch, precision and optimiser."""

from dataclasses import dataclass
from typing import NamedTuple

from cnnviz.analysis.counting.conventions import WEIGHTED
from cnnviz.analysis.report import Report

GB = 10**9
CAPACITIES = (4 * GB, 8 * GB, 16 * GB, 24 * GB, 80 * GB)  # sizes of graphics cards
BATCH_SIZE = 32  # unless another one is asked for


class Precision(NamedTuple):
    """Bytes of a number of each part; indices of maxima take eight in every precision.

    Args:
        weight: also of a gradient and of what the optimiser keeps.
        activation: of the maps and masks that are saved.
        statistic: of the mean and deviation that a batch norm saves.
        copy: of a second copy of the weights of convolutions and linear layers.
    """

    weight: int
    activation: int
    statistic: int
    copy: int = 0


# mixed is torch.autocast, which casts the weights in single precision at each step; half is a
# network converted as a whole, by .half() or .bfloat16()
PRECISIONS = {
    "fp32": Precision(weight=4, activation=4, statistic=4),
    "mixed": Precision(weight=4, activation=2, statistic=4, copy=2),
    "half": Precision(weight=2, activation=2, statistic=2),
}
MOMENTS = {"sgd": 0, "momentum": 1, "adam": 2}  # numbers an optimiser keeps for each weight


@dataclass(frozen=True)
class TrainingMemory:
    """Bytes of a training step; workspaces of convolutions and maps that pass by are not in it.

    Args:
        weights: parameters and buffers, and their copies in another precision.
        gradients: one number for each parameter.
        optimiser: what it keeps of earlier steps.
        activations: what autograd saves for the backward pass.
    """

    weights: int
    gradients: int
    optimiser: int
    activations: int

    @property
    def total(self) -> int:
        return self.weights + self.gradients + self.optimiser + self.activations


def training_memory(
    report: Report, batch_size: int, *, precision: str = "fp32", optimiser: str = "momentum"
) -> TrainingMemory:
    """Count a step on `batch_size` images, without the ops in `report.unknown_saved`."""
    size = PRECISIONS[precision]
    saved = [layer.saved for layer in report.layers if layer.saved]
    maps = sum(x._replace(statistics=0, fixed=0).nbytes(size=size.activation) for x in saved)
    copied = sum(layer.params for layer in report.layers if layer.kind in WEIGHTED)
    return TrainingMemory(
        weights=size.weight * (report.params + report.buffers) + size.copy * copied,
        gradients=size.weight * report.params,
        optimiser=size.weight * MOMENTS[optimiser] * report.params,
        activations=batch_size * maps // report.input_shape[0]
        + sum(size.statistic * x.statistics + x.fixed for x in saved),
    )


def largest_batch(report: Report, capacity: int, **settings: str) -> int:
    """The most images whose training step takes at most `capacity` bytes; 0 if none does."""
    fixed = training_memory(report, 0, **settings).total
    image = training_memory(report, 1, **settings).total - fixed
    return max(0, (capacity - fixed) // max(1, image))
