"""Cross-correlation step by step, the flipped kernel beside it, and the size of the output."""

from collections.abc import Callable, Iterable

import numpy as np

from cnnviz.labs import listings
from cnnviz.labs.convolution.settings import ConvolutionSettings
from cnnviz.labs.exact import summed
from cnnviz.labs.grids import Grid, Step, film, numbers, signed
from cnnviz.labs.parts import Code, Part, Said, Sums, Table
from cnnviz.labs.windows import Window, correlate, padded, reach, size_after, windows
from cnnviz.labs.written import matrix
from cnnviz.numbers import few_digits
from cnnviz.text import Text

_MOST_PRODUCTS = 400  # cells of products that a film draws

IMAGE = Text("image", "输入")
KERNEL = Text("kernel", "卷积核")
OUTPUT = Text("output", "输出")
PRODUCTS = Text("products", "乘积")


def sum_of_products(patch: np.ndarray, kernel: np.ndarray) -> str:
    """A window's value as arithmetic: "0·0 + 1·1 + 3·2 + 4·3 = 19"."""
    pairs = zip(patch.flat, kernel.flat, strict=True)
    terms = [f"{signed(a)}·{signed(b)}" for a, b in pairs]
    return f"{' + '.join(terms)} = {few_digits(float(summed(patch * kernel)))}"


def with_products(patch: np.ndarray, kernel: np.ndarray) -> str:
    """The same with its products: "0·0 + 1·1 + 3·2 + 4·3 = 0 + 1 + 6 + 12 = 19"."""
    terms, total = sum_of_products(patch, kernel).split(" = ")
    products = " + ".join(signed(float(product)) for product in (patch * kernel).flat)
    return f"{terms} = {products} = {total}"


def window_steps(
    found: Iterable[Window],
    kernel: np.ndarray,
    *,
    output: int,
    says: Callable[[np.ndarray, np.ndarray], str] = sum_of_products,
) -> list[Step]:
    """A frame for each window of the first grid, which makes a cell of the grid `output`.

    Args:
        says: the sum of a window and the kernel.
    """
    return [
        Step(
            says(window.patch, kernel),
            read=tuple((0, *cell) for cell in window.cells),
            written=((output, window.row, window.column),),
        )
        for window in found
    ]


def both(image: np.ndarray, kernel: np.ndarray, **how: int) -> tuple[np.ndarray, np.ndarray]:
    """Cross-correlation and true convolution of a padded image with a kernel."""
    return correlate(image, kernel, **how), correlate(image, kernel[::-1, ::-1], **how)


def step_by_step(settings: ConvolutionSettings) -> list[Part]:
    """The film, both results, and the size as a formula."""
    inner, weights = matrix(settings.image), matrix(settings.kernel)
    image = padded(inner, settings.padding)
    how = {"stride": settings.stride, "dilation": settings.dilation}
    used = weights[::-1, ::-1] if settings.flipped else weights
    found = list(windows(image, used.shape, **how))
    output = correlate(image, used, **how)
    correlation, convolution = both(image, weights, **how)
    frame = {
        (row, column)
        for row, column in np.ndindex(*image.shape)
        if not all(
            settings.padding <= at < settings.padding + size
            for at, size in zip((row, column), inner.shape, strict=True)
        )
    }
    shows_products = len(found) * used.size <= _MOST_PRODUCTS
    products = [numbers(window.patch * used) for window in found]
    grids = [
        Grid(IMAGE, numbers(image), grey=frozenset(frame), after="⋆"),
        Grid(KERNEL, numbers(used), after="→"),
        *([Grid(PRODUCTS, products[0], tuple(products), after="Σ →")] if shows_products else []),
        Grid(OUTPUT, numbers(output), shows=0),
    ]
    says = with_products if shows_products else sum_of_products
    steps = window_steps(found, used, output=len(grids) - 1, says=says)
    words = Text(
        "Every window of the image times the kernel, summed. Point at a cell of the output to see "
        "its sum.",
        "输入的每个窗口与卷积核逐元素相乘再求和。指向输出中的一格，可看到它的算式。",
    )
    return [
        film(grids, steps, words, step="step"),
        _results(correlation, convolution, weights),
        Sums(_sizes(settings, inner.shape, weights.shape)),
        Code(listings.convolution(inner, used, padding=settings.padding, **how)),
    ]


