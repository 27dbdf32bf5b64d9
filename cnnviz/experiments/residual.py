"""Experiments on shortcuts: the identity as a task, a block taken out, the orders of a block."""

from statistics import fmean

from cnnviz.experiments.experiment import TRAIN_LOSS, Experiment, Figures, Measure, probed
from cnnviz.experiments.small import RESIDUAL, UNTRAINED, residual
from cnnviz.text import Text
from cnnviz.training.probes.probe import WHOLE
from cnnviz.zoo.residual import ORDERS

_PLAIN = Text("plain", "普通网络")
_RESIDUAL = Text("residual", "残差网络")


def _last(errors: Figures) -> float:
    return list(errors.values())[-1]


def _with(network: Text, norm: Text) -> Text:
    return Text(f"{network.en}, {norm.en}", f"{network.zh}，{norm.zh}")


IDENTITY = Experiment(
    name="residual-identity",
    title=Text("The identity is hard, zero is easy", "学习恒等映射难，学习零映射易"),
    claim=Text(
        "A stack of convolutions and ReLU hardly learns the identity. The same stack with "
        "shortcuts only has to learn zero, and does.",
        "由卷积和 ReLU 堆叠的层很难学会恒等映射；加上捷径后只需学习零映射，容易学会。",
    ),
    source=Text(
        "course, ResNet: “fit H(x) = x (hard), fit F(x) = 0 (easy)”; He et al. 2015, section 3.1",
        "课程“残差网络”：任务 A 拟合 H(x) = x（困难），任务 B 拟合 F(x) = 0（简单）；"
        "He 等，2015，3.1 节",
    ),
    question=Text(
        "The nine blocks of a first stage, without normalisation, are trained to give back what "
        "they get. Which error is smaller after 100 steps?",
        "训练第一阶段的九个块（无规范化），使其输出等于输入。100 步之后，谁的误差更小？",
    ),
    options=(
        Text("without shortcuts", "没有捷径"),
        Text("with shortcuts, clearly", "有捷径，明显更小"),
        Text("both learn it about as well", "两者差不多"),
    ),
    claimed=1,
    arms=tuple(
        residual(
            name,
            title,
            preset,
            UNTRAINED,
            probe="fit-the-identity",
            normalisation=norm,
        )
        for norm, suffix, spoken in (
            ("none", "", Text("no normalisation", "无规范化")),
            ("batch", "-norm", Text("batch norm", "批量规范化")),
        )
        for name, preset, title in (
            (f"plain{suffix}", "plain-56", _with(_PLAIN, spoken)),
            (f"residual{suffix}", "resnet-56", _with(_RESIDUAL, spoken)),
        )
    ),
    measure=Measure(
        Text(
            "squared error after the last step, as a share of the variance",
            "最后一步的平方误差与方差之比",
        ),
        probed(_last),
        ".3f",
        False,
    ),
    holds=lambda error: error["residual"] < error["plain"] / 2,
    rule=Text(
        "holds if the error with shortcuts is less than half of that without them, where nothing "
        "is normalised",
        "若在无规范化时，有捷径的误差小于没有捷径的一半，则成立",
    ),
    why=Text(
        "Without a shortcut, 18 layers of weights have to be tuned so that each undoes what the "
        "others did. With one, the weights only have to become small: at zero the block is the "
        "identity, since its input is not negative and ReLU keeps it. Batch norm changes the task: "
        "it lets the plain stack learn, and holds each F(x) at deviation 1, so that the other "
        "begins far from zero.",
        "没有捷径时，18 层权重必须精确配合，才能相互抵消。有捷径时，权重只需变小：权重为零时，"
        "块就是恒等映射，因为其输入非负，ReLU 不会改变它。批量规范化改变了任务："
        "它使普通层也能学习，又使每个 F(x) 的标准差保持为 1，残差层因此从远离零处开始。",
    ),
    limits=Text(
        "One batch of images and 100 steps of Adam from PyTorch's small weights. From Kaiming's, "
        "which are larger, the stack with shortcuts begins far from the identity and ends worse "
        "than the plain one: zero is easy where weights begin near it.",
        "只用一个批量的图像，从 PyTorch 较小的默认权重出发训练 100 步 Adam。"
        "若从较大的 Kaiming 权重出发，有捷径的层一开始就远离恒等映射，结果反而更差："
        "权重从零附近开始时，学习零映射才容易。",
    ),
    part="train",
)


def _lost(accuracy: Figures) -> float:
    """Test accuracy that is lost on average by taking one block out."""
    without = [value for name, value in accuracy.items() if name != WHOLE]
    return accuracy[WHOLE] - fmean(without)


def _hardly_notices(lost: Figures) -> bool:
    return lost["residual"] < lost["plain"] / 2


