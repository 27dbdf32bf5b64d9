"""The knobs of the lab on shared weights."""

from dataclasses import dataclass

from cnnviz.knobs import knob
from cnnviz.labs.lab import step_knob
from cnnviz.labs.written import Matrix, written
from cnnviz.settings import Settings
from cnnviz.text import Text

PARAMS = Text("Parameters: fully connected against convolution", "参数量：全连接与卷积")
SIGNAL = Text("Shift a signal, step by step", "一步一步地平移信号")
SHIFT = Text("Shift the image", "平移图像")
LENGTH = 12  # of a signal


@dataclass(frozen=True, kw_only=True)
class SharingSettings(Settings):
    """What shared weights save, and what they do when an image moves."""

    family = "sharing"

    side: int = knob(
        1000,
        Text("image", "图像边长"),
        Text("Height and width of the image in pixels.", "图像的高和宽（像素）。"),
        group=PARAMS,
        term="shape",
        bounds=(1, 4000),
    )
    hidden: int = knob(
        1000,
        Text("hidden units", "隐藏单元数"),
        Text("Of the fully connected layer.", "全连接层的单元数。"),
        group=PARAMS,
        term="params",
        bounds=(1, 10_000),
    )
    kernel: int = knob(
        3,
        Text("kernel", "卷积核边长"),
        Text("Height and width.", "高和宽。"),
        group=PARAMS,
        term="kernel",
        symbol="k",
        bounds=(1, 31),
    )
    inputs: int = knob(
        3,
        Text("input channels", "输入通道数"),
        Text("Of the convolution.", "卷积的输入通道数。"),
        group=PARAMS,
        term="channels",
        bounds=(1, 512),
    )
    outputs: int = knob(
        10,
        Text("output channels", "输出通道数"),
        Text("Of the convolution.", "卷积的输出通道数。"),
        group=PARAMS,
        term="channels",
        bounds=(1, 512),
    )

    signal: str = written(
        "0,1,3,1",
        Text("pattern", "图案"),
        Text(
            "Stands at the beginning of 12 zeros, and moves on place by place.",
            "放在 12 个零的开头，然后一格一格地移动。",
        ),
        form=Matrix((1, 1), (1, 6), (-99, 99)),
        group=SIGNAL,
        term="kernel",
    )
    detector: str = written(
        "1,-1",
        Text("kernel", "卷积核"),
        Text("The same weights at every place.", "在每个位置都用同样的权重。"),
        form=Matrix((1, 1), (1, 4), (-99, 99)),
        group=SIGNAL,
        term="kernel",
    )
    pooled: int = knob(
        3,
        Text("pooling window", "池化窗口"),
        Text("Maximum pooling, stride as wide as the window.", "最大池化，步幅等于窗口边长。"),
        group=SIGNAL,
        term="pooling",
        bounds=(1, 6),
    )
    step: int = step_knob(SIGNAL)

    right: int = knob(
        1,
        Text("to the right", "右移"),
        Text("Pixels by which the image moves.", "图像平移的像素数。"),
        group=SHIFT,
        term="augmentation",
        bounds=(0, 4),
        slider=True,
    )
    down: int = knob(
        0,
        Text("down", "下移"),
        Text("Pixels by which the image moves.", "图像平移的像素数。"),
        group=SHIFT,
        term="augmentation",
        bounds=(0, 4),
        slider=True,
    )
    window: int = knob(
        2,
        Text("pooling window", "池化窗口"),
        Text("Maximum pooling, stride as wide as the window.", "最大池化，步幅等于窗口边长。"),
        group=SHIFT,
        term="pooling",
        choices=(2, 4, 8),
        choice_labels=(Text("2×2", "2×2 窗口"), Text("4×4", "4×4 窗口"), Text("8×8", "8×8 窗口")),
    )
