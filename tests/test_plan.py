"""The plan of a demo: what it turns, in which order, and that it keeps to its budget."""

from contextlib import suppress

import pytest
from training_requests import CPU, IMAGES, speed

import cnnviz
from cnnviz.knobs import SpecError
from cnnviz.training.forecast import DataSize, Forecast
from cnnviz.training.plan import BUDGET, FEWEST, LIMIT, SHARE, _scaled, as_it_is, plan
from cnnviz.training.plan_words import sentences, why, words
from cnnviz.training.recipe import Recipe
from cnnviz.training.speed import WHOLE
from cnnviz.training.work import Work
from cnnviz.zoo import FAMILIES

QUICK = Forecast(IMAGES, speed(**dict.fromkeys(Work._fields, 1e-15)))


def trained(name: str, **knobs):
    return cnnviz.spec(name, **{"num_classes": 10, **knobs})


def changed(made) -> dict:
    return {change.what: (change.before, change.after) for change in made.changes}


def test_every_preset_has_a_demo_within_its_budget(preset):
    spec = preset.spec.turn(num_classes=10)
    made = plan(spec, Recipe(), CPU)
    # an auxiliary head needs an image of 299 px, and what is left is still a network of that size
    if preset.name != "inception-v3-auxiliary":
        assert made.seconds <= BUDGET
    after = {**spec.values, **Recipe().values}
    after |= {change.what: change.after for change in made.changes}
    assert after == {**made.spec.values, **made.recipe.values}, "nothing is turned in silence"
    stays = {knob.name for knob in spec.knobs() if not knob.smaller} - {"image_size"}
    assert not stays & changed(made).keys()


def test_order_of_what_is_turned():
    spec = trained("densenet-121")
    made = plan(spec, Recipe(), CPU)
    assert changed(made)["image_size"] == (224, 32)
    assert not {"growth_rate", "depths"} & changed(made).keys(), "the image was enough"
    slower = Forecast(IMAGES, speed(dense=1e-9, pointwise=1e-9))
    made = plan(spec, Recipe(), slower)
    assert made.spec.growth_rate < 32
    assert made.spec.compression == 0.5, "what is the point stays"


def test_nothing_but_the_familys_recipe_changes_on_a_quick_device():
    spec = trained("densenet-121")
    made = plan(spec, Recipe(), QUICK)
    assert made.spec == spec
    recipe = FAMILIES["densenet"].demo(spec).recipe
    assert {name: after for name, (_, after) in changed(made).items()} == {
        **recipe,
        "time_limit": round(LIMIT * BUDGET),
    }


def test_what_the_user_has_turned_stays():
    made = plan(trained("densenet-121"), Recipe(learning_rate=0.01, epochs=3), CPU)
    assert made.recipe.learning_rate == 0.01
    assert "learning_rate" not in changed(made)
    assert made.recipe.epochs <= 3


@pytest.mark.parametrize("name", ["image_size", "images", "optimiser", "time_limit"])
def test_part_of_the_plan_can_be_declined(name):
    spec, recipe = trained("resnet-18"), Recipe()
    assert name in changed(plan(spec, recipe, CPU))
    made = plan(spec, recipe, CPU, keep=frozenset([name]))
    assert name not in changed(made)


@pytest.mark.parametrize("budget", [20, 60, 300])
def test_a_larger_budget_is_used(budget):
    spec = trained("resnet-50")
    made = plan(spec, Recipe(), CPU, budget)
    assert 0.6 * SHARE * budget <= made.seconds <= budget
    assert made.recipe.epochs * CPU.images(made.recipe) >= FEWEST[0]


def test_as_it_is():
    made = as_it_is(trained("vgg-d"), Recipe(), CPU)
    assert made.changes == ()
    assert made.seconds == made.unchanged > 3600


def test_the_forecast_adds_up():
    """Two seconds an image: 10 images in batches of 5, 4 of them tested, twice."""
    images = DataSize(train=10, test=4, size=28)
    forecast = Forecast(images, speed(**{**dict.fromkeys(Work._fields, 0), "dense": 1.0}))
    spec = trained("vgg-d", image_size=32)
    macs = sum(layer.macs for layer in cnnviz.analyze(spec).layers if layer.operation == "conv2d")
    seconds = forecast.run(spec, Recipe(epochs=2, batch_size=5))
    assert seconds == pytest.approx(forecast.start(spec) + WHOLE * 2 * macs * (10 + 0.3 * 4))


def test_every_demo_is_a_recipe_and_says_why(preset):
    spec = preset.spec
    demo = FAMILIES[spec.family].demo(spec)
    Recipe().turn(**demo.recipe)
    assert demo.why.en
    assert demo.why.zh
    with pytest.raises(SpecError):
        Recipe().turn(**{**demo.recipe, "momentum": 2})


def test_the_sentences():
    spec = trained("densenet-121")
    made = plan(spec, Recipe(), CPU)
    said = sentences(made, "CPU")
    assert said.en.startswith("Demo: image size 224 → 32, a recipe for few steps, ")
    assert f"{made.recipe.epochs} epochs of {made.recipe.images:,} images: about" in said.en
    assert said.en.endswith(" min.")
    assert "图像边长 224 → 32" in said.zh
    assert len([words(made, change) for change in made.changes]) == len(made.changes)
    assert why(made) == FAMILIES["densenet"].demo(spec).why
    assert sentences(as_it_is(spec, Recipe(), CPU), "CPU").en.startswith("As it is: about")


def test_a_smaller_relative_costs_less(preset):
    """Each knob so marked, turned to a half, leaves fewer operations."""
    spec = preset.spec
    for knob in spec.knobs():
        value = _scaled(spec, knob.name, 0.5) if knob.smaller else spec.values[knob.name]
        with suppress(SpecError):  # these do not go together
            smaller = spec.turn(**{knob.name: value})
            assert smaller == spec or _cost(smaller) < _cost(spec), knob.name


def _cost(spec) -> int:
    return cnnviz.analyze(spec).macs