WITHOUT_A_BLOCK = Experiment(
    name="residual-without-a-block",
    title=Text("A block taken out of a trained network", "从训练好的网络中移除一个块"),
    claim=Text(
        "A trained residual network hardly notices when one of its blocks is taken out; a plain "
        "network collapses.",
        "从训练好的残差网络中移除一个块，几乎没有影响；而普通网络会崩溃。",
    ),
    source=Text(
        "course, ResNet: a superfluous layer becomes the identity; Veit, Wilber, Belongie 2016, "
        "arXiv 1605.06431, figure 3",
        "课程“残差网络”：冗余的层可退化为恒等映射；Veit、Wilber、Belongie，2016，"
        "arXiv 1605.06431，图 3",
    ),
    question=Text(
        "Both networks of 20 layers are trained. Then one block is replaced by handing on its "
        "input. Which loses more accuracy?",
        "训练两个 20 层的网络，然后将其中一个块替换为直接传递输入。哪个网络的准确率下降更多？",
    ),
    options=(
        Text("plain", "普通网络"),
        Text("residual", "残差网络"),
        Text("both about as much", "两者差不多"),
        Text("neither loses anything", "都不下降"),
    ),
    claimed=0,
    arms=tuple(
        residual(name, title, preset, RESIDUAL, probe="without-a-block")
        for name, preset, title in (
            ("plain", "plain-20", _PLAIN),
            ("residual", "resnet-20", _RESIDUAL),
        )
    ),
    measure=Measure(
        Text("test accuracy lost by one block, on average", "移除一个块平均损失的测试准确率"),
        probed(_lost),
        ".1%",
        False,
    ),
    holds=_hardly_notices,
    rule=Text(
        "holds if a residual network loses less than half of what a plain one loses",
        "若残差网络的损失小于普通网络的一半，则成立",
    ),
    why=Text(
        "A residual block adds a little to what it gets, and the blocks after it still find what "
        "they know. The network is like many shorter ones side by side, and one block less cuts "
        "half of the ways through it. In a plain network there is one way, and each block "
        "translates for the next.",
        "残差块只在输入上加一点修正，后面的块仍能得到熟悉的特征。网络如同许多较短的网络并联，"
        "少一个块只切断一半的通路。普通网络只有一条通路，每个块的输出专为下一个块而学。",
    ),
    limits=Text(
        "The block that opens a stage changes the shape and stays. With few blocks each matters "
        "more: the paper takes one of 54 out.",
        "每个阶段的首个块会改变形状，因此保留。块越少，每个块越重要：论文的网络有 54 个块。",
    ),
)

_FIVE = RESIDUAL.turn(images=2500)  # so that five networks of 56 layers take two minutes
_ORDER_NAMES = {
    "original": Text("original", "原始"),
    "norm-after-add": Text("norm after addition", "相加后规范化"),
    "relu-before-add": Text("ReLU before addition", "相加前 ReLU"),
    "relu-pre-activation": Text("ReLU-only pre-activation", "仅 ReLU 预激活"),
    "pre-activation": Text("full pre-activation", "完全预激活"),
}


def _easiest(loss: Figures) -> bool:
    return loss["pre-activation"] == min(loss.values())


ORDER = Experiment(
    name="residual-order",
    title=Text("Five orders of a residual block", "残差块的五种顺序"),
    claim=Text(
        "Of the five orders of normalisation, ReLU and addition, full pre-activation trains a "
        "deep network most easily.",
        "在规范化、ReLU 与相加的五种先后顺序中，完全预激活使深层网络最容易训练。",
    ),
    source=Text(
        "course, ResNet: variants of the residual block; He et al. 2016, arXiv 1603.05027, table 2",
        "课程“残差网络”：残差块的各种变体；He 等，2016，arXiv 1603.05027，表 2",
    ),
    question=Text(
        "A residual network of 56 layers in five orders. Which has the smallest training loss?",
        "一个 56 层的残差网络，采用五种顺序。哪种的训练损失最小？",
    ),
    options=tuple(_ORDER_NAMES.values()),
    claimed=4,
    arms=tuple(
        residual(name, _ORDER_NAMES[name], "resnet-56", _FIVE, order=name) for name in ORDERS
    ),
    measure=TRAIN_LOSS,
    holds=_easiest,
    rule=Text(
        "holds if full pre-activation has the smallest training loss of the five",
        "若完全预激活的训练损失在五种中最小，则成立",
    ),
    why=Text(
        "Where nothing stands after the addition, the sum goes through the whole network "
        "unchanged, and so does the gradient on its way back. Batch norm after the addition breaks "
        "that way, ReLU before it lets the sum only grow.",
        "若相加之后不再有任何运算，和就能不变地贯穿整个网络，梯度也能原样返回。"
        "相加后规范化会打断这条通路；相加前 ReLU 则使和只增不减。",
    ),
    limits=Text(
        "The paper sees it at 110 to 1001 layers after 200 epochs. At 56 layers and four epochs "
        "the differences are small.",
        "论文在 110 至 1001 层、训练 200 轮后观察到这一点。56 层、四轮时差别很小。",
    ),
    part="train",
)
