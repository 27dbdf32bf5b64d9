"""Batches in training and evaluation: large images, too many to keep, some of them."""

import torch
from loop_driver import CPU, events, images, network

from cnnviz.data.dataset import load
from cnnviz.data.images import prepare, statistics
from cnnviz.gradual import finish
from cnnviz.training.batches import on_device
from cnnviz.training.evaluation import evaluating
from cnnviz.training.events import Epoch
from cnnviz.training.loop import Trainer
from cnnviz.training.recipe import Recipe

__all__ = ["images"]  # the fixture


def test_large_images_are_evaluated_in_small_batches(images, monkeypatch):
    module = network("lenet-bn-d2l")
    whole = finish(evaluating(module, images[1]))
    monkeypatch.setattr("cnnviz.training.evaluation.PIXELS", 9 * 28 * 28)
    told = list(evaluating(module, images[1]))
    assert told == [(done, 100) for done in range(0, 100, 9)]
    parts = finish(evaluating(module, images[1]))
    assert parts.accuracy == whole.accuracy
    torch.testing.assert_close(parts.probabilities, whole.probabilities)


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
