"""Experiments on dense connections: against shortcuts, and which earlier maps are read."""

from statistics import fmean

from cnnviz.experiments.experiment import TEST_ACCURACY, Experiment, Figures, Measure, probed
from cnnviz.experiments.small import SIDE, UNTRAINED, arm, residual, same
from cnnviz.text import Text
from cnnviz.training.probes.probe import WHOLE
from cnnviz.training.probes.reuse import WITHOUT
from cnnviz.training.recipe import Recipe

_RECIPE = Recipe(epochs=5, images=3000, batch_size=50, learning_rate=0.05, weight_decay=0.0001)
_MARGIN = 0.01  # accuracy that counts as a difference

OR_RESNET = Experiment(
    name="densenet-or-resnet",
    title=Text("DenseNet or ResNet at equal parameters", "参数量相同的 DenseNet 与 ResNet"),
    claim=Text(
        "With as many parameters, DenseNet is more accurate than ResNet: maps that are there are "
        "read again, and need not be learnt again.",
        "参数量相同时，DenseNet 比 ResNet 更准确：已有的特征图可以重复使用，无需重新学习。",
    ),
    source=Text(
        "course, DenseNet: far fewer parameters for the same accuracy; Huang et al. 2016, arXiv "
        "1608.06993, figure 4",
        "课程“稠密网络（DenseNet）”：以少得多的参数达到相同的准确率；Huang 等，2016，"
        "arXiv 1608.06993，图 4",
    ),
    question=Text(
        "A DenseNet and a ResNet with the same number of parameters, within 5 %, see the same "
        "images. Which has the better test accuracy?",
        "参数量相差不到 5 % 的 DenseNet 与 ResNet 看到相同的图像。哪个的测试准确率更高？",
    ),
    options=(
        same("DenseNet"),
        same("ResNet"),
        Text("within a point of each other", "相差不到 1 个百分点"),
    ),
    claimed=0,
    arms=(
        arm(
            "densenet",
            same("DenseNet"),
            "densenet-bc-100-k12",
            _RECIPE,
            image_size=SIDE,
            depths=(4, 4, 4),
            growth_rate=10,
            stem_channels=12,
        ),
        residual("resnet", same("ResNet"), "resnet-20", _RECIPE),
    ),
    measure=TEST_ACCURACY,
    holds=lambda accuracy: accuracy["densenet"] > accuracy["resnet"] + _MARGIN,
    rule=Text(
        "holds if DenseNet is more than a point better in test accuracy",
        "若 DenseNet 的测试准确率高出 1 个百分点以上，则成立",
    ),
    why=Text(
        "A layer of DenseNet adds few maps to those that are there and hands all of them on, so "
        "its convolutions are narrow. A residual block has to hand on everything in the one sum.",
        "DenseNet 的每一层只给已有的特征图增加少数几个，并把它们全部传下去，因此卷积很窄。"
        "残差块则必须把全部信息放在同一个和里传下去。",
    ),
    limits=Text(
        "Small networks and short trainings. DenseNet needs more operations and memory for as many "
        "parameters: its time is in the table, too.",
        "网络小、训练短。参数量相同时，DenseNet 需要更多的运算和内存：表中也给出了用时。",
    ),
)


def _needed(found: Figures) -> float:
    """Test accuracy lost where a layer is given the newest maps alone, on average over layers."""
    without = [value for name, value in found.items() if name.startswith(f"{WITHOUT}/")]
    return found[WHOLE] - fmean(without)


REUSE = Experiment(
    name="densenet-reuse",
    title=Text("Which earlier maps a dense layer reads", "稠密层读取哪些更早的特征图"),
    claim=Text(
        "A trained dense layer reads not only the newest maps: the older ones of its block are "
        "used again, those that enter the block among them.",
        "训练后的稠密层不只读取最新的特征图：块中较早的特征图（包括块的输入）也被重复使用。",
    ),
    source=Text(
        "course, DenseNet: features are used again; Huang et al. 2016, arXiv 1608.06993, section 5 "
        "and figure 5",
        "课程“稠密网络（DenseNet）”：特征重用；Huang 等，2016，arXiv 1608.06993，第 5 节和图 5",
    ),
    question=Text(
        "A DenseNet is trained. Then one layer is given only the newest maps, the older ones "
        "replaced by their mean. How much test accuracy is lost, on average over the layers?",
        "训练一个 DenseNet，然后让其中一层只读取最新的特征图，较早的特征图用其均值代替。"
        "对各层取平均，测试准确率损失多少？",
    ),
    options=(
        Text("less than a point: the newest maps are enough", "不到 1 个百分点：最新的就够了"),
        Text("more than a point: the older ones are used", "1 个百分点以上：较早的也被使用"),
    ),
    claimed=1,
    arms=tuple(
        arm(
            name,
            title,
            "densenet-40-k12",
            recipe,
            probe="reuse",
            image_size=SIDE,
            depths=(5, 5, 5),
            growth_rate=8,
        )
        for name, recipe, title in (
            ("untrained", UNTRAINED, Text("before training", "训练前")),
            ("trained", _RECIPE, Text("after training", "训练后")),
        )
    ),
    measure=Measure(
        Text(
            "test accuracy lost by a layer without the older maps, on average",
            "一层不读取较早的特征图时平均损失的测试准确率",
        ),
        probed(_needed),
        ".1%",
        True,
    ),
    holds=lambda lost: lost["trained"] > _MARGIN,
    rule=Text(
        "holds if after training more than a point of test accuracy is lost where one layer is "
        "given the newest maps alone, on average over the layers",
        "若训练后让一层只读取最新的特征图，平均损失 1 个百分点以上的测试准确率，则成立",
    ),
    why=Text(
        "Whatever a layer has found is handed on untouched, so a later one that needs it need not "
        "find it again. Weights that are not needed are pulled down by weight decay.",
        "任何一层得到的特征都原样传下去，后面需要它的层不必重新学习。用不到的权重会被权重衰减拉小。",
    ),
    limits=Text(
        "The layers after it were trained with what it then lacks. The weights, in the heat map as "
        "in the paper's figure 5, say less: after few epochs they are still near what they began "
        "with, and a large weight on a faint map counts for little.",
        "其后的各层是与它此时缺少的内容一起训练的。热图中的权重（与论文图 5 相同）说明不了太多："
        "训练轮数很少时，权重离初始值还不远；在很弱的特征图上，权重再大作用也小。",
    ),
)
