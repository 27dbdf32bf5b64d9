"""`cnnviz.draw`: the layer graph of a network as SVG."""

from collections.abc import Iterable

from torch import nn

from cnnviz.analysis import Report
from cnnviz.analysis.graph import scopes
from cnnviz.analysis.ops import Shape
from cnnviz.exports.errors import ExportError
from cnnviz.exports.network import as_network
from cnnviz.exports.style import checked
from cnnviz.families import Spec
from cnnviz.render import diagram
from cnnviz.text import Text, joined, nearest


class Drawing(str):
    """An SVG as text, which a notebook shows."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return f'<div style="background:#fff">{self}</div>'


def draw(
    network: str | Spec | nn.Module | Report,
    depth: int = 1,
    *,
    opened: Iterable[str] | None = None,
    input_shape: Shape | None = None,
    language: str = "en",
    colour_by: str = "kind",
) -> Drawing:
    """Draw the layer graph with Graphviz.

    >>> Path("resnet.svg").write_text(cnnviz.draw("resnet-50", depth=2))

    `cnnviz.export` writes .png and .pdf, with a legend and a caption.

    Args:
        network: a preset or family by its name, a spec, any module or a report.
        depth: levels of blocks to show; 1 shows the outermost, 99 one node an op.
        opened: names of the blocks to unfold, in place of a depth.
        input_shape: (N, C, H, W) of a module's input.
        language: "en" or "zh".
        colour_by: what the colour of a node says: kind, params, macs, memory or receptive_field.

    Raises:
        SpecError: there is no such preset.
        ExportError: a value that cannot be; every one is named.
        DrawingError: Graphviz is not installed, fails, or takes longer than 30 s.
    """
    style = checked(depth=depth, language=language, colour_by=colour_by)
    report = as_network(network, input_shape).report
    unfolded = style.scopes(report) if opened is None else _known(report, opened)
    return Drawing(diagram.draw(report, unfolded, language, colour_by=colour_by))


def _known(report: Report, opened: Iterable[str]) -> frozenset[str]:
    blocks = scopes(report)
    wanted = [opened] if isinstance(opened, str) else list(opened)
    if unknown := [name for name in wanted if name not in blocks]:
        message = Text(
            "{names}: no such block in the network; the nearest are {close}.",
            "网络中没有名为 {names} 的块；最接近的有 {close}。",
        )
        close = nearest(unknown[0], sorted(blocks))
        raise ExportError(message.format(names=joined(unknown), close=close))
    return frozenset(wanted)
