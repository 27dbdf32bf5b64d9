"""The figures that papers draw of each family; pure functions of spec and report.

`figures_of` lists the figures of a network. Some figures show a single block.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from cnnviz.analysis.report import Report
from cnnviz.families import Spec
from cnnviz.render.figures.block import block_figure
from cnnviz.render.figures.canvas import Figure
from cnnviz.render.figures.dense import arcs, bus, dense_blocks
from cnnviz.render.figures.flow import forks, in_stages
from cnnviz.render.figures.paths import grouped_bodies, paths_figure
from cnnviz.render.figures.separable import separable_figure
from cnnviz.render.figures.shuffle import grouped, shuffle_figure, shuffles
from cnnviz.render.figures.stack import stacked_maps, stacked_maps_tikz
from cnnviz.render.figures.table import table_figure
from cnnviz.render.figures.towers import towers_figure
from cnnviz.render.figures.widths import widths_figure
from cnnviz.text import Text

if TYPE_CHECKING:
    from cnnviz.zoo.alexnet import AlexNetSpec
    from cnnviz.zoo.densenet import DenseNetSpec
    from cnnviz.zoo.lenet import LeNetSpec
    from cnnviz.zoo.mobilenet import MobileNetSpec
    from cnnviz.zoo.regnet import RegNetSpec

__all__ = ["Drawable", "Figure", "figures_of", "stacked_maps_tikz"]


@dataclass(frozen=True)
class Drawable:
    """A figure that can be drawn of a network.

    Args:
        name: name of the figure.
        blocks: names of the ops or blocks that it can show, in order; () if it shows the network.
        draw: takes the name of a block ("" for the network), a language and the colour of text
            and lines.
    """

    name: Text
    blocks: tuple[str, ...]
    draw: Callable[[str, str, str], Figure]


_MAPS = Text("stacked maps", "特征图堆叠")
_BRANCHES = Text("branches", "各分支")
_BLOCKS = {
    "xception": Text("Xception block", "Xception 块"),
    "mobilenet-v2": Text("inverted residual", "倒残差块"),
    "shufflenet": Text("unit", "单元"),
    "shufflenet-v2": Text("unit", "单元"),
    "mobilenet-v3": Text("inverted residual", "倒残差块"),
    **dict.fromkeys(("efficientnet", "efficientnet-v2"), Text("MBConv block", "MBConv 块")),
    "convnext": Text("ConvNeXt block", "ConvNeXt 块"),
}


def figures_of(spec: Spec | None, report: Report) -> dict[str, Drawable]:
    """The figures of a network by a short name, the family's most characteristic one first.

    Every network has "maps"; a module without a spec has no other figure.
    """
    own = _FAMILIES[spec.family](spec, report) if spec and spec.family in _FAMILIES else {}
    maps = Drawable(_MAPS, (), lambda _, *how: stacked_maps(report, *how))
    return {**own, "maps": maps}


def _dense(spec: "DenseNetSpec", report: Report) -> dict[str, Drawable]:
    return {
        "bus": Drawable(
            Text("channel bus", "通道总线"), (), lambda _, *how: bus(report, spec, *how)
        ),
        "arcs": Drawable(
            Text("all connections", "全部连接"), dense_blocks(report), partial(arcs, report)
        ),
    }


def _branches(spec: Spec, report: Report) -> dict[str, Drawable]:
    draw = partial(_block, report, False)
    return {"branches": Drawable(_BRANCHES, forks(report), draw)}


def _fire(spec: Spec, report: Report) -> dict[str, Drawable]:
    name, draw = Text("fire module", "Fire 模块"), partial(_block, report, True)
    return {"block": Drawable(name, forks(report), draw)}


def _residual(spec: Spec, report: Report) -> dict[str, Drawable]:
    name = _BLOCKS.get(spec.family, Text("residual block", "残差块"))
    return {"block": Drawable(name, in_stages(report), partial(_block, report, True))}


def _block(report: Report, detailed: bool, scope: str, language: str, ink: str) -> Figure:
    return block_figure(report, scope, language, ink, detailed=detailed)


def _resnet(spec: Spec, report: Report) -> dict[str, Drawable]:
    found = _residual(spec, report)
    grouped = grouped_bodies(report)
    if grouped:
        name = Text("groups as paths", "分组即路径")
        found["paths"] = Drawable(name, grouped, partial(paths_figure, report))
    return found


def _regnet(spec: "RegNetSpec", report: Report) -> dict[str, Drawable]:
    name = Text("widths", "各块宽度")
    draw = Drawable(name, (), lambda _, *how: widths_figure(spec, *how))
    return {"widths": draw, **_resnet(spec, report)}


def _shuffle(spec: Spec, report: Report) -> dict[str, Drawable]:
    names = shuffles(report) or grouped(report)
    name = Text("channel shuffle", "通道混洗")
    found = {"shuffle": Drawable(name, names, partial(shuffle_figure, report))} if names else {}
    return found | _residual(spec, report)


def _separable(spec: "MobileNetSpec", report: Report) -> dict[str, Drawable]:
    name = Text("depthwise separable", "深度可分离卷积")
    draw = partial(separable_figure, report, spec)
    return {"separable": Drawable(name, in_stages(report), draw)}


def _lenet(spec: "LeNetSpec", report: Report) -> dict[str, Drawable]:
    name = Text("table of C3", "C3 连接表")
    return {"table": Drawable(name, (), lambda _, *how: table_figure(report, spec, *how))}


def _alexnet(spec: "AlexNetSpec", report: Report) -> dict[str, Drawable]:
    if spec.towers == 1:
        return {}
    name = Text("two towers", "双数据流")
    return {"towers": Drawable(name, (), lambda _, *how: towers_figure(report, *how))}


# Any: a family's name says which class its specs are of.
_FAMILIES: dict[str, Callable[[Any, Report], dict[str, Drawable]]] = {
    "lenet": _lenet,
    "alexnet": _alexnet,
    **dict.fromkeys(
        ("googlenet", "inception-bn", "inception-v3", "inception-v4", "inception-resnet"),
        _branches,
    ),
    "resnet": _resnet,
    "densenet": _dense,
    "squeezenet": _fire,
    "xception": _residual,
    "mobilenet": _separable,
    "mobilenet-v2": _residual,
    "shufflenet": _shuffle,
    "shufflenet-v2": _shuffle,
    "mobilenet-v3": _residual,
    "efficientnet": _residual,
    "regnet": _regnet,
    "efficientnet-v2": _residual,
    "convnext": _residual,
}
