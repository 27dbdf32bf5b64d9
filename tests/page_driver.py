"""A page in Streamlit's AppTest, without a browser: opened by its address, run, and read."""

import re

from servers import ROOT
from streamlit import config
from streamlit.testing.v1 import AppTest

config.set_option("client.showErrorDetails", "full")  # a test says what the page raised
ME = "a" * 32  # whose session it is


def open_page(page, locale="en-US", owner=ME, **query):
    """A page of the app as somebody comes to it, at its address's `query`."""
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.context = {"locale": locale}
    app.session_state["owner"] = owner
    app.switch_page(f"pages/{page}.py")
    app.query_params.update(query)
    return run(app)


def run(app):
    app.run()
    assert not app.exception, [(one.message, *one.stack_trace[-6:]) for one in app.exception]
    return app


def find(app, key):
    """The button of that key."""
    (button,) = [button for button in app.button if button.key == key]
    return button


def press(app, key):
    find(app, key).click()
    return run(app)


def text_of(app):
    """All the markdown of the page, as it is written."""
    return "\n".join(element.value for element in app.markdown)


def plain(markdown):
    """The text that a reader sees of escaped markdown."""
    return re.sub(r"\\([!-/:-@\[-`{-~])", r"\1", markdown)


def said(app):
    """All the markdown of the page, as a reader sees it."""
    return plain(text_of(app))


def address(app):
    """All that the address says."""
    found = app.query_params.items()
    return {name: text if isinstance(text, str) else text[0] for name, text in found}
