"""The gradient through depth, and the 2ⁿ paths through n blocks."""

import itertools
from math import comb, prod

from cnnviz.labs.grids import signed
from cnnviz.labs.parts import Chart, Line, Part, Picture, Said, Say, Sums, Table, frame, target
from cnnviz.labs.residual.settings import ResidualSettings
from cnnviz.labs.written import matrix
from cnnviz.numbers import few_digits
from cnnviz.render.figures.canvas import Canvas
from cnnviz.text import Text

_BLOCK, _GAP, _LOW = 88, 46, 78  # px: width of a block, between two, and down to the blocks
_LEAST = 1e-30  # what a logarithmic axis shows


def gradients(depth: int, slope: float) -> tuple[list[float], list[float]]:
    """∂x_n/∂x_0 of 0 to `depth` blocks of one slope: without shortcuts, and with."""
    return [slope**n for n in range(depth + 1)], [(1 + slope) ** n for n in range(depth + 1)]


def through_depth(settings: ResidualSettings) -> list[Part]:
    """Both products of slopes."""
    n, slope = settings.deep, settings.slope
    plain, residual = gradients(n, slope)
    names = (Text("without shortcuts", "没有捷径"), Text("with shortcuts", "有捷径"))
    chart = Chart(
        Text("Size of the gradient that arrives", "传到的梯度的大小"),
        Text("blocks passed", "穿过的块数"),
        Text("size (log scale)", "大小（对数坐标）"),
        tuple(
            Line(
                name,
                tuple(range(n + 1)),
                tuple(max(abs(value), _LEAST) for value in values),
            )
            for name, values in zip(names, (plain, residual), strict=True)
        ),
        logarithmic=True,
    )
    f = few_digits(slope)
    one = f"(1 + {f})" if slope >= 0 else f"(1 − {few_digits(-slope)})"
    lines = (
        "∂L/∂x_l = ∂L/∂x_{l+1} · (1 + ∂F/∂x_l)",
        Text(
            f"without shortcuts: ({f})^{n} = {few_digits(plain[-1])}",
            f"没有捷径：({f})^{n} = {few_digits(plain[-1])}",
        ),
        Text(
            f"with shortcuts: {one}^{n} = {few_digits(residual[-1])}",
            f"有捷径：{one}^{n} = {few_digits(residual[-1])}",
        ),
    )
    told = Text(
        "The 1 is the shortcut: it hands the gradient back unchanged. Only where ∂F/∂x is near −1 "
        "does a block shut the way, and where it is large and positive the product grows too fast, "
        "which is what normalisation is for.",
        "其中的 1 就是捷径：它把梯度原样传回去。只有 ∂F/∂x 接近 −1 时通路才会被堵住；"
        "若 ∂F/∂x 为正且很大，乘积会增长过快，这要靠规范化来控制。",
    )
    return [chart, Sums(lines), Said(told)]


def all_paths(factors: list[float]) -> list[tuple[tuple[bool, ...], float]]:
    """Every way through the blocks: of each whether it is passed, and the product of those."""
    ways = itertools.product((False, True), repeat=len(factors))
    return [
        (way, prod(f for f, passed in zip(factors, way, strict=True) if passed)) for way in ways
    ]


def without(factors: list[float], removed: int) -> list[float]:
    """The factors with a block, counted from 1, taken out; 0 takes out none."""
    return [0.0 if at == removed else f for at, f in enumerate(factors, start=1)]


