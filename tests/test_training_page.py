"""The Training page: what one asks for, and what starts; no browser, and nothing is trained."""

from page_driver import ME, find, press, text_of
from training_page_driver import address, knob, open_page, store, submit, turn

import cnnviz
from cnnviz.text import Text
from cnnviz.training.admission import TooLarge
from cnnviz.training.recipe import Recipe
from cnnviz.ui.session import owner as owners
from cnnviz.ui.training import form, more_data, runs

__all__ = ["store"]  # the fixture


def test_the_page_opens_with_a_recipe_and_nothing_else(store):
    app = open_page()
    assert "Training lenet-5" in text_of(app)
    assert "No run is shown" in text_of(app)
    assert app.caption[0].value == "28×28 grey, padded with zeros to 32×32."
    assert not app.dataframe
    assert address(app, "preset") == "lenet-5"
    for declared in Recipe.knobs():
        widget = knob(app, declared.name)
        assert declared.label.en in widget.label
        assert declared.help.en in widget.help
        assert "glossary" in widget.help


def test_the_head_is_sized_for_the_data_and_said_so(store):
    app = open_page(preset="densenet-121")
    assert "10 outputs in place of 1000" in app.caption[0].value
    press(app, "start")
    (job,) = store.jobs()
    assert job.request.spec == cnnviz.spec("densenet-121", num_classes=10)


def test_starting_submits_what_is_on_screen_once(store):
    app = open_page(padding="2")
    turn(app, "epochs", 3)
    turn(app, "learning_rate", 0.1)
    start = find(app, "start")
    press(app, "start")
    (job,) = store.jobs()
    assert job.owner == ME
    assert job.request.spec == cnnviz.spec("lenet-5", padding=2)
    assert job.request.recipe == Recipe(epochs=3, learning_rate=0.1)
    assert (job.request.data, job.request.device) == ("fashion-mnist-6k", "cpu")
    assert address(app, "run") == job.id
    assert find(app, "start").disabled
    start.click().run()  # the second half of a double click, sent before the page was drawn
    assert len(store.jobs()) == 1
    turn(app, "seed", 1)
    press(app, "start")
    assert [job.request.recipe.seed for job in store.jobs()] == [1, 0]


def test_a_refused_knob_says_why_and_nothing_starts(store):
    app = turn(open_page(), "batch_size", 0)
    (error,) = app.error
    assert "batch size is 0" in error.value
    assert "1 to 4096" in error.value
    assert knob(app, "batch_size").value == 0, "nothing that was typed is lost"
    assert find(app, "start").disabled
    turn(app, "batch_size", 32)
    assert not app.error
    press(app, "recipe-reset")
    assert knob(app, "batch_size").value == 64


def test_a_job_that_is_too_large_offers_one_that_fits(store, monkeypatch):
    def refuse(request, free_bytes):
        if request.recipe.batch_size > 16:
            fits = request.recipe.turn(batch_size=16)
            raise TooLarge(Text("Too large by far.", "太大了。"), fits)

    monkeypatch.setattr(form, "check", refuse)
    app = press(open_page(), "start")
    assert app.error[0].value == "Too large by far."
    assert not store.jobs()
    press(app, "largest")
    assert not app.error
    assert knob(app, "batch_size").value == 16
    press(app, "start")
    assert len(store.jobs()) == 1


def test_more_jobs_than_one_may_have_is_a_sentence(store):
    for key in "123":
        submit(store, key=key)
    app = press(open_page(), "start")
    assert "3 of your jobs" in app.error[0].value
    assert len(store.jobs()) == 3


def test_a_rate_that_does_not_suit_the_optimiser_is_told(store):
    app = open_page()
    turn(app, "optimiser", "adam")
    assert any(
        "Adam seldom learns well with a learning rate of 0.05" in c.value for c in app.caption
    )
    press(app, "usual-rate")
    assert knob(app, "learning_rate").value == 0.002
    assert "usual-rate" not in [button.key for button in app.button]
    turn(app, "optimiser", "sgd")
    press(app, "usual-rate")
    assert knob(app, "learning_rate").value == 0.05


def test_a_turned_knob_is_marked_without_markup(store):
    app = turn(open_page(), "epochs", 3)
    assert knob(app, "epochs").label == "epochs ✎"


def test_data_that_is_not_here_is_fetched_only_on_demand(store, monkeypatch):
    asked = []
    monkeypatch.setattr(more_data, "download", lambda name, progress: asked.append(name))
    monkeypatch.setattr(more_data, "missing", lambda: {"mnist": Text("MNIST: …", "MNIST：……")})
    app = open_page()
    assert asked == []
    press(app, "download.mnist")
    assert asked == ["mnist"]


def test_a_data_directory_that_cannot_be_written_is_said_once(monkeypatch):
    monkeypatch.setenv("CNNVIZ_DATA", "/proc/cnnviz")  # where nobody can write, root included
    for resource in (runs.store, owners._secret):
        resource.clear()
    app = open_page()
    (error,) = app.error
    assert "The store jobs.db cannot be used" in error.value


def test_a_job_is_not_taken_when_the_disk_is_nearly_full(store, monkeypatch):
    monkeypatch.setenv("CNNVIZ_DISK_FREE", "99999")
    app = press(open_page(), "start")
    (error,) = app.error
    assert "99999 GB is the least with which a job is taken" in error.value
    assert not store.jobs()


def test_a_dispatcher_that_is_silent_is_said(store, monkeypatch):
    assert not open_page().warning
    monkeypatch.setattr(runs.service, "seconds_silent", lambda: 31.0)
    (warning,) = open_page().warning
    assert "no sign of life for more than 30 s" in warning.value
    monkeypatch.setenv("CNNVIZ_DISPATCHER", "app")
    assert not open_page().warning, "the app starts another one"
