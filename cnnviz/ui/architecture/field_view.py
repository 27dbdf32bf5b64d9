"""The receptive field of one unit on a picture, in two networks side by side."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import streamlit as st
import torch
from PIL import Image
from torch import Tensor

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.graph import find
from cnnviz.analysis.ops import Shape
from cnnviz.analysis.real_run import LiveError
from cnnviz.analysis.receptive.effective import Effective
from cnnviz.analysis.receptive.field import No
from cnnviz.data.images import statistics
from cnnviz.data.shapes import draw
from cnnviz.families import Spec
from cnnviz.live.tasks import EffectiveField, Picture, Untrained
from cnnviz.numbers import pixels
from cnnviz.render.field_picture import Box, field_picture, growth_chart, place, room
from cnnviz.render.kinds import shape_text
from cnnviz.ui.architecture.details import field_text
from cnnviz.ui.architecture.feature_maps import OWN_SIDE, in_colour
from cnnviz.ui.kit import own_picture
from cnnviz.ui.kit.chart_style import TOOLS, ink
from cnnviz.ui.kit.lens_picture import lens_picture
from cnnviz.ui.kit.live_client import answer
from cnnviz.ui.kit.preparation import prepare
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import language, plain, say, t
from cnnviz.ui.session.device import chosen_device
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Member
from cnnviz.zoo import PRESETS

_KINDS = ("convolution", "grouped convolution", "pooling", "merge")  # others do not enlarge it
_OTHERS = ("resnet-50", "vgg-d")  # compared with at first; the second beside the first itself
_SHAPES = 4  # shapes along each side of the picture


class Lens(NamedTuple):
    """One unit of a feature map.

    Args:
        position: of the op in the report.
        unit: row and column.
    """

    position: int
    unit: tuple[int, int]


def field_view(
    subject: Member,
    look: Look,
    on_change: Callable[[Look], None],
    *,
    key: Callable[[str], str],
) -> None:
    """Let the user choose a layer and a unit, and show its field here and in another network.

    At first, the layer is the one that is selected on the page.
    """
    report, spec = subject.report, subject.spec
    places = lens_layers(report)
    if not places:
        st.markdown(t("field.nothing"))
        return
    first, row, column, second = st.columns([4, 1.5, 1.5, 3])
    with first:
        position = _layer(report, places, look, on_change, key(f"field.layer.{hash(spec)}"))
    counts = report.layers[position].output_shape[2:]
    unit = counts[0] // 2, counts[1] // 2
    if look.unit and all(at < count for at, count in zip(look.unit, counts, strict=True)):
        unit = look.unit
    holders = {"row": row, "column": column}
    boxes = [key(f"field.{name}.{hash(spec)}.{position}") for name in holders]

    def typed() -> None:
        row, column = (st.session_state[box] for box in boxes)
        on_change(replace(look, unit=(row, column)))

    for name, box, at, count in zip(holders, boxes, unit, counts, strict=True):
        holders[name].number_input(
            t(f"field.{name}"),
            min_value=0,
            max_value=count - 1,
            key=steer(box, at),
            on_change=typed,
            help=t("field.unit_help", last=count - 1),
        )
    here = subject.preset.name
    names = [name for name in PRESETS if name != here]
    other = second.selectbox(
        t("field.other"),
        names,
        index=names.index(next(name for name in _OTHERS if name != here)),
        key=key(f"field.other.{here}"),
        help=t("field.other_help"),
    )
    (beside,) = prepare(PRESETS[other].spec, pause=st.empty())
    peer = Member(other, beside, PRESETS[other].spec, PRESETS[other])
    lens = Lens(position, unit)
    own = _own(key("field"))
    pair = ((subject, lens), (peer, _alike(report, lens, beside)))
    around = max(room(_box(one.report, there), one.report.input_shape[2:]) for one, there in pair)
    ours, theirs = st.columns(2, gap="medium")
    with ours:
        _lens(
            subject,
            lens,
            around,
            own=own,
            on_unit=lambda at: on_change(replace(look, unit=at)),
            key=key("field.lens"),
        )
    with theirs:
        _lens(*pair[1], around, own=own)
    lines = [(here, _sizes(report)), (other, _sizes(beside))]
    figure = growth_chart(lines, report.input_shape[2], language(), ink=ink())
    st.plotly_chart(figure, key=key("field.growth"), config=TOOLS, alt=t("field.growth_alt"))
    st.caption(t("field.caption"))


def _own(key: str) -> Image.Image | None:
    """The user's own picture under the lens; None for the drawn shapes."""
    if not st.toggle(t("maps.own"), key=f"{key}.own", help=t("maps.own_help")):
        return None
    return own_picture.asked(key, OWN_SIDE)


def lens_layers(report: Report) -> list[int]:
    """Positions of the ops up to the last map that can enlarge the receptive field."""
    last = report.last_map
    return [
        position
        for position, layer in enumerate(report.layers[: 0 if last is None else last + 1])
        if layer.kind in _KINDS
        and len(layer.output_shape) == 4
        and isinstance(layer.receptive_field, int | tuple)
    ]


def _sizes(report: Report) -> list[int]:
    fields = (report.layers[place].receptive_field for place in lens_layers(report))
    return [max(x) if isinstance(x, tuple) else x for x in fields if x is not None]


