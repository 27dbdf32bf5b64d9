"""Experiments on batch norm's place: before or after the activation, and in that of dropout."""

from cnnviz.experiments.experiment import TEST_ACCURACY, TRAIN_ACCURACY, Experiment, Figures
from cnnviz.experiments.small import FEW, LENET, SHORT_VGG, THOUSAND, arm
from cnnviz.text import Text

_MARGIN = 0.01  # accuracy that counts as a difference
_ACTIVATIONS = {"sigmoid": "sigmoid", "relu": "ReLU"}


def _is_better_before(accuracy: Figures) -> bool:
    return all(
        accuracy[f"{name}-before"] > accuracy[f"{name}-after"] + _MARGIN for name in _ACTIVATIONS
    )


BEFORE_OR_AFTER = Experiment(
    name="batch-norm-before-or-after-activation",
    title=Text("Batch norm before or after the activation", "批量规范化在激活之前还是之后"),
    claim=Text(
        "Batch norm belongs between a layer and its activation: there a network trains better than "
        "with batch norm after the activation.",
        "批量规范化应放在层与激活函数之间：这样比放在激活函数之后训练得更好。",
    ),
    source=Text(
        "course, batch norm: between the affine transformation and the activation; Ioffe, Szegedy "
        "2015, arXiv 1502.03167, section 3.2",
        "课程“批量规范化”：置于仿射变换与激活函数之间；Ioffe、Szegedy，2015，"
        "arXiv 1502.03167，3.2 节",
    ),
    question=Text(
        "LeNet with sigmoid and with ReLU, batch norm before or after the activation. Where is "
        "the training accuracy better by more than a point?",
        "LeNet 分别用 sigmoid 和 ReLU，批量规范化放在激活之前或之后。"
        "放在哪里时训练准确率高出 1 个百分点以上？",
    ),
    options=(
        Text("before, with both activations", "两种激活函数都是之前"),
        Text("before with sigmoid alone", "只有 sigmoid 是之前"),
        Text("after, with one or both", "至少一种是之后"),
        Text("no difference", "没有差别"),
    ),
    claimed=0,
    arms=tuple(
        arm(
            f"{activation}-{place}",
            Text(f"{title}, {place}", f"{title}，{place_zh}"),
            "lenet-bn-d2l",
            LENET,
            activation=activation,
            norm_place=place,
        )
        for activation, title in _ACTIVATIONS.items()
        for place, place_zh in (("before", "激活之前"), ("after", "激活之后"))
    ),
    measure=TRAIN_ACCURACY,
    holds=_is_better_before,
    rule=Text(
        "holds if batch norm before the activation is more than a point better in training "
        "accuracy, with sigmoid and with ReLU",
        "若使用 sigmoid 和 ReLU 时，放在激活之前的训练准确率都高出 1 个百分点以上，则成立",
    ),
    why=Text(
        "Before the activation, values have mean 0 and deviation 1, where a sigmoid is steep and "
        "ReLU lets half of them through. After it, batch norm cannot bring back what a flat part "
        "of the curve has swallowed, but what the next layer reads has mean 0, which helps it.",
        "放在激活之前，数值均值为 0、标准差为 1，正处于 sigmoid 较陡的区域，ReLU 也恰好通过一半。"
        "放在激活之后，无法恢复被曲线平坦部分吞掉的信息，"
        "但下一层读取的值均值为 0，对它有利。",
    ),
    limits=Text(
        "Five layers. Which place is better for deep networks with ReLU has been found either way; "
        "the pre-activated residual block has batch norm before ReLU, too.",
        "只有五层。对使用 ReLU 的深层网络，两种位置孰优，已有的结论并不一致；"
        "预激活残差块同样把批量规范化放在 ReLU 之前。",
    ),
    part="train",
)


def _replaces(accuracy: Figures) -> bool:
    """Whether batch norm helps, and dropout helps no more than it."""
    norm = accuracy["norm"]
    return norm > accuracy["neither"] and norm > accuracy["dropout"] - _MARGIN


OR_DROPOUT = Experiment(
    name="batch-norm-or-dropout",
    title=Text("Batch norm in place of dropout", "用批量规范化代替暂退法"),
    claim=Text(
        "Batch norm regularises: with it in place of dropout, a network generalises as well.",
        "批量规范化有正则化作用：用它代替暂退法，泛化能力不会变差。",
    ),
    source=Text(
        "course, batch norm: reduces or replaces dropout; Ioffe, Szegedy 2015, arXiv 1502.03167, "
        "section 3.4",
        "课程“批量规范化”：可减少或代替暂退法；Ioffe、Szegedy，2015，arXiv 1502.03167，3.4 节",
    ),
    question=Text(
        "A VGG of four convolutions is trained on 1,000 images, with dropout, with batch norm, and "
        "with neither. Which has the worst test accuracy?",
        "用 1,000 张图像训练一个含四个卷积层的 VGG：使用暂退法、使用批量规范化、两者都不用。"
        "哪个的测试准确率最低？",
    ),
    options=(
        Text("with neither", "两者都不用"),
        Text("with dropout", "使用暂退法"),
        Text("with batch norm", "使用批量规范化"),
    ),
    claimed=0,
    arms=tuple(
        arm(
            name,
            title,
            "vgg-11-d2l",
            FEW.turn(epochs=10, learning_rate=0.002),
            data=THOUSAND,
            batch_norm=has,
            **{**SHORT_VGG, "dropout": share},
        )
        for name, has, share, title in (
            ("neither", False, 0.0, Text("neither", "两者都不用")),
            ("dropout", False, 0.5, Text("dropout p = 0.5", "暂退法 p = 0.5")),
            ("norm", True, 0.0, Text("batch norm", "批量规范化")),
        )
    ),
    measure=TEST_ACCURACY,
    holds=_replaces,
    rule=Text(
        "holds if the test accuracy with batch norm is above that with neither, and less than a "
        "point below that with dropout",
        "若使用批量规范化的测试准确率高于两者都不用，且比使用暂退法低不到 1 个百分点，则成立",
    ),
    why=Text(
        "Each image is normalised with those that happen to be in its batch, so it never looks "
        "quite the same twice. That noise keeps a network from learning images by heart, as "
        "dropout's does, but is weaker, the weaker the larger the batch.",
        "每张图像都用碰巧同批的图像来规范化，因此从不会两次完全一样。这种噪声像暂退法一样，"
        "使网络难以死记图像，但作用较弱，批量越大越弱。",
    ),
    limits=Text(
        "Batch norm stands after the convolutions, dropout in the fully connected layers. Batch "
        "norm also trains faster: after ten epochs part of its lead may be that.",
        "批量规范化在卷积之后，暂退法在全连接层。批量规范化还使训练更快："
        "十轮之后，它的领先可能有一部分来自于此。",
    ),
)
