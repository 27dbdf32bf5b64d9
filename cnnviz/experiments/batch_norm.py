"""Experiments on what batch norm allows: larger rates, bad initial weights, not small batches."""

from typing import Any

from cnnviz.experiments.experiment import TEST_ACCURACY, TRAIN_ACCURACY, Experiment, Figures
from cnnviz.experiments.small import arm, residual
from cnnviz.text import Text
from cnnviz.training.recipe import Recipe

LEARNT = 0.6  # training accuracy from which on a network has learnt
_LEARNT = f"{100 * LEARNT:.0f} %"
RATES = (0.03, 0.1, 0.3)
_SHORT = Recipe(
    epochs=4,
    images=3000,
    batch_size=50,
    schedule="constant",
    momentum=0.0,
    weight_decay=0.0,
    initialisation="kaiming",
)
_VGG: dict[str, Any] = {
    "image_size": 32,
    "widths": (8, 16, 32, 32, 32),
    "head": "average",
    "dropout": 0.0,
}


def _with_norm(rate: float) -> str:
    return f"norm-{rate:g}"


def _without(rate: float) -> str:
    return f"plain-{rate:g}"


def _largest(accuracy: Figures, name: object) -> float:
    """The largest learning rate with which a network has learnt; 0 for none."""
    assert callable(name)
    return max((rate for rate in RATES if accuracy[name(rate)] >= LEARNT), default=0.0)


LEARNING_RATE = Experiment(
    name="batch-norm-learning-rate",
    title=Text("Batch norm allows larger learning rates", "批量规范化允许更大的学习率"),
    claim=Text(
        "With batch norm a network trains with learning rates at which the same network without "
        "it learns nothing or diverges.",
        "有批量规范化的网络可以使用更大的学习率；同样的网络若没有批量规范化，"
        "在该学习率下学不到东西甚至发散。",
    ),
    source=Text(
        "course, batch norm: “a larger learning rate can be used”; Ioffe, Szegedy 2015, arXiv "
        "1502.03167, section 3.3",
        "课程“批量规范化”：可以使用更大学习率，更容易调参；Ioffe、Szegedy，2015，"
        "arXiv 1502.03167，3.3 节",
    ),
    question=Text(
        "A VGG of eight convolutions, with and without batch norm, at three learning rates. What "
        "happens at the largest, η = 0.3?",
        "一个含八个卷积层的 VGG，分别有、无批量规范化，各用三个学习率训练。"
        "在最大的 η = 0.3 下会怎样？",
    ),
    options=(
        Text("both learn", "两者都能学习"),
        Text("only the one with batch norm learns", "只有带批量规范化的能学习"),
        Text("only the one without learns", "只有不带的能学习"),
        Text("neither learns", "两者都学不到"),
    ),
    claimed=1,
    arms=tuple(
        arm(
            name(rate),
            Text(f"{with_en}, η = {rate:g}", f"{with_zh}，η = {rate:g}"),
            "vgg-11-d2l",
            _SHORT.turn(learning_rate=rate),
            batch_norm=has,
            **_VGG,
        )
        for has, name, with_en, with_zh in (
            (False, _without, "without", "无批量规范化"),
            (True, _with_norm, "batch norm", "批量规范化"),
        )
        for rate in RATES
    ),
    measure=TRAIN_ACCURACY,
    holds=lambda accuracy: _largest(accuracy, _with_norm) > _largest(accuracy, _without),
    rule=Text(
        f"holds if the largest of the learning rates that reach {_LEARNT} training accuracy is "
        "larger with batch norm than without",
        f"若能达到 {_LEARNT} 训练准确率的最大学习率在有批量规范化时更大，则成立",
    ),
    why=Text(
        "A step that doubles a layer's weights doubles its output, and the layers after it see "
        "another input. Batch norm divides that out again: W and 2W give the same map, and the "
        "gradient of 2W is half as large. So a step that is too large does not run away.",
        "若某一步使一层的权重加倍，其输出也加倍，后面各层的输入随之改变。批量规范化会将其除去："
        "W 与 2W 给出相同的特征图，而 2W 的梯度只有一半。因此，过大的一步不会失控。",
    ),
    limits=Text(
        "Three rates and one network: where exactly the limit lies differs from network to "
        "network. That batch norm also reaches a better accuracy in the end is another claim.",
        "只有三个学习率和一个网络：界限究竟在哪里因网络而异。"
        "批量规范化最终能否达到更高的准确率，是另一个论断。",
    ),
    part="train",
)

