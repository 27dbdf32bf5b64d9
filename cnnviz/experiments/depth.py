"""Experiments on depth: degradation, and the signal of a deep network before it is trained."""

from math import log10

from cnnviz.experiments.experiment import TRAIN_LOSS, Experiment, Figures, Measure
from cnnviz.experiments.outcome import Outcome
from cnnviz.experiments.small import residual
from cnnviz.text import Text
from cnnviz.training.recipe import Recipe

_LEAST = 1e-45  # of a 32-bit number; smaller ones are zero
_RESNET = Text(
    "course, ResNet: “Are deeper networks always better?”; He et al. 2015, arXiv 1512.03385, "
    "figure 1",
    "课程“残差网络（ResNet）”：网络越深，效果一定越好吗？；He 等，2015，arXiv 1512.03385，图 1",
)

DEGRADATION = Experiment(
    name="degradation",
    title=Text("Degradation: deeper and worse", "退化：更深反而更差"),
    claim=Text(
        "A plain network of 56 layers has a larger training error than one of 20 layers, so it is "
        "not overfitting: it is harder to optimise. With shortcuts, 56 layers train.",
        "56 层的普通网络训练误差高于 20 层的普通网络，因此这不是过拟合，而是更难优化。"
        "加上捷径后，56 层也能训练。",
    ),
    source=_RESNET,
    question=Text(
        "Three networks see the same images. Whose training loss is the largest at the end?",
        "三个网络看到相同的图像。训练结束时，谁的训练损失最大？",
    ),
    options=(
        Text("plain, 20 layers: too small", "普通 20 层：容量太小"),
        Text("plain, 56 layers", "普通 56 层"),
        Text("residual, 56 layers", "残差 56 层"),
        Text("all about the same", "三者差不多"),
    ),
    claimed=1,
    arms=tuple(
        residual(
            name,
            title,
            preset,
            Recipe(epochs=4, images=3000, batch_size=50, learning_rate=0.05, weight_decay=0.0001),
        )
        for name, preset, title in (
            ("plain-20", "plain-20", Text("plain, 20 layers", "普通网络，20 层")),
            ("plain-56", "plain-56", Text("plain, 56 layers", "普通网络，56 层")),
            ("residual-56", "resnet-56", Text("residual, 56 layers", "残差网络，56 层")),
        )
    ),
    measure=TRAIN_LOSS,
    holds=lambda loss: loss["plain-56"] > max(loss["plain-20"], loss["residual-56"]),
    rule=Text(
        "holds if the training loss of the plain network of 56 layers is larger than that of both "
        "others",
        "若 56 层普通网络的训练损失大于另外两个，则成立",
    ),
    why=Text(
        "The 56 layers could do what the 20 do, if 36 of them were the identity. Gradient descent "
        "does not find that: a stack of convolution, batch norm and ReLU is far from the identity "
        "when it begins. A residual block is near it from the start, since y = x + F(x) and F(x) "
        "only has to become small.",
        "只要其中 36 层是恒等映射，56 层就能做到 20 层所做的一切。但梯度下降找不到这个解："
        "由卷积、批量规范化和 ReLU 堆叠成的层，初始时远非恒等映射。残差块 y = x + F(x) 从一开始"
        "就接近恒等映射，F(x) 只需变小即可。",
    ),
    limits=Text(
        "A short training on small images: the plain network of 56 layers would go on learning. "
        "That it stays worse after hundreds of epochs is the paper's finding, not this one's.",
        "这里只在小图像上训练很短的时间：56 层普通网络若继续训练，损失还会下降。"
        "训练数百轮后它仍然更差，是论文的结论，而非本实验的结论。",
    ),
    part="train",
)


def _away_from_one(outcome: Outcome) -> float:
    """Decades between 1 and the gradient norm of the first layer in the first step."""
    return abs(log10(max(outcome.first_gradients[0], _LEAST)))


