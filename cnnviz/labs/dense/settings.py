"""The knobs of the lab on dense blocks."""

from dataclasses import dataclass

from cnnviz.knobs import knob
from cnnviz.labs.lab import step_knob
from cnnviz.settings import Settings
from cnnviz.text import Text

GROWTH = Text("Channels grow: k₀ + (l − 1)·k", "通道增长：k₀ + (l − 1)·k")
TRANSITION = Text("A transition, and θ", "过渡层与 θ")
ADD = Text("Joining against adding", "拼接与相加")


@dataclass(frozen=True, kw_only=True)
class DenseSettings(Settings):
    """A dense block; opens with the course's 3 channels and two layers of 10."""

    family = "dense"

    start: int = knob(
        3,
        Text("input channels", "输入通道数"),
        Text("Channels that come into the block.", "进入稠密块的通道数。"),
        group=GROWTH,
        term="channels",
        symbol="k₀",
        bounds=(1, 512),
    )
    growth: int = knob(
        10,
        Text("growth rate", "增长率"),
        Text("Channels that each layer adds.", "每层新增的通道数。"),
        group=GROWTH,
        term="growth_rate",
        symbol="k",
        bounds=(1, 64),
    )
    layers: int = knob(
        2,
        Text("layers", "层数"),
        Text(
            "Layers of the block; each reads all that came before it.",
            "块内的层数；每层读取之前所有的输出。",
        ),
        group=GROWTH,
        term="depths",
        symbol="L",
        bounds=(1, 12),
        slider=True,
    )
    step: int = step_knob(GROWTH)

    compression: float = knob(
        0.5,
        Text("compression", "压缩因子"),
        Text("Share of the channels that the transition keeps.", "过渡层保留的通道比例。"),
        group=TRANSITION,
        term="compression",
        symbol="θ",
        bounds=(0.1, 1),
        step=0.1,
    )
    size: int = knob(
        8,
        Text("height and width", "高和宽"),
        Text("Of the map before the transition.", "过渡层之前特征图的尺寸。"),
        group=TRANSITION,
        term="shape",
        bounds=(2, 224),
    )
