"""Nested classes of functions, as a picture and by numbers, and Taylor's expansion."""

from math import exp, factorial

import numpy as np

from cnnviz.labs.parts import Part, Picture, Said, Say, Sums, Table
from cnnviz.labs.residual.settings import ResidualSettings
from cnnviz.numbers import few_digits
from cnnviz.render.figures.canvas import Canvas
from cnnviz.text import Text

T = np.linspace(-1, 1, 41)
TARGETS = {
    "wave": np.sin(3 * T),
    "corner": np.abs(T),
    "step": np.sign(T),
}
CLASSES = 6


def error(basis: list[np.ndarray], target: np.ndarray) -> float:
    """The least mean squared error of a sum of the basis, each with a factor of its own."""
    columns = np.stack(basis, axis=1)
    factors, *_ = np.linalg.lstsq(columns, target, rcond=None)
    return float(((columns @ factors - target) ** 2).mean())


def errors(target: np.ndarray) -> tuple[list[float], list[float]]:
    """Of classes 1 to 6: powers t^(k−1) and t^k alone, and all powers up to t^k."""
    apart = [error([T ** (k - 1), T**k], target) for k in range(1, CLASSES + 1)]
    nested = [error([T**power for power in range(k + 1)], target) for k in range(1, CLASSES + 1)]
    return apart, nested


def nested(settings: ResidualSettings) -> list[Part]:
    """Classes that contain those before them, beside classes that do not."""
    apart, inside = errors(TARGETS[settings.target])
    words = Text(
        "Left: classes that are not nested; a larger one may be farther from f*. Right: nested "
        "ones; a larger one is never farther.",
        "左：非嵌套的函数类，更大的类可能离 f* 更远。右：嵌套的函数类，更大的类绝不会更远。",
    )
    told = Text(
        "A new layer that can be the identity keeps everything that the network could do before: "
        "the class is nested, and its best error cannot rise. With x + F(x) the identity is F = 0.",
        "若新加的层可以是恒等映射，网络原来能做的都还能做：函数类是嵌套的，其最小误差不会上升。"
        "对于 x + F(x)，恒等映射就是 F = 0。",
    )
    head = (
        Text("class", "函数类"),
        Text("not nested: t^(k−1), t^k", "非嵌套：t^(k−1)、t^k"),
        Text("nested: 1, t, … t^k", "嵌套：1、t、… t^k"),
    )
    rows = tuple(
        (f"k = {k}", few_digits(round(one, 5)), few_digits(round(other, 5)))
        for k, (one, other) in enumerate(zip(apart, inside, strict=True), start=1)
    )
    return [Picture(words, _classes), Said(words), Table(head, rows), Said(told)]


def _classes(canvas: Canvas, say: Say) -> None:
    colours = ("rgba(0,114,178,0.16)", "rgba(230,159,0,0.16)", "rgba(0,158,115,0.16)")
    spots = ((70, 120, 40), (150, 90, 60), (75, 70, 75))
    for (x, y, radius), colour in zip(reversed(spots), colours, strict=True):
        canvas.circle(x, y, radius, colour)
    for number, (x, y) in enumerate(((70, 140), (185, 90), (30, 30)), start=1):
        canvas.text(x, y, f"F{number}")
    for number, radius in reversed(list(enumerate((40, 70, 100), start=1))):
        canvas.circle(400, 100, radius, colours[3 - number])
        canvas.text(400, 100 - radius + 14, f"F{number}")
    for x, y in ((250, 40), (515, 40)):
        canvas.text(x, y, "★ f*", bold=True)
    canvas.text(120, 215, say(Text("not nested", "非嵌套")))
    canvas.text(400, 215, say(Text("nested", "嵌套")))


def taylor(settings: ResidualSettings) -> list[Part]:
    """The exponential function, term by term."""
    x, total = settings.x, 0.0
    lines = [f"e^x = 1 + x + x²/2! + x³/3! + …,  x = {few_digits(x)}"]
    for power in range(settings.terms):
        term = x**power / factorial(power)
        total += term
        lines.append(
            f"+ ({few_digits(x)})^{power} / {power}! = {few_digits(term)}   Σ = {few_digits(total)}"
        )
    lines.append(f"e^({few_digits(x)}) = {few_digits(exp(x))}")
    rest = few_digits(exp(x) - total)
    told = Text(
        "After {terms} terms {rest} is missing. A residual network splits off the simple term: "
        "f(x) = x + g(x), and g is the rest. A dense one keeps every term for the layers that "
        "follow: [x, f₁(x), f₂([x, f₁(x)]), …].",
        "{terms} 项之后还差 {rest}。残差网络把最简单的一项分出来：f(x) = x + g(x)，g 是其余部分。"
        "稠密网络则把每一项都留给后面的层：[x, f₁(x), f₂([x, f₁(x)]), …]。",
    )
    return [Sums(tuple(lines)), Said(told.format(terms=settings.terms, rest=rest))]