def _tames(spans: Figures) -> bool:
    return (
        spans["plain-56-none"] > 10
        and spans["plain-56"] > spans["residual-56"]
        and spans["residual-56-none"] < spans["plain-56-none"]
    )


_ONE_STEP = Recipe(epochs=1, images=64, batch_size=64, learning_rate=0.0001, momentum=0.0)

SIGNAL = Experiment(
    name="signal-at-initialisation",
    title=Text("The signal of a deep network before training", "训练前，深层网络中的信号"),
    claim=Text(
        "In a deep plain network the signal fades from layer to layer, and with it the gradient. "
        "Batch norm keeps the signal in scale, shortcuts let the gradient pass.",
        "在深层普通网络中，信号逐层衰减，梯度也随之消失。批量规范化使信号保持尺度，"
        "捷径使梯度得以通过。",
    ),
    source=Text(
        "course, ResNet and batch norm: vanishing and exploding gradients; He et al. 2015",
        "课程“残差网络”与“批量规范化”：梯度消失与爆炸；He 等，2015",
    ),
    question=Text(
        "One batch goes through four untrained networks of 56 layers and back. In which is the "
        "gradient of the first layer nearest to 1, neither vanished nor exploded?",
        "将一个批量送入四个未经训练的 56 层网络并反向传播。哪一个网络第一层的梯度最接近 1，"
        "既不消失也不爆炸？",
    ),
    options=(
        Text("plain, without normalisation", "普通网络，无规范化"),
        Text("plain, with batch norm", "普通网络，批量规范化"),
        Text("residual, with batch norm", "残差网络，批量规范化"),
        Text("no difference before training", "训练前没有差别"),
    ),
    claimed=2,
    arms=tuple(
        residual(name, title, preset, _ONE_STEP, probe="signal", normalisation=norm)
        for name, preset, norm, title in (
            (
                *("plain-56-none", "plain-56", "none"),
                Text("plain, no normalisation", "普通网络，无规范化"),
            ),
            ("plain-56", "plain-56", "batch", Text("plain, batch norm", "普通网络，批量规范化")),
            (
                *("residual-56-none", "resnet-56", "none"),
                Text("residual, no normalisation", "残差网络，无规范化"),
            ),
            (
                *("residual-56", "resnet-56", "batch"),
                Text("residual, batch norm", "残差网络，批量规范化"),
            ),
        )
    ),
    measure=Measure(
        Text(
            "decades between 1 and the first layer's gradient norm",
            "第一层梯度范数与 1 相差的数量级",
        ),
        _away_from_one,
        ".1f",
        False,
    ),
    holds=_tames,
    rule=Text(
        "holds if the first layer's gradient is more than ten decades away from 1 in the plain "
        "network without normalisation, shortcuts alone make that less, and with batch norm it is "
        "nearer to 1 in the residual network than in the plain one",
        "若无规范化普通网络的第一层梯度与 1 相差超过十个数量级，仅加捷径即可使其减小，"
        "且同为批量规范化时残差网络比普通网络更接近 1，则成立",
    ),
    why=Text(
        "Each layer multiplies the signal, and on the way back the gradient, by about the same "
        "factor. 56 times a factor below one is nothing, 56 times a factor above one is large. "
        "Batch norm sets the factor of the signal to one in each layer, but the gradient's is then "
        "somewhat above one. A sum x + F(x) adds a way with the factor one.",
        "每一层都把信号（反向时为梯度）乘以大致相同的系数。小于一的系数连乘 56 次趋于零，"
        "大于一的系数连乘 56 次则很大。批量规范化使每层信号的系数为一，但梯度的系数此时略大于一。"
        "相加 x + F(x) 提供了一条系数恰为一的通路。",
    ),
    limits=Text(
        "PyTorch's own initialisation. With Kaiming's, the plain network without normalisation "
        "keeps its signal, too: try it on the Training page.",
        "这里使用 PyTorch 默认初始化。若使用 Kaiming 初始化，无规范化的普通网络也能保持信号："
        "可在“训练”页尝试。",
    ),
    part="train",
)
