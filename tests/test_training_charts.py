"""A run's history as charts, and the tiles and images that a trained network is seen by."""

from dataclasses import replace

import numpy as np
import pytest
from training_page_driver import START, epoch, step

from cnnviz.render.result_charts import confusion_chart
from cnnviz.render.tiles import cividis, framed, stretched, tiled
from cnnviz.render.training_charts import (
    _log_scale,
    compare_chart,
    gradient_chart,
    progress_chart,
    rate_chart,
)
from cnnviz.training.history import History, extend, table, thinned
from cnnviz.ui.training.trained import Results


def history_of(*events):
    return extend(History(), [replace(event, number=1) for event in events])


def test_a_run_that_begins_again_replaces_what_it_repeats():
    events = [START, step(10, 1.0), epoch(1), step(15, 1.5, loss=9.0), START, step(12, 1.2)]
    events = [replace(event, number=number) for number, event in enumerate(events, start=1)]
    history = extend(extend(History(), events[:3]), events[3:])
    assert [point.step for point in history.steps] == [10, 12]
    assert (len(history.epochs), history.number, history.last.kind) == (1, 6, "step")
    rows = table(history)
    assert rows[0]["gradient_norm C1.weight"] == 0.5
    assert [row["kind"] for row in rows] == ["step", "epoch", "step"]


@pytest.mark.parametrize("loss", [None, 0.0, 1e-30, 0.5, 1e30])
def test_charts_of_every_history(loss):
    events = [START, step(10, 1.0, loss), epoch(1), step(15, 1.5, loss)] if loss is not None else []
    history = history_of(*events)
    look = {"epochs": 4, "ink": "#000000", "revision": "x"}
    for language in ("en", "zh"):
        for measure in ("loss", "accuracy"):
            figure = progress_chart(history, measure, language, **look)
            assert len(figure.data[0].x) == len(history.steps)
            assert (
                len(
                    compare_chart(
                        {"a": history, "b": history}, "test", measure, language, **look
                    ).data
                )
                == 2
            )
        assert rate_chart(history, language, **look).layout.uirevision == "x"
        assert len(gradient_chart(history, language, **look).data) == bool(events)


@pytest.mark.parametrize("low", [0, 1e-30, 0.013, 0.25, 0.9, 1, 2.301, 1e30])
@pytest.mark.parametrize("factor", [1, 1.001, 1.2, 1.9, 3, 5.6, 9.99, 80, 420, 1e4, 1e9, 1e40])
def test_a_logarithmic_axis_has_two_to_six_marks(low, factor):
    (bottom, top), marks = _log_scale(low, low * factor)
    assert bottom <= np.log10(max(low, 1e-12)) <= np.log10(max(low * factor, 1e-12)) <= top
    assert 2 <= len(marks) <= 6
    assert all(bottom <= np.log10(mark) <= top for mark in marks)
    assert len({f"{mark:g}" for mark in marks}) == len(marks), "each has a label of its own"


def test_a_single_point_is_drawn():
    history = history_of(START, step(1, 0.1))
    look = {"epochs": 4, "ink": "#000000", "revision": "x"}
    for figure in (
        progress_chart(history, "loss", "en", **look),
        rate_chart(history, "en", **look),
        compare_chart({"a": history}, "train", "loss", "en", **look),
    ):
        assert "markers" in figure.data[0].mode
        assert len(figure.data[0].x) == 1
    assert gradient_chart(history, "en", **look).data[0].zmin < -0.3 < 0.3 < np.log10(2.5)


def test_a_comparison_shows_steps_until_an_epoch_has_ended():
    young, old = history_of(START, step(1, 0.1), step(2, 0.2)), history_of(START, epoch(1))
    look = {"epochs": 4, "ink": "#000000", "revision": "x"}
    for part, value in (("test", 50), ("train", 60)):
        chart = compare_chart({"a": young, "b": old}, part, "accuracy", "en", **look)
        assert list(chart.data[0].y) == [25, 25]
        assert list(chart.data[1].y) == [value]
        assert chart.layout.title.text == f"<b>{part.title()}: Accuracy in %</b>"


def test_the_confusion_matrix_has_its_numbers_where_there_is_room():
    few = confusion_chart(np.eye(3, dtype=int), ["a", "b", "c"], "en", ink="#000000")
    many = confusion_chart(np.eye(30, dtype=int), ["x"] * 30, "en", ink="#000000")
    assert (len(few.data), len(many.data)) == (3, 1)
    assert sorted(text for trace in few.data[1:] for text in trace.text) == [0] * 6 + [1] * 3


@pytest.mark.parametrize("count", [0, 1, 5, 99, 100, 101, 1000])
def test_thinned_keeps_the_newest(count):
    points = tuple({"n": number} for number in range(count))
    kept = thinned(points, 10)
    assert len(kept) <= 10
    assert kept[-1:] == points[-1:]


def test_tiles():
    maps = stretched(np.arange(3 * 4 * 4, dtype=float).reshape(3, 4, 4))
    assert (maps.min(), maps.max()) == (0, 1)
    sheet = tiled(cividis(maps), columns=2, side=8)
    assert sheet.shape == (8 + 3 + 8, 8 + 3 + 8, 4)
    assert framed(sheet).shape == (27, 27, 4)
    assert sheet[:8, :8, 3].min() == 255
    assert sheet[:, 8:11, 3].max() == 0, "between the tiles one sees the page"
    coarse = tiled(cividis(np.ones((6, 5, 5))), columns=6, side=120)
    assert (coarse[0, :, 3] == 0).sum() == 5 * 12, "half a pixel of theirs wide"
    assert np.isfinite(stretched(np.ones((1, 2, 2)))).all(), "a dead map"


def test_the_surest_images():
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4], [0.95, 0.05]])
    labels = np.array([0, 1, 1, 0, 1])
    found = Results(np.eye(2), labels, probabilities.argmax(axis=1), probabilities)
    assert list(found.most_confident(9, right=True)) == [0, 2], "one a class"
    assert list(found.most_confident(9, right=False)) == [4, 1]
