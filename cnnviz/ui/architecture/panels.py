"""What the Architecture page shows of a report: figures, details, table and charts."""

import pandas as pd
import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.counting.conventions import CONVENTIONS, node_operations
from cnnviz.analysis.graph import Graph, Node
from cnnviz.analysis.memory.step import BATCH_SIZE, training_memory
from cnnviz.numbers import change, pixels, share, short
from cnnviz.render.explain import explain
from cnnviz.render.formulas import Formula, cost, parameters, sizes, window
from cnnviz.render.kinds import COUNTED, KINDS, node_text, shape_text
from cnnviz.render.shape_table import operations_of
from cnnviz.ui.architecture.depth_view import depth_text
from cnnviz.ui.architecture.field_view import field_text
from cnnviz.ui.kit.words import as_markdown, glossary_link, language, say, t
from cnnviz.ui.session.slot import Slot

_FIGURES = (
    ("params", "params", ""),
    ("macs", "macs", ""),
    ("weight_bytes", "weight_bytes", "B"),
    ("receptive_field", "receptive_field", "px"),
    ("depth", "depth", ""),
    ("memory", "training_memory", "B"),
)
_ROWS_SHOWN = 12
_ROW_HEIGHT = 36  # px


def headline(slot: Slot, report: Report, reference: Report) -> None:
    """Parameters, operations, size …, each with its change against the preset.

    And the choice of what an operation is, which holds for the whole page.
    """
    with st.container(horizontal=True, key=slot.key("figures")):
        for name, term, unit in _FIGURES:
            if name == "macs":
                _operations(slot.counting, report, reference)
                continue
            value, before = _value(report, name), _value(reference, name)
            shown, full = _figure(report, name, unit)
            words = t(f"headline.{name}_help", batch=BATCH_SIZE)
            st.metric(
                t(f"headline.{name}"),
                shown,
                delta=say(change(value, before)) if _is_one(value) and _is_one(before) else None,
                delta_color="off",
                delta_arrow="off",
                help=f"{full}  \n{words} {glossary_link(term)}",
            )
        _counting_choice(slot)


def _operations(counting: str, report: Report, reference: Report) -> None:
    value = operations_of(report, counting)
    before = operations_of(reference, counting)
    term = "operations" if counting == "all" else counting
    st.metric(
        say(COUNTED[counting]),
        short(value),
        delta=say(change(value, before)),
        delta_color="off",
        delta_arrow="off",
        help=f"**{value:,}**  \n{t(f'headline.{counting}_help')} {glossary_link(term)}",
    )


def _counting_choice(slot: Slot) -> None:
    key = slot.counting_key
    st.selectbox(
        t("count.label"),
        list(CONVENTIONS),
        index=list(CONVENTIONS).index(slot.counting),
        key=key,
        format_func={name: t(f"count.{name}") for name in CONVENTIONS}.get,
        on_change=slot.choose_counting,
        args=(key,),
        help=f"{t('count.help')} {glossary_link('operations')}",
    )


def _figure(report: Report, name: str, unit: str) -> tuple[str, str]:
    """A figure as it is shown, and in full."""
    value = _value(report, name)
    if name == "depth":
        return short(value), depth_text(report)
    if name == "receptive_field":  # names in the literature are 2071 px, not 2.07 kpx
        text = pixels(value) or t("field.whole")
        return text, f"**{text}**" + _seen_by(report)
    return short(value, unit), f"**{value:,}** {unit}"


def _seen_by(report: Report) -> str:
    """Which map the receptive field is of."""
    position = report.last_map
    return "" if position is None else f" · {as_markdown(report.layers[position].name)}"


def _is_one(value: object) -> bool:
    return isinstance(value, int)


def _value(report: Report, name: str) -> int | tuple[int, ...] | None:
    return training_memory(report, BATCH_SIZE).total if name == "memory" else getattr(report, name)


def legend(graph: Graph, report: Report) -> None:
    """The colours of the kinds that occur, each with its word."""
    positions = [position for node in graph.nodes for position in node.positions]
    kinds = {report.layers[position].kind for position in positions}
    chips = "".join(
        f'<span><i style="background:{KINDS[kind].colour}"></i>{say(KINDS[kind].label)}</span>'
        for kind in KINDS
        if kind in kinds
    )
    st.html(f'<div class="legend">{chips}</div>')


