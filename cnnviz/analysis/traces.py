"""A report as a JSON trace, and back: data alone, checked before anything is made of it.

A trace may come from anybody, so all of it has limits: its length, the ops, what each reads, and
the size of every number. Receptive fields are in the trace as they were found.
"""

from dataclasses import fields
from math import inf, isinf
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from cnnviz.analysis.memory.saved import Saved
from cnnviz.analysis.receptive.axis import Axis
from cnnviz.analysis.receptive.field import Field as Seen
from cnnviz.analysis.receptive.field import No
from cnnviz.analysis.report import Layer, Report
from cnnviz.text import ExplainedError, Text

MOST_BYTES = 4_000_000
MOST_OPS = 2_000
# What reads several ops is followed back through the graph, which takes long where there are many.
MOST_MERGES = 300
MOST_PAIRS = 200_000  # of activations that one op reads, in all ops together
_FEW = 300  # activations that one op reads, and phases of a receptive field

_LONGEST = 500  # characters of a name

_Name = Annotated[str, StringConstraints(min_length=1, max_length=_LONGEST)]
_Said = Annotated[str, StringConstraints(max_length=_LONGEST)]
_Count = Annotated[int, Field(ge=0, le=2**62)]
_Size = Annotated[int, Field(ge=0, le=2**40)]
_Shape = Annotated[tuple[_Size, ...], Field(max_length=12)]
_Pixel = Annotated[int, Field(ge=-(2**40), le=2**40)] | None  # None: the unit sees nothing
_Pixels = Annotated[tuple[_Pixel, ...], Field(min_length=1, max_length=_FEW)]
_Number = (
    Annotated[int, Field(ge=-(2**40), le=2**40)] | Annotated[float, Field(allow_inf_nan=False)]
)
_Numbers = Annotated[tuple[_Number, ...], Field(max_length=12)]
_Setting = tuple[_Name, _Number | _Said | bool | _Numbers]
_Place = bool | _Number | _Said | None
_Reads = Annotated[
    tuple[_Place | Annotated[tuple[_Place, ...], Field(max_length=12)], ...], Field(max_length=64)
]
_NO = {no.name.lower(): no for no in No}


class TraceError(ExplainedError):
    """A file that holds no trace, and why."""


