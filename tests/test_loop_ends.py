"""How a training run ends: by its limit or asked to, and what is left until then."""

import time
from itertools import count

import pytest
import torch
import torch.nn.functional as F
from loop_driver import images, network

from cnnviz.gradual import finish
from cnnviz.training.events import Phase, Step
from cnnviz.training.loop import Trainer
from cnnviz.training.pace import Pace, seconds_left
from cnnviz.training.progress import reported
from cnnviz.training.recipe import Recipe
from cnnviz.training.stopping import CutShort, interruptible

__all__ = ["images"]  # the fixture


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
