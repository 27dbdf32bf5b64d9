"""The lab on shared weights."""

from cnnviz.labs.lab import Lab, Place, Section, Try
from cnnviz.labs.sharing.settings import PARAMS, SHIFT, SIGNAL, SharingSettings
from cnnviz.labs.sharing.shift import parameters, shift
from cnnviz.labs.sharing.signal import signal
from cnnviz.text import Text

LAB = Lab(
    name="sharing",
    title=Text("Shared weights", "权重共享"),
    lead=Text(
        "A convolution uses the same few weights at every place: few parameters, and a pattern is "
        "found wherever it is.",
        "卷积在每个位置都用同样的几个权重：参数少，且图案在哪里都能找到。",
    ),
    goals=(
        Text(
            "Compare the parameters of a fully connected layer and a convolution.",
            "比较全连接层与卷积层的参数量。",
        ),
        Text(
            "Tell equivariance from invariance, and say which layer gives which.",
            "区分等变与不变，并指出各由哪种层提供。",
        ),
        Text(
            "Name a case in which shared weights are the wrong assumption.",
            "举出一个不宜共享权值的例子。",
        ),
    ),
    settings=SharingSettings,
    sections=(
        Section(
            PARAMS,
            parameters,
            (
                Try(
                    Text(
                        "100×100 and a 3×3: 9 instead of one kernel a pixel, 90,000.",
                        "100×100 与 3×3：只需 9 个，而不是每个像素一个核的 90,000 个。",
                    ),
                    {"side": 100},
                ),
                Try(
                    Text(
                        "LeNet's first layer: 5·5·1·6 + 6 = 156.",
                        "LeNet 的第一层：5·5·1·6 + 6 = 156。",
                    ),
                    {"side": 32, "hidden": 4704, "kernel": 5, "inputs": 1, "outputs": 6},
                ),
            ),
        ),
        Section(
            SIGNAL,
            signal,
            (
                Try(
                    Text(
                        "Pooling over 6: the answer stays longer.",
                        "池化窗口为 6：多移几步，结果才变。",
                    ),
                    {"pooled": 6},
                ),
            ),
        ),
        Section(
            SHIFT,
            shift,
            (
                Try(
                    Text("Windows of 8: less is left of the shift.", "窗口为 8：平移的影响更小。"),
                    {"window": 8},
                ),
                Try(
                    Text(
                        "4 px: more than a window of 2 forgives.",
                        "4 像素：超出 2×2 窗口的容忍范围。",
                    ),
                    {"right": 4},
                ),
                Try(Text("No shift: nothing changes.", "不平移：什么也不变。"), {"right": 0}),
            ),
        ),
    ),
    places=(
        Place(
            Text(
                "AlexNet: most parameters sit in fully connected layers",
                "AlexNet：大部分参数在全连接层",
            ),
            "alexnet-2012",
            {"tab": "cost"},
        ),
        Place(Text("VGG-16 with a fully connected head", "带全连接分类头的 VGG-16"), "vgg-d"),
        Place(
            Text("VGG-16 with global average pooling", "改用全局平均池化的 VGG-16"),
            "vgg-d",
            {"head": "average"},
        ),
    ),
    sources="Zhang et al., Dive into Deep Learning, chapter 6",
    experiments=("images-shuffled-pixels",),
)
