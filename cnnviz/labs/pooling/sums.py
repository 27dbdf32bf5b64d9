"""Maximum and average of every window, of every channel, and of whole maps."""

import numpy as np

from cnnviz.labs import listings
from cnnviz.labs.convolution.steps import size_sum
from cnnviz.labs.exact import mean, summed
from cnnviz.labs.grids import Grid, Step, film, numbers
from cnnviz.labs.parts import Code, Part, Said, Sums, Table
from cnnviz.labs.pooling.settings import PoolingSettings
from cnnviz.labs.windows import padded, size_after, windows
from cnnviz.labs.written import matrix
from cnnviz.numbers import few_digits
from cnnviz.text import Text

KINDS = {"max": Text("maximum", "最大"), "average": Text("average", "平均")}
_FILLED = {"max": -np.inf, "average": 0.0}


def pool(image: np.ndarray, kind: str, *, window: int, stride: int, padding: int) -> np.ndarray:
    """Pool a map (rows, columns) as `torch.nn.MaxPool2d` and `AvgPool2d` do."""
    filled = padded(image, padding, _FILLED[kind])
    found = [_one(one.patch, kind) for one in windows(filled, (window, window), stride=stride)]
    rows, columns = (size_after(size, window, padding, stride) for size in image.shape)
    return np.array(found).reshape(rows, columns)


def _one(patch: np.ndarray, kind: str) -> float:
    return float(patch.max() if kind == "max" else mean(patch))


def _cells(image: np.ndarray) -> list[list[str]]:
    return [
        ["−∞" if value == -np.inf else few_digits(float(value)) for value in row] for row in image
    ]


def _told(patch: np.ndarray, kind: str) -> str:
    cells = [cell for row in _cells(patch) for cell in row]
    value = few_digits(_one(patch, kind))
    if kind == "max":
        return f"max({', '.join(cells)}) = {value}"
    terms = [f"({cell})" if cell.startswith("−") else cell for cell in cells]
    total, count = few_digits(float(summed(patch))), len(cells)
    return f"({' + '.join(terms)}) / {count} = {total} / {count} = {value}"


def _rows(array: np.ndarray) -> str:
    return " / ".join(" ".join(row) for row in numbers(array))


def window_by_window(settings: PoolingSettings) -> list[Part]:
    """The film, both kinds beside each other, and the size."""
    inner = matrix(settings.image)
    how = {"window": settings.window, "stride": settings.stride, "padding": settings.padding}
    image = padded(inner, settings.padding, _FILLED[settings.kind])
    side = (settings.window, settings.window)
    found = list(windows(image, side, stride=settings.stride))
    output = pool(inner, settings.kind, **how)
    frame = frozenset(
        (row, column)
        for row, column in np.ndindex(*image.shape)
        if not all(
            settings.padding <= at < settings.padding + size
            for at, size in zip((row, column), inner.shape, strict=True)
        )
    )
    grids = [
        Grid(Text("input", "输入"), _cells(image), grey=frame, after="→"),
        Grid(KINDS[settings.kind], numbers(output), shows=0),
    ]
    steps = [
        Step(
            _told(window.patch, settings.kind),
            read=tuple((0, *cell) for cell in window.cells),
            written=((1, window.row, window.column),),
        )
        for window in found
    ]
    words = Text(
        "Each window becomes one value. There is nothing to learn: pooling has no parameters.",
        "每个窗口变成一个值。没有可学习的东西：池化层没有参数。",
    )
    axes = (Text("height", "高"), Text("width", "宽"))
    sums = [
        size_sum(size, settings.window, settings.padding, settings.stride, 1)
        for size in inner.shape
    ]
    return [
        film(grids, steps, words, step="step"),
        Table(
            (Text("pooling", "池化方式"), Text("output, row / row", "输出，行 / 行")),
            tuple((name, _rows(pool(inner, kind, **how))) for kind, name in KINDS.items()),
        ),
        Sums(
            tuple(
                Text(f"{axis.en}: {one}", f"{axis.zh}：{one}")
                for axis, one in zip(axes, sums, strict=True)
            )
        ),
        Code(listings.pooling(inner, settings.kind, **how)),
    ]


