"""The signal of a network, layer by layer."""

from contextlib import ExitStack
from functools import partial
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

    def hook(name: str, layer: nn.Module, args: Any, output: Tensor) -> None:
        spreads[name] = output.to(sums(output.device)).std().item()

    with ExitStack() as hooks, torch.no_grad():
        for name, layer in module.named_modules():
            if isinstance(layer, nn.Conv2d | nn.Linear):
                hooks.enter_context(layer.register_forward_hook(partial(hook, name)))
        module(train.batch(slice(BATCH))[0])
    yield from spreads.items()
