"""Requests for the tests of training, and a device that is as fast as two cores."""

import cnnviz
from cnnviz.training.forecast import DataSize, Forecast
from cnnviz.training.recipe import Recipe
from cnnviz.training.request import Request
from cnnviz.training.speed import Speed
from cnnviz.training.work import Work


def request(preset="lenet-d2l", *, data="fashion-mnist-6k", device="cpu", knobs=None, **recipe):
    """A LeNet with ReLU and max pooling on the embedded data, or what is said instead."""
    if knobs is None and preset == "lenet-d2l":
        knobs = {"activation": "relu", "pooling": "max"}
    spec = cnnviz.spec(preset, **(knobs or {}))
    return Request(preset, spec, Recipe(**recipe), data, device)


IMAGES = DataSize(train=6000, test=1000, size=28)


def speed(**units: float) -> Speed:
    """About two cores of a CPU, or whatever is named."""
    usual = {"dense": 2e-11, "pointwise": 2.4e-11, "grouped": 5e-11, "depthwise": 8e-11}
    usual |= {"linear": 5e-11, "elements": 1.7e-9, "narrow": 2e-7, "weighted_ops": 3e-4}
    usual |= {"other_ops": 4e-5, "params": 2.4e-9}
    return Speed("cpu", "two cores", Work(**{**usual, **units}), probe=0.01)


CPU = Forecast(IMAGES, speed())
