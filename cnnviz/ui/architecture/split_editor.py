"""The Inception editor: a block's six numbers, its four branches, and what it costs.

The inputs have keys of their own that stay the same while the user types, so that the focus stays;
they start anew only when the numbers were changed elsewhere.
"""

import re

import streamlit as st

from cnnviz.analysis import Report, analyze
from cnnviz.analysis.excerpt import followers, single_convolution
from cnnviz.analysis.graph import ancestors, find, fold
from cnnviz.families import Spec
from cnnviz.kept import kept
from cnnviz.knobs import Knob, format_value
from cnnviz.numbers import change, short
from cnnviz.render.diagram import DrawingError, draw_branches
from cnnviz.ui.kit.graph_view import picture
from cnnviz.ui.kit.words import glossary_link, language, say, say_problem, t
from cnnviz.ui.session.slot import Slot

NUMBERS = ("conv1", "reduce3", "conv3", "reduce5", "conv5", "pool")  # in the paper's order
_ROWS = (("conv1", "pool"), ("reduce3", "conv3"), ("reduce5", "conv5"))
_THIRD = ("reduce5", "conv5")
_REDUCTIONS = ("reduce3", "reduce5", "pool")
_STEP = 8  # channels
_HELD = "split_editor"


def splits(spec: Spec) -> dict[str, Knob]:
    """The knobs that are the six numbers of a block, by the block's name."""
    return {
        knob.name: knob
        for knob in spec.knobs()
        if isinstance(knob.default, tuple) and knob.lengths == (len(NUMBERS),) * 2
    }


def split_editor(slot: Slot) -> None:
    """Show the editor of the block that is selected, else of the first."""
    spec = slot.spec
    knobs = splits(spec)
    block = next((scope for scope in ancestors(slot.look.selected or "") if scope in knobs), None)
    block = block or next(iter(knobs))
    _blocks(slot, knobs, block)
    inputs, branches = st.columns([2, 3], gap="medium")
    with inputs:
        _numbers(slot, knobs[block])
        if block in slot.draft.refused:
            st.error(say_problem(slot.draft.refused[block][1]))
    with branches:
        _picture(slot, block)
    costs, onward = st.columns([3, 2], gap="medium")
    report = analyze(spec)
    with costs, st.container(key=slot.key("split-costs")):
        st.markdown(_costs(report, block, bias=spec.values.get("conv_bias", False)))
    with onward, st.container(key=slot.key("split-onward")):
        st.markdown(_onward(report, analyze(slot.preset.spec), block))


def _blocks(slot: Slot, knobs: dict[str, Knob], block: str) -> None:
    key = _key(slot, "block", block)

    def chosen() -> None:
        if _hold(slot, "block", key, st.session_state[key]):
            slot.select(st.session_state[key])

    st.segmented_control(
        t("split.block"),
        list(knobs),
        default=block,
        key=key,
        required=True,
        format_func=lambda name: name.rsplit("_", 1)[-1],
        on_change=chosen,
        help=f"{t('split.block_help')} {glossary_link('split')}",
    )


def _numbers(slot: Slot, knob: Knob) -> None:
    """Six inputs, a branch a row."""
    shown = slot.widget_value(knob)
    key = _key(slot, knob.name, shown)
    start = _parse(shown) or slot.spec.values[knob.name]

    def changed() -> None:
        text = format_value(tuple(st.session_state[f"{key}.{name}"] for name in NUMBERS))
        if _hold(slot, knob.name, key, text):
            slot.turn_elsewhere(knob, text)

    naive = slot.spec.values.get("module") == "naive"
    twice = slot.spec.values.get("third_branch") == "3x3-twice"
    for row in _ROWS:
        for name, column in zip(row, st.columns(2), strict=True):
            unused = naive and name in _REDUCTIONS
            word = f"{name}_twice" if twice and name in _THIRD else name
            column.number_input(
                t(f"split.{word}"),
                value=start[NUMBERS.index(name)],
                step=_STEP,
                key=f"{key}.{name}",
                on_change=changed,
                disabled=unused,
                help=t("split.unused") if unused else t(f"split.{word}_help"),
            )


def _parse(text: str) -> tuple[int, ...] | None:
    """The six numbers, in range or not; None if the text is something else."""
    numbers = tuple(map(int, re.findall(r"(?:^|-)(-?[0-9]{1,9})(?=-|$)", text)))
    return numbers if len(numbers) == len(NUMBERS) and format_value(numbers) == text else None


def _key(slot: Slot, name: str, shown: str) -> str:
    """The key of widgets that show `shown`; a new one if that is not what they hold themselves."""
    held = st.session_state.setdefault(slot.key(_HELD), {})
    before, generation = held.get(name, (shown, 0))
    if before != shown:
        generation += 1
    held[name] = (shown, generation)
    return slot.key(f"split.{name}.{generation}")


def _hold(slot: Slot, name: str, key: str, shown: str) -> bool:
    """Remember what the user has set the widgets of `key` to.

    False if these are not on screen: a browser also reports what replaced widgets hold.
    """
    held = st.session_state[slot.key(_HELD)]
    generation = held[name][1]
    if key != slot.key(f"split.{name}.{generation}"):
        return False
    held[name] = (shown, generation)
    return True


@kept
def _drawing(spec: Spec, block: str, language: str) -> str:
    return draw_branches(analyze(spec), block, language)


def _picture(slot: Slot, block: str) -> None:
    try:
        svg = _drawing(slot.spec, block, language())
    except DrawingError as error:
        st.warning(say(error.message))
        return
    picture(svg, label=t("split.picture", block=block), key=slot.key("branches"))


def _costs(report: Report, block: str, *, bias: bool) -> str:
    """The block against one convolution with the same input and output."""
    node = find(report, block)
    lines = [
        f"| | {t('details.params')} | | {t('details.macs')} | |",
        "|:--|--:|--:|--:|--:|",
        f"| **{block}** | **{node.params:,}** | | **{node.macs:,}** | |",
    ]
    for kernel in (3, 5):
        single = single_convolution(node, kernel, bias=bias)
        cells = (
            t("split.single", kernel=f"{kernel}×{kernel}"),
            f"{single.params:,}",
            f"×{single.params / node.params:.2f}",
            f"{single.macs:,}",
            f"×{single.macs / node.macs:.2f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    channels = node.input_shapes[0][1], node.output_shape[1]
    caption = t("split.costs", inputs=channels[0], outputs=channels[1])
    return "\n".join([*lines, "", f":gray[{caption}]"])


def _onward(report: Report, preset: Report, block: str) -> str:
    """How the channels add up, and what the blocks that read them cost, beside the preset."""
    node = find(report, block)
    joined = [shape[1] for shape in report.layers[node.positions[-1]].input_shapes]
    lines = [t("split.joined", sum=" + ".join(map(str, joined)), channels=sum(joined)), ""]
    for name in followers(fold(report), block):
        reader, before = find(report, name), find(preset, name)
        lines.append(t("split.reads", block=name, channels=reader.input_shapes[0][1]))
        for what in ("params", "macs"):
            value = getattr(reader, what)
            against = f" · {say(change(value, getattr(before, what)))}" if before else ""
            lines.append(f"- {t(f'details.{what}')}: **{short(value)}**:gray[{against}]")
    return "\n".join(lines)
