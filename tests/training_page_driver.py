"""The Training page in Streamlit's AppTest, and jobs of the states that it shows."""

from functools import partial

import page_driver
import pytest
from page_driver import ME, run

import cnnviz
from cnnviz.training.events import Epoch, Started, Step
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request
from cnnviz.training.state import JobState
from cnnviz.training.store import Store
from cnnviz.ui.session import owner as owners
from cnnviz.ui.training import prospect, runs, start_controls

open_page = partial(page_driver.open_page, "training", preset="lenet-5")
LAYERS = ("C1.weight", "F6.weight")


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store of its own, a session that is ME, and a dispatcher that only seems to be there."""
    store = Store(tmp_path / "jobs.db")
    histories = runs._Histories()
    monkeypatch.setattr(runs, "store", lambda: store)
    monkeypatch.setattr(runs, "_histories", lambda: histories)
    monkeypatch.setattr(runs.service, "ensure_dispatcher", lambda: None)
    monkeypatch.setattr(runs.service, "seconds_silent", lambda: 1.0)
    monkeypatch.setattr(runs.service, "folder", lambda job_id: tmp_path / job_id)
    monkeypatch.setattr(owners, "_secret", lambda: b"secret")
    for module in (prospect, start_controls):  # whatever this machine was measured to be
        monkeypatch.setattr(module, "kept_speed", lambda device: None)
    return store


def charts(app):
    """How many charts that are updated in place there are."""
    return sum("chart-" in component.proto.id for component in app.get("bidi_component"))


def knob(app, name):
    for kind in ("number_input", "selectbox", "toggle"):
        for element in app.get(kind):
            if f"{element.key}".startswith(f"recipe.{name}."):
                return element
    pytest.fail(f"no widget for {name}")


def turn(app, name, value):
    knob(app, name).set_value(value)
    return run(app)


def address(app, name):
    found = app.query_params.get(name, "")
    return found if isinstance(found, str) else found[0]


def step(number, epoch, loss=2.0):
    return Step(
        step=number,
        steps=40,
        epoch=epoch,
        loss=loss,
        accuracy=0.25,
        learning_rate=0.05,
        images_per_second=1234.0,
        seconds_left=7.4,
        memory_bytes=0,
        gradient_norms=(0.5, 2.0),
    )


def epoch(number):
    values = {"train_loss": 1.0, "train_accuracy": 0.6, "test_loss": 1.1, "test_accuracy": 0.5}
    return Epoch(epoch=number, seconds=1.0, **values)


START = Started(device="cpu", layers=LAYERS, params=61_246)


def submit(store, *, owner=ME, key="1", **knobs):
    spec = cnnviz.spec("lenet-5", **knobs)
    request = Request("lenet-5", spec, Recipe(epochs=4), "fashion-mnist-6k", "cpu")
    return store.submit(request, key=key, owner=owner)


def begin(store, job):
    attempt = store.begin(job.id)
    store.write(job.id, attempt, [START, step(10, 1.0), epoch(1), step(15, 1.5)])
    return attempt


def finish(store, job, state=JobState.DONE, **settings):
    attempt = begin(store, job)
    result = {"test_accuracy": 0.5, "images_per_second": 900.0, "seconds": 12.0, "epochs": 4}
    store.end(job.id, attempt, state, result=result if state == JobState.DONE else {}, **settings)