_STARTS = {
    "kaiming": Text("Kaiming's initialisation", "Kaiming 初始化"),
    "normal": Text("normal 0.01", "正态 0.01"),
}


def _saves(accuracy: Figures) -> bool:
    """Whether the bad initial weights are learnt from with batch norm alone."""
    return accuracy["norm-normal"] >= LEARNT > accuracy["plain-normal"]


INITIALISATION = Experiment(
    name="batch-norm-initialisation",
    title=Text("Batch norm and bad initial weights", "批量规范化与不良的初始化"),
    claim=Text(
        "With batch norm a network depends less on its initial weights: it learns even from "
        "weights that are much too small, from which the same network without it does not.",
        "有批量规范化的网络对权重初始化不敏感：即使初始权重过小也能学习，"
        "而同样的网络若没有批量规范化则不能。",
    ),
    source=Text(
        "course, batch norm: less sensitive to initialisation; Ioffe, Szegedy 2015, arXiv "
        "1502.03167, section 1",
        "课程“批量规范化”：降低对初始化的敏感度；Ioffe、Szegedy，2015，arXiv 1502.03167，第 1 节",
    ),
    question=Text(
        "A VGG of eight convolutions begins with Kaiming's weights, or with a normal deviation of "
        "0.01, each with and without batch norm. Which of the four do not learn?",
        "一个含八个卷积层的 VGG，初始权重取 Kaiming 或标准差 0.01 的正态分布，"
        "各有、无批量规范化。四个网络中哪些学不到东西？",
    ),
    options=(
        Text("all learn", "都能学习"),
        Text("only normal 0.01 without batch norm does not", "只有正态 0.01 且无批量规范化的不能"),
        Text("both with normal 0.01 do not", "两个正态 0.01 的都不能"),
        Text("both without batch norm do not", "两个无批量规范化的都不能"),
    ),
    claimed=1,
    arms=tuple(
        arm(
            f"{name}-{start}",
            Text(f"{with_en}, {title.en}", f"{with_zh}，{title.zh}"),
            "vgg-11-d2l",
            _SHORT.turn(learning_rate=0.03, initialisation=start),
            batch_norm=has,
            **_VGG,
        )
        for has, name, with_en, with_zh in (
            (False, "plain", "without", "无批量规范化"),
            (True, "norm", "batch norm", "批量规范化"),
        )
        for start, title in _STARTS.items()
    ),
    measure=TRAIN_ACCURACY,
    holds=_saves,
    rule=Text(
        f"holds if only the network with batch norm reaches {_LEARNT} training accuracy from "
        "normal weights of deviation 0.01",
        f"若初始权重取标准差 0.01 的正态分布时，只有带批量规范化的网络达到 {_LEARNT} "
        "训练准确率，则成立",
    ),
    why=Text(
        "Weights that are too small make each map fainter than the one before; after eight layers "
        "nothing is left, and as little of the gradient comes back. Batch norm divides each map by "
        "its own deviation, so the size of the weights before it does not matter.",
        "过小的权重使特征图逐层减弱，八层之后几乎为零，回传的梯度也同样微弱。"
        "批量规范化用每张特征图自身的标准差去除它，因此前面权重的大小无关紧要。",
    ),
    limits=Text(
        "Four epochs at one learning rate: that the network without batch norm never learns from "
        "such weights is not shown. AlexNet began with them, and had biases of 1 to help.",
        "只在一个学习率下训练四轮；这并不说明无批量规范化的网络从这样的权重出发永远学不会。"
        "AlexNet 就用了这样的初始化，并把部分偏置设为 1 作为补救。",
    ),
    part="train",
)

BATCHES = (2, 4, 8, 32)
MARGIN = 0.02  # accuracy that counts as a difference
_NORMS = {
    "batch": Text("batch norm", "批量规范化"),
    "group": Text("group norm", "组规范化"),
    "layer": Text("layer norm", "层规范化"),
}


