"""Requests for the tests of training."""

import cnnviz
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request


def request(preset="lenet-d2l", *, data="fashion-mnist-6k", device="cpu", knobs=None, **recipe):
    """A LeNet with ReLU and max pooling on the embedded data, or what is said instead."""
    if knobs is None and preset == "lenet-d2l":
        knobs = {"activation": "relu", "pooling": "max"}
    spec = cnnviz.spec(preset, **(knobs or {}))
    return Request(preset, spec, Recipe(**recipe), data, device)
