"""The demo on the Training page: said, taken, declined in part, or not taken."""

import pytest
from page_driver import ME, find, plain, press, run, text_of
from training_page_driver import open_page, store
from training_requests import speed

from cnnviz.training.state import JobState
from cnnviz.ui.training import prospect, start_controls

__all__ = ["store"]  # the fixture
DENSENET = {"preset": "densenet-121"}


@pytest.fixture(autouse=True)
def measured(store, monkeypatch):
    """A device as fast as two cores."""
    for module in (prospect, start_controls):
        monkeypatch.setattr(module, "kept_speed", lambda device: speed())
    return store


def keys(app):
    return [button.key for button in app.button]


def choice(app, name):
    (box,) = [box for box in app.checkbox if f"{box.key}".startswith(f"demo.{name}.")]
    return box


def test_it_is_said_and_started(store):
    app = open_page(**DENSENET)
    assert "Demo: image size 224 → 32, a recipe for few steps, " in plain(text_of(app))
    assert "As it is: " in plain(text_of(app))
    press(app, "start")
    (job,) = store.jobs(owner=ME)
    spec, recipe = job.request.spec, job.request.recipe
    assert (spec.image_size, spec.num_classes, recipe.optimiser) == (32, 10, "adam")
    assert 30 < job.predicted < 60
    assert "image size H = W = 32" in plain(text_of(app)), "its title says what is trained"


def test_part_of_it_can_be_declined_and_taken_back(store):
    app = open_page(**DENSENET)
    choice(app, "optimiser").uncheck()
    run(app)
    assert not choice(app, "optimiser").value
    press(app, "start")
    (job,) = store.jobs(owner=ME)
    assert (job.request.recipe.optimiser, job.request.spec.image_size) == ("sgd", 32)
    assert choice(app, "optimiser").label == "optimiser"
    choice(app, "optimiser").check()
    run(app)
    assert choice(app, "optimiser").value
    assert "optimiser SGD → Adam" in [box.label.replace("\\", "") for box in app.checkbox]


def test_what_takes_too_long_is_refused_with_two_ways_out(store):
    app = open_page(**DENSENET)
    press(app, "start-as-it-is")
    assert store.jobs(owner=ME) == []
    (error,) = app.error
    assert "its time limit of 10 min ends it before" in error.value
    press(app, "until-limit")
    (job,) = store.jobs(owner=ME)
    assert job.request.spec.image_size == 224
    assert job.predicted > 3600

    app = open_page(**DENSENET)
    press(app, "start-as-it-is")
    press(app, "instead")
    assert store.jobs(owner=ME)[0].request.spec.image_size == 32


def test_what_is_short_is_trained_as_it_is_on_request(store):
    app = open_page(preset="lenet-bn-d2l")
    press(app, "start-as-it-is")
    (job,) = store.jobs(owner=ME)
    assert job.request.recipe.time_limit == 600


def test_a_race_is_of_demos_with_one_recipe(store):
    app = open_page(**DENSENET)
    box = next(box for box in app.selectbox if f"{box.key}".startswith("rival0"))
    box.select("densenet-169")
    run(app)
    press(app, "race")
    first, second = store.jobs(owner=ME)
    assert first.request.recipe == second.request.recipe
    assert {job.request.spec.image_size for job in (first, second)} == {32}


def test_runs_that_share_the_device_are_expected_to_take_longer(store):
    app = open_page(**DENSENET)
    alone = find(app, "start").label
    press(app, "start")
    (job,) = store.jobs(owner=ME)
    other = open_page(**DENSENET)
    assert "under way" not in find(other, "start").label, "another plan, as the device is shared"
    attempt = store.begin(job.id)
    store.end(job.id, attempt, JobState.DONE, result={})
    assert find(open_page(**DENSENET), "start").label == alone


def test_before_the_device_is_measured_it_is_trained_as_it_is(store, monkeypatch):
    for module in (prospect, start_controls):
        monkeypatch.setattr(module, "kept_speed", lambda device: None)
    app = open_page(preset="lenet-5")
    assert "start-as-it-is" not in keys(app)
    assert any("measuring how fast" in caption.value for caption in app.caption)
    press(app, "start")
    assert store.jobs(owner=ME)[0].predicted is None
