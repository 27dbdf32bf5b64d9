"""What a trained network holds and answers: arrays for the eye, on the CPU."""

from typing import NamedTuple

import numpy as np
import streamlit as st
import torch
from torch import Tensor, nn
from torch.utils._pytree import tree_leaves

from cnnviz.analysis.maps import Maps, feature_maps
from cnnviz.analysis.ops import Shape
from cnnviz.text import Text
from cnnviz.training import service
from cnnviz.training.data import Data, load
from cnnviz.training.images import prepare, statistics
from cnnviz.training.job import Job
from cnnviz.training.results import RESULTS


class Results(NamedTuple):
    """What the network said about the test images; see `cnnviz.training.results`."""

    confusion: np.ndarray
    labels: np.ndarray
    predictions: np.ndarray
    probabilities: np.ndarray

    def most_confident(self, count: int, *, right: bool) -> np.ndarray:
        """The numbers of the images that it was most sure of and wrong about, the surest first.

        Of those that it was right about the surest of each class: else they would all be of one.
        """
        rows = np.flatnonzero((self.labels == self.predictions) == right)
        rows = rows[np.argsort(-self.confidence(rows), kind="stable")]
        if right:
            rows = rows[np.sort(np.unique(self.labels[rows], return_index=True)[1])]
        return rows[:count]

    def confidence(self, rows: np.ndarray) -> np.ndarray:
        """The probability of the class that was predicted."""
        return self.probabilities[rows, self.predictions[rows]]


def read_results(job: Job) -> Results:
    return _results(job.id)


@st.cache_data(max_entries=8, show_spinner=False)
def _results(job_id: str) -> tuple:
    with np.load(service.folder(job_id) / RESULTS) as archive:
        return Results(*(archive[name] for name in Results._fields))


@st.cache_resource(max_entries=3, show_spinner=False)
def data(name: str) -> Data:
    return load(name)


@st.cache_resource(max_entries=3, show_spinner=False)
def _model(job_id: str, _job: Job) -> nn.Module:
    return service.load_model(_job)


@st.cache_resource(max_entries=3, show_spinner=False)
def data_statistics(name: str) -> tuple[Tensor, Tensor]:
    return statistics(data(name).train_images)


def picture(image: Tensor) -> np.ndarray:
    """An image uint8 (C, H, W) as (H, W, 3)."""
    return image.expand(3, -1, -1).permute(1, 2, 0).numpy() if len(image) == 1 else _rgb(image)


def _rgb(image: Tensor) -> np.ndarray:
    return image[:3].permute(1, 2, 0).contiguous().numpy()


def first_filters(job: Job) -> tuple[np.ndarray, Shape] | None:
    """The filters (N, H, W, 1 or 3) of the first convolution, and its weight's shape."""
    model = _model(job.id, job)
    first = next((part for part in model.modules() if isinstance(part, nn.Conv2d)), None)
    if first is None:
        return None
    weight = first.weight.detach()
    if weight.shape[1] != 3:
        weight = weight[:, :1]
    return weight.permute(0, 2, 3, 1).numpy(), tuple(first.weight.shape)


def maps(job: Job, index: int, layer: str) -> Maps:
    """What a layer makes of a test image."""
    return Maps(*_maps(job.id, index, layer, job))


@st.cache_data(max_entries=64, show_spinner=False)
def _maps(job_id: str, index: int, layer: str, _job: Job) -> tuple:
    image = data(_job.request.data).test_images[index]
    return tuple(feature_maps(_model(job_id, _job), _prepared(_job, image), layer))


def answer(job: Job, image: Tensor, count: int) -> tuple[list[Text], list[float]]:
    """The most likely classes of an image uint8 (C, H, W), and their probabilities."""
    probabilities = _probabilities(job, image)
    classes = data(job.request.data).classes
    values, rows = probabilities.topk(min(count, len(classes)))
    return [classes[row] for row in rows], values.tolist()


@torch.inference_mode()
def _probabilities(job: Job, image: Tensor) -> Tensor:
    return tree_leaves(_model(job.id, job)(_prepared(job, image)))[0][0].softmax(dim=0)


def _prepared(job: Job, image: Tensor) -> Tensor:
    """An image uint8 (C, H, W) as the network takes it: (1, C', H', W')."""
    shape = job.request.spec.input_shape[1:]
    return prepare(image[None], shape, *data_statistics(job.request.data))
