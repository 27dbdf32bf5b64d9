"""The presets of ConvNeXt, and the walk to it from ResNet-50."""

from typing import Any

from cnnviz.families import Demo, Family, Preset
from cnnviz.knobs import Value
from cnnviz.text import Text
from cnnviz.zoo.convnext import ConvNeXtSpec

# ResNet-50, stride on the 3×3, in the knobs of ConvNeXt.
RESNET_50: dict[str, Value] = {
    "depths": (3, 4, 6, 3),
    "width": 64,
    "stem": "resnet",
    "downsampling": "block",
    "depthwise": False,
    "inverted": False,
    "window_first": False,
    "kernel": 3,
    "layer_scale": False,
    "activation": "relu",
    "few_activations": False,
    "normalisation": "batch",
    "few_norms": False,
}
# The knobs in the order in which the paper turns them; the last it does not tell by itself.
ORDER = (
    *("depths", "stem", "depthwise", "width", "inverted", "window_first", "kernel", "activation"),
    *("few_activations", "few_norms", "normalisation", "downsampling", "layer_scale"),
)


def _preset(name: str, params: int, macs: int, **knobs: Any) -> Preset:
    return Preset(
        name=f"convnext-{name}",
        spec=ConvNeXtSpec(**knobs),
        params=params,
        macs=macs,
        source=f"arXiv 2201.03545, section 3; torchvision convnext_{name}",
        known_as=f"ConvNeXt-{name[0].upper()}",
    )


_LARGER: dict[str, Any] = {"depths": (3, 3, 27, 3)}

FAMILY = Family(
    title="ConvNeXt",
    spec=ConvNeXtSpec,
    demos=(
        Demo(
            recipe={
                "batch_size": 32,
                "optimiser": "adam",
                "learning_rate": 0.002,
                "warm_up": 0.1,
                "weight_decay": 0.0,
            },
            why=Text(
                "Layer norm keeps signals in scale, and blocks that begin with next to nothing let "
                "Adam take large steps from the start; small batches make many of them.",
                "层规范化使信号保持合适的尺度，而每个块起初几乎不加任何东西，"
                "Adam 一开始就能取较大的步；小批量可以多走几步。",
            ),
        ),
    ),
    presets=(
        _preset("tiny", 28_589_128, 4_455_531_264),
        _preset("small", 50_223_688, 8_683_712_256, **_LARGER, stochastic_depth=0.4),
        _preset("base", 88_591_464, 15_354_729_472, **_LARGER, width=128, stochastic_depth=0.5),
        _preset("large", 197_767_336, 34_361_433_600, **_LARGER, width=192, stochastic_depth=0.5),
    ),
)
