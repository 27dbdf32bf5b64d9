"""The figures that papers draw of a family: channel bus, branches, residual block, stacked maps."""

from collections.abc import Callable

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.graph import ancestors
from cnnviz.families import Spec
from cnnviz.kept import kept
from cnnviz.render.figures import Drawable, Figure, figures_of
from cnnviz.ui.kit.chart_style import ink
from cnnviz.ui.kit.graph_view import picture
from cnnviz.ui.kit.words import language, say, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Subject

Key = Callable[[str], str]


def figure_view(subject: Subject, look: Look, *, key: Key) -> None:
    """Show one of the network's figures; a figure of one block follows the selection."""
    drawable = figures_of(subject.spec, subject.report)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = _which(drawable, key)
        block = _block(name, drawable[name].blocks, look.selected, key)
    how = {"language": language(), "ink": ink()}
    figure = _drawn(subject.spec, subject.report, name=name, block=block, **how)
    picture(figure.svg, label=figure.words, key=key("figure"))
    st.caption(figure.caption)


def _which(drawable: dict[str, Drawable], key: Key) -> str:
    if len(drawable) == 1:
        return next(iter(drawable))
    return st.segmented_control(
        t("figure.which"),
        list(drawable),
        default=next(iter(drawable)),
        key=key(f"figure.which.{'-'.join(drawable)}.{language()}"),
        required=True,
        format_func=lambda name: say(drawable[name].name),
        label_visibility="collapsed",
    )


def _block(name: str, blocks: tuple[str, ...], selected: str | None, key: Key) -> str:
    """Let the user choose the block; selecting another one in the graph resets the choice."""
    if not blocks:
        return ""
    around = reversed(ancestors(selected or ""))
    start = next((scope for scope in around if scope in blocks), blocks[0])
    return st.selectbox(
        t("figure.block"),
        blocks,
        index=blocks.index(start),
        key=key(f"figure.{name}.{start}.{hash(blocks)}"),
        help=t("figure.block_help"),
        width=220,
    )


@kept
def _drawn(
    spec: Spec | None, report: Report, *, name: str, block: str, language: str, ink: str
) -> Figure:
    return figures_of(spec, report)[name].draw(block, language, ink)