def _results(correlation: np.ndarray, convolution: np.ndarray, weights: np.ndarray) -> Table:
    def rows(array: np.ndarray) -> str:
        return " / ".join(" ".join(row) for row in numbers(array))

    return Table(
        (
            "",
            Text("kernel as it is used", "实际使用的卷积核"),
            Text("output, row / row", "输出，行 / 行"),
        ),
        (
            (
                Text("cross-correlation (deep learning)", "互相关（深度学习）"),
                rows(weights),
                rows(correlation),
            ),
            (
                Text("convolution (mathematics)", "卷积（数学）"),
                rows(weights[::-1, ::-1]),
                rows(convolution),
            ),
        ),
    )


def _sizes(
    settings: ConvolutionSettings, image: tuple[int, ...], kernel: tuple[int, ...]
) -> tuple[Text, ...]:
    axes = (Text("height", "高"), Text("width", "宽"))
    return tuple(
        Text(f"{axis.en}: {sized}", f"{axis.zh}：{sized}")
        for axis, sized in zip(
            axes,
            (
                size_sum(n, k, settings.padding, settings.stride, settings.dilation)
                for n, k in zip(image, kernel, strict=True)
            ),
            strict=True,
        )
    )


def size_sum(n: int, k: int, p: int, s: int, d: int) -> str:
    """The size of an axis as arithmetic: "(240 − 5 + 2·2) / 3 + 1 = 80.67 → 80"."""
    span = f"{k}" if d == 1 else f"({d}·({k} − 1) + 1)"
    exact = (n + 2 * p - reach(k, d)) / s + 1
    rounded = size_after(n, k, p, s, d)
    down = f" → {rounded}" if exact != rounded else ""
    return f"(n − k + 2p) / s + 1 = ({n} − {span} + 2·{p}) / {s} + 1 = {few_digits(exact)}{down}"


def size(settings: ConvolutionSettings) -> list[Part]:
    """A calculator for one axis."""
    n, k, p = settings.size_n, settings.size_k, settings.size_p
    s, d = settings.size_s, settings.size_d
    span, left = reach(k, d), size_after(n, k, p, s, d)
    unread = n + 2 * p - (span + (left - 1) * s)
    whole = Text(
        "The division leaves {rest}: the last {rest} of the {all} values, padding included, are "
        "in no window, and the fraction is dropped.",
        "除不尽，余 {rest}：含填充在内的 {all} 个值中，最后 {rest} 个不在任何窗口里，"
        "小数部分舍去。",
    )
    even = Text(
        "The division leaves nothing: the last window ends with the last value.",
        "正好整除：最后一个窗口恰好止于最后一个值。",
    )
    reached = "k − 1" if d == 1 else "d·(k − 1)"
    rows = [
        (Text("none (“valid”)", "不填充（valid）"), 0),
        (Text(f"half of {reached} (“same”)", f"{reached} 的一半（same）"), (span - 1) / 2),
        (Text(f"{reached} (“full”)", f"{reached}（完全填充 full）"), span - 1),
    ]
    return [
        Sums(
            (
                size_sum(n, k, p, s, d),
                Text(
                    f"as the course writes it, with s inside: "
                    f"({n} − {span} + 2·{p} + {s}) / {s} = {few_digits((n - span + 2 * p + s) / s)}"
                    f", rounded down {left}",
                    f"教材的写法（s 写进分子）："
                    f"({n} − {span} + 2·{p} + {s}) / {s} = {few_digits((n - span + 2 * p + s) / s)}"
                    f"，向下取整得 {left}",
                ),
            )
        ),
        Said(whole.format(rest=unread, all=n + 2 * p) if unread else even),
        Table(
            (
                Text("padding a side", "每侧填充"),
                "p",
                Text("output, stride 1", "输出，步幅 1"),
                Text("output, stride {s}", "输出，步幅 {s}").format(s=s),
            ),
            tuple((name, few_digits(value), *_at(n, k, value, (1, s), d)) for name, value in rows),
        ),
    ]


def _at(n: int, k: int, p: float, strides: tuple[int, ...], d: int) -> tuple[str, ...]:
    """The sizes for each stride; "–" where the kernel does not fit or the padding is no number."""
    if p != int(p):
        return ("–",) * len(strides)
    sizes = (size_after(n, k, int(p), stride, d) for stride in strides)
    return tuple(str(size) if size > 0 else "–" for size in sizes)
