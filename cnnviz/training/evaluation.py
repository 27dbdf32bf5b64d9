"""Evaluation on the test images, and running sums of loss and accuracy."""

import math
from contextlib import AbstractContextManager, nullcontext
from typing import NamedTuple, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from cnnviz.gpus import sums
from cnnviz.gradual import Gradual
from cnnviz.training.batches import Images

BATCH = 256
PIXELS = BATCH * 32 * 32  # of a batch on the CPU: a larger one would take long without a report


class Evaluation(NamedTuple):
    """Mean cross-entropy, accuracy, and the probabilities (N, K) on the CPU."""

    loss: float
    accuracy: float
    probabilities: Tensor


@torch.inference_mode()
def evaluating(
    module: nn.Module, images: Images, half: torch.dtype | None = None
) -> Gradual[Evaluation]:
    """Evaluate all images; tells how many are done of all.

    Args:
        half: the 16-bit type of mixed precision, if that is wanted.
    """
    module.eval()
    device = images.labels.device
    totals, parts = Totals.zero(device), []
    # the size never depends on speed: rounding depends on it, and a seed must give one curve
    size = BATCH if device.type != "cpu" else PIXELS // math.prod(images.shape[1:])
    size = min(BATCH, max(1, size))
    for start in range(0, len(images), size):
        yield start, len(images)
        batch, labels = images.batch(slice(start, start + size))
        with autocast(device, half):
            logits = tree_leaves(module(batch))[0]
        totals.add(F.cross_entropy(logits.float(), labels), logits, labels)
        parts.append(logits.float().softmax(dim=1))
    return Evaluation(*totals.mean(), torch.cat(parts).cpu())


class Totals:
    """Sums of loss and of right answers, kept on the device so that no step waits for them."""

    def __init__(self, sums: Tensor, images: int = 0):
        self.sums, self.images = sums, images

    @classmethod
    def zero(cls, device: torch.device) -> Self:
        return cls(torch.zeros(2, device=device, dtype=sums(device)))

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        right = (logits.argmax(dim=1) == labels).sum()
        kind = self.sums.dtype
        self.sums += torch.stack([loss.to(kind) * len(labels), right.to(kind)])
        self.images += len(labels)

    def copy(self) -> Self:
        return type(self)(self.sums.clone(), self.images)

    def since(self, earlier: Self) -> Self:
        return type(self)(self.sums - earlier.sums, self.images - earlier.images)

    def mean(self) -> tuple[float, float]:
        loss, right = (self.sums / self.images).tolist()
        return loss, right


def autocast(device: torch.device, half: torch.dtype | None) -> AbstractContextManager[object]:
    """Compute in 16 bits where `half` names a type."""
    return torch.autocast(device.type, dtype=half) if half else nullcontext()
