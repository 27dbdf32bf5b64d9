"""The training loop against plain PyTorch, and what a recipe's knobs do to it."""

import math

import pytest
import torch
import torch.nn.functional as F
from loop_driver import events, images, network
from training_requests import request

import cnnviz
from cnnviz.knobs import SpecError
from cnnviz.training.batches import Images
from cnnviz.training.errors import TrainingError
from cnnviz.training.events import Epoch, Step
from cnnviz.training.loop import Trainer
from cnnviz.training.recipe import Recipe

__all__ = ["images"]  # the fixture


def epochs(images, recipe, module=None):
    return [event for event in events(images, recipe, module) if isinstance(event, Epoch)]


def numbers(epoch):
    return {name: value for name, value in epoch.values.items() if name != "seconds"}


def test_it_is_plain_sgd(images):
    """Three epochs by hand: the same order, loss, momentum, decay and learning rates."""
    recipe = Recipe(epochs=3, batch_size=50, learning_rate=0.02, schedule="step", seed=5)
    trainer = Trainer(network(), *images, recipe)
    found = [event for event in trainer.run() if isinstance(event, Epoch)]

    module = network()
    optimiser = torch.optim.SGD(
        module.parameters(), lr=0.02, momentum=0.9, weight_decay=recipe.weight_decay
    )
    train, test = images
    step = 0
    for epoch in range(3):
        generator = torch.Generator().manual_seed((5 * 1_000_003 + epoch) % 2**63)
        order = torch.randperm(300, generator=generator)
        total = right = 0
        for rows in order.split(50):
            optimiser.param_groups[0]["lr"] = 0.02 * (1 if step < 9 else 0.1 if step < 13 else 0.01)
            logits = module(train.images[rows])
            loss = F.cross_entropy(logits, train.labels[rows])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            total += loss.item() * 50
            right += (logits.argmax(1) == train.labels[rows]).sum().item()
            step += 1
        assert found[epoch].train_loss == pytest.approx(total / 300, rel=1e-4)
        assert found[epoch].train_accuracy == pytest.approx(right / 300, abs=0.004)
    with torch.no_grad():
        logits = module.eval()(test.images)
    assert found[-1].test_loss == pytest.approx(
        F.cross_entropy(logits, test.labels).item(), rel=1e-3
    )


@pytest.mark.parametrize("schedule", ["constant", "step", "cosine", "one-cycle"])
def test_the_schedules(images, schedule):
    recipe = Recipe(epochs=4, batch_size=100, learning_rate=0.01, schedule=schedule)
    trainer = Trainer(network(), *images, recipe)
    rates = []
    for _ in range(12):
        rates.append(trainer.optimiser.param_groups[0]["lr"])
        trainer.optimiser.step()
        trainer.schedule.step()
    rates = [rate / 0.01 for rate in rates]
    expected = {
        "constant": [1] * 12,
        "step": [1] * 6 + [0.1] * 3 + [0.01] * 3,
        "cosine": [(1 + math.cos(math.pi * step / 12)) / 2 for step in range(12)],
    }
    if schedule == "one-cycle":
        assert rates[0] < max(rates) > rates[-1]
        assert max(rates) == pytest.approx(1, abs=0.1)
    else:
        assert rates == pytest.approx(expected[schedule])


def test_the_same_seed_gives_the_same_curve(images):
    recipe = Recipe(
        epochs=2, flip=True, crop=True, colour=True, optimiser="adam", schedule="one-cycle"
    )
    first, again = (list(map(numbers, epochs(images, recipe))) for _ in range(2))
    assert first == again
    assert list(map(numbers, epochs(images, recipe.turn(seed=1)))) != first


def test_a_run_goes_on_from_a_checkpoint_as_if_nothing_had_been(images):
    recipe = Recipe(epochs=4, batch_size=50, crop=True)
    whole = list(map(numbers, epochs(images, recipe)))
    trainer = Trainer(network(), *images, recipe)
    for event in trainer.run():
        if isinstance(event, Epoch) and event.epoch == 2:
            break
    state = trainer.state()
    after = Trainer(network(), *images, recipe)
    after.load(state)
    rest = [numbers(event) for event in after.run() if isinstance(event, Epoch)]
    assert rest == whole[2:]


KNOBS = [
    {"optimiser": "adam"},
    {"learning_rate": 0.01},
    {"schedule": "constant"},
    {"momentum": 0.0},
    {"weight_decay": 0.05},
    {"label_smoothing": 0.2},
    {"flip": True},
    {"crop": True},
    {"colour": True},
    {"batch_size": 30},
]


@pytest.mark.parametrize("knob", KNOBS, ids=lambda knob: next(iter(knob)))
def test_no_knob_of_the_recipe_is_dead(images, knob):
    plain = Recipe(epochs=1, batch_size=60, learning_rate=0.02)
    assert epochs(images, plain)[-1].test_loss != epochs(images, plain.turn(**knob))[-1].test_loss


def test_channels_last_changes_rounding_at_most(images):
    plain = Recipe(epochs=1)
    pair = [epochs(images, plain.turn(channels_last=value))[0].test_loss for value in (False, True)]
    assert pair[0] == pytest.approx(pair[1], rel=1e-2)


