"""The run of the page that calls, as Streamlit describes it."""

import streamlit as st
from streamlit.runtime.scriptrunner import ScriptRunContext, get_script_run_ctx


def run_context() -> ScriptRunContext:
    """The context of the page's current run.

    Raises:
        RuntimeError: the code runs outside of a page.
    """
    context = get_script_run_ctx()
    if context is None:
        raise RuntimeError("no page is being run")
    return context


_LEADS, _LED = "address_leads", "address_led"


def is_led() -> bool:
    """Whether this run follows the address, as after Back, and not what the session holds."""
    return run_context().is_history_navigation or st.session_state.get(_LED, False)


def lead() -> None:
    """Have the session's next run follow the address that it is given."""
    st.session_state[_LEADS] = True


def begin_run() -> None:
    """Note whether this run is led; call it before a page is drawn."""
    st.session_state[_LED] = st.session_state.pop(_LEADS, False)
