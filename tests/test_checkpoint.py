"""`train -o FOLDER` goes on with its own run alone."""

import json
from dataclasses import replace

import pytest
import torch
from training_requests import request

from cnnviz.__main__ import main
from cnnviz.training.checkpoint import CHECKPOINT, CheckpointError, read_checkpoint
from cnnviz.training.events import Epoch
from cnnviz.training.worker import run_job

TRAIN = ["train", "lenet-d2l", "--set", "activation=relu", "pooling=max", "--device", "cpu"]
SHORT = ["--recipe", "images=256", "batch_size=64", "--epochs", "3"]


def asked(**recipe):
    return request(**{"epochs": 3, "images": 256, "batch_size": 64, **recipe})


@pytest.fixture
def left(tmp_path):
    """A folder in which a run has been left after its first epoch."""
    events = run_job(asked(), tmp_path)
    next(event for event in events if isinstance(event, Epoch))
    next(events)  # the checkpoint is written after the event
    events.close()
    return tmp_path


def command(folder, *arguments):
    return main([*TRAIN, *SHORT, "-o", str(folder), *arguments])


def test_the_same_command_goes_on(left, capsys):
    before = torch.load(left / CHECKPOINT, weights_only=True)
    assert before["epoch"] == 1
    assert command(left) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines if line.startswith("epoch")] == [
        *("epoch 2", "epoch 3"),
    ]
    assert json.loads(lines[-1])["epochs"] == 3
    assert not (left / CHECKPOINT).exists()


@pytest.mark.parametrize(
    ("arguments", "how"),
    [
        (["--recipe", "learning_rate=0.01"], "learning_rate 0.05, here 0.01"),
        (["--seed", "1"], "seed 0, here 1"),
        (["--epochs", "9", "--yes"], "epochs 3, here 9"),
        (["--set", "pooling=average"], "pooling max, here average"),
        (["--demo", "--budget", "20"], "here"),
    ],
)
def test_another_command_is_refused_and_nothing_is_lost(left, capsys, arguments, how):
    kept = (left / CHECKPOINT).read_bytes()
    assert command(left, *arguments) == 2
    said = capsys.readouterr().err
    assert "belongs to another run" in said
    assert how in said
    assert "--anew" in said
    assert (left / CHECKPOINT).read_bytes() == kept


def test_another_network_is_another_run(left, capsys):
    with pytest.raises(CheckpointError, match="network lenet, here resnet"):
        read_checkpoint(left / CHECKPOINT, request("resnet-20"))
    with pytest.raises(CheckpointError, match="data fashion-mnist-6k, here mnist"):
        read_checkpoint(left / CHECKPOINT, replace(asked(), data="mnist"))
    assert read_checkpoint(left / CHECKPOINT, replace(asked(), device="cuda:0"))["epoch"] == 1


def test_anew_begins_anew(left, capsys):
    assert command(left, "--seed", "1", "--anew") == 0
    assert "epoch 1:" in capsys.readouterr().out


@pytest.mark.parametrize("damage", ["cut", "empty", "earlier"])
def test_a_damaged_checkpoint_is_a_sentence(left, capsys, damage):
    path = left / CHECKPOINT
    if damage == "earlier":  # of a cnnviz that did not write whose it is
        state = torch.load(path, weights_only=True)
        del state["request"]
        torch.save(state, path)
    else:
        path.write_bytes(path.read_bytes()[: 1000 if damage == "cut" else 0])
    assert command(left) == 2
    said = capsys.readouterr().err
    assert "is damaged, or of an earlier cnnviz" in said
    assert "Traceback" not in said


def test_a_server_job_with_a_damaged_checkpoint_begins_again(left):
    (left / CHECKPOINT).write_bytes(b"no")
    epochs = [event.epoch for event in run_job(asked(), left) if isinstance(event, Epoch)]
    assert epochs == [1, 2, 3]
