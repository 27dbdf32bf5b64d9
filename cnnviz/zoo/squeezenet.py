"""SqueezeNet: AlexNet's accuracy from fire modules, with fifty times fewer parameters.

Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer, "SqueezeNet: AlexNet-level accuracy with 50x fewer
parameters and <0.5MB model size", arXiv 1602.07360: table 1 for the layers, section 5.1 for the
numbers from which the modules follow, figure 2 for the bypasses. Version 1.1 is the authors' own:
github.com/forresti/SqueezeNet, SqueezeNet_v1.1; a smaller first convolution and earlier pooling.
"""

from collections import OrderedDict
from dataclasses import dataclass, replace

import torch
from torch import nn

from cnnviz.families import UNNORMALISED, Family, Preset, Spec
from cnnviz.knobs import Problem, knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers
from cnnviz.zoo.shared_knobs import dropout_knob

MODULES = Text("Fire modules", "Fire 模块")
STEM = Text("Stem and pooling", "初始层与池化")
HEAD = Text("Head", "分类头")
# the fire modules that a pooling follows; fire2 is the first
POOLED = {"late": (4, 8), "early": (3, 5)}


@dataclass(frozen=True, kw_only=True)
class SqueezeNetSpec(Spec):
    """The knobs of SqueezeNet; the defaults are version 1.0."""

    family = "squeezenet"

    modules: int = knob(
        8,
        Text("fire modules", "Fire 模块数"),
        Text(
            "How many modules there are, fire2 to fire9 in the paper.",
            "模块的个数，论文为 fire2 至 fire9 共 8 个。",
        ),
        group=MODULES,
        term="depths",
        bounds=(2, 16),
        slider=True,
    )
    base_expand: int = knob(
        128,
        Text("expand filters at first", "起始扩展滤波器数"),
        Text(
            "Outputs of the first modules, base_e in the paper; 1×1 and 3×3 filters together.",
            "最初几个模块的输出通道数，即论文的 base_e，1×1 与 3×3 滤波器合计。",
        ),
        group=MODULES,
        term="channels",
        symbol="base_e",
        bounds=(8, 512),
        smaller=True,
    )
    more_expand: int = knob(
        128,
        Text("more expand filters", "扩展滤波器增量"),
        Text(
            "Outputs that are added after every few modules, incr_e in the paper.",
            "每隔几个模块增加的输出通道数，即论文的 incr_e。",
        ),
        group=MODULES,
        term="channels",
        symbol="incr_e",
        bounds=(0, 512),
        smaller=True,
    )
    every: int = knob(
        2,
        Text("modules of a width", "同宽模块数"),
        Text(
            "After how many modules outputs are added, freq in the paper.",
            "每隔几个模块增加一次输出通道，即论文的 freq。",
        ),
        group=MODULES,
        term="depths",
        symbol="freq",
        bounds=(1, 8),
    )
    share_3x3: float = knob(
        0.5,
        Text("share of 3×3 filters", "3×3 滤波器比例"),
        Text(
            "Of a module's expand filters, the others are 1×1: pct₃ₓ₃ in the paper, which finds "
            "little to gain above 0.5.",
            "模块的扩展滤波器中 3×3 所占的比例（其余为 1×1），即论文的 pct₃ₓ₃；"
            "论文发现超过 0.5 后收益很小。",
        ),
        group=MODULES,
        term="kernel",
        symbol="pct",
        bounds=(0.05, 0.95),
        step=0.05,
        slider=True,
    )
    squeeze_ratio: float = knob(
        0.125,
        Text("squeeze ratio", "压缩比"),
        Text(
            "Squeeze filters for each expand filter: 1/8 in SqueezeNet. At 0.75 the paper has 5.7 "
            "points more top-5 accuracy and four times the size.",
            "每个扩展滤波器对应的压缩滤波器数：SqueezeNet 取 1/8。"
            "论文中取 0.75 时 top-5 准确率高 5.7 个百分点，模型为四倍大。",
        ),
        group=MODULES,
        term="bottleneck",
        symbol="SR",
        bounds=(0.05, 1.0),
        step=0.025,
        slider=True,
    )
    bypass: str = knob(
        "none",
        Text("bypass", "旁路"),
        Text(
            "Shortcuts around modules (figure 2). Simple: the input is added where channels stay, "
            "without parameters. Complex: elsewhere a 1×1 convolution is added, too.",
            "绕过模块的捷径（论文图 2）。简单：通道数不变处加上输入，无参数。"
            "复杂：其余各处也加上一个 1×1 卷积。",
        ),
        group=MODULES,
        term="residual",
        choices=("none", "simple", "complex"),
        choice_labels=(
            Text("none", "无"),
            Text("simple", "简单"),
            Text("complex", "复杂"),
        ),
    )
    stem_kernel: int = knob(
        7,
        Text("kernel of the stem", "初始层卷积核大小"),
        Text(
            "Side of the first convolution's window: 7 in version 1.0, 3 in 1.1.",
            "第一个卷积的窗口边长：1.0 版为 7，1.1 版为 3。",
        ),
        group=STEM,
        term="stem",
        symbol="k",
        choices=(3, 5, 7),
    )
    stem_channels: int = knob(
        96,
        Text("stem channels", "初始层通道数"),
        Text(
            "Channels of the first convolution: 96 in version 1.0, 64 in 1.1.",
            "第一个卷积的通道数：1.0 版为 96，1.1 版为 64。",
        ),
        group=STEM,
        term="stem",
        bounds=(1, 256),
        smaller=True,
    )
    pooling: str = knob(
        "late",
        Text("pooling", "池化位置"),
        Text(
            "Where the second and third pooling stand. Late (1.0): after fire4 and fire8, large "
            "maps for most modules. Early (1.1): after fire3 and fire5, far fewer MACs.",
            "第二、三个池化的位置。靠后（1.0 版）：fire4 与 fire8 之后，多数模块的特征图较大。"
            "靠前（1.1 版）：fire3 与 fire5 之后，乘加次数少得多。",
        ),
        group=STEM,
        term="pooling",
        choices=("late", "early"),
        choice_labels=(Text("late", "靠后"), Text("early", "靠前")),
    )
    dropout: float = dropout_knob(HEAD)

    def expand(self, index: int) -> tuple[int, int]:
        """The 1×1 and 3×3 filters of a module, counted from 0."""
        filters = self.base_expand + self.more_expand * (index // self.every)
        large = min(max(round(self.share_3x3 * filters), 1), filters - 1)
        return filters - large, large

    def squeeze(self, index: int) -> int:
        """The squeeze filters of a module, counted from 0."""
        return max(1, round(self.squeeze_ratio * sum(self.expand(index))))

    def conflicts(self) -> list[Problem]:
        remedy = Text("Enlarge it.", "请增大图像。")
        return self.image_conflict(lambda size: _last_size(self, size) >= 1, remedy)

    def build(self) -> nn.Module:
        return SqueezeNet(self)


def _last_size(spec: SqueezeNetSpec, size: int) -> int:
    """Height and width after the last pooling, for an image of `size` px.

    The poolings round up, so that two pixels give one, and one gives none.
    """
    size = (size - spec.stem_kernel) // 2 + 1
    for number in (1, *POOLED[spec.pooling]):
        if number <= spec.modules + 1:
            size = max(0, size // 2)
    return size


class SqueezeNet(nn.Sequential):
    """(N, C, H, W) -> (N, classes): no fully connected layer, one map per class in the end."""

    def __init__(self, spec: SqueezeNetSpec):
        channels = spec.stem_channels
        layers = Layers(
            stem=nn.Sequential(
                OrderedDict(
                    conv=nn.Conv2d(spec.in_channels, channels, spec.stem_kernel, stride=2),
                    relu=nn.ReLU(),
                    pool=_pool(),
                )
            )
        )
        for index in range(spec.modules):
            narrow, (small, large) = spec.squeeze(index), spec.expand(index)
            layers[f"fire{index + 2}"] = Fire(
                channels, narrow, small, large, shortcut=_shortcut(spec, channels, small + large)
            )
            channels = small + large
            if index + 2 in POOLED[spec.pooling]:
                layers[f"pool{index + 2}"] = _pool()
        head = Layers()
        if spec.dropout:
            head["dropout"] = nn.Dropout(spec.dropout)
        head["conv"] = nn.Conv2d(channels, spec.num_classes, 1)
        head |= Layers(relu=nn.ReLU(), pool=nn.AdaptiveAvgPool2d(1), flatten=nn.Flatten())
        layers["head"] = nn.Sequential(head)
        super().__init__(layers)


def _pool() -> nn.MaxPool2d:
    return nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)


def _shortcut(spec: SqueezeNetSpec, channels: int, out: int) -> nn.Module | None:
    """What is added to a module's output, if anything."""
    if spec.bypass == "none":
        return None
    if channels == out:
        return nn.Identity()
    return nn.Conv2d(channels, out, 1) if spec.bypass == "complex" else None


class Fire(nn.Module):
    """Squeezes and expands: (N, C, H, W) -> (N, e₁ + e₃, H, W), each convolution with ReLU.

    A 1×1 from C to s channels; a 1×1 to e₁ and a 3×3 to e₃ side by side, joined. C·s + s·e₁ +
    9·s·e₃ weights.

    Args:
        shortcut: what is added to the joined maps; None for nothing.
    """

    def __init__(
        self, channels: int, narrow: int, small: int, large: int, *, shortcut: nn.Module | None
    ):
        super().__init__()
        self.squeeze = nn.Conv2d(channels, narrow, 1)
        self.squeeze_relu = nn.ReLU()
        self.expand1x1 = nn.Conv2d(narrow, small, 1)
        self.expand1x1_relu = nn.ReLU()
        self.expand3x3 = nn.Conv2d(narrow, large, 3, padding=1)
        self.expand3x3_relu = nn.ReLU()
        self.shortcut = shortcut

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = self.squeeze_relu(self.squeeze(x))
        y = torch.cat(
            [self.expand1x1_relu(self.expand1x1(y)), self.expand3x3_relu(self.expand3x3(y))], dim=1
        )  # e₁ + e₃
        return y if self.shortcut is None else y + self.shortcut(x)


FAMILY = Family(
    title="SqueezeNet",
    spec=SqueezeNetSpec,
    demos=(
        replace(
            UNNORMALISED,
            recipe={**UNNORMALISED.recipe, "initialisation": "xavier", "learning_rate": 0.0005},
        ),
    ),
    presets=(
        Preset(
            name="squeezenet-1-0",
            spec=SqueezeNetSpec(),
            params=1_248_424,
            macs=818_924_576,
            source="arXiv 1602.07360, table 1; torchvision squeezenet1_0",
        ),
        Preset(
            name="squeezenet-1-1",
            spec=SqueezeNetSpec(stem_kernel=3, stem_channels=64, pooling="early"),
            params=1_235_496,
            macs=349_151_936,
            source="github.com/forresti/SqueezeNet, version 1.1; torchvision squeezenet1_1",
        ),
    ),
)
