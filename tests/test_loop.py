"""The training loop against plain PyTorch, and what a recipe's knobs do to it."""

import math
import time
from itertools import count

import pytest
import torch
import torch.nn.functional as F
from training_requests import request

import cnnviz
from cnnviz.data.dataset import load
from cnnviz.data.images import prepare, statistics
from cnnviz.gradual import finish
from cnnviz.knobs import SpecError
from cnnviz.training.batches import Images, on_device
from cnnviz.training.errors import TrainingError
from cnnviz.training.evaluation import evaluating
from cnnviz.training.events import Epoch, Phase, Step
from cnnviz.training.loop import Trainer
from cnnviz.training.pace import Pace, seconds_left
from cnnviz.training.progress import reported
from cnnviz.training.recipe import Recipe
from cnnviz.training.stopping import CutShort, interruptible

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def images():
    """300 training and 100 test images of the embedded set."""
    train, test = on_device(load("fashion-mnist-6k"), (1, 28, 28), CPU)
    return [
        Images(
            part.images[:count], part.labels[:count], part.shape, part.mean, part.std, part.ready
        )
        for part, count in ((train, 300), (test, 100))
    ]


def network(name="lenet-d2l", **knobs):
    torch.manual_seed(0)
    return cnnviz.spec(name, **{"activation": "relu", "pooling": "max", **knobs}).build()


def events(images, recipe, module=None):
    return list(Trainer(module or network(), *images, recipe).run())


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


def test_the_time_limit_ends_a_run_with_what_it_has(images, monkeypatch):
    clock = iter(range(10**6))
    monkeypatch.setattr("cnnviz.training.loop.time.perf_counter", lambda: next(clock))
    trainer = Trainer(network(), *images, Recipe(epochs=200, time_limit=40))
    found = list(trainer.run())
    assert found[-1].kind == "epoch"
    assert found[-1].epoch < 200
    assert 0 < found[-1].test_accuracy < 1
    assert trainer.ended_by == "time_limit"
    limits = [event.seconds_left for event in found if isinstance(event, Step)]
    assert max(limits) < 40 + trainer.evaluation_seconds + 1, "the limit bounds what is left"


def test_the_time_before_counts_for_the_limit_but_one_step_is_made(images):
    recipe = Recipe(epochs=200, time_limit=3600)
    trainer = Trainer(network(), *images, recipe, began=time.perf_counter() - 3601)
    found = list(trainer.run())
    assert [event.kind for event in found] == ["step", "evaluating", "phase", "epoch"]
    assert found[-1].epoch == pytest.approx(1 / 4)
    assert trainer.ended_by == "time_limit"


def state(module):
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}


def differences(one, other):
    return [name for name in one if not torch.equal(one[name], other[name])]


def asked_at(call):
    """What is asked to stop when it looks for the time number `call`."""
    calls = count()
    return lambda: next(calls) >= call


@pytest.mark.parametrize("call", range(0, 60, 7))
def test_a_stopped_run_keeps_its_last_whole_step(images, monkeypatch, call):
    """Wherever in a slow step it is: weights and statistics are those before that step."""
    monkeypatch.setattr("cnnviz.training.loop.SLOW_STEP", -1.0)
    recipe = Recipe(epochs=1, batch_size=30)
    module = network("lenet-bn-d2l")
    trainer = Trainer(module, *images, recipe, is_asked_to_stop=asked_at(call))
    found = list(trainer.run())
    assert trainer.ended_by == "stop"
    assert 1 <= trainer.step < 10
    assert found[-1].epoch == trainer.step / 10 == trainer.epochs_done
    assert found[-1].test_accuracy == trainer.evaluation.accuracy
    assert not module._forward_pre_hooks

    monkeypatch.setattr("cnnviz.training.loop.REPORT_SECONDS", -1.0)  # after each step
    whole = Trainer(network("lenet-bn-d2l"), *images, recipe)
    next(event for event in whole.run() if isinstance(event, Step) and event.step == trainer.step)
    assert differences(state(module), state(whole.module)) == []


def test_any_moment_of_a_step_can_be_its_end(images):
    """Forward and back: each layer and each gradient is a chance, and none leaves a trace."""
    module = network("lenet-bn-d2l")
    before = state(module)
    inputs, labels = images[0].batch(slice(0, 20))

    def ends(chance):
        """Whether a step with so many chances before its end was ended by it."""
        chances = iter(range(chance))

        def check():
            if next(chances, None) is None:
                raise CutShort("stop")

        module.train()
        try:
            with interruptible(module, check):
                F.cross_entropy(module(inputs), labels).backward()
        except CutShort:
            return True
        finally:
            module.zero_grad()
        return False

    layers = sum(not any(layer.children()) for layer in module.modules())
    chances = layers + len(list(module.parameters()))
    for chance in range(chances):
        assert ends(chance)
        assert differences(state(module), before) == [], chance
    assert not ends(chances)
    assert differences(state(module), before), "the statistics move"
    hooks = [layer._forward_pre_hooks for layer in module.modules()]
    assert not any(hooks)


