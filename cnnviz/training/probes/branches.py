"""The branches of Inception blocks after training: what each gives, and the network without it."""

from contextlib import ExitStack
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from cnnviz.gpus import sums
from cnnviz.training.batches import Images
from cnnviz.training.probes.probe import BATCH, WHOLE, Found, accuracy
from cnnviz.zoo.blocks import Branches

TESTED = 200  # images, since each of 36 branches is switched off once
SHARE, WITHOUT = "share", "without"
FORWARDS = 38 * TESTED


def branches(module: nn.Module, train: Images, test: Images) -> Found:
    """Each branch's share of its block's output, and test accuracy with the branch switched off.

    A share is that of the squares of all values: what a branch gives, if it is strong or has many
    channels. A branch is switched off by zeros in place of its maps. Names are "whole",
    "share/inception_3a/branch1" and "without/inception_3a/branch1".
    """
    module.eval()
    yield WHOLE, accuracy(module, test, TESTED)
    blocks = {name: part for name, part in module.named_modules() if isinstance(part, Branches)}
    for block, shares in _shares(module, blocks, test).items():
        for branch, share in shares.items():
            yield f"{SHARE}/{block}/{branch}", share
    for block, part in blocks.items():
        for branch, layers in part.named_children():
            with layers.register_forward_hook(_nothing):
                yield f"{WITHOUT}/{block}/{branch}", accuracy(module, test, TESTED)


def _nothing(branch: nn.Module, args: Any, output: Tensor) -> Tensor:
    return torch.zeros_like(output)


def _shares(
    module: nn.Module, blocks: dict[str, Branches], test: Images
) -> dict[str, dict[str, float]]:
    """Shares of the squares of a batch's values, by block and branch."""
    squares: dict[str, dict[str, float]] = {name: {} for name in blocks}

    def hook(block: str, branch: str, part: nn.Module, args: Any, output: Tensor) -> None:
        squares[block][branch] = output.to(sums(output.device)).square().sum().item()

    with ExitStack() as hooks, torch.inference_mode():
        for block, part in blocks.items():
            for branch, layers in part.named_children():
                hooks.enter_context(layers.register_forward_hook(partial(hook, block, branch)))
        module(test.batch(slice(BATCH))[0])
    return {
        block: {branch: value / sum(found.values()) for branch, value in found.items()}
        for block, found in squares.items()
    }
