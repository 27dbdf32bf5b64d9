"""A whole job: from a request to a network that has learned something, its files and its events."""

import json
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from conftest import ROOT
from safetensors import safe_open
from safetensors.torch import save_file
from training_requests import request

import cnnviz
from cnnviz.__main__ import main
from cnnviz.data.dataset import load
from cnnviz.data.images import prepare, statistics
from cnnviz.training import worker
from cnnviz.training.checkpoint import CHECKPOINT
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import PHASES, Ended, Epoch, Phase, from_json
from cnnviz.training.request import Request
from cnnviz.training.results import RESULTS, load_weights
from cnnviz.training.stopping import ask_to_stop
from cnnviz.training.worker import WEIGHTS, run_job


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    return folder, list(run_job(request(epochs=8), folder))


def test_a_lenet_learns_fashion(finished):
    end = finished[1][-1]
    assert isinstance(end, Ended)
    assert end.test_accuracy >= 0.82
    assert end.epochs == 8
    assert end.images_per_second > 0
    assert end.ended_by == "epochs"
    assert end.total_seconds > end.seconds > 0


def test_its_events_tell_the_story(finished):
    events = finished[1]
    kinds = [event.kind for event in events if not isinstance(event, Phase)]
    assert kinds[:2] == ["start", "step"]
    assert kinds[-3:] == ["evaluating", "epoch", "end"]
    assert kinds.count("epoch") == 8
    start, step = (
        next(event for event in events if event.kind == kind) for kind in ("start", "step")
    )
    assert start.params == cnnviz.analyze(request().spec).params
    assert (start.train_images, start.test_images) == (6000, 1000)
    assert start.layers[0].endswith("weight")
    assert len(start.layers) == len(step.gradient_norms)
    for number, event in enumerate(events):
        assert from_json(event.to_json(), number) == replace(event, number=number)


def test_it_tells_each_phase_from_the_first_moment(finished):
    phases = [event for event in finished[1] if isinstance(event, Phase)]
    assert finished[1][0] == Phase(phase="data", done=0, total=1)
    names = list(dict.fromkeys(event.phase for event in phases))
    assert names == list(PHASES)
    assert all(0 <= event.done < event.total for event in phases)
    counted = {event.total for event in phases if event.phase in ("data", "evaluation")}
    assert counted >= {7000, 1000}


def test_its_results_are_those_of_its_weights(finished):
    folder, events = finished
    results = np.load(folder / "results.npz", allow_pickle=False)
    data = load("fashion-mnist-6k")
    module = load_weights(request().spec.build(), folder / WEIGHTS)
    images = prepare(data.test_images, (1, 28, 28), *statistics(data.train_images))
    with torch.no_grad():
        probabilities = module(images).softmax(dim=1).numpy()
    np.testing.assert_allclose(results["probabilities"], probabilities, atol=1e-5)
    assert (results["labels"] == data.test_labels.numpy()).all()
    assert (results["predictions"] == probabilities.argmax(axis=1)).all()
    right = (results["predictions"] == results["labels"]).mean()
    assert right == pytest.approx(events[-1].test_accuracy)
    assert results["confusion"].sum() == 1000
    assert np.trace(results["confusion"]) == round(1000 * right)
    assert results["confusion"].sum(axis=1).tolist() == [100] * 10
    assert not (folder / CHECKPOINT).exists()


def test_the_weights_name_their_request(finished):
    with safe_open(finished[0] / WEIGHTS, framework="pt") as file:
        assert Request.from_json(file.metadata()["request"]) == request(epochs=8)


@pytest.mark.sweep
def test_an_interrupted_job_goes_on(tmp_path):
    whole = list(run_job(request(epochs=3), tmp_path / "whole"))
    half = run_job(request(epochs=3), tmp_path / "half")
    for event in half:
        if isinstance(event, Epoch):
            break
    next(half)  # the checkpoint is written after the event
    half.close()
    rest = list(run_job(request(epochs=3), tmp_path / "half"))
    assert [event.epoch for event in rest if isinstance(event, Epoch)] == [2, 3]
    assert rest[-1].test_accuracy == whole[-1].test_accuracy
    trained = rest[-1].images_per_second * rest[-1].seconds
    assert trained == pytest.approx(2 * 93 * 64), "what was trained before is not counted again"


def until(events, kind):
    """Read on to the first event of this kind."""
    for event in events:
        if event.kind == kind:
            return event
    raise AssertionError(kind)


def test_a_stopped_job_keeps_its_weights_before_it_evaluates_them(tmp_path):
    job = run_job(request(epochs=200), tmp_path)
    until(job, "epoch")
    until(job, "step")
    ask_to_stop(tmp_path)
    until(job, "evaluating")
    module = load_weights(request().spec.build(), tmp_path / WEIGHTS)
    assert not (tmp_path / RESULTS).exists()
    end = until(job, "end")
    assert end.ended_by == "stop"
    assert 1 < end.epochs < 200
    results = np.load(tmp_path / RESULTS, allow_pickle=False)
    right = (results["predictions"] == results["labels"]).mean()
    assert right == pytest.approx(end.test_accuracy)
    data = load("fashion-mnist-6k")
    images = prepare(data.test_images, (1, 28, 28), *statistics(data.train_images))
    with torch.no_grad():
        answers = module(images).argmax(dim=1).numpy()
    assert (answers == results["predictions"]).mean() > 0.999, "of the same weights"
    assert not (tmp_path / CHECKPOINT).exists()


