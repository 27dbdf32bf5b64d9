"""Admission of jobs: memory is counted on the meta device, before anything is allocated."""

import sys
from collections.abc import Callable
from dataclasses import dataclass

from cnnviz import machine
from cnnviz.analysis import analyze
from cnnviz.analysis.memory.step import training_memory
from cnnviz.config import config
from cnnviz.data.dataset import find
from cnnviz.data.known_sets import Source
from cnnviz.data.readers import DataError
from cnnviz.families import Spec
from cnnviz.knobs import SpecError
from cnnviz.machine import NoDeviceError
from cnnviz.text import Text
from cnnviz.training.errors import TrainingError
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request

SHARE = 0.8  # of the free memory that one job may take
_OPTIMISERS = {"sgd": "momentum", "adam": "adam"}  # the recipe's SGD has momentum
WORKSPACE = 1.1  # convolutions need room for themselves


class TooLarge(TrainingError):
    """The device has no memory for the job; `largest` is the recipe that fits, if one does."""

    def __init__(self, message: Text, largest: Recipe | None):
        super().__init__(message, code="too_large")
        self.largest = largest


@dataclass(frozen=True)
class Estimate:
    """Bytes that training takes.

    Args:
        weights: parameters, gradients, the optimiser's state of them, and buffers.
        statistics: of batch norm, kept for the backward pass whatever the batch.
        activations: kept for the backward pass, of one image.
    """

    weights: int
    statistics: int
    activations: int

    def total(self, batch_size: int) -> int:
        kept = self.weights + self.statistics + batch_size * self.activations
        return int(WORKSPACE * kept)


def training_spec(spec: Spec, source: Source) -> Spec:
    """The network as it is trained on a data set: its head has one output for each class."""
    return spec.turn(num_classes=source.classes)


def check(request: Request, free_bytes: Callable[[str], int] = machine.free_bytes) -> None:
    """Let a job pass, or raise the reason; nothing is allocated.

    Args:
        free_bytes: gives free bytes of a device; a process that may not look at a GPU itself
            passes the live worker's answer.

    Raises:
        TrainingError: the data or the device is not there; the network does not take the data's
            classes; or it is `TooLarge` for the device.
    """
    try:
        spec = training_spec(request.spec, find(request.data))
    except DataError as error:
        raise TrainingError(error.message, code="data") from None
    except SpecError as error:
        raise TrainingError(error.problems[0].shown, code="classes") from None
    try:
        free = min(int(SHARE * free_bytes(request.device)), _most(request.device))
    except NoDeviceError as error:
        raise TrainingError(error.message, code="device") from None
    recipe = request.recipe
    is_mixed = recipe.precision == "mixed" and request.device.startswith("cuda")
    estimate = estimate_memory(spec, recipe.optimiser, "mixed" if is_mixed else "fp32")
    needed = estimate.total(recipe.batch_size)
    if needed > free:
        raise _too_large(request, estimate, needed, free)


def _most(device: str) -> int:
    """Bytes that the settings let one job hold of a device."""
    most = config().job_gpu_memory
    return sys.maxsize if device == "cpu" or most is None else int(most * 1e9)


def estimate_memory(spec: Spec, optimiser: str, precision: str = "fp32") -> Estimate:
    """Count the memory of training on the meta device; "mixed" is 16 bits on NVIDIA's GPUs."""
    report, kept = analyze(spec), {"optimiser": _OPTIMISERS[optimiser], "precision": precision}
    one, none = (training_memory(report, n, **kept) for n in (1, 0))
    return Estimate(
        weights=none.total - none.activations,
        statistics=none.activations,
        activations=one.activations - none.activations,
    )


def _too_large(request: Request, estimate: Estimate, needed: int, free: int) -> TooLarge:
    for_images = free / WORKSPACE - estimate.weights - estimate.statistics
    largest = int(for_images // max(1, estimate.activations))
    values = {
        "needed": needed / 1e9,
        "weights": estimate.weights / 1e9,
        "image": estimate.activations / 1e6,
        "batch": request.recipe.batch_size,
        "free": free / 1e9,
        "device": machine.device_text(request.device),
        "knob": request.recipe.knob("batch_size").label,
    }
    message = Text(
        "{knob} is {batch}: training would take about {needed:.1f} GB on {device} (weights, "
        "gradients and optimiser {weights:.1f} GB, and {image:.1f} MB of activations for each "
        "image), and {free:.1f} GB may be used. {way_out}",
        "{knob}为 {batch}：在 {device} 上训练约需 {needed:.1f} GB（权重、梯度与优化器 "
        "{weights:.1f} GB，每张图像的激活 {image:.1f} MB），可用 {free:.1f} GB。{way_out}",
    )
    if largest < 1:
        fitting = None
        way_out = Text("Make the network or the image smaller.", "请缩小网络或图像。")
    else:
        fitting = request.recipe.turn(batch_size=min(largest, request.recipe.batch_size))
        way_out = Text("The largest batch that fits is {largest}.", "可用的最大批量为 {largest}。")
        way_out = way_out.format(largest=largest)
    return TooLarge(message.format(way_out=way_out, **values), fitting)
