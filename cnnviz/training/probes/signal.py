"""The signal of a network, layer by layer."""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz.gpus import sums
from cnnviz.training.batches import Images
from cnnviz.training.probes.probe import BATCH, Found


def signal(module: nn.Module, train: Images, test: Images) -> Found:
    """The standard deviation of each weighted layer's output, for one batch in training mode."""
    module.train()
    spreads: dict[str, float] = {}

    def note(name: str) -> Callable[[nn.Module, Any, Tensor], None]:
        def hook(layer: nn.Module, args: Any, output: Tensor) -> None:
            spreads[name] = output.to(sums(output.device)).std().item()

        return hook

    hooks = [
        layer.register_forward_hook(note(name))
        for name, layer in module.named_modules()
        if isinstance(layer, nn.Conv2d | nn.Linear)
    ]
    try:
        with torch.no_grad():
            module(train.batch(slice(BATCH))[0])
    finally:
        for hook in hooks:
            hook.remove()
    yield from spreads.items()
