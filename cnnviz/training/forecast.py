"""Forecast of a run's time from its work, the speed of its device, and its data set."""

from dataclasses import dataclass
from functools import lru_cache
from math import prod
from typing import Self

from cnnviz.analysis import analyze
from cnnviz.data.dataset import Data, load
from cnnviz.families import Spec
from cnnviz.training.evaluation import BATCH
from cnnviz.training.pace import FORWARD_SHARE
from cnnviz.training.recipe import Recipe
from cnnviz.training.speed import Speed, current_speed
from cnnviz.training.work import Work, work

START = 1.5  # seconds until the data are read and the network is built
PREPARED = 4.0  # passes over an image in memory until it has the network's size


@dataclass(frozen=True)
class DataSize:
    """The number of a data set's images, and their side in px."""

    train: int
    test: int
    size: int

    @classmethod
    def of(cls, data: Data) -> Self:
        return cls(len(data.train_labels), len(data.test_labels), data.train_images.shape[-1])


@dataclass(frozen=True)
class Forecast:
    """Seconds that training on some images takes on some device."""

    data: DataSize
    speed: Speed

    @classmethod
    def now(cls, data: str, device: str) -> Self:
        """The forecast for a data set, with the device as busy as it is now.

        Raises:
            DataError: the images cannot be had.
        """
        return cls(DataSize.of(load(data)), current_speed(device))

    def run(self, spec: Spec, recipe: Recipe) -> float:
        """A whole run without a time limit, from the job's start to its last evaluation.

        Reading the data and building the network are included.
        """
        training = self.images(recipe) * self.an_image(spec, recipe.batch_size)
        return self.start(spec) + recipe.epochs * (training + self.evaluation(spec))

    def alone(self, spec: Spec, recipe: Recipe) -> float:
        """A whole run on a device that nobody shares."""
        return self.run(spec, recipe) / self.speed.busy

    def start(self, spec: Spec) -> float:
        """Seconds before the first step: reading the images and bringing them to size."""
        pixels = prod(spec.input_shape)
        images = self.data.train + self.data.test
        return START + images * self.speed.of(Work(elements=PREPARED * pixels))

    def an_image(self, spec: Spec, batch: int) -> float:
        """An image's share of a training step."""
        return self.speed.of(_work(spec).step(batch), spec.family) / batch

    def evaluation(self, spec: Spec) -> float:
        """All test images once."""
        return FORWARD_SHARE * self.data.test * self.an_image(spec, BATCH)

    def images(self, recipe: Recipe) -> int:
        """Images of an epoch."""
        return recipe.images_of(self.data.train)


@lru_cache(maxsize=512)
def _work(spec: Spec) -> Work:
    return work(analyze(spec))
