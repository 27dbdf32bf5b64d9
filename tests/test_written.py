"""What earlier versions have written is read by this one: links, stores, requests and weights.

fixtures/written has a folder for each version of the store, with what cnnviz wrote then. A change
of a format adds a folder; none of them ever changes.
"""

import dataclasses
import json
import shutil

import pytest
from conftest import ROOT

import cnnviz
from cnnviz import settings
from cnnviz.knobs import Earlier, SpecError
from cnnviz.settings import Settings
from cnnviz.training import request as requests
from cnnviz.training.database import VERSION
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Step
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request
from cnnviz.training.results import load_weights, request_of
from cnnviz.training.state import JobState
from cnnviz.training.store import Store
from cnnviz.training.worker import save_weights
from cnnviz.ui.session import address
from cnnviz.zoo.densenet import DenseNetSpec

WRITTEN = sorted((ROOT / "tests" / "fixtures" / "written").iterdir())
LINKS = [
    pytest.param(one["link"], one["values"], id=f"{folder.name}-{'&'.join(one['link'].values())}")
    for folder in WRITTEN
    for one in json.loads((folder / "links.json").read_text(encoding="utf-8"))
]


def test_every_version_of_the_store_is_there():
    assert [folder.name for folder in WRITTEN] == [str(n + 1) for n in range(VERSION)]


@pytest.mark.parametrize(("link", "values"), LINKS)
def test_a_link_opens(link, values):
    _, spec, problems = address.read(link, "lenet-d2l")
    assert problems == []
    written = {name: tuple(x) if isinstance(x, list) else x for name, x in values.items()}
    assert {name: spec.values[name] for name in written} == written


@pytest.mark.parametrize("folder", WRITTEN, ids=lambda folder: folder.name)
def test_a_store_opens(folder, tmp_path):
    shutil.copy(folder / "jobs.db", tmp_path)
    store = Store(tmp_path / "jobs.db")
    waiting, failed, done = store.jobs()
    assert [job.state for job in (waiting, failed, done)] == [
        JobState.QUEUED,
        JobState.FAILED,
        JobState.DONE,
    ]
    assert [job.id for job in store.queue()] == [waiting.id]
    spec = cnnviz.spec("densenet-121", growth_rate=12, compression=1.0)
    adam = Recipe(optimiser="adam", learning_rate=0.002)
    assert failed.request == Request("densenet-121", spec, adam, "fashion-mnist-6k", "cpu")
    assert done.request.recipe == Recipe(epochs=1, learning_rate=0.1)
    assert done.result["test_accuracy"] == 0.5
    (event,) = store.events(done.id)
    assert isinstance(event, Step)
    assert (event.number, event.step, event.epoch) == (1, 1, 0.1)
    assert (event.loss, event.accuracy) == (2.3, 0.1)
    assert (event.gradient_norms, event.held_bytes) == ((), None), "what came later"
    assert store.submit(done.request, key="new", owner="ada").request == done.request


@pytest.mark.parametrize(
    "path", [file for folder in WRITTEN for file in folder.glob("*.safetensors")], ids=str
)
def test_weights_open(path):
    asked = request_of(path)
    assert asked.preset == "lenet-bn-d2l"
    load_weights(asked.spec.build(), path)


@pytest.fixture
def turned(monkeypatch):
    """The knobs of DenseNet, after `k` was renamed and `compression` tightened in version 2."""
    earlier = {
        "growth_rate": {"earlier": (Earlier(2, name="k"),)},
        "compression": {
            "earlier": (Earlier(3, value={1.0: 0.9}.get),),
            "bounds": (0.1, 0.9),
        },
    }
    knobs = tuple(
        dataclasses.replace(knob, **earlier.get(knob.name, {})) for knob in DenseNetSpec.knobs()
    )

    def turn():
        monkeypatch.setattr(DenseNetSpec, "knobs", classmethod(lambda _: knobs))
        for module in (settings, requests, address):
            monkeypatch.setattr(module, "VERSION", 3)

    return turn


def written_before(**knobs):
    """A request as version 1 wrote it, which called the growth rate k."""
    text = Request("densenet-121", cnnviz.spec("densenet-121", **knobs), Recipe(), "d", "cpu")
    fields = json.loads(text.to_json())
    del fields["version"]
    fields["knobs"]["k"] = fields["knobs"].pop("growth_rate")
    return json.dumps(fields)


def test_a_knob_that_is_renamed_or_tightened_says_how_it_was(turned, tmp_path):
    old = written_before(growth_rate=12, compression=1.0)
    weights = tmp_path / "model.safetensors"
    spec = cnnviz.spec("densenet-40-k12")
    save_weights(spec.build(), Request("densenet-40-k12", spec, Recipe(), "d", "cpu"), weights)
    turned()
    spec = Request.from_json(old).spec
    assert (spec.growth_rate, spec.compression) == (12, 0.9)
    assert spec.depths == (6, 12, 24, 16)
    link = {"preset": "densenet-121", "k": "12", "compression": "1.0"}
    _, linked, problems = address.read(link, "lenet-d2l")
    assert (linked.growth_rate, linked.compression, problems) == (12, 0.9, [])
    # what says that it is of version 2 means what version 2 meant
    _, linked, problems = address.read({**link, "v": "2"}, "lenet-d2l")
    assert (linked.growth_rate, linked.compression) == (32, 0.9)
    assert [problem.knob for problem in problems] == ["k"]
    slot = {"n1" if name == "preset" else f"n1.{name}": text for name, text in link.items()}
    assert address.read_slot("n1", slot, "lenet-d2l")[1:] == (linked.turn(growth_rate=12), [])
    assert address.read_slot("n1", {**slot, "v": "2"}, "lenet-d2l")[1] == linked
    assert address.write_slot("n1", "densenet-121", linked) == {
        "n1": "densenet-121",
        "n1.compression": "0.9",
        "v": "3",
    }
    new = address.write("densenet-121", linked)
    assert new == {"preset": "densenet-121", "compression": "0.9", "v": "3"}
    assert address.read(new, "lenet-d2l") == (address.PRESETS["densenet-121"], linked, [])
    assert request_of(weights).spec.compression == 0.9


def test_what_is_of_a_later_version_is_a_sentence():
    fields = json.loads(written_before()) | {"version": 99}
    with pytest.raises(TrainingError, match="version 99; this cnnviz knows 1"):
        Request.from_json(json.dumps(fields))


def test_what_no_knob_explains_is_still_refused(turned):
    old = written_before(growth_rate=12)
    with pytest.raises(SpecError, match="k is not a knob of densenet"):
        Request.from_json(old)


def test_names_are_followed_from_version_to_version():
    knob = dataclasses.replace(
        Recipe.knob("epochs"), earlier=(Earlier(2, name="a"), Earlier(3, name="b", value=str))
    )
    assert [knob.called(version) for version in (1, 2, 3)] == ["a", "b", "epochs"]
    assert [knob.now(7, version) for version in (1, 2, 3)] == ["7", "7", 7]
    assert issubclass(Recipe, Settings)
