"""The depth of a network: its formula, and a table of the terms."""

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.counting.conventions import WEIGHTED
from cnnviz.analysis.depth import Part, beside, formula, gates, parts
from cnnviz.render.blocks import block_name
from cnnviz.render.kinds import op_text
from cnnviz.ui.kit.words import as_markdown, language, t
from cnnviz.ui.session.subject import Subject

_MOST_LAYERS = 6  # layers of a block that are written out
_GAP = 8  # px
_WIDE = ("wide-resnet-28-10", "wide-resnet-16-8")


def depth_text(report: Report) -> str:
    """The depth as Markdown: **121** = 1 + 2·(6+12+24+16) + 3 + 1."""
    return f"**{report.depth}** = {as_markdown(formula(parts(report)))}"


def depth_view(subject: Subject) -> None:
    report = subject.report
    st.markdown(f"## {depth_text(report)}")
    st.space(_GAP)
    table, words = st.columns([7, 3], gap="medium")
    table.markdown(_table(report, parts(report)))
    words.markdown("\n\n".join([t("depth.intro"), *_remarks(subject)]))


def _table(report: Report, found: list[Part]) -> str:
    columns = (t(f"depth.{name}") for name in ("part", "block", "blocks", "each", "sum"))
    lines = [f"| {' | '.join(columns)} |", "|:--|:--|--:|--:|--:|"]
    for part in found:
        name = as_markdown(part.name)
        numbers = f"{len(part.blocks)} | {part.each} | {part.total}"
        lines.append(f"| {name} | {as_markdown(_block_text(report, part))} | {numbers} |")
    lines.append(f"| **{t('depth.total')}** | | | | **{report.depth}** |")
    return "\n".join(lines)


def _block_text(report: Report, part: Part) -> str:
    """A block and its layers, such as "Dense layer · conv 1×1 → conv 3×3"."""
    layers = part.blocks[0] if part.block else [layer for (layer,) in part.blocks]
    texts = [
        # a weighted op of another kind, such as LeNet's subsampling, is named by its module
        op_text(layer, language(), groups=False)
        if layer.kind in WEIGHTED
        else block_name(report.modules[layer.scope], language())
        for layer in layers
    ]
    if len(texts) > _MOST_LAYERS:
        texts = [*texts[: _MOST_LAYERS - 1], "…", texts[-1]]
    chain = " → ".join(texts)
    return f"{block_name(part.block, language())} · {chain}" if part.block else chain


def _remarks(subject: Subject) -> list[str]:
    """Remarks on layers that the depth leaves out, and on names that state another depth."""
    report, remarks = subject.report, []
    places = [
        t(f"depth.beside_{place}", count=count)
        for place, count in sorted(beside(report).items(), reverse=True)
    ]
    if places:
        remarks.append(t("depth.beside", parts=t("depth.and").join(places)))
    if count := gates(report):
        rest = report.depth - count
        remarks.append(t("depth.gates", count=count, depth=report.depth, rest=rest))
    if subject.is_preset("densenet-264"):
        remarks.append(t("depth.name_264"))
    if any(map(subject.is_preset, _WIDE)):
        count = beside(report)["shortcut"]
        remarks.append(
            t("depth.name_wide", said=report.depth - 1 + count, count=count, depth=report.depth)
        )
    return remarks
