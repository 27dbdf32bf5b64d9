"""MobileNetV3: MobileNetV2's block with gates and hard swish, its sizes found by search.

Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le, Adam, "Searching for
MobileNetV3", ICCV 2019, arXiv 1905.02244: tables 1 and 2 for the blocks, section 5.1 and figure 5
for the last stage, 5.2 for hard swish, 5.3 for the gates. As in torchvision, and other than in
table 2, no gate follows the last 1×1 of the small one, and what is left of a gate's channels is
rounded to a multiple of 8.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import NamedTuple

from torch import nn

from cnnviz.families import Family, Preset, Spec
from cnnviz.knobs import knob
from cnnviz.text import Text
from cnnviz.zoo.blocks import Layers, average_head, conv_unit, in_eights, scaled_channels
from cnnviz.zoo.inverted_residual import InvertedResidual
from cnnviz.zoo.residual import SqueezeExcite
from cnnviz.zoo.shared_knobs import dropout_knob, width_knob

BLOCKS = Text("Blocks", "倒残差块")
STAGES = Text("Stages", "阶段")
HEAD = Text("Head", "分类头")
STEM_CHANNELS = 16
SEARCHED = Text("as found", "搜索结果")


class Row(NamedTuple):
    """A block of table 1 or 2.

    Args:
        width: channels inside.
        gated: whether it has squeeze-and-excitation.
        is_hard: hard swish in place of ReLU.
    """

    kernel: int
    width: int
    out: int
    gated: bool
    is_hard: bool
    stride: int


LARGE = (
    Row(3, 16, 16, False, False, 1),
    Row(3, 64, 24, False, False, 2),
    Row(3, 72, 24, False, False, 1),
    Row(5, 72, 40, True, False, 2),
    Row(5, 120, 40, True, False, 1),
    Row(5, 120, 40, True, False, 1),
    Row(3, 240, 80, False, True, 2),
    Row(3, 200, 80, False, True, 1),
    Row(3, 184, 80, False, True, 1),
    Row(3, 184, 80, False, True, 1),
    Row(3, 480, 112, True, True, 1),
    Row(3, 672, 112, True, True, 1),
    Row(5, 672, 160, True, True, 2),
    Row(5, 960, 160, True, True, 1),
    Row(5, 960, 160, True, True, 1),
)
SMALL = (
    Row(3, 16, 16, True, False, 2),
    Row(3, 72, 24, False, False, 2),
    Row(3, 88, 24, False, False, 1),
    Row(5, 96, 40, True, True, 2),
    Row(5, 240, 40, True, True, 1),
    Row(5, 240, 40, True, True, 1),
    Row(5, 120, 48, True, True, 1),
    Row(5, 144, 48, True, True, 1),
    Row(5, 288, 96, True, True, 2),
    Row(5, 576, 96, True, True, 1),
    Row(5, 576, 96, True, True, 1),
)
TABLES = {"large": LARGE, "small": SMALL}
KERNELS = {"3x3": 3, "5x5": 5}


@dataclass(frozen=True, kw_only=True)
class MobileNetV3Spec(Spec):
    """The knobs of MobileNetV3; the defaults are its large one."""

    family = "mobilenet-v3"

    size: str = knob(
        "large",
        Text("size", "规模"),
        Text(
            "Two networks, searched for by themselves: one of 15 blocks for fast phones, one of "
            "11 for slow ones.",
            "两个分别搜索得到的网络：一个 15 块，面向较快的手机；一个 11 块，面向较慢的手机。",
        ),
        group=STAGES,
        term="depths",
        choices=("large", "small"),
        choice_labels=(Text("large", "大"), Text("small", "小")),
    )
    width_multiplier: float = width_knob(STAGES)
    gates: str = knob(
        "searched",
        Text("SE gates", "SE 门控"),
        Text(
            "Squeeze-and-excitation inside the blocks: in those that the search chose, in all, or "
            "in none. A gate's small layer has a quarter of the block's inner channels.",
            "块内的压缩与激励（SE）：按搜索结果、全部使用或都不用。"
            "门控中间的小层有块内通道数的四分之一。",
        ),
        group=BLOCKS,
        term="squeeze_excite",
        choices=("searched", "all", "none"),
        choice_labels=(SEARCHED, Text("all", "全部"), Text("none", "无")),
    )
    kernel: str = knob(
        "searched",
        Text("depthwise windows", "逐通道卷积窗口"),
        Text(
            "The side of each block's window: 3 or 5 as the search chose, or the same in all.",
            "各块的窗口边长：按搜索结果取 3 或 5，或全部相同。",
        ),
        group=BLOCKS,
        term="kernel",
        choices=("searched", "3x3", "5x5"),
        choice_labels=(SEARCHED, Text("3×3 in all", "全部 3×3"), Text("5×5 in all", "全部 5×5")),
    )
    hard_swish: str = knob(
        "late",
        Text("hard swish", "hard swish 的位置"),
        Text(
            "x·ReLU6(x + 3)/6, which is SiLU from straight pieces, where the other blocks have "
            "ReLU. On the large early maps it costs most and helps least.",
            "hard swish 即 x·ReLU6(x + 3)/6，用折线近似 SiLU；其余的块用 ReLU。"
            "在较大的前期特征图上，它最费时而收益最小。",
        ),
        group=BLOCKS,
        term="activation",
        choices=("late", "all", "none"),
        choice_labels=(
            Text("second half", "后半部分"),
            Text("everywhere", "全部"),
            Text("nowhere", "不使用"),
        ),
    )
    efficient_head: bool = knob(
        True,
        Text("efficient last stage", "高效的末段"),
        Text(
            "On: the map is averaged before the widest layer, which then works on one pixel "
            "(figure 5). Off: one more block and that layer on the whole map, as in MobileNetV2.",
            "打开：先求平均，再进入最宽的层，该层只处理一个像素（论文图 5）。"
            "关闭：像 MobileNetV2 那样多一个块，并在整张特征图上计算这一层。",
        ),
        group=HEAD,
        term="global_average_pooling",
    )
    last_channels: int = knob(
        1280,
        Text("channels before the classifier", "分类层前的通道数"),
        Text(
            "Of the widest layer, before the width multiplier: 1280, and 1024 in the small one.",
            "最宽一层的通道数（乘宽度系数之前）：1280，小网络为 1024。",
        ),
        group=HEAD,
        term="channels",
        bounds=(1, 2560),
    )
    dropout: float = dropout_knob(HEAD, share=0.2)

    def scaled(self, channels: int) -> int:
        """The channels of a layer that has so many at α = 1."""
        return scaled_channels(channels, self.width_multiplier)

    def build(self) -> nn.Module:
        return MobileNetV3(self)


class MobileNetV3(nn.Sequential):
    """(N, C, H, W) -> (N, classes)."""

    def __init__(self, spec: MobileNetV3Spec):
        super().__init__()
        outer = nn.ReLU if spec.hard_swish == "none" else nn.Hardswish
        channels = spec.scaled(STEM_CHANNELS)
        self.stem = conv_unit(spec.in_channels, channels, 3, stride=2, padding=1, activation=outer)
        blocks, number = Layers(), 1
        for row in TABLES[spec.size]:
            if row.stride > 1 and blocks:  # the size changes, and with it the stage
                self.add_module(f"stage{number}", nn.Sequential(blocks))
                blocks, number = Layers(), number + 1
            blocks[f"block{len(blocks) + 1}"] = _block(spec, channels, row)
            channels = spec.scaled(row.out)
        self.add_module(f"stage{number}", nn.Sequential(blocks))
        self.head = _head(spec, channels, outer)


def _block(spec: MobileNetV3Spec, channels: int, row: Row) -> InvertedResidual:
    width = spec.scaled(row.width)
    gated = row.gated if spec.gates == "searched" else spec.gates == "all"
    is_hard = row.is_hard if spec.hard_swish == "late" else spec.hard_swish == "all"
    gate = None
    if gated:
        gate = SqueezeExcite(width, in_eights(width // 4), gate=nn.Hardsigmoid)
    return InvertedResidual(
        channels,
        spec.scaled(row.out),
        width=width,
        kernel=row.kernel if spec.kernel == "searched" else KERNELS[spec.kernel],
        stride=row.stride,
        gate=gate,
        activation=nn.Hardswish if is_hard else nn.ReLU,
    )


def _head(spec: MobileNetV3Spec, channels: int, activation: type[nn.Module]) -> nn.Sequential:
    """Widens C channels to 6·C, averages, and widens once more: (N, C, H, W) -> (N, classes).

    Or one more block from C over 6·C to 2·C channels, the widest layer on its map, and then the
    average.
    """
    last = spec.scaled(spec.last_channels)
    if not spec.efficient_head:
        block = InvertedResidual(
            channels, 2 * channels, width=6 * channels, stride=1, activation=activation
        )
        widest = conv_unit(2 * channels, last, 1, activation=activation)
        return average_head(
            last, spec.num_classes, dropout=spec.dropout, block=block, widest=widest
        )
    wide = conv_unit(channels, 6 * channels, 1, activation=activation)
    layers = OrderedDict(
        **dict(wide.named_children()),
        pool=nn.AdaptiveAvgPool2d(1),
        flatten=nn.Flatten(),
        widest=nn.Linear(6 * channels, last),
        activation=activation(),
    )
    if spec.dropout:
        layers["dropout"] = nn.Dropout(spec.dropout)
    layers["classifier"] = nn.Linear(last, spec.num_classes)
    return nn.Sequential(layers)


FAMILY = Family(
    title="MobileNetV3",
    spec=MobileNetV3Spec,
    presets=(
        Preset(
            name="mobilenet-v3-large",
            spec=MobileNetV3Spec(),
            params=5_483_032,
            macs=216_589_760,
            source="arXiv 1905.02244, table 1; torchvision mobilenet_v3_large",
        ),
        Preset(
            name="mobilenet-v3-small",
            spec=MobileNetV3Spec(size="small", last_channels=1024),
            params=2_542_856,
            macs=56_510_400,
            source="arXiv 1905.02244, table 2; torchvision mobilenet_v3_small",
        ),
    ),
)
