"""The Compare page in Streamlit's AppTest."""

from functools import partial

import page_driver
from page_driver import run

open_page = partial(page_driver.open_page, "compare")


def open_tab(app, name):
    names = [tab.label for tab in app.tabs]
    app.session_state[f"beside.views.{len(names)}"] = name
    return run(app)
