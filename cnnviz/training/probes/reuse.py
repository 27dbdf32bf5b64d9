"""Which earlier maps the layers of a trained dense block read."""

from functools import partial
from typing import Any

from torch import Tensor, nn

from cnnviz.training.batches import Images
from cnnviz.training.probes.probe import WHOLE, Found, accuracy
from cnnviz.zoo.densenet import DenseBlock

INPUT = "input"  # what enters the block
WEIGHT, WITHOUT = "weight", "without"
TESTED = 400  # images, since the older maps are hidden from each layer once
FORWARDS = 13 * TESTED


def reuse(module: nn.Module, train: Images, test: Images) -> Found:
    """How strongly each layer of a dense block reads what each earlier one has given, and needs it.

    How strongly: the mean absolute weight of its first convolution on those maps, as in figure 5 of
    arXiv 1608.06993, "weight/block1.layer3/layer1", or "…/input" for the block's input. Whether it
    needs them: test accuracy where the layer is given the newest maps alone, the others with their
    mean in place of every value, "without/block1.layer3", beside "whole".
    """
    module.eval()
    yield WHOLE, accuracy(module, test, TESTED)
    for name, block in module.named_modules():
        if not isinstance(block, DenseBlock):
            continue
        sources: dict[str, int] = {}  # channels of what was given so far, in the order of joining
        for layer_name, layer in block.named_children():
            convolutions = [part for part in layer.modules() if isinstance(part, nn.Conv2d)]
            weight = convolutions[0].weight.detach().abs()  # (out, in, h, w)
            sources = sources or {INPUT: weight.shape[1]}
            parts = weight.split(list(sources.values()), dim=1)
            for source, part in zip(sources, parts, strict=True):
                yield f"{WEIGHT}/{name}.{layer_name}/{source}", part.mean().item()
            if len(sources) > 1:
                older = weight.shape[1] - sources[list(sources)[-1]]
                with layer.register_forward_pre_hook(partial(_hide, older)):
                    yield f"{WITHOUT}/{name}.{layer_name}", accuracy(module, test, TESTED)
            sources = {**sources, layer_name: convolutions[-1].out_channels}


def _hide(older: int, layer: nn.Module, args: Any) -> tuple[Tensor]:
    """Put the means of the first channels in their place: (N, C, H, W) -> (N, C, H, W)."""
    norm = next(part for part in layer.modules() if isinstance(part, nn.BatchNorm2d))
    assert norm.running_mean is not None
    x: Tensor = args[0].clone()
    x[:, :older] = norm.running_mean[:older].view(-1, 1, 1)
    return (x,)
