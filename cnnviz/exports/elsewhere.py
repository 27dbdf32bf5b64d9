"""The same network in torchvision or timm, where weights of the one fit into the other."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from cnnviz.families import Spec
from cnnviz.knobs import Value
from cnnviz.text import Text
from cnnviz.zoo import PRESETS

_FREE = {"num_classes", "dropout"}  # of these, the counterpart has arguments, too


@dataclass(frozen=True)
class Twin:
    """A network of another library whose weights have the same shapes, layer by layer.

    Args:
        library: "torchvision" or "timm".
        name: of the function that makes it, or of the model.
        preset, turned: what it is here.
        differs: what its output differs by; empty where nothing does.
    """

    library: str
    name: str
    preset: str
    turned: Mapping[str, Value] = field(default_factory=dict)
    differs: Text = Text("", "")

    def code(self, num_classes: int) -> str:
        """The line that makes it, with random weights."""
        classes = "" if num_classes == 1000 else f"num_classes={num_classes}"
        if self.library == "timm":
            return f"timm.create_model({', '.join(filter(None, [repr(self.name), classes]))})"
        return f"torchvision.models.{self.name}({classes})"


_STRIDE = Text(
    "There the stride of a bottleneck is on its 3×3, here on its first 1×1: stride_on=3x3 is the "
    "same.",
    "那里瓶颈块的步幅放在 3×3 卷积上，这里放在第一个 1×1 上；取 stride_on=3x3 就相同。",
)
_EPSILON = Text(
    "The ε of its batch norm is 0.001, here 0.00001.", "其批量规范化的 ε 为 0.001，这里为 0.00001。"
)
_AUXILIARY = Text(
    "Make it with aux_logits=False. The ε of its batch norm is 0.001, here 0.00001.",
    "构造时取 aux_logits=False。其批量规范化的 ε 为 0.001，这里为 0.00001。",
)
_POOLED = Text(
    "At 224 px; for others it averages the last map to 7×7 first.",
    "适用于 224 像素；其他尺寸时，它先把最后的特征图平均为 7×7。",
)
_DROPOUT = Text(
    "In training its dropout stands before each hidden layer, here after it.",
    "训练时，它的暂退层在每个隐藏层之前，这里在之后。",
)
_RELU6 = Text("It has ReLU6 in place of ReLU.", "它用 ReLU6 代替 ReLU。")
_LINEAR = Text(
    "There the two 1×1 of a block are linear layers, their weights C'×C, here C'×C×1×1.",
    "那里块中的两个 1×1 是全连接层，权重为 C'×C，这里为 C'×C×1×1。",
)
_3X3: dict[str, Value] = {"stride_on": "3x3"}

_AS_IT_IS: dict[str, Value] = {}
_NORMALISED: dict[str, Value] = {"batch_norm": True}

TWINS: tuple[Twin, ...] = (
    *(
        Twin("torchvision", f"vgg{depth}{suffix}", f"vgg-{letter}", turned, _POOLED)
        for letter, depth in (("a", 11), ("b", 13), ("d", 16), ("e", 19))
        for suffix, turned in (("", _AS_IT_IS), ("_bn", _NORMALISED))
    ),
    Twin("torchvision", "alexnet", "alexnet-torchvision", differs=_DROPOUT),
    Twin("torchvision", "googlenet", "googlenet-torchvision", differs=_AUXILIARY),
    Twin("torchvision", "inception_v3", "inception-v3", differs=_AUXILIARY),
    Twin("torchvision", "inception_v3", "inception-v3-auxiliary", differs=_EPSILON),
    Twin("torchvision", "resnet18", "resnet-18"),
    Twin("torchvision", "resnet34", "resnet-34"),
    *(
        Twin("torchvision", f"resnet{depth}", f"resnet-{depth}", turned, differs)
        for depth in (50, 101, 152)
        for turned, differs in ((_AS_IT_IS, _STRIDE), (_3X3, Text("", "")))
    ),
    Twin("torchvision", "wide_resnet50_2", "wide-resnet-50-2"),
    Twin("torchvision", "wide_resnet101_2", "wide-resnet-101-2"),
    Twin("torchvision", "resnext50_32x4d", "resnext-50-32x4d"),
    Twin("torchvision", "resnext101_32x8d", "resnext-101-32x8d"),
    Twin("timm", "seresnet50", "se-resnet-50"),
    Twin("timm", "seresnext50_32x4d", "se-resnext-50-32x4d"),
    Twin("timm", "resnetv2_50", "preact-resnet-50"),
    *(
        Twin("torchvision", f"densenet{depth}", f"densenet-{depth}")
        for depth in (121, 161, 169, 201)
    ),
    Twin("timm", "inception_v4", "inception-v4", differs=_EPSILON),
    Twin("timm", "inception_resnet_v2", "inception-resnet-v2", differs=_EPSILON),
    Twin("timm", "legacy_xception", "xception"),
    Twin("timm", "mobilenetv1_100", "mobilenet-v1", differs=_RELU6),
    Twin("timm", "mobilenetv1_100", "mobilenet-v1", {"activation": "relu6"}),
    Twin("torchvision", "mobilenet_v2", "mobilenet-v2"),
    *(
        Twin("torchvision", f"convnext_{size}", f"convnext-{size}", differs=_LINEAR)
        for size in ("tiny", "small", "base", "large")
    ),
    *(
        Twin("torchvision", f"regnet_{kind}_{size.replace('.', '_')}", f"regnet-{kind}-{size}")
        for kind in "xy"
        for size in ("400mf", "800mf", "1.6gf", "3.2gf", "8gf", "16gf", "32gf")
    ),
    *(
        Twin("torchvision", f"shufflenet_v2_x{there}", f"shufflenet-v2-x{here}")
        for there, here in (("1_0", "1"), ("0_5", "0.5"), ("1_5", "1.5"), ("2_0", "2"))
    ),
    Twin("torchvision", "squeezenet1_0", "squeezenet-1-0"),
    Twin("torchvision", "squeezenet1_1", "squeezenet-1-1"),
    *(
        Twin(
            "torchvision",
            f"mobilenet_v3_{size}",
            f"mobilenet-v3-{size}",
            differs=_EPSILON,
        )
        for size in ("large", "small")
    ),
    *(
        Twin(
            "torchvision",
            f"efficientnet_b{number}",
            f"efficientnet-b{number}",
            differs=_EPSILON if number > 4 else Text("", ""),
        )
        for number in range(8)
    ),
    Twin("torchvision", "efficientnet_v2_s", "efficientnet-v2-s", differs=_EPSILON),
)


def twin(spec: Spec) -> Twin | None:
    """The counterpart of a network; None where no known one has the same weights."""
    for found in TWINS:
        start = PRESETS[found.preset].spec
        if start.family == spec.family:
            turned = start.turn(**found.turned)
            if not spec.differences(turned).keys() - _FREE:
                return found
    return None
