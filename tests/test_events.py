"""Events of a training job: what is written, what is read, and what other versions wrote."""

import json

import pytest

from cnnviz.text import Text
from cnnviz.training.command import _shown
from cnnviz.training.events import (
    Ended,
    Epoch,
    Evaluating,
    Event,
    Failed,
    Measured,
    Phase,
    Started,
    Step,
    from_json,
)
from cnnviz.training.job import Job
from cnnviz.training.state import ACTIVE, ENDED, JobState
from cnnviz.training.store import Store

# As the first version with these events wrote them; the keys never change.
WRITTEN = [
    ({"kind": "phase", "phase": "data", "done": 3, "total": 10}, Phase),
    (
        {
            "kind": "start",
            "device": "cpu",
            "params": 44_426,
            "train_images": 6000,
            "test_images": 1000,
            "layers": ["C1.weight", "F6.weight"],
            "classes": [["cat", "猫"], ["dog", "狗"]],
            "skipped": 0,
        },
        Started,
    ),
    (
        {
            "kind": "step",
            "step": 7,
            "steps": 40,
            "step_of_epoch": 7,
            "epoch": 0.7,
            "loss": 2.25,
            "accuracy": 0.125,
            "images": 448,
            "learning_rate": 0.05,
            "images_per_second": 1234.5,
            "seconds_left": 7.25,
            "memory_bytes": 0,
            "gradient_norms": [0.5, 2.0],
            "held_bytes": 300_000_000,
        },
        Step,
    ),
    ({"kind": "evaluating"}, Evaluating),
    (
        {
            "kind": "epoch",
            "epoch": 1,
            "train_loss": 1.5,
            "train_accuracy": 0.5,
            "test_loss": 1.25,
            "test_accuracy": 0.625,
            "seconds": 3.5,
        },
        Epoch,
    ),
    (
        {
            "kind": "measured",
            "probe": "signal",
            "names": ["C1", "F6"],
            "figures": [0.5, 0.25],
        },
        Measured,
    ),
    (
        {
            "kind": "end",
            "test_accuracy": 0.625,
            "top5_accuracy": 0.875,
            "images_per_second": 1200.0,
            "seconds": 30.5,
            "total_seconds": 33.0,
            "epochs": 8,
            "ended_by": "epochs",
        },
        Ended,
    ),
    (
        {"kind": "failed", "code": "diverged", "message": {"en": "It is nan.", "zh": "nan。"}},
        Failed,
    ),
]


@pytest.mark.parametrize(("fields", "kind"), WRITTEN, ids=[kind.kind for _, kind in WRITTEN])
def test_an_event_is_read_and_written_with_the_same_keys(fields, kind):
    event = from_json(json.dumps(fields), 5)
    assert type(event) is kind
    assert event.number == 5
    assert json.loads(event.to_json()) == fields
    assert hash(event) == hash(from_json(event.to_json(), 5)), "nothing in it can change"


def test_every_kind_is_there():
    assert {kind for _, kind in WRITTEN} == set(Event.__subclasses__())


def test_what_a_later_version_adds_is_passed_over():
    assert from_json('{"kind": "augmented", "images": 3}', 1) is None
    assert from_json('{"kind": "phase", "phase": "data", "watts": 9}', 1) == Phase(
        phase="data", number=1
    )


def test_a_message_keeps_both_languages():
    event = from_json(Failed(code="x", message=Text("no", "否")).to_json(), 1)
    assert event.message("zh") == "否"


def test_states_are_words_and_each_is_active_or_ended():
    assert [*ACTIVE, *ENDED] == ["queued", "running", "done", "cancelled", "failed", "unreadable"]
    assert set(ACTIVE) | set(ENDED) == set(JobState)
    assert json.dumps({"state": JobState.DONE}) == '{"state": "done"}'
    assert f"{JobState.DONE}" == "done"


def test_a_state_of_another_program_makes_a_job_unreadable(tmp_path):
    store = Store(tmp_path / "jobs.db")
    with store._write() as db:
        db.execute(
            "INSERT INTO jobs (id, key, owner, name, request, state, created) "
            "VALUES ('a', 'a', 'ada', '', '{}', 'asleep', 0)"
        )
    (job,) = store.jobs(states=[JobState.UNREADABLE])
    assert isinstance(job, Job)
    assert "asleep" in job.message.en


def test_the_command_line_tells_how_many_pictures_are_left_out(capsys):
    list(_shown(iter([Started(skipped=3)]), quiet=True))
    assert "Pictures left out: 3" in capsys.readouterr().err
