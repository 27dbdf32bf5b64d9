"""What the pages need of training, in one place."""

from torch import nn

from cnnviz.training.admission import training_spec
from cnnviz.training.data import sources
from cnnviz.training.disk import check_disk
from cnnviz.training.dispatcher import folder, open_store
from cnnviz.training.job import Job
from cnnviz.training.results import load_weights
from cnnviz.training.start import SILENT, ensure_dispatcher, seconds_silent
from cnnviz.training.worker import WEIGHTS

__all__ = [
    "SILENT",
    "check_disk",
    "ensure_dispatcher",
    "folder",
    "load_model",
    "open_store",
    "seconds_silent",
]


def load_model(job: Job) -> nn.Module:
    """The trained network of a job on the CPU, ready to answer.

    Raises:
        TrainingError: its weights are not there or are not its own.
    """
    module = training_spec(job.request.spec, sources()[job.request.data]).build()
    return load_weights(module, folder(job.id) / WEIGHTS)
