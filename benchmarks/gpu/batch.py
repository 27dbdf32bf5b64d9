"""A batch of random images, as a trainer takes it."""

import torch

from cnnviz.families import Spec
from cnnviz.training.batches import Images


def random_batch(spec: Spec, size: int, device: str) -> Images:
    """So many images (size, C, H, W) and labels (size,) on the device."""
    shape = tuple(spec.input_shape[1:])
    return Images(
        images=torch.randn(size, *shape, device=device),
        labels=torch.randint(spec.num_classes, (size,), device=device),
        shape=shape,
        mean=torch.zeros(shape[0], device=device),
        std=torch.ones(shape[0], device=device),
        ready=True,
    )
