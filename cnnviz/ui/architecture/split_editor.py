"""The Inception editor: the six numbers of a block, its four branches, and its cost.

The inputs keep their keys when the sidebar's knob is turned, so that they keep the focus.
"""

import re
from collections.abc import Callable

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.excerpt import followers, single_convolution
from cnnviz.analysis.graph import Node, ancestors, find, fold
from cnnviz.families import Spec
from cnnviz.kept import kept
from cnnviz.knobs import Knob, format_value
from cnnviz.numbers import change, short
from cnnviz.render.diagram import DrawingError, draw_branches
from cnnviz.ui.kit.graph_view import picture
from cnnviz.ui.kit.steering import steer
from cnnviz.ui.kit.words import glossary_link, language, say, say_problem, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.slot import Slot
from cnnviz.ui.session.subject import Member

NUMBERS = ("conv1", "reduce3", "conv3", "reduce5", "conv5", "pool")  # in the paper's order
_ROWS = (("conv1", "pool"), ("reduce3", "conv3"), ("reduce5", "conv5"))
_THIRD = ("reduce5", "conv5")
_REDUCTIONS = ("reduce3", "reduce5", "pool")
_STEP = 8  # channels


def splits(spec: Spec) -> dict[str, Knob]:
    """The knobs that hold the six numbers of a block, by the block's name."""
    return {
        knob.name: knob
        for knob in spec.knobs()
        if isinstance(knob.default, tuple) and knob.lengths == (len(NUMBERS),) * 2
    }


def split_editor(
    slot: Slot,
    subject: Member,
    reference: Report,
    look: Look,
    on_change: Callable[[Look], None],
) -> None:
    """Show the editor of the selected block, else of the first.

    Args:
        slot: holds the knobs that the editor turns.
        reference: report of the preset.
    """
    report, spec = subject.report, subject.spec
    knobs = splits(spec)
    block = next((scope for scope in ancestors(look.selected or "") if scope in knobs), None)
    block = block or next(iter(knobs))
    _blocks(knobs, block, lambda name: on_change(look.at(name)), slot.key("split.block"))
    inputs, branches = st.columns([2, 3], gap="medium")
    with inputs:
        _numbers(slot, knobs[block])
        if block in slot.draft.refused:
            st.error(say_problem(slot.draft.refused[block][1]))
    with branches:
        _picture(report, block, slot.key("branches"))
    costs, onward = st.columns([3, 2], gap="medium")
    with costs, st.container(key=slot.key("split-costs")):
        st.markdown(_costs(report, block, bias=bool(spec.values.get("conv_bias"))))
    with onward, st.container(key=slot.key("split-onward")):
        st.markdown(_onward(report, reference, block))


def _blocks(knobs: dict[str, Knob], block: str, on_choice: Callable[[str], None], key: str) -> None:
    def chosen() -> None:
        if st.session_state[key] in knobs:
            on_choice(st.session_state[key])

    st.segmented_control(
        t("split.block"),
        list(knobs),
        key=steer(key, block),
        required=True,
        format_func=lambda name: name.rsplit("_", 1)[-1],
        on_change=chosen,
        help=f"{t('split.block_help')} {glossary_link('split')}",
    )


def _numbers(slot: Slot, knob: Knob) -> None:
    """Draw six inputs; each row holds those of one branch, or conv1 and pool."""
    key = slot.key(f"split.{knob.name}")
    typed = _parse(str(slot.widget_value(knob)))
    shown: tuple[int, ...] = typed or getattr(slot.spec, knob.name)

    def changed() -> None:
        numbers = tuple(st.session_state[f"{key}.{name}"] for name in NUMBERS)
        slot.turn_elsewhere(knob, format_value(numbers))

    naive = slot.spec.values.get("module") == "naive"
    twice = slot.spec.values.get("third_branch") == "3x3-twice"
    for row in _ROWS:
        for name, column in zip(row, st.columns(2), strict=True):
            unused = naive and name in _REDUCTIONS
            word = f"{name}_twice" if twice and name in _THIRD else name
            column.number_input(
                t(f"split.{word}"),
                step=_STEP,
                key=steer(f"{key}.{name}", shown[NUMBERS.index(name)]),
                on_change=changed,
                disabled=unused,
                help=t("split.unused") if unused else t(f"split.{word}_help"),
            )


def _parse(text: str) -> tuple[int, ...] | None:
    """The six numbers of a text, whether in range or not; None for any other text."""
    numbers = tuple(map(int, re.findall(r"(?:^|-)(-?[0-9]{1,9})(?=-|$)", text)))
    return numbers if len(numbers) == len(NUMBERS) and format_value(numbers) == text else None


@kept
def _drawing(report: Report, block: str, language: str) -> str:
    return draw_branches(report, block, language)


def _picture(report: Report, block: str, key: str) -> None:
    try:
        svg = _drawing(report, block, language())
    except DrawingError as error:
        st.warning(say(error.message))
        return
    picture(svg, label=t("split.picture", block=block), key=key)


def _node(report: Report, name: str) -> Node:
    """The block of that name, which the report has."""
    node = find(report, name)
    assert node is not None, f"the network has no {name}"
    return node


def _costs(report: Report, block: str, *, bias: bool) -> str:
    """A table of the block beside single convolutions with the same input and output."""
    node = _node(report, block)
    macs = node.macs or 0
    lines = [
        f"| {t('split.block')} | {t('details.params')} | × | {t('details.macs')} | × |",
        "|:--|--:|--:|--:|--:|",
        f"| **{block}** | **{node.params:,}** | | **{macs:,}** | |",
    ]
    for kernel in (3, 5):
        single = single_convolution(node, kernel, bias=bias)
        cells = (
            t("split.single", kernel=f"{kernel}×{kernel}"),
            f"{single.params:,}",
            f"×{single.params / node.params:.2f}",
            f"{single.macs:,}",
            f"×{single.macs / macs:.2f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    channels = node.input_shapes[0][1], node.output_shape[1]
    caption = t("split.costs", inputs=channels[0], outputs=channels[1])
    return "\n".join([*lines, "", f":gray[{caption}]"])


def _onward(report: Report, preset: Report, block: str) -> str:
    """The sum of the channels, and the cost of the blocks that read them, against the preset."""
    node = _node(report, block)
    joined = [shape[1] for shape in report.layers[node.positions[-1]].input_shapes]
    lines = [t("split.joined", sum=" + ".join(map(str, joined)), channels=sum(joined)), ""]
    for name in followers(fold(report), block):
        reader, before = _node(report, name), find(preset, name)
        lines.append(t("split.reads", block=name, channels=reader.input_shapes[0][1]))
        for what in ("params", "macs"):
            value = getattr(reader, what)
            against = f" · {say(change(value, getattr(before, what)))}" if before else ""
            lines.append(f"- {t(f'details.{what}')}: **{short(value)}**:gray[{against}]")
    return "\n".join(lines)