@pytest.mark.parametrize("half", [torch.bfloat16, torch.float16])
def test_mixed_precision_computes_in_16_bits_and_keeps_32(images, half, monkeypatch):
    monkeypatch.setattr("cnnviz.training.loop.half_precision", lambda device: half)
    module, seen = network(), set()
    module.C3.conv.register_forward_hook(lambda _, inputs, output: seen.add(output.dtype))
    trainer = Trainer(module, *images, Recipe(epochs=1, precision="mixed"))
    *_, epoch = trainer.run()
    assert seen == {half}
    assert {parameter.dtype for parameter in module.parameters()} == {torch.float32}
    assert trainer.scaler.is_enabled() == (half == torch.float16)
    plain = epochs(images, Recipe(epochs=1))[0]
    assert epoch.train_loss == pytest.approx(plain.train_loss, rel=0.01)
    assert epoch != plain


def test_auxiliary_heads_count_three_tenths(images):
    """The loss that is shown for GoogLeNet is loss + 0.3 (loss + loss)."""
    spec = cnnviz.spec("googlenet-d2l", auxiliary_heads=True, image_size=79)
    shape = spec.input_shape[1:]
    part = images[0]
    small = Images(torch.rand(4, *shape), part.labels[:4], shape, part.mean, part.std, True)
    torch.manual_seed(0)
    module = spec.build()
    recipe = Recipe(epochs=1, batch_size=4)
    trainer = Trainer(module, small, small, recipe)
    torch.manual_seed(1)
    module.train()
    outputs = module(small.images)
    expected = [F.cross_entropy(output, small.labels) for output in outputs]
    torch.manual_seed(1)
    loss, logits = trainer._step(small.images, small.labels)
    torch.testing.assert_close(loss, expected[0] + 0.3 * (expected[1] + expected[2]))
    torch.testing.assert_close(logits, outputs[0])


def test_step_events_say_how_it_goes(images):
    found = events(images, Recipe(epochs=2, batch_size=50))
    steps = [event for event in found if isinstance(event, Step)]
    assert steps[-1].step == steps[-1].steps == 12
    assert steps[-1].images == 600
    assert steps[-1].epoch == 2
    left = [event.seconds_left for event in steps]
    assert all(seconds > 0 for seconds in left), "the first step knows, and an evaluation comes"
    for event in steps:
        assert event.images_per_second > 0
        assert event.learning_rate > 0
        assert len(event.gradient_norms) == 5, "two convolutions and three linear layers"
        assert all(norm > 0 for norm in event.gradient_norms)


def test_gradient_norms_are_those_of_the_gradients(images):
    trainer = Trainer(network(), *images, Recipe(epochs=1, batch_size=300))
    event = next(trainer.run())
    weights = [weight for weight in trainer.module.parameters() if weight.ndim > 1]
    assert event.gradient_norms == pytest.approx([w.grad.norm().item() for w in weights])


def test_divergence_is_a_sentence(images):
    with pytest.raises(TrainingError, match="smaller learning rate than 10") as error:
        events(images, Recipe(epochs=50, learning_rate=10.0, momentum=0.99, schedule="constant"))
    assert error.value.code == "diverged"


def test_recipes_are_checked_as_networks_are():
    with pytest.raises(SpecError) as error:
        Recipe(epochs=0, batch_size="64", learning_rate=float("inf"), optimiser="lion")
    assert [problem.knob for problem in error.value.problems] == [
        "epochs",
        "batch_size",
        "optimiser",
        "learning_rate",
    ]
    for knob in Recipe.knobs():
        for value in knob.extremes:
            assert knob.parse(cnnviz.knobs.format_value(value)) == value
            assert getattr(Recipe(**{knob.name: value}), knob.name) == value
    assert request(weight_decay=0.00005).recipe.weight_decay == 5e-5


def test_warm_up_rises_and_then_the_schedule_begins(images):
    recipe = Recipe(epochs=4, batch_size=50, learning_rate=0.1, warm_up=0.25, schedule="cosine")
    rates = _rates(Trainer(network(), *images, recipe), steps=24)
    assert rates[:6] == pytest.approx([0.1 * step / 7 for step in range(1, 7)])
    cosine = [0.1 * (1 + math.cos(math.pi * step / 18)) / 2 for step in range(18)]
    assert rates[6:] == pytest.approx(cosine, abs=1e-9)


def test_one_cycle_warms_up_by_itself():
    with pytest.raises(SpecError, match="warm_up is"):
        Recipe(warm_up=0.1, schedule="one-cycle")


def _rates(trainer, steps):
    found = []
    for _ in range(steps):
        trainer._step(*trainer.train.batch(slice(0, trainer.batch_size)))
        found.append(trainer.rate)
    return found


def test_clipping_holds_the_norm_of_all_gradients(images):
    for clip in (0.001, 0.0):
        module = network()
        trainer = Trainer(module, *images, Recipe(batch_size=50, gradient_clip=clip))
        trainer._step(*trainer.train.batch(slice(0, 50)))
        norm = torch.stack([p.grad.norm() for p in module.parameters()]).norm().item()
        assert (norm == pytest.approx(clip, rel=1e-3)) == bool(clip)
