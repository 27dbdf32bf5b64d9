"""The lab on Inception blocks."""

from cnnviz.labs.inception.blocks import against, block, factors
from cnnviz.labs.inception.settings import (
    AGAINST,
    BLOCK,
    FACTORS,
    NUDGE,
    SCALES,
    InceptionSettings,
)
from cnnviz.labs.inception.views import nudge, scales
from cnnviz.labs.lab import Lab, Place, Section, Try
from cnnviz.text import Text

LAB = Lab(
    name="inception",
    title=Text("Inception", "Inception 块"),
    lead=Text(
        "Kernels of several sizes read the same map; a cheap 1×1 in front keeps the large ones "
        "affordable.",
        "几种大小的卷积核读取同一张特征图；前面放一个便宜的 1×1，大卷积核才用得起。",
    ),
    goals=(
        Text("Count a block from its six numbers.", "由六个数算出一个块的参数量。"),
        Text(
            "Say what the 1×1 in front of the 3×3 and 5×5 save.",
            "说明 3×3 与 5×5 之前的 1×1 节省了什么。",
        ),
        Text(
            "Say which windows the paths see, and what the pooling path forgives.",
            "说明各路径看到多大的窗口，以及池化路径能容忍什么。",
        ),
    ),
    settings=InceptionSettings,
    sections=(
        Section(
            BLOCK,
            block,
            (
                Try(
                    Text(
                        "GoogLeNet's 3b: 256 channels in, 480 out.",
                        "GoogLeNet 的 3b：输入 256，输出 480 个通道。",
                    ),
                    {"inputs": 256, "split": (128, 128, 192, 32, 96, 64)},
                ),
                Try(
                    Text(
                        "GoogLeNet's last block, 5b: 1024 channels out.",
                        "GoogLeNet 的最后一块 5b：输出 1024 个通道。",
                    ),
                    {"inputs": 832, "size": 7, "split": (384, 192, 384, 48, 128, 128)},
                ),
            ),
        ),
        Section(AGAINST, against, reads=("split", "inputs", "size")),
        Section(
            SCALES,
            scales,
            (
                Try(
                    Text("One block: three sizes, 1 2 1.", "一个块：三种大小，1 2 1。"),
                    {"blocks": 1},
                ),
                Try(
                    Text(
                        "GoogLeNet's stage 4: five blocks, eleven sizes.",
                        "GoogLeNet 的第 4 阶段：五个块，十一种大小。",
                    ),
                    {"blocks": 5},
                ),
            ),
            reads=("split",),
        ),
        Section(
            NUDGE,
            nudge,
            (
                Try(
                    Text(
                        "Noise in place of a shift: does the maximum forgive it, too?",
                        "不平移，改加噪声：最大值也能容忍吗？",
                    ),
                    {"right": 0, "noise": 0.3},
                ),
                Try(
                    Text(
                        "Shifted by 3 pixels, further than the window reaches.",
                        "平移 3 个像素，超出窗口的范围。",
                    ),
                    {"right": 3},
                ),
            ),
            idle=lambda settings: ("which",) if settings.source == "own" else (),
        ),
        Section(
            FACTORS,
            factors,
            (
                Try(Text("7×7: 49 against 27 and 14.", "7×7：49 对 27 与 14。"), {"kernel": 7}),
                Try(Text("3×3: 9 against 6.", "3×3：9 对 6。"), {"kernel": 3}),
            ),
        ),
    ),
    places=(
        Place(
            Text("GoogLeNet's block 3a", "GoogLeNet 的 3a 块"),
            "googlenet",
            {"open": "inception_3a", "at": "inception_3a"},
        ),
        Place(
            Text("GoogLeNet of naive blocks", "由朴素模块组成的 GoogLeNet"),
            "googlenet",
            {"module": "naive"},
        ),
        Place(
            Text("Inception v3: factorised kernels", "Inception v3：分解的卷积核"), "inception-v3"
        ),
        Place(
            Text("Four generations beside each other", "四代 Inception 并排对比"),
            more={
                "n1": "googlenet",
                "n2": "inception-bn",
                "n3": "inception-v3",
                "n4": "inception-v4",
            },
            page="compare",
        ),
    ),
    sources="Szegedy et al. 2014 (arXiv 1409.4842), table 1, and 2015 (arXiv 1512.00567)",
    experiments=("inception-branches", "auxiliary-heads"),
)
