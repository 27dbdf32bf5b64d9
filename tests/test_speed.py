"""A device's speed: what work is counted, and that what is kept is used and refined."""

import json

import pytest
import torch
from torch import nn

import cnnviz
from cnnviz.training import speed as speeds
from cnnviz.training.speed import WHOLE, Speed, current_speed, learn
from cnnviz.training.work import Work, work


@pytest.fixture(autouse=True)
def data(monkeypatch, tmp_path):
    monkeypatch.setenv("CNNVIZ_DATA", str(tmp_path))
    monkeypatch.setattr(speeds, "MOMENT", 0.01)  # what is measured here need not be right
    return tmp_path


def test_work_by_hand():
    module = nn.Sequential(
        nn.Conv2d(4, 8, 3, padding=1),  # 9·4 MACs for each of 8·6·6 outputs
        nn.Conv2d(8, 8, 1),
        nn.Conv2d(8, 8, 3, padding=1, groups=8),
        nn.Conv2d(8, 8, 3, padding=1, groups=2, stride=6),  # one pixel: narrower than its window
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(8, 10),
    )
    found = work(cnnviz.analyze(module, input_shape=(1, 4, 6, 6)))
    assert found.dense == 36 * 288
    assert found.pointwise == 8 * 288
    assert found.depthwise == 9 * 288
    assert found.grouped == 36 * 8
    assert found.narrow == 2
    assert found.linear == 80
    assert found.elements == 3 * 288 + 8 + 8 + 10
    assert (found.weighted_ops, found.other_ops) == (5, 1)
    assert found.params == sum(p.numel() for p in module.parameters())


def test_a_step_repeats_what_is_of_an_image():
    step = Work(dense=3, elements=5, weighted_ops=7, params=11).step(4)
    assert step == Work(dense=12, elements=20, weighted_ops=7, params=11)


def test_seconds():
    speed = Speed(
        "cpu", "x", Work(dense=2, params=3), probe=1, busy=2, corrections={"": 0.5, "a": 3}
    )
    assert speed.of(Work(dense=5, params=1)) == pytest.approx(WHOLE * 13 * 2 * 0.5)
    assert speed.of(Work(dense=5, params=1), "a") == pytest.approx(WHOLE * 13 * 2 * 3)


def test_it_is_measured_once_and_kept(monkeypatch):
    first = current_speed("cpu")
    assert all(unit >= 0 for unit in first.seconds)
    assert first.of(Work(dense=1e9, elements=1e6, other_ops=10)) > 0
    monkeypatch.setattr(speeds, "measure", lambda device: pytest.fail("it is known"))
    monkeypatch.setattr(speeds, "_seconds_a_step", lambda *_: first.probe)
    assert current_speed("cpu") == first


@pytest.mark.parametrize(("times", "busy"), [(1.1, 1.0), (2.25, 1.5), (50.0, speeds.BUSIEST)])
def test_a_busy_device_is_slower(monkeypatch, times, busy):
    first = current_speed("cpu")
    monkeypatch.setattr(speeds, "_seconds_a_step", lambda *_: times * first.probe)
    assert current_speed("cpu").busy == pytest.approx(busy)


def test_what_was_measured_on_a_busy_device_is_measured_again(monkeypatch):
    first = current_speed("cpu")
    monkeypatch.setattr(speeds, "_seconds_a_step", lambda *_: first.probe / 3)
    again = Speed("cpu", first.name, Work(dense=1), probe=first.probe / 3)
    monkeypatch.setattr(speeds, "measure", lambda device: again)
    assert current_speed("cpu") == again


def test_other_threads_are_another_device():
    first = current_speed("cpu")
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    try:
        assert current_speed("cpu").name != first.name
    finally:
        torch.set_num_threads(threads)


def test_runs_refine_it(monkeypatch):
    first = current_speed("cpu")
    for _ in range(16):
        learn("cpu", "lenet", predicted=10, taken=10 * 2 / _factor("lenet"))
    assert _factor("lenet") == pytest.approx(2, rel=0.02)
    assert 1 < _factor("vgg") < 2, "others move less"
    monkeypatch.setattr(speeds, "_seconds_a_step", lambda *_: first.probe)
    assert current_speed("cpu").corrections["lenet"] == _factor("lenet")


def _factor(family: str) -> float:
    corrections = json.loads(speeds._path().read_text())["cpu"]["corrections"]
    return corrections.get(family, corrections.get("", 1.0))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"cpu": {"name": 1}}'])
def test_a_file_that_cannot_be_read_is_written_anew(data, text):
    (data / speeds.FILE).write_text(text)
    assert current_speed("cpu").device == "cpu"
    assert json.loads((data / speeds.FILE).read_text())["cpu"]["seconds"]


def test_a_directory_that_cannot_be_written_is_no_obstacle(monkeypatch, data):
    (data / "file").write_text("")
    monkeypatch.setenv("CNNVIZ_DATA", str(data / "file" / "under"))
    assert current_speed("cpu").device == "cpu"
