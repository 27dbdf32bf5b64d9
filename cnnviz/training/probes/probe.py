"""What a probe is, and what several of them need."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import nn
from torch.utils._pytree import tree_leaves

from cnnviz.training.batches import Images

BATCH = 64  # images that are sent through at a time
WHOLE = "whole"  # the network as it was trained

Found = Iterator[tuple[str, float]]  # a name and its figure, one after the other


@dataclass(frozen=True)
class Probe:
    """A measurement.

    Args:
        when: "before" the first step or "after" the last.
        measure: gives names and figures of a network, for its training and its test images. A
            figure that belongs to two things has both in its name: "block1.layer3/block1.layer1".
        forwards: images that it sends through the network, about; for a forecast.
    """

    when: str
    measure: Callable[[nn.Module, Images, Images], Found]
    forwards: int


@torch.inference_mode()
def accuracy(module: nn.Module, images: Images, most: int) -> float:
    """Share of the first `most` images that are classified rightly."""
    right = total = 0
    for start in range(0, min(most, len(images)), BATCH):
        batch, labels = images.batch(slice(start, min(start + BATCH, most)))
        logits = tree_leaves(module(batch))[0]
        right += int((logits.argmax(dim=1) == labels).sum())
        total += len(labels)
    return right / total
