"""The effective receptive field: how much each input pixel moves one unit, for one image.

Luo, Li, Urtasun, Zemel, "Understanding the Effective Receptive Field in Deep Convolutional Neural
Networks", arXiv 1701.04128: it is the gradient of the unit with respect to the image, and much of
the theoretical field hardly counts.
"""

from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn

from cnnviz.analysis.memory.storages import SavedTensors
from cnnviz.analysis.ops import Call, Traced
from cnnviz.analysis.real_run import admit
from cnnviz.analysis.recorder import INPUT, Recorder, scopes
from cnnviz.analysis.report import FLOAT32, Report

FORWARD_AND_BACK = 3  # times the MACs of a forward pass


class Effective(NamedTuple):
    """Sum over the image's channels of the absolute gradient (H, W), and what it says.

    Args:
        half: side in px of the square around the box's centre that holds half of it.
    """

    gradient: np.ndarray
    half: int


class _Made(Exception):
    """The op has run; nothing after it needs to."""


class _Until(Recorder):
    """Stops the forward pass at one op and keeps its output."""

    def __init__(self, position: int, image: Tensor):
        super().__init__({}, SavedTensors(image, {}), on_meta=False)
        self._position = position
        self.output: Tensor | None = None

    def _record(self, call: Call, outputs: list[Traced]) -> None:
        super()._record(call, outputs)
        if len(self._rows) > self._position:
            self.output = outputs[0]
            raise _Made


def admit_gradient(report: Report, device: str) -> None:
    """Let the gradient of one unit be computed, or say why not.

    Raises:
        LiveError: every map is kept until the way back, and they need more memory than is free; or
            it needs more time than is fair on a CPU.
    """
    maps = sum(torch.Size(layer.output_shape).numel() for layer in report.layers if layer.inputs)
    admit(report, device, more_bytes=FLOAT32 * maps, passes=FORWARD_AND_BACK)


def effective_field(
    module: nn.Module,
    image: Tensor,
    position: int,
    unit: tuple[int, int],
    centre: tuple[float, float],
) -> Effective:
    """Send the gradient of one unit, summed over its channels, back to the image.

    Args:
        module: is put into evaluation mode; nothing else of it changes.
        image: (1, C, H, W), on the module's device.
        position: of the op, in the report of a trace of the module.
        unit: row and column.
        centre: row and column of the centre of its box, in px.
    """
    image = image.clone().requires_grad_()
    cast(Traced, image)._produced_by = INPUT
    run = _Until(position, image)
    with torch.enable_grad():
        try:
            with scopes(module, run), run:
                module.eval()(image)
        except _Made:
            pass
    assert run.output is not None, f"the pass ended before op {position}"
    (gradient,) = torch.autograd.grad(run.output[0, :, unit[0], unit[1]].sum(), image)
    size = gradient[0].abs().double().sum(0).nan_to_num(posinf=0).cpu().numpy()
    return Effective(size, _half(size, centre))


def _half(gradient: np.ndarray, centre: tuple[float, float]) -> int:
    """The side of the least square around a point that holds half of the sum."""
    height, width = gradient.shape
    rows, columns = np.abs(np.arange(height) - centre[0]), np.abs(np.arange(width) - centre[1])
    distance = np.maximum(rows[:, None], columns).round().astype(int).ravel()
    inside = np.bincount(distance, gradient.ravel()).cumsum()
    return int(2 * np.searchsorted(inside, inside[-1] / 2) + 1)
