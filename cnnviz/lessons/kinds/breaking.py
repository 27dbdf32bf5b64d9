"""Questions about an image that is too small: the layer that fails, and the smallest that works."""

from collections.abc import Sequence
from random import Random

from cnnviz.analysis import BrokenNetwork, Layer, analyze
from cnnviz.families import Spec
from cnnviz.lessons.kinds.kind import Asked, alike
from cnnviz.lessons.network import Network
from cnnviz.lessons.question import Question
from cnnviz.text import Text

_SIZE = "image_size"
_MOST_OPTIONS = 4
_FIRST = Text(
    "{network} gets an image of {size}×{size} px. Which layer is the first that cannot run?",
    "给 {network} 输入 {size}×{size} 像素的图像。最先无法运行的是哪一层？",
)
_FIRST_HINTS = (
    Text("Follow the size of the map from layer to layer.", "逐层跟踪特征图的大小。"),
    Text("A window needs a map that is at least as large.", "特征图至少要和窗口一样大。"),
)
_SMALLEST = Text(
    "What is the smallest square image, in px a side, that {network} can read?",
    "{network} 能处理的最小正方形图像，边长是多少像素？",
)
_SMALLEST_HINTS = (
    Text(
        "Go backwards: how large must the map be that enters the last window?",
        "倒推：进入最后一个窗口的特征图至少要多大？",
    ),
    Text("With one px less, this fails: {layer}.", "再小 1 像素，失败的是：{layer}。"),
)
_ALONG = Text("Sizes on the way: {sizes}", "各层边长：{sizes}")


def breaks_first(asked: Asked, draw: Random) -> Question:
    """Which layer fails on an image of one of the values, among others that make maps smaller."""
    network = draw.choice(asked.networks)
    size = int(str(draw.choice(asked.values)))
    partial, reason = _broken(network, size)
    failing = partial[-1]
    smaller = [one.name for one in network.report.layers if _makes_smaller(one)]
    at = smaller.index(failing.name)
    first = max(0, min(at, len(smaller) - _MOST_OPTIONS))  # so that there are as many as may be
    start = draw.randint(max(0, at - _MOST_OPTIONS + 1), first)
    names = smaller[start : start + _MOST_OPTIONS]
    return Question(
        prompt=_FIRST.format(network=network.title, size=size),
        answer=names.index(failing.name),
        options=tuple(map(alike, names)),
        hints=_FIRST_HINTS,
        arithmetic=(_sizes(partial[:-1], size), reason),
        address=network.address(breaks=f"{_SIZE}:{size}"),
    )


def _makes_smaller(layer: Layer) -> bool:
    has_window = "kernel" in dict(layer.attributes)
    return has_window and layer.output_shape[-1] < layer.input_shape[-1]


def smallest_image(asked: Asked, draw: Random) -> Question:
    """The smallest image on which every layer runs."""
    network = asked.draw_network(draw)
    smallest = _too_small(network.spec, 1)[1]
    assert smallest is not None, "a network that reads images"
    partial, reason = _broken(network, smallest - 1)
    whole = network.turn(**{_SIZE: smallest}).report
    return Question(
        prompt=_SMALLEST.format(network=network.title),
        answer=smallest,
        unit=Text("px", "像素"),
        hints=(_SMALLEST_HINTS[0], _SMALLEST_HINTS[1].format(layer=partial[-1].name)),
        arithmetic=(_sizes(whole.layers, smallest), reason),
        address=network.address(breaks=f"{_SIZE}:{smallest - 1}"),
    )


def _too_small(spec: Spec, size: int) -> tuple[Spec, int | None]:
    found = spec.too_small(**{_SIZE: size})
    assert found is not None, f"{size} px are enough"
    return found


def _broken(network: Network, size: int) -> tuple[Sequence[Layer], Text]:
    """The ops up to the one that cannot run, which is the last, and why it cannot."""
    spec, _ = _too_small(network.spec, size)
    try:
        analyze(spec)
    except BrokenNetwork as broken:
        return broken.partial.layers, broken.message
    raise AssertionError(f"{size} px are enough")


def _sizes(layers: Sequence[Layer], size: int) -> Text:
    """The sides of the maps on the way, each once: 20 → 10 → 5 → 2 → 1."""
    sides = [size]
    for layer in layers:
        if len(layer.output_shape) == 4 and layer.output_shape[-1] != sides[-1]:
            sides.append(layer.output_shape[-1])
    return _ALONG.format(sizes=" → ".join(map(str, sides)))
