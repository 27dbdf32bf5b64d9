"""The Architecture page in Streamlit's AppTest: its knobs, views, figures and address."""

import json
from dataclasses import replace

from conftest import ROOT
from page_driver import ME, run
from page_driver import address as whole_address
from streamlit.testing.v1 import AppTest

import cnnviz
from cnnviz.analysis.memory.step import training_memory
from cnnviz.numbers import short
from cnnviz.ui.kit.words import catalogue
from cnnviz.ui.session import look_address


def open_page(**query):
    app = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    app.query_params.update(query)
    app.context = {"locale": "en-US"}
    app.session_state["owner"] = ME  # AppTest has no cookies, by which a class knows its visitors
    return run(app)


def network(app):
    """The slot of the network on screen."""
    return app.session_state["slot.main"]


def knob(app, name):
    """The widget of a knob, whatever its kind."""
    found = [
        element
        for kind in ("slider", "number_input", "text_input", "selectbox", "toggle", "button_group")
        for element in app.get(kind)
        if f".{name}." in f"{element.key}." and not f"{element.key}".startswith("split.")
    ]
    assert len(found) == 1, f"{len(found)} widgets for {name}"
    return found[0]


def turn(app, name, value):
    knob(app, name).set_value(value)
    return run(app)


def choose(app, what, name):
    """Pick a family or a preset."""
    (box,) = [box for box in app.selectbox if box.key.startswith(f"{what}.")]
    box.set_value(name)
    return run(app)


def see(slot, **changes):
    """Look at a slot's network in another way, as a click would."""
    slot.look = replace(slot.look, **changes)


def open_tab(app, name):
    """Show a view by its key."""
    see(network(app), tab=name)
    return run(app)


def views(app):
    """The names of the views, in the order of their tabs."""
    names = {text.en: key for key, text in catalogue().items() if key.startswith("view.")}
    return [names[tab.label].removeprefix("view.") for tab in app.tabs]


def address(app):
    """What the address says of the network, whatever it says of the look."""
    found = whole_address(app).items()
    return {name: value for name, value in found if name not in look_address.KEYS}


def figures(app):
    return [metric.value for metric in app.metric]


def expected(spec):
    report = cnnviz.analyze(spec)
    counts = (report.params, report.macs)
    sizes = [short(size, "B") for size in (report.weight_bytes, training_memory(report, 32).total)]
    field = f"{report.receptive_field:,} px"
    return [*map(short, counts), sizes[0], field, str(report.depth), sizes[1]]


def drawn(app):
    """What the components of the page are given, as JSON has it."""
    return [json.loads(one.proto.json).get("svg") for one in app.get("bidi_component")]