def details(slot: Slot, report: Report, node: Node) -> None:
    """Everything known of the selected node, its numbers as arithmetic where there is any."""
    text = node_text(node, report, language())
    st.markdown(f"#### {node.id}\n{text} · :gray[{say(KINDS[node.kind].label)}]")
    st.markdown(say(explain(node)))
    settings = [
        (t(f"details.{name}"), "×".join(map(str, value)) if isinstance(value, tuple) else value)
        for name, value in node.attributes
        if name != "ceil_mode"  # the size's formula shows it
    ]
    counting = slot.counting
    total = operations_of(report, counting)
    last = report.layers[node.positions[-1]]
    adaptive = ", ".join(f"{one.text} = **{one.value}**" for one in window(node))
    rows = [
        (t("details.input"), f"**{shape_text(*node.input_shapes)}**"),
        (t("details.output"), f"**{shape_text(node.output_shape)}**"),
        *((label, f"{formula.text} = **{formula.value}**") for label, formula in sizes(node)),
        (t("details.receptive_field"), f"**{'–' if node.broken else field_text(last)}**"),
        *([(t("details.jump"), f"**{pixels(last.jump)}**")] if last.jump else []),
        *([(t("details.adaptive"), adaptive)] if adaptive else []),
        *((label, f"**{value}**") for label, value in settings),
        (t("details.params"), _count(node.params, report.params, parameters(report, node))),
        (
            say(COUNTED[counting]),
            _count(node_operations(report, node, counting), total, cost(report, node, counting)),
        ),
        (t("details.saved"), f"**{_saved(report, node)}**"),
    ]
    table = ["| | |", "|:--|--:|", *(f"| {label} | {value} |" for label, value in rows)]
    with st.container(key=slot.key("details")):
        st.markdown("\n".join(table))


def _saved(report: Report, node: Node) -> str:
    """What the node keeps of one image for the backward pass, and its share."""
    saved = [report.layers[position].saved_bytes for position in node.positions]
    if None in saved:
        return "–" if node.broken else "?"
    return f"{short(sum(saved), 'B')} ({share(sum(saved), report.saved_bytes)})"


def _count(value: int | None, whole: int, formula: Formula | None) -> str:
    """A number with its share, after the arithmetic that it comes from."""
    if value is None:
        return "**?**"
    arithmetic = f"{formula.text} = " if formula else ""
    return f"{arithmetic}**{value:,} ({share(value, whole)})**"


def shape_table(
    rows: pd.DataFrame, *, counting: str, key: str, selected: str | None, on_select
) -> None:
    """Show the rows; they sort by a click on a column and search and save by the toolbar."""
    names = list(rows["name"])
    at = [names.index(selected)] if selected in names else []
    number = {"format": "localized", "width": 100}
    share_bar = {"format": "%.2f %%", "min_value": 0, "max_value": 100, "width": 112}
    st.dataframe(
        rows,
        key=key,
        hide_index=True,
        on_select=lambda: on_select(names, st.session_state[key].selection.rows),
        selection_mode="single-row",
        selection_default={"selection": {"rows": at}},
        height=_ROW_HEIGHT * (min(len(rows), _ROWS_SHOWN) + 1),
        row_height=_ROW_HEIGHT - 1,
        column_config={
            "name": st.column_config.TextColumn(t("table.name"), pinned=True, width=125),
            "what": st.column_config.TextColumn(t("table.what"), width=145),
            "input": st.column_config.TextColumn(t("table.input"), width=125),
            "output": st.column_config.TextColumn(t("table.output"), width=105),
            "params": st.column_config.NumberColumn(t("table.params"), **number),
            "params_share": st.column_config.ProgressColumn(t("table.params_share"), **share_bar),
            "operations": st.column_config.NumberColumn(
                say(COUNTED[counting]), **number | {"width": 118}
            ),
            "operations_share": st.column_config.ProgressColumn(
                t(f"table.{counting}_share"), **share_bar
            ),
        },
        alt=t("table.alt"),
    )
