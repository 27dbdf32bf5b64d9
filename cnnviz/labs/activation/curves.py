"""Sigmoid, tanh and ReLU: values, slopes, and the product of slopes through a chain of layers."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import exp, tanh

from cnnviz.labs.activation.settings import ActivationSettings
from cnnviz.labs.grids import Grid, Step, film, signed
from cnnviz.labs.parts import Chart, Line, Part, Said, Sums, Table
from cnnviz.numbers import few_digits
from cnnviz.text import Text, joined

_GRID = tuple(at / 10 for at in range(-80, 81))
_MOST_LAYERS = 10  # that the film shows
_LEAST = 1e-30  # what a logarithmic axis shows


@dataclass(frozen=True)
class Function:
    """An activation, its slope, and both as formulas."""

    name: str
    value: Callable[[float], float]
    slope: Callable[[float], float]
    formula: str
    slope_formula: str


def _sigmoid(x: float) -> float:
    return 1 / (1 + exp(-x))


FUNCTIONS = (
    Function(
        "sigmoid", _sigmoid, lambda x: _sigmoid(x) * (1 - _sigmoid(x)), "1/(1 + e^(−x))", "σ(1 − σ)"
    ),
    Function("tanh", tanh, lambda x: 1 - tanh(x) ** 2, "tanh x", "1 − tanh² x"),
    Function("ReLU", lambda x: max(x, 0.0), lambda x: float(x > 0), "max(0, x)", "[x > 0]"),
)


def curves(settings: ActivationSettings) -> list[Part]:
    """All three over −8 to 8, and their values at x."""
    values = Chart(
        Text("Values", "函数值"),
        Text("x", "输入 x"),
        Text("f(x)", "函数值 f(x)"),
        tuple(
            Line(one.name, _GRID, tuple(min(one.value(x), 2.0) for x in _GRID)) for one in FUNCTIONS
        ),
    )
    slopes = Chart(
        Text("Slopes", "导数"),
        Text("x", "输入 x"),
        Text("f′(x)", "导数 f′(x)"),
        tuple(Line(one.name, _GRID, tuple(map(one.slope, _GRID))) for one in FUNCTIONS),
    )
    x = settings.x
    rows = []
    for one in FUNCTIONS:
        steepest = max(map(one.slope, _GRID))
        part = one.slope(x) / steepest
        state = Text("works", "正常") if part >= 0.05 else Text("saturated", "饱和")
        if one.name == "ReLU" and x <= 0:
            state = Text("off", "不激活")
        rows.append(
            (
                one.name,
                f"{one.formula} = {few_digits(one.value(x))}",
                f"{one.slope_formula} = {few_digits(one.slope(x))}",
                few_digits(steepest),
                state,
            )
        )
    head = (
        Text("at x = {x}", "x = {x} 处").format(x=few_digits(x)),
        Text("value", "函数值"),
        Text("slope", "导数"),
        Text("steepest", "最大导数"),
        Text("state", "状态"),
    )
    told = Text(
        "Far from 0 a sigmoid and a tanh are flat: they are saturated, and nearly no gradient "
        "passes. A ReLU passes all of it where x > 0 and none elsewhere: [x > 0] is 1 where that "
        "holds, else 0. The charts cut ReLU at 2.",
        "远离 0 处，sigmoid 和 tanh 是平的：它们饱和了，几乎不传梯度。ReLU 在 x > 0 处全部传过，"
        "其余处一点不传：[x > 0] 成立时为 1，否则为 0。图中 ReLU 截到 2。",
    )
    return [Table(head, tuple(rows)), values, slopes, Said(told)]


def chain(function: Function, layers: int, weight: float, start: float) -> list[float]:
    """∂x_n/∂x_0 after 0, 1 … layers of x ← f(w·x): the product of w · f′(w·x)."""
    x, product, found = start, 1.0, [1.0]
    for _ in range(layers):
        product *= weight * function.slope(weight * x)
        x = function.value(weight * x)
        found.append(product)
    return found


def depth(settings: ActivationSettings) -> list[Part]:
    """The gradient through a chain, for each function, and sigmoid's best case."""
    n, w = settings.layers, settings.weight
    found = {one.name: chain(one, n, w, settings.start) for one in FUNCTIONS}
    chart = Chart(
        Text("Size of the gradient that is left", "剩下的梯度大小"),
        Text("layers passed", "穿过的层数"),
        Text("size (log scale)", "大小（对数坐标）"),
        tuple(
            Line(name, tuple(range(n + 1)), tuple(max(abs(value), _LEAST) for value in values))
            for name, values in found.items()
        ),
        logarithmic=True,
    )
    rows = tuple(
        (name, few_digits(values[1]), few_digits(values[-1])) for name, values in found.items()
    )
    head = (
        "",
        Text("after 1 layer", "1 层之后"),
        Text("after {n} layer{n:|s}", "{n} 层之后").format(n=n),
    )
    best = f"(0.25·{few_digits(abs(w))})^{n} = {few_digits((0.25 * abs(w)) ** n)}"
    told = Text(
        "Each layer multiplies the gradient by w·f′. A sigmoid's slope is at most 0.25: many "
        "layers make it vanish, and weights large enough to prevent it saturate the sigmoid.",
        "每层把梯度乘以 w·f′。sigmoid 的导数至多 0.25：层数一多梯度就消失，"
        "而大到足以避免这一点的权重又会使 sigmoid 饱和。",
    )
    lines = (
        Text(f"sigmoid at best: {best}", f"sigmoid 最好的情况：{best}"),
        Text(
            f"ReLU where all are on: {signed(w)}^{n} = {few_digits(w**n)}",
            f"ReLU 全部激活时：{signed(w)}^{n} = {few_digits(w**n)}",
        ),
    )
    return [_passes(found, n), chart, Table(head, rows), Sums(lines), Said(told)]


def _passes(found: dict[str, list[float]], layers: int) -> Part:
    """The gradient on its way through the first layers, a step a layer."""
    shown = min(layers, _MOST_LAYERS)
    factors = {
        name: [b / a if a else 0.0 for a, b in pairwise(values)] for name, values in found.items()
    }
    grids = [
        Grid("", [[name] for name in found]),
        Grid(
            Text("slope times weight of each layer", "各层的导数乘以权重"),
            [[_two(value) for value in factors[name][:shown]] for name in found],
        ),
        Grid(
            Text("product so far", "至此的乘积"),
            [[""] for _ in found],
            tuple([[_two(found[name][at])] for name in found] for at in range(1, shown + 1)),
        ),
    ]

    def product(name: str, at: int) -> str:
        before, after = found[name][at : at + 2]
        factor = signed(float(f"{factors[name][at]:.2g}"))
        return f"{_two(before)} · {factor} = {_two(after)}"

    steps = [
        Step(
            Text("after layer {n}: {all}", "第 {n} 层之后：{all}").format(
                n=at + 1,
                all=joined([f"{name} {product(name, at)}" for name in found]),
            ),
            read=tuple((1, row, column) for row in range(len(found)) for column in range(at + 1)),
            written=tuple((2, row, 0) for row in range(len(found))),
        )
        for at in range(shown)
    ]
    words = Text(
        "The gradient is multiplied layer by layer; at most ten layers are drawn.",
        "梯度逐层相乘；最多画出十层。",
    )
    return film(grids, steps, words, step="step")


def _two(value: float) -> str:
    return few_digits(float(f"{value:.2g}"))
