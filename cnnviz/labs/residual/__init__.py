"""The lab on residual networks."""

from cnnviz.labs.lab import Lab, Place, Section, Try
from cnnviz.labs.residual.blocks import costs, orders
from cnnviz.labs.residual.classes import nested, taylor
from cnnviz.labs.residual.paths import paths, through_depth
from cnnviz.labs.residual.settings import (
    BLOCKS,
    GRADIENT,
    IDENTITY,
    NESTED,
    ORDERS,
    PATHS,
    TAYLOR,
    ResidualSettings,
)
from cnnviz.labs.residual.toy import identity
from cnnviz.text import Text

LAB = Lab(
    name="residual",
    title=Text("Residuals", "残差"),
    lead=Text(
        "A block that gives x + F(x) has only to learn what is missing: F(x) = H(x) − x.",
        "输出 x + F(x) 的块只需学习还缺的部分：F(x) = H(x) − x。",
    ),
    goals=(
        Text(
            "Say why a block of zero weights is the identity.",
            "说明权重全为零的块为何就是恒等映射。",
        ),
        Text(
            "Compute the gradient through n blocks with and without shortcuts.",
            "计算有、无捷径时梯度经过 n 个块之后的大小。",
        ),
        Text(
            "Count the parameters of a bottleneck and a basic block.",
            "算出瓶颈块与基本块的参数量。",
        ),
    ),
    settings=ResidualSettings,
    sections=(
        Section(
            IDENTITY,
            identity,
            (
                Try(
                    Text("One block: both can learn it.", "只有一个块：两者都学得会。"),
                    {"depth": 1},
                ),
                Try(
                    Text("All weights 0 at the start.", "初始权重全为 0。"),
                    {"scale": 0.0},
                ),
                Try(
                    Text(
                        "H(x) = −x: zero weights are worse with a shortcut (4.18) than without.",
                        "H(x) = −x：权重全为 0 时，有捷径（4.18）反而比没有更差。",
                    ),
                    {"goal": "negative"},
                ),
                Try(
                    Text(
                        "Initial weights 1: now the plain one moves, and with shortcuts the sum "
                        "grows from block to block. Normalisation is for that.",
                        "初始权重为 1：没有捷径的能动了，有捷径的则逐块增大。规范化正是为此。",
                    ),
                    {"scale": 1.0},
                ),
            ),
        ),
        Section(
            GRADIENT,
            through_depth,
            (
                Try(
                    Text("100 blocks of slope 0.", "100 个导数为 0 的块。"),
                    {"deep": 100, "slope": 0.0},
                ),
                Try(Text("Slope −1 shuts the way.", "导数为 −1 时通路被堵住。"), {"slope": -1.0}),
            ),
        ),
        Section(
            PATHS,
            paths,
            (
                Try(Text("Take block 2 out.", "去掉块 2。"), {"removed": 2}),
                Try(
                    Text("Five blocks: 32 paths.", "五个块：32 条路径。"), {"factors": "1,1,1,1,1"}
                ),
            ),
        ),
        Section(
            ORDERS,
            orders,
            (
                Try(
                    Text("w = 0: what the shortcut alone does.", "w = 0：只有捷径时如何。"),
                    {"weight": 0.0},
                ),
            ),
        ),
        Section(
            BLOCKS,
            costs,
            (
                Try(
                    Text(
                        "64 channels, as in the first stage of ResNet-18.",
                        "64 个通道，如 ResNet-18 的第一个阶段。",
                    ),
                    {"channels": 64},
                ),
            ),
        ),
        Section(
            NESTED,
            nested,
            (Try(Text("|t| instead of a wave.", "把正弦换成 |t|。"), {"target": "corner"}),),
        ),
        Section(
            TAYLOR,
            taylor,
            (Try(Text("Two terms: 1 + x.", "两项：1 + x。"), {"terms": 2}),),
        ),
    ),
    places=(
        Place(
            Text("ResNet-18's basic blocks", "ResNet-18 的基本块"),
            "resnet-18",
            {"open": "stage1.block1", "at": "stage1.block1"},
        ),
        Place(
            Text("ResNet-50's bottlenecks", "ResNet-50 的瓶颈块"),
            "resnet-50",
            {"open": "stage1.block1", "at": "stage1.block1"},
        ),
        Place(
            Text("Full pre-activation in a ResNet-50", "完全预激活的 ResNet-50"),
            "resnet-50",
            {"order": "pre-activation"},
        ),
        Place(
            Text("Plain-56 and ResNet-56 beside each other", "并排对比 Plain-56 与 ResNet-56"),
            more={"n1": "plain-56", "n2": "resnet-56"},
            page="compare",
        ),
    ),
    sources="He et al. 2015 (arXiv 1512.03385) and 2016 (arXiv 1603.05027), Veit et al. 2016 "
    "(arXiv 1605.06431) for the paths, Zhang et al., Dive into Deep Learning, chapter 8",
    experiments=(
        "residual-identity",
        "residual-without-a-block",
        "residual-order",
        "degradation",
        "loss-surface-shortcuts",
    ),
)
