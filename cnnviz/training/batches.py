"""The images of a data set on the device, and prepared batches of them."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz.data.dataset import Data
from cnnviz.data.images import prepare, statistics
from cnnviz.gradual import Gradual, finish

# Bytes of prepared images that are kept; larger sets are prepared batch by batch.
KEPT_READY = 512 * 2**20
CHUNK = 256  # images prepared at a time


@dataclass(frozen=True)
class Images:
    """Images and labels on the device, prepared at once or batch by batch."""

    images: Tensor
    labels: Tensor
    shape: tuple[int, int, int]
    mean: Tensor
    std: Tensor
    ready: bool

    def __len__(self) -> int:
        return len(self.labels)

    def batch(self, rows: Tensor | slice) -> tuple[Tensor, Tensor]:
        """Float images (N, C, H, W) and labels (N,)."""
        images = self.images[rows]
        if not self.ready:
            images = prepare(images, self.shape, self.mean, self.std)
        return images, self.labels[rows]


def on_device(data: Data, shape: tuple[int, int, int], device: torch.device) -> list[Images]:
    """The training and the test images on the device, prepared now if they are not too large."""
    return finish(putting_on_device(data, shape, device))


def putting_on_device(
    data: Data, shape: tuple[int, int, int], device: torch.device
) -> Gradual[list[Images]]:
    """As `on_device`; tells how many images are prepared of all."""
    mean, std = statistics(data.train_images)
    parts, done = [], 0
    total = len(data.train_labels) + len(data.test_labels)
    for images, labels in (
        (data.train_images, data.train_labels),
        (data.test_images, data.test_labels),
    ):
        ready = 4 * len(images) * math.prod(shape) <= KEPT_READY
        kept = torch.empty(len(images), *shape) if ready else images
        for start in range(0, len(images) if ready else 0, CHUNK):
            rows = slice(start, start + CHUNK)
            kept[rows] = prepare(images[rows], shape, mean, std)
            yield done + start, total
        done += len(images)
        tensors = (kept.to(device), labels.to(device))
        parts.append(Images(*tensors, shape, mean.to(device), std.to(device), ready))
    return parts
