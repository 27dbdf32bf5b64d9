"""What runs are called: what differs between them is in their names."""

import re

import pytest

import cnnviz
from cnnviz.training.limits import Limits
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request
from cnnviz.training.store import Store
from cnnviz.ui.kit import words
from cnnviz.ui.training.labels import file_name, labels, title

DEFAULT = Recipe()


@pytest.fixture
def submit(tmp_path, monkeypatch):
    """Put a run into a store and give it; the words are English ones."""
    monkeypatch.setattr(words, "language", lambda: "en")
    store = Store(tmp_path / "jobs.db", Limits(per_owner=99))

    def one(preset, *, recipe=DEFAULT, data="shapes", device="cpu", name="", **knobs):
        request = Request(preset, cnnviz.spec(preset, **knobs), recipe, data, device)
        key = str(len(store.jobs()))
        return store.submit(request, key=key, owner="ada", name=name)

    return one


def test_a_title_has_the_network_and_the_recipe(submit):
    job = submit("densenet-121", growth_rate=12, recipe=Recipe(learning_rate=0.1))
    assert title(job) == "#1 densenet-121 · growth rate k = 12 · learning rate η = 0.1"
    assert title(submit("lenet-5", name="my best")) == "#2 my best"


def test_the_number_of_classes_is_the_data_s(submit):
    assert title(submit("lenet-5", num_classes=7)) == "#1 lenet-5"


def test_runs_that_differ_in_the_recipe_alone_differ_in_their_labels(submit):
    slow, fast = Recipe(epochs=9), Recipe(epochs=9, learning_rate=0.1)
    jobs = [submit("resnet-20", recipe=slow), submit("resnet-20", recipe=fast, name="quick")]
    assert labels(jobs) == [
        "#1 resnet-20 · learning rate η = 0.05",
        "#2 quick · learning rate η = 0.1",
    ]


def test_what_all_compared_runs_have_is_left_out(submit):
    jobs = [submit("lenet-5", padding=2, pooling=pooling) for pooling in ("max", "average")]
    assert labels(jobs) == [
        "#1 lenet-5 · pooling of S2 and S4 = max",
        "#2 lenet-5 · pooling of S2 and S4 = average",
    ]


def test_different_networks_are_told_with_what_is_turned(submit):
    jobs = [submit("resnet-20"), submit("densenet-121", growth_rate=12), submit("densenet-121")]
    assert labels(jobs) == [
        "#1 resnet-20",
        "#2 densenet-121 · growth rate k = 12",
        "#3 densenet-121 · growth rate k = 32",
    ]


def test_data_and_device_are_told_where_they_differ(submit):
    jobs = [submit("lenet-5", data="shapes"), submit("lenet-5", data="digits", device="cuda:0")]
    assert labels(jobs) == ["#1 lenet-5 · Drawn shapes · cpu", "#2 lenet-5 · Tiny digits · cuda:0"]


def test_a_file_is_named_after_its_run(submit):
    assert file_name(submit("densenet-121", growth_rate=12), ".csv") == (
        "cnnviz-1-densenet-121-k-12.csv"
    )
    recipe = Recipe(learning_rate=0.1, time_limit=60)
    assert file_name(submit("lenet-5", recipe=recipe), ".csv") == (
        "cnnviz-2-lenet-5-learning-rate-0.1-time-limit-60.csv"
    )


def test_a_file_s_name_is_safe_whatever_is_in_it(submit):
    job = submit("lenet-5", name="../../文 <x>")
    object.__setattr__(job.request, "preset", "../../etc/文" + "x" * 500)
    assert re.fullmatch(r"cnnviz-1-[A-Za-z0-9.-]{1,130}\.csv", file_name(job, ".csv"))
