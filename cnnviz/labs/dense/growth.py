"""How the channels of a dense block grow, and what a transition takes away again."""

from cnnviz.labs.dense.settings import DenseSettings
from cnnviz.labs.parts import Part, Picture, Said, Say, Sums, Table, frame
from cnnviz.numbers import few_digits
from cnnviz.render.figures.canvas import Canvas
from cnnviz.text import Text
from cnnviz.zoo.densenet import compressed

_STEP, _BAR = 78, 46  # px from a layer to the next, and width of its bar
_TALLEST = 150  # px


def read_by(start: int, growth: int, layer: int) -> int:
    """Channels that layer l, counted from 1, reads: k₀ + (l − 1)·k."""
    return start + (layer - 1) * growth


def weights(start: int, growth: int, layers: int) -> int:
    """Weights of the 3×3 convolutions, without biases."""
    return sum(9 * read_by(start, growth, layer) * growth for layer in range(1, layers + 1))


def grows(settings: DenseSettings) -> list[Part]:
    """The block as a film, layer by layer, with all of its connections."""
    start, k, count = settings.start, settings.growth, settings.layers
    total = start + count * k
    frames = []
    for layer in range(1, count + 1):
        width = read_by(start, k, layer)
        frames.append(
            Text(
                f"layer {layer} reads {start} + {layer - 1}·{k} = {width} channels, adds {k}: "
                f"now {width + k}",
                f"第 {layer} 层读取 {start} + {layer - 1}·{k} = {width} 个通道，新增 {k} 个：现有 "
                f"{width + k}",
            )
        )

    def draw(canvas: Canvas, say: Say) -> None:
        _bus(canvas, settings)

    words = Text(
        "Each bar is all that a layer reads: the input at the bottom, above it k channels of every "
        "layer before. H1, H2 … are the layers, the arcs their connections.",
        "每根柱是该层读取的全部通道：最下面是输入，往上是之前每一层的 k 个通道。H1、H2 … "
        "是各层，弧线是连接。",
    )
    arcs = count * (count + 1) // 2
    rows = tuple(
        (
            str(layer),
            f"{start} + {layer - 1}·{k} = {read_by(start, k, layer)}",
            f"3·3·{read_by(start, k, layer)}·{k} = {9 * read_by(start, k, layer) * k:,}",
            _readers(layer, count),
        )
        for layer in range(1, count + 1)
    )
    lines = (
        Text(
            f"output: {start} + {count}·{k} = {total} channels",
            f"输出：{start} + {count}·{k} = {total} 个通道",
        ),
        Text(
            f"connections: L(L + 1)/2 = {count}·{count + 1}/2 = {arcs}; a chain has {count}",
            f"连接数：L(L + 1)/2 = {count}·{count + 1}/2 = {arcs}；链式网络只有 {count}",
        ),
        Text(
            f"ways from input to output: 2^{count} = {2**count:,}, one of them past every layer; "
            "a chain has 1",
            f"从输入到输出的路径：2^{count} = {2**count:,} 条，其中一条绕过所有层；"
            "链式网络只有 1 条",
        ),
        Text(
            f"weights of the 3×3: {weights(start, k, count):,}",
            f"3×3 的权重：{weights(start, k, count):,}",
        ),
    )
    return [
        Picture(words, draw, tuple(frames), "step"),
        Sums(lines),
        Table(
            (
                Text("layer", "层"),
                Text("channels read", "读取的通道"),
                Text("weights of its 3×3", "3×3 的权重"),
                Text("its maps are read by", "其特征图的读取者"),
            ),
            rows,
        ),
        Said(
            Text(
                "This is what reuse of features means: every map stays, and each later layer reads "
                "it at first hand, as the last column counts; in a chain only the next one does. "
                "The gradient comes back along the same connections. How much a layer makes of "
                "each source is for its weights to learn: the experiment below hides the older "
                "maps from a trained layer.",
                "特征重用就是这个意思：每个特征图都保留下来，之后的每一层都直接读取它（见最后一列），"
                "链式网络中则只有下一层读取；梯度也沿同样的连接返回。每一层对各个来源利用多少，"
                ""
                "由它的权重学习决定：下方的实验让训练后的层看不到较早的特征图。",
            )
        ),
    ]


def _readers(layer: int, count: int) -> Text:
    """Who reads what a layer adds: the layers after it, and what follows the block."""
    after = count - layer
    if after == 0:
        return Text("the output: 1", "输出：1")
    return Text(
        f"{after} layers + the output: {after + 1}" if after > 1 else "1 layer + the output: 2",
        f"{after} 层 + 输出：{after + 1}",
    )


