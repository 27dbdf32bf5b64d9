"""What probes have found, as charts with words beside them."""

from functools import partial

import page_driver
import pytest
from page_driver import ME, run

from cnnviz.experiments import EXPERIMENTS
from cnnviz.render.experiment_charts import depth_chart
from cnnviz.render.probe_charts import Matrix, bars_chart, matrix_chart, surface_chart
from cnnviz.text import Text
from cnnviz.training.events import Ended, Epoch, Measured, Started, Step
from cnnviz.training.probes.surface import places
from cnnviz.training.state import JobState
from cnnviz.training.store import Store, Submission
from cnnviz.ui.experiments import probed
from cnnviz.ui.session import owner as owners
from cnnviz.ui.training import prospect, runs

CHART = {"ink": "#000", "revision": "x"}
FIGURES = {
    "loss-surface-shortcuts": {
        f"{x:g}/{y:g}": 1 + x * x + y * y for x in places() for y in places()
    },
    "densenet-reuse": {
        "whole": 0.8,
        "weight/block1.layer1/input": 0.3,
        "weight/block1.layer2/input": 0.1,
        "weight/block1.layer2/layer1": 0.2,
        "without/block1.layer2": 0.6,
    },
    "inception-branches": {
        "whole": 0.8,
        **{f"share/inception_3a/branch{n}": n / 10 for n in range(1, 5)},
        **{f"without/inception_3a/branch{n}": 0.8 - n / 10 for n in range(1, 5)},
    },
    "degradation-identity-layers": {"whole": 0.5, "deeper": 0.5},
}
WORDS = {
    "loss-surface-shortcuts": "the loss is 1 in the middle, at the trained network, and 1 to 3",
    "densenet-reuse": "0.1 to 0.3; it is largest for 1.1/input",
    "inception-branches": "the paper's split 1×1 10, 3×3 20, 5×5 30, pooling 40",
    "degradation-identity-layers": "as it was trained 0.5, with 56 layers 0.5",
}


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store of its own, a session that is ME, and a dispatcher that only seems to be there."""
    store, histories = Store(tmp_path / "jobs.db"), runs._Histories()
    monkeypatch.setattr(runs, "store", lambda: store)
    monkeypatch.setattr(runs, "_histories", lambda: histories)
    monkeypatch.setattr(runs.service, "ensure_dispatcher", lambda: None)
    monkeypatch.setattr(runs.service, "seconds_silent", lambda: 1.0)
    monkeypatch.setattr(owners, "_secret", lambda: b"secret")
    monkeypatch.setattr(prospect, "kept_speed", lambda device: None)
    return store


def finished(store, experiment, figures):
    members = [Submission(f"{arm.name}.0", arm.request(0)) for arm in experiment.arms]
    for job in store.submit_group(f"{experiment.name}.{'0' * 12}", members, owner=ME):
        attempt = store.begin(job.id)
        found = Measured(
            probe=experiment.arms[0].probe, names=tuple(figures), figures=tuple(figures.values())
        )
        step = Step(step=1, steps=1, gradient_norms=(1.0,))
        classes = tuple((f"{n}", f"{n}") for n in range(10))
        epoch = Epoch(epoch=1, train_loss=1, test_loss=1, train_accuracy=0.5, test_accuracy=0.5)
        store.write(job.id, attempt, [Started(classes=classes, layers=("a",)), step, epoch, found])
        end = Ended(test_accuracy=0.5, top5_accuracy=0.9, total_seconds=1.0, ended_by="epochs")
        store.end(job.id, attempt, JobState.DONE, result=end.values, code="")


@pytest.mark.parametrize("name", FIGURES)
def test_what_was_measured_is_drawn_and_told(store, monkeypatch, name):
    labels = []
    monkeypatch.setattr(probed, "steady_chart", lambda figure, *, key, label: labels.append(label))
    finished(store, EXPERIMENTS[name], FIGURES[name])
    app = partial(page_driver.open_page, "experiments", experiment=name)()
    (radio,) = app.radio
    radio.set_value(0)
    run(app)
    assert any(WORDS[name] in label for label in labels), labels
    assert any("The claim" in box.value for box in (*app.success, *app.warning, *app.info))


def test_a_matrix_has_its_pairs_and_gaps():
    found = Matrix.of({"2/a": 1.0, "3/a": 2.0, "3/b": 4.0})
    assert found == Matrix(["2", "3"], ["a", "b"], [[1.0, 2.0], [None, 4.0]])
    assert found.found == [1.0, 2.0, 4.0]
    figure = matrix_chart("t", found, ("x", "y", "z"), "en", most=9.0, **CHART)
    assert list(figure.data[0].z[1]) == [None, 4.0]
    assert figure.layout.yaxis.autorange == "reversed"
    assert (figure.data[0].zmin, figure.data[0].zmax) == (0, 9)
    assert figure.layout.xaxis.dtick == 1, "every column has its name"


def test_a_surface_is_seen_from_above_with_its_contours():
    figures = {**FIGURES["loss-surface-shortcuts"], "1/-1": 1e8}
    contour, network = surface_chart("a <b>", Matrix.of(figures), "zh", **CHART).data
    assert contour.z[4][4] == 0, "the logarithm of 1"
    assert (contour.x[8], contour.y[0], contour.z[0][8]) == (1, -1, 8)
    assert contour.customdata[0][8] == 1e8
    assert contour.zmax == 2, "what is above has the brightest colour"
    assert contour.contours.coloring == "heatmap"
    assert (network.x, network.y) == ((0,), (0,))


def test_bars_stand_side_by_side_under_their_names():
    bars = {"a": {"1.2": 10.0, "1.10": 4.0}, "b": {"1.2": -2.0, "1.10": 0.0}}
    figure = bars_chart("t", bars, ("layer", "points"), "en", **CHART)
    assert [list(bar.y) for bar in figure.data] == [[10.0, 4.0], [-2.0, 0.0]]
    assert figure.layout.barmode == "group"
    assert figure.layout.xaxis.type == "category", "1.10 is a layer's name, and no number"
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("layer", "points")


def test_a_scale_of_less_than_a_decade_has_ticks():
    figure = depth_chart(Text("t", "t"), {"a": [0.6, 3.0]}, "en", **CHART)
    assert {"1", "2"} <= set(figure.layout.yaxis.ticktext)
    wide = depth_chart(Text("t", "t"), {"a": [1e-9, 3.0]}, "en", at=(0, 10), **CHART)
    assert wide.layout.yaxis.dtick == 2
    assert wide.data[0].x == (0, 10)