def test_a_stop_in_an_evaluation_makes_it_the_last(images):
    recipe = Recipe(epochs=5)
    asked = []
    trainer = Trainer(network(), *images, recipe, is_asked_to_stop=lambda: bool(asked))
    kinds = []
    for event in trainer.run():
        kinds.append(event.kind)
        if isinstance(event, Phase):
            asked.append(True)
    assert kinds[-4:] == ["step", "phase", "evaluating", "epoch"]
    assert (trainer.ended_by, trainer.epochs_done) == ("stop", 1)


def test_nothing_is_kept_before_the_first_step(images):
    trainer = Trainer(network(), *images, Recipe(epochs=1), is_asked_to_stop=lambda: True)
    assert next(trainer.run()).kind == "step", "who asks before it kills the job"


def test_what_is_left_follows_the_pace_and_the_limit():
    pace = Pace()
    assert pace.seconds_a_step == 0
    pace.add(1, 9.0)
    assert pace.seconds_a_step == 9
    pace.add(4, 2.0)
    assert pace.seconds_a_step == 0.5, "the first step is slower than all others"
    for _ in range(8):
        pace.add(2, 4.0)
    assert pace.seconds_a_step == 2, "what was is forgotten"
    values = {"steps": 10, "seconds_a_step": 2, "evaluations": 3, "seconds_an_evaluation": 5}
    assert seconds_left(**values, until_limit=1000) == 10 * 2 + 3 * 5
    assert seconds_left(**values, until_limit=12) == 12 + 5
    assert seconds_left(**values, until_limit=-1) == 5


def test_large_images_are_evaluated_in_small_batches(images, monkeypatch):
    module = network("lenet-bn-d2l")
    whole = finish(evaluating(module, images[1]))
    monkeypatch.setattr("cnnviz.training.evaluation.PIXELS", 9 * 28 * 28)
    told = list(evaluating(module, images[1]))
    assert told == [(done, 100) for done in range(0, 100, 9)]
    parts = finish(evaluating(module, images[1]))
    assert parts.accuracy == whole.accuracy
    torch.testing.assert_close(parts.probabilities, whole.probabilities)


def test_progress_is_told_at_once_and_four_times_a_second(monkeypatch):
    clock = count()
    monkeypatch.setattr("cnnviz.training.progress.time.perf_counter", lambda: next(clock) / 10)

    def work():
        for done in range(10):
            yield done, 10
        return "result"

    found = reported("data", work())
    first = next(found)
    assert first == Phase(phase="data", done=0, total=10)
    later = [event.done for event in found]
    assert 2 <= len(later) <= 4
    assert finish(work()) == "result"


def test_a_batch_larger_than_the_data_is_all_of_it(images):
    found = events(images, Recipe(epochs=1, batch_size=4096))
    assert found[0].steps == 1


def test_images_too_large_to_keep_are_prepared_batch_by_batch(monkeypatch):
    data = load("fashion-mnist-6k")
    kept = on_device(data, (1, 32, 32), CPU)[0]
    monkeypatch.setattr("cnnviz.training.batches.KEPT_READY", 0)
    passing = on_device(data, (1, 32, 32), CPU)[0]
    assert (kept.ready, passing.ready) == (True, False)
    rows = torch.tensor([3, 1, 4])
    torch.testing.assert_close(kept.batch(rows), passing.batch(rows))
    mean, std = statistics(data.train_images)
    expected = prepare(data.train_images[rows], (1, 32, 32), mean, std)
    torch.testing.assert_close(kept.batch(rows)[0], expected)


def test_evaluation_leaves_nothing_behind(images):
    module = network("lenet-bn-d2l")
    before = {name: tensor.clone() for name, tensor in module.state_dict().items()}
    loss, accuracy, _ = finish(evaluating(module, images[1]))
    assert loss > 0
    assert 0 <= accuracy <= 1
    for name, tensor in module.state_dict().items():
        assert torch.equal(tensor, before[name]), name


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


def test_an_epoch_of_some_images_draws_them_anew(images):
    recipe = Recipe(epochs=2, batch_size=20, images=100)
    trainer = Trainer(network(), *images, recipe)
    seen = []
    trainer.train = _Recorder(trainer.train, seen)
    first, second = (event for event in trainer.run() if isinstance(event, Epoch))
    assert (first.epoch, second.epoch) == (1, 2)
    assert len(seen) == 200
    assert len(set(seen[:100])) == 100
    assert set(seen[:100]) != set(seen[100:])


class _Recorder:
    """Images that note which rows are asked for."""

    def __init__(self, images, seen):
        self._images, self._seen = images, seen
        self.labels = images.labels

    def __len__(self):
        return len(self._images)

    def batch(self, rows):
        self._seen += rows.tolist()
        return self._images.batch(rows)
