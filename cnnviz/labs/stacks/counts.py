"""Stacks of 3×3, NiN's block, depthwise separable and grouped convolutions, counted by hand."""

from cnnviz.labs.parts import Part, Picture, Said, Say, Sums, Table, frame
from cnnviz.labs.stacks.settings import StacksSettings
from cnnviz.numbers import few_digits, share, short
from cnnviz.render.figures.canvas import Canvas
from cnnviz.text import Text

_CELL = 15  # px of a pixel
_COLOURS = ("rgba(0,114,178,0.30)", "rgba(230,159,0,0.45)")


def fields(count: int) -> list[int]:
    """Receptive fields after 0, 1 … `count` convolutions of 3×3: each adds 2."""
    return [1 + 2 * n for n in range(count + 1)]


def stacked(settings: StacksSettings) -> list[Part]:
    """The field that grows layer by layer, and the weights against one large kernel."""
    n, c = settings.count, settings.channels
    every = fields(n)
    k = every[-1]
    frames = []
    for layer in range(1, n + 1):
        line = " + ".join(["1", *["2"] * layer])
        frames.append(
            Text(
                f"{layer} × 3×3: sees {line} = {every[layer]} pixels a side",
                f"{layer} 个 3×3：边长 {line} = {every[layer]} 个像素",
            )
        )

    def draw(canvas: Canvas, say: Say) -> None:
        _field(canvas, every)

    words = Text(
        "The pixels that the unit in the middle sees, after each layer.",
        "每多一层之后，中间那个单元看到的像素。",
    )
    small, large = 9 * n, k * k
    weights = (small * c * c, large * c * c)
    lines = (
        Text(
            f"{n} × 3×3: {n}·3·3·C² = {small}·{c}² = {weights[0]:,}",
            f"{n} 个 3×3：{n}·3·3·C² = {small}·{c}² = {weights[0]:,}",
        ),
        Text(
            f"one {k}×{k}: {k}·{k}·C² = {large}·{c}² = {weights[1]:,}",
            f"一个 {k}×{k}：{k}·{k}·C² = {large}·{c}² = {weights[1]:,}",
        ),
        f"{small}/{large} = {share(small, large)}",
    )
    told = Text(
        "The same field for fewer weights, and {n} activation{n:|s} instead of one. Biases are "
        "left out.",
        "感受野相同而权重更少，且 {n} 层各有一个激活函数，而不是一个。未计偏置。",
    )
    return [
        Picture(words, draw, tuple(frames), "step"),
        Sums(lines),
        Said(told.format(n=n)),
        Table(
            (
                Text("3×3 layers", "3×3 层数"),
                Text("sees", "感受野"),
                Text("weights of C², stack / one", "C² 的系数：堆叠 / 单个"),
                Text("share", "占比"),
            ),
            tuple(
                (str(i), f"{f}×{f}", f"{9 * i} / {f * f}", share(9 * i, f * f))
                for i, f in enumerate(every)
                if i
            ),
        ),
    ]


