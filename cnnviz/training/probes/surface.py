"""A slice of the loss surface around a trained network.

Li, Xu, Taylor, Studer, Goldstein, "Visualizing the Loss Landscape of Neural Nets", NeurIPS 2018,
arXiv 1712.09913, section 4. As in their program, only weights are moved, no biases and no norms.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from cnnviz.training.batches import Images
from cnnviz.training.probes.probe import BATCH, Found

SIDE = 9  # points along each direction, the network itself in the middle
REACH = 1.0  # of the slice, in lengths of the filters
FORWARDS = SIDE**2 * BATCH


def places() -> list[float]:
    """The places along each direction, from one end to the other."""
    half = SIDE // 2
    return [REACH * step / half for step in range(-half, half + 1)]


def loss_surface(module: nn.Module, train: Images, test: Images) -> Found:
    """The loss of a batch at each point of a plane through the trained weights.

    Two random directions span it. Each filter of a direction is as long as that of the network, so
    that networks of other scales can be compared; biases, norms and running statistics stay. Names
    are "-0.25/0.5", the places along both directions.
    """
    module.eval()
    weights = [weight for weight in module.parameters() if weight.ndim > 1]
    centre = [weight.detach().clone() for weight in weights]
    device = weights[0].device
    random = torch.Generator().manual_seed(torch.initial_seed() % 2**63)
    first, second = ([direction(weight, random).to(device) for weight in centre] for _ in range(2))
    images, labels = train.batch(slice(BATCH))
    for x in places():
        for y in places():
            with torch.inference_mode():
                for weight, *parts in zip(weights, centre, first, second, strict=True):
                    weight.copy_(parts[0] + x * parts[1] + y * parts[2])
                logits = tree_leaves(module(images))[0]
                yield f"{x:g}/{y:g}", F.cross_entropy(logits, labels).item()


def direction(weight: Tensor, random: torch.Generator) -> Tensor:
    """A random direction whose filters have the lengths of the weight's: (C, …) -> (C, …)."""
    drawn = torch.randn(weight.shape, generator=random)
    return drawn * _lengths(weight.cpu()) / _lengths(drawn)


def _lengths(filters: Tensor) -> Tensor:
    """(C, …) -> (C, 1, …, 1)."""
    axes = tuple(range(1, filters.ndim))
    lengths: Tensor = torch.linalg.vector_norm(filters, dim=axes, keepdim=True)
    return lengths
