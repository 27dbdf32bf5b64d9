"""The output maps of one layer for an image."""

from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from cnnviz.analysis.build import build_on_meta
from cnnviz.analysis.ops import Shape
from cnnviz.analysis.trace import analyze
from cnnviz.families import Spec

MOST_MAPS = 32


class Maps(NamedTuple):
    """The output of one layer for one image: at most 32 of its maps (N, H, W), and its C×H×W."""

    maps: np.ndarray
    shape: Shape


def layers_with_maps(spec: Spec) -> list[str]:
    """The paths of the modules without children whose output has maps, in the order of the pass."""
    leaves = {
        name for name, part in build_on_meta(spec).named_modules() if not any(part.children())
    }
    layers = analyze(spec).layers
    found = [x.scope for x in layers if len(x.output_shape) == 4 and x.scope in leaves]
    return list(dict.fromkeys(found))


@torch.inference_mode()
def feature_maps(module: nn.Module, image: Tensor, layer: str) -> Maps:
    """The maps of one layer of a module, in evaluation mode, for an image (1, C, H, W)."""
    seen: list[Maps] = []

    def keep(part: nn.Module, inputs: tuple[Any, ...], output: Tensor) -> None:
        # a copy, since the next layer may write over it
        seen.append(Maps(output[0, :MOST_MAPS].cpu().numpy().copy(), tuple(output.shape[1:])))

    handle = module.get_submodule(layer).register_forward_hook(keep)
    try:
        module.eval()(image)
    finally:
        handle.remove()
    return seen[0]
