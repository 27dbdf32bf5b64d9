"""The lab on edges."""

from cnnviz.labs.edges.filters import learning, on_picture, stripes
from cnnviz.labs.edges.settings import LEARN, PICTURE, STRIPES, EdgesSettings
from cnnviz.labs.lab import Lab, Place, Section, Try
from cnnviz.text import Text

LAB = Lab(
    name="edges",
    title=Text("Edges", "边缘"),
    lead=Text(
        "Two weights find edges. Which weights, a network learns from data by itself.",
        "两个权重就能检测边缘。至于用什么权重，网络自己从数据中学。",
    ),
    goals=(
        Text("Choose a kernel for vertical or horizontal edges.", "为竖直或水平边缘选择卷积核。"),
        Text(
            "Say how gradient descent finds a kernel from input and output alone.",
            "说明梯度下降如何仅凭输入与输出学到卷积核。",
        ),
    ),
    settings=EdgesSettings,
    sections=(
        Section(
            STRIPES,
            stripes,
            (
                Try(Text("Transpose the image: all 0.", "转置图像：全为 0。"), {"turned": True}),
                Try(
                    Text(
                        "Transpose the kernel, too: the edges are back.",
                        "卷积核也转置：边缘又出现了。",
                    ),
                    {"turned": True, "kernel": "1_-1"},
                ),
            ),
        ),
        Section(
            PICTURE,
            on_picture,
            (
                Try(Text("Blur a checkerboard.", "模糊棋盘格。"), {"which": 7, "filter": "blur"}),
                Try(
                    Text("Horizontal edges of a T-shirt.", "T 恤的水平边缘。"),
                    {"source": "fashion-mnist-6k", "filter": "sobel-y"},
                ),
                Try(
                    Text(
                        "Your own kernel: edges in all directions.", "自定义卷积核：各方向的边缘。"
                    ),
                    {"filter": "own"},
                ),
            ),
            idle=lambda settings: (
                *(("own",) if settings.filter != "own" else ()),
                *(("which",) if settings.source == "own" else ()),
            ),
        ),
        Section(
            LEARN,
            learning,
            (
                Try(
                    Text("50 steps: 1 −1 to three digits.", "50 步：1 −1 精确到三位。"),
                    {"steps": 50},
                ),
                Try(Text("Learning rate 0.2: it diverges.", "学习率 0.2：发散。"), {"rate": 0.2}),
            ),
        ),
    ),
    places=(
        Place(
            Text(
                "What AlexNet's first layer reads: 96 kernels of 11×11",
                "AlexNet 第一层：96 个 11×11 卷积核",
            ),
            "alexnet-2012",
        ),
        Place(Text("LeNet-5's C1", "LeNet-5 的 C1"), "lenet-5", {"at": "C1.conv"}),
    ),
    sources="Zhang et al., Dive into Deep Learning, section 7.2; Sobel and Feldman 1968",
)
