"""Why a forward pass ended early: which op could not run, what it got and what it needs.

The op's arguments tell the reason, since torch words its message differently on every device. Where
no rule here fits, torch's message is given.
"""

import re
from collections.abc import Sequence
from math import prod
from typing import Any, cast

import torch
from torch import Tensor

from cnnviz.analysis.ops import Call
from cnnviz.analysis.ops.table import attributes, map_axes, word
from cnnviz.analysis.report import Layer, Report
from cnnviz.text import ExplainedError, Text

BROKEN = "broken"  # the kind of the op that could not run
# What torch raises where shapes do not fit, in its functions and in its layers' own checks.
REFUSALS = (RuntimeError, ValueError, IndexError, AssertionError)

_SENTENCE = Text("{layer} got {got} and needs {need}.", "{layer}得到{got}，需要{need}。")
_UNKNOWN = Text(
    "{layer} got {got} and cannot run. torch says: {reason}",
    "{layer}得到{got}，无法运行。torch 的报错：{reason}",
)
_CHANNELS = Text("{n} channels", " {n} 个通道")
_OF_SHAPES = re.compile(
    r"siz|shape|dim|\dD\b|-D\b|pad|expand|broadcast|channel|feature|length|invalid for",
    re.IGNORECASE,
)
_OF_AXES = re.compile(r"\dD\b")  # "Got 3D input"
_NORMS = {
    "batch_norm": Text("at least 2 values in each channel", "每个通道至少有 2 个数值"),
    "group_norm": Text("at least 2 values in each group", "每组至少有 2 个数值"),
    "instance_norm": Text("at least 2 values in each map", "每张特征图至少有 2 个数值"),
}
_PRODUCTS = ("linear", "matmul", "mm", "bmm")
_ELEMENTWISE = ("add", "sub", "mul", "div", "pow", "maximum", "minimum", "addcmul", "addcdiv")

# Functions of the module's own code, where they are looked for by their names.
_AS_WRITTEN = frozenset(("matmul", "mm", "bmm", "stack", "view", "view_as", "reshape", "unflatten"))

_Finding = tuple[Text, Text]  # (the size the op got, the size it needs)


class BrokenNetwork(ExplainedError):
    """A network with an op that cannot run on what it reads.

    Args:
        message: which op, what it got and what it needs.
        partial: the report up to that op. Its row is the last, has the kind "broken" and no output;
            the totals are those of the rows.
        reason: torch's message.
    """

    def __init__(self, message: Text, partial: Report, reason: str):
        super().__init__(message)
        self.partial = partial
        self.reason = reason

    def __str__(self) -> str:
        said = self.message.en
        return said if self.reason in said else f"{said}\n{self.reason}"


def may_be_refusal(error: Exception) -> bool:
    """Whether torch may have raised an error for a shape; for an op that it lacks it has not."""
    of_axes = type(error) is NotImplementedError and _OF_AXES.search(str(error))
    return type(error) in REFUSALS or bool(of_axes)


def own_check(error: Exception) -> Call | None:
    """The call that a layer of torch's refused by its own check; None for any other error.

    A batch norm, for example, looks at the number of axes before it calls a function.
    """
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    if trace is None:
        return None
    frame = trace.tb_frame
    if not frame.f_globals.get("__name__", "").startswith("torch.nn.modules."):
        return None
    local = frame.f_locals
    name = type(local.get("self")).__name__
    return Call(name, tuple(local.values()), {}, torch.empty(0, device="meta"))


def why(call: Call, layer: Layer, reason: str) -> Text | None:
    """The sentence for an op that torch refused for a shape; None where shapes are not to blame.

    Args:
        layer: the op's row.
        reason: torch's message.
    """
    named = _named(call, layer)
    for find in (_axes, _channels, _average, _window, _product, _concatenation, _operands):
        if finding := find(call):
            got, need = finding
            return _SENTENCE.format(layer=named, got=got, need=need)
    if not _OF_SHAPES.search(reason):
        return None
    return _UNKNOWN.format(layer=named, got=_shapes(layer.input_shapes), reason=reason)


