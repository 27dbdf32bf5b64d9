"""Networks that are small enough to train in seconds on one core, for the arms of experiments."""

from typing import Any

from cnnviz.experiments.experiment import DATA, Arm
from cnnviz.text import Text
from cnnviz.training.recipe import Recipe
from cnnviz.zoo import spec

SIDE, CHANNELS = 16, 8  # px of the image, channels of the first stage of a residual network
_GREY = {"in_channels": 1, "num_classes": 10}


def arm(
    name: str,
    title: Text,
    preset: str,
    recipe: Recipe,
    *,
    data: str = DATA,
    probe: str = "",
    **knobs: Any,
) -> Arm:
    """An arm of a preset with knobs turned, on grey images of ten classes."""
    made = spec(preset, **{**_GREY, **knobs})
    return Arm(name, title, preset, made, recipe, data, probe)


def residual(name: str, title: Text, preset: str, recipe: Recipe, **more: Any) -> Arm:
    """An arm of a plain or residual network of 6n + 2 layers, at 16 px and with 8 channels."""
    small = {"image_size": SIDE, "stem_channels": CHANNELS}
    return arm(name, title, preset, recipe, **{**small, **more})


def same(text: str) -> Text:
    """A text that is the same in both languages."""
    return Text(text, text)
