"""The experiment on the loss surface, with and without shortcuts."""

from itertools import product
from math import gcd

from cnnviz.experiments.experiment import Experiment, Figures, Measure, probed
from cnnviz.experiments.small import RESIDUAL, residual
from cnnviz.text import Text
from cnnviz.training.probes.surface import SIDE


def _rising(losses: Figures) -> float:
    """The share of the steps straight away from the trained network in which the loss rises.

    1 for a bowl, whatever its width; about a half where hills and hollows follow one another.
    """
    steps = range(-(SIDE // 2), SIDE // 2 + 1)
    surface = dict(zip(product(steps, steps), losses.values(), strict=True))
    rises = []
    for (x, y), loss in surface.items():
        if parts := gcd(x, y):
            nearer = x - x // parts, y - y // parts
            rises.append(loss > surface[nearer])
    return sum(rises) / len(rises)


SHORTCUTS = Experiment(
    name="loss-surface-shortcuts",
    title=Text("The loss surface with and without shortcuts", "有、无捷径的损失曲面"),
    claim=Text(
        "Shortcuts make the loss surface of a deep network smooth: from a trained network the loss "
        "rises on all sides, where without them it goes up and down.",
        "捷径使深层网络的损失曲面变得平滑：从训练好的网络出发，损失向各个方向上升；"
        "没有捷径时则起伏不定。",
    ),
    source=Text(
        "course, ResNet: a smoother loss surface, like a motorway; Li et al. 2018, arXiv "
        "1712.09913, figure 1",
        "课程“残差网络”：更平滑的损失曲面，如同高速公路；Li 等，2018，arXiv 1712.09913，图 1",
    ),
    question=Text(
        "Two networks of 56 layers are trained. Then all weights are moved along two random "
        "directions. With which does the loss rise more steadily the farther one goes?",
        "训练两个 56 层的网络，然后沿两个随机方向移动全部权重。"
        "走得越远，哪个网络的损失上升得更稳定？",
    ),
    options=(
        Text("with shortcuts", "有捷径"),
        Text("without shortcuts", "无捷径"),
        Text("both as steadily", "两者相同"),
    ),
    claimed=0,
    arms=tuple(
        residual(name, title, preset, RESIDUAL, probe="loss-surface")
        for name, preset, title in (
            ("plain", "plain-56", Text("without shortcuts", "无捷径")),
            ("residual", "resnet-56", Text("with shortcuts", "有捷径")),
        )
    ),
    measure=Measure(
        Text(
            "steps away from the trained network in which the loss rises",
            "从训练好的网络向外走时损失上升的步数比例",
        ),
        probed(_rising),
        ".0%",
        True,
    ),
    holds=lambda rising: rising["residual"] > rising["plain"] + 0.05,
    rule=Text(
        "holds if the share of outward steps in which the loss rises is more than 5 points larger "
        "with shortcuts",
        "若有捷径时损失上升的步数比例高出 5 个百分点以上，则成立",
    ),
    why=Text(
        "Without shortcuts, a change of one layer goes through all later ones, and 56 changes at "
        "once multiply. With them, the input of each block is a sum, of which one block changes "
        "but a part.",
        "没有捷径时，一层的改变会经过后面的每一层，56 层同时改变就会相乘。"
        "有捷径时，每个块的输入是一个和，单个块只改变其中的一部分。",
    ),
    limits=Text(
        "A plane through a space of two hundred thousand dimensions: hills that it does not meet "
        "are not seen, other directions give another picture, and a bowl in it is no proof of one "
        "everywhere. How steep a bowl is does not count here: see the colours. After four epochs "
        "the plain network has hardly learnt, so its middle is no minimum. 64 images, 81 points.",
        "这只是约二十万维空间中的一个平面：它没有经过的起伏看不到，换两个方向图像就不同，"
        "平面上是碗形也不能证明处处如此。碗有多陡不计入判定，请看颜色。"
        "四轮之后普通网络几乎没有学会，因此中心并非极小点。共 64 张图像、81 个点。",
    ),
    part="train",
)