def _named(call: Call, layer: Layer) -> Text:
    """The op with its settings: block5.pool (max pool 2×2, stride 2)."""
    settings = dict(attributes(call))
    called = Text(call.name, call.name) if call.name in _AS_WRITTEN else word(call.name)
    kernel = settings.get("kernel")
    parts = [Text(*(f" {_by(kernel)}",) * 2)] if kernel else []
    for name, usual, label in (
        ("stride", 1, Text(", stride {n}", "，步幅 {n}")),
        ("padding", 0, Text(", padding {n}", "，填充 {n}")),
    ):
        values = settings.get(name, ())
        if isinstance(values, str) or any(value != usual for value in values):
            text = values if isinstance(values, str) else _by(tuple(dict.fromkeys(values)))
            parts.append(label.format(n=text))
    if kernel and _dilation(call) not in (1, (1, 1)):
        parts.append(Text(", dilated", "，空洞"))
    if _rounds_up(call):
        parts.append(Text(", rounded up", "，向上取整"))
    inside = Text(*("".join(pieces) for pieces in zip(called, *parts, strict=True)))
    return Text(f"{layer.name} ({inside.en})", f"{layer.name}（{inside.zh}）")


def _axes(call: Call) -> _Finding | None:
    """A convolution or pooling that reads something else than maps."""
    axes, x = map_axes(call.name), call.argument(0, "input")
    if not axes or x.ndim in (axes + 1, axes + 2):
        return None
    need = ("C×L", "C×H×W", "C×D×H×W")[axes - 1]
    return _shapes([tuple(x.shape)]), _set_off(need)


def _channels(call: Call) -> _Finding | None:
    """Weights for another number of channels than there are."""
    x = call.argument(0, "input")
    if call.name.startswith("conv"):
        weight, axes = call.argument(1, "weight"), map_axes(call.name)
        need = weight.shape[0]
        if not call.name.startswith("conv_transpose"):
            need = weight.shape[1] * call.argument(6, "groups", 1)
        got = x.shape[-axes - 1]
    elif call.name in _NORMS and x.ndim > 1:
        vectors = [value for value in _values(call)[1:] if isinstance(value, Tensor)]
        need, got = vectors[0].shape[0] if vectors else x.shape[1], x.shape[1]
    else:
        return None
    return None if got == need else (_CHANNELS.format(n=got), Text("{n}", " {n} 个").format(n=need))


def _average(call: Call) -> _Finding | None:
    """A normalisation by the mean and the variance of a single value."""
    shape = tuple(call.argument(0, "input").shape) if call.name in _NORMS else ()
    if len(shape) < 2:
        return None
    values = prod(shape[2:])
    if call.name == "group_norm":
        values *= shape[0] * shape[1] // call.argument(1, "num_groups")
    elif call.name == "batch_norm":
        values *= shape[0] * call.argument(5, "training", False)
    else:
        values *= call.argument(5, "use_input_stats", True)
    return (_shapes([shape]), _NORMS[call.name]) if values == 1 else None


def _window(call: Call) -> _Finding | None:
    """A window larger than the padded map."""
    settings = dict(attributes(call))
    if "kernel" not in settings or call.name.startswith("conv_transpose"):
        return None
    if settings["padding"] in ("same", "valid"):  # "same" pads as much as is needed
        settings["padding"] = settings["kernel"] if settings["padding"] == "same" else 0
    axes = map_axes(call.name)
    sizes = tuple(call.argument(0, "input").shape[-axes:])
    given = (settings["kernel"], settings["stride"], settings["padding"], _dilation(call))
    columns = [_each(value, axes) for value in given]
    if any(len(column) != axes for column in columns):
        return None
    least = [
        # the padded map has to hold the window; rounding up, a part of the window is enough
        max(1, dilation * (kernel - 1) + 1 - 2 * padding - (stride - 1) * _rounds_up(call))
        for kernel, stride, padding, dilation in zip(*columns, strict=True)
    ]
    if all(size >= need for size, need in zip(sizes, least, strict=True)):
        return None
    return _set_off(_by(sizes)), Text("at least {n}", "至少 {n}").format(n=_by(least))


