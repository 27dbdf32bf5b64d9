"""A small network on a few images, and the events of its training."""

import pytest
import torch

import cnnviz
from cnnviz.data.dataset import load
from cnnviz.training.batches import Images, on_device
from cnnviz.training.loop import Trainer

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
