"""The knobs of the lab on convolution."""

from dataclasses import dataclass

from cnnviz.knobs import Problem, knob
from cnnviz.labs.lab import step_knob
from cnnviz.labs.windows import reach
from cnnviz.labs.written import Matrix, Words, matrix, written
from cnnviz.settings import Settings
from cnnviz.text import Text

WINDOWS = Text("Step by step", "一步一步地算")
SIZE = Text("How large is the output?", "输出有多大？")
CHANNELS = Text("Several channels", "多个通道")
POINTWISE = Text("1×1: a matrix product at each pixel", "1×1 卷积：每个像素上的矩阵乘法")
SOUND = Text("Along one axis: sound", "一维卷积：声音")
WORDS = Text("Along one axis: words", "一维卷积：词语")

_IMAGE, _KERNEL = Matrix((1, 7), (1, 7)), Matrix((1, 4), (1, 4))
_SMALL = Matrix((3, 3), (3, 3))
_TWO = Matrix((2, 2), (2, 2))


@dataclass(frozen=True, kw_only=True)
class ConvolutionSettings(Settings):
    """Six small calculations; the first opens with the course's 3×3 image and 2×2 kernel."""

    family = "convolution"

    image: str = written(
        "0,1,2_3,4,5_6,7,8",
        Text("image", "输入"),
        Text("The matrix over which the kernel slides.", "卷积核在其上滑动的矩阵。"),
        form=_IMAGE,
        group=WINDOWS,
        term="kernel",
    )
    kernel: str = written(
        "0,1_2,3",
        Text("kernel", "卷积核"),
        Text(
            "The weights that every window of the image is multiplied by.",
            "与输入的每个窗口逐元素相乘的权重。",
        ),
        form=_KERNEL,
        group=WINDOWS,
        term="kernel",
    )
    flipped: bool = knob(
        False,
        Text("flip the kernel", "翻转卷积核"),
        Text(
            "Turned by 180°, it is the convolution of mathematics; deep learning leaves the kernel "
            "as it is and calls the cross-correlation a convolution.",
            "旋转 180° 后就是数学上的卷积；深度学习不翻转卷积核，把互相关直接称为卷积。",
        ),
        group=WINDOWS,
        term="kernel",
    )
    padding: int = knob(
        0,
        Text("padding", "填充"),
        Text("Rows and columns of zeros on each side.", "每一侧补零的行数和列数。"),
        group=WINDOWS,
        term="padding",
        symbol="p",
        bounds=(0, 2),
    )
    stride: int = knob(
        1,
        Text("stride", "步幅"),
        Text("How far the window moves at a time.", "窗口每次移动的距离。"),
        group=WINDOWS,
        term="kernel",
        symbol="s",
        bounds=(1, 3),
    )
    dilation: int = knob(
        1,
        Text("dilation", "空洞率"),
        Text(
            "Distance of neighbouring weights on the image; 1 leaves no gap.",
            "相邻权重在输入上的间隔；1 表示没有空洞。",
        ),
        group=WINDOWS,
        term="kernel",
        symbol="d",
        bounds=(1, 3),
    )
    step: int = step_knob(WINDOWS)

    size_n: int = knob(
        240,
        Text("input", "输入边长"),
        Text("Height or width of the input.", "输入的高或宽。"),
        group=SIZE,
        term="shape",
        symbol="n",
        bounds=(1, 4096),
    )
    size_k: int = knob(
        5,
        Text("kernel", "卷积核边长"),
        Text("Height or width of the kernel.", "卷积核的高或宽。"),
        group=SIZE,
        term="kernel",
        symbol="k",
        bounds=(1, 64),
    )
    size_p: int = knob(
        2,
        Text("padding a side", "每侧填充"),
        Text("Zeros at each end of the axis.", "该轴每一端补的零的个数。"),
        group=SIZE,
        term="padding",
        symbol="p",
        bounds=(0, 64),
    )
    size_s: int = knob(
        3,
        Text("stride", "步幅"),
        Text("How far the window moves at a time.", "窗口每次移动的距离。"),
        group=SIZE,
        term="kernel",
        symbol="s",
        bounds=(1, 64),
    )
    size_d: int = knob(
        1,
        Text("dilation", "空洞率"),
        Text("Distance of neighbouring weights on the input.", "相邻权重在输入上的间隔。"),
        group=SIZE,
        term="kernel",
        symbol="d",
        bounds=(1, 16),
    )

    channel_1: str = written(
        "0,1,2_3,4,5_6,7,8",
        Text("channel 1", "通道 1"),
        Text("The first channel of the input, 3×3.", "输入的第 1 个通道，3×3。"),
        form=_SMALL,
        group=CHANNELS,
        term="channels",
    )
    channel_2: str = written(
        "1,2,3_4,5,6_7,8,9",
        Text("channel 2", "通道 2"),
        Text("The second channel of the input, 3×3.", "输入的第 2 个通道，3×3。"),
        form=_SMALL,
        group=CHANNELS,
        term="channels",
    )
    kernel_1: str = written(
        "0,1_2,3",
        Text("kernel for channel 1", "通道 1 的卷积核"),
        Text("The kernel's 2×2 weights for channel 1.", "卷积核中对应通道 1 的 2×2 权重。"),
        form=_TWO,
        group=CHANNELS,
        term="kernel",
    )
    kernel_2: str = written(
        "1,2_3,4",
        Text("kernel for channel 2", "通道 2 的卷积核"),
        Text("The kernel's 2×2 weights for channel 2.", "卷积核中对应通道 2 的 2×2 权重。"),
        form=_TWO,
        group=CHANNELS,
        term="kernel",
    )
    outputs: int = knob(
        3,
        Text("output channels", "输出通道数"),
        Text(
            "As many kernels; each further one has 1 added to all weights, to be told apart.",
            "卷积核的个数；为便于区分，每多一个卷积核，所有权重加 1。",
        ),
        group=CHANNELS,
        term="channels",
        bounds=(1, 3),
    )
    channels_step: int = step_knob(CHANNELS)

    pixels: str = written(
        "1,2,3,4_0,1,0,1_5,5,6,6",
        Text("pixels", "像素"),
        Text(
            "A 2×2 image of some channels: a row a channel, its four pixels beside each other.",
            "一幅 2×2、有若干通道的图像：每行一个通道，并排写出它的四个像素。",
        ),
        form=Matrix((1, 5), (4, 4)),
        group=POINTWISE,
        term="channels",
    )
    weights: str = written(
        "1,0,-1_0.5,2,0",
        Text("weights of the 1×1", "1×1 卷积的权重"),
        Text(
            "A row for each output channel, in it a weight for each input channel.",
            "每行对应一个输出通道，行内每个数对应一个输入通道。",
        ),
        form=Matrix((1, 5), (1, 5)),
        group=POINTWISE,
        term="kernel",
    )
    pixel_step: int = step_knob(POINTWISE)

    low: int = knob(
        2,
        Text("first tone", "第一个音"),
        Text("Oscillations in the 64 samples.", "64 个采样点内的振动次数。"),
        group=SOUND,
        term="trace",
        bounds=(1, 31),
    )
    high: int = knob(
        16,
        Text("second tone", "第二个音"),
        Text("Oscillations in the 64 samples.", "64 个采样点内的振动次数。"),
        group=SOUND,
        term="trace",
        bounds=(1, 31),
    )
    filter: str = written(
        "0.25,0.25,0.25,0.25",
        Text("kernel", "卷积核"),
        Text(
            "The mean of four samples keeps slow oscillations; 1 −1 keeps fast ones.",
            "四个采样点取平均会保留慢的振动；1 −1 保留快的振动。",
        ),
        form=Matrix((1, 1), (1, 9)),
        group=SOUND,
        term="kernel",
    )

    sentence: str = written(
        "the cat sat on the mat and the cat slept",
        Text("sentence", "句子"),
        Text(
            "Write your own; Chinese may stand without spaces.",
            "写你自己的句子；中文可以不加空格。",
        ),
        form=Words((1, 20)),
        group=WORDS,
        term="kernel",
    )
    pattern: str = written(
        "the cat",
        Text("n-gram", "n 元词组"),
        Text(
            "The words that the kernel looks for: it has a 1 for each at its place, 0 for all "
            "others.",
            "卷积核要找的词：每个位置上该词的权重为 1，其余为 0。",
        ),
        form=Words((1, 5)),
        group=WORDS,
        term="kernel",
    )
    words_step: int = step_knob(WORDS)

    def conflicts(self) -> list[Problem]:
        return [
            *self._too_large(),
            *self._nothing_left(),
            *self._channels_differ(),
            *self._too_long(),
        ]

    def _too_large(self) -> list[Problem]:
        """The kernel has to fit into the padded image, on both axes."""
        message = Text(
            "{knob} reaches over {reach} {axis}, the image with its padding has {size}. Make the "
            "kernel smaller, or the image or {padding} larger.",
            "{knob}跨越的{axis}数为 {reach}，而填充后的输入只有 {size}。请缩小卷积核，"
            "或增大输入或{padding}。",
        )
        axes = (Text("rows", "行"), Text("columns", "列"))
        sizes = zip(matrix(self.image).shape, matrix(self.kernel).shape, axes, strict=True)
        return [
            self.problem(
                "kernel",
                message,
                reach=reach(k, self.dilation),
                axis=axis,
                size=n + 2 * self.padding,
            )
            for n, k, axis in sizes
            if reach(k, self.dilation) > n + 2 * self.padding
        ][:1]

    def _nothing_left(self) -> list[Problem]:
        needed, there = reach(self.size_k, self.size_d), self.size_n + 2 * self.size_p
        if needed <= there:
            return []
        message = Text(
            "{knob} {k} with dilation {d} reaches over {needed}, the input with its padding has "
            "{there}. Take a smaller kernel, or a larger {size_n} or {size_p}.",
            "{knob}为 {k}、空洞率为 {d} 时跨越 {needed}，而填充后的输入只有 {there}。"
            "请取更小的卷积核，或增大{size_n}或{size_p}。",
        )
        values = {"k": self.size_k, "d": self.size_d, "needed": needed, "there": there}
        return [self.problem("size_k", message, **values)]

    def _channels_differ(self) -> list[Problem]:
        inputs, taken = len(matrix(self.pixels)), matrix(self.weights).shape[1]
        if inputs == taken:
            return []
        message = Text(
            "{knob} takes {taken} channels, {pixels} has {inputs}. Give each row {inputs} weights.",
            "{knob}对应 {taken} 个通道，而{pixels}有 {inputs} 个。请让每行有 {inputs} 个权重。",
        )
        return [self.problem("weights", message, taken=taken, inputs=inputs)]

    def _too_long(self) -> list[Problem]:
        words, pattern = len(self.sentence.split()), len(self.pattern.split())
        if pattern <= words:
            return []
        message = Text(
            "{knob} has {pattern_words} words, {sentence} has {words}. Take a shorter one.",
            "{knob}有 {pattern_words} 个词，而{sentence}只有 {words} 个。请缩短它。",
        )
        return [self.problem("pattern", message, pattern_words=pattern, words=words)]