def _product(call: Call) -> _Finding | None:
    """A linear layer or matrix product over axes of different lengths."""
    if call.name not in _PRODUCTS:
        return None
    x, other = _tensors(call)[:2]
    need = other.shape[-1 if call.name == "linear" or other.ndim == 1 else -2]
    if x.shape[-1] == need:
        return None
    if x.ndim <= 2:
        got = Text("{n} feature{n:|s}", " {n} 个特征").format(n=x.shape[-1])
        return got, Text("{n}", " {n} 个").format(n=need)
    along = Text("{n} along the last axis", "最后一维为 {n}").format(n=need)
    return _shapes([tuple(x.shape)]), along


def _concatenation(call: Call) -> _Finding | None:
    """Tensors put side by side whose other axes differ."""
    if call.name not in ("cat", "concat", "concatenate", "stack"):
        return None
    shapes = [tuple(tensor.shape) for tensor in call.argument(0, "tensors")]
    axis = call.argument(1, "dim", call.kwargs.get("axis", 0))
    if len(set(shapes)) == 1:  # the axis is to blame
        return None
    if call.name == "stack":
        return _shapes(shapes), Text("equal shapes", "相同的形状")
    if axis in (1, 1 - len(shapes[0])):
        return _shapes(shapes), Text(
            "shapes that differ in the channels alone", "除通道外都相同的形状"
        )
    need = Text("shapes that differ along axis {axis} alone", "除第 {axis} 维外都相同的形状")
    return _shapes(shapes), need.format(axis=axis)


def _operands(call: Call) -> _Finding | None:
    """Operands of an elementwise op whose shapes do not match."""
    shapes = [tuple(tensor.shape) for tensor in _tensors(call)]
    if call.name not in _ELEMENTWISE or len(shapes) < 2:
        return None
    try:
        torch.broadcast_shapes(*shapes)
    except RuntimeError:
        need = Text("equal shapes, or a size of 1 where they differ", "相同的形状，或在不同处为 1")
        return _shapes(shapes), need
    return None


def _dilation(call: Call) -> int | tuple[int, ...]:
    return cast(int | tuple[int, ...], dict(attributes(call)).get("dilation", 1))


def _rounds_up(call: Call) -> bool:
    """Whether a pooling's last window may hang over the edge."""
    return "ceil_mode" in dict(attributes(call))


def _values(call: Call) -> list[Any]:
    return [*call.args, *call.kwargs.values()]


def _tensors(call: Call) -> list[Tensor]:
    return [value for value in _values(call) if isinstance(value, Tensor)]


def _each(value: int | Sequence[int], axes: int) -> Sequence[int]:
    """A setting along each axis."""
    values = (value,) if isinstance(value, int) else tuple(value)
    return values * axes if len(values) == 1 else values


def _by(sizes: Sequence[int]) -> str:
    return "×".join(map(str, sizes))


def _shapes(shapes: Sequence[tuple[int, ...]]) -> Text:
    """Shapes joined by +, without the N that all of them begin with."""
    ranks = {len(shape) for shape in shapes}
    if len(ranks) == 1 and ranks != {1} and len({shape[0] for shape in shapes}) == 1:
        shapes = [shape[1:] for shape in shapes]
    return _set_off(" + ".join(_by(shape) or "1" for shape in shapes))


def _set_off(figures: str) -> Text:
    """Figures after a word; Chinese sets them off by a space."""
    return Text(figures, f" {figures}")
