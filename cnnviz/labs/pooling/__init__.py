"""The lab on pooling."""

from cnnviz.labs.lab import Lab, Place, Section, Try
from cnnviz.labs.pooling.settings import CHANNELS, GLOBAL, WINDOWS, PoolingSettings
from cnnviz.labs.pooling.sums import each_channel, whole_maps, window_by_window
from cnnviz.text import Text

_FOUR = "0,1,2,3_4,5,6,7_8,9,10,11_12,13,14,15"

LAB = Lab(
    name="pooling",
    title=Text("Pooling", "池化"),
    lead=Text(
        "A window slides and keeps one value of what it sees: smaller maps, and a small shift of "
        "the image matters less.",
        "窗口滑动，从看到的值中只留下一个：特征图变小，图像的小平移也不那么要紧。",
    ),
    goals=(
        Text(
            "Pool a map by hand, by maximum and by mean, with stride and padding.",
            "手算带步幅与填充的最大池化和平均池化。",
        ),
        Text(
            "Say why pooling has no parameters and does not mix channels.",
            "说明池化为何没有参数，也不混合通道。",
        ),
        Text(
            "Say what global average pooling makes of a map, and what it replaces.",
            "说明全局平均池化由特征图得到什么，又取代了什么。",
        ),
    ),
    settings=PoolingSettings,
    sections=(
        Section(
            WINDOWS,
            window_by_window,
            (
                Try(Text("Averages: 2 3 5 6.", "取平均：2 3 5 6。"), {"kind": "average"}),
                Try(
                    Text(
                        "4×4 with a 2×2 window and stride 2: half the size.",
                        "4×4、2×2 窗口、步幅 2：尺寸减半。",
                    ),
                    {"image": _FOUR, "stride": 2},
                ),
                Try(
                    Text(
                        "4×4 with a 3×3 window and padding 1 stays 4×4; without padding, 2×2.",
                        "4×4、3×3 窗口、填充 1：仍为 4×4；不填充则为 2×2。",
                    ),
                    {"image": _FOUR, "window": 3, "padding": 1},
                ),
                Try(
                    Text(
                        "All negative, with padding 1: zeros would win, −∞ never does.",
                        "全是负数且填充 1：补 0 会被选中，−∞ 则不会。",
                    ),
                    {"image": "-5,-4_-3,-2", "padding": 1},
                ),
            ),
        ),
        Section(CHANNELS, each_channel),
        Section(
            GLOBAL,
            whole_maps,
            (
                Try(
                    Text(
                        "One map of 3×3: (0 + … + 8) / 9 = 4.",
                        "一张 3×3 的图：(0 + … + 8) / 9 = 4。",
                    ),
                    {"maps": "0,1,2,3,4,5,6,7,8"},
                ),
            ),
        ),
    ),
    places=(
        Place(Text("LeNet-5's S2: averages of 2×2", "LeNet-5 的 S2：2×2 平均池化"), "lenet-5"),
        Place(
            Text(
                "AlexNet: windows of 3×3 with stride 2 overlap",
                "AlexNet：3×3 窗口、步幅 2，互相重叠",
            ),
            "alexnet-2012",
        ),
        Place(
            Text(
                "NiN: global average pooling in place of fully connected layers",
                "NiN：以全局平均池化代替全连接层",
            ),
            "nin-d2l",
        ),
        Place(
            Text(
                "ResNet's stem: MaxPool2d(3, padding=1, stride=2)",
                "ResNet 的初始层：MaxPool2d(3, padding=1, stride=2)",
            ),
            "resnet-18",
            {"at": "stem.pool"},
        ),
    ),
    sources="Zhang et al., Dive into Deep Learning, chapter 6; Lin et al. 2014 for the global mean",
    experiments=(
        "pooling-average-or-max",
        "pooling-overlapping",
        "head-average-or-fully-connected",
    ),
)
