"""The Experiments page's logic, without a browser and without training anything."""

from dataclasses import replace
from functools import partial

import page_driver
import pytest
from page_driver import ME, plain, press, run
from training_page_driver import store

from cnnviz.experiments import EXPERIMENTS
from cnnviz.render.experiment_charts import depth_chart, learning_chart
from cnnviz.text import Text
from cnnviz.training.events import Ended, Epoch, Started, Step
from cnnviz.training.limits import Limits
from cnnviz.training.state import JobState
from cnnviz.training.store import Submission
from cnnviz.ui.kit.words import as_markdown
from cnnviz.ui.training import place

__all__ = ["store"]  # the fixture

open_page = partial(page_driver.open_page, "experiments", experiment="degradation")
DEGRADATION = EXPERIMENTS["degradation"]
CLASSES = tuple((f"{n}", f"{n}") for n in range(10))


def predict(app, option):
    (radio,) = app.radio
    radio.set_value(option)
    return run(app)


def keys(app):
    return {button.key for button in app.button}


def text_of(app):
    boxes = [*app.markdown, *app.caption, *app.success, *app.warning, *app.info, *app.error]
    return "\n".join(box.value for box in boxes)


def finish(store, job, *, loss, state=JobState.DONE, code=""):
    """Let a job of a group be over with a training loss."""
    attempt = store.begin(job.id)
    epochs = [
        Epoch(epoch=n, train_loss=loss, train_accuracy=0.6, test_loss=1.0, test_accuracy=0.2 * n)
        for n in range(1, 5)
    ]
    steps = [Step(step=n, steps=9, gradient_norms=(1e-3, 1.0)) for n in (1, 9)]
    start = Started(classes=CLASSES, layers=("a.weight", "b.weight"))
    store.write(job.id, attempt, [start, *steps, *(replace(one, seconds=2.0) for one in epochs)])
    end = Ended(test_accuracy=0.8, top5_accuracy=0.95, total_seconds=9.0, ended_by="epochs")
    result = end.values if state == JobState.DONE else {}
    store.end(job.id, attempt, state, result=result, code=code)


def group(store, experiment=DEGRADATION, seeds=1, **turned):
    members = [
        Submission(f"{arm.name}.{seed}", replace(arm.request(seed), **turned))
        for seed in range(seeds)
        for arm in experiment.arms
    ]
    return store.submit_group(f"{experiment.name}.{'0' * 12}", members, owner=ME)


