"""A page with two networks, run by test_slot.py."""

import streamlit as st

from cnnviz.ui.architecture.broken_view import broken_view
from cnnviz.ui.architecture.controls import sidebar
from cnnviz.ui.architecture.headline import headline
from cnnviz.ui.architecture.workbench import workbench
from cnnviz.ui.kit.address_notes import address_notes
from cnnviz.ui.kit.preparation import prepare
from cnnviz.ui.session import slots

NAMES = ("n1", "n2")

shown = [slots.current(name) for name in NAMES]
slots.show_address(*shown)
for one in shown:
    with st.sidebar:
        sidebar(one)
    address_notes(one, one.key("dismiss"))
    _, reference = prepare(one.spec, one.preset.spec)
    if one.broken:
        broken_view(one)
    else:
        subject = one.subject()
        headline(subject, reference, *one.looking(subject), key=one.key)
    workbench(one, reference, one.generation)
