"""The run of the page that calls, as Streamlit describes it."""

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