def each_channel(settings: PoolingSettings) -> list[Part]:
    """Two channels through MaxPool2d(3, padding=1, stride=2), beside a convolution."""
    first = matrix(settings.first)
    maps = (first, first + 1)
    how = {"window": 3, "stride": 2, "padding": 1}
    pooled = [pool(one, "max", **how) for one in maps]
    grids = []
    for number, (before, after) in enumerate(zip(maps, pooled, strict=True), start=1):
        name = Text(f"channel {number}", f"通道 {number}")
        grids.append(Grid(name, numbers(before), after="→"))
        grids.append(Grid(Text("maximum", "最大"), numbers(after)))
    words = Text(
        "MaxPool2d(3, padding=1, stride=2) on each channel: two channels go in, two come out. A "
        "convolution would add them.",
        "对每个通道做 MaxPool2d(3, padding=1, stride=2)：进来两个通道，出去还是两个。"
        "卷积则会把它们相加。",
    )
    told = [
        Text(f"channel {number}: {_rows(one)}", f"通道 {number}：{_rows(one)}")
        for number, one in enumerate(pooled, start=1)
    ]
    learnt = Text(
        f"3·3·2·2 + 2 = {3 * 3 * 2 * 2 + 2} (2 channels to 2)",
        f"3·3·2·2 + 2 = {3 * 3 * 2 * 2 + 2}（2 个通道到 2 个）",
    )
    table = Table(
        ("", Text("3×3 convolution", "3×3 卷积层"), Text("3×3 pooling", "3×3 池化层")),
        (
            (Text("parameters", "参数量"), learnt, "0"),
            (
                Text("a value is", "每个值是"),
                Text("a weighted sum over all channels", "所有通道的加权和"),
                Text("the maximum or mean of one channel", "一个通道内的最大值或平均值"),
            ),
            (
                Text("output channels", "输出通道数"),
                Text("as many as kernels", "等于卷积核个数"),
                Text("as many as come in", "与输入相同"),
            ),
            (
                Text("size", "尺寸"),
                Text("by kernel, padding, stride", "取决于卷积核、填充、步幅"),
                Text("by window, padding, stride", "取决于窗口、填充、步幅"),
            ),
            (
                Text("used for", "用途"),
                Text("features, in space and across channels", "提取空间和跨通道的特征"),
                Text("smaller maps, and not to mind a small shift", "缩小特征图，并容忍小的平移"),
            ),
        ),
    )
    code = Code(listings.pooling(np.stack(maps), "max", **how))
    return [film(grids, (), words), Sums(tuple(told)), Said(words), table, code]


def whole_maps(settings: PoolingSettings) -> list[Part]:
    """A mean of each map, and what a fully connected layer would cost in its place."""
    maps = matrix(settings.maps)
    means = mean(maps, 1)
    lines: list[Text | str] = []
    for number, (row, average) in enumerate(zip(maps, means, strict=True), start=1):
        cells = " + ".join(
            f"({cell})" if cell[0] == "−" else cell for cell in numbers(row[None])[0]
        )
        value = f"({cells}) / {len(row)} = {few_digits(float(average[0]))}"
        lines.append(Text(f"channel {number}: {value}", f"通道 {number}：{value}"))
    count, size = maps.shape
    told = Text(
        "A mean, not a sum: a map twice as large gives the same logit. It has no parameters; a "
        "fully connected layer from these {count}·{size} = {inputs} values to {count} classes has "
        "{inputs}·{count} + {count} = {params}.",
        "是平均值而不是总和：特征图放大一倍，得分不变。它没有参数；若用全连接层把这 "
        "{count}·{size} = {inputs} 个值映射到 {count} 个类别，则有 {inputs}·{count} + {count} = "
        "{params} 个参数。",
    )
    inputs = count * size
    return [
        Sums(tuple(lines)),
        Said(told.format(count=count, size=size, inputs=inputs, params=inputs * count + count)),
    ]
