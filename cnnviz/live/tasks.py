"""Tasks of the live worker (a network, what to do with it, and where) and its reply.

A task travels to the worker as a pickle and is the key of its answer: a frozen dataclass of plain
values. Its `run` is called in the worker and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from cnnviz.analysis import BrokenNetwork, analyze
from cnnviz.analysis.maps import Maps, feature_maps
from cnnviz.analysis.ops import Shape
from cnnviz.analysis.real_run import Live, admit, devices, run_live
from cnnviz.analysis.receptive.effective import Effective, admit_gradient, effective_field
from cnnviz.data.images import prepare
from cnnviz.families import Spec
from cnnviz.gpus import memory
from cnnviz.text import Text
from cnnviz.training.results import load_weights

_SEED = 0


@dataclass(frozen=True)
class Untrained:
    """A network with the random weights that it begins with, the same every time."""

    spec: Spec

    def build(self) -> nn.Module:
        torch.manual_seed(_SEED)
        return self.spec.build().eval()


@dataclass(frozen=True)
class Trained:
    """A network with the weights of a safetensors file."""

    spec: Spec
    weights: Path

    def build(self) -> nn.Module:
        """Raises: TrainingError: the weights are not there or are not its own."""
        return load_weights(self.spec.build(), self.weights)


Network = Untrained | Trained
Models = Callable[[Network, str], nn.Module]  # the network on a device, in evaluation mode


@dataclass(frozen=True)
class Picture:
    """An image uint8 (C, H, W), and the mean and deviation (C,) that it is prepared with.

    Args:
        is_own: it is a user's, and is kept no longer than its answer is waited for.
    """

    pixels: bytes
    shape: Shape
    mean: tuple[float, ...]
    std: tuple[float, ...]
    is_own: bool = False

    @classmethod
    def of(cls, image: Tensor, mean: Tensor, std: Tensor, *, is_own: bool = False) -> Self:
        return cls(
            image.numpy().tobytes(),
            tuple(image.shape),
            tuple(mean.tolist()),
            tuple(std.tolist()),
            is_own,
        )

    def prepared(self, spec: Spec, device: str) -> Tensor:
        """The network's input: float32 (1, C', H', W')."""
        image = torch.frombuffer(bytearray(self.pixels), dtype=torch.uint8).view(1, *self.shape)
        mean, std = torch.tensor(self.mean), torch.tensor(self.std)
        return prepare(image, spec.input_shape[1:], mean, std).to(device)


@dataclass(frozen=True)
class Task:
    """One thing to do on one device.

    Args:
        momentary: the answer is true for a moment only: it is not kept, and the task goes first.
    """

    momentary: ClassVar[bool] = False

    device: str

    @property
    def is_kept(self) -> bool:
        """Whether the answer is kept for whoever asks the same."""
        return not self.momentary

    @property
    def cost(self) -> int:
        """Cost in MACs; of two tasks that wait, the cheaper one goes first."""
        return 0

    def run(self, models: Models) -> Any:
        """The answer, without tensors.

        Raises:
            ExplainedError: the task is refused; the worker goes on.
        """
        raise NotImplementedError


def forward_cost(spec: Spec) -> int:
    """MACs of one image; 0 for a broken network, which is refused at once."""
    try:
        return analyze(spec).macs
    except BrokenNetwork:
        return 0


@dataclass(frozen=True)
class LiveRun(Task):
    """See `cnnviz.analysis.real_run.run_live`."""

    spec: Spec

    @property
    def cost(self) -> int:
        return forward_cost(self.spec)

    def run(self, models: Models) -> Live:
        return run_live(self.spec, self.device)


@dataclass(frozen=True)
class NetworkTask(Task):
    """A task on a network that the worker keeps."""

    network: Network

    @property
    def cost(self) -> int:
        return forward_cost(self.network.spec)


@dataclass(frozen=True)
class PictureTask(NetworkTask):
    """A task on a network and a picture."""

    picture: Picture

    @property
    def is_kept(self) -> bool:
        return super().is_kept and not self.picture.is_own


@dataclass(frozen=True)
class FeatureMaps(PictureTask):
    """The maps that a layer makes of a picture."""

    layer: str

    def run(self, models: Models) -> Maps:
        spec = self.network.spec
        admit(analyze(spec), self.device)
        image = self.picture.prepared(spec, self.device)
        return feature_maps(models(self.network, self.device), image, self.layer)


@dataclass(frozen=True)
class EffectiveField(PictureTask):
    """See `cnnviz.analysis.receptive.effective.effective_field`."""

    position: int
    unit: tuple[int, int]
    centre: tuple[float, float]

    def run(self, models: Models) -> Effective:
        spec = self.network.spec
        admit_gradient(analyze(spec), self.device)
        image = self.picture.prepared(spec, self.device)
        module = models(self.network, self.device)
        return effective_field(module, image, self.position, self.unit, self.centre)


@dataclass(frozen=True)
class Probabilities(PictureTask):
    """The probability of each class for a picture, (K,)."""

    @torch.inference_mode()
    def run(self, models: Models) -> np.ndarray:
        admit(analyze(self.network.spec), self.device)
        image = self.picture.prepared(self.network.spec, self.device)
        outputs = models(self.network, self.device)(image)
        probabilities: np.ndarray = tree_leaves(outputs)[0][0].softmax(dim=0).cpu().numpy()
        return probabilities


@dataclass(frozen=True)
class FirstFilters(NetworkTask):
    """The filters (N, H, W, 1 or 3) of the first convolution and its weight's shape, if any."""

    def run(self, models: Models) -> tuple[np.ndarray, Shape] | None:
        parts = models(self.network, self.device).modules()
        first = next((part for part in parts if isinstance(part, nn.Conv2d)), None)
        if first is None:
            return None
        weight = first.weight.detach().cpu()
        shown = weight if weight.shape[1] == 3 else weight[:, :1]
        return shown.permute(0, 2, 3, 1).numpy(), tuple(weight.shape)


class Gpu(NamedTuple):
    """A GPU's name, its free bytes and its bytes in all."""

    name: str
    free_bytes: int
    total_bytes: int


@dataclass(frozen=True)
class Gpus(Task):
    """The GPUs of this machine."""

    momentary: ClassVar[bool] = True

    device: str = "all"

    def run(self, models: Models) -> dict[str, Gpu]:
        return {
            device: Gpu(name, *memory(device))
            for device, name in devices().items()
            if device != "cpu"
        }


class Reply(NamedTuple):
    """The outcome of a task, and the networks that the worker keeps since.

    Args:
        answer: None where there is none.
        refusal: why there is none.
        is_last: an unforeseen error ends the worker.
        kept, kept_bytes: networks, and the bytes of their weights.
    """

    answer: Any
    refusal: Text | None = None
    is_last: bool = False
    kept: int = 0
    kept_bytes: int = 0