def _recipe(batch: int) -> Recipe:
    return Recipe(
        epochs=3,
        images=800,
        batch_size=batch,
        learning_rate=0.1 * batch / 32,
        weight_decay=0.0001,
    )


def _suffers(accuracy: Figures) -> bool:
    """Whether batch norm harms LeNet with 2 images, and not with 32."""
    harm = {batch: accuracy[f"without-{batch}"] - accuracy[f"norm-{batch}"] for batch in BATCHES}
    return harm[BATCHES[0]] > MARGIN > harm[BATCHES[-1]]


SMALL_BATCHES = Experiment(
    name="batch-norm-small-batches",
    title=Text("Batch norm and small batches", "批量规范化与小批量"),
    claim=Text(
        "With batches of 2, 4 or 8 images the statistics of a batch are noisy, and batch norm "
        "harms. Group norm and layer norm do not look at the batch.",
        "批量只有 2、4、8 张图像时，统计量噪声很大，批量规范化反而有害。"
        "组规范化和层规范化不依赖批量。",
    ),
    source=Text(
        "course, batch norm: “small batches (2, 4, 8) … harm the model”; Wu, He 2018, arXiv "
        "1803.08494, figure 1",
        "课程“批量规范化”：小批量（如 2、4、8）统计量噪声大，反而会损害模型性能；"
        "Wu、He，2018，arXiv 1803.08494，图 1",
    ),
    question=Text(
        "LeNet is trained with batches of 2, 4, 8 and 32 images, with and without batch norm. "
        "Where is it worse with batch norm?",
        "LeNet 的批量分别为 2、4、8、32，有、无批量规范化各训练一次。"
        "在哪种批量下，加上批量规范化反而更差？",
    ),
    options=(
        Text("nowhere", "都不会"),
        Text("with 2, and not with 32", "批量为 2 时，而 32 时不会"),
        Text("with 32, and not with 2", "批量为 32 时，而 2 时不会"),
        Text("everywhere", "都会"),
    ),
    claimed=1,
    arms=(
        *(
            arm(
                f"{name}-{batch}",
                Text(f"LeNet {title.en}, batch of {batch}", f"LeNet {title.zh}，批量 {batch}"),
                "lenet-d2l",
                _recipe(batch),
                activation="relu",
                pooling="max",
                batch_norm=has,
            )
            for name, has, title in (
                ("norm", True, Text("with batch norm", "有批量规范化")),
                ("without", False, Text("without", "无批量规范化")),
            )
            for batch in BATCHES
        ),
        *(
            residual(
                f"residual-{norm}-2",
                Text(f"residual, {title.en}, batch of 2", f"残差网络，{title.zh}，批量 2"),
                "resnet-20",
                _recipe(2),
                normalisation=norm,
                depths=(1, 1, 1),
                image_size=8,
            )
            for norm, title in _NORMS.items()
        ),
    ),
    measure=TEST_ACCURACY,
    holds=_suffers,
    rule=Text(
        f"holds if batch norm costs LeNet more than {100 * MARGIN:g} points of test accuracy with "
        "batches of 2, and not with batches of 32",
        f"若批量为 2 时批量规范化使 LeNet 的测试准确率下降 {100 * MARGIN:g} 个百分点以上，"
        "而批量为 32 时不会，则成立",
    ),
    why=Text(
        "A fully connected layer has one value an image. Of two values the normalised ones are +1 "
        "and −1, whatever they were: what is left says only which was the larger. A convolution's "
        "map has many values an image, so the residual network suffers less. Group and layer norm "
        "take their statistics from one image, the same in training and testing.",
        "全连接层对每张图像只有一个值。两个值规范化之后总是 +1 和 −1，只剩下谁大谁小的信息。"
        "卷积的特征图每张图像有许多值，因此残差网络受影响较小。"
        "组规范化和层规范化只用一张图像计算统计量，训练与测试时相同。",
    ),
    limits=Text(
        "The learning rate goes with the batch size (0.1 for 32 images), and all see as many "
        "images; smaller batches take more steps. Compare within a batch size.",
        "学习率与批量大小成正比（32 张图像时为 0.1），各组看到的图像一样多；批量越小，步数越多。"
        "应在同一批量大小下比较。",
    ),
)