def finished(store, losses=(1.1, 1.9, 0.8)):
    jobs = group(store, seeds=len(losses) // 3)
    for job, loss in zip(jobs, losses, strict=True):
        finish(store, job, loss=loss)
    return jobs[0].group


@pytest.mark.parametrize(("locale", "at"), [("en-US", 0), ("zh-CN", 1)])
def test_the_claim_stands_there_and_the_run_waits_for_a_prediction(store, locale, at):
    app = open_page(locale)
    said = text_of(app)
    assert as_markdown(DEGRADATION.claim[at]) in said
    assert as_markdown(DEGRADATION.source[at]) in said
    assert "experiment-run" not in keys(app)
    assert app.radio[0].value is None
    if locale == "en-US":  # AppTest reads the options of a widget in English alone
        assert "experiment-run" in keys(predict(app, 1))


def test_a_full_queue_says_when_it_has_room(store, monkeypatch):
    """Three jobs too many: the running one has 90 s left, the two that wait take 200 s each."""
    monkeypatch.setattr(store, "_limits", Limits(in_all=3))
    monkeypatch.setattr(place, "slots", lambda: 1)
    asked = DEGRADATION.arms[0].request(0)
    running, *_ = [
        store.submit(asked, key=f"{n}", owner="b" * 32, predicted=seconds)
        for n, seconds in enumerate((300.0, 200.0, 200.0))
    ]
    store.write(running.id, store.begin(running.id), [Step(step=1, steps=9, seconds_left=90.0)])
    app = press(predict(open_page(), 1), "experiment-run")
    (refusal,) = [error.value for error in app.error]
    assert "The queue is full: 3 jobs, and 3 is the most" in plain(refusal)
    assert "There will be room in about 8 min" in plain(refusal), "90 + 200 + 200 s"
    store.pause(by="at noon")
    app = press(app, "experiment-run")
    assert "room in about" not in app.error[0].value, "nobody knows"


@pytest.mark.sweep
@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_opens(store, name):
    app = open_page(experiment=name)
    assert as_markdown(EXPERIMENTS[name].claim.en) in text_of(app)
    assert len(app.radio[0].options) == len(EXPERIMENTS[name].options)


def test_an_unknown_experiment_is_a_sentence(store):
    app = open_page(experiment="<b>degradatoin")
    assert "is no experiment" in app.warning[0].value
    assert app.radio


@pytest.mark.parametrize("name", ["degradation.gone", "dropout.000000000000", "x" * 500])
def test_a_group_that_is_not_there_is_a_sentence(store, name):
    app = open_page(group=name)
    assert f"group '{name[:80]}' has no trainings of this experiment" in plain(app.warning[0].value)
    assert "group" not in app.query_params


def test_a_run_is_one_group_with_the_same_seeds(store):
    app = press(predict(open_page(), 0), "experiment-run")
    jobs = store.jobs()[::-1]
    assert [job.request for job in jobs] == [arm.request(0) for arm in DEGRADATION.arms]
    assert len({job.group for job in jobs}) == 1
    assert "place 1" in app.get("progress")[0].proto.text
    assert "experiment-run" not in keys(app)
    press(app, "experiment-stop")
    assert {job.state for job in store.jobs()} == {JobState.CANCELLED}


def test_a_full_queue_is_a_sentence_and_nothing_is_left(store):
    store._limits = replace(store._limits, in_all=2)
    app = press(predict(open_page(), 0), "experiment-run")
    assert "queue is full" in app.error[0].value
    assert not store.jobs()


def test_a_link_opens_the_group_of_somebody_else(store):
    name = finished(store)
    app = open_page(group=name)
    app.session_state["owner"] = "b" * 32
    assert "The claim holds here" in text_of(predict(app, 1))


@pytest.mark.parametrize(
    ("losses", "word"),
    [
        ((1.1, 1.9, 0.8), "The claim holds here"),
        ((1.9, 1.1, 0.8), "does not hold here"),
        ((1.1, 1.9, 0.8, 1.9, 1.1, 0.8, 1.1, 1.9, 0.8), "Undecided"),
    ],
)
def test_the_result_is_set_against_the_claim(store, losses, word):
    finished(store, losses)
    app = predict(open_page(), 1)
    said = text_of(app)
    assert word in said
    assert as_markdown(DEGRADATION.why.en) in said
    table = next(one.value for one in app.markdown if "Seconds to 60\u00a0%" in one.value)
    row = next(line for line in table.splitlines() if line.startswith(r"| plain\, 56"))
    assert f"**{', '.join(f'{loss:.3f}' for loss in losses[1::3])}**" in row
    assert "| 60.0 % | 80.0 % | 95.0 % | 3.0 | 6.0 |" in row.replace("\u00a0", " ")


def test_the_prediction_is_set_beside_the_answer(store):
    finished(store)
    assert "so it came out" in text_of(predict(open_page(), 1))
    assert r"the answer is “plain\, 56 layers”" in text_of(predict(open_page(), 0))


def test_training_that_diverged_is_compared(store):
    jobs = group(store)
    for job, loss in zip(jobs, (1.1, 0.0, 0.8), strict=True):
        is_lost = job == jobs[1]
        state, code = (JobState.FAILED, "diverged") if is_lost else (JobState.DONE, "")
        finish(store, job, loss=loss, state=state, code=code)
    said = text_of(predict(open_page(), 1))
    assert "The claim holds here" in said
    assert "**∞** ⚡" in said


def test_a_stopped_group_compares_nothing(store):
    for job in group(store):
        store.cancel(job.id, owner=ME)
    assert "nothing to compare" in text_of(predict(open_page(), 1))


def test_trainings_of_an_earlier_declaration_are_left_out(store):
    jobs = group(store, data="digits")
    app = predict(open_page(group=jobs[0].group), 1)
    assert "earlier form" in text_of(app)
    assert "experiment-run" in keys(app)


def epochs(*losses):
    return [Epoch(epoch=n, test_loss=one, train_loss=one) for n, one in enumerate(losses, start=1)]


def test_the_band_reaches_from_the_least_to_the_most():
    curves = {"a <b>": [epochs(2.0, 1.0), epochs(4.0, 3.0)], "b": [epochs(1.0)]}
    figure = learning_chart(curves, "loss", ("test",), "en", epochs=2, ink="#000", revision="x")
    low, high, line, other = figure.data
    assert (list(low.y), list(high.y), list(line.y)) == ([2, 1], [4, 3], [3, 2])
    assert line.name == "a &lt;b&gt;"
    assert list(other.y) == [1.0]


def test_a_gradient_of_zero_stays_on_the_logarithmic_chart():
    figure = depth_chart(Text("t", "t"), {"a": [0.0, 1.0]}, "zh", ink="#000", revision="x")
    assert figure.layout.yaxis.type == "log"
    assert all(value > 0 for value in figure.data[0].y)