def _bus(canvas: Canvas, settings: DenseSettings) -> None:
    start, k, count = settings.start, settings.growth, settings.layers
    scale = _TALLEST / (start + count * k)
    colours = ("rgba(0,114,178,0.35)", "rgba(230,159,0,0.35)", "rgba(0,158,115,0.35)")
    for at in range(count + 1):  # the last bar is the output
        x, y = at * _STEP, 0.0
        for part in range(at + 1):
            height = (start if part == 0 else k) * scale
            colour = "rgba(128,128,128,0.35)" if part == 0 else colours[(part - 1) % 3]
            canvas.rect(x, y - height, _BAR, height, colour)
            y -= height
        canvas.text(x + _BAR / 2, y - 12, str(read_by(start, k, at + 1)))
        canvas.text(x + _BAR / 2, 16, "→" if at == count else f"H{at + 1}")
    centres = [at * _STEP + _BAR / 2 for at in range(count + 1)]
    below = 30.0
    for at in range(count):
        with canvas.part(frame(at)):
            canvas.rect(at * _STEP - 5, -_TALLEST - 26, _BAR + 10, _TALLEST + 52, "none", line=3.5)
            for source in range(at + 1):
                depth = below + 14 + 12 * (at - source)
                left = centres[source] - (_STEP / 2 - 6 if source == 0 else _STEP / 2)
                canvas.line(
                    [(left, below), (left, depth), (centres[at], depth), (centres[at], below)],
                    width=2.5,
                    colour="#D55E00",
                )


def transition(settings: DenseSettings) -> list[Part]:
    """A 1×1 to fewer channels, and an average pooling to half the size."""
    before = settings.start + settings.layers * settings.growth
    after, theta = compressed(before, settings.compression), few_digits(settings.compression)
    size, half = settings.size, settings.size // 2
    lines = (
        Text(
            f"channels: ⌊θ·{before}⌋ = ⌊{theta}·{before}⌋ = {after}",
            f"通道数：⌊θ·{before}⌋ = ⌊{theta}·{before}⌋ = {after}",
        ),
        Text(
            f"weights of the 1×1: {before}·{after} = {before * after:,}",
            f"1×1 的权重：{before}·{after} = {before * after:,}",
        ),
        Text(
            f"2×2 average pooling, stride 2: {before}×{size}×{size} → {after}×{half}×{half}",
            f"2×2 平均池化，步幅 2：{before}×{size}×{size} → {after}×{half}×{half}",
        ),
        Text(
            f"values: {before * size * size:,} → {after * half * half:,}",
            f"值的个数：{before * size * size:,} → {after * half * half:,}",
        ),
    )
    told = Text(
        "Joining needs maps of one size, so that a network of dense blocks halves it between "
        "them. The course cuts 23 channels to 10 with a 1×1: ⌊0.45·23⌋ = ⌊10.35⌋ = 10. θ = 0.5 "
        "would leave ⌊11.5⌋ = 11.",
        "拼接要求特征图尺寸相同，所以尺寸只在稠密块之间减半。教材用 1×1 把 23 个通道减到 10："
        "⌊0.45·23⌋ = ⌊10.35⌋ = 10；θ = 0.5 则剩 ⌊11.5⌋ = 11。",
    )
    return [Sums(lines), Said(told)]


def joined(settings: DenseSettings) -> list[Part]:
    """What a layer of the same output costs where maps are added, and where they are joined."""
    start, k, count = settings.start, settings.growth, settings.layers
    total = start + count * k
    adding = count * 9 * total * total
    rows = (
        (
            Text("dense: [x, f₁(x), f₂([x, f₁(x)]), …]", "稠密：[x, f₁(x), f₂([x, f₁(x)]), …]"),
            f"{k}",
            f"{total}",
            f"{weights(start, k, count):,}",
        ),
        (
            Text("residual: x + f(x)", "残差：x + f(x)"),
            f"{total}",
            f"{total}",
            f"{adding:,}",
        ),
    )
    head = (
        Text("a layer gives", "每层的输出"),
        Text("new channels", "新通道数"),
        Text("channels after {n} layer{n:|s}", "{n} 层之后的通道数").format(n=count),
        Text("weights of all 3×3", "全部 3×3 的权重"),
    )
    told = Text(
        "Added maps can no longer be told apart and must have as many channels as the sum; joined "
        "ones stay as they are, each layer reads them again, and its gradient reaches every layer "
        "before it directly. A superfluous layer of a ResNet falls back to the identity; one of a "
        "DenseNet can only be weighted little by those that read it.",
        "相加后无法再区分各特征图，且通道数必须一致；拼接则原样保留，每一层都能再读到，梯度也直接传到之前的每一层。"
        "ResNet 中多余的层可退化为恒等映射；DenseNet 中多余的层只能被后面的层赋予很小的权重。",
    )
    return [Table(head, rows), Said(told)]
