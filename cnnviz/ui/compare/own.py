"""A network of the visitor's own, by the trace that the library has written of it."""

from collections.abc import Sequence

import streamlit as st

from cnnviz.analysis import Report
from cnnviz.analysis.traces import MOST_BYTES, TraceError
from cnnviz.comparison import compare
from cnnviz.comparison.networks import MOST
from cnnviz.families import Spec
from cnnviz.library.loading import opened
from cnnviz.render import markdown
from cnnviz.ui.architecture.details import details
from cnnviz.ui.architecture.explorer import graph_of
from cnnviz.ui.compare.difference import layers_view, sentence
from cnnviz.ui.compare.tables import figures_shown
from cnnviz.ui.kit.words import as_markdown, language, say, t
from cnnviz.ui.session.look import Look
from cnnviz.ui.session.subject import Subject

_CODE = """import cnnviz

cnnviz.analyze(model, input_shape=(1, 3, 224, 224)).save("net.json")"""
_TRACE, _LOOK = "own.trace", "own.look"


def own_view(specs: Sequence[Spec], names: Sequence[str], counting: str) -> None:
    """Open a trace, show it, and compare it with the networks of the page.

    Args:
        specs, names: of those networks, as many as stand beside one more.
    """
    st.markdown(t("own.how"))
    st.code(_CODE, language="python")
    report = _report()
    if report is None:
        return
    subject = Subject(report.modules.get("") or t("own.tab"), report)
    if subject.breaks:
        st.info(t("own.broken"))
        _seen(subject, counting)
        return
    others = MOST - 1
    titles = [subject.title, *names[:others]]
    comparison = compare(report, *specs[:others], names=titles)
    rows = figures_shown(comparison, counting, language())
    st.markdown(sentence(comparison))
    st.markdown(markdown.table(["", *map(as_markdown, titles)], rows, numbers=len(titles)))
    _seen(subject, counting)
    layers_view(comparison)


def _report() -> Report | None:
    """The report in the file that the visitor has chosen."""
    megabytes = MOST_BYTES // 1_000_000
    file = st.file_uploader(
        t("own.file"),
        type="json",
        max_upload_size=megabytes,
        key="own.file",
        help=t("own.file_help", megabytes=megabytes),
    )
    if file is None:
        return None
    kept = st.session_state.get(_TRACE)
    if kept is None or kept[0] != file.file_id:
        try:
            found: Report | TraceError = opened(file.getvalue())
        except TraceError as error:
            found = error
        st.session_state[_TRACE] = kept = (file.file_id, found)
        st.session_state.pop(_LOOK, None)
    if isinstance(kept[1], TraceError):
        st.error(as_markdown(say(kept[1].message)))
        return None
    return kept[1]


@st.fragment
def _seen(subject: Subject, counting: str) -> None:
    """The graph of the network, and the details of what is selected in it."""
    look = st.session_state.get(_LOOK, Look(counting=counting))

    def see(wanted: Look) -> None:
        st.session_state[_LOOK] = wanted

    graph, about = st.columns([4, 5], gap="small")
    with graph:
        graph_of(subject, look, see, key=_key)
    with about:
        details(subject, look, see, key=_key)


def _key(part: str) -> str:
    return f"own.{part}"
