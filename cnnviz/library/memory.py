"""`cnnviz.training_memory`: what a training step of a network needs, to the byte."""

from collections.abc import Iterator
from typing import Any

from torch import nn

from cnnviz.analysis import Report
from cnnviz.analysis.memory import step
from cnnviz.analysis.memory.step import BATCH_SIZE, MOMENTS, PRECISIONS, TrainingMemory
from cnnviz.analysis.ops import Shape
from cnnviz.exports.network import as_network
from cnnviz.families import Spec


def training_memory(
    network: str | Spec | nn.Module | Report,
    batch_size: int = BATCH_SIZE,
    *,
    precision: str = "fp32",
    optimiser: str = "momentum",
    input_shape: Shape | None = None,
) -> TrainingMemory:
    """Count the bytes of a training step: weights, gradients, optimiser and activations.

    >>> cnnviz.training_memory("resnet-50", 64, precision="mixed").total

    Args:
        network: a preset or family by its name, a spec, any module or a report.
        batch_size: images a step.
        precision: "fp32", "mixed" (torch.autocast) or "half".
        optimiser: "sgd", "momentum" or "adam".
        input_shape: (N, C, H, W) of a module's input.

    Returns:
        The parts and their `total`, in bytes, without the ops in `report.unknown_saved`.

    Raises:
        SpecError: there is no such preset.
        ValueError: a value that cannot be; every one is named.
    """
    problems = [*_problems(batch_size, precision, optimiser)]
    if problems:
        raise ValueError("\n".join(problems))
    report = as_network(network, input_shape).report
    return step.training_memory(report, batch_size, precision=precision, optimiser=optimiser)


def _problems(batch_size: Any, precision: str, optimiser: str) -> Iterator[str]:
    if isinstance(batch_size, bool) or not isinstance(batch_size, int) or batch_size < 1:
        yield f"batch_size is {batch_size!r}; it must be a whole number of at least 1."
    for name, value, known in (
        ("precision", precision, PRECISIONS),
        ("optimiser", optimiser, MOMENTS),
    ):
        if value not in known:
            yield f"{name} is {value!r}; there are {', '.join(known)}."
