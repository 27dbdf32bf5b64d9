"""The knobs of the lab on residual networks."""

from dataclasses import dataclass

from cnnviz.knobs import Problem, knob
from cnnviz.labs.lab import step_knob
from cnnviz.labs.written import Matrix, matrix, written
from cnnviz.settings import Settings
from cnnviz.text import Text

IDENTITY = Text("Identity is hard to learn, zero is easy", "恒等映射难学，零容易学")
GRADIENT = Text("The gradient through depth: 1 + ∂F/∂x", "梯度穿过各层：1 + ∂F/∂x")
PATHS = Text("2ⁿ paths, and a block taken out", "2ⁿ 条路径，以及去掉一个块")
ORDERS = Text("Five orders of norm, ReLU and addition", "规范化、ReLU 与相加的五种顺序")
BLOCKS = Text("Bottleneck against basic block", "瓶颈块与基本块")
NESTED = Text("Nested classes of functions", "嵌套的函数类")
TAYLOR = Text("Taylor's view", "泰勒展开的视角")


@dataclass(frozen=True, kw_only=True)
class ResidualSettings(Settings):
    """Seven small calculations on x + F(x)."""

    family = "residual"

    depth: int = knob(
        8,
        Text("blocks", "块数"),
        Text(
            "Blocks on top of each other, each W₂ · ReLU(W₁ · x): 8 features, 16 units between.",
            "依次堆叠的块数；每个块为 W₂ · ReLU(W₁ · x)，8 个特征，中间 16 个单元。",
        ),
        group=IDENTITY,
        term="depth",
        bounds=(1, 12),
        slider=True,
    )
    goal: str = knob(
        "identity",
        Text("to be learnt", "学习目标"),
        Text(
            "H(x) = x is what a superfluous layer should do; −x is far from it.",
            "H(x) = x 正是多余的层该做的事；−x 则与之相去甚远。",
        ),
        group=IDENTITY,
        term="residual",
        choices=("identity", "near", "negative"),
        choice_labels=(
            Text("H(x) = x", "H(x) = x（恒等）"),
            Text("H(x) = x + 0.1·sin 3x", "H(x) = x + 0.1·sin 3x（接近恒等）"),
            Text("H(x) = −x", "H(x) = −x（相反）"),
        ),
    )
    scale: float = knob(
        0.5,
        Text("initial weights", "初始权重"),
        Text(
            "Their size, as a share of what keeps the variance in a plain network.",
            "初始权重的大小，以普通网络中保持方差不变的大小为 1。",
        ),
        group=IDENTITY,
        term="initialisation",
        bounds=(0, 1),
        step=0.1,
    )
    rate: float = knob(
        0.05,
        Text("learning rate", "学习率"),
        Text("Of gradient descent, the same for both.", "梯度下降的学习率，两者相同。"),
        group=IDENTITY,
        term="learning_rate",
        symbol="η",
        bounds=(0.001, 1),
        step=0.01,
    )

    deep: int = knob(
        20,
        Text("blocks", "块数"),
        Text("Blocks that the gradient passes.", "梯度要穿过的块数。"),
        group=GRADIENT,
        term="depth",
        symbol="n",
        bounds=(1, 200),
        slider=True,
    )
    slope: float = knob(
        0.1,
        Text("slope of a block", "块的导数"),
        Text("∂F/∂x, the same in each block.", "每个块的 ∂F/∂x，各块相同。"),
        group=GRADIENT,
        term="gradient",
        symbol="∂F/∂x",
        bounds=(-1, 1),
        step=0.05,
    )

    factors: str = written(
        "0.5,0.2,-0.3",
        Text("blocks", "各块"),
        Text(
            "A number for each block: it multiplies its input by it, F(x) = f·x.",
            "每个块一个数：把输入乘以它，F(x) = f·x。",
        ),
        form=Matrix((1, 1), (1, 5), (-9, 9)),
        group=PATHS,
        term="residual",
    )
    removed: int = knob(
        0,
        Text("block taken out", "去掉的块"),
        Text(
            "Which block is taken out of the finished network; 0 for none.",
            "从训练好的网络中去掉第几个块；0 表示不去掉。",
        ),
        group=PATHS,
        term="residual",
        bounds=(0, 5),
    )
    path_step: int = step_knob(PATHS)

    batch: str = written(
        "-2,-1,0,3",
        Text("batch", "小批量"),
        Text("The values of one feature in a batch.", "一个小批量中某个特征的各个值。"),
        form=Matrix((1, 1), (2, 6), (-99, 99)),
        group=ORDERS,
        term="batch_norm",
    )
    weight: float = knob(
        0.5,
        Text("weight of each convolution", "每个卷积的权重"),
        Text(
            "A convolution of one channel and one pixel is one weight; 0 leaves only the shortcut.",
            "单通道、单像素的卷积就是一个权重；取 0 时只剩捷径。",
        ),
        group=ORDERS,
        term="kernel",
        symbol="w",
        bounds=(-4, 4),
        step=0.1,
    )

    channels: int = knob(
        256,
        Text("channels", "通道数"),
        Text("Of the map that comes in and goes out.", "输入和输出特征图的通道数。"),
        group=BLOCKS,
        term="channels",
        symbol="C",
        bounds=(4, 2048),
        step=4,
    )
    reduction: int = knob(
        4,
        Text("reduction", "压缩倍数"),
        Text(
            "By how much the first 1×1 of a bottleneck reduces the channels.",
            "瓶颈块的第一个 1×1 卷积把通道数缩小的倍数。",
        ),
        group=BLOCKS,
        term="bottleneck_ratio",
        choices=(1, 2, 4, 8, 16),
        choice_labels=tuple(Text(f"÷ {by}", f"缩小到 1/{by}") for by in (1, 2, 4, 8, 16)),
    )

    target: str = knob(
        "wave",
        Text("function wanted", "目标函数"),
        Text("What the classes are to come near to, f*.", "各函数类要逼近的函数 f*。"),
        group=NESTED,
        term="depth",
        choices=("wave", "corner", "step"),
        choice_labels=(
            Text("sin 3t", "正弦 sin 3t"),
            Text("|t|", "绝对值 |t|"),
            Text("a step at 0", "0 处的阶跃"),
        ),
    )

    x: float = knob(
        1.0,
        Text("x", "自变量 x"),
        Text("Where eˣ is expanded to.", "在何处求 eˣ 的展开。"),
        group=TAYLOR,
        term="residual",
        bounds=(-3, 3),
        step=0.5,
    )
    terms: int = knob(
        5,
        Text("terms", "项数"),
        Text("How many terms are added up.", "相加的项数。"),
        group=TAYLOR,
        term="residual",
        bounds=(1, 9),
        slider=True,
    )

    def conflicts(self) -> list[Problem]:
        problems = []
        blocks = matrix(self.factors).size
        if self.removed > blocks:
            message = Text(
                "{knob} is {removed}, there are {blocks}. Take 0 to {blocks}.",
                "{knob}为 {removed}，而只有 {blocks} 个块。请取 0 到 {blocks}。",
            )
            problems.append(self.problem("removed", message, blocks=blocks, removed=self.removed))
        if self.channels % self.reduction:
            message = Text(
                "{knob} is {channels}, which {reduction} does not divide. Take a multiple of {by}.",
                "{knob}为 {channels}，不能被{reduction}整除。请取 {by} 的倍数。",
            )
            values = {"channels": self.channels, "by": self.reduction}
            problems.append(self.problem("channels", message, **values))
        return problems
