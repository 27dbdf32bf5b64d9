"""The knobs of the lab on stacked, separable and grouped convolutions."""

from dataclasses import dataclass

from cnnviz.knobs import Problem, knob
from cnnviz.labs.lab import step_knob
from cnnviz.settings import Settings
from cnnviz.text import Text

STACK = Text("Small kernels on top of each other", "堆叠小卷积核")
NIN = Text("A small network at each pixel (NiN)", "每个像素上的小网络（NiN）")
SEPARABLE = Text("Depthwise separable", "深度可分离卷积")
SHUFFLE = Text("Groups, and a shuffle between them", "分组与通道混洗")


@dataclass(frozen=True, kw_only=True)
class StacksSettings(Settings):
    """Ways to spend fewer weights; opens with VGG's three 3×3 against one 7×7."""

    family = "stacks"

    count: int = knob(
        3,
        Text("convolutions", "卷积层数"),
        Text("How many 3×3 stand on top of each other.", "堆叠几个 3×3 卷积层。"),
        group=STACK,
        term="receptive_field",
        symbol="n",
        bounds=(1, 6),
        slider=True,
    )
    channels: int = knob(
        64,
        Text("channels", "通道数"),
        Text("In and out of every layer.", "每层的输入与输出通道数。"),
        group=STACK,
        term="channels",
        symbol="C",
        bounds=(1, 1024),
    )
    step: int = step_knob(STACK)

    inputs: int = knob(
        96,
        Text("input channels", "输入通道数"),
        Text("Channels of the map that the block reads.", "块读取的特征图的通道数。"),
        group=NIN,
        term="channels",
        bounds=(1, 1024),
    )
    width: int = knob(
        256,
        Text("output channels", "输出通道数"),
        Text("Of each of the block's three convolutions.", "块内三个卷积各自的输出通道数。"),
        group=NIN,
        term="channels",
        bounds=(1, 1024),
    )
    window: int = knob(
        5,
        Text("kernel of the first", "第一个卷积的卷积核"),
        Text("Height and width; the two that follow are 1×1.", "边长；后两个都是 1×1。"),
        group=NIN,
        term="kernel",
        symbol="k",
        bounds=(1, 11),
    )
    side: int = knob(
        26,
        Text("height and width", "高和宽"),
        Text("Of the map; the block keeps it.", "特征图的尺寸；块内不变。"),
        group=NIN,
        term="shape",
        bounds=(1, 299),
    )

    from_channels: int = knob(
        32,
        Text("input channels", "输入通道数"),
        Text(
            "Of the full, and of the separable convolution.",
            "普通卷积与深度可分离卷积的输入通道数。",
        ),
        group=SEPARABLE,
        term="channels",
        symbol="M",
        bounds=(1, 2048),
    )
    to_channels: int = knob(
        64,
        Text("output channels", "输出通道数"),
        Text(
            "Of the full, and of the separable convolution.",
            "普通卷积与深度可分离卷积的输出通道数。",
        ),
        group=SEPARABLE,
        term="channels",
        symbol="N",
        bounds=(1, 2048),
    )
    kernel: int = knob(
        3,
        Text("kernel", "卷积核边长"),
        Text("Height and width.", "高和宽。"),
        group=SEPARABLE,
        term="separable",
        symbol="k",
        bounds=(1, 11),
    )

    total: int = knob(
        6,
        Text("channels", "通道数"),
        Text("Channels that are dealt out.", "要混洗的通道数。"),
        group=SHUFFLE,
        term="shuffle",
        symbol="C",
        bounds=(1, 16),
    )
    groups: int = knob(
        3,
        Text("groups", "分组数"),
        Text("Groups of the convolutions before and after.", "前后两个分组卷积的组数。"),
        group=SHUFFLE,
        term="groups",
        symbol="g",
        bounds=(1, 8),
    )
    shuffle_step: int = step_knob(SHUFFLE)

    def conflicts(self) -> list[Problem]:
        if self.total % self.groups == 0:
            return []
        fitting = ", ".join(str(g) for g in range(1, 9) if self.total % g == 0)
        message = Text(
            "{knob} is {groups}, which does not divide {total} channels. Take one of {fitting}.",
            "{knob}为 {groups}，不能整除 {total} 个通道。可取：{fitting}。",
        )
        values = {"groups": self.groups, "total": self.total, "fitting": fitting}
        return [self.problem("groups", message, **values)]
