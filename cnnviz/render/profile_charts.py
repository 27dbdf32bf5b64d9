"""Profiles: measures of every op along the depth, and what is alive in a training step."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import plotly.graph_objects as go
from plotly.subplots import make_subplots

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.memory.timeline import Moment
from cnnviz.numbers import short
from cnnviz.render.memory_chart import PARTS
from cnnviz.render.training_charts import COLOURS, FONT, GREY, blank_chart
from cnnviz.text import Text

_ROW = 130  # px
_ORDER = ("weights", "optimiser", "gradients", "activations")  # from below


class Profile(NamedTuple):
    """A measure of each op, along the depth; None where an op has none."""

    label: Text
    of: Callable[[Layer], float | None]
    unit: str = ""


PROFILES = (
    Profile(
        Text("resolution (height), px", "分辨率（高，像素）"),
        lambda layer: layer.output_shape[2] if len(layer.output_shape) == 4 else None,
    ),
    Profile(
        Text("channels", "通道数"),
        lambda layer: layer.output_shape[1] if len(layer.output_shape) > 1 else None,
    ),
    Profile(Text("parameters", "参数量"), lambda layer: layer.params),
    Profile(Text("MACs", "乘加次数"), lambda layer: layer.macs),
    Profile(
        Text("saved, one image", "保存的激活（一张图像）"), lambda layer: layer.saved_bytes, "B"
    ),
)
_STEPS = 2  # of the profiles, which are states and drawn as lines; the others are bars
_TIME = Text("forward, ms", "前向（毫秒）")


def depth_chart(
    report: Report, language: str, *, ink: str, milliseconds: Sequence[float] = ()
) -> go.Figure:
    """The measures of each op above one another, in the order of execution.

    Args:
        milliseconds: of each op forward, where they were measured; a row more.
    """
    layers = [layer for layer in report.layers if layer.kind != "unused"]
    profiles = [
        (profile.label, [profile.of(x) for x in layers], profile.unit) for profile in PROFILES
    ]
    if milliseconds:
        profiles.append((_TIME, list(milliseconds), ""))
    figure = make_subplots(
        rows=len(profiles),
        shared_xaxes=True,
        vertical_spacing=0.05,
        subplot_titles=[label(language) for label, *_ in profiles],
    )
    x, names = list(range(1, len(layers) + 1)), [layer.name for layer in layers]
    for row, (label, values, unit) in enumerate(profiles, start=1):
        said = [
            f"{name}<br>{label(language)}: {value:,.6g} {unit}".strip()
            for name, value in zip(names, (value or 0 for value in values), strict=True)
        ]
        shared = {"x": x, "y": values, "customdata": said, "showlegend": False}
        shared |= {"hovertemplate": "%{customdata}<extra></extra>"}
        if row <= _STEPS:
            line = {"shape": "hvh", "width": 2.5, "color": COLOURS[0]}
            figure.add_scatter(**shared, mode="lines", line=line, connectgaps=True, row=row, col=1)
        else:
            figure.add_bar(
                **shared, marker={"color": COLOURS[0], "line": {"width": 0}}, row=row, col=1
            )
        top = max((value or 0 for value in values), default=0) or 1
        ticks = {
            "tickvals": [0, top],
            "ticktext": ["0", short(top, unit) if top >= 10 else f"{top:.3g}"],
        }
        figure.update_yaxes(**ticks, range=[0, 1.1 * top], row=row, col=1)
    text = {"size": FONT, "color": ink}
    figure.update_annotations(font=text, x=0, xanchor="left")
    figure.update_xaxes(tickfont=text, showgrid=False, zeroline=False)
    figure.update_yaxes(tickfont=text, gridcolor=GREY, automargin=True, zeroline=False)
    figure.update_xaxes(
        title={"text": Text("op, in order", "算子（按执行顺序）")(language), "font": text},
        row=len(profiles),
        col=1,
    )
    figure.update_layout(
        height=_ROW * len(profiles) + 60,
        margin={"l": 8, "r": 8, "t": 28, "b": 40},
        bargap=0,
        dragmode=False,
        font=text,
        paper_bgcolor="rgba(0, 0, 0, 0)",
        plot_bgcolor="rgba(0, 0, 0, 0)",
    )
    return figure


def step_chart(report: Report, moments: Sequence[Moment], language: str, *, ink: str) -> go.Figure:
    """What is alive over a training step, stacked, with the turn from forward to backward."""
    title = Text("Alive over one training step", "一个训练步中占用的内存")
    figure = blank_chart(title(language), language, ink=ink, revision="step", height=380)
    x = list(range(1, len(moments) + 1))
    names = [
        report.layers[moment.position].name if moment.position >= 0 else "" for moment in moments
    ]
    for part in _ORDER:
        label, colour = PARTS[part]
        sizes = [getattr(moment.memory, part) for moment in moments]
        figure.add_scatter(
            x=x,
            y=sizes,
            name=label(language),
            stackgroup="memory",
            line={"width": 0.5, "color": ink},
            fillcolor=colour,
            customdata=[
                f"{name}<br>{label(language)} {size:,} B"
                for name, size in zip(names, sizes, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    turn = (len(moments) - 1) / 2
    figure.add_vline(x=turn + 0.5, line={"color": ink, "width": 2, "dash": "dash"})
    ticks = {
        turn / 2: Text("forward", "前向"),
        1.4 * turn: Text("backward", "反向"),
        len(moments): Text("update", "更新"),
    }
    figure.update_xaxes(
        tickvals=list(ticks),
        ticktext=[label(language) for label in ticks.values()],
        range=[1, 1.06 * len(moments)],
    )
    top = max(moment.memory.total for moment in moments)
    figure.update_yaxes(
        tickvals=[0, top / 2, top],
        ticktext=["0", short(top / 2, "B"), short(top, "B")],
        range=[0, 1.05 * top],
    )
    legend = {"x": 0, "xanchor": "left", "y": 1.0, "yanchor": "bottom", "traceorder": "normal"}
    figure.update_layout(margin={"t": 96, "b": 40}, legend=legend)
    return figure
