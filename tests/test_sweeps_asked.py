"""What a sweep measures where asked: the time of each network, and its short training."""

import json

import pytest
from training_requests import CPU

import cnnviz
from cnnviz.__main__ import main
from cnnviz.analysis.real_run import LiveError
from cnnviz.analysis.timing.stopwatch import Span
from cnnviz.experiments.experiment import DATA
from cnnviz.experiments.outcome import outcome_of
from cnnviz.experiments.runner import Told
from cnnviz.knobs import SpecError
from cnnviz.sweeps import asked_measures, timing
from cnnviz.sweeps.figures import measured
from cnnviz.sweeps.sweep import typed_sweep
from cnnviz.sweeps.training import MOST, told, trainings
from cnnviz.text import Text
from cnnviz.training.events import Ended, Epoch, Started
from cnnviz.training.forecast import Forecast


def planned(network, *texts):
    sweep = typed_sweep(cnnviz.spec(network), texts)
    macs = {
        place: measured(point.spec).macs for place, point in enumerate(sweep.points) if point.spec
    }
    return sweep, trainings(network, sweep, macs, CPU)


def swept(capsys, *arguments):
    assert main(["sweep", *arguments]) == 0
    return capsys.readouterr()


def test_all_networks_are_trained_alike_but_for_what_is_swept():
    sweep, made = planned("densenet-121", "growth_rate=12,24,48", "compression=0.5,1")
    assert len(made.arms) == 6
    assert len({arm.recipe for arm in made.arms.values()}) == 1
    first = made.arms[0].spec
    assert (first.image_size, first.num_classes) == (32, 10)
    for place, point in enumerate(sweep.points):
        k, theta = point.values
        assert made.arms[place].spec == first.turn(growth_rate=k, compression=theta)
    assert {arm.data for arm in made.arms.values()} == {DATA}
    assert "image size H = W = 32" in told(made.arms[0], sweep.points[0]).en
    assert "growth rate" not in told(made.arms[0], sweep.points[0]).en
    assert made.arms[1].title.en == "growth rate k = 12, compression θ = 1.0"


def test_no_training_is_cut_off_before_its_time():
    _, made = planned("densenet-121", "growth_rate=12,48")
    for arm in made.arms.values():
        assert CPU.run(arm.spec, arm.recipe) <= made.seconds < arm.recipe.time_limit / 5


def test_what_cannot_be_trained_is_said_at_once():
    values = f"num_classes=2:{MOST + 2}:1"
    with pytest.raises(SpecError) as error:
        planned("lenet-5", values)
    many, classes = (problem.message.en for problem in error.value.problems)
    assert f"{MOST + 1} networks" in many
    assert "set by the images" in classes


def test_the_command_times_each_network(capsys, monkeypatch):
    def whole(spec, setting, seconds):
        if spec.num_classes == 12:
            raise LiveError(Text("Too many.", "太多。"))
        return Span(spec.num_classes / 4, 0.0, 9.0)

    def admit(report, setting):
        if report.output_shape[-1] == 12:
            raise LiveError(Text("Too many.", "太多。"))

    monkeypatch.setattr(timing, "time_whole", whole)
    monkeypatch.setattr(timing, "admit_timing", admit)
    arguments = ["lenet-5", "--over", "num_classes=10,12,14", "--measure", "time"]
    found = swept(capsys, *arguments, "--device", "cpu", "--json")
    rows = json.loads(found.out)["rows"]
    assert [row["forward_ms"] for row in rows] == [2.5, None, 3.5]
    assert "num_classes=12: Too many." in found.err
    assert rows[0]["params"] == cnnviz.analyze(cnnviz.spec("lenet-5")).params
    table = swept(capsys, *arguments, "--device", "cpu").out
    assert "forward_ms" in table.splitlines()[0]
    assert table.splitlines()[-1].split()[-1] == "3.5"


def test_the_command_trains_each_network(capsys, monkeypatch, tmp_path):
    asked = []

    def train(arm, seed, kept, device):
        asked.append((arm.spec, device))
        share = 0.5 if arm.spec.activation == "relu" else 0.25
        classes = tuple((f"{n}", f"{n}") for n in range(10))
        end = Ended(test_accuracy=share, ended_by="epochs")
        events = [Started(classes=classes, layers=()), Epoch(epoch=1, test_accuracy=share), end]
        yield Told(arm, seed, events[0])
        yield Told(arm, seed, outcome=outcome_of(events))

    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    monkeypatch.setattr(asked_measures, "train", train)
    monkeypatch.setattr(asked_measures.Forecast, "now", lambda data, device: CPU)
    arguments = ["lenet-5", "--over", "activation=tanh,relu", "--measure", "accuracy"]
    found = swept(capsys, *arguments, "--device", "cpu", "--json")
    assert len(found.out.splitlines()) == 1
    assert [row["test_accuracy"] for row in json.loads(found.out)["rows"]] == [0.25, 0.5]
    assert [(spec.activation, device) for spec, device in asked] == [
        ("tanh", "cpu"),
        ("relu", "cpu"),
    ]
    assert "epochs = " in found.err


@pytest.mark.sweep
def test_time_and_accuracy_are_really_measured(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    known = Forecast.now(DATA, "cpu")  # a device that is measured as slower gets another recipe
    monkeypatch.setattr(Forecast, "now", lambda data, device: known)
    arguments = ["lenet-5", "--over", "activation=tanh,relu", "--device", "cpu", "--json"]
    measures = ["--measure", "time", "--measure", "accuracy"]
    rows = json.loads(swept(capsys, *arguments, *measures).out)["rows"]
    for row in rows:
        assert 0.01 < row["forward_ms"] < 1000
        assert 0.5 < row["test_accuracy"] < 1
    again = json.loads(swept(capsys, *arguments, *measures).out)["rows"]
    assert [row["test_accuracy"] for row in again] == [row["test_accuracy"] for row in rows]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--device", "cpu"), "only for --measure"),
        (("--measure", "time", "--device", "cuda:77"), "cuda:77"),
    ],
)
def test_a_device_that_is_not_there_or_not_used_is_said(capsys, arguments, words):
    assert main(["sweep", "lenet-5", "--over", "image_size=32,36", *arguments]) != 0
    assert words in capsys.readouterr().err
