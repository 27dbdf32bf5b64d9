"""The knobs of the lab on LeNet-5."""

from dataclasses import dataclass

from cnnviz.knobs import knob
from cnnviz.labs.lab import step_knob
from cnnviz.labs.pictures import SETS
from cnnviz.settings import Settings
from cnnviz.text import Text

TABLE = Text("Which maps C3 reads", "C3 读取哪些特征图")
COUNTS = Text("Connections against parameters", "连接数与参数量")
CODES = Text("Codes of 7×12 pixels", "7×12 像素的编码")
AUGMENT = Text("What augmentation does to an image", "数据增强对图像做了什么")
GALLERY = Text("The data sets", "数据集一览")

_SET_HELP = Text("Data sets that come with this program.", "本程序自带的数据集。")


@dataclass(frozen=True, kw_only=True)
class LenetSettings(Settings):
    """LeNet-5's tables, and the images that networks are trained on."""

    family = "lenet"

    step: int = step_knob(TABLE)

    digit: int = knob(
        7,
        Text("digit", "数字"),
        Text("Whose code F6 gives.", "F6 输出哪个数字的编码。"),
        group=CODES,
        term="rbf",
        bounds=(0, 9),
        slider=True,
    )
    flipped: int = knob(
        0,
        Text("pixels flipped", "翻转的像素数"),
        Text(
            "So many of the 84 pixels, drawn at random, have the other sign.",
            "随机翻转 84 个像素中这么多个的符号。",
        ),
        group=CODES,
        term="rbf",
        bounds=(0, 84),
        slider=True,
    )

    augmented: str = knob(
        "fashion-mnist-6k",
        Text("data set", "数据集"),
        _SET_HELP,
        group=AUGMENT,
        term="augmentation",
        choices=tuple(SETS),
        choice_labels=tuple(SETS.values()),
    )
    which: int = knob(
        0,
        Text("class", "类别"),
        Text("The first image of this class.", "该类别的第一幅图像。"),
        group=AUGMENT,
        term="augmentation",
        bounds=(0, 9),
        slider=True,
    )
    flip: bool = knob(
        True,
        Text("flip", "翻转"),
        Text("Mirrors every second image, on average.", "平均每两幅镜像一幅。"),
        group=AUGMENT,
        term="augmentation",
    )
    crop: bool = knob(
        True,
        Text("crop", "裁剪"),
        Text("Moves each image by up to 1/8 of its size.", "把每幅图像平移至多其边长的 1/8。"),
        group=AUGMENT,
        term="augmentation",
    )
    colour: bool = knob(
        False,
        Text("colour", "颜色"),
        Text(
            "Shifts the colour, or the brightness of grey images.", "改变颜色；灰度图则改变亮度。"
        ),
        group=AUGMENT,
        term="augmentation",
    )
    seed: int = knob(
        0,
        Text("draw", "抽样"),
        Text("Which random changes are drawn.", "抽到哪些随机变化。"),
        group=AUGMENT,
        term="seed",
        bounds=(0, 99),
    )

    shown: str = knob(
        "fashion-mnist-6k",
        Text("data set", "数据集"),
        _SET_HELP,
        group=GALLERY,
        term="shape",
        choices=tuple(SETS),
        choice_labels=tuple(SETS.values()),
    )
