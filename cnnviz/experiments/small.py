"""Networks that are small enough to train in seconds on one core, for the arms of experiments."""

from typing import Any

from cnnviz.experiments.experiment import DATA, Arm
from cnnviz.text import Text
from cnnviz.training.recipe import Recipe
from cnnviz.zoo import spec

SIDE, CHANNELS = 16, 8  # px of the image, channels of the first stage of a residual network
_GREY = {"in_channels": 1, "num_classes": 10}

LENET = Recipe(epochs=6, images=6016, batch_size=64, learning_rate=0.05)
VGG: dict[str, Any] = {
    "image_size": 32,
    "widths": (8, 16, 32, 32, 32),
    "dropout": 0.0,
    "hidden_features": 128,
}
VGG_RECIPE = Recipe(
    epochs=6,
    images=3000,
    batch_size=50,
    optimiser="adam",
    learning_rate=0.001,
    weight_decay=0.0,
    initialisation="kaiming",
)
# Four convolutions that leave 4×4 px, so that the hidden layers have most of the weights.
SHORT_VGG = {**VGG, "widths": (8, 16, 32), "depths": (1, 1, 2), "hidden_features": 512}
FEW = VGG_RECIPE.turn(epochs=20, images=1000)
THOUSAND = f"{DATA}~first-1000"
RESIDUAL = Recipe(epochs=4, images=3000, batch_size=50, learning_rate=0.05, weight_decay=0.0001)
UNTRAINED = Recipe(epochs=1, images=64, batch_size=64, learning_rate=0.0001, momentum=0.0)


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
