"""The selected ops or blocks side by side, attribute by attribute."""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import streamlit as st

from cnnviz.analysis import Layer, Report
from cnnviz.analysis.counting.conventions import node_operations
from cnnviz.analysis.graph import Node, find
from cnnviz.comparison import Comparison
from cnnviz.numbers import pixels, short
from cnnviz.render import markdown
from cnnviz.render.kinds import COUNTED, KINDS, shape_text
from cnnviz.render.labels import node_text
from cnnviz.render.node_memory import saved_of
from cnnviz.ui.architecture.details import field_text
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.session.slot import Slot

_NONE = "–"


class Selection(NamedTuple):
    """An op or a block of a network."""

    report: Report
    node: Node


class Attribute(NamedTuple):
    """A row of the table: its label, and each network's value; None if nothing is selected."""

    label: str
    values: tuple[str | None, ...]

    @property
    def differs(self) -> bool:
        """Whether two of the networks that have something selected differ here."""
        return len({value for value in self.values if value is not None}) > 1


def selected_view(comparison: Comparison, slots: Sequence[Slot], counting: str) -> None:
    """Show the selection of each network; differences have a sign and are bold."""
    found = [
        _selection(network.report, slot.look.selected)
        for network, slot in zip(comparison.networks, slots, strict=True)
    ]
    if not any(found):
        st.markdown(f":gray[{t('beside.nothing_selected')}]")
        return
    names = [as_markdown(network.name) for network in comparison.networks]
    rows = [[f"**{t('table.name')}**", "", *(_name(selection) for selection in found)]]
    for attribute in attributes(found, counting):
        sign = ":orange[**≠**]" if attribute.differs else ""
        rows.append([attribute.label, sign, *_cells(attribute)])
    with st.container(key="beside-selected"):
        st.markdown(markdown.table(["", "", *names], rows))


def _selection(report: Report, name: str | None) -> Selection | None:
    node = find(report, name) if name else None
    return Selection(report, node) if node else None


def _name(selection: Selection | None) -> str:
    if selection is None:
        return f":gray[{t('beside.no_partner')}]"
    return f"**{as_markdown(selection.node.id)}**"


def _cells(attribute: Attribute) -> list[str]:
    """The values as Markdown; those that differ from the first are bold."""
    first = next(value for value in attribute.values if value is not None)
    cells = [_NONE if value is None else as_markdown(value) for value in attribute.values]
    return [
        f"**{cell}**" if value not in (None, first) else cell
        for cell, value in zip(cells, attribute.values, strict=True)
    ]


def attributes(found: Sequence[Selection | None], counting: str) -> list[Attribute]:
    """Everything known of the selected ops and blocks, a row for each attribute."""
    names = dict.fromkeys(name for each in found if each for name, _ in each.node.attributes)
    wanted: dict[str, Callable[[Selection], str]] = {
        t("change.kind"): lambda one: say(KINDS[one.node.kind].label),
        t("change.operation"): lambda one: node_text(one.node, one.report, language()),
        t("details.input"): lambda one: shape_text(*one.node.input_shapes),
        t("details.output"): lambda one: shape_text(one.node.output_shape),
        **{t(f"change.{name}"): _setting(name) for name in names},
        t("details.params"): lambda one: f"{one.node.params:,}",
        say(COUNTED[counting]): lambda one: _count(node_operations(*one, counting)),
        t("details.saved"): _saved,
        t("details.receptive_field"): lambda one: field_text(_last(one)),
        t("details.jump"): lambda one: pixels(_last(one).jump) or _NONE,
    }
    return [
        Attribute(label, tuple(value(one) if one else None for one in found))
        for label, value in wanted.items()
    ]


def _setting(name: str) -> Callable[[Selection], str]:
    return lambda one: _plain(dict(one.node.attributes).get(name))


def _plain(value: Any) -> str:
    if value is None:
        return _NONE
    return "×".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _count(value: int | None) -> str:
    return "?" if value is None else f"{value:,}"


def _saved(one: Selection) -> str:
    saved = saved_of(*one)
    return "?" if saved is None else short(saved, "B")


def _last(one: Selection) -> Layer:
    return one.report.layers[one.node.positions[-1]]
