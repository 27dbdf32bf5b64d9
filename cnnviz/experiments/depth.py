"""Experiments on depth: degradation, and the signal of a deep network before it is trained."""

from math import log10

from cnnviz.experiments.experiment import (
    TEST_ACCURACY,
    TRAIN_LOSS,
    Experiment,
    Figures,
    Measure,
    probed,
)
from cnnviz.experiments.outcome import Outcome
from cnnviz.experiments.small import RESIDUAL, UNTRAINED, residual
from cnnviz.text import Text

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
            RESIDUAL,
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
        residual(name, title, preset, UNTRAINED, probe="signal", normalisation=norm)
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

WIDTH = Experiment(
    name="depth-or-width",
    title=Text("Depth or width at equal parameters", "参数量相同：加深还是加宽"),
    claim=Text(
        "With as many parameters, a deep and narrow network is better than a shallow and wide one, "
        "as long as it can be trained.",
        "参数量相同时，只要能够训练，深而窄的网络优于浅而宽的网络。",
    ),
    source=Text(
        "course, VGG: deep and narrow beats shallow and wide; against it Zagoruyko, Komodakis "
        "2016, arXiv 1605.07146, section 3",
        "课程“VGG”：深而窄优于浅而宽；相反的结论见 Zagoruyko、Komodakis，2016，"
        "arXiv 1605.07146，第 3 节",
    ),
    question=Text(
        "Three residual networks with the same number of parameters, within 5 %: 8 layers of 27 "
        "channels and more, 20 of 14, 56 of 8. Which has the best test accuracy?",
        "三个参数量相差不到 5 % 的残差网络：8 层、27 个通道起；20 层、14 个通道起；"
        "56 层、8 个通道起。哪个的测试准确率最高？",
    ),
    options=(
        Text("8 layers, wide", "8 层，宽"),
        Text("20 layers", "20 层"),
        Text("56 layers, narrow", "56 层，窄"),
    ),
    claimed=2,
    arms=tuple(
        residual(
            f"layers-{6 * blocks + 2}",
            Text(
                f"{6 * blocks + 2} layers, {channels} channels",
                f"{6 * blocks + 2} 层，{channels} 个通道",
            ),
            "resnet-20",
            RESIDUAL,
            depths=(blocks,) * 3,
            stem_channels=channels,
        )
        for blocks, channels in ((1, 27), (3, 14), (9, 8))
    ),
    measure=TEST_ACCURACY,
    holds=lambda accuracy: accuracy["layers-56"] > accuracy["layers-8"] + 0.01,
    rule=Text(
        "holds if the network of 56 layers is more than a point better in test accuracy than that "
        "of 8",
        "若 56 层网络的测试准确率比 8 层网络高 1 个百分点以上，则成立",
    ),
    why=Text(
        "More layers mean more steps of combining, and larger windows in the end. But each narrow "
        "layer has room for little, and a gradient has farther to go: once shortcuts make both "
        "trainable, the wide one often learns in fewer epochs, and its few large operations are "
        "faster.",
        "层数越多，逐级组合的步骤越多，最终的感受野也越大。但每个窄层容纳的信息很少，"
        "梯度要走的路更长：有了捷径之后两者都能训练，宽网络往往用更少的轮数学会，"
        "而且少量的大运算更快。",
    ),
    limits=Text(
        "Four epochs on simple images of 16 px, where 8 layers already see nearly all of it. The "
        "deep network would gain more from longer training.",
        "只在 16 像素的简单图像上训练四轮，8 层已几乎看到整张图像。延长训练对深层网络更有利。",
    ),
)


IDENTITY_LAYERS = Experiment(
    name="degradation-identity-layers",
    title=Text("56 = 20 + 36 identity layers", "56 = 20 + 36 个恒等层"),
    claim=Text(
        "A deeper network need not be worse: a trained one of 20 layers and 36 layers that are the "
        "identity are 56 layers with the same error. Training 56 layers does not find that.",
        "更深的网络本不应更差：训练好的 20 层加上 36 个恒等层，就是误差相同的 56 层网络。"
        "但直接训练 56 层找不到这个解。",
    ),
    source=Text(
        "course, ResNet: the space of the deeper network contains the shallow one; He et al. 2015, "
        "arXiv 1512.03385, section 1",
        "课程“残差网络”：较深网络的函数空间包含较浅的网络；He 等，2015，arXiv 1512.03385，第 1 节",
    ),
    question=Text(
        "A plain network of 56 layers is trained; another is put together from 20 trained layers "
        "and 36 that are the identity. Which has the smaller training loss?",
        "一个 56 层的普通网络直接训练得到；另一个由训练好的 20 层和 36 个恒等层拼成。"
        "谁的训练损失更小？",
    ),
    options=(
        Text("trained as 56 layers", "直接训练的 56 层"),
        Text("20 layers and 36 identities", "20 层加 36 个恒等层"),
        Text("both the same", "两者相同"),
    ),
    claimed=1,
    arms=tuple(
        residual(name, title, name, RESIDUAL, probe="with-identity-layers")
        for name, title in (
            ("plain-20", Text("20 layers and 36 identities", "20 层加 36 个恒等层")),
            ("plain-56", Text("trained as 56 layers", "直接训练的 56 层")),
        )
    ),
    measure=Measure(
        Text("training loss with 56 layers, as in testing", "56 层时的训练损失（测试模式）"),
        probed(lambda loss: loss["deeper"]),
        ".3f",
        False,
    ),
    holds=lambda loss: loss["plain-20"] < loss["plain-56"],
    rule=Text(
        "holds if the network put together has a smaller training loss than the one trained as 56 "
        "layers",
        "若拼成的网络的训练损失小于直接训练的 56 层网络，则成立",
    ),
    why=Text(
        "A 3×3 kernel with a one in its middle hands a map on, batch norm can be set to change "
        "nothing, and ReLU keeps what is not negative. So the good solution is there, and that "
        "training does not find it is a matter of optimisation, not of overfitting.",
        "中心为 1 的 3×3 卷积核把特征图原样传下去，批量规范化可以设成不改变任何值，"
        "ReLU 保留非负的值。可见好的解是存在的；训练找不到它，是优化问题而非过拟合。",
    ),
    limits=Text(
        "The identity holds with fixed statistics, as in testing. As soon as the layers were "
        "trained on, batch norm would take each batch's own, and they would be the identity no "
        "more. 128 training images.",
        "恒等映射只在统计量固定（测试模式）时成立。一旦继续训练，批量规范化就会改用各批量自己的"
        "统计量，这些层便不再是恒等映射。损失用 128 张训练图像计算。",
    ),
    part="train",
)
