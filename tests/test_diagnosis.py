"""What a run that has learnt nothing is told: the cause is read from its gradients."""

import pytest

import cnnviz
from cnnviz.training.diagnosis import diagnosis, is_at_chance
from cnnviz.training.recipe import Recipe


@pytest.mark.parametrize(("accuracy", "chance"), [(0.1, True), (0.15, True), (0.16, False)])
def test_chance(accuracy, chance):
    assert is_at_chance(accuracy, classes=10) == chance


@pytest.mark.parametrize(
    ("name", "knobs", "ends", "steps", "said"),
    [
        ("lenet-d2l", {}, (1e-6, 1.0), 700, "vanishes: in the first layer it is 1e-06"),
        ("lenet-d2l", {}, (1e-6, 1.0), 700, "Try batch norm."),
        ("plain-56", {}, (1e-5, 1.0), 700, "Try shortcuts: switch residual on."),
        ("vgg-d", {}, (0.0, 0.0), 700, "vanishes"),
        ("plain-20", {"normalisation": "none"}, (1e5, 1.0), 700, "explodes: in the first layer"),
        ("resnet-20", {}, (1.0, 1.0), 40, "only 40 steps"),
        ("resnet-20", {}, (1.0, 1.0), 700, "another initialisation"),
    ],
)
def test_the_cause_and_a_way_out(name, knobs, ends, steps, said):
    first, last = ends
    norms = [[first, 0.5, last]] * 5
    text = diagnosis(norms, steps, cnnviz.spec(name, **knobs), Recipe())
    assert said in text.en
    assert text.zh


def test_it_is_the_middle_of_the_run_that_counts():
    norms = [[1.0, 1.0], *[[1e-6, 1.0]] * 3]
    assert "vanishes" in diagnosis(norms, 700, cnnviz.spec("lenet-d2l"), Recipe()).en
