"""The knobs of the lab on batch normalisation."""

from dataclasses import dataclass

from cnnviz.knobs import Problem, knob
from cnnviz.labs.lab import step_knob
from cnnviz.labs.written import Matrix, matrix, written
from cnnviz.settings import Settings
from cnnviz.text import Text

STEPS = Text("Four steps on a batch", "一个小批量上的四步")
CHANNEL = Text("In a convolution: per channel", "卷积层中：按通道")
RUNNING = Text("Training and inference", "训练与推断")
SIZE = Text("Batch size, and batch mates", "批量大小与同批样本")
DEPTH = Text("Activations through depth", "各层的激活值分布")
OTHERS = Text("Layer, group and instance norm", "层规范化、组规范化与实例规范化")

_MAPS = Matrix((2, 2), (4, 4), (-99, 99))
_PIXELS = Matrix((4, 4), (2, 2), (-99, 99))


@dataclass(frozen=True, kw_only=True)
class BatchNormSettings(Settings):
    """Six small calculations; the first opens with two features of very different size."""

    family = "batch-norm"

    batch: str = written(
        "1,100_2,200_3,300_6,200",
        Text("batch", "小批量"),
        Text("A row for each example, a column for each feature.", "每行一个样本，每列一个特征。"),
        form=Matrix((1, 8), (1, 4)),
        group=STEPS,
        term="batch_norm",
    )
    epsilon: float = knob(
        0.00001,
        Text("constant under the root", "根号内的常数"),
        Text(
            "Keeps the division possible where a feature never changes.",
            "使特征毫无变化时仍可相除。",
        ),
        group=STEPS,
        term="batch_norm",
        symbol="ε",
        bounds=(0, 10),
        step=0.1,
    )
    gamma: str = written(
        "1,1",
        Text("scale γ", "缩放 γ"),
        Text("A learnt factor for each feature.", "每个特征一个可学习的系数。"),
        form=Matrix((1, 1), (1, 4), (-99, 99)),
        group=STEPS,
        term="batch_norm",
    )
    beta: str = written(
        "0,0",
        Text("shift β", "平移 β"),
        Text("A learnt summand for each feature.", "每个特征一个可学习的加数。"),
        form=Matrix((1, 1), (1, 4), (-99, 99)),
        group=STEPS,
        term="batch_norm",
    )
    step: int = step_knob(STEPS)

    image_1: str = written(
        "1,2,3,4_10,10,20,20",
        Text("image 1", "图像 1"),
        Text(
            "A row for each of two channels, its 2×2 pixels beside each other.",
            "两个通道各一行，并排写出 2×2 个像素。",
        ),
        form=_MAPS,
        group=CHANNEL,
        term="channels",
    )
    image_2: str = written(
        "5,6,7,8_10,30,20,40",
        Text("image 2", "图像 2"),
        Text(
            "The second image of the batch, in the same form.", "小批量中的第二幅图像，写法相同。"
        ),
        form=_MAPS,
        group=CHANNEL,
        term="channels",
    )

    batches: str = written(
        "1,3_2,4_10,14_3,5",
        Text("batches", "各个小批量"),
        Text("A row for each batch, in the order of training.", "每行一个小批量，按训练的顺序。"),
        form=Matrix((1, 8), (1, 6), (-99, 99)),
        group=RUNNING,
        term="batch_norm",
    )
    momentum: float = knob(
        0.9,
        Text("momentum", "动量"),
        Text(
            "Share of the running average that each batch leaves. PyTorch writes its opposite, "
            "0.1.",
            "每个小批量保留滑动平均的比例。PyTorch 写的是它的反面 0.1。",
        ),
        group=RUNNING,
        term="batch_norm",
        bounds=(0, 1),
        step=0.1,
    )
    new: float = knob(
        4.0,
        Text("new value", "新的值"),
        Text("An example that comes alone, after training.", "训练之后单独来的一个样本。"),
        group=RUNNING,
        term="batch_norm",
        symbol="x",
        bounds=(-99, 99),
        step=0.5,
    )

    seed: int = knob(
        0,
        Text("draw", "抽样"),
        Text("Which batch mates are drawn.", "抽到哪些同批样本。"),
        group=SIZE,
        term="seed",
        bounds=(0, 99),
    )
    value: float = knob(
        1.0,
        Text("example", "样本"),
        Text(
            "An example's value among mates drawn from a normal distribution of mean 0, variance "
            "1.",
            "某个样本的值；同批的其他样本抽自均值为 0、方差为 1 的正态分布。",
        ),
        group=SIZE,
        term="batch_norm",
        symbol="x",
        bounds=(-9, 9),
        step=0.5,
    )

    layers: int = knob(
        8,
        Text("layers", "层数"),
        Text("Fully connected layers of 64 features.", "全连接层的层数，每层 64 个特征。"),
        group=DEPTH,
        term="depth",
        bounds=(2, 12),
        slider=True,
    )
    activation: str = knob(
        "sigmoid",
        Text("activation", "激活函数"),
        Text("After each layer.", "每层之后的激活函数。"),
        group=DEPTH,
        term="activation",
        choices=("sigmoid", "tanh", "relu"),
        choice_labels=(Text("sigmoid", "sigmoid"), Text("tanh", "tanh"), Text("ReLU", "ReLU")),
    )
    place: str = knob(
        "before",
        Text("batch norm stands", "批量规范化的位置"),
        Text(
            "Mostly before the activation; either works.",
            "多放在激活函数之前；两种都可行。",
        ),
        group=DEPTH,
        term="batch_norm",
        choices=("before", "after"),
        choice_labels=(
            Text("before the activation", "激活函数之前"),
            Text("after the activation", "激活函数之后"),
        ),
    )
    scale: float = knob(
        1.0,
        Text("initial weights", "初始权重"),
        Text(
            "Standard deviation of the weights, times the root of 64.",
            "权重的标准差乘以 64 的平方根。",
        ),
        group=DEPTH,
        term="initialisation",
        bounds=(0.1, 4),
        step=0.5,
    )
    rate: float = knob(
        0.5,
        Text("learning rate", "学习率"),
        Text("Of the short training.", "短暂训练所用的学习率。"),
        group=DEPTH,
        term="learning_rate",
        symbol="η",
        bounds=(0.001, 5),
        step=0.1,
    )

    norm_1: str = written(
        "1,3_2,6_10,14_0,4",
        Text("image 1", "图像 1"),
        Text("A row for each of four channels, of two pixels.", "四个通道各一行，每行两个像素。"),
        form=_PIXELS,
        group=OTHERS,
        term="channels",
    )
    norm_2: str = written(
        "5,7_2,2_20,24_4,8",
        Text("image 2", "图像 2"),
        Text(
            "The second image of the batch, in the same form.", "小批量中的第二幅图像，写法相同。"
        ),
        form=_PIXELS,
        group=OTHERS,
        term="channels",
    )
    groups: int = knob(
        2,
        Text("groups", "分组数"),
        Text(
            "Of group norm; 1 is layer norm, one a channel is instance norm.",
            "组规范化的组数；1 组即层规范化，一个通道一组即实例规范化。",
        ),
        group=OTHERS,
        term="groups",
        choices=(1, 2, 4),
        choice_labels=tuple(Text(f"{count}", f"{count}") for count in (1, 2, 4)),
    )

    def conflicts(self) -> list[Problem]:
        features = matrix(self.batch).shape[1]
        message = Text(
            "{knob} has {there} numbers, the batch has {features} features. Give one for each.",
            "{knob}有 {there} 个数，而小批量有 {features} 个特征。请每个特征给一个。",
        )
        return [
            self.problem(name, message, there=matrix(value).size, features=features)
            for name, value in (("gamma", self.gamma), ("beta", self.beta))
            if matrix(value).size != features
        ]
