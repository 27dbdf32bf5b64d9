"""Widget values as a browser reports them, checked after a failed run.

Streamlit accepts any value: a number for a text, half a JSON object, an option that was never
offered. No browser sends these, but any program can. Streamlit has no public access to these
states, and its version is pinned; tests/test_forged.py covers the private names used here.
"""

from streamlit.runtime.state import SessionState
from streamlit.runtime.state.common import is_element_id

from cnnviz.ui.kit.run_context import run_context


def is_forged() -> bool:
    """Return whether a widget reports a value that it cannot hold."""
    reported = _session_state()._new_widget_state
    for name in list(reported):
        metadata = reported.widget_metadata.get(name)
        if metadata is None:  # of a page that is gone
            continue
        try:
            value = reported[name]
            reported.get_serialized(name)
        except Exception:  # any error of Streamlit's
            return True
        options = getattr(getattr(metadata.deserializer, "__self__", None), "options", None)
        is_one = value is not None and not isinstance(value, list)
        if options is not None and is_one and value not in options:
            return True
    return False


def forget() -> None:
    """Reset all widgets, as a reload does, so that the next run starts clean.

    The browser reports its real values with its next change.
    """
    state = _session_state()
    state._new_widget_state.states.clear()
    for name in filter(is_element_id, list(state._old_state)):
        del state._old_state[name]


def _session_state() -> SessionState:
    return run_context().session_state._state
