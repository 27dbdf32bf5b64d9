"""The lab on stacked, separable and grouped convolutions."""

from cnnviz.labs.lab import Lab, Place, Section, Try
from cnnviz.labs.stacks.counts import network_in_network, separable, shuffle, stacked
from cnnviz.labs.stacks.settings import NIN, SEPARABLE, SHUFFLE, STACK, StacksSettings
from cnnviz.text import Text

LAB = Lab(
    name="stacks",
    title=Text("Stacks and groups", "堆叠与分组"),
    lead=Text(
        "One large convolution can be taken apart, in space or in channels, and each way saves "
        "weights.",
        "一个大的卷积可以拆开，按空间拆或按通道拆，都能节省权重。",
    ),
    goals=(
        Text(
            "Put small kernels in the place of a large one, and give the saving.",
            "用几个小卷积核代替大卷积核，并算出节省多少。",
        ),
        Text(
            "Count the weights of depthwise separable and grouped convolutions.",
            "计算深度可分离卷积与分组卷积的权重。",
        ),
        Text("Say why few parameters need not be fast.", "说明参数少为何不一定快。"),
    ),
    settings=StacksSettings,
    sections=(
        Section(
            STACK,
            stacked,
            (
                Try(
                    Text(
                        "Two 3×3 against one 5×5: 18/25 = 72 %.",
                        "两个 3×3 对一个 5×5：18/25 = 72 %。",
                    ),
                    {"count": 2},
                ),
                Try(Text("Five 3×3 against one 11×11.", "五个 3×3 对一个 11×11。"), {"count": 5}),
            ),
        ),
        Section(
            NIN,
            network_in_network,
            (
                Try(
                    Text(
                        "NiN's first block: 11×11 over one channel to 96, but for its stride of 4.",
                        "NiN 的第一块：单通道上的 11×11，到 96 个通道（未计其步幅 4）。",
                    ),
                    {"inputs": 1, "width": 96, "window": 11, "side": 54},
                ),
            ),
        ),
        Section(
            SEPARABLE,
            separable,
            (
                Try(
                    Text(
                        "512 to 512 channels, as in MobileNet.", "512 到 512 个通道，如 MobileNet。"
                    ),
                    {"from_channels": 512, "to_channels": 512},
                ),
            ),
        ),
        Section(
            SHUFFLE,
            shuffle,
            (
                Try(Text("Two groups of three.", "两组，每组三个。"), {"groups": 2}),
                Try(Text("One group: nothing moves.", "一组：什么也不动。"), {"groups": 1}),
            ),
        ),
    ),
    places=(
        Place(
            Text("VGG-16: blocks of two and three 3×3", "VGG-16：两个或三个 3×3 组成的块"), "vgg-d"
        ),
        Place(
            Text("VGG-16 with 7×7 kernels", "改用 7×7 卷积核的 VGG-16"), "vgg-d", {"kernel": "7x7"}
        ),
        Place(
            Text(
                "Time of NiN's layers on this device: which wait for memory",
                "NiN 各层在本设备上的时间：哪些受访存限制",
            ),
            "nin-d2l",
            {"tab": "time"},
        ),
        Place(
            Text("MobileNet: depthwise separable throughout", "MobileNet：全部是深度可分离卷积"),
            "mobilenet-v1",
        ),
        Place(
            Text("ShuffleNet: groups and shuffles", "ShuffleNet：分组与混洗"), "shufflenet-v1-g3"
        ),
        Place(
            Text("VGG blocks and NiN blocks beside each other", "并排对比 VGG 块与 NiN 块"),
            more={"n1": "vgg-11-d2l", "n2": "nin-d2l"},
            page="compare",
        ),
    ),
    sources="Simonyan and Zisserman 2014 (arXiv 1409.1556), section 2.3; Lin et al. 2013 (arXiv "
    "1312.4400); Howard et al. 2017 (arXiv 1704.04861), section 3.1; Zhang et al. 2017 (arXiv "
    "1707.01083)",
)
