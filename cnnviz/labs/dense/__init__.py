"""The lab on dense blocks."""

from cnnviz.labs.dense.growth import grows, joined, transition
from cnnviz.labs.dense.settings import ADD, GROWTH, TRANSITION, DenseSettings
from cnnviz.labs.lab import Lab, Place, Section, Try
from cnnviz.text import Text

LAB = Lab(
    name="dense",
    title=Text("Dense blocks", "稠密块"),
    lead=Text(
        "Every layer reads what all layers before it have found, and adds only a few channels.",
        "每一层都读取之前所有层的输出，自己只新增少数几个通道。",
    ),
    goals=(
        Text(
            "Give the channels that a layer reads, and the connections of a block.",
            "求任一层读取的通道数，以及块内的连接数。",
        ),
        Text("Say what a transition and θ are for.", "说明过渡层与 θ 的作用。"),
        Text("Tell joining from adding.", "区分拼接与相加。"),
    ),
    settings=DenseSettings,
    sections=(
        Section(
            GROWTH,
            grows,
            (
                Try(
                    Text("Five layers, k = 4: 15 connections.", "五层、k = 4：15 条连接。"),
                    {"start": 6, "growth": 4, "layers": 5},
                ),
                Try(
                    Text(
                        "DenseNet-121's first block: 64 + 6·32 = 256.",
                        "DenseNet-121 的第一个稠密块：64 + 6·32 = 256。",
                    ),
                    {"start": 64, "growth": 32, "layers": 6, "size": 56},
                ),
            ),
        ),
        Section(
            TRANSITION,
            transition,
            (
                Try(
                    Text(
                        "θ = 0.45: 10 channels, as in the course.", "θ = 0.45：10 个通道，同教材。"
                    ),
                    {"compression": 0.45},
                ),
                Try(
                    Text("θ = 1 only halves the size.", "θ = 1 只把尺寸减半。"),
                    {"compression": 1.0},
                ),
            ),
            reads=("start", "growth", "layers"),
        ),
        Section(ADD, joined, reads=("start", "growth", "layers")),
    ),
    places=(
        Place(
            Text("DenseNet-121's first block", "DenseNet-121 的第一个稠密块"),
            "densenet-121",
            {"open": "block1", "at": "block1"},
        ),
        Place(
            Text("DenseNet-121 without compression", "不压缩的 DenseNet-121"),
            "densenet-121",
            {"compression": "1"},
        ),
        Place(Text("The course's small DenseNet", "教材中的小型 DenseNet"), "densenet-d2l"),
        Place(
            Text(
                "ResNet-101 and DenseNet-161 beside each other",
                "并排对比 ResNet-101 与 DenseNet-161",
            ),
            more={"n1": "resnet-101", "n2": "densenet-161"},
            page="compare",
        ),
    ),
    sources="Huang et al. 2016 (arXiv 1608.06993), Zhang et al., Dive into Deep "
    "Learning, chapter 8",
    experiments=("densenet-reuse", "densenet-or-resnet"),
)