def _start(report: Report, places: list[int], selected: str | None) -> int:
    """The last of `places` up to the end of the selected op or block."""
    node = find(report, selected) if selected else None
    if node is None:
        return places[-1]
    return max((place for place in places if place <= node.positions[-1]), default=places[0])


def _alike(report: Report, lens: Lens, other: Report) -> Lens:
    """The unit of another network at the same relative depth and the same part of the map."""
    ours, theirs = lens_layers(report), lens_layers(other)
    depth = ours.index(lens.position) / max(1, len(ours) - 1)
    position = theirs[round(depth * (len(theirs) - 1))]
    sizes = report.layers[lens.position].output_shape[2:], other.layers[position].output_shape[2:]
    row, column = (
        (2 * at + 1) * there // (2 * here)
        for at, here, there in zip(lens.unit, *sizes, strict=True)
    )
    return Lens(position, (row, column))


def _box(report: Report, lens: Lens) -> Box:
    field = report.layers[lens.position].field
    assert not isinstance(field, No), "layers under the lens have a field"
    rows, columns = (axis.interval(at) for axis, at in zip(field, lens.unit, strict=True))
    return rows, columns


def _layer(
    report: Report, places: list[int], look: Look, on_change: Callable[[Look], None], key: str
) -> int:
    """Let the user choose the layer, which the graph then selects."""

    def chosen() -> None:
        if st.session_state[key] in places:
            on_change(look.at(report.layers[st.session_state[key]].name))

    return st.selectbox(
        t("field.layer"),
        places,
        key=steer(key, _start(report, places, look.selected)),
        format_func=lambda place: (
            f"{report.layers[place].name} · " + field_text(report.layers[place])
        ),
        on_change=chosen,
        help=t("field.layer_help"),
    )


def _lens(
    subject: Member,
    lens: Lens,
    around: float,
    *,
    own: Image.Image | None,
    on_unit: Callable[[tuple[int, int]], None] | None = None,
    key: str = "",
) -> None:
    spec, report = subject.spec, subject.report
    layer, box = report.layers[lens.position], _box(report, lens)
    found: Effective | None = None
    refusal = ""
    image = spec.input_shape[2:]
    seen = in_colour(own, image) if own else _shapes(spec.input_shape)
    try:
        found = _effective(spec, lens, box, seen, is_own=own is not None)
    except LiveError as error:
        refusal = say(error.message)
    text = _text(layer, lens, box, spec.input_shape[2:], found)
    st.markdown(f"**{subject.title}** · {layer.name} · {shape_text(layer.output_shape)}")
    heat = found.gradient if found else None
    sheet = field_picture(seen.permute(1, 2, 0).numpy(), box, heat, around=around)
    if on_unit is None:
        st.image(sheet, alt=plain(text))
    else:
        first, second = (
            place(_box(report, Lens(lens.position, at)), image, around=around)[0]
            for at in ((0, 0), (1, 1))
        )
        lens_picture(
            sheet,
            unit=lens.unit,
            counts=layer.output_shape[2:],
            first=first,
            step=(second[0] - first[0], second[1] - first[1]),
            size=place(box, image, around=around)[1],
            label=t("field.drag"),
            alt=plain(text),
            on_unit=on_unit,
            key=key,
        )
    st.markdown(text)
    if found is None:
        st.warning(refusal)
    elif not found.gradient.any():
        st.markdown(t("field.still"))


def _text(layer: Layer, lens: Lens, box: Box, image: Shape, found: Effective | None) -> str:
    beyond = max(
        outside
        for (low, high), side in zip(box, image, strict=True)
        for outside in (-low, high - side + 1)
    )
    parts = [
        t("field.unit", row=lens.unit[0], column=lens.unit[1], field=field_text(layer)),
        t("field.step", jump=pixels(layer.jump)),
        t("field.beyond", pixels=f"{beyond:,}") if beyond > 0 else t("field.inside"),
    ]
    if found and found.gradient.any():
        parts.append(t("field.half", side=found.half))
    return ("" if language() == "zh" else " ").join(parts)


def _effective(spec: Spec, lens: Lens, box: Box, image: Tensor, *, is_own: bool) -> Effective:
    seen = Picture.of(image, *statistics(image[None]), is_own=is_own)
    row, column = ((low + high) / 2 for low, high in box)
    task = EffectiveField(
        chosen_device(), Untrained(spec), seen, lens.position, lens.unit, (row, column)
    )
    found: Effective = answer(task)
    return found


@lru_cache(maxsize=8)
def _shapes(input_shape: tuple[int, ...]) -> Tensor:
    """A picture of drawn shapes in rows and columns, uint8 (3, H, W)."""
    height, width = input_shape[2:]
    size = -(-max(height, width) // _SHAPES)
    images, _ = draw(_SHAPES**2, size)
    rows = images.reshape(_SHAPES, _SHAPES, 3, size, size).transpose(0, 3, 1, 4, 2)
    sheet = rows.reshape(_SHAPES * size, _SHAPES * size, 3)[:height, :width]
    return torch.from_numpy(sheet.copy()).permute(2, 0, 1).contiguous()
