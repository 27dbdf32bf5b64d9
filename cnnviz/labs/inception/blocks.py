"""An Inception block's parameters and operations, path by path, and what it is measured against."""

from dataclasses import dataclass

from cnnviz.labs.inception.settings import InceptionSettings
from cnnviz.labs.parts import Part, Picture, Said, Say, Sums, Table, Words, frame
from cnnviz.numbers import share, short
from cnnviz.render.figures.canvas import Canvas
from cnnviz.text import Text


@dataclass(frozen=True)
class Conv:
    """A convolution of stride 1 that keeps the size, with biases."""

    kernel: tuple[int, int]
    inputs: int
    outputs: int

    @property
    def params(self) -> int:
        return (self.kernel[0] * self.kernel[1] * self.inputs + 1) * self.outputs

    def macs(self, size: int) -> int:
        """Multiply-accumulates on a map of `size` × `size`."""
        return self.kernel[0] * self.kernel[1] * self.inputs * self.outputs * size**2

    @property
    def sum(self) -> str:
        """The parameters as arithmetic: "(1·1·192 + 1)·64 = 12,352"."""
        (height, width), inputs, outputs = self.kernel, self.inputs, self.outputs
        return f"({height}·{width}·{inputs} + 1)·{outputs} = {self.params:,}"


def square(kernel: int, inputs: int, outputs: int) -> Conv:
    return Conv((kernel, kernel), inputs, outputs)


def paths(inputs: int, split: tuple[int, ...]) -> tuple[tuple[Conv, ...], ...]:
    """The convolutions of the four paths of GoogLeNet's block."""
    conv1, reduce3, conv3, reduce5, conv5, pool = split
    return (
        (square(1, inputs, conv1),),
        (square(1, inputs, reduce3), square(3, reduce3, conv3)),
        (square(1, inputs, reduce5), square(5, reduce5, conv5)),
        (square(1, inputs, pool),),
    )


def naive(inputs: int, split: tuple[int, ...]) -> tuple[Conv, ...]:
    """The convolutions of the naive block: no 1×1 before, none after the pooling."""
    conv1, _, conv3, _, conv5, _ = split
    return square(1, inputs, conv1), square(3, inputs, conv3), square(5, inputs, conv5)


def block(settings: InceptionSettings) -> list[Part]:
    """The four paths as a film, with their parameters as arithmetic."""
    every = paths(settings.inputs, settings.split)
    c1, _, c3, _, c5, pool = settings.split
    outputs = (c1, c3, c5, pool)
    frames = []
    for number, path in enumerate(every, start=1):
        sums = " + ".join(f"{conv.params:,}" for conv in path)
        total = sum(conv.params for conv in path)
        each = "; ".join(conv.sum for conv in path)
        more = f"; {sums} = {total:,}" if len(path) > 1 else ""
        frames.append(Text(f"path {number}: {each}{more}", f"路径 {number}：{each}{more}"))
    totals = [sum(conv.params for conv in path) for path in every]
    joined = f"{' + '.join(map(str, outputs))} = {sum(outputs)}"
    frames.append(
        Text(
            f"joined: {joined} channels; {' + '.join(f'{n:,}' for n in totals)} = "
            f"{sum(totals):,} parameters",
            f"拼接：{joined} 个通道；参数量 {' + '.join(f'{n:,}' for n in totals)} = "
            f"{sum(totals):,}",
        )
    )

    def draw(canvas: Canvas, say: Say) -> None:
        _branches(canvas, say, settings)

    words = Text(
        "All four paths read the same map and keep its size; their channels are joined.",
        "四条路径读取同一张特征图，尺寸不变；它们的通道拼接在一起。",
    )
    macs = [sum(conv.macs(settings.size) for conv in path) for path in every]
    names: tuple[Words, ...] = (
        "1×1",
        "1×1 → 3×3",
        "1×1 → 5×5",
        Text("3×3 pooling → 1×1", "3×3 池化 → 1×1"),
    )
    table = Table(
        (
            Text("path", "路径"),
            Text("channels", "通道数"),
            Text("parameters", "参数量"),
            Text("share", "占比"),
            Text("MACs", "乘加次数"),
        ),
        (
            *(
                (name, str(out), f"{n:,}", share(n, sum(totals)), short(m))
                for name, out, n, m in zip(names, outputs, totals, macs, strict=True)
            ),
            (Text("together", "合计"), str(sum(outputs)), f"{sum(totals):,}", "", short(sum(macs))),
        ),
    )
    return [Picture(words, draw, tuple(frames), "step"), table]


