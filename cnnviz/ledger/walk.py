"""The walk from ResNet-50 to ConvNeXt, a knob a step, beside what the paper prints of each.

Liu et al., "A ConvNet for the 2020s", arXiv 2201.03545v2, table 10: top-1 on ImageNet in %, the
mean of three seeds with one recipe for all, and operations. A step without a printed number has
none here. For layer norm and separate downsampling the table has 0.31 and 0.03 G more than the
networks' convolutions have, and does not say what of.
"""

from dataclasses import dataclass

from cnnviz.families import Spec
from cnnviz.text import Text
from cnnviz.zoo import PRESETS
from cnnviz.zoo.convnext_presets import ORDER, RESNET_50

GOAL = "convnext-tiny"
# By the knob that a step turns: its name, top-1 accuracy in %, and MACs as printed.
_STEPS: dict[str, tuple[Text, str, str]] = {
    "depths": (Text("stage ratio", "各阶段块数之比"), "79.36", "4.53G"),
    "stem": (Text("patchify stem", "图块初始层"), "79.51", "4.42G"),
    "depthwise": (Text("depthwise convolution", "逐通道卷积"), "78.28", "2.35G"),
    "width": (Text("wider", "加宽"), "80.50", "5.27G"),
    "inverted": (Text("inverted bottleneck", "倒瓶颈"), "80.64", "4.64G"),
    "window_first": (Text("window first", "窗口卷积在前"), "79.92", "4.07G"),
    "kernel": (Text("larger kernel", "增大卷积核"), "80.57", "4.15G"),
    "activation": (Text("ReLU → GELU", "ReLU 换为 GELU"), "80.62", "4.15G"),
    "few_activations": (Text("fewer activations", "减少激活"), "81.27", "4.15G"),
    "few_norms": (Text("fewer normalisations", "减少规范化"), "81.41", "4.15G"),
    "normalisation": (Text("batch norm → layer norm", "批量规范化 → 层规范化"), "81.47", "4.46G"),
    "downsampling": (Text("separate downsampling", "单独的下采样层"), "81.97", "4.49G"),
    "layer_scale": (Text("layer scale", "层缩放"), "", ""),
}


@dataclass(frozen=True)
class Step:
    """A station of the walk.

    Args:
        knob: what is turned from the station before; "" at ResNet-50.
        name: of what is new.
        spec: the network with this and all earlier steps.
        accuracy: top-1 in % as printed; "" where none is.
        macs: as printed, such as "4.42G"; "" where none is.
    """

    knob: str
    name: Text
    spec: Spec
    accuracy: str
    macs: str


def walk() -> list[Step]:
    """Every station from ResNet-50, stride on the 3×3, to ConvNeXt-T."""
    goal = PRESETS[GOAL].spec
    spec = goal.turn(**RESNET_50)
    stations = [
        Step(
            "",
            Text("ResNet-50, newly trained", "ResNet-50（新训练方法）"),
            spec,
            "78.82",
            "4.09G",
        )
    ]
    for knob in ORDER:
        spec = spec.turn(**{knob: goal.values[knob]})
        name, accuracy, macs = _STEPS[knob]
        stations.append(Step(knob, name, spec, accuracy, macs))
    return stations
