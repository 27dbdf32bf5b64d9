"""What is alive in each moment of a training step: op by op forward, backward, then the update.

A storage that is saved belongs to the first op that saves it, which is the last to need it on the
way back. So what an op has saved is freed when its own backward pass is through.
"""

from itertools import accumulate
from typing import NamedTuple

from cnnviz.analysis.memory.step import MOMENTS, PRECISIONS, TrainingMemory, training_memory
from cnnviz.analysis.report import Report

FORWARD, BACKWARD, UPDATE = "forward", "backward", "update"


class Moment(NamedTuple):
    """A moment of a training step.

    Args:
        phase: forward, backward or update.
        position: of the op that is through, forward, or begins, backward; -1 in the update.
        memory: what is alive then, in bytes.
    """

    phase: str
    position: int
    memory: TrainingMemory


def timeline(
    report: Report, batch_size: int, *, precision: str = "fp32", optimiser: str = "momentum"
) -> list[Moment]:
    """The moments of a step that is not the first, so that the optimiser's state is there.

    Gradients are made on the way back and dropped after the update. Workspaces and the maps and
    gradients that pass by are not counted, nor are ops in `report.unknown_saved`.
    """
    size = PRECISIONS[precision]
    whole = training_memory(report, batch_size, precision=precision, optimiser=optimiser)
    state = size.weight * MOMENTS[optimiser] * report.params

    def alive(saved: int, gradients: int) -> TrainingMemory:
        return TrainingMemory(whole.weights, gradients, state, saved)

    images = report.input_shape[0]
    bytes_of = [
        batch_size * saved._replace(statistics=0).nbytes(size=size.activation) // images
        + size.statistic * saved.statistics
        if (saved := layer.saved)
        else 0
        for layer in report.layers
    ]
    kept = list(accumulate(bytes_of))
    made = [size.weight * count for count in accumulate(x.params for x in report.layers[::-1])]
    count = len(report.layers)
    forward = [Moment(FORWARD, place, alive(kept[place], 0)) for place in range(count)]
    backward = [
        Moment(
            BACKWARD, place, alive(kept[place], made[count - place - 2] if count - place > 1 else 0)
        )
        for place in reversed(range(count))
    ]
    return [*forward, *backward, Moment(UPDATE, -1, alive(0, whole.gradients))]
