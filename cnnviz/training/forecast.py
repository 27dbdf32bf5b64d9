"""How long a run will take: of its work, on a device whose speed is known, with a data set."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Self

from cnnviz.analysis import analyze
from cnnviz.families import Spec
from cnnviz.training.data import Data
from cnnviz.training.recipe import Recipe
from cnnviz.training.speed import Speed
from cnnviz.training.work import Work, work

START = 1.5  # seconds until the data are read and the network is built
FORWARD = 0.3  # of the time of a training step that its forward pass takes
PREPARED = 4.0  # passes over an image in memory until it has the network's size
EVALUATION_BATCH = 256


@dataclass(frozen=True)
class Images:
    """What has to be known of a data set: its images, and the pixels of their side."""

    train: int
    test: int
    size: int

    @classmethod
    def of(cls, data: Data) -> Self:
        return cls(len(data.train_labels), len(data.test_labels), data.train_images.shape[-1])


@dataclass(frozen=True)
class Forecast:
    """Seconds that training on some images takes on some device."""

    images: Images
    speed: Speed

    def run(self, spec: Spec, recipe: Recipe) -> float:
        """A whole run, from the job's start, data and building included, to its last evaluation.

        No time limit ends it.
        """
        training = self.an_epoch(recipe) * self.an_image(spec, recipe.batch_size)
        return self.start(spec) + recipe.epochs * (training + self.evaluation(spec))

    def start(self, spec: Spec) -> float:
        """What comes before the first step: the images are read and brought to the size."""
        pixels = spec.in_channels * spec.image_size**2
        images = self.images.train + self.images.test
        return START + images * self.speed.of(Work(elements=PREPARED * pixels))

    def an_image(self, spec: Spec, batch: int) -> float:
        """An image's share of a training step."""
        return self.speed.of(_work(spec).step(batch), spec.family) / batch

    def evaluation(self, spec: Spec) -> float:
        """All test images once."""
        return FORWARD * self.images.test * self.an_image(spec, EVALUATION_BATCH)

    def an_epoch(self, recipe: Recipe) -> int:
        """How many images an epoch has."""
        return min(recipe.images or self.images.train, self.images.train)


@lru_cache(maxsize=512)
def _work(spec: Spec) -> Work:
    return work(analyze(spec))
