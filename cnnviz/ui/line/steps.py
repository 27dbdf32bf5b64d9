"""The steps of the line, from LeNet to EfficientNet, in the order of the course.

Where two networks of the line differ in more than the idea, the one before is turned to be like the
one after. NiN, for example, reads the same images as GoogLeNet.
"""

import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path

from cnnviz.families import Spec
from cnnviz.knobs import Value
from cnnviz.text import Text
from cnnviz.ui.line import figures
from cnnviz.ui.line.step import Built, Step, Values

_TEXTS = Path(__file__).with_name("steps.toml")
_ONE_BLOCK: dict[str, Value] = {"widths": (64,), "in_channels": 64, "head": "average"}
_RESNET_50 = Built("resnet-50", {"stride_on": "3x3"})  # as in the networks that came after it
_RESNET_101 = Built("resnet-101", {"stride_on": "3x3"})  # whose weights have the error that is told
_NETWORKS: dict[Callable[..., Values], tuple[Built, ...]] = {
    figures.alexnet: (Built("lenet-5"), Built("alexnet-2012")),
    figures.vgg: (
        Built("alexnet-2012"),
        Built("vgg-d"),
        Built("vgg-d", {**_ONE_BLOCK, "depths": (1,), "kernel": "5x5"}),
        Built("vgg-d", {**_ONE_BLOCK, "depths": (2,)}),
    ),
    figures.nin: (Built("vgg-11-d2l"), Built("nin-d2l")),
    figures.googlenet: (
        Built("nin-d2l", {"in_channels": 3, "num_classes": 1000}),
        Built("googlenet"),
        Built("googlenet", {"module": "naive"}),
    ),
    figures.batch_norm: (Built("googlenet"), Built("inception-bn")),
    figures.resnet: (Built("inception-bn"), Built("resnet-50"), Built("resnet-152")),
    figures.resnext: (_RESNET_50, Built("resnext-50-32x4d")),
    figures.densenet: (_RESNET_101, Built("densenet-161")),
    figures.senet: (_RESNET_50, Built("se-resnet-50")),
    figures.mobilenet: (Built("mobilenet-v1", {"separable": False}), Built("mobilenet-v1")),
    figures.shufflenet: (Built("mobilenet-v1"), Built("shufflenet-v1-g3")),
    figures.mobilenet_v3: (Built("mobilenet-v2"), Built("mobilenet-v3-large")),
    figures.efficientnet: (
        Built("mobilenet-v2"),
        Built("efficientnet-b0"),
        Built("efficientnet-b7"),
    ),
}


@cache
def steps() -> tuple[Step, ...]:
    """Every step in order."""
    tables = tomllib.loads(_TEXTS.read_text(encoding="utf-8"))
    return tuple(
        Step(
            networks=networks,
            values=values,
            **{part: Text(**pair) for part, pair in tables[values.__name__].items()},
        )
        for values, networks in _NETWORKS.items()
    )


@cache
def specs() -> tuple[Spec, ...]:
    """Every network of the line, once."""
    return tuple(dict.fromkeys(spec for step in steps() for spec in step.specs))