class _Checked(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Axis(_Checked):
    lows: _Pixels
    highs: _Pixels  # as many as lows
    step: _Size


class _Op(_Checked):
    name: _Name
    kind: _Name
    operation: _Said
    scope: _Said
    input_shape: _Shape = ()
    output_shape: _Shape = ()
    params: _Count = 0
    macs: _Count | None = 0
    connections: _Count | None = 0
    inputs: Annotated[tuple[Annotated[int, Field(ge=-1)], ...], Field(max_length=_FEW)] = ()
    input_shapes: Annotated[tuple[_Shape, ...], Field(max_length=_FEW)] = ()
    weighted: bool = False
    attributes: Annotated[tuple[_Setting, ...], Field(max_length=20)] = ()
    saved: Annotated[tuple[_Count, ...], Field(max_length=len(Saved._fields))] | None = ()
    reads: _Reads = ()
    field: (
        Annotated[tuple[_Axis, ...], Field(max_length=3)] | Literal["whole", "unknown", "constant"]
    )


class _Trace(_Checked):
    cnnviz_trace: Literal[1] = 1
    input_shape: Annotated[tuple[Annotated[int, Field(ge=1, le=2**40)], ...], Field(min_length=1)]
    output_shape: _Shape
    buffers: _Count
    modules: Annotated[dict[_Said, _Said], Field(max_length=10 * MOST_OPS)]
    layers: Annotated[list[_Op], Field(max_length=MOST_OPS)]


COLUMNS = tuple(each.name for each in fields(Layer))
_CHANGED = ("saved", "attributes", "reads", "field")  # on their way into a trace


def as_json(report: Report) -> str:
    """The trace of a report.

    Raises:
        TraceError: the network is too large for one, or an op has a setting that is no number.
    """
    try:
        layers = [
            _Op(
                **{name: getattr(layer, name) for name in COLUMNS if name not in _CHANGED},
                attributes=tuple((name, _plain(value)) for name, value in layer.attributes),
                reads=_plain(layer.reads),
                saved=None if layer.saved is None else tuple(layer.saved),
                field=_written(layer.field),
            )
            for layer in report.layers
        ]
        names = ("input_shape", "output_shape", "buffers", "modules")
        trace = _Trace(layers=layers, **{name: getattr(report, name) for name in names})
    except ValidationError as error:
        raise _refused(_first(error)) from None
    _check(trace)
    text = trace.model_dump_json(exclude_defaults=True)
    # the version is a default, and what a reader looks for first
    text = f'{{"cnnviz_trace":1,{text[1:]}'
    if len(text.encode()) > MOST_BYTES:
        raise _refused(f"> {MOST_BYTES:,} bytes")
    return text


def from_json(text: bytes) -> Report:
    """The report in a trace, which may be hostile.

    Raises:
        TraceError: it is too long, no JSON, or not of this form.
    """
    if len(text) > MOST_BYTES:
        raise _refused(f"> {MOST_BYTES:,} bytes")
    try:
        trace = _Trace.model_validate_json(text)
    except ValidationError as error:
        raise _refused(_first(error)) from None
    _check(trace)
    layers = tuple(
        Layer(
            **{name: getattr(op, name) for name in COLUMNS if name not in ("saved", "field")},
            saved=None if op.saved is None else Saved(*op.saved),
            field=_read(op),
        )
        for op in trace.layers
    )
    return Report(
        input_shape=trace.input_shape,
        output_shape=trace.output_shape,
        layers=layers,
        params=sum(layer.params for layer in layers),
        buffers=trace.buffers,
        macs=sum(layer.macs or 0 for layer in layers),
        unknown=tuple(layer.name for layer in layers if layer.macs is None),
        modules=trace.modules,
    )


def _check(trace: _Trace) -> None:
    """Refuse what has the form of a trace and cannot be one."""
    if sum(len(op.inputs) > 1 for op in trace.layers) > MOST_MERGES:
        raise _refused(f"> {MOST_MERGES:,} ops that read several others")
    if sum(len(op.inputs) ** 2 for op in trace.layers) > MOST_PAIRS:
        raise _refused(f"> {MOST_PAIRS:,} pairs of inputs")
    if len({op.name for op in trace.layers}) < len(trace.layers):
        raise _refused("two ops of one name")
    for position, op in enumerate(trace.layers):
        if any(source >= position for source in op.inputs):
            raise _refused(f"{op.name} reads what comes after it")
        for axis in op.field if isinstance(op.field, tuple) else ():
            if len(axis.lows) != len(axis.highs) or not axis.step:
                raise _refused(f"the receptive field of {op.name}")
        reads_nothing = op.kind == "unused" or op.field == "constant"
        if (not op.inputs and not reads_nothing) or len(op.input_shapes) < bool(op.inputs):
            raise _refused(f"{op.name} reads nothing")
        if op.inputs and op.kind == "unused":
            raise _refused(f"{op.name} is unused and reads something")


def _written(field: Seen | No) -> Any:
    if isinstance(field, No):
        return field.name.lower()
    return tuple(
        _Axis(
            lows=tuple(None if isinf(low) else int(low) for low in axis.lows),
            highs=tuple(None if isinf(high) else int(high) for high in axis.highs),
            step=axis.step,
        )
        for axis in field
    )


def _read(op: _Op) -> Seen | No:
    if isinstance(op.field, str):
        return _NO[op.field]
    return tuple(
        Axis(
            tuple(inf if low is None else low for low in axis.lows),
            tuple(-inf if high is None else high for high in axis.highs),
            axis.step,
        )
        for axis in op.field
    )


def _plain(value: Any) -> Any:
    """A setting as data: numbers and texts as they are, anything else as it is written."""
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value if isinstance(value, int | float | None) else str(value)[:_LONGEST]


def _first(error: ValidationError) -> str:
    """The first fault and where it is."""
    fault = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(map(str, fault["loc"]))
    return f"{place}: {fault['msg']}"[:200]


def _refused(why: str) -> TraceError:
    message = Text("This is no trace of a network ({why}).", "这不是网络的追踪文件（{why}）。")
    return TraceError(message.format(why=why))
