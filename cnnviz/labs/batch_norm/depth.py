"""Activations through depth, with batch norm and without, at first and after a short training."""

from dataclasses import dataclass

import torch
from torch import Tensor

from cnnviz.kept import kept
from cnnviz.labs.batch_norm.settings import BatchNormSettings
from cnnviz.labs.one_thread import LOST, one_thread
from cnnviz.labs.parts import Chart, Line, Part, Picture, Said, Say, Table
from cnnviz.numbers import few_digits, share
from cnnviz.render.figures.canvas import Canvas
from cnnviz.text import Text

FEATURES, SAMPLES, STEPS = 64, 128, 60
EPSILON = 1e-5
BINS, _WIDEST = 48, 6.0
ACTIVATIONS = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "relu": torch.relu}
_NUMBER, _WIDE, _TALL = 30, 170, 30  # px: of a layer's number, and of a distribution
_BLUE = "#0072B2"
_FLAT = 0.05  # of the largest gradient; an activation with less is called saturated
_STEEPEST = {"sigmoid": 0.25, "tanh": 1.0, "relu": 1.0}


@dataclass(frozen=True)
class Layer:
    """What a layer's activation reads, and the gradient of the layer's weights.

    Args:
        flat: share of values where the activation has hardly a slope.
        gradient: norm of the weights' gradient.
        shares: of the values, in each of `BINS` from −6 to 6.
    """

    mean: float
    deviation: float
    flat: float
    gradient: float
    shares: tuple[float, ...]


@dataclass(frozen=True)
class Course:
    """Every layer at first and after training, and the loss of each step.

    Training ends where a number is no longer finite; then nothing is `last`.
    """

    first: tuple[Layer, ...]
    last: tuple[Layer, ...]
    losses: tuple[float, ...]


def normalise(x: Tensor) -> Tensor:
    """Batch norm without γ and β: (N, features) -> the same."""
    return (x - x.mean(0)) / (x.var(0, correction=0) + EPSILON).sqrt()


def forward(
    x: Tensor, weights: list[Tensor], activation: str, *, norm: str
) -> tuple[Tensor, list[Tensor]]:
    """The output, and what every activation reads.

    Args:
        norm: "before" or "after" the activation; "" for none.
    """
    read = []
    for weight in weights:
        x = x @ weight.T
        if norm == "before":
            x = normalise(x)
        read.append(x)
        x = ACTIVATIONS[activation](x)
        if norm == "after":
            x = normalise(x)
    return x, read


@kept
@one_thread()
def course(layers: int, activation: str, scale: float, rate: float, norm: str) -> Course:
    """Train for two classes, of inputs with positive and negative sum."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(SAMPLES, FEATURES, generator=generator)
    wanted = (x.sum(1) > 0).long()
    size = (FEATURES, FEATURES)
    weights = [
        (torch.randn(size, generator=generator) * scale / FEATURES**0.5).requires_grad_()
        for _ in range(layers)
    ]
    head = (torch.randn(2, FEATURES, generator=generator) / FEATURES**0.5).requires_grad_()
    losses: list[float] = []
    first: tuple[Layer, ...] = ()
    last: tuple[Layer, ...] = ()
    for step in range(STEPS + 1):
        output, read = forward(x, weights, activation, norm=norm)
        loss = torch.nn.functional.cross_entropy(output @ head.T, wanted)
        gradients = torch.autograd.grad(loss, [*weights, head])
        if not all(one.isfinite().all() for one in (loss, *read, *gradients)):
            break
        losses.append(float(loss.detach()))
        if step in (0, STEPS):
            seen = tuple(
                _layer(values, gradient, activation)
                for values, gradient in zip(read, gradients[:-1], strict=True)
            )
            first, last = (seen, last) if step == 0 else (first, seen)
        for weight, gradient in zip([*weights, head], gradients, strict=True):
            weight.data -= rate * gradient
    return Course(first, last, tuple(losses))


def _layer(values: Tensor, gradient: Tensor, activation: str) -> Layer:
    values = values.detach()
    slopes = slope(values, activation)
    flat = (slopes < _FLAT * _STEEPEST[activation]).float().mean()
    counts = torch.histc(values, BINS, -_WIDEST, _WIDEST) / values.numel()
    return Layer(
        float(values.mean()),
        float(values.std()),
        float(flat),
        float(gradient.norm()),
        tuple(counts.tolist()),
    )


def slope(x: Tensor, activation: str) -> Tensor:
    """The derivative of an activation."""
    if activation == "relu":
        return (x > 0).float()
    y = ACTIVATIONS[activation](x)
    return y * (1 - y) if activation == "sigmoid" else 1 - y**2


def through_depth(settings: BatchNormSettings) -> list[Part]:
    """Every layer's input to its activation, in both networks."""
    common = (settings.layers, settings.activation, settings.scale, settings.rate)
    without, with_norm = (course(*common, norm) for norm in ("", settings.place))
    names = (Text("without", "无批量规范化"), Text("with batch norm", "有批量规范化"))
    rows = []
    for number in range(settings.layers):
        cells: list[Text | str] = []
        for one in (without, with_norm):
            before = one.first[number]
            cells += [
                _spoken(before),
                _spoken(one.last[number]) if one.last else LOST,
                share(before.flat, 1),
                few_digits(float(f"{before.gradient:.2g}")),
            ]
        rows.append((str(number + 1), *cells))
    head: list[Text | str] = [Text("layer", "层")]
    for name in names:
        head += [
            Text("{name}: at first", "{name}：初始").format(name=name),
            Text("after {steps} steps", "{steps} 步之后").format(steps=STEPS),
            Text("saturated", "饱和"),
            Text("gradient", "梯度"),
        ]
    chart = Chart(
        Text("Gradient of each layer's weights at first", "初始时各层权重的梯度"),
        Text("layer", "层"),
        Text("norm (log scale)", "范数（对数坐标）"),
        tuple(
            Line(
                name,
                tuple(range(1, settings.layers + 1)),
                tuple(max(layer.gradient, 1e-20) for layer in one.first),
            )
            for name, one in zip(names, (without, with_norm), strict=True)
        ),
        logarithmic=True,
    )
    spread = _spread(settings, without, with_norm)
    told = Text(
        "What each activation reads, as mean ± standard deviation over {samples} examples. Loss: "
        "without {a} → {b}, with batch norm {c} → {d} in {steps} steps. While weights change, so "
        "does what the next layer reads (internal covariate shift), as if a storey were built on "
        "storeys that still sway; batch norm holds it in the "
        "range where the activation has a slope. Its mean is 0, not positive: of a ReLU about half "
        "stays off.",
        "各激活函数的输入，以 {samples} 个样本的均值 ± 标准差表示。损失：无批量规范化 {a} → {b}，"
        "有批量规范化 {c} → {d}"
        "（{steps} 步）。权重一变，下一层的输入分布也随之变化（内部协变量偏移），"
        "好比下面的楼层还在晃动，就要往上盖；"
        "批量规范化把它保持在激活函数有斜率的范围内。"
        "其均值为 0，而非正值：ReLU 约有一半不激活。",
    ).format(
        samples=SAMPLES,
        steps=STEPS,
        a=_two(without.losses[0]),
        b=_end(without),
        c=_two(with_norm.losses[0]),
        d=_end(with_norm),
    )
    return [
        spread,
        Said(spread.words),
        chart,
        Said(told),
        Table(tuple(head), tuple(rows)),
    ]


