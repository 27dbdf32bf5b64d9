"""The lab on batch normalisation."""

from cnnviz.labs.batch_norm.averages import batch_sizes, training_and_inference
from cnnviz.labs.batch_norm.depth import through_depth
from cnnviz.labs.batch_norm.settings import (
    CHANNEL,
    DEPTH,
    OTHERS,
    RUNNING,
    SIZE,
    STEPS,
    BatchNormSettings,
)
from cnnviz.labs.batch_norm.steps import four_steps, other_norms, per_channel
from cnnviz.labs.lab import Lab, Place, Section, Try
from cnnviz.text import Text

LAB = Lab(
    name="batch-norm",
    title=Text("Batch norm", "批量规范化"),
    lead=Text(
        "Each feature is brought to mean 0 and variance 1 over the batch, then scaled and shifted "
        "as the network has learnt.",
        "在小批量上把每个特征变成均值 0、方差 1，再按网络学到的系数缩放和平移。",
    ),
    goals=(
        Text("Do the four steps by hand on a small batch.", "在一个小批量上手算四个步骤。"),
        Text("Say what differs between training and inference.", "说明训练与推断有何不同。"),
        Text(
            "Tell batch, layer, group and instance norm by what they average over.",
            "按取平均的范围区分批量、层、组与实例规范化。",
        ),
    ),
    settings=BatchNormSettings,
    sections=(
        Section(
            STEPS,
            four_steps,
            (
                Try(
                    Text(
                        "4 and −4: divided by √16 = 4 they are 1 and −1.",
                        "4 与 −4：除以 √16 = 4，得 1 与 −1。",
                    ),
                    {"batch": "4_-4", "gamma": "1", "beta": "0"},
                ),
                Try(
                    Text(
                        "A feature that never changes: ε saves the division.",
                        "一个不变的特征：ε 使除法可行。",
                    ),
                    {"batch": "5,1_5,2_5,3"},
                ),
                Try(
                    Text("γ = √(σ² + ε), β = μ: undone.", "γ = √(σ² + ε)、β = μ：撤销规范化。"),
                    {"batch": "1_3", "gamma": "1.000005", "beta": "2"},
                ),
                Try(Text("A batch of 1.", "批量为 1。"), {"batch": "7,9"}),
            ),
        ),
        Section(CHANNEL, per_channel, reads=("epsilon",)),
        Section(
            RUNNING,
            training_and_inference,
            (
                Try(
                    Text(
                        "Momentum 0: only the last batch counts.", "动量为 0：只看最后一个小批量。"
                    ),
                    {"momentum": 0.0},
                ),
                Try(
                    Text("Momentum 1: nothing is gathered.", "动量为 1：什么也不累积。"),
                    {"momentum": 1.0},
                ),
            ),
            reads=("epsilon",),
        ),
        Section(SIZE, batch_sizes, (Try(Text("Draw other mates.", "换一批同伴。"), {"seed": 1}),)),
        Section(
            DEPTH,
            through_depth,
            (
                Try(
                    Text(
                        "Weights four times as large: saturated without, not with.",
                        "权重大四倍：无批量规范化则饱和，有则不饱和。",
                    ),
                    {"scale": 4.0, "activation": "tanh"},
                ),
                Try(
                    Text("After the activation instead.", "改放在激活函数之后。"),
                    {"place": "after"},
                ),
                Try(
                    Text("ReLU with small weights.", "ReLU 配较小的权重。"),
                    {"activation": "relu", "scale": 0.5},
                ),
            ),
        ),
        Section(
            OTHERS,
            other_norms,
            (
                Try(
                    Text(
                        "Change image 2 only: of image 1, batch norm alone changes.",
                        "只改图像 2：图像 1 的结果中只有批量规范化变了。",
                    ),
                    {"norm_2": "9,9_9,9_9,9_9,9"},
                ),
            ),
            reads=("epsilon",),
        ),
    ),
    places=(
        Place(
            Text(
                "LeNet with batch norm, before each activation",
                "带批量规范化的 LeNet，位于各激活函数之前",
            ),
            "lenet-bn-d2l",
        ),
        Place(
            Text(
                "GoogLeNet's successor, Inception with batch norm",
                "GoogLeNet 的后继：带批量规范化的 Inception",
            ),
            "inception-bn",
        ),
        Place(
            Text("ResNet-18: a norm after every convolution", "ResNet-18：每个卷积之后都有规范化"),
            "resnet-18",
            {"open": "stage1.block1"},
        ),
        Place(
            Text(
                "GoogLeNet and its form with batch norm beside each other",
                "并排对比 GoogLeNet 及其批量规范化版本",
            ),
            more={"n1": "googlenet", "n2": "inception-bn"},
            page="compare",
        ),
    ),
    sources="Ioffe and Szegedy 2015 (arXiv 1502.03167), Wu and He 2018 (arXiv 1803.08494) for the "
    "other norms, Zhang et al., Dive into Deep Learning, chapter 8, torch.nn.BatchNorm2d",
    experiments=(
        "batch-norm-learning-rate",
        "batch-norm-initialisation",
        "batch-norm-small-batches",
        "batch-norm-before-or-after-activation",
        "batch-norm-or-dropout",
    ),
)
