"""The knobs of the lab on Inception blocks."""

from dataclasses import dataclass

from cnnviz.knobs import knob
from cnnviz.labs.lab import step_knob
from cnnviz.labs.pictures import source_knob, which_knob
from cnnviz.settings import Settings
from cnnviz.text import Text

BLOCK = Text("Four paths, six numbers", "四条路径，六个数")
AGAINST = Text("Against the alternatives", "与其他做法比较")
SCALES = Text("A mix of scales", "多种尺度的混合")
NUDGE = Text("What the pooling path forgives", "池化路径能容忍什么")
FACTORS = Text("Large kernels in factors", "分解大卷积核")


@dataclass(frozen=True, kw_only=True)
class InceptionSettings(Settings):
    """A block; opens with GoogLeNet's 3a."""

    family = "inception"

    inputs: int = knob(
        192,
        Text("input channels", "输入通道数"),
        Text("Channels that all four paths read.", "四条路径共同读取的通道数。"),
        group=BLOCK,
        term="channels",
        bounds=(1, 2048),
        step=8,
    )
    size: int = knob(
        28,
        Text("height and width", "高和宽"),
        Text("Of the map; no path changes it.", "特征图的尺寸；各路径都不改变它。"),
        group=BLOCK,
        term="shape",
        bounds=(1, 299),
    )
    split: tuple[int, ...] = knob(
        (64, 96, 128, 16, 32, 32),
        Text("six numbers", "六个数"),
        Text(
            "Channels of the 1×1, of the 1×1 before the 3×3 and the 3×3, of the 1×1 before the "
            "5×5 and the 5×5, and of the 1×1 after the pooling.",
            "依次为：1×1 的通道数；3×3 之前的 1×1 与 3×3；5×5 之前的 1×1 与 5×5；池化之后的 1×1。",
        ),
        group=BLOCK,
        term="split",
        bounds=(1, 1024),
        lengths=(6, 6),
    )
    step: int = step_knob(BLOCK)

    blocks: int = knob(
        2,
        Text("blocks in a row", "连续的块数"),
        Text(
            "Blocks on maps of one size; GoogLeNet has 2, 5 and 2 of them, with pooling between.",
            "特征图尺寸相同的连续块数；GoogLeNet 为 2、5、2，其间有池化。",
        ),
        group=SCALES,
        term="depths",
        symbol="n",
        bounds=(1, 9),
        slider=True,
    )

    source: str = source_knob(NUDGE)
    which: int = which_knob(NUDGE, 2)
    right: int = knob(
        1,
        Text("shift to the right", "向右平移"),
        Text("Pixels by which the image moves.", "图像平移的像素数。"),
        group=NUDGE,
        term="translation_invariance",
        bounds=(0, 4),
        slider=True,
    )
    noise: float = knob(
        0.0,
        Text("noise", "噪声"),
        Text(
            "Standard deviation of what is added to each pixel; white is 1.",
            "加到每个像素上的随机数的标准差；白为 1。",
        ),
        group=NUDGE,
        term="inductive_bias",
        bounds=(0, 1),
        step=0.1,
    )

    kernel: int = knob(
        5,
        Text("large kernel", "大卷积核"),
        Text("Height and width of the kernel that is factorised.", "要分解的卷积核的边长。"),
        group=FACTORS,
        term="factorisation",
        symbol="k",
        choices=(3, 5, 7, 9, 11),
        choice_labels=tuple(Text(f"{k}×{k}", f"{k}×{k} 卷积") for k in (3, 5, 7, 9, 11)),
    )
    channels: int = knob(
        64,
        Text("channels", "通道数"),
        Text("In and out, at every step.", "每一步的输入与输出通道数。"),
        group=FACTORS,
        term="channels",
        symbol="C",
        bounds=(1, 1024),
    )
