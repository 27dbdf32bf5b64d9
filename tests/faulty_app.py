"""A page on which everything goes wrong, run by faulty_server.py."""

import streamlit as st

from cnnviz.text import ExplainedError, Text


def fail():
    raise ZeroDivisionError("of the callback")


def refuse():
    raise ExplainedError(Text("The store is *full*.", "存储已*满*。"))


@st.fragment
def part():
    if st.button("fragment"):
        raise ZeroDivisionError("of the fragment")


st.button("callback", on_click=fail)
st.button("refusal", on_click=refuse)
part()
if st.button("page"):
    raise ZeroDivisionError("of the page")
if st.button("stop"):
    st.stop()
st.markdown("all is well")