def _branches(canvas: Canvas, say: Say, settings: InceptionSettings) -> None:
    c1, r3, c3, r5, c5, pool = settings.split
    size = settings.size
    width, height, step = 128, 30, 150
    pooling = say(Text("3×3 max pool", "3×3 最大池化"))
    boxes = (
        ("", f"1×1, {c1}"),
        (f"1×1, {r3}", f"3×3, {c3}"),
        (f"1×1, {r5}", f"5×5, {c5}"),
        (pooling, f"1×1, {pool}"),
    )
    middle = 1.5 * step + width / 2
    canvas.text(middle, 0, f"{settings.inputs}×{size}×{size}", bold=True)
    canvas.text(middle, 190, f"{c1 + c3 + c5 + pool}×{size}×{size}", bold=True)
    colours = {
        "1": "rgba(86,180,233,0.30)",
        "3": "rgba(0,114,178,0.30)",
        "5": "rgba(0,114,178,0.5)",
    }
    for at, pair in enumerate(boxes):
        x = at * step
        canvas.line([(middle, 10), (x + width / 2, 38), (x + width / 2, 150), (middle, 178)])
        for row, name in enumerate(pair):
            if name:
                colour = "rgba(0,158,115,0.30)" if name == pooling else colours[name[0]]
                canvas.rect(x, 40 + row * 60, width, height, "Canvas")
                canvas.rect(x, 40 + row * 60, width, height, colour)
                canvas.text(x + width / 2, 55 + row * 60, name)
        with canvas.part(frame(at)):
            canvas.rect(x - 6, 33, width + 12, 104, "none", line=4)
    with canvas.part(frame(len(boxes))):
        canvas.rect(middle - 80, 176, 160, 28, "none", line=4)


def against(settings: InceptionSettings) -> list[Part]:
    """The block beside the naive one and beside a single 3×3 or 5×5 of its output."""
    inputs, split, size = settings.inputs, settings.split, settings.size
    outputs = split[0] + split[2] + split[4] + split[5]
    ours = [conv for path in paths(inputs, split) for conv in path]
    simple = naive(inputs, split)
    wide = split[0] + split[2] + split[4] + inputs  # the pooling hands all channels on
    rivals = (
        (Text("Inception v1", "Inception v1 块"), ours, outputs),
        (Text("naive: no 1×1 to reduce", "朴素模块：没有降维的 1×1"), simple, wide),
        (Text("one 3×3", "单个 3×3"), [square(3, inputs, outputs)], outputs),
        (Text("one 5×5", "单个 5×5"), [square(5, inputs, outputs)], outputs),
    )
    base = sum(conv.params for conv in ours)
    rows = []
    for name, convs, channels in rivals:
        params, macs = sum(conv.params for conv in convs), sum(conv.macs(size) for conv in convs)
        rows.append((name, str(channels), f"{params:,}", f"×{params / base:.2f}", short(macs)))
    head = (
        "",
        Text("output channels", "输出通道数"),
        Text("parameters", "参数量"),
        Text("ratio", "倍数"),
        Text("MACs", "乘加次数"),
    )
    told = Text(
        "The naive block's pooling hands all {inputs} channels on, so that its output grows to "
        "{wide}, and with it every block that follows. A 1×1 sees one pixel, not the whole: it "
        "mixes channels, and the 3×3 and 5×5 see the neighbours.",
        "朴素模块的池化路径把全部 {inputs} 个通道传下去，输出增至 {wide} 个，后面每个块都随之变大。"
        "1×1 只看一个像素而非全局：它混合通道；相邻像素由 3×3 和 5×5 去看。",
    )
    return [Table(head, tuple(rows)), Said(told.format(inputs=inputs, wide=wide))]


def factors(settings: InceptionSettings) -> list[Part]:
    """A k×k kernel beside a stack of 3×3, and beside 1×k and k×1."""
    k, c = settings.kernel, settings.channels
    threes = (k - 1) // 2
    kinds = (
        (f"{k}×{k}", [(k, k)]),
        (Text("{n} × 3×3", "{n} 个 3×3").format(n=threes), [(3, 3)] * threes),
        (f"1×{k} + {k}×1", [(1, k), (k, 1)]),
    )
    base = k * k * c * c
    lines: list[Text | str] = []
    rows = []
    for name, kernels in kinds:
        weights = sum(a * b for a, b in kernels)
        total = weights * c * c
        terms = " + ".join(f"{a}·{b}" for a, b in kernels)
        title = name if isinstance(name, Text) else Text(name, name)
        lines.append(
            Text(
                f"{title.en}: ({terms})·{c}² = {weights}·{c}² = {total:,}",
                f"{title.zh}：({terms})·{c}² = {weights}·{c}² = {total:,}",
            )
        )
        field = 1 + sum(a - 1 for a, _ in kernels)
        rows.append((name, f"{weights}", f"{total:,}", share(total, base), f"{field}×{field}"))
    head = (
        "",
        Text("weights a pair of channels", "每对通道的权重"),
        Text("weights", "权重"),
        Text("share", "占比"),
        Text("sees", "感受野"),
    )
    told = Text(
        "All see {k}×{k} pixels. Between two smaller kernels stands an activation more.",
        "三种做法都看到 {k}×{k} 个像素。两个较小的卷积核之间还多一个激活函数。",
    )
    return [Sums(tuple(lines)), Table(head, tuple(rows)), Said(told.format(k=k))]