def _field(canvas: Canvas, every: list[int]) -> None:
    side = every[-1] + 2
    middle = side // 2
    for row in range(side):
        for column in range(side):
            canvas.rect(column * _CELL, row * _CELL, _CELL, _CELL, "none", line=0.5)
    canvas.rect(middle * _CELL, middle * _CELL, _CELL, _CELL, _COLOURS[1])
    for layer, size in enumerate(every[1:]):
        corner = (middle - size // 2) * _CELL
        with canvas.part(frame(layer)):
            canvas.rect(corner, corner, size * _CELL, size * _CELL, _COLOURS[0], line=2.5)


def nin_block(inputs: int, width: int, window: int) -> tuple[int, int, int]:
    """Parameters with biases of the convolution and the two 1×1 that follow it."""
    first = (window * window * inputs + 1) * width
    return first, (width + 1) * width, (width + 1) * width


def numbers_moved(inputs: int, outputs: int, params: int, size: int) -> int:
    """Numbers of a layer's input, output and parameters, on a map of `size` × `size`."""
    return (inputs + outputs) * size * size + params


def network_in_network(settings: StacksSettings) -> list[Part]:
    """NiN's block beside VGG's of as many layers, and how much it computes with what it moves."""
    c, w, k, size = settings.inputs, settings.width, settings.window, settings.side
    first, second, third = nin_block(c, w, k)
    vgg = (9 * c + 1) * w + 2 * (9 * w + 1) * w
    lines = (
        f"{k}×{k}: ({k}·{k}·{c} + 1)·{w} = {first:,}",
        f"1×1: ({w} + 1)·{w} = {second:,}",
        f"1×1: ({w} + 1)·{w} = {third:,}",
        Text(
            f"NiN block: {first + second + third:,}; three 3×3 as in VGG: {vgg:,}",
            f"NiN 块：{first + second + third:,}；像 VGG 那样三个 3×3：{vgg:,}",
        ),
    )
    told = Text(
        "The two 1×1 with their activations are a small network of two layers over the channels "
        "of each pixel, the same at every pixel. NiN pools between blocks, three times with four "
        "blocks, and ends in global average pooling instead of fully connected layers.",
        "两个 1×1 连同激活函数，是每个像素的各通道上的两层小网络，所有像素共用。"
        "NiN 在块与块之间池化（四个块池化三次），最后用全局平均池化代替全连接层。",
    )
    rows, densities = [], []
    for kernel, inputs, params in ((k, c, first), (1, w, second)):
        macs = kernel * kernel * inputs * w * size * size
        moved = numbers_moved(inputs, w, params, size)
        densities.append(few_digits(macs / moved))
        rows.append((f"{kernel}×{kernel}", f"{params:,}", short(macs), short(moved), densities[-1]))
    head = (
        Text("on {n}×{n} pixels", "{n}×{n} 像素").format(n=size),
        Text("parameters", "参数量"),
        Text("MACs", "乘加次数"),
        Text("numbers moved", "读写的数"),
        Text("MACs a number", "每个数的乘加次数"),
    )
    why = Text(
        "Why NiN trains more slowly than its few parameters suggest: each weight is used at all "
        "{pixels} pixels, and a 1×1 computes little with what it reads, writes and holds as "
        "parameters: {small} MACs for each of these numbers, the {k}×{k} {large}. The fewer they "
        "are, the sooner memory sets the pace. A 1×1 itself is one matrix product and runs in "
        "parallel like any other.",
        "NiN 参数很少，训练却不快，原因在于：每个权重在全部 {pixels} 个像素上都要用到；"
        "而且 1×1 对读写的每个数（输入、输出与参数）只做 {small} 次乘加，{k}×{k} 则为 {large} 次。"
        "次数越少，越容易受内存带宽限制。1×1 本身就是一次矩阵乘法，并行程度与其他卷积无异。",
    ).format(pixels=f"{size * size:,}", small=densities[1], large=densities[0], k=k)
    return [Sums(lines), Said(told), Table(head, tuple(rows)), Said(why)]


def separable(settings: StacksSettings) -> list[Part]:
    """A full convolution against a depthwise one and a 1×1."""
    m, n, k = settings.from_channels, settings.to_channels, settings.kernel
    full, depthwise, pointwise = k * k * m * n, k * k * m, m * n
    ratio = (depthwise + pointwise) / full
    lines = (
        Text(
            f"full: {k}·{k}·{m}·{n} = {full:,} weights",
            f"普通卷积：{k}·{k}·{m}·{n} = {full:,} 个权重",
        ),
        Text(f"depthwise: {k}·{k}·{m} = {depthwise:,}", f"逐通道卷积：{k}·{k}·{m} = {depthwise:,}"),
        Text(f"1×1: {m}·{n} = {pointwise:,}", f"1×1 卷积：{m}·{n} = {pointwise:,}"),
        Text(
            f"together {depthwise + pointwise:,}: 1/N + 1/k² = 1/{n} + 1/{k * k} = "
            f"{few_digits(ratio)}",
            f"合计 {depthwise + pointwise:,}：1/N + 1/k² = 1/{n} + 1/{k * k} = {few_digits(ratio)}",
        ),
    )
    told = Text(
        "First each channel is filtered in space alone, then a 1×1 mixes the channels. Multiply-"
        "accumulates are as much fewer, at any size of the map.",
        "先对每个通道单独做空间卷积，再用 1×1 混合通道。乘加次数按同样比例减少，与特征图尺寸无关。",
    )
    return [Sums(lines), Said(told)]


def shuffled(total: int, groups: int) -> list[int]:
    """Channels in their new order: (groups, width) written as rows and read by columns."""
    width = total // groups
    return [row * width + column for column in range(width) for row in range(groups)]


def shuffle(settings: StacksSettings) -> list[Part]:
    """A shuffle as a permutation, channel by channel, and what groups save."""
    total, groups = settings.total, settings.groups
    order = shuffled(total, groups)
    width = total // groups
    places = {channel: place for place, channel in enumerate(order)}
    frames = []
    for channel in range(total):
        row, column = divmod(channel, width)
        place = places[channel]
        text = f"({row}, {column}) → ({column}, {row}): {column}·{groups} + {row} = {place}"
        frames.append(Text(f"channel {channel} = {text}", f"通道 {channel} = {text}"))

    def draw(canvas: Canvas, say: Say) -> None:
        _wires(canvas, places, groups, width)

    words = Text(
        "Channels of one colour were one group; below, each new group has some of all.",
        "同色的通道原属一组；下方的每个新组都含有各组的通道。",
    )
    full = total * total
    heard = min(groups, width)
    lines = (
        Text(f"new order: {' '.join(map(str, order))}", f"新的次序：{' '.join(map(str, order))}"),
        Text(
            f"weights of a 1×1: {total}·{total} = {full}; in {groups} groups "
            f"{groups}·{width}·{width} "
            f"= {groups * width * width}",
            f"1×1 的权重：{total}·{total} = {full}；分 {groups} 组：{groups}·{width}·{width} = "
            f"{groups * width * width}",
        ),
        Text(
            f"after the shuffle a group hears of {heard} of {groups} groups",
            f"混洗之后，每组能得到 {groups} 组中 {heard} 组的信息",
        ),
    )
    told = Text(
        "Write the channels as {groups} rows of {width}, transpose, and read them row by row. "
        "Nothing is computed; without it, groups would never hear of each other.",
        "把通道写成 {groups} 行、每行 {width} 个，转置后逐行读出。不做任何计算；没有它，"
        "各组之间永远互不相通。",
    )
    return [
        Picture(words, draw, tuple(frames), "shuffle_step"),
        Sums(lines),
        Said(told.format(groups=groups, width=width)),
    ]


def _wires(canvas: Canvas, places: dict[int, int], groups: int, width: int) -> None:
    colours = (  # as many as there may be groups
        *("0,114,178", "230,159,0", "0,158,115", "204,121,167"),
        *("86,180,233", "213,94,0", "240,228,66", "128,128,128"),
    )
    step, low = 44, 120
    for channel, place in places.items():
        group = channel // width
        shade = f"rgba({colours[group]},0.45)"
        for x, y, label in ((channel * step, 0, channel), (place * step, low, channel)):
            canvas.rect(x, y, 34, 30, shade)
            canvas.text(x + 17, y + 15, str(label))
        canvas.line([(channel * step + 17, 30), (place * step + 17, low)], width=1.2)
        with canvas.part(frame(channel)):
            canvas.line(
                [(channel * step + 17, 30), (place * step + 17, low)], width=5, colour="#D55E00"
            )
    for group in range(1, groups):
        for y in (-6, low - 6):
            x = group * width * step - 5
            canvas.line([(x, y), (x, y + 42)], width=2)
