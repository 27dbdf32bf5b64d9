"""A trained network's filters, maps and answers, computed by the live worker."""

from typing import NamedTuple

import numpy as np
import streamlit as st
from torch import Tensor

from cnnviz.analysis.maps import Maps
from cnnviz.analysis.ops import Shape
from cnnviz.data.dataset import Data, find, load
from cnnviz.data.images import statistics
from cnnviz.live.tasks import FeatureMaps, FirstFilters, Picture, Probabilities, Trained
from cnnviz.text import Text
from cnnviz.training import service
from cnnviz.training.admission import training_spec
from cnnviz.training.job import Job
from cnnviz.training.results import RESULTS
from cnnviz.training.worker import WEIGHTS
from cnnviz.ui.kit import live_client
from cnnviz.ui.session.device import chosen_device


class Results(NamedTuple):
    """The network's answers on the test images; see `cnnviz.training.results`."""

    confusion: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray
    probabilities: np.ndarray

    def most_confident(self, count: int, *, right: bool) -> np.ndarray:
        """Return the indices of the wrong answers, the most certain first.

        Right answers are the most certain one of each class; else all would be of one class.
        """
        rows = np.flatnonzero((self.labels == self.predictions) == right)
        rows = rows[np.argsort(-self.confidence(rows), kind="stable")]
        if right:
            rows = rows[np.sort(np.unique(self.labels[rows], return_index=True)[1])]
        return rows[:count]

    def confidence(self, rows: np.ndarray) -> np.ndarray:
        """The probability of the class that was predicted."""
        likely: np.ndarray = self.probabilities[rows, self.predictions[rows]]
        return likely


def read_results(job: Job) -> Results:
    return _results(job.id)


@st.cache_data(max_entries=8, show_spinner=False)
def _results(job_id: str) -> Results:
    with np.load(service.folder(job_id) / RESULTS) as archive:
        return Results(*(archive[name] for name in Results._fields))


@st.cache_resource(max_entries=3, show_spinner=False)
def data(name: str) -> Data:
    return load(name)


@st.cache_resource(max_entries=3, show_spinner=False)
def data_statistics(name: str) -> tuple[Tensor, Tensor]:
    return statistics(data(name).train_images)


def picture(image: Tensor) -> np.ndarray:
    """An image uint8 (C, H, W) as (H, W, 3)."""
    return image.expand(3, -1, -1).permute(1, 2, 0).numpy() if len(image) == 1 else _rgb(image)


def _rgb(image: Tensor) -> np.ndarray:
    return image[:3].permute(1, 2, 0).contiguous().numpy()


def as_seen(name: str, image: Tensor, *, is_own: bool = False) -> Picture:
    """An image uint8 (C, H, W) as a network is given it, beside those of a data set."""
    return Picture.of(image, *data_statistics(name), is_own=is_own)


def first_filters(job: Job) -> tuple[np.ndarray, Shape] | None:
    """See `cnnviz.live.tasks.FirstFilters`."""
    found: tuple[np.ndarray, Shape] | None
    found = live_client.answer(FirstFilters(chosen_device(), _network(job)))
    return found


def maps(job: Job, picture: Picture, layer: str) -> Maps:
    """Return a layer's maps of a picture."""
    found: Maps = live_client.answer(FeatureMaps(chosen_device(), _network(job), picture, layer))
    return found


def answer(job: Job, image: Tensor, count: int) -> tuple[list[Text], list[float]]:
    """The most likely classes of a user's image uint8 (C, H, W), and their probabilities."""
    seen = as_seen(job.asked.data, image, is_own=True)
    task = Probabilities(chosen_device(), _network(job), seen)
    probabilities: np.ndarray = live_client.answer(task)
    classes = data(job.asked.data).classes
    rows = np.argsort(-probabilities, kind="stable")[:count]
    return [classes[row] for row in rows], probabilities[rows].tolist()


def _network(job: Job) -> Trained:
    spec = training_spec(job.asked.spec, find(job.asked.data))
    return Trained(spec, service.folder(job.id) / WEIGHTS)
