"""What a browser reports that its widgets hold, looked at when a run has failed.

Streamlit believes it: a number where there is a text, half a JSON object, an option that was never
offered. No browser sends that, but whoever speaks its protocol can. Streamlit has no public way to
these states, and its version is pinned; tests/test_forged.py holds what is used here.
"""

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.common import is_element_id


def is_forged() -> bool:
    """Whether a widget is reported to hold what it cannot."""
    reported = _session_state()._new_widget_state
    for name in list(reported):
        metadata = reported.widget_metadata.get(name)
        if metadata is None:  # of a page that is not there any more
            continue
        try:
            value = reported[name]
            reported.get_serialized(name)
        except Exception:  # whatever Streamlit makes of it
            return True
        options = getattr(getattr(metadata.deserializer, "__self__", None), "options", None)
        is_one = value is not None and not isinstance(value, list)
        if options is not None and is_one and value not in options:
            return True
    return False


def forget() -> None:
    """Let all widgets begin anew, as after a reload, so that the next run has nothing of this one.

    A browser reports again, with its next change, what it really holds.
    """
    state = _session_state()
    state._new_widget_state.states.clear()
    for name in filter(is_element_id, list(state._old_state)):
        del state._old_state[name]


def _session_state():
    return get_script_run_ctx().session_state._state
