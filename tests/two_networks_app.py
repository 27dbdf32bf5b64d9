"""A page with two networks, run by test_slot.py."""

import streamlit as st

from cnnviz.analysis import analyze
from cnnviz.ui.architecture.broken_view import broken_view
from cnnviz.ui.architecture.controls import sidebar
from cnnviz.ui.architecture.explorer import explorer
from cnnviz.ui.architecture.hints import address_notes
from cnnviz.ui.architecture.panels import headline
from cnnviz.ui.kit.preparation import prepare
from cnnviz.ui.session import slot

NAMES = ("n1", "n2")

shown = [slot.current(name) for name in NAMES]
slot.show_address(*shown)
prepare(*(one.spec for one in shown))
for one in shown:
    with st.sidebar:
        sidebar(one)
    address_notes(one)
    broken = one.too_small(one.draft.broken)
    if broken:
        broken_view(one, *broken)
    else:
        headline(one, analyze(one.spec), analyze(one.preset.spec))
        explorer(one, one.generation)