def _spread(settings: BatchNormSettings, without: Course, with_norm: Course) -> Picture:
    """What every activation reads, at first and after training."""
    columns = (
        (Text("without, at first", "无，初始"), without.first),
        (Text("without, trained", "无，训练后"), without.last),
        (Text("with, at first", "有，初始"), with_norm.first),
        (Text("with, trained", "有，训练后"), with_norm.last),
    )

    def draw(canvas: Canvas, say: Say) -> None:
        for column, (name, layers) in enumerate(columns):
            left = _NUMBER + column * (_WIDE + 16)
            canvas.text(left + _WIDE / 2, -14, say(name), bold=True)
            for row, layer in enumerate(layers):
                _histogram(canvas, left, (row + 1) * _TALL, layer.shares)
            if not layers:
                canvas.text(left + _WIDE / 2, _TALL / 2, say(LOST))
            for value in (-_WIDEST, 0, _WIDEST):
                x = left + (value + _WIDEST) / (2 * _WIDEST) * _WIDE
                canvas.text(x, settings.layers * _TALL + 12, few_digits(value))
        for row in range(settings.layers):
            canvas.text(_NUMBER - 12, (row + 0.65) * _TALL, str(row + 1), anchor="end")

    return Picture(
        Text(
            "How the values that each layer's activation reads are distributed, from −6 to 6; a "
            "row a layer, the first at the top. Narrow is little signal, far from 0 is saturated.",
            "各层激活函数输入值的分布（−6 到 6）；每行一层，第一层在最上面。分布窄则信号少，"
            "远离 0 则饱和。",
        ),
        draw,
    )


def _histogram(canvas: Canvas, left: float, bottom: float, shares: tuple[float, ...]) -> None:
    """A distribution, as high as its row whatever its largest share is."""
    peak, step = max(shares) or 1.0, _WIDE / BINS
    tops = [bottom - share_ / peak * (_TALL - 8) for share_ in shares]
    outline = [(left, bottom)]
    for at, top in enumerate(tops):
        outline += [(left + at * step, top), (left + (at + 1) * step, top)]
    canvas.shape([*outline, (left + _WIDE, bottom)], _BLUE, opacity=0.5)
    canvas.line([(left, bottom), (left + _WIDE, bottom)], width=1)
    canvas.line([(left + _WIDE / 2, bottom), (left + _WIDE / 2, bottom + 4)], width=1)


def _spoken(layer: Layer) -> str:
    return f"{_two(layer.mean)} ± {_two(layer.deviation)}"


def _end(one: Course) -> Text | str:
    """The loss at the end."""
    return few_digits(float(f"{one.losses[-1]:.2g}")) if one.last else LOST


def _two(value: float) -> str:
    return few_digits(round(value, 2))