def test_a_job_that_goes_on_only_to_be_stopped_evaluates_its_last_epoch(tmp_path):
    first = run_job(request(epochs=9), tmp_path)
    epoch = until(first, "epoch")
    until(first, "step")  # the checkpoint is written after the event
    first.close()
    ask_to_stop(tmp_path)
    rest = list(run_job(request(epochs=9), tmp_path))
    assert {event.kind for event in rest} == {"phase", "start", "evaluating", "end"}
    assert rest[-1].epochs == 1
    assert rest[-1].test_accuracy == epoch.test_accuracy
    assert rest[-1].images_per_second == 0


@pytest.mark.parametrize(
    "write",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(b"\xff" * 64),
        lambda path: path.write_bytes(pickle.dumps({"a": 1})),
        lambda path: path.write_bytes((10**12).to_bytes(8, "little") + b"{}"),
        lambda path: torch.save({"a": torch.zeros(1)}, path),
        lambda path: save_file({"weight": torch.zeros(1)}, path),
        lambda path: save_file(
            {name: x[:1].clone() for name, x in request().spec.build().state_dict().items()}, path
        ),
        lambda path: save_file(
            {name: x.double() for name, x in request().spec.build().state_dict().items()}, path
        ),
        lambda path: save_file(
            {**request().spec.build().state_dict(), "more": torch.zeros(1)}, path
        ),
    ],
)
def test_other_weights_are_refused(tmp_path, write):
    path = tmp_path / "some.safetensors"
    write(path)
    module = request().spec.build()
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    with pytest.raises(TrainingError, match="not those of this network"):
        load_weights(module, path)
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, before[name])


@pytest.mark.sweep
def test_on_the_command_line(capfd, tmp_path):
    arguments = ["train", "lenet-d2l", "--set", "activation=relu", "--epochs", "1", "--seed", "3"]
    assert main([*arguments, "--device", "cpu", "-o", str(tmp_path)]) == 0
    out = capfd.readouterr().out.splitlines()
    assert out[0].startswith("As it is: about ")
    assert out[1].startswith("epoch 1: train loss")
    assert {"test_accuracy", "images_per_second", "seconds"} <= json.loads(out[-1]).keys()
    assert (tmp_path / WEIGHTS).exists()
    assert main([*arguments, "--device", "cpu", "--json"]) == 0
    (line,) = capfd.readouterr().out.splitlines()
    again = json.loads(line)
    assert again["test_accuracy"] == json.loads(out[-1])["test_accuracy"], "the same seed"


@pytest.mark.sweep
def test_ctrl_c_is_a_sentence(tmp_path):
    # a shell has what it runs in the background ignore it: these tests, and so their children
    signal.signal(signal.SIGINT, signal.default_int_handler)
    command = [sys.executable, "-m", "cnnviz", "train", "lenet-d2l", "--epochs", "200", "--yes"]
    with subprocess.Popen(
        [*command, "--device", "cpu", "-o", str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline().startswith("As it is")
        assert process.stdout.readline().startswith("epoch 1")
        assert process.stdout.readline().startswith("epoch 2")
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=180)
    assert process.returncode == 130
    assert re.search(
        r"Interrupted before the end. \S+ holds what \d+ of 200 epochs have learnt; the same "
        "command goes on from there.",
        errors,
    )
    assert "Traceback" not in errors
    assert (tmp_path / CHECKPOINT).is_file()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["lenet-d2l", "--epochs", "0"], "epochs is 0"),
        (["lenet-d2l", "--recipe", "momentum=x", "batch_size=0"], "batch_size is 0"),
        (["lenet-d2l", "--data", "nope"], "'nope' is not a data set here"),
        (["lenet-d2l", "--device", "cuda:9"], "no device 'cuda:9'"),
        (["nope"], "no family or preset"),
    ],
)
def test_a_wrong_command_is_a_sentence(capfd, arguments, words):
    assert main(["train", *arguments]) == 2
    assert words in capfd.readouterr().err


@pytest.mark.sweep
@pytest.mark.parametrize(("took", "checkpoints"), [(0.0, 3), (1.0, 1)])
def test_writing_checkpoints_takes_little_of_a_run(monkeypatch, tmp_path, took, checkpoints):
    """The clock moves a little whenever it is looked at, and by so much for each checkpoint."""
    clock, written = [time.perf_counter()], []

    def now():
        clock[0] += 0.01
        return clock[0]

    monkeypatch.setattr(worker, "time", SimpleNamespace(perf_counter=now))
    monkeypatch.setattr(worker, "SPARING", 1)

    def write(path, _):
        clock[0] += took
        written.append(path.name)

    monkeypatch.setattr(worker, "_replace", write)
    list(run_job(request(epochs=4), tmp_path))
    assert written.count(worker.CHECKPOINT) == checkpoints
