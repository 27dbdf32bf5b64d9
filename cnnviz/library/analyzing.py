"""`cnnviz.analyze`: the analysis of a network that may go by its name."""

from typing import Any

import torch
from torch import nn

from cnnviz import analysis, zoo
from cnnviz.analysis import Report
from cnnviz.analysis.ops import Shape
from cnnviz.families import Spec
from cnnviz.text import nearest


def analyze(
    network: str | Spec | nn.Module,
    input_shape: Shape | None = None,
    device: str | torch.device = "meta",
    *,
    inputs: Any = None,
    **unknown: Any,
) -> Report:
    """Trace one forward pass in evaluation mode.

    >>> report = cnnviz.analyze("resnet-50")
    >>> print(report)  # a table of its blocks; report.to_pandas() has a row an op
    >>> cnnviz.analyze(my_module, input_shape=(1, 3, 224, 224))

    Args:
        network: a preset or family by its name, a spec, or any module, which comes back untouched.
        input_shape: (N, C, H, W) of the input; a preset and a spec know their own.
        device: where the pass runs; "meta" computes shapes only and takes no memory.
        inputs: what a module is called with, in place of `input_shape`: a tensor, a tuple of
            positional or a dictionary of keyword arguments; on the meta device, too.
        unknown: what other libraries call an argument is refused with its name here.

    Returns:
        The report; its counts are for one image whatever N is.

    Raises:
        SpecError: there is no such preset.
        ValueError: a module without `input_shape` and `inputs`, or with parameters not yet
            initialised; a shape without the batch, or with an axis that is no whole number of at
            least 1.
        TypeError: neither a name, a spec nor a module; an `input_shape` that is no shape, or an
            argument that there is not.
        BrokenNetwork: an op cannot run on what it reads, as in a network whose input is too small;
            `partial` is the report up to that op.
    """
    _refuse(unknown)
    given = zoo.spec(network) if isinstance(network, str) else network
    return analysis.analyze(given, input_shape, device, inputs=inputs)


def _refuse(unknown: dict[str, Any]) -> None:
    """Refuse arguments that there are not, such as torchinfo's input_size."""
    known = ("input_shape", "device", "inputs")
    problems = [
        f"analyze takes no {name}; the nearest is {nearest(name, known).en.split(',')[0]}."
        for name in unknown
    ]
    if problems:
        raise TypeError("\n".join(problems))
