"""Experiments on Inception: auxiliary heads, and what its branches are worth."""

from statistics import fmean
from typing import Any

from cnnviz.experiments.experiment import TEST_ACCURACY, Experiment, Figures, Measure, probed
from cnnviz.experiments.small import arm
from cnnviz.text import Text
from cnnviz.training.probes.branches import WITHOUT
from cnnviz.training.probes.probe import WHOLE
from cnnviz.training.recipe import Recipe
from cnnviz.zoo.googlenet import BLOCKS

Split = tuple[int, int, int, int, int, int]
_PAPER: Split = (8, 12, 16, 2, 4, 4)  # an eighth of block 3a
_EQUAL: Split = (8, 8, 8, 8, 8, 8)


def _splits(split: Split) -> dict[str, Any]:
    """The same split in every block."""
    return {f"inception_{block}": split for block in BLOCKS}


AUXILIARY = Experiment(
    name="auxiliary-heads",
    title=Text("Auxiliary heads", "辅助分类器"),
    claim=Text(
        "Two more classifiers in the middle of GoogLeNet bring the gradient to its first half, so "
        "that it trains better.",
        "GoogLeNet 中部的两个辅助分类器把梯度送到网络的前半部分，使训练效果更好。",
    ),
    source=Text(
        "course, GoogLeNet: auxiliary classifiers against vanishing gradients, loss × 0.3; Szegedy "
        "et al. 2014, arXiv 1409.4842, section 5",
        "课程“GoogLeNet”：辅助分类器缓解梯度消失，损失乘 0.3；Szegedy 等，2014，"
        "arXiv 1409.4842，第 5 节",
    ),
    question=Text(
        "A narrow GoogLeNet without batch norm is trained with and without auxiliary heads. What "
        "do they do to the test accuracy of its own head?",
        "训练一个没有批量规范化的窄 GoogLeNet，有、无辅助分类器。"
        "它们对主分类头的测试准确率有何影响？",
    ),
    options=(
        Text("better by more than a point", "提高 1 个百分点以上"),
        Text("worse by more than a point", "降低 1 个百分点以上"),
        Text("within a point of each other", "相差不到 1 个百分点"),
    ),
    claimed=0,
    arms=tuple(
        arm(
            name,
            title,
            "googlenet-d2l",
            Recipe(
                epochs=5,
                images=960,
                batch_size=32,
                optimiser="adam",
                learning_rate=0.001,
                weight_decay=0.0,
                initialisation="kaiming",
            ),
            image_size=80,
            auxiliary_heads=has,
            **_splits(_PAPER),
        )
        for name, has, title in (
            ("without", False, Text("without auxiliary heads", "无辅助分类器")),
            ("auxiliary", True, Text("with auxiliary heads", "有辅助分类器")),
        )
    ),
    measure=TEST_ACCURACY,
    holds=lambda accuracy: accuracy["auxiliary"] > accuracy["without"] + 0.01,
    rule=Text(
        "holds if auxiliary heads make the test accuracy more than a point better",
        "若辅助分类器使测试准确率提高 1 个百分点以上，则成立",
    ),
    why=Text(
        "A head in the middle has half of the layers between itself and the first one, so its "
        "gradient is less faded there. Batch norm and good initialisation do the same in "
        "another way, and later networks go without such heads.",
        "中部的分类头与第一层之间只隔一半的层，其梯度到达那里时衰减较少。"
        "批量规范化和良好的初始化以另一种方式达到同样的效果，后来的网络不再使用辅助分类器。",
    ),
    limits=Text(
        "150 steps of a narrow network with Kaiming's initialisation, which the paper did not "
        "have. Training loss has the heads' in it and is not comparable: compare the test curves.",
        "窄网络只训练 150 步，并使用论文当时没有的 Kaiming 初始化。训练损失包含辅助分类器的损失，"
        "不可比较：应比较测试曲线。",
    ),
)


def _lead(found: Figures) -> float:
    """How much more accuracy is lost without a 3×3 branch than without any other, on average."""
    lost: dict[str, list[float]] = {}
    for name, accuracy in found.items():
        if name.startswith(f"{WITHOUT}/"):
            lost.setdefault(name.rpartition("/")[2], []).append(found[WHOLE] - accuracy)
    means = {branch: fmean(values) for branch, values in lost.items()}
    return means.pop("branch2") - max(means.values())


BRANCHES = Experiment(
    name="inception-branches",
    title=Text("A branch of Inception switched off", "关闭 Inception 的一条分支"),
    claim=Text(
        "The 3×3 branch, which has half of an Inception block's channels, is the one that counts "
        "most: switched off, it costs more accuracy than any other.",
        "3×3 分支占 Inception 块一半的通道，作用最大：关闭它比关闭其他任何分支损失更多的准确率。",
    ),
    source=Text(
        "course, GoogLeNet: branches of several window sizes, and how channels are shared out "
        "among them; Szegedy et al. 2014, arXiv 1409.4842, table 1",
        "课程“GoogLeNet”：不同窗口大小的分支，以及通道在各分支间的分配；Szegedy 等，2014，"
        "arXiv 1409.4842，表 1",
    ),
    question=Text(
        "A small GoogLeNet is trained with the paper's split, 2 : 4 : 1 : 1. Then one branch of "
        "one block is switched off at a time. Which is missed most?",
        "按论文的通道分配 2 : 4 : 1 : 1 训练一个小型 GoogLeNet，然后每次关闭一个块的一条分支。"
        "关闭哪条分支影响最大？",
    ),
    options=(
        Text("1×1", "1×1 分支"),
        Text("3×3", "3×3 分支"),
        Text("5×5", "5×5 分支"),
        Text("pooling", "池化分支"),
    ),
    claimed=1,
    arms=tuple(
        arm(
            name,
            title,
            "googlenet-d2l",
            Recipe(epochs=3, images=2000, batch_size=50, learning_rate=0.05, weight_decay=0.0001),
            probe="branches",
            image_size=32,
            batch_norm=True,
            **_splits(split),
        )
        for name, split, title in (
            ("paper", _PAPER, Text("the paper's split", "论文的通道分配")),
            ("equal", _EQUAL, Text("as many channels for all", "各分支通道数相同")),
        )
    ),
    measure=Measure(
        Text(
            "accuracy lost without the 3×3 branch, minus the most lost without another",
            "关闭 3×3 分支损失的准确率，减去关闭其他分支的最大损失",
        ),
        probed(_lead),
        ".1%",
        True,
    ),
    holds=lambda lead: lead["paper"] > 0,
    rule=Text(
        "holds if more accuracy is lost without the 3×3 branch of a block than without any other, "
        "with the paper's split and on average over the blocks",
        "若按论文的通道分配，关闭块中 3×3 分支损失的准确率（对各块取平均）大于关闭其他任何分支，"
        "则成立",
    ),
    why=Text(
        "What a branch gives depends on its channels and on its window. In the second network all "
        "branches have as many channels: if there the 3×3 leads no more, it was the channels.",
        "一条分支的作用取决于它的通道数和窗口大小。第二个网络各分支通道数相同："
        "若其中 3×3 不再领先，原因就在通道数。",
    ),
    limits=Text(
        "The rest was trained with the branch: this is what the trained network misses, not what "
        "one trained without it would. At 32 px the last blocks see one pixel, where all windows "
        "are the same.",
        "其余部分是与该分支一起训练的：这里测的是训练好的网络缺了它会怎样，"
        "而不是从一开始就没有它的网络会怎样。图像为 32 像素时，最后几个块只有一个像素，"
        "各种窗口没有区别。",
    ),
)
