"""Parts of a page that are drawn anew by themselves."""

from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st  # noqa: PLC0415 (a script of its own)
    from streamlit.runtime.scriptrunner_utils.script_run_context import ThreadState  # noqa: PLC0415

    from cnnviz.ui.kit.polling import every  # noqa: PLC0415

    @every(1.0)
    def look():
        st.session_state.setdefault("seen", []).append(ThreadState.get().fragment_id)

    look()


def test_each_run_of_the_page_has_a_fragment_of_its_own():
    """So that a timer of an earlier run asks for one that is not there any more."""
    app = AppTest.from_function(page).run().run()
    assert not app.exception
    first, second = app.session_state["seen"]
    assert first
    assert first != second
