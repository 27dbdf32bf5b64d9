"""The knobs of the lab on pooling."""

from dataclasses import dataclass

from cnnviz.knobs import Problem, knob
from cnnviz.labs.lab import step_knob
from cnnviz.labs.written import Matrix, matrix, written
from cnnviz.settings import Settings
from cnnviz.text import Text

WINDOWS = Text("Window by window", "逐个窗口地池化")
CHANNELS = Text("Each channel for itself", "每个通道各自池化")
GLOBAL = Text("Global average pooling", "全局平均池化")


@dataclass(frozen=True, kw_only=True)
class PoolingSettings(Settings):
    """Pooling a small matrix; opens with 0 to 8 and a 2×2 window, as the course does."""

    family = "pooling"

    image: str = written(
        "0,1,2_3,4,5_6,7,8",
        Text("input", "输入"),
        Text("The map that is pooled.", "要池化的特征图。"),
        form=Matrix((1, 7), (1, 7)),
        group=WINDOWS,
        term="pooling",
    )
    kind: str = knob(
        "max",
        Text("pooling", "池化方式"),
        Text(
            "The largest value keeps what is striking, an edge or a spot; the mean smooths noise.",
            "取最大值保留突出的特征，如边缘和斑点；取平均值平滑噪声。",
        ),
        group=WINDOWS,
        term="pooling",
        choices=("max", "average"),
        choice_labels=(Text("maximum", "最大"), Text("average", "平均")),
    )
    window: int = knob(
        2,
        Text("window", "窗口"),
        Text("Height and width of the window.", "窗口的高和宽。"),
        group=WINDOWS,
        term="pooling",
        symbol="k",
        bounds=(1, 4),
    )
    stride: int = knob(
        1,
        Text("stride", "步幅"),
        Text(
            "How far the window moves; in networks mostly as far as it is wide.",
            "窗口每次移动的距离；网络中多与窗口边长相同。",
        ),
        group=WINDOWS,
        term="pooling",
        symbol="s",
        bounds=(1, 4),
    )
    padding: int = knob(
        0,
        Text("padding", "填充"),
        Text(
            "Rows and columns on each side: −∞ for the maximum, so that they never win, and 0 for "
            "the average, where they count.",
            "每一侧补的行数和列数：最大池化补 −∞，使其永远不会被选中；平均池化补 0，并计入个数。",
        ),
        group=WINDOWS,
        term="padding",
        symbol="p",
        bounds=(0, 2),
    )
    step: int = step_knob(WINDOWS)

    first: str = written(
        "0,1,2,3_4,5,6,7_8,9,10,11_12,13,14,15",
        Text("channel 1", "通道 1"),
        Text("A map of 4×4; channel 2 is 1 more everywhere.", "4×4 的特征图；通道 2 处处大 1。"),
        form=Matrix((4, 4), (4, 4)),
        group=CHANNELS,
        term="channels",
    )

    maps: str = written(
        "1,2,3,2_0,0,4,0_-1,1,-1,1",
        Text("maps", "特征图"),
        Text(
            "A row for each channel, its pixels beside each other; with a channel for each class, "
            "the means are the logits.",
            "每行一个通道，并排写出它的像素；若每个类别对应一个通道，平均值就是各类别的得分（logits）。",
        ),
        form=Matrix((1, 6), (1, 9)),
        group=GLOBAL,
        term="pooling",
    )

    def conflicts(self) -> list[Problem]:
        return [*self._too_large(), *self._too_much_padding()]

    def _too_large(self) -> list[Problem]:
        smallest = min(matrix(self.image).shape) + 2 * self.padding
        if self.window <= smallest:
            return []
        message = Text(
            "{knob} is {window}, the input with its padding has only {size} rows or columns. Take "
            "at most {size}, or a larger {image}.",
            "{knob}为 {window}，而填充后的输入只有 {size} 行或列。请取不超过 {size}，"
            "或增大{image}。",
        )
        return [self.problem("window", message, size=smallest, window=self.window)]

    def _too_much_padding(self) -> list[Problem]:
        if self.padding <= self.window // 2:
            return []
        message = Text(
            "{knob} is {padding}; at most half of {window} is allowed, here {most}: a window might "
            "see nothing but padding.",
            "{knob}为 {padding}；不得超过{window}的一半（此处为 {most}），否则会有窗口只看到填充。",
        )
        values = {"most": self.window // 2, "padding": self.padding}
        return [self.problem("padding", message, **values)]
