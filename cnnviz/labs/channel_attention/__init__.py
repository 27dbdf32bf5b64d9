"""The lab on squeeze and excitation."""

from cnnviz.labs.channel_attention.gate import cost, weighed
from cnnviz.labs.channel_attention.settings import COST, GATE, ChannelAttentionSettings
from cnnviz.labs.lab import Lab, Place, Section, Try
from cnnviz.text import Text

LAB = Lab(
    name="attention-to-channels",
    title=Text("Channel attention", "通道注意力"),
    lead=Text(
        "Squeeze and excitation: what the whole map shows decides, image by image, which channels "
        "count.",
        "压缩与激励：由整张特征图的内容，逐图决定哪些通道重要。",
    ),
    goals=(
        Text(
            "Follow an image through squeeze, excitation and scaling.",
            "跟随一幅图像走完压缩、激励与加权三步。",
        ),
        Text("Count what a gate adds to a block.", "算出门控给一个块增加多少参数。"),
    ),
    settings=ChannelAttentionSettings,
    sections=(
        Section(
            GATE,
            weighed,
            (
                Try(
                    Text(
                        "Vertical stripes instead: the same weights, and another channel is let "
                        "through.",
                        "换成竖条纹：权重不变，通过的通道却变了。",
                    ),
                    {"which": 6, "first": "1,-1,0,0_-1,1,0,0", "second": "9,-9_-9,9_0,0_0,0"},
                ),
                Try(
                    Text(
                        "Horizontal stripes with those weights.",
                        "同样的权重，横条纹。",
                    ),
                    {"which": 5, "first": "1,-1,0,0_-1,1,0,0", "second": "9,-9_-9,9_0,0_0,0"},
                ),
                Try(
                    Text(
                        "W₂ all 0: every channel counts one half.",
                        "W₂ 全为 0：各通道权重都是一半。",
                    ),
                    {"second": "0,0_0,0_0,0_0,0"},
                ),
            ),
            idle=lambda settings: ("which",) if settings.source == "own" else (),
        ),
        Section(
            COST,
            cost,
            (
                Try(
                    Text("2048 channels, as in the last stage.", "2048 个通道，如最后一个阶段。"),
                    {"channels": 2048},
                ),
            ),
        ),
    ),
    places=(
        Place(
            Text("SE-ResNet-50: a gate at the end of each block", "SE-ResNet-50：每个块末尾的门"),
            "se-resnet-50",
            {"open": "stage1.block1"},
        ),
        Place(
            Text("ResNet-50 with reduction 4", "缩减比为 4 的 ResNet-50"),
            "se-resnet-50",
            {"reduction": "4"},
        ),
        Place(
            Text(
                "ResNet-50 and SE-ResNet-50 beside each other", "并排对比 ResNet-50 与 SE-ResNet-50"
            ),
            more={"n1": "resnet-50", "n2": "se-resnet-50"},
            page="compare",
        ),
    ),
    sources="Hu et al. 2017 (arXiv 1709.01507)",
)
