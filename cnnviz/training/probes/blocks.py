"""Blocks that are taken out of a trained network, or put into it."""

from contextlib import ExitStack
from copy import deepcopy
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from cnnviz.training.batches import Images
from cnnviz.training.probes.probe import BATCH, WHOLE, Found, accuracy
from cnnviz.zoo.residual import PlainBlock

TESTED = 500  # images, so that a network of 27 blocks is tested in seconds
FORWARDS = 8 * TESTED  # of a network of nine blocks, of which seven can be taken out
STAGE = 9  # blocks of a stage in the network of 56 layers
LOSS_IMAGES = 2 * BATCH  # training images that a loss is measured on


def without_a_block(module: nn.Module, train: Images, test: Images) -> Found:
    """Test accuracy of the whole network, and without each block whose map keeps its shape.

    A block is taken out by handing on its input. Of a residual block that leaves the shortcut: the
    input is the output of a ReLU, which a second one does not change.
    """
    module.eval()
    yield WHOLE, accuracy(module, test, TESTED)
    for name, block in _blocks(module, test):
        with block.register_forward_hook(lambda block, args, output: args[0]):
            yield name, accuracy(module, test, TESTED)


def _blocks(module: nn.Module, test: Images) -> list[tuple[str, nn.Module]]:
    """The blocks of a stage, not their layers, that give a map of the shape that they take."""
    keeping: list[tuple[str, nn.Module]] = []

    def hook(name: str, block: nn.Module, args: Any, output: Tensor) -> None:
        if args[0].shape == output.shape:
            keeping.append((name, block))

    with ExitStack() as hooks, torch.inference_mode():
        for name, block in module.named_modules():
            if name.count(".") == 1 and "block" in name.rpartition(".")[2]:
                hooks.enter_context(block.register_forward_hook(partial(hook, name)))
        module(test.batch(slice(1))[0])
    return keeping


def with_identity_layers(module: nn.Module, train: Images, test: Images) -> Found:
    """Training loss of a plain network as it is, and once it has 56 layers.

    Blocks that are the identity fill each of its three stages up to nine. With the running
    statistics, as in testing, what they are given they hand on, up to rounding.
    """
    module.eval()
    yield WHOLE, _loss(module, train)
    yield "deeper", _loss(deepened(module).eval(), train)


def deepened(module: nn.Module) -> nn.Module:
    """A copy of a plain network with nine blocks in each stage, the new ones the identity."""
    deeper = deepcopy(module)
    for stage in deeper.children():
        if isinstance(stage, nn.Sequential) and isinstance(stage[-1], PlainBlock):
            for number in range(len(stage) + 1, STAGE + 1):
                stage.add_module(f"block{number}", as_identity(deepcopy(stage[-1])))
    return deeper


def as_identity(block: PlainBlock) -> PlainBlock:
    """Set the weights of a plain block that keeps its shape so that it hands on what it is given.

    That is what ReLU lets through, so the identity of maps that are not negative: (N, C, H, W) ->
    (N, C, H, W).
    """
    for part in block.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.dirac_(part.weight)
        elif isinstance(part, nn.BatchNorm2d):
            part.reset_parameters()
            nn.init.constant_(part.weight, (1 + part.eps) ** 0.5)  # it divides by that
    return block


@torch.inference_mode()
def _loss(module: nn.Module, train: Images) -> float:
    """Mean cross-entropy of training images."""
    images, labels = train.batch(slice(LOSS_IMAGES))
    return F.cross_entropy(tree_leaves(module(images))[0], labels).item()