def paths(settings: ResidualSettings) -> list[Part]:
    """The film of all paths, their sum, and what a removed block takes away."""
    factors = [float(value) for value in matrix(settings.factors)[0]]
    removed = settings.removed
    left = [(way, value) for way, value in all_paths(factors) if not (removed and way[removed - 1])]
    n = len(factors)
    whole = prod(1 + f for f in factors)
    now = prod(1 + f for f in without(factors, removed))
    plain, plain_now = prod(factors), prod(without(factors, removed))
    frames = []
    for number, (way, value) in enumerate(left, start=1):
        passed = [f"F{at}" for at, through in enumerate(way, start=1) if through]
        by = " · ".join(signed(f) for f, through in zip(factors, way, strict=True) if through)
        product = f"{by} = {few_digits(value)}" if " · " in by else few_digits(value)
        names = " → ".join(passed)
        frames.append(
            Text(
                f"path {number}: {names or 'shortcuts only'}: {product}",
                f"路径 {number}：{names or '只走捷径'}：{product}",
            )
        )

    def draw(canvas: Canvas, say: Say) -> None:
        _chain(canvas, factors, removed)
        for number, (way, _) in enumerate(left):
            with canvas.part(frame(number)):
                _way(canvas, way)
        for at, factor in enumerate(factors):  # above the paths, to be read
            name = "✕" if at + 1 == removed else f"F{at + 1} = {few_digits(factor)}"
            canvas.text(_left(at) + _BLOCK / 2, _LOW, name, bold=True)
        for at in range(len(left)):  # a row of points, each of them a path
            with canvas.part(target(at), say(frames[at])):
                canvas.circle(8 + at * 22, _LOW + 52, 7, "rgba(0,114,178,0.35)")

    terms = [signed(value) for _, value in left]
    lines: list[Text | str] = [
        f"{' · '.join(f'(1 + {signed(f)})' for f in factors)} = {few_digits(whole)}",
        Text(
            f"{len(left)} paths: {' + '.join(terms)} = {few_digits(now)}",
            f"{len(left)} 条路径：{' + '.join(terms)} = {few_digits(now)}",
        ),
    ]
    if removed:
        lines += [
            Text(
                f"with shortcuts, block {removed} taken out: {few_digits(whole)} → "
                f"{few_digits(now)}; "
                f"{len(left)} of {2**n} paths are left",
                f"有捷径，去掉块 {removed}：{few_digits(whole)} → {few_digits(now)}；"
                f"{2**n} 条路径中剩 {len(left)} 条",
            ),
            Text(
                f"without shortcuts: {few_digits(plain)} → {few_digits(plain_now)}; the only path "
                "is "
                "cut",
                f"没有捷径：{few_digits(plain)} → {few_digits(plain_now)}；唯一的路径被切断",
            ),
        ]
    lengths = tuple((str(k), str(comb(n, k))) for k in range(n + 1))
    words = Text(
        "At each block a path goes through it or past it: 2·2·… = 2^{n} = {count} paths.",
        "在每个块处，路径或穿过它，或绕过它：2·2·… = 2^{n} = {count} 条路径。",
    ).format(n=n, count=2**n)
    told = Text(
        "Most paths are of middle length, as heads among coins: of 54 blocks, as many as "
        "ResNet-110 "
        "has, the mean path passes 27. A network with shortcuts acts like a crowd of shallower "
        "ones, and loses little with one block.",
        "多数路径长度居中，如同抛硬币时的正面数：ResNet-110 有 54 个块，平均一条路径穿过 27 个。"
        "有捷径的网络像一群较浅的网络，去掉一个块损失不大。",
    )
    return [
        Picture(words, draw, tuple(frames), "path_step"),
        Sums(tuple(lines)),
        Table((Text("blocks passed", "穿过的块数"), Text("paths", "路径数")), lengths),
        Said(told),
    ]


def _left(at: int) -> float:
    """The left edge of a block."""
    return _GAP + at * (_BLOCK + _GAP)


def _chain(canvas: Canvas, factors: list[float], removed: int) -> None:
    end = _left(len(factors))
    canvas.line([(0, 20), (end, 20)])
    canvas.text(-6, 20, "x", anchor="end")
    for at in range(len(factors)):
        x = _left(at)
        out = at + 1 == removed
        if not out:
            canvas.line([(x - 16, 20), (x - 16, _LOW), (x, _LOW)])
            canvas.line([(x + _BLOCK, _LOW), (x + _BLOCK + 16, _LOW), (x + _BLOCK + 16, 20)])
        canvas.rect(x, _LOW - 17, _BLOCK, 34, "none" if out else "rgba(86,180,233,0.30)")
        canvas.circle(x + _BLOCK + 16, 20, 9, "Canvas")
        canvas.text(x + _BLOCK + 16, 20, "+")


def _way(canvas: Canvas, way: tuple[bool, ...]) -> None:
    points = [(0.0, 20.0)]
    for at, through in enumerate(way):
        x = _left(at)
        if through:
            points += [(x - 16, 20), (x - 16, _LOW), (x + _BLOCK + 16, _LOW)]
        points.append((x + _BLOCK + 16, 20))
    canvas.line([*points, (_left(len(way)), 20)], width=5, colour="rgba(213,94,0,0.55)")
